//===- ONNXOps.td - Operations of the onnx dialect ---------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ONNX_IR_ONNXOPS
#define SUMAC_DIALECT_ONNX_IR_ONNXOPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sumac/Dialect/ONNX/IR/ONNXDialect.td"

def ONNX_NodeOp : Op<ONNX_Dialect, "node", [Pure]> {
  let summary = "hold one ONNX node";
  let description = [{
    `op_type` and `domain` are the node's own (the default domain is the empty
    string), `since` is the version of the domain's operator set that the file
    imports. Optional inputs that the node leaves out are not operands;
    `absent_inputs` lists their positions, `absent_outputs` the positions of
    outputs without a name. The operation's location carries the node's name.

    Initializers are nodes of type `Constant` with an attribute `value`.

    Example:

    ```mlir
    %w = onnx.node "Constant"() attributes {value = dense<1.0> : tensor<10x4xf32>}
           : () -> tensor<10x4xf32>
    %y = onnx.node "Gemm"(%x, %w) since 13 attributes {transB = 1 : i64}
           : (tensor<?x4xf32>, tensor<10x4xf32>) -> !onnx.value
    ```
  }];
  let arguments = (ins
    Variadic<AnyType>:$inputs,
    StrAttr:$op_type,
    DefaultValuedStrAttr<StrAttr, "">:$domain,
    DefaultValuedAttr<I64Attr, "0">:$since,
    OptionalAttr<DictionaryAttr>:$node_attributes,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$absent_inputs,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$absent_outputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = [{
    $op_type `(` $inputs `)` (`in` $domain^)? (`since` $since^)?
    (`absent_inputs` $absent_inputs^)? (`absent_outputs` $absent_outputs^)?
    (`attributes` $node_attributes^)? attr-dict `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1;
}

#endif // SUMAC_DIALECT_ONNX_IR_ONNXOPS
