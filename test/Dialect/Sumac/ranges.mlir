// RUN: sumac-opt %s -sumac-report -split-input-file -verify-diagnostics -o %t

// encode gives its grid's bounds, reshapes keep the channels.
func.func @encode(%x: tensor<?x2x2xf32>) -> tensor<?x4xui8> {
  // expected-remark @+1 {{bounds [3, 127]; grid #sumac.grid<ui8, min = 3, max = 127, scale = <["0x1p-7"]>, zero_point = <["0x0p+0"]>>; work: 4 multiplications, 4 additions, 8 comparisons}}
  %0 = sumac.encode %x, <ui8, min = 3, max = 127, scale = <["0x1p-7"]>>, half_even : tensor<?x2x2xf32> -> tensor<?x2x2xui8>
  // expected-remark @+1 {{bounds [3, 3] [4, 5]; work: 8 comparisons; stored bits: 16}}
  %1 = sumac.clamp %0 min [0, 4] max [3, 5] : tensor<?x2x2xui8> -> tensor<?x2x2xui8>
  // expected-remark @+1 {{bounds [3, 3] [4, 5] [3, 3] [4, 5]}}
  %2 = tensor.collapse_shape %1 [[0], [1, 2]] : tensor<?x2x2xui8> into tensor<?x4xui8>
  return %2 : tensor<?x4xui8>
}

// -----

// Bounds round down.
func.func @truncate_planes(%x: tensor<?x2xsi8>) -> tensor<?x2xsi8> {
  // expected-remark @+1 {{bounds [-5, -1] [0, 100]; work: 4 comparisons; stored bits: 24}}
  %0 = sumac.clamp %x min [-5, 0] max [-1, 100] : tensor<?x2xsi8> -> tensor<?x2xsi8>
  // expected-remark @+1 {{bounds [-32, -32] [0, 96]}}
  %1 = sumac.truncate_planes %0 keep 3 : tensor<?x2xsi8>
  return %1 : tensor<?x2xsi8>
}

// -----

// One channel each: bounds come from the weights' signs.
func.func @linear(%x: tensor<?x2xui8>) -> tensor<?x2xsi12> {
  // expected-remark @+1 {{bounds [1, 3] [-2, 3]; stored bits: 16}}
  %w = sumac.constant #sumac.uniform<dense<[[1, -2], [3, 3]]> : tensor<2x2xsi8>, bits = 4> -> tensor<2x2xsi4>
  // expected-remark @+1 {{bounds [10, 10] [-10, -10]; stored bits: 16}}
  %b = sumac.constant #sumac.dense<dense<[10, -10]> : tensor<2xsi8>> -> tensor<2xsi8>
  // expected-remark @+1 {{bounds [-500, 265] [-10, 1520]; work: 4 multiply-adds, 2 additions}}
  %a = sumac.linear %x, %w bias(%b) : (tensor<?x2xui8>, tensor<2x2xsi4>, tensor<2xsi8>) -> tensor<?x2xsi12>
  return %a : tensor<?x2xsi12>
}

// -----

// Bounds per feature: 1 * [0, 3] - 2 * [4, 5].
func.func @linear_per_feature(%x: tensor<?x2xui8>) -> tensor<?x1xsi10> {
  // expected-remark @+1 {{bounds [0, 3] [4, 5]}}
  %0 = sumac.clamp %x min [0, 4] max [3, 5] : tensor<?x2xui8> -> tensor<?x2xui8>
  // expected-remark @+1 {{bounds [1, 1] [-2, -2]}}
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  // expected-remark @+1 {{bounds [-10, -5]}}
  %a = sumac.linear %0, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi10>
  return %a : tensor<?x1xsi10>
}

// -----

// Weights of which only the type is known.
func.func @linear_unknown_weights(%x: tensor<?x2xui2>, %w: tensor<3x2xsi2>) -> tensor<?x3xsi10> {
  // expected-remark @+1 {{bounds [-12, 6]}}
  %a = sumac.linear %x, %w : (tensor<?x2xui2>, tensor<3x2xsi2>) -> tensor<?x3xsi10>
  return %a : tensor<?x3xsi10>
}

// -----

// Products of more than 62 bits are added in 128; here the sums cancel.
func.func @linear_wide(%x: tensor<?x2xsi32>) -> tensor<?x1xsi64> {
  // expected-remark @+1 {{bounds [1000000000, 1000000000] [-1000000000, -1000000000]}}
  %w = sumac.constant #sumac.dense<dense<[[1000000000, -1000000000]]> : tensor<1x2xsi32>> -> tensor<1x2xsi32>
  // expected-remark @+1 {{bounds [-4294967295000000000, 4294967295000000000]}}
  %a = sumac.linear %x, %w : (tensor<?x2xsi32>, tensor<1x2xsi32>) -> tensor<?x1xsi64>
  return %a : tensor<?x1xsi64>
}

// -----

// Only codes that the input reaches, in falling channels too.
func.func @threshold(%x: tensor<?x2xui2>) -> tensor<?x2xsi4> {
  // expected-remark @+1 {{bounds [0, 4] [2, 6]; work: 8 comparisons; stored bits: 16}}
  %0 = sumac.threshold %x, dense<[[-5, 1, 2, 9], [1, 1, 4, 5]]> : tensor<2x4xsi16> decreasing [false, true] base -2 step 2 : tensor<?x2xui2> -> tensor<?x2xsi4>
  return %0 : tensor<?x2xsi4>
}

// -----

func.func @threshold_float(%x: tensor<?x2xf32>) -> tensor<?x2xsi2> {
  // expected-remark @+1 {{bounds [-1, 1]}}
  %0 = sumac.threshold %x, dense<0.0> : tensor<1x1xf32> base -1 step 2 : tensor<?x2xf32> -> tensor<?x2xsi2>
  return %0 : tensor<?x2xsi2>
}

// -----

// A negative multiplier turns the bounds around: (-3 * x + 8) >> 1 for x in [0, 7].
func.func @requantize(%x: tensor<?x2xui3>) -> tensor<?x2xsi8> {
  // expected-remark @+1 {{bounds [0, 7] [-7, 4]}}
  %0 = sumac.requantize %x, multiply [1, -3] add [0, 8] shift [0, 1] clamp [-10, 10] : tensor<?x2xui3> -> tensor<?x2xsi8>
  return %0 : tensor<?x2xsi8>
}

// -----

// x / 2 and (8 - 3 x) / 2 to nearest, ties to even.
func.func @requantize_half_even(%x: tensor<?x2xui3>) -> tensor<?x2xsi8> {
  // expected-remark @+1 {{bounds [0, 4] [-6, 4]}}
  %0 = sumac.requantize %x, multiply [1, -3] add [0, 8] shift [1] half_even clamp [-10, 10] : tensor<?x2xui3> -> tensor<?x2xsi8>
  return %0 : tensor<?x2xsi8>
}

// -----

func.func @table(%x: tensor<?x2xsi2>) -> tensor<?x2xsi8> {
  // expected-remark @+1 {{bounds [0, 0] [0, 1]}}
  %0 = sumac.clamp %x min [0] max [0, 1] : tensor<?x2xsi2> -> tensor<?x2xsi2>
  // expected-remark @+1 {{bounds [5, 5] [-3, 5]; work: 2 lookups; stored bits: 32}}
  %1 = sumac.table %0, dense<[[9, 8, 5, -3]]> : tensor<1x4xsi8> first -2 : tensor<?x2xsi2> -> tensor<?x2xsi8>
  return %1 : tensor<?x2xsi8>
}

// -----

func.func @combine(%x: tensor<?x2xui2>, %y: tensor<?x2xsi2>) -> tensor<?x2xsi8> {
  // expected-remark @+1 {{bounds [-1, 14] [-15, 6]; work: 4 multiplications, 4 additions; stored bits: 384}}
  %0 = sumac.combine %x, %y multiply dense<[[3, -3], [-2, 4]]> : tensor<2x2xsi64> add dense<[1, 2]> : tensor<2xsi64> : (tensor<?x2xui2>, tensor<?x2xsi2>) -> tensor<?x2xsi8>
  return %0 : tensor<?x2xsi8>
}

// -----

// The largest of [0, 3] and [2, 2] lies in [2, 3].
func.func @reduce_max(%x: tensor<?x2xui2>) -> (tensor<?x1xui2>, tensor<1x2xui2>, tensor<?xsi64>) {
  // expected-remark @+1 {{bounds [0, 3] [2, 2]}}
  %0 = sumac.clamp %x min [0, 2] max [3, 2] : tensor<?x2xui2> -> tensor<?x2xui2>
  // expected-remark @+1 {{bounds [2, 3]; work: 2 comparisons}}
  %1 = sumac.reduce_max %0 axis 1 : tensor<?x2xui2> -> tensor<?x1xui2>
  // expected-remark @+1 {{bounds [0, 3] [2, 2]}}
  %2 = sumac.reduce_max %0 axis 0 : tensor<?x2xui2> -> tensor<1x2xui2>
  // expected-remark @+1 {{bounds [0, 1]; work: 2 comparisons}}
  %3 = sumac.argmax %0 axis 1 : tensor<?x2xui2> -> tensor<?xsi64>
  return %1, %2, %3 : tensor<?x1xui2>, tensor<1x2xui2>, tensor<?xsi64>
}

// -----

// Moves of elements.
func.func @moves(%x: tensor<3x4xui4>, %y: tensor<3x1xsi8> {sumac.range = array<i64: -3, 300>}) {
  // expected-remark @+1 {{bounds [0, 1] [2, 3] [4, 5] [6, 7]}}
  %0 = sumac.clamp %x min [0, 2, 4, 6] max [1, 3, 5, 7] : tensor<3x4xui4> -> tensor<3x4xsi8>
  // expected-remark @+1 {{bounds [2, 3] [4, 5]}}
  %1 = tensor.extract_slice %0[0, 1] [3, 2] [1, 1] : tensor<3x4xsi8> to tensor<3x2xsi8>
  // expected-remark @+1 {{bounds [0, 7]}}
  %2 = tensor.extract_slice %0[0, 0] [3, 2] [1, 2] : tensor<3x4xsi8> to tensor<3x2xsi8>
  // expected-remark @+1 {{bounds [0, 5] [2, 7]}}
  %3 = tensor.expand_shape %0 [[0], [1, 2]] output_shape [3, 2, 2] : tensor<3x4xsi8> into tensor<3x2x2xsi8>
  // expected-remark @+1 {{bounds [2, 3] [4, 5] [-3, 127]}}
  %4 = tensor.concat dim(1) %1, %y : (tensor<3x2xsi8>, tensor<3x1xsi8>) -> tensor<3x3xsi8>
  // expected-remark @+1 {{bounds [2, 5]}}
  %5 = tensor.concat dim(0) %1, %1 : (tensor<3x2xsi8>, tensor<3x2xsi8>) -> tensor<6x2xsi8>
  // expected-remark @+1 {{bounds [0, 1] [2, 3] [4, 5] [6, 7]}}
  %6 = tensor.cast %0 : tensor<3x4xsi8> to tensor<?x4xsi8>
  // expected-remark @+1 {{bounds [0, 7]}}
  %7 = tensor.cast %0 : tensor<3x4xsi8> to tensor<?x?xsi8>
  // expected-remark @+1 {{bounds [-128, 127]}}
  %e = tensor.empty() : tensor<4x3xsi8>
  // expected-remark @+1 {{bounds [0, 7]}}
  %8 = linalg.transpose ins(%0 : tensor<3x4xsi8>) outs(%e : tensor<4x3xsi8>) permutation = [1, 0]
  return
}

// -----

// decode is on its grid, with the bounds of the codes that it gets.
func.func @grids(%c: tensor<?xui4>, %x: tensor<?x!sumac.real>) {
  // expected-remark @+1 {{grid #sumac.grid<ui4, scale = <["0x1p-3"]>, zero_point = <["0x0p+0"]>>}}
  %0 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> : tensor<?xui4> -> tensor<?x!sumac.real>
  // expected-remark @+1 {{work: 1 multiplications, 2 additions}}
  %1 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> offset <["0x1p+0"]> : tensor<?xui4> -> tensor<?x!sumac.real>
  // expected-remark @+1 {{work: 1 multiplications, 1 additions}}
  %2 = sumac.decode %c, <ui8, scale = <["0x1p-3"]>> : tensor<?xui4> -> tensor<?xf32>
  // expected-remark @+1 {{grid #sumac.grid<si2, bipolar, scale = <["0x1p-3"]>, zero_point = <["0x0p+0"]>>}}
  %3 = sumac.quantize %x, <si2, bipolar, scale = <["0x1p-3"]>>, half_even : tensor<?x!sumac.real>
  return
}
