// Canonicalization changes no value: the reference interpreter gives the same
// before and after, with ties, negative zeros and bounds among the inputs.

// RUN: sumac-interpret %s > %t.before
// RUN: sumac-opt %s -canonicalize -o %t.mlir
// RUN: sumac-interpret %t.mlir > %t.after
// RUN: diff %t.before %t.after
// RUN: FileCheck %s < %t.mlir

// Rounding to the same points, with the zero point before and after rounding.
// CHECK-LABEL: func @quantizers
// CHECK-COUNT-3: sumac.quantize
// CHECK-NOT: sumac.quantize
func.func @quantizers() -> (tensor<8xf64>, tensor<8xf64>) {
  %x = sumac.constant #sumac.dense<dense<[-300.0, -1.25, -0.25, -0.0, 0.25, 0.75, 1.25, 300.0]> : tensor<8xf32>> -> tensor<8x!sumac.real>
  %0 = sumac.encode %x, <si8, scale = <["0x1p-1"]>, zero_point = <["3"]>>, half_even : tensor<8x!sumac.real> -> tensor<8xsi8>
  %1 = sumac.clamp %0 min [-7] max [4] : tensor<8xsi8> -> tensor<8xsi4>
  %2 = sumac.decode %1, <si4, scale = <["0x1p-1"]>, zero_point = <["3"]>> : tensor<8xsi4> -> tensor<8x!sumac.real>
  %3 = sumac.quantize %2, <si8, scale = <["0x1p-1"]>, zero_point = <["3"]>>, floor : tensor<8x!sumac.real>
  %4 = sumac.quantize %x, <si8, scale = <["1/3"]>, zero_point = <["1/7"]>>, half_down zero_point_first : tensor<8x!sumac.real>
  %5 = sumac.quantize %4, <si8, scale = <["1/3"]>, zero_point = <["1/7"]>>, ceil zero_point_first : tensor<8x!sumac.real>
  %6 = sumac.quantize %5, <si2, bipolar, scale = <["1/3"]>, zero_point = <["1/7"]>>, ceil zero_point_first : tensor<8x!sumac.real>
  %7 = sumac.quantize %6, <si2, bipolar, scale = <["1/3"]>, zero_point = <["1/7"]>>, ceil : tensor<8x!sumac.real>
  %8 = sumac.to_float %3 : tensor<8x!sumac.real> -> tensor<8xf64>
  %9 = sumac.to_float %7 : tensor<8x!sumac.real> -> tensor<8xf64>
  return %8, %9 : tensor<8xf64>, tensor<8xf64>
}

// Codes that a decode gives come back, within bounds.
// CHECK-LABEL: func @codes
// CHECK-NOT: sumac.encode
// CHECK: sumac.clamp
// CHECK-NOT: sumac.encode
func.func @codes() -> (tensor<4xui8>, tensor<4xui4>) {
  %c = sumac.constant #sumac.dense<dense<[0, 15, 16, 255]> : tensor<4xui8>> -> tensor<4xui8>
  %0 = sumac.decode %c, <ui8, scale = <["1/3"]>, zero_point = <["5"]>> : tensor<4xui8> -> tensor<4x!sumac.real>
  %1 = sumac.encode %0, <ui8, scale = <["1/3"]>, zero_point = <["5"]>>, floor : tensor<4x!sumac.real> -> tensor<4xui8>
  %2 = sumac.encode %0, <ui4, scale = <["1/3"]>, zero_point = <["5"]>>, up : tensor<4x!sumac.real> -> tensor<4xui4>
  return %1, %2 : tensor<4xui8>, tensor<4xui4>
}

// Relu before and behind a quantizer without negative values.
// CHECK-LABEL: func @relu
// CHECK-NOT: sumac.relu
func.func @relu() -> (tensor<5xf64>, tensor<5xf64>) {
  %x = sumac.constant #sumac.dense<dense<[-2.0, -0.25, 0.25, 0.75, 9.0]> : tensor<5xf32>> -> tensor<5x!sumac.real>
  %0 = sumac.relu %x : tensor<5x!sumac.real>
  %1 = sumac.quantize %0, <ui4, min = 2, scale = <["0x1p-1"]>, zero_point = <["2"]>>, up : tensor<5x!sumac.real>
  %2 = sumac.relu %1 : tensor<5x!sumac.real>
  %3 = sumac.relu %x : tensor<5x!sumac.real>
  %4 = sumac.quantize %3, <ui4, scale = <["0x1p-1"]>, zero_point = <["-1/2"]>>, half_up zero_point_first : tensor<5x!sumac.real>
  %5 = sumac.relu %4 : tensor<5x!sumac.real>
  %6 = sumac.to_float %2 : tensor<5x!sumac.real> -> tensor<5xf64>
  %7 = sumac.to_float %5 : tensor<5x!sumac.real> -> tensor<5xf64>
  return %6, %7 : tensor<5xf64>, tensor<5xf64>
}

// Clips in every order of their bounds.
// CHECK-LABEL: func @clips
// CHECK-COUNT-5: sumac.clip
// CHECK-NOT: sumac.clip
func.func @clips() -> (tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>) {
  %x = sumac.constant #sumac.dense<dense<[-4.0, -1.5, 0.0, 0.5, 2.5, 7.0]> : tensor<6xf32>> -> tensor<6x!sumac.real>
  %0 = sumac.clip %x min <["-2"]> max <["1/3"]> : tensor<6x!sumac.real>
  %1 = sumac.clip %0 min <["-1"]> max <["3"]> : tensor<6x!sumac.real>
  %2 = sumac.clip %x min <["5"]> max <["6"]> : tensor<6x!sumac.real>
  %3 = sumac.clip %2 min <["-1"]> max <["3"]> : tensor<6x!sumac.real>
  %4 = sumac.clip %x min <["5"]> max <["1"]> : tensor<6x!sumac.real>
  %5 = sumac.clip %4 min <["2"]> : tensor<6x!sumac.real>
  %6 = sumac.relu %x : tensor<6x!sumac.real>
  %7 = sumac.clip %6 min <["3"]> max <["-1"]> : tensor<6x!sumac.real>
  %8 = sumac.clip %x max <["2"]> : tensor<6x!sumac.real>
  %9 = sumac.relu %8 : tensor<6x!sumac.real>
  %a = sumac.to_float %1 : tensor<6x!sumac.real> -> tensor<6xf64>
  %b = sumac.to_float %3 : tensor<6x!sumac.real> -> tensor<6xf64>
  %c = sumac.to_float %5 : tensor<6x!sumac.real> -> tensor<6xf64>
  %d = sumac.to_float %7 : tensor<6x!sumac.real> -> tensor<6xf64>
  %e = sumac.to_float %9 : tensor<6x!sumac.real> -> tensor<6xf64>
  return %a, %b, %c, %d, %e : tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>, tensor<6xf64>
}

// CHECK-LABEL: func @argmax
// CHECK-NOT: sumac.softmax
// CHECK-NOT: sumac.tanh
func.func @argmax() -> (tensor<2xsi64>, tensor<2xsi64>) {
  %x = sumac.constant #sumac.dense<dense<[[1.0, 3.0, 2.5], [-1.0, -2.0, -1.5]]> : tensor<2x3xf32>> -> tensor<2x3x!sumac.real>
  %0 = sumac.softmax %x axis 1 : tensor<2x3x!sumac.real>
  %1 = sumac.argmax %0 axis 1 : tensor<2x3x!sumac.real> -> tensor<2xsi64>
  %2 = sumac.tanh %x : tensor<2x3x!sumac.real>
  %3 = sumac.argmax %2 axis 1 select_last : tensor<2x3x!sumac.real> -> tensor<2xsi64>
  return %1, %3 : tensor<2xsi64>, tensor<2xsi64>
}

// CHECK-LABEL: func @integers
// CHECK-COUNT-3: sumac.{{clamp|requantize}}
// CHECK-NOT: sumac.{{clamp|requantize|combine}}
func.func @integers() -> (tensor<2x2xsi8>, tensor<2x2xui4>, tensor<2x2xui4>) {
  %x = sumac.constant #sumac.dense<dense<[[-128, 127], [3, -4]]> : tensor<2x2xsi8>> -> tensor<2x2xsi8>
  %0 = sumac.combine %x multiply dense<1> : tensor<1x2xsi64> add dense<0> : tensor<1xsi64> : (tensor<2x2xsi8>) -> tensor<2x2xsi8>
  %1 = sumac.requantize %0, multiply [1] add [0] shift [0] clamp [-5, 100] : tensor<2x2xsi8> -> tensor<2x2xsi8>
  %2 = sumac.requantize %x, multiply [3, -5] add [1] shift [1] clamp [-3, 9] : tensor<2x2xsi8> -> tensor<2x2xsi8>
  %3 = sumac.clamp %2 min [1] max [15] : tensor<2x2xsi8> -> tensor<2x2xui4>
  %4 = sumac.clamp %x min [-3] max [9, 12] : tensor<2x2xsi8> -> tensor<2x2xsi8>
  %5 = sumac.clamp %4 min [2, 3] max [10] : tensor<2x2xsi8> -> tensor<2x2xui4>
  return %1, %3, %5 : tensor<2x2xsi8>, tensor<2x2xui4>, tensor<2x2xui4>
}
