// RUN: sumac-interpret %s | FileCheck %s

// ONNX adds the zero point after rounding, QONNX before.
// CHECK-LABEL: @zero_point_order
// CHECK-NEXT: 3xint8 [1, 3, 1]
// CHECK-NEXT: 3xint8 [2, 2, 0]
func.func @zero_point_order() -> (tensor<3xsi8>, tensor<3xsi8>) {
  %x = arith.constant dense<[0.5, 1.5, -0.5]> : tensor<3xf32>
  %a = sumac.encode %x, <si8, scale = <["0x1p+0"]>, zero_point = <["0x1p+0"]>>, half_even : tensor<3xf32> -> tensor<3xsi8>
  %b = sumac.encode %x, <si8, scale = <["0x1p+0"]>, zero_point = <["0x1p+0"]>>, half_even zero_point_first : tensor<3xf32> -> tensor<3xsi8>
  return %a, %b : tensor<3xsi8>, tensor<3xsi8>
}

// A zero point that is added first may have a fraction.
// CHECK-LABEL: @fractional_zero_point
// CHECK-NEXT: 4xint8 [0, 1, 2, -1]
// CHECK-NEXT: 4xfloat32 [-0.5, 0.5, 1.5, -1.5]
// CHECK-NEXT: 4xfloat32 [-0.5, 0.5, 1.5, -1.5]
func.func @fractional_zero_point() -> (tensor<4xsi8>, tensor<4xf32>, tensor<4xf32>) {
  %x = arith.constant dense<[-0.25, 0.25, 1.25, -1.25]> : tensor<4xf32>
  %r = sumac.from_float %x : tensor<4xf32> -> tensor<4x!sumac.real>
  %c = sumac.encode %r, <si8, scale = <["0x1p+0"]>, zero_point = <["0x1p-1"]>>, half_even zero_point_first : tensor<4x!sumac.real> -> tensor<4xsi8>
  %d = sumac.decode %c, <si8, scale = <["0x1p+0"]>, zero_point = <["0x1p-1"]>> : tensor<4xsi8> -> tensor<4xf32>
  %q = sumac.quantize %r, <si8, scale = <["0x1p+0"]>, zero_point = <["0x1p-1"]>>, half_even zero_point_first : tensor<4x!sumac.real>
  %f = sumac.to_float %q : tensor<4x!sumac.real> -> tensor<4xf32>
  return %c, %d, %f : tensor<4xsi8>, tensor<4xf32>, tensor<4xf32>
}

// Clip [0, 127] of int8 is unsigned 7 bit; unsigned narrow trims the top; both
// ends saturate, infinities too, and NaN is minus infinity.
// CHECK-LABEL: @bounds
// CHECK-NEXT: 6xint8 [0, 0, 64, 127, 127, 0]
// CHECK-NEXT: 6xuint8 [0, 0, 64, 200, 254, 0]
// CHECK-NEXT: 6xint8 [-7, -7, 7, 7, 7, -7]
func.func @bounds() -> (tensor<6xsi8>, tensor<6xui8>, tensor<6xsi4>) {
  %x = arith.constant dense<[0xFF800000, -300.0, 64.0, 200.0, 0x7F800000, 0x7FC00000]> : tensor<6xf32>
  %a = sumac.encode %x, <si8, min = 0, max = 127, scale = <["0x1p+0"]>>, half_even : tensor<6xf32> -> tensor<6xsi8>
  %b = sumac.encode %x, <ui8, max = 254, scale = <["0x1p+0"]>>, half_even : tensor<6xf32> -> tensor<6xui8>
  %r = sumac.from_float %x : tensor<6xf32> -> tensor<6x!sumac.real>
  %c = sumac.encode %r, <si4, min = -7, scale = <["0x1p+0"]>>, half_even : tensor<6x!sumac.real> -> tensor<6xsi4>
  return %a, %b, %c : tensor<6xsi8>, tensor<6xui8>, tensor<6xsi4>
}

// A bipolar quantizer ignores the rounding mode; 0 maps to +1.
// CHECK-LABEL: @bipolar
// CHECK-NEXT: 5xint8 [1, 1, 1, -1, -1]
// CHECK-NEXT: 5xfloat32 [0.5, 0.5, 0.5, -0.5, -0.5]
func.func @bipolar() -> (tensor<5xsi2>, tensor<5xf32>) {
  %x = arith.constant dense<[3.0, 0.0, -0.0, -1.0e-38, 0x7FC00000]> : tensor<5xf32>
  %a = sumac.encode %x, <si2, bipolar, scale = <["0x1p-1"]>>, floor : tensor<5xf32> -> tensor<5xsi2>
  %y = sumac.decode %a, <si2, bipolar, scale = <["0x1p-1"]>> : tensor<5xsi2> -> tensor<5xf32>
  return %a, %y : tensor<5xsi2>, tensor<5xf32>
}

// x / scale is exact: float32's 0.1 lies above 1/10, the tie 0.05 / 0.1 is none.
// CHECK-LABEL: @inexact_scale
// CHECK-NEXT: 4xint8 [1, 0, 1, 2]
// CHECK-NEXT: 4xint8 [0, 0, 1, 2]
func.func @inexact_scale() -> (tensor<4xsi8>, tensor<4xsi8>) {
  %x = arith.constant dense<[0.05, 0.049, 0.1, 0.15]> : tensor<4xf32>
  %a = sumac.encode %x, <si8, scale = <["1/10"]>>, half_even : tensor<4xf32> -> tensor<4xsi8>
  %b = sumac.encode %x, <si8, scale = <["0x1.99999ap-4"]>>, half_even : tensor<4xf32> -> tensor<4xsi8>
  return %a, %b : tensor<4xsi8>, tensor<4xsi8>
}

// Irrational scales decide exactly too: 3 / sqrt(2) = 2.12, sqrt(2)/2 * sqrt(2) = 1.
// CHECK-LABEL: @irrational_scale
// CHECK-NEXT: 3xint8 [2, 1, -4]
// CHECK-NEXT: 3xfloat32 [2.828427, 1.4142135, -5.656854]
func.func @irrational_scale() -> (tensor<3xsi8>, tensor<3xf32>) {
  %x = arith.constant dense<[3.0, 1.0, -5.0]> : tensor<3xf32>
  %a = sumac.encode %x, <si8, scale = <["sqrt(2)"]>>, half_even : tensor<3xf32> -> tensor<3xsi8>
  %y = sumac.decode %a, <si8, scale = <["sqrt(2)"]>> : tensor<3xsi8> -> tensor<3xf32>
  return %a, %y : tensor<3xsi8>, tensor<3xf32>
}

// A scale and zero point per channel, and per block of two elements.
// CHECK-LABEL: @scales
// CHECK-NEXT: 2x3xint8 {{\[}}[8, 5, 2], [-8, -3, -2]]
// CHECK-NEXT: 2x4xfloat32 {{\[}}[1, 2, 6, 8], [15, 18, 49, 56]]
func.func @scales() -> (tensor<2x3xsi8>, tensor<2x4xf32>) {
  %x = arith.constant dense<[[8.0, 8.0, 8.0], [-8.0, -8.0, -8.0]]> : tensor<2x3xf32>
  %a = sumac.encode %x, <si8, scale = <["1", "2", "4"]>, zero_point = <["0", "1", "0"]>, shape = [3], block = [1]>, half_even : tensor<2x3xf32> -> tensor<2x3xsi8>
  %c = sumac.constant #sumac.dense<dense<[[1, 2, 3, 4], [5, 6, 7, 8]]> : tensor<2x4xsi8>> -> tensor<2x4xsi8>
  %y = sumac.decode %c, <si8, scale = <["1", "2", "3", "7"]>, shape = [2, 2], block = [1, 2]> : tensor<2x4xsi8> -> tensor<2x4xf32>
  return %a, %y : tensor<2x3xsi8>, tensor<2x4xf32>
}

// value = (code - zero point) * scale + offset, rounded once.
// CHECK-LABEL: @decode_offset
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.5, 1.5], [1.5, 3.5]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[-0.6666667, -0.33333334], [0, 0.33333334]]
func.func @decode_offset() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %c = sumac.constant #sumac.dense<dense<[[1, 2], [3, 4]]> : tensor<2x2xsi8>> -> tensor<2x2xsi8>
  %y = sumac.decode %c, <si8, scale = <["1/2", "1"]>, shape = [2], block = [1]> offset <["0", "-1/2"]> : tensor<2x2xsi8> -> tensor<2x2xf32>
  %z = sumac.decode %c, <si8, scale = <["1/3"]>, zero_point = <["2"]>> offset <["-1/3"]> : tensor<2x2xsi8> -> tensor<2x2xf32>
  return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
}

// One rounding, to nearest even, in every float type; overflow and underflow.
// 2^24 + 1 is a tie of float32; 2049 of f16, 257 of bf16.
// CHECK-LABEL: @to_float
// CHECK-NEXT: 3xfloat32 [16777216, 16777220, 16777216]
// CHECK-NEXT: 3xfloat16 [inf, inf, inf]
// CHECK-NEXT: 4xfloat16 [2048, 2052, 65504, inf]
// CHECK-NEXT: 4xbfloat16 [256, 260, 65536, 65536]
// CHECK-NEXT: 3xfloat64 [16777217, 16777219, 16777216.333333332]
func.func @to_float() -> (tensor<3xf32>, tensor<3xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<3xf64>) {
  %c = sumac.constant #sumac.dense<dense<[50331651, 50331657, 50331649]> : tensor<3xsi32>> -> tensor<3xsi32>
  %r = sumac.decode %c, <si32, scale = <["1/3"]>> : tensor<3xsi32> -> tensor<3x!sumac.real>
  %a = sumac.to_float %r : tensor<3x!sumac.real> -> tensor<3xf32>
  %b = sumac.to_float %r : tensor<3x!sumac.real> -> tensor<3xf16>
  %d = sumac.constant #sumac.dense<dense<[2049, 2051, 65519, 65520]> : tensor<4xsi32>> -> tensor<4x!sumac.real>
  %e = sumac.to_float %d : tensor<4x!sumac.real> -> tensor<4xf16>
  %s = sumac.constant #sumac.dense<dense<[257, 259, 65520, 65521]> : tensor<4xsi32>> -> tensor<4x!sumac.real>
  %f = sumac.to_float %s : tensor<4x!sumac.real> -> tensor<4xbf16>
  %g = sumac.to_float %r : tensor<3x!sumac.real> -> tensor<3xf64>
  return %a, %b, %e, %f, %g : tensor<3xf32>, tensor<3xf16>, tensor<4xf16>, tensor<4xbf16>, tensor<3xf64>
}

// Halfway between two float32 but for 2^-70: rounding twice would go wrong.
// CHECK-LABEL: @rounds_once
// CHECK-NEXT: 2xfloat32 [16777218, 16777216]
func.func @rounds_once() -> tensor<2xf32> {
  %c = sumac.constant #sumac.dense<dense<[1.0, -1.0]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %t = sumac.constant #sumac.dense<dense<8.4703295e-22> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %h = sumac.constant #sumac.dense<dense<16777217> : tensor<2xsi32>> -> tensor<2x!sumac.real>
  %p = sumac.mul %c, %t : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  %s = sumac.add %h, %p : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  %y = sumac.to_float %s : tensor<2x!sumac.real> -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// Constants of all codings, at both levels.
// CHECK-LABEL: @constants
// CHECK-NEXT: 2x2xint8 {{\[}}[1, -8], [7, 0]]
// CHECK-NEXT: 2x2xint8 {{\[}}[1, -1], [-1, 1]]
// CHECK-NEXT: 2xfloat32 [0.1, -3]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[1, -8], [7, 0]]
func.func @constants() -> (tensor<2x2xsi4>, tensor<2x2xsi2>, tensor<2xf32>, tensor<2x2xf32>) {
  %u = sumac.constant #sumac.uniform<dense<[[1, -8], [7, 0]]> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2xsi4>
  %b = sumac.constant #sumac.bipolar<dense<[[1, -1], [-1, 1]]> : tensor<2x2xsi8>> -> tensor<2x2xsi2>
  %d = sumac.constant #sumac.dense<dense<[0.1, -3.0]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %r = sumac.constant #sumac.uniform<dense<[[1, -8], [7, 0]]> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2x!sumac.real>
  %f = sumac.to_float %d : tensor<2x!sumac.real> -> tensor<2xf32>
  %g = sumac.to_float %r : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  return %u, %b, %f, %g : tensor<2x2xsi4>, tensor<2x2xsi2>, tensor<2xf32>, tensor<2x2xf32>
}
