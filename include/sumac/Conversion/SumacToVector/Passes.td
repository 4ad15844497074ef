//===- Passes.td - Integer level to vectors ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOVECTOR_PASSES
#define SUMAC_CONVERSION_SUMACTOVECTOR_PASSES

include "mlir/Pass/PassBase.td"

def ConvertSumacToVector : Pass<"convert-sumac-to-vector", "::mlir::ModuleOp"> {
  let summary = "turn layers of constant shape into loops over vectors";
  let description = [{
    Takes a module that `sumac-specialize-batch` and `sumac-cpu-choose-kernels`
    have prepared. Every function for a constant number of rows becomes a
    function on pointers: first one per argument, then one per result, to
    row-major arrays. Tensors between become stack buffers; a layer and the
    elementwise operations behind it become one loop nest. The kernel named by
    `cpu.kernel` emits the layer. Weights and parameters become constants of the
    module.

    Every entry function becomes a function of the number of rows and the same
    pointers, which calls the functions of its `cpu.blocks`, largest first. One
    with `sumac.planes` takes the number of bit planes behind them, calls what it
    names for that number, and gives 0, or -1 for a number that it does not know.

    What cannot be converted is diagnosed on its operation: scales along other
    dimensions than the last, accumulators of more than 64 bits, outputs whose
    rounding no arithmetic of the processor is proven to give.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

#endif // SUMAC_CONVERSION_SUMACTOVECTOR_PASSES
