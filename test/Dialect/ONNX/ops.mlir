// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s --mlir-print-op-generic | sumac-opt | FileCheck %s
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s

// CHECK-LABEL: func @node
func.func @node(%x: tensor<?x4xf32>) -> !onnx.value {
  // CHECK: onnx.node "Constant"() attributes {value = dense<1.000000e+00> : tensor<10x4xf32>} : () -> tensor<10x4xf32>
  %w = onnx.node "Constant"() attributes {value = dense<1.0> : tensor<10x4xf32>} : () -> tensor<10x4xf32>
  // CHECK: onnx.node "Gemm"(%{{.*}}, %{{.*}}) since 13 attributes {transB = 1 : i64} : (tensor<?x4xf32>, tensor<10x4xf32>) -> !onnx.value
  %y = onnx.node "Gemm"(%x, %w) since 13 attributes {transB = 1 : i64} : (tensor<?x4xf32>, tensor<10x4xf32>) -> !onnx.value
  return %y : !onnx.value
}

// CHECK-LABEL: func @absent
func.func @absent(%x: !onnx.value, %max: tensor<f32>) -> !onnx.value {
  // CHECK: onnx.node "Clip"(%{{.*}}, %{{.*}}) since 13 absent_inputs [1] : (!onnx.value, tensor<f32>) -> !onnx.value
  %y = onnx.node "Clip"(%x, %max) since 13 absent_inputs [1] : (!onnx.value, tensor<f32>) -> !onnx.value
  // CHECK: onnx.node "Dropout"(%{{.*}}) absent_outputs [1] : (!onnx.value) -> !onnx.value
  %z = onnx.node "Dropout"(%y) absent_outputs [1] : (!onnx.value) -> !onnx.value
  return %z : !onnx.value
}

// CHECK-LABEL: func @domain
func.func @domain(%x: !onnx.value) -> !onnx.value {
  // CHECK: onnx.node "Quant"(%{{.*}}) in "qonnx.custom_op.general" since 1 attributes {signed = 1 : i64}
  %y = onnx.node "Quant"(%x) in "qonnx.custom_op.general" since 1 attributes {signed = 1 : i64} : (!onnx.value) -> !onnx.value
  return %y : !onnx.value
}
