// RUN: sumac-opt %s --sumac-add-planes-argument | FileCheck %s

// A clone for each smaller number, of each entry; the last keeps everything.
// CHECK: func @main({{.*}}) -> tensor<?x1xsi7> attributes {sumac.planes = [@main_planes1, @main_planes2]}
// CHECK: sumac.truncate_planes %{{.*}} keep 3
// CHECK: sumac.truncate_planes %{{.*}} keep 2
func.func @main(%x: tensor<?x2xui3>, %y: tensor<?x2xui2>) -> tensor<?x1xsi7> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xui3>, tensor<1x2xsi2>) -> tensor<?x1xsi5>
  %b = sumac.linear %y, %w form(#sumac.bit_planes) : (tensor<?x2xui2>, tensor<1x2xsi2>) -> tensor<?x1xsi5>
  %c = sumac.combine %a, %b multiply dense<1> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x1xsi5>, tensor<?x1xsi5>) -> tensor<?x1xsi7>
  return %c : tensor<?x1xsi7>
}

// CHECK: func private @helper
// CHECK-NOT: truncate
func.func private @helper(%x: tensor<?x2xui3>) -> tensor<?x2xui3> {
  return %x : tensor<?x2xui3>
}

// CHECK: func @main_planes1
// CHECK: sumac.truncate_planes %{{.*}} keep 1
// CHECK: sumac.truncate_planes %{{.*}} keep 1
// CHECK: func @main_planes2
// CHECK: sumac.truncate_planes %{{.*}} keep 2
// CHECK: sumac.truncate_planes %{{.*}} keep 2
