// RUN: sumac-opt %s -canonicalize -split-input-file | FileCheck %s

//===----------------------------------------------------------------------===//
// from_float, to_float
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @float_round_trip
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>)
func.func @float_round_trip(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = sumac.from_float %x : tensor<?xf32> -> tensor<?x!sumac.real>
  %1 = sumac.to_float %0 : tensor<?x!sumac.real> -> tensor<?xf32>
  // CHECK: return %[[X]]
  return %1 : tensor<?xf32>
}

// Rounding to another type is a rounding.
// CHECK-LABEL: func @float_other_type
func.func @float_other_type(%x: tensor<?xf32>) -> tensor<?xf16> {
  %0 = sumac.from_float %x : tensor<?xf32> -> tensor<?x!sumac.real>
  // CHECK: sumac.to_float
  %1 = sumac.to_float %0 : tensor<?x!sumac.real> -> tensor<?xf16>
  return %1 : tensor<?xf16>
}

// So is the way from reals to floats and back.
// CHECK-LABEL: func @real_round_trip
func.func @real_round_trip(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: sumac.to_float
  // CHECK: sumac.from_float
  %0 = sumac.to_float %x : tensor<?x!sumac.real> -> tensor<?xf32>
  %1 = sumac.from_float %0 : tensor<?xf32> -> tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @from_float_constant
func.func @from_float_constant() -> tensor<2x!sumac.real> {
  %0 = arith.constant dense<[1.5, 0.1]> : tensor<2xf32>
  // CHECK: sumac.constant #sumac.dense<dense<[1.500000e+00, 1.000000e-01]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %1 = sumac.from_float %0 : tensor<2xf32> -> tensor<2x!sumac.real>
  return %1 : tensor<2x!sumac.real>
}

// A NaN is no real number.
// CHECK-LABEL: func @from_float_nan
func.func @from_float_nan() -> tensor<2x!sumac.real> {
  %0 = arith.constant dense<[1.5, 0x7FC00000]> : tensor<2xf32>
  // CHECK: sumac.from_float
  %1 = sumac.from_float %0 : tensor<2xf32> -> tensor<2x!sumac.real>
  return %1 : tensor<2x!sumac.real>
}

//===----------------------------------------------------------------------===//
// encode, decode, quantize
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @decode_of_encode
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @decode_of_encode(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.encode %x, <ui8, max = 200, scale = <["0x1p-3"]>, zero_point = <["0x1p+1"]>>, floor zero_point_first : tensor<?x!sumac.real> -> tensor<?xui8>
  %1 = sumac.decode %0, <ui8, scale = <["0x1p-3"]>, zero_point = <["0x1p+1"]>> : tensor<?xui8> -> tensor<?x!sumac.real>
  // CHECK: %[[Q:.*]] = sumac.quantize %[[X]], <ui8, max = 200, scale = <["0x1p-3"]>, zero_point = <["0x1p+1"]>>, floor zero_point_first
  // CHECK: return %[[Q]]
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @decode_of_encode_other_scale
func.func @decode_of_encode_other_scale(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: sumac.encode
  %0 = sumac.encode %x, <ui8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real> -> tensor<?xui8>
  // CHECK: sumac.decode
  %1 = sumac.decode %0, <ui8, scale = <["0x1p-4"]>> : tensor<?xui8> -> tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// A clip of the codes between (QCDQ) narrows the grid.
// CHECK-LABEL: func @qcdq
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @qcdq(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.encode %x, <si8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real> -> tensor<?xsi8>
  %1 = sumac.clamp %0 min [-7] max [7] : tensor<?xsi8> -> tensor<?xsi8>
  %2 = sumac.decode %1, <si8, scale = <["0x1p-3"]>> : tensor<?xsi8> -> tensor<?x!sumac.real>
  // CHECK: %[[Q:.*]] = sumac.quantize %[[X]], <si8, min = -7, max = 7, scale = <["0x1p-3"]>, zero_point = <["0x0p+0"]>>, half_even
  // CHECK: return %[[Q]]
  return %2 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @encode_of_decode
// CHECK-SAME: (%[[C:.*]]: tensor<?xui8>)
func.func @encode_of_decode(%c: tensor<?xui8>) -> tensor<?xui8> {
  %0 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> : tensor<?xui8> -> tensor<?x!sumac.real>
  %1 = sumac.encode %0, <ui8, scale = <["0x1p-3"]>>, ceil : tensor<?x!sumac.real> -> tensor<?xui8>
  // CHECK: return %[[C]]
  return %1 : tensor<?xui8>
}

// CHECK-LABEL: func @encode_of_decode_bounds
// CHECK-SAME: (%[[C:.*]]: tensor<?xui8>)
func.func @encode_of_decode_bounds(%c: tensor<?xui8>) -> tensor<?xui4> {
  %0 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> : tensor<?xui8> -> tensor<?x!sumac.real>
  // CHECK: sumac.clamp %[[C]] min [0] max [15] : tensor<?xui8> -> tensor<?xui4>
  %1 = sumac.encode %0, <ui4, scale = <["0x1p-3"]>>, ceil : tensor<?x!sumac.real> -> tensor<?xui4>
  return %1 : tensor<?xui4>
}

// A decode to float has rounded.
// CHECK-LABEL: func @encode_of_float_decode
func.func @encode_of_float_decode(%c: tensor<?xui8>) -> tensor<?xui8> {
  // CHECK: sumac.decode
  %0 = sumac.decode %c, <ui8, scale = <["1/3"]>> : tensor<?xui8> -> tensor<?xf32>
  // CHECK: sumac.encode
  %1 = sumac.encode %0, <ui8, scale = <["1/3"]>>, ceil : tensor<?xf32> -> tensor<?xui8>
  return %1 : tensor<?xui8>
}

// CHECK-LABEL: func @quantize_twice
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @quantize_twice(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: %[[Q:.*]] = sumac.quantize %[[X]], <ui4, {{.*}}>, half_even
  %0 = sumac.quantize %x, <ui4, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  %1 = sumac.quantize %0, <ui8, scale = <["0x1p-3"]>>, floor : tensor<?x!sumac.real>
  // CHECK: return %[[Q]]
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @quantize_narrower
func.func @quantize_narrower(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK-COUNT-2: sumac.quantize
  %0 = sumac.quantize %x, <ui8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  %1 = sumac.quantize %0, <ui4, scale = <["0x1p-3"]>>, floor : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @quantize_bipolar_twice
func.func @quantize_bipolar_twice(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK-COUNT-1: sumac.quantize
  // CHECK-NOT: sumac.quantize
  %0 = sumac.quantize %x, <si2, bipolar, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  %1 = sumac.quantize %0, <si2, bipolar, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// The zero of a ternary grid is no bipolar value.
// CHECK-LABEL: func @quantize_ternary_to_bipolar
func.func @quantize_ternary_to_bipolar(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK-COUNT-2: sumac.quantize
  %0 = sumac.quantize %x, <si2, min = -1, max = 1, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  %1 = sumac.quantize %0, <si2, bipolar, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// A constant on the grid: decode knows the codes' range.
// CHECK-LABEL: func @quantize_decoded
func.func @quantize_decoded(%c: tensor<?xui4>) -> tensor<?x!sumac.real> {
  // CHECK: %[[D:.*]] = sumac.decode
  %0 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> : tensor<?xui4> -> tensor<?x!sumac.real>
  %1 = sumac.quantize %0, <ui8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  // CHECK: return %[[D]]
  return %1 : tensor<?x!sumac.real>
}

//===----------------------------------------------------------------------===//
// relu, clip
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @relu_twice
func.func @relu_twice(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: %[[R:.*]] = sumac.relu
  %0 = sumac.relu %x : tensor<?x!sumac.real>
  %1 = sumac.relu %0 : tensor<?x!sumac.real>
  // CHECK: return %[[R]]
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @relu_of_unsigned
func.func @relu_of_unsigned(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: %[[Q:.*]] = sumac.quantize
  %0 = sumac.quantize %x, <ui8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  %1 = sumac.relu %0 : tensor<?x!sumac.real>
  // CHECK: return %[[Q]]
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @relu_of_zero_point
func.func @relu_of_zero_point(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: sumac.quantize
  %0 = sumac.quantize %x, <ui8, scale = <["0x1p-3"]>, zero_point = <["0x1p+0"]>>, half_even : tensor<?x!sumac.real>
  // CHECK: sumac.relu
  %1 = sumac.relu %0 : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @quantize_of_relu
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @quantize_of_relu(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.relu %x : tensor<?x!sumac.real>
  // CHECK: sumac.quantize %[[X]]
  %1 = sumac.quantize %0, <ui8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @quantize_of_relu_signed
func.func @quantize_of_relu_signed(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: %[[R:.*]] = sumac.relu
  %0 = sumac.relu %x : tensor<?x!sumac.real>
  // CHECK: sumac.quantize %[[R]]
  %1 = sumac.quantize %0, <si8, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @clip_merge
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @clip_merge(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.clip %x min <["-2"]> max <["1/3"]> : tensor<?x!sumac.real>
  // CHECK: %[[C:.*]] = sumac.clip %[[X]] min <["-0x1p+0"]> max <["1/3"]>
  %1 = sumac.clip %0 min <["-1"]> max <["3"]> : tensor<?x!sumac.real>
  // CHECK: return %[[C]]
  return %1 : tensor<?x!sumac.real>
}

// Disjoint bounds leave one value.
// CHECK-LABEL: func @clip_disjoint
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @clip_disjoint(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.clip %x min <["5"]> max <["6"]> : tensor<?x!sumac.real>
  // CHECK: sumac.clip %[[X]] min <["0x1.8p+1"]> max <["0x1.8p+1"]>
  %1 = sumac.clip %0 min <["-1"]> max <["3"]> : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// The inner clip is always 1, its max; the outer always 2.
// CHECK-LABEL: func @clip_inverted
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @clip_inverted(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.clip %x min <["5"]> max <["1"]> : tensor<?x!sumac.real>
  // CHECK: sumac.clip %[[X]] min <["0x1p+1"]> max <["0x1p+1"]>
  %1 = sumac.clip %0 min <["2"]> : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @clip_of_relu
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @clip_of_relu(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.relu %x : tensor<?x!sumac.real>
  // CHECK: sumac.clip %[[X]] min <["0x0p+0"]> max <["0x1.8p+2"]>
  %1 = sumac.clip %0 max <["6"]> : tensor<?x!sumac.real>
  return %1 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @clip_to_relu
func.func @clip_to_relu(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  // CHECK: sumac.relu
  %0 = sumac.clip %x min <["0"]> : tensor<?x!sumac.real>
  return %0 : tensor<?x!sumac.real>
}

// CHECK-LABEL: func @clip_without_bounds
// CHECK-SAME: (%[[X:.*]]: tensor<?x!sumac.real>)
func.func @clip_without_bounds(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %0 = sumac.clip %x : tensor<?x!sumac.real>
  // CHECK: return %[[X]]
  return %0 : tensor<?x!sumac.real>
}

//===----------------------------------------------------------------------===//
// add, sub, mul, div
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @neutral
// CHECK-SAME: (%[[X:.*]]: tensor<?x2x!sumac.real>)
func.func @neutral(%x: tensor<?x2x!sumac.real>) -> tensor<?x2x!sumac.real> {
  %zero = sumac.constant #sumac.dense<dense<[0.0, -0.0]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %one = sumac.constant #sumac.dense<dense<1> : tensor<1xsi8>> -> tensor<1x!sumac.real>
  %0 = sumac.add %x, %zero : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  %1 = sumac.add %zero, %0 : tensor<2x!sumac.real>, tensor<?x2x!sumac.real>
  %2 = sumac.sub %1, %zero : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  %3 = sumac.mul %2, %one : tensor<?x2x!sumac.real>, tensor<1x!sumac.real>
  %4 = sumac.mul %one, %3 : tensor<1x!sumac.real>, tensor<?x2x!sumac.real>
  %5 = sumac.div %4, %one : tensor<?x2x!sumac.real>, tensor<1x!sumac.real>
  // CHECK: return %[[X]]
  return %5 : tensor<?x2x!sumac.real>
}

// Broadcasting changes the type.
// CHECK-LABEL: func @neutral_broadcast
func.func @neutral_broadcast(%x: tensor<1x!sumac.real>) -> tensor<2x!sumac.real> {
  %zero = sumac.constant #sumac.dense<dense<0.0> : tensor<2xf32>> -> tensor<2x!sumac.real>
  // CHECK: sumac.add
  %0 = sumac.add %x, %zero : tensor<1x!sumac.real>, tensor<2x!sumac.real>
  return %0 : tensor<2x!sumac.real>
}

// CHECK-LABEL: func @not_neutral
func.func @not_neutral(%x: tensor<2x!sumac.real>) -> tensor<2x!sumac.real> {
  %c = sumac.constant #sumac.dense<dense<[1.0, 1.0000001]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  // CHECK: sumac.mul
  %0 = sumac.mul %x, %c : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  return %0 : tensor<2x!sumac.real>
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @argmax_of_softmax
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x!sumac.real>)
func.func @argmax_of_softmax(%x: tensor<?x4x!sumac.real>) -> tensor<?xsi64> {
  %0 = sumac.softmax %x axis 1 : tensor<?x4x!sumac.real>
  // CHECK: sumac.argmax %[[X]] axis 1
  %1 = sumac.argmax %0 axis 1 : tensor<?x4x!sumac.real> -> tensor<?xsi64>
  return %1 : tensor<?xsi64>
}

// CHECK-LABEL: func @argmax_of_softmax_other_axis
func.func @argmax_of_softmax_other_axis(%x: tensor<?x4x!sumac.real>) -> tensor<?xsi64> {
  // CHECK: sumac.softmax
  %0 = sumac.softmax %x axis 0 : tensor<?x4x!sumac.real>
  %1 = sumac.argmax %0 axis 1 : tensor<?x4x!sumac.real> -> tensor<?xsi64>
  return %1 : tensor<?xsi64>
}

// CHECK-LABEL: func @reduce_max_single
// CHECK-SAME: (%[[X:.*]]: tensor<?x1xsi8>)
func.func @reduce_max_single(%x: tensor<?x1xsi8>) -> tensor<?x1xsi8> {
  %0 = sumac.reduce_max %x axis 1 : tensor<?x1xsi8> -> tensor<?x1xsi8>
  // CHECK: return %[[X]]
  return %0 : tensor<?x1xsi8>
}

//===----------------------------------------------------------------------===//
// requantize, clamp, combine
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @requantize_identity
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xsi8>)
func.func @requantize_identity(%x: tensor<?x2xsi8>) -> tensor<?x2xsi8> {
  %0 = sumac.requantize %x, multiply [1] add [0, 0] shift [0] clamp [-128, 127] : tensor<?x2xsi8> -> tensor<?x2xsi8>
  // CHECK: return %[[X]]
  return %0 : tensor<?x2xsi8>
}

// CHECK-LABEL: func @requantize_to_clamp
func.func @requantize_to_clamp(%x: tensor<?x2xsi8>) -> tensor<?x2xui4> {
  // CHECK: sumac.clamp %{{.*}} min [0] max [15] : tensor<?x2xsi8> -> tensor<?x2xui4>
  %0 = sumac.requantize %x, multiply [1] add [0] shift [0] clamp [0, 15] : tensor<?x2xsi8> -> tensor<?x2xui4>
  return %0 : tensor<?x2xui4>
}

// CHECK-LABEL: func @clamp_of_requantize
func.func @clamp_of_requantize(%x: tensor<?x2xsi8>) -> tensor<?x2xui4> {
  // CHECK: sumac.requantize %{{.*}}, multiply [3] add [0] shift [1] clamp[1, 9] : tensor<?x2xsi8> -> tensor<?x2xui4>
  // CHECK-NOT: sumac.clamp
  %0 = sumac.requantize %x, multiply [3] add [0] shift [1] clamp [-3, 9] : tensor<?x2xsi8> -> tensor<?x2xsi8>
  %1 = sumac.clamp %0 min [1] max [15] : tensor<?x2xsi8> -> tensor<?x2xui4>
  return %1 : tensor<?x2xui4>
}

// CHECK-LABEL: func @clamp_twice
func.func @clamp_twice(%x: tensor<?x2xsi8>) -> tensor<?x2xui4> {
  // CHECK: sumac.clamp %{{.*}} min [2, 3] max [9, 9] : tensor<?x2xsi8> -> tensor<?x2xui4>
  // CHECK-NOT: sumac.clamp
  %0 = sumac.clamp %x min [-3] max [9] : tensor<?x2xsi8> -> tensor<?x2xsi8>
  %1 = sumac.clamp %0 min [2, 3] max [15] : tensor<?x2xsi8> -> tensor<?x2xui4>
  return %1 : tensor<?x2xui4>
}

// CHECK-LABEL: func @clamp_identity
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xsi8>)
func.func @clamp_identity(%x: tensor<?x2xsi8>) -> tensor<?x2xsi8> {
  %0 = sumac.clamp %x min [-128, -128] max [127] : tensor<?x2xsi8> -> tensor<?x2xsi8>
  // CHECK: return %[[X]]
  return %0 : tensor<?x2xsi8>
}

// CHECK-LABEL: func @combine_identity
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xsi8>)
func.func @combine_identity(%x: tensor<?x2xsi8>) -> tensor<?x2xsi8> {
  %0 = sumac.combine %x multiply dense<1> : tensor<1x2xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi8>) -> tensor<?x2xsi8>
  // CHECK: return %[[X]]
  return %0 : tensor<?x2xsi8>
}

// Keeping more planes than there are, or than were kept, changes nothing.
// CHECK-LABEL: func @truncate_planes
// CHECK-SAME: (%[[X:.*]]: tensor<?x2xsi8>)
func.func @truncate_planes(%x: tensor<?x2xsi8>) -> (tensor<?x2xsi8>, tensor<?x2xsi8>, tensor<?x2xsi8>) {
  // CHECK: %[[THREE:.*]] = sumac.truncate_planes %[[X]] keep 3 : tensor<?x2xsi8>
  // CHECK: %[[TWO:.*]] = sumac.truncate_planes %[[X]] keep 2 : tensor<?x2xsi8>
  // CHECK: return %[[X]], %[[THREE]], %[[TWO]]
  %0 = sumac.truncate_planes %x keep 8 : tensor<?x2xsi8>
  %1 = sumac.truncate_planes %x keep 3 : tensor<?x2xsi8>
  %2 = sumac.truncate_planes %1 keep 3 : tensor<?x2xsi8>
  %3 = sumac.truncate_planes %1 keep 2 : tensor<?x2xsi8>
  return %0, %2, %3 : tensor<?x2xsi8>, tensor<?x2xsi8>, tensor<?x2xsi8>
}
