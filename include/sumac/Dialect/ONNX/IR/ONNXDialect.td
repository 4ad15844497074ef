//===- ONNXDialect.td - The onnx dialect -------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ONNX_IR_ONNXDIALECT
#define SUMAC_DIALECT_ONNX_IR_ONNXDIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"

def ONNX_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::sumac::onnx";
  let summary = "an ONNX graph, node by node, before anything is decided";
  let description = [{
    The dialect has one operation, `onnx.node`, which holds any ONNX node with
    its attributes. The importer refuses nothing: what Sumac cannot compile is
    found later, by `convert-onnx-to-sumac`, which lists all such nodes at once.
  }];
  let useDefaultTypePrinterParser = 1;
}

def ONNX_ValueType : TypeDef<ONNX_Dialect, "Value"> {
  let mnemonic = "value";
  let summary = "a tensor whose element type and shape the file does not state";
  let description = [{
    ONNX files state types for graph inputs, outputs and initializers only;
    everything between is `!onnx.value` until `convert-onnx-to-sumac` gives it
    a type.
  }];
}

#endif // SUMAC_DIALECT_ONNX_IR_ONNXDIALECT
