// RUN: sumac-interpret %s | FileCheck %s

// (x - 1) * 3 / sqrt(4) + 1/2 and (x - 0) * -1 / sqrt(2) per channel.
// CHECK-LABEL: @batch_norm
// CHECK-NEXT: 2x2xfloat32 {{\[}}[2, -1.4142135], [-1, 0.70710677]]
func.func @batch_norm() -> tensor<2x2xf32> {
  %x = sumac.constant #sumac.dense<dense<[[2.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>> -> tensor<2x2x!sumac.real>
  %n = sumac.batch_norm %x, scale(dense<[3.0, -1.0]> : tensor<2xf32>) offset(dense<[0.5, 0.0]> : tensor<2xf32>) mean(dense<[1.0, 0.0]> : tensor<2xf32>) variance(dense<[3.75, 1.75]> : tensor<2xf32>) epsilon <["1/4"]> : tensor<2x2x!sumac.real>
  %y = sumac.to_float %n : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// Behind an irrational square root, 1 / sqrt(2) * x reaches 7/5 * 1/2 only for
// x >= 0.98994949; the quantizer sees it in the last bit.
// CHECK-LABEL: @irrational_threshold
// CHECK-NEXT: 1x2xint8 {{\[}}[0, 1]]
func.func @irrational_threshold() -> tensor<1x2xsi8> {
  %x = sumac.constant #sumac.dense<dense<[[0.70710677, 0.70710683]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %n = sumac.batch_norm %x, scale(dense<1.0> : tensor<2xf32>) offset(dense<0.0> : tensor<2xf32>) mean(dense<0.0> : tensor<2xf32>) variance(dense<2.0> : tensor<2xf32>) epsilon <["0"]> : tensor<1x2x!sumac.real>
  %c = sumac.encode %n, <si8, scale = <["1"]>>, half_up : tensor<1x2x!sumac.real> -> tensor<1x2xsi8>
  return %c : tensor<1x2xsi8>
}

// CHECK-LABEL: @arithmetic
// CHECK-NEXT: 2x2xfloat32 {{\[}}[1.5, 2.25], [3.5, 4.25]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.5, 1.75], [2.5, 3.75]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.5, 0.5], [1.5, 1]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.33333334, 0.6666667], [1, 1.3333334]]
func.func @arithmetic() -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = sumac.constant #sumac.dense<dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>> -> tensor<2x2x!sumac.real>
  %v = sumac.constant #sumac.dense<dense<[0.5, 0.25]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %s = sumac.constant #sumac.dense<dense<3.0> : tensor<f32>> -> tensor<!sumac.real>
  %a = sumac.add %x, %v : tensor<2x2x!sumac.real>, tensor<2x!sumac.real>
  %b = sumac.sub %x, %v : tensor<2x2x!sumac.real>, tensor<2x!sumac.real>
  %c = sumac.mul %v, %x : tensor<2x!sumac.real>, tensor<2x2x!sumac.real>
  %d = sumac.div %x, %s : tensor<2x2x!sumac.real>, tensor<!sumac.real>
  %e = sumac.to_float %a : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  %f = sumac.to_float %b : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  %g = sumac.to_float %c : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  %h = sumac.to_float %d : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  return %e, %f, %g, %h : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: @activations
// CHECK-NEXT: 4xfloat32 [0, 0, 0.5, 3]
// CHECK-NEXT: 4xfloat32 [-0.6666667, -0.16666667, 0.5, 3]
// CHECK-NEXT: 4xfloat32 [-1, -0.5, 0.5, 1]
// CHECK-NEXT: 4xfloat32 [2, 2, 2, 2]
// CHECK-NEXT: 4xfloat32 [0.11920292, 0.37754068, 0.62245935, 0.95257413]
// CHECK-NEXT: 4xfloat32 [-0.9640276, -0.46211717, 0.46211717, 0.9950548]
func.func @activations() -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %x = sumac.constant #sumac.dense<dense<[-2.0, -0.5, 0.5, 3.0]> : tensor<4xf32>> -> tensor<4x!sumac.real>
  %a = sumac.relu %x : tensor<4x!sumac.real>
  %b = sumac.leaky_relu %x alpha <["1/3"]> : tensor<4x!sumac.real>
  %c = sumac.clip %x min <["-1"]> max <["1"]> : tensor<4x!sumac.real>
  %d = sumac.clip %x min <["5"]> max <["2"]> : tensor<4x!sumac.real>
  %e = sumac.sigmoid %x : tensor<4x!sumac.real>
  %f = sumac.tanh %x : tensor<4x!sumac.real>
  %ya = sumac.to_float %a : tensor<4x!sumac.real> -> tensor<4xf32>
  %yb = sumac.to_float %b : tensor<4x!sumac.real> -> tensor<4xf32>
  %yc = sumac.to_float %c : tensor<4x!sumac.real> -> tensor<4xf32>
  %yd = sumac.to_float %d : tensor<4x!sumac.real> -> tensor<4xf32>
  %ye = sumac.to_float %e : tensor<4x!sumac.real> -> tensor<4xf32>
  %yf = sumac.to_float %f : tensor<4x!sumac.real> -> tensor<4xf32>
  return %ya, %yb, %yc, %yd, %ye, %yf : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @power
// CHECK-NEXT: 2xfloat32 [4, 0.25]
// CHECK-NEXT: 2xfloat32 [-8, 0.125]
// CHECK-NEXT: 2xfloat32 [1.4142135, 0.70710677]
// CHECK-NEXT: 2xint8 [2, 2]
func.func @power() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xsi8>) {
  %x = sumac.constant #sumac.dense<dense<[-2.0, 0.5]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %p = sumac.constant #sumac.dense<dense<[2.0, 0.5]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %a = sumac.power %x exponent <["2"]> : tensor<2x!sumac.real>
  %b = sumac.power %x exponent <["3"]> : tensor<2x!sumac.real>
  %c = sumac.power %p exponent <["1/2"]> : tensor<2x!sumac.real>
  %n = sumac.constant #sumac.dense<dense<[6.25, 6.25]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %t = sumac.power %n exponent <["1/2"]> : tensor<2x!sumac.real>
  %q = sumac.encode %t, <si8, scale = <["1"]>>, half_even : tensor<2x!sumac.real> -> tensor<2xsi8>
  %ya = sumac.to_float %a : tensor<2x!sumac.real> -> tensor<2xf32>
  %yb = sumac.to_float %b : tensor<2x!sumac.real> -> tensor<2xf32>
  %yc = sumac.to_float %c : tensor<2x!sumac.real> -> tensor<2xf32>
  return %ya, %yb, %yc, %q : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xsi8>
}

// >= counts a threshold that is met exactly; thresholds need not be sorted.
// CHECK-LABEL: @multi_threshold
// CHECK-NEXT: 2x2xfloat32 {{\[}}[-1, -0.5], [0.5, -0.5]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0, 1], [3, 2]]
func.func @multi_threshold() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = sumac.constant #sumac.dense<dense<[[0.0, 1.0], [5.0, 2.5]]> : tensor<2x2xf32>> -> tensor<2x2x!sumac.real>
  %a = sumac.multi_threshold %x, dense<[[1.0, 0.5, 5.0], [1.0, 3.0, 4.0]]> : tensor<2x3xf32> scale <["1/2"]> offset <["-1"]> : tensor<2x2x!sumac.real>
  %b = sumac.multi_threshold %x, dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32> scale <["1"]> offset <["0"]> : tensor<2x2x!sumac.real>
  %y = sumac.to_float %a : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  %z = sumac.to_float %b : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
}

// An infinite float is a number beyond all bounds; NaN counts as minus infinity.
// CHECK-LABEL: @infinities
// CHECK-NEXT: 3xint8 [127, -128, -128]
// CHECK-NEXT: 3xfloat32 [inf, 0, 0]
// CHECK-NEXT: 3xfloat32 [1, 0, 0]
// CHECK-NEXT: 3xfloat32 [5, -5, -5]
// CHECK-NEXT: 3xfloat32 [nan, nan, nan]
func.func @infinities() -> (tensor<3xsi8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %x = arith.constant dense<[0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<3xf32>
  %r = sumac.from_float %x : tensor<3xf32> -> tensor<3x!sumac.real>
  %c = sumac.constant #sumac.dense<dense<2.5> : tensor<3xf32>> -> tensor<3x!sumac.real>
  %m = sumac.mul %r, %c : tensor<3x!sumac.real>, tensor<3x!sumac.real>
  %a = sumac.add %m, %c : tensor<3x!sumac.real>, tensor<3x!sumac.real>
  %q = sumac.encode %a, <si8, scale = <["1"]>>, half_even : tensor<3x!sumac.real> -> tensor<3xsi8>
  %relu = sumac.relu %a : tensor<3x!sumac.real>
  %s = sumac.sigmoid %a : tensor<3x!sumac.real>
  %p = sumac.clip %a min <["-5"]> max <["5"]> : tensor<3x!sumac.real>
  %u = sumac.sub %r, %r : tensor<3x!sumac.real>, tensor<3x!sumac.real>
  %y = sumac.to_float %relu : tensor<3x!sumac.real> -> tensor<3xf32>
  %z = sumac.to_float %s : tensor<3x!sumac.real> -> tensor<3xf32>
  %v = sumac.to_float %p : tensor<3x!sumac.real> -> tensor<3xf32>
  %w = sumac.to_float %u : tensor<3x!sumac.real> -> tensor<3xf32>
  return %q, %y, %z, %v, %w : tensor<3xsi8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}
