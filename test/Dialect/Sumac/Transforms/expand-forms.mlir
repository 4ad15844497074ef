// RUN: sumac-opt %s --sumac-expand-forms | FileCheck %s
// RUN: sumac-opt %s --sumac-expand-forms | sumac-interpret | FileCheck %s --check-prefix=VALUE
// RUN: sumac-opt %s | sumac-interpret | FileCheck %s --check-prefix=VALUE

// CHECK-LABEL: func.func @masked
// CHECK:       %[[W:.*]] = sumac.constant #sumac.uniform<dense<{{\[\[}}1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 1]]> : tensor<4x3xui8>, bits = 1> -> tensor<4x3xui1>
// CHECK:       %[[S:.*]] = sumac.linear %{{.*}}, %[[W]] : {{.*}} -> tensor<2x4xsi10>
// CHECK:       %[[A:.*]] = tensor.extract_slice %[[S]][0, 0] [2, 2] [1, 1]
// CHECK:       %[[B:.*]] = tensor.extract_slice %[[S]][0, 2] [2, 2] [1, 1]
// CHECK:       sumac.combine %[[A]], %[[B]] multiply dense<{{\[\[}}5, 5], [-12, -12]]> : tensor<2x2xsi64> add dense<[7, -1]> : tensor<2xsi64>
// VALUE: 2x2xint16 {{\[\[}}-9, -46], [582, -1786]]
func.func @masked() -> tensor<2x2xsi13> {
  %x = sumac.constant #sumac.dense<dense<[[1, 2, 3], [100, 0, 255]]> : tensor<2x3xui8>> -> tensor<2x3xui8>
  %b = sumac.constant #sumac.dense<dense<[7, -1]> : tensor<2xsi8>> -> tensor<2xsi8>
  %w = sumac.constant #sumac.basis<dense<[[3, 2, 1], [0, 2, 3]]> : tensor<2x3xui8>, coefficients = dense<[[5, -12]]> : tensor<1x2xsi64>> -> tensor<2x3xsi5>
  %y = sumac.linear %x, %w bias(%b) form(#sumac.masked_sums) : (tensor<2x3xui8>, tensor<2x3xsi5>, tensor<2xsi8>) -> tensor<2x2xsi13>
  return %y : tensor<2x2xsi13>
}


// 7 = 8 - 1: two planes, of -1 and 0 and of 0 and 1; 8 and 1 have one term each.
// CHECK-LABEL: func.func @shifted
// CHECK:       sumac.constant #sumac.uniform<dense<{{\[\[}}-1, 1, 0], [0, -1, 0], [1, 0, 1], [0, 0, 0]]> : tensor<4x3xsi8>, bits = 2>
// CHECK:       multiply dense<{{\[\[}}1], [8]]> : tensor<2x1xsi64>
// VALUE: 1x2xint16 {{\[\[}}33, -2]]
func.func @shifted() -> tensor<1x2xsi13> {
  %x = sumac.constant #sumac.dense<dense<[[1, 2, 3]]> : tensor<1x3xui8>> -> tensor<1x3xui8>
  %w = sumac.constant #sumac.shift<dense<[[[4, 1, 4], [0, -1, 0]], [[-1, 0, 0], [0, 0, 0]]]> : tensor<2x2x3xsi8>> -> tensor<2x3xsi5>
  %y = sumac.linear %x, %w form(#sumac.shifted_sums) : (tensor<1x3xui8>, tensor<2x3xsi5>) -> tensor<1x2xsi13>
  return %y : tensor<1x2xsi13>
}
