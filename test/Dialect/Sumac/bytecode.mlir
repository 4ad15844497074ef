// RUN: sumac-opt %S/ops.mlir -emit-bytecode | sumac-opt | FileCheck %S/ops.mlir
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s

// Resources come back byte for byte, also where a text declares them at its end.
// CHECK-LABEL: func @resource
func.func @resource() -> (tensor<2x2xsi4>, tensor<2x!sumac.real>) {
  // CHECK: sumac.constant #sumac.uniform<dense_resource<weights> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2xsi4>
  %w = sumac.constant #sumac.uniform<dense_resource<weights> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2xsi4>
  // CHECK: sumac.constant #sumac.dense<dense_resource<bias> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %b = sumac.constant #sumac.dense<dense_resource<bias> : tensor<2xf32>> -> tensor<2x!sumac.real>
  return %w, %b : tensor<2x2xsi4>, tensor<2x!sumac.real>
}

// CHECK: dialect_resources: {
// CHECK-DAG: weights: "0x0100000001FE07F8"
// CHECK-DAG: bias: "0x040000000000803F0000C0BF"
{-#
  dialect_resources: {
    builtin: {
      weights: "0x0100000001FE07F8",
      bias: "0x040000000000803F0000C0BF"
    }
  }
#-}
