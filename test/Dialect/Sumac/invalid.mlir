// RUN: sumac-opt %s -verify-diagnostics -split-input-file

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

// exact C1: each text is a number.
// expected-error @+1 {{"0x1p" is no exact number}}
func.func private @exact_c1() attributes {a = #sumac.exact<["0x1p"]>}

// -----

// exact C1: the empty text is none.
// expected-error @+1 {{"" is no exact number}}
func.func private @exact_c1_empty() attributes {a = #sumac.exact<[""]>}

// -----

// exact C1: exponents are bounded.
// expected-error @+1 {{is no exact number}}
func.func private @exact_c1_huge() attributes {a = #sumac.exact<["0x1p+99999999999"]>}

// -----

// grid C1: storage has a sign and 1 to 64 bits.
// expected-error @+1 {{expected a signed or unsigned storage type of 1 to 64 bits, got 'i8'}}
func.func private @grid_c1() attributes {a = #sumac.grid<i8, scale = <["0x1p+0"]>>}

// -----

// grid C1
// expected-error @+1 {{expected a signed or unsigned storage type of 1 to 64 bits, got 'si65'}}
func.func private @grid_c1_wide() attributes {a = #sumac.grid<si65, scale = <["0x1p+0"]>>}

// -----

// grid C1
// expected-error @+1 {{expected a signed or unsigned storage type of 1 to 64 bits, got 'ui0'}}
func.func private @grid_c1_empty() attributes {a = #sumac.grid<ui0, scale = <["0x1p+0"]>>}

// -----

// grid C2: the bounds are not empty and fit the storage type.
// expected-error @+1 {{grid bounds [0, 256] do not fit 'ui8'}}
func.func private @grid_c2() attributes {a = #sumac.grid<ui8, max = 256, scale = <["0x1p+0"]>>}

// -----

// grid C2
// expected-error @+1 {{grid bounds [3, 2] do not fit 'ui8'}}
func.func private @grid_c2_empty() attributes {a = #sumac.grid<ui8, min = 3, max = 2, scale = <["0x1p+0"]>>}

// -----

// grid C2: +1 needs two signed bits.
// expected-error @+1 {{grid bounds [-1, 1] do not fit 'si1'}}
func.func private @grid_c2_bipolar() attributes {a = #sumac.grid<si1, bipolar, scale = <["0x1p+0"]>>}

// -----

// grid C3: a bipolar grid is [-1, 1].
// expected-error @+1 {{a bipolar grid has the bounds [-1, 1]}}
func.func private @grid_c3() attributes {a = #sumac.grid<si4, bipolar, max = 3, scale = <["0x1p+0"]>>}

// -----

// grid C4: shape and block have the same rank.
// expected-error @+1 {{grid shape and block differ in rank}}
func.func private @grid_c4() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0"]>, shape = [1]>}

// -----

// grid C5: sizes are positive, and there are at most 2^31 entries.
// expected-error @+1 {{grid shape has an unusable size 0}}
func.func private @grid_c5() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0"]>, shape = [0], block = [1]>}

// -----

// grid C5
// expected-error @+1 {{grid shape has an unusable size}}
func.func private @grid_c5_huge() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0"]>, shape = [1099511627776, 1099511627776], block = [1, 1]>}

// -----

// grid C6: a block of 0 serves a whole dimension.
// expected-error @+1 {{a block of 0 needs a grid dimension of size 1}}
func.func private @grid_c6() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0", "0x1p+0"]>, shape = [2], block = [0]>}

// -----

// grid C7: one scale for each entry.
// expected-error @+1 {{grid of shape with 2 entries has 1 scales}}
func.func private @grid_c7() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0"]>, shape = [2], block = [1]>}

// -----

// grid C8: one zero point, or one for each entry.
// expected-error @+1 {{expected one zero point, or one per scale}}
func.func private @grid_c8() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0", "0x1p+0"]>, zero_point = <[]>, shape = [2], block = [1]>}

// -----

// expected-error @+1 {{unknown grid parameter 'zero'}}
func.func private @grid_syntax() attributes {a = #sumac.grid<ui8, scale = <["0x1p+0"]>, zero = 3>}

// -----

// payload C1: dense numbers or a resource.
// expected-error @+1 {{payload must be dense numbers or a dense resource}}
func.func private @payload_c1() attributes {a = #sumac.dense<sparse<[[0]], [1.0]> : tensor<4xf32>>}

// -----

// payload C2: a tensor of static shape.
// expected-error @+1 {{payload must be a tensor of static shape, got 'vector<4xf32>'}}
func.func private @payload_c2() attributes {a = #sumac.dense<dense<1.0> : vector<4xf32>>}

// -----

// payload C3: f16, bf16, f32, f64, si or ui of 8, 16, 32, 64 bits.
// expected-error @+1 {{payload elements must be f16, bf16, f32, f64 or signed or unsigned integers of 8, 16, 32 or 64 bits, got 'i8'}}
func.func private @payload_c3() attributes {a = #sumac.dense<dense<1> : tensor<4xi8>>}

// -----

// payload C4: at most 2^32 elements.
// expected-error @+1 {{has more than 2^32 elements}}
func.func private @payload_c4() attributes {a = #sumac.dense<dense<1.0> : tensor<1048576x1048576xf32>>}

// -----

// uniform C1: si8 or ui8 elements.
// expected-error @+1 {{payload of a uniform coding must have si8 or ui8 elements}}
func.func private @uniform_c1() attributes {a = #sumac.uniform<dense<1> : tensor<4xsi16>, bits = 4>}

// -----

// uniform C2: 1 to 8 bits.
// expected-error @+1 {{a uniform coding has 1 to 8 bits, got 33}}
func.func private @uniform_c2() attributes {a = #sumac.uniform<dense<1> : tensor<4xsi8>, bits = 33>}

// -----

// bipolar C1: si8 elements.
// expected-error @+1 {{payload of a bipolar coding must have si8 elements}}
func.func private @bipolar_c1() attributes {a = #sumac.bipolar<dense<1> : tensor<4xui8>>}

// -----

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

func.func @unranked(%x: tensor<*x!sumac.real>) {
  // expected-error @+1 {{invalid kind of type specified: expected builtin.tensor, but found 'tensor<*x!sumac.real>'}}
  sumac.relu %x : tensor<*x!sumac.real>
  return
}

// -----

func.func @wide_integer(%x: tensor<4xsi65>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of signed or unsigned integer of 1 to 64 bits}}
  sumac.clamp %x min [0] max [1] : tensor<4xsi65> -> tensor<4xsi8>
  return
}

// -----

func.func @signless(%x: tensor<4xi8>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of signed or unsigned integer of 1 to 64 bits}}
  sumac.clamp %x min [0] max [1] : tensor<4xi8> -> tensor<4xsi8>
  return
}

// -----

//===----------------------------------------------------------------------===//
// constant
//===----------------------------------------------------------------------===//

func.func @constant_c1() {
  // expected-error @+1 {{result shape differs from the coding's}}
  %0 = sumac.constant #sumac.dense<dense<1.0> : tensor<4xf32>> -> tensor<2x2x!sumac.real>
  return
}

// -----

func.func @payload_c6() {
  // expected-error @+1 {{resource 'absent' is missing; was it elided?}}
  %0 = sumac.constant #sumac.dense<dense_resource<absent> : tensor<4xf32>> -> tensor<4x!sumac.real>
  return
}

// -----

func.func @payload_c7() {
  // expected-error @+1 {{payload has an infinity}}
  %0 = sumac.constant #sumac.dense<dense<0x7F800000> : tensor<4xf32>> -> tensor<4x!sumac.real>
  return
}

// -----

func.func @payload_c7_nan() {
  // expected-error @+1 {{payload has a NaN}}
  %0 = sumac.constant #sumac.dense<dense<[1.0, 0x7FC00000]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  return
}

// -----

func.func @payload_c8() {
  // expected-error @+1 {{payload has an integer beyond 2^63 - 1}}
  %0 = sumac.constant #sumac.dense<dense<18446744073709551615> : tensor<2xui64>> -> tensor<2x!sumac.real>
  return
}

// -----

func.func @uniform_c3() {
  // expected-error @+1 {{weight 8 does not fit 4 signed bits}}
  %0 = sumac.constant #sumac.uniform<dense<[7, 8]> : tensor<2xsi8>, bits = 4> -> tensor<2xsi8>
  return
}

// -----

func.func @bipolar_c2() {
  // expected-error @+1 {{weights of a bipolar coding must be -1 or +1}}
  %0 = sumac.constant #sumac.bipolar<dense<[1, 0]> : tensor<2xsi8>> -> tensor<2xsi2>
  return
}

// -----

func.func @constant_c3() {
  // expected-error @+1 {{an integer result needs a coding of integers}}
  %0 = sumac.constant #sumac.dense<dense<1.0> : tensor<2xf32>> -> tensor<2xsi2>
  return
}

// -----

func.func @constant_c4() {
  // expected-error @+1 {{values in [-9, 7] do not fit 'si4'}}
  %0 = sumac.constant #sumac.dense<dense<[7, -9]> : tensor<2xsi8>> -> tensor<2xsi4>
  return
}

// -----

func.func @payload_c5() {
  // expected-error @+1 {{resource has 3 bytes, expected 4}}
  %0 = sumac.constant #sumac.dense<dense_resource<short> : tensor<4xsi8>> -> tensor<4xsi8>
  return
}
{-# dialect_resources: { builtin: { short: "0x01000000010203" } } #-}

// -----

func.func @constant_c2() {
  // expected-error @+1 {{resource '__elided__' is missing; was it elided?}}
  %0 = sumac.constant #sumac.uniform<dense_resource<__elided__> : tensor<4xsi8>, bits = 2> -> tensor<4xsi2>
  return
}

// -----

//===----------------------------------------------------------------------===//
// from_float, to_float, encode, decode, quantize
//===----------------------------------------------------------------------===//

func.func @from_float_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.from_float %x : tensor<4xf32> -> tensor<2x2x!sumac.real>
  return
}

// -----

func.func @to_float_c1(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.to_float %x : tensor<4x!sumac.real> -> tensor<3xf32>
  return
}

// -----

func.func @encode_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0"]>>, half_even : tensor<4xf32> -> tensor<3xui8>
  return
}

// -----

func.func @encode_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{codes in [0, 255] do not fit 'si8'}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0"]>>, half_even : tensor<4xf32> -> tensor<4xsi8>
  return
}

// -----

func.func @encode_c3_rank(%x: tensor<4xf32>) {
  // expected-error @+1 {{grid of rank 2 does not fit a tensor of rank 1}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0"]>, shape = [1, 1], block = [0, 0]>, half_even : tensor<4xf32> -> tensor<4xui8>
  return
}

// -----

func.func @encode_c3_size(%x: tensor<4xf32>) {
  // expected-error @+1 {{grid has 2 entries with block 1 along a dimension of size 4}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0", "0x1p+0"]>, shape = [2], block = [1]>, half_even : tensor<4xf32> -> tensor<4xui8>
  return
}

// -----

func.func @encode_c3_dynamic(%x: tensor<?xf32>) {
  // expected-error @+1 {{grid has blocks along a dimension of unknown size}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0", "0x1p+0"]>, shape = [2], block = [1]>, half_even : tensor<?xf32> -> tensor<?xui8>
  return
}

// -----

func.func @encode_c4_zero(%x: tensor<4xf32>) {
  // expected-error @+1 {{scale "0x0p+0" is not positive}}
  %0 = sumac.encode %x, <ui8, scale = <["0x0p+0"]>>, half_even : tensor<4xf32> -> tensor<4xui8>
  return
}

// -----

func.func @encode_c4_negative(%x: tensor<4xf32>) {
  // expected-error @+1 {{scale "-0x1p-3*sqrt(0x1p+1)" is not positive}}
  %0 = sumac.encode %x, <ui8, scale = <["-0x1p-3*sqrt(0x1p+1)"]>>, half_even : tensor<4xf32> -> tensor<4xui8>
  return
}

// -----

func.func @encode_c5(%x: tensor<4xf32>) {
  // expected-error @+1 {{zero point "0x1p-1" is no integer; it needs zero_point_first}}
  %0 = sumac.encode %x, <ui8, scale = <["0x1p+0"]>, zero_point = <["0x1p-1"]>>, half_even : tensor<4xf32> -> tensor<4xui8>
  return
}

// -----

func.func @decode_c1(%x: tensor<4xui8>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %0 = sumac.decode %x, <ui8, scale = <["0x1p+0"]>> : tensor<4xui8> -> tensor<5xf32>
  return
}

// -----

func.func @decode_c2(%x: tensor<4xui8>) {
  // expected-error @+1 {{grid has 2 entries with block 1 along a dimension of size 4}}
  %0 = sumac.decode %x, <ui8, scale = <["0x1p+0", "0x0p+0"]>, shape = [2], block = [1]> : tensor<4xui8> -> tensor<4xf32>
  return
}

// -----

func.func @decode_c3(%x: tensor<4xui8>) {
  // expected-error @+1 {{offset has 2 entries, expected one or one per channel}}
  %0 = sumac.decode %x, <ui8, scale = <["0x1p+0"]>> offset <["0x1p+0", "0x1p+1"]> : tensor<4xui8> -> tensor<4xf32>
  return
}

// -----

func.func @quantize_c1(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %0 = "sumac.quantize"(%x) <{grid = #sumac.grid<ui8, scale = <["0x1p+0"]>>, rounding = #sumac<rounding half_even>}> : (tensor<4x!sumac.real>) -> tensor<5x!sumac.real>
  return
}

// -----

func.func @quantize_c2(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{grid has 3 entries with block 2 along a dimension of size 4}}
  %0 = sumac.quantize %x, <ui8, scale = <["0x1p+0", "0x1p+0", "0x1p+0"]>, shape = [3], block = [2]>, half_even : tensor<4x!sumac.real>
  return
}

// -----

func.func @quantize_c3(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{scale "-0x1p+0" is not positive}}
  %0 = sumac.quantize %x, <ui8, scale = <["-0x1p+0"]>>, half_even : tensor<4x!sumac.real>
  return
}

// -----

func.func @quantize_c4(%x: tensor<4x!sumac.real>) {
  // expected-error @+1 {{zero point "1/3" is no integer; it needs zero_point_first}}
  %0 = sumac.quantize %x, <ui8, scale = <["0x1p+0"]>, zero_point = <["1/3"]>>, half_even : tensor<4x!sumac.real>
  return
}
