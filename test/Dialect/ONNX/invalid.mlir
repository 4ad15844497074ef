// RUN: sumac-opt %s -verify-diagnostics -split-input-file

func.func @node_c1(%x: !onnx.value) {
  // expected-error @+1 {{op_type is empty}}
  onnx.node ""(%x) : (!onnx.value) -> !onnx.value
  return
}

// -----

func.func @node_c2(%x: !onnx.value) {
  // expected-error @+1 {{since must not be negative, got -1}}
  onnx.node "Relu"(%x) since -1 : (!onnx.value) -> !onnx.value
  return
}

// -----

func.func @node_c3(%x: !onnx.value) {
  // expected-error @+1 {{absent_inputs must be rising positions among all inputs}}
  onnx.node "Clip"(%x) absent_inputs [2] : (!onnx.value) -> !onnx.value
  return
}

// -----

func.func @node_c3_rising(%x: !onnx.value) {
  // expected-error @+1 {{absent_inputs must be rising positions among all inputs}}
  onnx.node "Clip"(%x) absent_inputs [2, 1] : (!onnx.value) -> !onnx.value
  return
}

// -----

func.func @node_c3_outputs(%x: !onnx.value) {
  // expected-error @+1 {{absent_outputs must be rising positions among all outputs}}
  onnx.node "Dropout"(%x) absent_outputs [-1] : (!onnx.value) -> !onnx.value
  return
}
