// RUN: sumac-opt %s -verify-diagnostics -split-input-file

//===----------------------------------------------------------------------===//
// linear
//===----------------------------------------------------------------------===//

func.func @linear_c1(%x: tensor<4x!sumac.real>, %w: tensor<4x!sumac.real>) {
  // expected-error @+1 {{weights must have rank 2 and the input at least 1}}
  %0 = sumac.linear %x, %w : (tensor<4x!sumac.real>, tensor<4x!sumac.real>) -> tensor<4x!sumac.real>
  return
}

// -----

func.func @linear_c1_scalar(%x: tensor<!sumac.real>, %w: tensor<4x4x!sumac.real>) {
  // expected-error @+1 {{weights must have rank 2 and the input at least 1}}
  %0 = sumac.linear %x, %w : (tensor<!sumac.real>, tensor<4x4x!sumac.real>) -> tensor<4x!sumac.real>
  return
}

// -----

func.func @linear_c2(%x: tensor<?x5x!sumac.real>, %w: tensor<3x4x!sumac.real>) {
  // expected-error @+1 {{input has 5 features, weights have 4}}
  %0 = sumac.linear %x, %w : (tensor<?x5x!sumac.real>, tensor<3x4x!sumac.real>) -> tensor<?x3x!sumac.real>
  return
}

// -----

func.func @linear_c3(%x: tensor<?x4x!sumac.real>, %w: tensor<3x4x!sumac.real>) {
  // expected-error @+1 {{result shape must be the input's with 3 channels}}
  %0 = sumac.linear %x, %w : (tensor<?x4x!sumac.real>, tensor<3x4x!sumac.real>) -> tensor<?x4x!sumac.real>
  return
}

// -----

func.func @linear_c4(%x: tensor<?x4x!sumac.real>, %w: tensor<3x4x!sumac.real>, %b: tensor<4x!sumac.real>) {
  // expected-error @+1 {{bias must have rank 1 and 3 entries}}
  %0 = sumac.linear %x, %w bias(%b) : (tensor<?x4x!sumac.real>, tensor<3x4x!sumac.real>, tensor<4x!sumac.real>) -> tensor<?x3x!sumac.real>
  return
}

// -----

func.func @linear_c5(%x: tensor<?x4xui8>, %w: tensor<3x4x!sumac.real>) {
  // expected-error @+1 {{tensors must be all real or all integers}}
  %0 = sumac.linear %x, %w : (tensor<?x4xui8>, tensor<3x4x!sumac.real>) -> tensor<?x3x!sumac.real>
  return
}

// -----

func.func @linear_c6(%x: tensor<?x2xui16>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  // expected-error @+1 {{form bit_planes does not support uniform4 weights with 'ui16' activations}}
  %0 = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xui16>, tensor<1x2xsi4>) -> tensor<?x1xsi20>
  return
}

// -----

// 255 * -2 = -510 needs 10 bits.
func.func @linear_c7(%x: tensor<?x2xui8>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  // expected-error @+1 {{sums in [-510, 255] do not fit 'si9'}}
  %0 = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi9>
  return
}

// -----

// With the bias 300 the sums reach 555.
func.func @linear_c7_bias(%x: tensor<?x2xui8>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %b = sumac.constant #sumac.dense<dense<[300]> : tensor<1xsi16>> -> tensor<1xsi10>
  // expected-error @+1 {{sums in [-210, 555] do not fit 'si10'}}
  %0 = sumac.linear %x, %w bias(%b) : (tensor<?x2xui8>, tensor<1x2xsi4>, tensor<1xsi10>) -> tensor<?x1xsi10>
  return
}

// -----

// The grid of the encode bounds the codes closer than their type: no error.
func.func @linear_c7_bounded(%x: tensor<?x2xf32>) {
  %c = sumac.encode %x, <ui8, max = 15, scale = <["0x1p+0"]>>, half_even : tensor<?x2xf32> -> tensor<?x2xui8>
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %0 = sumac.linear %c, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi6>
  return
}

// -----

// So does the attribute of an argument.
func.func @linear_c7_argument(%x: tensor<?x2xui8> {sumac.range = array<i64: 0, 15>}) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %0 = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi6>
  return
}

// -----

// And a chain of definitions, here through clamp(linear) per channel.
func.func @linear_c7_chain(%x: tensor<?x1xui2>) {
  %w = sumac.constant #sumac.dense<dense<[[1], [5]]> : tensor<2x1xsi8>> -> tensor<2x1xsi4>
  %v = sumac.constant #sumac.dense<dense<[[7, 1]]> : tensor<1x2xsi8>> -> tensor<1x2xsi4>
  %0 = sumac.linear %x, %w : (tensor<?x1xui2>, tensor<2x1xsi4>) -> tensor<?x2xui4>
  %1 = sumac.clamp %0 min [0] max [12] : tensor<?x2xui4> -> tensor<?x2xui4>
  %2 = sumac.linear %1, %v : (tensor<?x2xui4>, tensor<1x2xsi4>) -> tensor<?x1xui6>
  // expected-error @+1 {{sums in [0, 33] do not fit 'ui5'}}
  %3 = sumac.linear %1, %v : (tensor<?x2xui4>, tensor<1x2xsi4>) -> tensor<?x1xui5>
  return
}

// -----

func.func @linear_c7_64_bits(%x: tensor<?x2xsi64>) {
  %w = sumac.constant #sumac.dense<dense<[[1, 1]]> : tensor<1x2xsi8>> -> tensor<1x2xsi4>
  // expected-error @+1 {{sums do not fit 64 bits}}
  %0 = sumac.linear %x, %w : (tensor<?x2xsi64>, tensor<1x2xsi4>) -> tensor<?x1xsi64>
  return
}

// -----

//===----------------------------------------------------------------------===//
// batch_norm
//===----------------------------------------------------------------------===//

func.func @batch_norm_c1(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{axis 1 is not in [0, 1)}}
  %0 = sumac.batch_norm %x, scale(dense<1.0> : tensor<4xf32>) offset(dense<1.0> : tensor<4xf32>) mean(dense<1.0> : tensor<4xf32>)
    variance(dense<1.0> : tensor<4xf32>) epsilon <["0x1p-10"]> : tensor<4x!sumac.real>
  return
}

// -----

func.func @batch_norm_c2(%x: tensor<?x4x!sumac.real>) {
  // expected-error @+1 {{payload has a NaN}}
  %0 = sumac.batch_norm %x, scale(dense<0x7FC00000> : tensor<4xf32>) offset(dense<1.0> : tensor<4xf32>) mean(dense<1.0> : tensor<4xf32>)
    variance(dense<1.0> : tensor<4xf32>) epsilon <["0x1p-10"]> : tensor<?x4x!sumac.real>
  return
}

// -----

func.func @batch_norm_c3(%x: tensor<?x4x!sumac.real>) {
  // expected-error @+1 {{mean must have rank 1 and one entry for each of the channels of dimension 1}}
  %0 = sumac.batch_norm %x, scale(dense<1.0> : tensor<4xf32>) offset(dense<1.0> : tensor<4xf32>) mean(dense<1.0> : tensor<3xf32>)
    variance(dense<1.0> : tensor<4xf32>) epsilon <["0x1p-10"]> : tensor<?x4x!sumac.real>
  return
}

// -----

func.func @batch_norm_c4(%x: tensor<?x4x!sumac.real>) {
  // expected-error @+1 {{epsilon must have one entry, has 0}}
  %0 = sumac.batch_norm %x, scale(dense<1.0> : tensor<4xf32>) offset(dense<1.0> : tensor<4xf32>) mean(dense<1.0> : tensor<4xf32>)
    variance(dense<1.0> : tensor<4xf32>) epsilon <[]> : tensor<?x4x!sumac.real>
  return
}

// -----

func.func @batch_norm_c5(%x: tensor<?x2x!sumac.real>) {
  // expected-error @+1 {{variance + epsilon of channel 1 is not positive}}
  %0 = sumac.batch_norm %x, scale(dense<1.0> : tensor<2xf32>) offset(dense<1.0> : tensor<2xf32>) mean(dense<1.0> : tensor<2xf32>)
    variance(dense<[1.0, -0.5]> : tensor<2xf32>) epsilon <["0x1p-1"]> : tensor<?x2x!sumac.real>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

func.func @add_c1(%x: tensor<2x!sumac.real>, %y: tensor<3x!sumac.real>) {
  // expected-error @+1 {{operand shapes do not broadcast}}
  %0 = sumac.add %x, %y : tensor<2x!sumac.real>, tensor<3x!sumac.real>
  return
}

// -----

func.func @sub_c1(%x: tensor<2x!sumac.real>, %y: tensor<3x!sumac.real>) {
  // expected-error @+1 {{operand shapes do not broadcast}}
  %0 = sumac.sub %x, %y : tensor<2x!sumac.real>, tensor<3x!sumac.real>
  return
}

// -----

func.func @mul_c1(%x: tensor<2x!sumac.real>, %y: tensor<3x!sumac.real>) {
  // expected-error @+1 {{operand shapes do not broadcast}}
  %0 = sumac.mul %x, %y : tensor<2x!sumac.real>, tensor<3x!sumac.real>
  return
}

// -----

func.func @div_c1(%x: tensor<2x!sumac.real>, %y: tensor<3x!sumac.real>) {
  // expected-error @+1 {{operand shapes do not broadcast}}
  %0 = sumac.div %x, %y : tensor<2x!sumac.real>, tensor<3x!sumac.real>
  return
}

// -----

func.func @add_types(%x: i32, %y: i32) {
  // expected-error @+1 {{invalid kind of type specified: expected builtin.tensor, but found 'i32'}}
  %0 = sumac.add %x, %y : i32, i32
  return
}

// -----

func.func @div_c2(%x: tensor<2x!sumac.real>) {
  %c = sumac.constant #sumac.dense<dense<[1.0, -0.0]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  // expected-error @+1 {{divides by a constant that has a zero}}
  %0 = sumac.div %x, %c : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  return
}

// -----

func.func @leaky_relu_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{alpha must have one entry, has 2}}
  %0 = sumac.leaky_relu %x alpha <["0x1p+0", "0x1p+0"]> : tensor<2x!sumac.real>
  return
}

// -----

func.func @clip_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{min must have one entry, has 0}}
  %0 = sumac.clip %x min <[]> : tensor<2x!sumac.real>
  return
}

// -----

func.func @power_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{exponent must have one entry, has 0}}
  %0 = sumac.power %x exponent <[]> : tensor<2x!sumac.real>
  return
}

// -----

func.func @multi_threshold_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{axis -1 is not in [0, 1)}}
  %0 = sumac.multi_threshold %x, dense<[[1.0]]> : tensor<1x1xf32> scale <["1"]> offset <["0"]> axis -1 : tensor<2x!sumac.real>
  return
}

// -----

func.func @multi_threshold_c2(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{payload has an infinity}}
  %0 = sumac.multi_threshold %x, dense<0x7F800000> : tensor<1x1xf32> scale <["1"]> offset <["0"]> axis 0 : tensor<2x!sumac.real>
  return
}

// -----

func.func @multi_threshold_c3(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{thresholds must be [channels, steps] or [1, steps]}}
  %0 = sumac.multi_threshold %x, dense<1.0> : tensor<3x1xf32> scale <["1"]> offset <["0"]> axis 0 : tensor<2x!sumac.real>
  return
}

// -----

func.func @multi_threshold_c4(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{offset must have one entry, has 0}}
  %0 = sumac.multi_threshold %x, dense<1.0> : tensor<1x1xf32> scale <["1"]> offset <[]> axis 0 : tensor<2x!sumac.real>
  return
}

// -----

func.func @softmax_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{axis 1 is not in [0, 1)}}
  %0 = sumac.softmax %x axis 1 : tensor<2x!sumac.real>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

func.func @argmax_c1(%x: tensor<2x!sumac.real>) {
  // expected-error @+1 {{axis 9223372036854775807 is not in [0, 1)}}
  %0 = sumac.argmax %x axis 9223372036854775807 : tensor<2x!sumac.real> -> tensor<si64>
  return
}

// -----

func.func @argmax_c2(%x: tensor<?x0x!sumac.real>) {
  // expected-error @+1 {{has no element to choose along axis 1}}
  %0 = sumac.argmax %x axis 1 : tensor<?x0x!sumac.real> -> tensor<?xsi64>
  return
}

// -----

func.func @argmax_c3(%x: tensor<?x2x!sumac.real>) {
  // expected-error @+1 {{result shape must be the input's without axis 1 (of size 1 with keep_dims)}}
  %0 = sumac.argmax %x axis 1 keep_dims : tensor<?x2x!sumac.real> -> tensor<?xsi64>
  return
}

// -----

func.func @argmax_c4(%x: tensor<?x10x!sumac.real>) {
  // expected-error @+1 {{positions up to 9 do not fit 'ui3'}}
  %0 = sumac.argmax %x axis 1 : tensor<?x10x!sumac.real> -> tensor<?xui3>
  return
}

// -----

func.func @reduce_max_c1(%x: tensor<!sumac.real>) {
  // expected-error @+1 {{axis 0 is not in [0, 0)}}
  %0 = sumac.reduce_max %x axis 0 : tensor<!sumac.real> -> tensor<!sumac.real>
  return
}

// -----

func.func @reduce_max_c2(%x: tensor<0xsi8>) {
  // expected-error @+1 {{has no element to choose along axis 0}}
  %0 = sumac.reduce_max %x axis 0 : tensor<0xsi8> -> tensor<1xsi8>
  return
}

// -----

func.func @reduce_max_c3(%x: tensor<4xsi8>) {
  // expected-error @+1 {{result shape must be the input's with size 1 along axis 0}}
  %0 = sumac.reduce_max %x axis 0 : tensor<4xsi8> -> tensor<si8>
  return
}

// -----

func.func @reduce_max_c4(%x: tensor<4xsi8>) {
  // expected-error @+1 {{result must have the input's element type}}
  %0 = sumac.reduce_max %x axis 0 : tensor<4xsi8> -> tensor<1xsi9>
  return
}
