// RUN: sumac-opt %s -split-input-file --sumac-truncate-planes=planes=2 | FileCheck %s

// Codes of more than two bits in front of layers of bit planes and of pools, once
// for all layers that read them; other layers read them as they are.
// CHECK-LABEL: func @layers
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xui8>, %[[Y:.*]]: tensor<?x2xui2>)
func.func @layers(%x: tensor<?x2xui8>, %y: tensor<?x2xui2>) -> (tensor<?x1xsi11>, tensor<?x1xsi11>, tensor<?x1xsi11>, tensor<?x1xsi5>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  // CHECK: %[[T:.*]] = sumac.truncate_planes %[[X]] keep 2 : tensor<?x2xui8>
  // CHECK: sumac.linear %[[T]], %{{.*}} form(#sumac.bit_planes)
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi11>
  // CHECK: sumac.linear %[[T]], %{{.*}} form(#sumac.bit_planes)
  %b = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi11>
  // CHECK: sumac.linear %[[X]], %{{.*}} form(#sumac.lookup_sums)
  %c = sumac.linear %x, %w form(#sumac.lookup_sums) : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi11>
  // CHECK: sumac.linear %[[Y]], %{{.*}} form(#sumac.bit_planes)
  %d = sumac.linear %y, %w form(#sumac.bit_planes) : (tensor<?x2xui2>, tensor<1x2xsi2>) -> tensor<?x1xsi5>
  return %a, %b, %c, %d : tensor<?x1xsi11>, tensor<?x1xsi11>, tensor<?x1xsi11>, tensor<?x1xsi5>
}

// -----

// Codes from -2 on become -4, so sums reach -12 and need another bit, through
// what moves them, up to where codes are made of them.
// CHECK-LABEL: func @widened
// CHECK-SAME: -> (tensor<?x1xui2>, tensor<?xsi5>)
func.func @widened(%x: tensor<?x3xsi4> {sumac.range = array<i64: -2, 2>}) -> (tensor<?x1xui2>, tensor<?xsi4>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 1, 1]]> : tensor<1x3xsi8>, bits = 2> -> tensor<1x3xsi2>
  // CHECK: sumac.truncate_planes %{{.*}} keep 2
  // CHECK: sumac.linear {{.*}} -> tensor<?x1xsi5>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x3xsi4>, tensor<1x3xsi2>) -> tensor<?x1xsi4>
  // CHECK: sumac.requantize %{{.*}} : tensor<?x1xsi5> -> tensor<?x1xui2>
  %h = sumac.requantize %a, multiply [1] add [0] shift [1] clamp [0, 3] : tensor<?x1xsi4> -> tensor<?x1xui2>
  // CHECK: tensor.collapse_shape {{.*}} : tensor<?x1xsi5> into tensor<?xsi5>
  %c = tensor.collapse_shape %a [[0, 1]] : tensor<?x1xsi4> into tensor<?xsi4>
  return %h, %c : tensor<?x1xui2>, tensor<?xsi4>
}

// -----

// A layer that reads such sums: of its four planes two are left, as ever.
// CHECK-LABEL: func @sums_of_sums
func.func @sums_of_sums(%x: tensor<?x3xsi4> {sumac.range = array<i64: -2, 2>}) -> tensor<?x1xsi4> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 1, 1]]> : tensor<1x3xsi8>, bits = 2> -> tensor<1x3xsi2>
  %v = sumac.constant #sumac.uniform<dense<1> : tensor<1x1xsi8>, bits = 2> -> tensor<1x1xsi2>
  // CHECK: sumac.truncate_planes %{{.*}} keep 2 : tensor<?x3xsi4>
  // CHECK: sumac.truncate_planes %{{.*}} keep 3 : tensor<?x1xsi5>
  // CHECK: sumac.linear {{.*}} : (tensor<?x1xsi5>, tensor<1x1xsi2>) -> tensor<?x1xsi5>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x3xsi4>, tensor<1x3xsi2>) -> tensor<?x1xsi4>
  %b = sumac.linear %a, %v form(#sumac.bit_planes) : (tensor<?x1xsi4>, tensor<1x1xsi2>) -> tensor<?x1xsi4>
  return %b : tensor<?x1xsi4>
}
