// RUN: sumac-opt %s -split-input-file --sumac-expand-planes | FileCheck %s

// CHECK-LABEL: func @unsigned
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xui8>)
func.func @unsigned(%x: tensor<?x2xui8>) -> tensor<?x1xsi11> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %b = sumac.constant #sumac.uniform<dense<5> : tensor<1xsi8>, bits = 4> -> tensor<1xsi4>
  // CHECK: %[[C:.*]] = sumac.requantize %[[X]], multiply [1] add [0] shift [5] clamp[0, 7] : tensor<?x2xui8> -> tensor<?x2xui3>
  // CHECK: %[[S:.*]] = sumac.linear %[[C]], %{{.*}} form(#sumac.bit_planes) {sumac.if_possible} : (tensor<?x2xui3>, tensor<1x2xsi2>) -> tensor<?x1xsi5>
  // CHECK: sumac.combine %[[S]] multiply dense<32> : tensor<1x1xsi64> add dense<5> : tensor<1xsi64> : (tensor<?x1xsi5>) -> tensor<?x1xsi11>
  // CHECK-NOT: truncate_planes
  %t = sumac.truncate_planes %x keep 3 : tensor<?x2xui8>
  %a = sumac.linear %t, %w bias(%b) form(#sumac.bit_planes) {sumac.if_possible} : (tensor<?x2xui8>, tensor<1x2xsi2>, tensor<1xsi4>) -> tensor<?x1xsi11>
  return %a : tensor<?x1xsi11>
}

// -----

// x + 8 has no sign; 8 * (1 - 2) comes off the sums.
// CHECK-LABEL: func @signed
func.func @signed(%x: tensor<?x2xsi4>) -> tensor<?x1xsi6> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  // CHECK: sumac.requantize %{{.*}}, multiply [1] add [8] shift [1] clamp[0, 7] : tensor<?x2xsi4> -> tensor<?x2xui3>
  // CHECK: sumac.combine %{{.*}} multiply dense<2> : tensor<1x1xsi64> add dense<8> : tensor<1xsi64>
  %t = sumac.truncate_planes %x keep 3 : tensor<?x2xsi4>
  %a = sumac.linear %t, %w : (tensor<?x2xsi4>, tensor<1x2xsi2>) -> tensor<?x1xsi6>
  return %a : tensor<?x1xsi6>
}

// -----

// All planes: the codes as they are, but the bias behind the sums.
// CHECK-LABEL: func @all
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xui8>)
func.func @all(%x: tensor<?x2xui8>) -> tensor<?x1xsi11> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %b = sumac.constant #sumac.uniform<dense<5> : tensor<1xsi8>, bits = 4> -> tensor<1xsi4>
  // CHECK: %[[S:.*]] = sumac.linear %[[X]], %{{[^ ]*}} : (tensor<?x2xui8>
  // CHECK: sumac.combine %[[S]] multiply dense<1> : tensor<1x1xsi64> add dense<5> : tensor<1xsi64>
  %t = sumac.truncate_planes %x keep 8 : tensor<?x2xui8>
  %a = sumac.linear %t, %w bias(%b) : (tensor<?x2xui8>, tensor<1x2xsi2>, tensor<1xsi4>) -> tensor<?x1xsi11>
  return %a : tensor<?x1xsi11>
}

// -----

// Used as they are: shifted right and left.
// CHECK-LABEL: func @codes
func.func @codes(%x: tensor<?x2xsi4>) -> tensor<?x2xsi4> {
  // CHECK: %[[C:.*]] = sumac.requantize %{{.*}}, multiply [1] add [8] shift [3] clamp[0, 1] : tensor<?x2xsi4> -> tensor<?x2xui1>
  // CHECK: sumac.combine %[[C]] multiply dense<8> : tensor<1x1xsi64> add dense<-8> : tensor<1xsi64> : (tensor<?x2xui1>) -> tensor<?x2xsi4>
  %t = sumac.truncate_planes %x keep 1 : tensor<?x2xsi4>
  return %t : tensor<?x2xsi4>
}
