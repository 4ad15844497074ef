//===- Passes.td - Conversion of ONNX to sumac -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_ONNXTOSUMAC_PASSES
#define SUMAC_CONVERSION_ONNXTOSUMAC_PASSES

include "mlir/Pass/PassBase.td"

def ConvertONNXToSumac : Pass<"convert-onnx-to-sumac", "::mlir::ModuleOp"> {
  let summary = "turn ONNX nodes into layers on exact reals";
  let description = [{
    Rewrites the function @main that the importer made: each `onnx.node` becomes
    operations on `!sumac.real` tensors, or on integer tensors behind
    quantizers. Shapes are inferred on the way, and chains of nodes that only
    compute shapes fold away.

    A size that the file leaves open stays dynamic. A leading dimension of an
    input that the file fixes becomes dynamic, too, wherever the graph treats
    rows alike; the argument's attribute `sumac.declared_batch` then holds the
    file's number. Where the graph mixes rows, all sizes stay as declared.

    A node without a conversion is an error that names the node, the operator
    and the reason. All such nodes are reported in one run; nodes that depend on
    them are only checked for having a conversion at all.

    Before:

    ```mlir
    func.func @main(%x: tensor<1x2xf32> {sumac.name = "x"}) -> (!onnx.value {sumac.name = "y"}) {
      %y = onnx.node "Relu"(%x) since 13 : (tensor<1x2xf32>) -> !onnx.value
      return %y : !onnx.value
    }
    ```

    After:

    ```mlir
    func.func @main(%x: tensor<?x2xf32> {sumac.declared_batch = 1 : i64, sumac.name = "x"})
        -> (tensor<?x2xf32> {sumac.name = "y"}) {
      %0 = sumac.from_float %x : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
      %1 = sumac.relu %0 : tensor<?x2x!sumac.real>
      %2 = sumac.to_float %1 : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
      return %2 : tensor<?x2xf32>
    }
    ```
  }];
  let options = [
    Option<"dynamicBatch", "dynamic-batch", "bool", "true",
      "make leading dimensions of inputs dynamic where the graph allows it">,
  ];
  let dependentDialects = ["::sumac::SumacDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // SUMAC_CONVERSION_ONNXTOSUMAC_PASSES
