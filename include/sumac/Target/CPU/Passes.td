//===- Passes.td - Passes of the CPU back end --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_PASSES
#define SUMAC_TARGET_CPU_PASSES

include "mlir/Pass/PassBase.td"

def CPUSetTarget : Pass<"sumac-cpu-set-target", "::mlir::ModuleOp"> {
  let summary = "name the processor that a module is compiled for";
  let description = [{
    Checks triple, processor and features, and writes them to the module's
    attribute `cpu.target`, which all later passes of the CPU back end read.
    Inputs and outputs of @main are described in `cpu.interface`, from which the
    C header and the metadata are made.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "target triple; empty for this machine's">,
    Option<"cpu", "cpu", "std::string", "\"native\"", "processor: native, x86-64, x86-64-v3, ... as LLVM names it">,
    Option<"features", "features", "std::string", "\"\"", "more features, e.g. +avx512vnni,-avx512vbmi">,
  ];
}

def SpecializeBatch : Pass<"sumac-specialize-batch", "::mlir::ModuleOp"> {
  let summary = "clone functions for constant numbers of rows";
  let description = [{
    Every public function of the module is cloned for blocks of rows of constant
    number, so that all shapes in the clones are constant, and becomes a
    declaration that lists the clones in `cpu.blocks`, largest first. Shapes are
    propagated from the arguments: a dynamic leading dimension, or a declared
    one that all arguments and results share, becomes the number of rows.

    Where the rows of a declared batch cannot be told apart, the only block is
    the declared batch.

    Before:

    ```mlir
    func.func @main(%x: tensor<?x4xui8>) -> tensor<?x4xui4> {
      %0 = sumac.requantize %x, multiply [1] add [0] shift [4] clamp [0, 15] : tensor<?x4xui8> -> tensor<?x4xui4>
      return %0 : tensor<?x4xui4>
    }
    ```

    After, with block=8:

    ```mlir
    func.func private @main(tensor<?x4xui8>) -> tensor<?x4xui4> attributes {cpu.blocks = [@main_rows8, @main_rows1]}
    func.func private @main_rows8(%x: tensor<8x4xui8>) -> tensor<8x4xui4> ...
    func.func private @main_rows1(%x: tensor<1x4xui8>) -> tensor<1x4xui4> ...
    ```
  }];
  let options = [
    Option<"block", "block", "int64_t", "0",
      "rows of the largest block; 0 chooses so that a block's tensors fit 256 KB">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def CPUChooseKernels : Pass<"sumac-cpu-choose-kernels", "::mlir::ModuleOp"> {
  let summary = "choose the kernel of every layer by cost";
  let description = [{
    Writes the name of the cheapest kernel for the module's processor to the
    attribute `cpu.kernel` of every `sumac.linear` that has none. A layer whose
    `form` is `#sumac.bit_planes` takes a popcount kernel.
  }];
}

def CPUChooseEpilogues : Pass<"sumac-cpu-choose-epilogues", "::mlir::ModuleOp"> {
  let summary = "choose how step functions are computed, with proofs";
  let description = [{
    Writes the form of every encode, decode, requantize and threshold to its
    attribute `cpu.epilogue`: the cheapest arithmetic of the module's processor
    that is proven to give the exact result for every value of the input's
    range.
  }];
}

#endif // SUMAC_TARGET_CPU_PASSES
