// RUN: sumac-opt %s --split-input-file --sumac-to-integer --canonicalize | FileCheck %s

// Scales leave the sum; bias, batch norm, relu and rounding become thresholds.
// Channel 0 rises, channel 1 has a negative gain and falls.
// CHECK-LABEL: func.func @thresholds
// CHECK:       %[[CODES:.*]] = sumac.encode %{{.*}}, <ui8, {{.*}} : tensor<?x2xf32> -> tensor<?x2xui8>
// CHECK:       %[[SUM:.*]] = sumac.linear %[[CODES]], %{{.*}} : (tensor<?x2xui8>, tensor<2x2xsi4>) -> tensor<?x2xsi12>
// The value is sum * 2^-11 and a code's step 2^-1: ties to even give code 1 from 513 and code 2 from 1536 on;
// no sum reaches code 3.
// CHECK:       sumac.threshold %[[SUM]], dense<{{\[\[}}513, 1536], [-1535, -512]]> : tensor<2x2xsi32> decreasing [false, true]
// CHECK-SAME:    : tensor<?x2xsi12> -> tensor<?x2xui2>
// CHECK-NOT:   sumac.real
func.func @thresholds(%image: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %x = sumac.from_float %image : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %q = sumac.quantize %x, <ui8, scale = <["0x1p-8"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x2x!sumac.real>
  %c = sumac.constant #sumac.uniform<dense<[[4, 4], [-7, 1]]> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2xsi4>
  %w = sumac.decode %c, <si4, scale = <["0x1p-3"]>, zero_point = <["0x0p+0"]>> : tensor<2x2xsi4> -> tensor<2x2x!sumac.real>
  %a = sumac.linear %q, %w : (tensor<?x2x!sumac.real>, tensor<2x2x!sumac.real>) -> tensor<?x2x!sumac.real>
  %n = sumac.batch_norm %a, scale(dense<[1.0, -1.0]> : tensor<2xf32>) offset(dense<0.0> : tensor<2xf32>) mean(dense<0.0> : tensor<2xf32>) variance(dense<0.75> : tensor<2xf32>) epsilon <["0x1p-2"]> : tensor<?x2x!sumac.real>
  %r = sumac.relu %n : tensor<?x2x!sumac.real>
  %h = sumac.quantize %r, <ui2, scale = <["0x1p-1"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x2x!sumac.real>
  %y = sumac.to_float %h : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// More steps than --max-thresholds: a multiply-add-shift with proven steps.
// CHECK-LABEL: func.func @requantize
// CHECK:       sumac.requantize %{{.*}}, multiply [{{[0-9]+}}] add [{{[0-9-]+}}] shift [{{[0-9]+}}] clamp
func.func @requantize(%codes: tensor<?x64xui8>, %w: tensor<1xf32>) -> tensor<?x1xf32> {
  %x = sumac.decode %codes, <ui8, scale = <["0x1p-8"]>, zero_point = <["0x0p+0"]>> : tensor<?x64xui8> -> tensor<?x64x!sumac.real>
  %c = sumac.constant #sumac.uniform<dense<3> : tensor<1x64xsi8>, bits = 4> -> tensor<1x64xsi4>
  %wr = sumac.decode %c, <si4, scale = <["0x1.23456p-3"]>, zero_point = <["0x0p+0"]>> : tensor<1x64xsi4> -> tensor<1x64x!sumac.real>
  %a = sumac.linear %x, %wr : (tensor<?x64x!sumac.real>, tensor<1x64x!sumac.real>) -> tensor<?x1x!sumac.real>
  %h = sumac.quantize %a, <ui8, scale = <["0x1.1p-4"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x1x!sumac.real>
  %y = sumac.to_float %h : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// A function of few codes is a table.
// CHECK-LABEL: func.func @table
// CHECK:       sumac.table %{{.*}}, dense<{{.*}}> : tensor<1x32xsi8> first 0
func.func @table(%codes: tensor<?x3xui5>) -> tensor<?x3xf32> {
  %x = sumac.decode %codes, <ui5, scale = <["0x1p-3"]>, zero_point = <["0x1p+4"]>> : tensor<?x3xui5> -> tensor<?x3x!sumac.real>
  %s = sumac.sigmoid %x : tensor<?x3x!sumac.real>
  %h = sumac.quantize %s, <ui5, scale = <["0x1p-5"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x3x!sumac.real>
  %y = sumac.to_float %h : tensor<?x3x!sumac.real> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Branches of unequal scales meet on the finest common grid: 3/4 and 5/8 are
// 6 and 5 times 1/8.
// CHECK-LABEL: func.func @add_branches
// CHECK:       sumac.combine %arg0, %arg1 multiply dense<{{\[\[}}6], [5]]> : tensor<2x1xsi64>
// CHECK:       sumac.decode %{{.*}}, <{{.*}}scale = <["0x1p-3"]>
func.func @add_branches(%a: tensor<?x3xui4>, %b: tensor<?x3xsi4>) -> tensor<?x3xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1.8p-1"]>, zero_point = <["0x0p+0"]>> : tensor<?x3xui4> -> tensor<?x3x!sumac.real>
  %z = sumac.decode %b, <si4, scale = <["0x1.4p-1"]>, zero_point = <["0x0p+0"]>> : tensor<?x3xsi4> -> tensor<?x3x!sumac.real>
  %s = sumac.add %x, %z : tensor<?x3x!sumac.real>, tensor<?x3x!sumac.real>
  %y = sumac.to_float %s : tensor<?x3x!sumac.real> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Joined branches keep their own scales; the next layer's weights take them.
// CHECK-LABEL: func.func @concat
// CHECK:       %[[W:.*]] = sumac.constant #sumac.uniform<dense<{{\[\[}}3, -3, 2]]> : tensor<1x3xsi8>, bits = 3>
// CHECK:       %[[JOIN:.*]] = tensor.concat dim(1) %{{.*}}, %{{.*}} : (tensor<?x2xsi5>, tensor<?x1xsi5>) -> tensor<?x3xsi5>
// CHECK:       sumac.linear %[[JOIN]], %[[W]]
func.func @concat(%a: tensor<?x2xui4>, %b: tensor<?x1xsi4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1.8p-1"]>, zero_point = <["0x0p+0"]>> : tensor<?x2xui4> -> tensor<?x2x!sumac.real>
  %z = sumac.decode %b, <si4, scale = <["0x1p-1"]>, zero_point = <["0x0p+0"]>> : tensor<?x1xsi4> -> tensor<?x1x!sumac.real>
  %c = tensor.concat dim(1) %x, %z : (tensor<?x2x!sumac.real>, tensor<?x1x!sumac.real>) -> tensor<?x3x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, -1.0, 1.0]]> : tensor<1x3xf32>> -> tensor<1x3x!sumac.real>
  %l = sumac.linear %c, %w : (tensor<?x3x!sumac.real>, tensor<1x3x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// Relu with no quantizer behind it is a clamp on a grid that holds zero.
// CHECK-LABEL: func.func @relu_between_layers
// CHECK:       sumac.combine %arg0
// CHECK:       sumac.clamp %{{.*}} min [0]
// CHECK:       sumac.linear
func.func @relu_between_layers(%a: tensor<?x2xsi4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <si4, scale = <["0x1.8p-1"]>, zero_point = <["0x1p+0"]>> : tensor<?x2xsi4> -> tensor<?x2x!sumac.real>
  %r = sumac.relu %x : tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 2.5]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %l = sumac.linear %r, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// Quantizing a float constant gives its codes; the narrowest coding is taken.
// CHECK-LABEL: func.func @encode_weights
// CHECK:       #sumac.uniform<dense<{{\[\[}}1, -2, 0, 3]]> : tensor<1x4xsi8>, bits = 3>
func.func @encode_weights(%a: tensor<?x4xui4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>> : tensor<?x4xui4> -> tensor<?x4x!sumac.real>
  %f = sumac.constant #sumac.dense<dense<[[0.3, -0.5, 0.1, 9.0]]> : tensor<1x4xf32>> -> tensor<1x4x!sumac.real>
  %w = sumac.quantize %f, <si3, scale = <["0x1p-2"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<1x4x!sumac.real>
  %l = sumac.linear %x, %w : (tensor<?x4x!sumac.real>, tensor<1x4x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// A scaled float input compares with float thresholds.
// CHECK-LABEL: func.func @scaled_input
// CHECK:       sumac.threshold %arg0, dense<{{.*}}> : tensor<1x3xf32> : tensor<?x2xf32> -> tensor<?x2xui2>
func.func @scaled_input(%image: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %x = sumac.from_float %image : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %k = sumac.constant #sumac.dense<dense<0.1> : tensor<1xf32>> -> tensor<1x!sumac.real>
  %m = sumac.mul %x, %k : tensor<?x2x!sumac.real>, tensor<1x!sumac.real>
  %h = sumac.quantize %m, <ui2, scale = <["0x1p-1"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x2x!sumac.real>
  %y = sumac.to_float %h : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// The order of codes is the order of values: softmax and one positive scale
// do not matter to argmax.
// CHECK-LABEL: func.func @argmax
// CHECK-NEXT:  %[[R:.*]] = sumac.argmax %arg0 axis 1 : tensor<?x3xui4> -> tensor<?xsi64>
// CHECK-NEXT:  return %[[R]]
func.func @argmax(%a: tensor<?x3xui4>) -> tensor<?xsi64> {
  %x = sumac.decode %a, <ui4, scale = <["0x1.8p-1"]>, zero_point = <["0x1p+0"]>> : tensor<?x3xui4> -> tensor<?x3x!sumac.real>
  %p = sumac.softmax %x axis 1 : tensor<?x3x!sumac.real>
  %m = sumac.argmax %p axis 1 : tensor<?x3x!sumac.real> -> tensor<?xsi64>
  return %m : tensor<?xsi64>
}

// -----

// What no integer stands for stays at the output, behind a decode.
// CHECK-LABEL: func.func @softmax_tail
// CHECK:       %[[D:.*]] = sumac.decode %arg0, {{.*}} -> tensor<?x3x!sumac.real>
// CHECK:       sumac.softmax %[[D]] axis 1
// CHECK:       sumac.to_float
func.func @softmax_tail(%a: tensor<?x3xui4>) -> tensor<?x3xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1.8p-1"]>, zero_point = <["0x1p+0"]>> : tensor<?x3xui4> -> tensor<?x3x!sumac.real>
  %p = sumac.softmax %x axis 1 : tensor<?x3x!sumac.real>
  %y = sumac.to_float %p : tensor<?x3x!sumac.real> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: func @limits_beyond_range
// The codes are 0 to 15: the lower limit does nothing and would not fit the type.
// CHECK: sumac.clamp %{{.*}} min [0] max [9] : tensor<?x4xsi5> -> tensor<?x4xui4>
func.func @limits_beyond_range(%x: tensor<?x4xf32>) -> tensor<?xsi64> {
  %r = sumac.from_float %x : tensor<?x4xf32> -> tensor<?x4x!sumac.real>
  %q = sumac.quantize %r, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x4x!sumac.real>
  %c = sumac.clip %q min <["-0x1p+2"]> max <["0x1.2p+3"]> : tensor<?x4x!sumac.real>
  %i = sumac.argmax %c axis 1 : tensor<?x4x!sumac.real> -> tensor<?xsi64>
  return %i : tensor<?xsi64>
}
