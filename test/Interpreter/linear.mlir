// RUN: sumac-interpret %s | FileCheck %s

// CHECK-LABEL: @integers
// CHECK-NEXT: 2x2xint16 {{\[}}[36, -503], [22, 6]]
func.func @integers() -> tensor<2x2xsi12> {
  %x = sumac.constant #sumac.dense<dense<[[255, 1, 2], [0, 0, 1]]> : tensor<2x3xui8>> -> tensor<2x3xui8>
  %w = sumac.constant #sumac.uniform<dense<[[0, 7, 7], [-2, 0, 1]]> : tensor<2x3xsi8>, bits = 4> -> tensor<2x3xsi4>
  %b = sumac.constant #sumac.dense<dense<[15, 5]> : tensor<2xsi16>> -> tensor<2xsi16>
  %y = sumac.linear %x, %w bias(%b) : (tensor<2x3xui8>, tensor<2x3xsi4>, tensor<2xsi16>) -> tensor<2x2xsi12>
  return %y : tensor<2x2xsi12>
}

// Float weights and inputs are dyadic integers: 1 + 2^-80 - 1 in float32 or
// float64 would give 0.
// CHECK-LABEL: @cancellation
// CHECK-NEXT: 1x1xfloat32 {{\[}}[8.271806e-25]]
func.func @cancellation() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[1.0, 8.271806125530277e-25, -1.0]]> : tensor<1x3xf32>
  %r = sumac.from_float %x : tensor<1x3xf32> -> tensor<1x3x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<1.0> : tensor<1x3xf32>> -> tensor<1x3x!sumac.real>
  %y = sumac.linear %r, %w : (tensor<1x3x!sumac.real>, tensor<1x3x!sumac.real>) -> tensor<1x1x!sumac.real>
  %f = sumac.to_float %y : tensor<1x1x!sumac.real> -> tensor<1x1xf32>
  return %f : tensor<1x1xf32>
}

// A bias on another grid, weights with a scale per channel, and a tie:
// channel 0: 3 * 1/4 * 1/2 + 1/8 = 1/2, channel 1: 3 * 1/3 * 1/2 + 0 = 1/2.
// CHECK-LABEL: @ties
// CHECK-NEXT: 1x2xfloat32 {{\[}}[0.5, 0.5]]
// CHECK-NEXT: 1x2xint8 {{\[}}[0, 0]]
// CHECK-NEXT: 1x2xint8 {{\[}}[1, 1]]
func.func @ties() -> (tensor<1x2xf32>, tensor<1x2xsi8>, tensor<1x2xsi8>) {
  %x = sumac.constant #sumac.dense<dense<[[1, 2]]> : tensor<1x2xsi8>> -> tensor<1x2xsi8>
  %q = sumac.decode %x, <si8, scale = <["1/2"]>> : tensor<1x2xsi8> -> tensor<1x2x!sumac.real>
  %c = sumac.constant #sumac.dense<dense<1> : tensor<2x2xsi8>> -> tensor<2x2xsi8>
  %w = sumac.decode %c, <si8, scale = <["1/4", "1/3"]>, shape = [2, 1], block = [1, 0]> : tensor<2x2xsi8> -> tensor<2x2x!sumac.real>
  %b = sumac.constant #sumac.dense<dense<[0.125, 0.0]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %y = sumac.linear %q, %w bias(%b) : (tensor<1x2x!sumac.real>, tensor<2x2x!sumac.real>, tensor<2x!sumac.real>) -> tensor<1x2x!sumac.real>
  %f = sumac.to_float %y : tensor<1x2x!sumac.real> -> tensor<1x2xf32>
  %h = sumac.encode %y, <si8, scale = <["1"]>>, half_even : tensor<1x2x!sumac.real> -> tensor<1x2xsi8>
  %u = sumac.encode %y, <si8, scale = <["1"]>>, half_up : tensor<1x2x!sumac.real> -> tensor<1x2xsi8>
  return %f, %h, %u : tensor<1x2xf32>, tensor<1x2xsi8>, tensor<1x2xsi8>
}

// Inputs joined from branches whose scales differ.
// CHECK-LABEL: @unequal_scales
// CHECK-NEXT: 1x1xfloat32 {{\[}}[0.8333333]]
func.func @unequal_scales() -> tensor<1x1xf32> {
  %x = sumac.constant #sumac.dense<dense<[[1]]> : tensor<1x1xsi8>> -> tensor<1x1xsi8>
  %a = sumac.decode %x, <si8, scale = <["1/2"]>> : tensor<1x1xsi8> -> tensor<1x1x!sumac.real>
  %b = sumac.decode %x, <si8, scale = <["1/3"]>> : tensor<1x1xsi8> -> tensor<1x1x!sumac.real>
  %j = tensor.concat dim(1) %a, %b : (tensor<1x1x!sumac.real>, tensor<1x1x!sumac.real>) -> tensor<1x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<1> : tensor<1x2xsi8>> -> tensor<1x2x!sumac.real>
  %y = sumac.linear %j, %w : (tensor<1x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<1x1x!sumac.real>
  %f = sumac.to_float %y : tensor<1x1x!sumac.real> -> tensor<1x1xf32>
  return %f : tensor<1x1xf32>
}

// Two layers without a quantizer between them, an irrational batch norm in the
// middle: sqrt(2) and sqrt(8) cancel exactly.
// CHECK-LABEL: @irrational_layers
// CHECK-NEXT: 1x1xfloat32 {{\[}}[0]]
// CHECK-NEXT: 1x1xint8 {{\[}}[0]]
func.func @irrational_layers() -> (tensor<1x1xf32>, tensor<1x1xsi8>) {
  %x = sumac.constant #sumac.dense<dense<[[1.0, 1.0]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %n = sumac.batch_norm %x, scale(dense<1.0> : tensor<2xf32>) offset(dense<0.0> : tensor<2xf32>) mean(dense<0.0> : tensor<2xf32>) variance(dense<[2.0, 8.0]> : tensor<2xf32>) epsilon <["0"]> : tensor<1x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, -2.0]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %y = sumac.linear %n, %w : (tensor<1x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<1x1x!sumac.real>
  %f = sumac.to_float %y : tensor<1x1x!sumac.real> -> tensor<1x1xf32>
  %c = sumac.encode %y, <si8, scale = <["0x1p-100"]>>, ceil : tensor<1x1x!sumac.real> -> tensor<1x1xsi8>
  return %f, %c : tensor<1x1xf32>, tensor<1x1xsi8>
}
