// RUN: sumac-opt %s --sumac-remove-channels -split-input-file | FileCheck %s

// The first filter is pruned: its code is 32 >> 2 = 8, which counts 3 * 8 = 24.
// CHECK-LABEL: func @pruned
// CHECK-DAG: %[[W:.*]] = sumac.constant #sumac.uniform<dense<{{\[\[}}1, -2{{\]\]}}> : tensor<1x2xsi8>
// CHECK-DAG: %[[V:.*]] = sumac.constant {{.*}}dense<1> : tensor<1x1xsi8>
// CHECK-DAG: %[[B:.*]] = sumac.constant #sumac.uniform<dense<24> : tensor<1xsi8>
// CHECK: sumac.linear %{{.*}}, %[[W]] : (tensor<?x2xui4>, tensor<1x2xsi2>) -> tensor<?x1xsi6>
// CHECK: sumac.requantize %{{.*}}, multiply [1] add [32] shift [2] clamp[0, 15] : tensor<?x1xsi6> -> tensor<?x1xui4>
// CHECK: sumac.linear %{{.*}}, %[[V]] bias(%[[B]])
func.func @pruned(%x: tensor<?x2xui4>) -> tensor<?x1xsi8> {
  %w = sumac.constant #sumac.uniform<dense<[[0, 0], [1, -2]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %v = sumac.constant #sumac.uniform<dense<[[3, 1]]> : tensor<1x2xsi8>, bits = 3> -> tensor<1x2xsi3>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi6>
  %h = sumac.requantize %a, multiply [1] add [32] shift [2] clamp [0, 15] : tensor<?x2xsi6> -> tensor<?x2xui4>
  %y = sumac.linear %h, %v : (tensor<?x2xui4>, tensor<1x2xsi3>) -> tensor<?x1xsi8>
  return %y : tensor<?x1xsi8>
}

// -----

// Nothing reads the second channel, and the third always saturates at 2.
// CHECK-LABEL: func @unread
// CHECK: sumac.linear %{{.*}} -> tensor<?x1xsi13>
// CHECK: sumac.threshold %{{.*}}, dense<{{\[\[}}1, 5{{\]\]}}> : tensor<1x2xsi64> decreasing [true] : tensor<?x1xsi13> -> tensor<?x1xui2>
// CHECK: sumac.clamp %{{.*}} min [0] max [1]
// CHECK: sumac.linear %{{.*}} bias
func.func @unread(%x: tensor<?x2xui8>) -> tensor<?x1xsi8> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2], [3, 1], [1, 1]]> : tensor<3x2xsi8>, bits = 4> -> tensor<3x2xsi4>
  %v = sumac.constant #sumac.uniform<dense<[[3, 0, 7]]> : tensor<1x3xsi8>, bits = 4> -> tensor<1x3xsi4>
  %a = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<3x2xsi4>) -> tensor<?x3xsi13>
  %h = sumac.threshold %a, dense<[[1, 5], [2, 6], [-9, -3]]> : tensor<3x2xsi64> decreasing [true, false, false] : tensor<?x3xsi13> -> tensor<?x3xui2>
  %c = sumac.clamp %h min [0, 0, 0] max [1, 2, 2] : tensor<?x3xui2> -> tensor<?x3xui2>
  %y = sumac.linear %c, %v : (tensor<?x3xui2>, tensor<1x3xsi4>) -> tensor<?x1xsi8>
  return %y : tensor<?x1xsi8>
}

// -----

// All channels are constant: one stays. The table has one row for all.
// CHECK-LABEL: func @all
// CHECK: sumac.linear %{{.*}} -> tensor<?x1xsi6>
// CHECK: sumac.table %{{.*}} : tensor<?x1xsi6> -> tensor<?x1xui4>
// CHECK: sumac.linear
func.func @all(%x: tensor<?x2xui2>) -> tensor<?x1xsi8> {
  %w = sumac.constant #sumac.uniform<dense<0> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %v = sumac.constant #sumac.uniform<dense<[[3, 1]]> : tensor<1x2xsi8>, bits = 3> -> tensor<1x2xsi3>
  %a = sumac.linear %x, %w : (tensor<?x2xui2>, tensor<2x2xsi2>) -> tensor<?x2xsi6>
  %h = sumac.table %a, dense<[[5, 3, 1]]> : tensor<1x3xsi64> first 0 : tensor<?x2xsi6> -> tensor<?x2xui4>
  %y = sumac.linear %h, %v : (tensor<?x2xui4>, tensor<1x2xsi3>) -> tensor<?x1xsi8>
  return %y : tensor<?x1xsi8>
}

// -----

// A value that something else uses keeps its channels.
// CHECK-LABEL: func @shared
// CHECK: -> tensor<?x2xsi6>
func.func @shared(%x: tensor<?x2xui4>) -> (tensor<?x1xsi8>, tensor<?x2xui4>) {
  %w = sumac.constant #sumac.uniform<dense<[[0, 0], [1, -2]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %v = sumac.constant #sumac.uniform<dense<[[3, 1]]> : tensor<1x2xsi8>, bits = 3> -> tensor<1x2xsi3>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi6>
  %h = sumac.requantize %a, multiply [1] add [32] shift [2] clamp [0, 15] : tensor<?x2xsi6> -> tensor<?x2xui4>
  %y = sumac.linear %h, %v : (tensor<?x2xui4>, tensor<1x2xsi3>) -> tensor<?x1xsi8>
  return %y, %h : tensor<?x1xsi8>, tensor<?x2xui4>
}
