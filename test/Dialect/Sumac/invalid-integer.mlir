// RUN: sumac-opt %s -verify-diagnostics -split-input-file

//===----------------------------------------------------------------------===//
// threshold
//===----------------------------------------------------------------------===//

func.func @threshold_c1(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.threshold %x, dense<0> : tensor<1x1xsi8> : tensor<?x2xsi8> -> tensor<?x3xui1>
  return
}

// -----

func.func @threshold_c2(%x: tensor<?x2xf32>) {
  // expected-error @+1 {{payload must be dense numbers or a dense resource}}
  %0 = sumac.threshold %x, sparse<[[0, 0]], [1.0]> : tensor<1x1xf32> : tensor<?x2xf32> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c2_missing(%x: tensor<?x2xf32>) {
  // expected-error @+1 {{resource '__elided__' is missing; was it elided?}}
  %0 = sumac.threshold %x, dense_resource<__elided__> : tensor<1x1xf32> : tensor<?x2xf32> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c3(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{thresholds must have the shape [channels, n] or [1, n], got 'tensor<3x1xsi8>'}}
  %0 = sumac.threshold %x, dense<0> : tensor<3x1xsi8> : tensor<?x2xsi8> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c3_dynamic(%x: tensor<2x?xsi8>) {
  // expected-error @+1 {{thresholds must have the shape [channels, n] or [1, n], got 'tensor<3x1xsi8>'}}
  %0 = sumac.threshold %x, dense<0> : tensor<3x1xsi8> : tensor<2x?xsi8> -> tensor<2x?xui1>
  return
}

// -----

func.func @threshold_c4(%x: tensor<?x2xf32>) {
  // expected-error @+1 {{thresholds of 'f64' cannot be compared with 'f32'}}
  %0 = sumac.threshold %x, dense<0.0> : tensor<1x1xf64> : tensor<?x2xf32> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c4_integer(%x: tensor<?x2xf32>) {
  // expected-error @+1 {{thresholds of 'si8' cannot be compared with 'f32'}}
  %0 = sumac.threshold %x, dense<0> : tensor<1x1xsi8> : tensor<?x2xf32> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c5(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{decreasing has 3 entries, expected one or one per channel}}
  %0 = sumac.threshold %x, dense<0> : tensor<1x1xsi8> decreasing [true, false, true] : tensor<?x2xsi8> -> tensor<?x2xui1>
  return
}

// -----

func.func @threshold_c6(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{thresholds of a channel must be sorted}}
  %0 = sumac.threshold %x, dense<[[0, 1], [1, 0]]> : tensor<2x2xsi8> : tensor<?x2xsi8> -> tensor<?x2xui2>
  return
}

// -----

// A NaN, which is never reached, stands behind all numbers.
func.func @threshold_c6_nan(%x: tensor<?x2xf32>) {
  // expected-error @+1 {{thresholds of a channel must be sorted}}
  %0 = sumac.threshold %x, dense<[[0x7FC00000, 1.0]]> : tensor<1x2xf32> : tensor<?x2xf32> -> tensor<?x2xui2>
  return
}

// -----

func.func @threshold_c7(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{codes from base 0 by step 1 do not fit 'ui2'}}
  %0 = sumac.threshold %x, dense<[[0, 1, 2, 3]]> : tensor<1x4xsi8> : tensor<?x2xsi8> -> tensor<?x2xui2>
  return
}

// -----

func.func @threshold_c7_overflow(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{codes from base 9223372036854775807 by step 9223372036854775807 do not fit 'si64'}}
  %0 = sumac.threshold %x, dense<[[0, 1]]> : tensor<1x2xsi8> base 9223372036854775807 step 9223372036854775807 : tensor<?x2xsi8> -> tensor<?x2xsi64>
  return
}

// -----

//===----------------------------------------------------------------------===//
// requantize
//===----------------------------------------------------------------------===//

func.func @requantize_c1(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.requantize %x, multiply [1] add [0] shift [0] clamp [0, 7] : tensor<?x2xsi8> -> tensor<?x2x1xui3>
  return
}

// -----

func.func @requantize_c2(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{add has 3 entries, expected one or one per channel}}
  %0 = sumac.requantize %x, multiply [1] add [0, 1, 2] shift [0] clamp [0, 7] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @requantize_c2_empty(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{multiply has 0 entries, expected one or one per channel}}
  %0 = sumac.requantize %x, multiply [] add [0] shift [0] clamp [0, 7] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @requantize_c3(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{shift 64 is not in [0, 63]}}
  %0 = sumac.requantize %x, multiply [1] add [0] shift [0, 64] clamp [0, 7] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @requantize_c5(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{half_even has nothing to round where the shift is 0}}
  %0 = sumac.requantize %x, multiply [1] add [0] shift [1, 0] half_even clamp [0, 7] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @requantize_c4(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{bounds [0, 8] are empty or do not fit 'ui3'}}
  %0 = sumac.requantize %x, multiply [1] add [0] shift [0] clamp [0, 8] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

//===----------------------------------------------------------------------===//
// clamp
//===----------------------------------------------------------------------===//

func.func @clamp_c1(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.clamp %x min [0] max [3] : tensor<?x2xsi8> -> tensor<?x3xui3>
  return
}

// -----

func.func @clamp_c2(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{min has 3 entries, expected one or one per channel}}
  %0 = sumac.clamp %x min [0, 1, 2] max [3] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @clamp_c3_empty(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{bounds [4, 3] are empty or do not fit 'ui3'}}
  %0 = sumac.clamp %x min [0, 4] max [3] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

func.func @clamp_c3_fits(%x: tensor<?x2xsi8>) {
  // expected-error @+1 {{bounds [-1, 3] are empty or do not fit 'ui3'}}
  %0 = sumac.clamp %x min [-1] max [3] : tensor<?x2xsi8> -> tensor<?x2xui3>
  return
}

// -----

//===----------------------------------------------------------------------===//
// truncate_planes
//===----------------------------------------------------------------------===//

func.func @truncate_planes_c1(%x: tensor<?x2xui8>) {
  // expected-error @+1 {{keeps 0 bit planes; expected 1 or more}}
  %0 = sumac.truncate_planes %x keep 0 : tensor<?x2xui8>
  return
}

// -----

func.func @truncate_planes_c1_negative(%x: tensor<?x2xui8>) {
  // expected-error @+1 {{keeps -1 bit planes; expected 1 or more}}
  %0 = sumac.truncate_planes %x keep -1 : tensor<?x2xui8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// table
//===----------------------------------------------------------------------===//

func.func @table_c1(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.table %x, dense<0> : tensor<1x2xsi8> first 0 : tensor<?x2xui1> -> tensor<?x3xsi8>
  return
}

// -----

func.func @table_c2(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{payload elements must be f16, bf16, f32, f64 or signed or unsigned integers of 8, 16, 32 or 64 bits, got 'i8'}}
  %0 = sumac.table %x, dense<0> : tensor<1x2xi8> first 0 : tensor<?x2xui1> -> tensor<?x2xsi8>
  return
}

// -----

func.func @table_c3(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{table must have the shape [channels, n] or [1, n], got 'tensor<2xsi8>'}}
  %0 = sumac.table %x, dense<0> : tensor<2xsi8> first 0 : tensor<?x2xui1> -> tensor<?x2xsi8>
  return
}

// -----

func.func @table_c3_empty(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{table has no entries}}
  %0 = sumac.table %x, dense<> : tensor<1x0xsi8> first 0 : tensor<?x2xui1> -> tensor<?x2xsi8>
  return
}

// -----

func.func @table_c4(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{table of 'f64' cannot give 'f32'}}
  %0 = sumac.table %x, dense<0.0> : tensor<1x2xf64> first 0 : tensor<?x2xui1> -> tensor<?x2xf32>
  return
}

// -----

func.func @table_c5(%x: tensor<?x2xui1>) {
  // expected-error @+1 {{entry 8 does not fit 'si4'}}
  %0 = sumac.table %x, dense<[[0, 8]]> : tensor<1x2xsi8> first 0 : tensor<?x2xui1> -> tensor<?x2xsi4>
  return
}

// -----

func.func @table_c6(%x: tensor<?x2xui2>) {
  // expected-error @+1 {{table of positions [0, 2] does not cover the input's range [0, 3]}}
  %0 = sumac.table %x, dense<[[0, 1, 2]]> : tensor<1x3xsi8> first 0 : tensor<?x2xui2> -> tensor<?x2xsi4>
  return
}

// -----

// The producer bounds the input closer than its type: no error.
func.func @table_c6_bounded(%x: tensor<?x2xsi8>) {
  %0 = sumac.clamp %x min [0] max [2] : tensor<?x2xsi8> -> tensor<?x2xui2>
  %1 = sumac.table %0, dense<[[0, 1, 2]]> : tensor<1x3xsi8> first 0 : tensor<?x2xui2> -> tensor<?x2xsi4>
  return
}

// -----

//===----------------------------------------------------------------------===//
// combine
//===----------------------------------------------------------------------===//

func.func @combine_c1_none() {
  // expected-error @+1 {{needs at least one input}}
  %0 = "sumac.combine"() <{multiply = dense<1> : tensor<1x1xsi64>, add = dense<0> : tensor<1xsi64>}> : () -> tensor<2xsi8>
  return
}

// -----

func.func @combine_c1(%x: tensor<?x2xsi4>, %y: tensor<?x3xsi4>) {
  // expected-error @+1 {{inputs and result must have the same shape}}
  %0 = sumac.combine %x, %y multiply dense<1> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi4>, tensor<?x3xsi4>) -> tensor<?x2xsi8>
  return
}

// -----

func.func @combine_c2(%x: tensor<?x2xsi4>) {
  // expected-error @+1 {{multiply and add must have si64 elements}}
  %0 = sumac.combine %x multiply dense<1> : tensor<1x1xsi32> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi4>) -> tensor<?x2xsi8>
  return
}

// -----

func.func @combine_c3(%x: tensor<?x2xsi4>) {
  // expected-error @+1 {{multiply must have the shape [inputs, channels] or [inputs, 1]}}
  %0 = sumac.combine %x multiply dense<1> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi4>) -> tensor<?x2xsi8>
  return
}

// -----

func.func @combine_c4(%x: tensor<?x2xsi4>) {
  // expected-error @+1 {{add must have the shape [channels] or [1]}}
  %0 = sumac.combine %x multiply dense<1> : tensor<1x1xsi64> add dense<0> : tensor<3xsi64> : (tensor<?x2xsi4>) -> tensor<?x2xsi8>
  return
}

// -----

func.func @combine_c5(%x: tensor<?x2xsi4>, %y: tensor<?x2xsi4>) {
  // expected-error @+1 {{sums in [-80, 70] do not fit 'si7'}}
  %0 = sumac.combine %x, %y multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi4>, tensor<?x2xsi4>) -> tensor<?x2xsi7>
  return
}

// -----

func.func @combine_c5_overflow(%x: tensor<?x2xsi64>, %y: tensor<?x2xsi4>) {
  // expected-error @+1 {{sums do not fit 64 bits}}
  %0 = sumac.combine %x, %y multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi64>, tensor<?x2xsi4>) -> tensor<?x2xsi64>
  return
}
