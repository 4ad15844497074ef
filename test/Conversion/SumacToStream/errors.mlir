// RUN: sumac-opt %s --split-input-file --verify-diagnostics --convert-sumac-to-stream

// Everything that cannot stream is reported at once.
// expected-error @+4 {{cannot stream: input '0' of type 'tensor<?x?xui4>' is no batch of rows of integers; quantize it, and give all dimensions but the first a size}}
// expected-error @+3 {{cannot stream: input 'image' of type 'tensor<?x2xf32>' is no batch of rows of integers}}
// expected-error @+2 {{cannot stream: input '2' of type 'tensor<ui4>' is no batch of rows of integers}}
// expected-error @+1 {{cannot stream: input '4' is not used}}
func.func @main_raw(%x: tensor<?x?xui4>, %y: tensor<?x2xf32> {sumac.name = "image"}, %s: tensor<ui4>, %z: tensor<?x2xui4>, %u: tensor<?x2xui4>) -> tensor<?x2xui4> {
  // expected-error @+1 {{cannot stream: a result of type 'tensor<?x?xui2>' is no batch of rows of integers}}
  %a = sumac.clamp %x min [0] max [3] : tensor<?x?xui4> -> tensor<?x?xui2>
  // expected-error @+1 {{cannot stream: there is no process for 'sumac.argmax' yet; linear layers, quantizers and joins of branches stream}}
  %b = sumac.argmax %z axis 1 : tensor<?x2xui4> -> tensor<?xui1>
  // expected-error @+1 {{cannot stream: there is no process for 'tensor.concat' yet; linear layers, quantizers and joins of branches stream}}
  %c = tensor.concat dim(1) %z, %z : (tensor<?x2xui4>, tensor<?x2xui4>) -> tensor<?x4xui4>
  return %z : tensor<?x2xui4>
}

// -----

// expected-error @+1 {{has no function @main_raw; run sumac-add-raw-entry first}}
module {
  func.func @main(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
    return %x : tensor<?x2xui4>
  }
}

// -----

// expected-error @+1 {{has no function @main_raw; run sumac-add-raw-entry first}}
module {
  func.func private @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4>
}

// -----

// expected-error @+1 {{cannot stream: expected a function of one block}}
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  cf.br ^bb1
^bb1:
  return %x : tensor<?x2xui4>
}

// -----

func.func @main_raw(%x: tensor<?x2xui4>, %w: tensor<1x2xsi2>) -> tensor<?x1xsi8> {
  // expected-error @+1 {{cannot stream: weights or bias are not constant}}
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<1x2xsi2>) -> tensor<?x1xsi8>
  return %a : tensor<?x1xsi8>
}

// -----

// A layer on parts of a frame, and constants for channels that are no whole frame.
func.func @main_raw(%x: tensor<?x3x2xui4>) -> (tensor<?x3x1xsi8>, tensor<?x3x2xui2>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  // expected-error @+1 {{cannot stream: the layer takes several rows of each frame; only a layer on whole frames becomes a process yet}}
  %a = sumac.linear %x, %w : (tensor<?x3x2xui4>, tensor<1x2xsi2>) -> tensor<?x3x1xsi8>
  // expected-error @+1 {{cannot stream: its constants are for channels of a tensor with other dimensions beside the channels}}
  %b = sumac.clamp %x min [0, 1] max [3] : tensor<?x3x2xui4> -> tensor<?x3x2xui2>
  return %a, %b : tensor<?x3x1xsi8>, tensor<?x3x2xui2>
}

// -----

// A form without a unit.
func.func @main_raw(%x: tensor<?x4xui4>) -> tensor<?x1xsi9> {
  %v = sumac.constant #sumac.uniform<dense<[[1, 0, -2, 1]]> : tensor<1x4xsi8>, bits = 3> -> tensor<1x4xsi3>
  // expected-error @+1 {{cannot stream: its form lookup_sums is one for which target hls has no unit}}
  %a = sumac.linear %x, %v form(#sumac.lookup_sums) : (tensor<?x4xui4>, tensor<1x4xsi3>) -> tensor<?x1xsi9>
  return %a : tensor<?x1xsi9>
}

// -----

// Constants in the place of frames.
// expected-error @+1 {{cannot stream: an output is a constant or no batch of rows of integers}}
func.func @main_raw(%x: tensor<1x2xui4>) -> (tensor<1x2xui6>, tensor<1x2xui2>) {
  %c = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xui8>, bits = 2> -> tensor<1x2xui2>
  // expected-error @+1 {{cannot stream: a join with a constant is not supported}}
  %d = sumac.combine %x, %c multiply dense<[[1], [2]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x2xui4>, tensor<1x2xui2>) -> tensor<1x2xui6>
  return %d, %c : tensor<1x2xui6>, tensor<1x2xui2>
}

// -----

// 15 signed powers of two, each with an exponent of 5 bits and a sign.
func.func @main_raw(%x: tensor<?x1xui4>) -> tensor<?x1xsi34> {
  %w = sumac.constant #sumac.dense<dense<357913941> : tensor<1x1xsi32>> -> tensor<1x1xsi32>
  // expected-error @+1 {{cannot stream: its form shifted_sums needs more than 64 bits for a weight's signed powers of two}}
  %a = sumac.linear %x, %w form(#sumac.shifted_sums) : (tensor<?x1xui4>, tensor<1x1xsi32>) -> tensor<?x1xsi34>
  return %a : tensor<?x1xsi34>
}

// -----

// The widths of an adder graph's sums are computed in 64 bits.
func.func @main_raw(%x: tensor<?x2xsi32>) -> tensor<?x1xsi62> {
  %w = sumac.constant #sumac.dense<dense<[[536870911, 536870910]]> : tensor<1x2xsi32>> -> tensor<1x2xsi32>
  // expected-error @+1 {{cannot stream: its form adder_graph needs sums of more than 60 bits}}
  %a = sumac.linear %x, %w form(#sumac.adder_graph) : (tensor<?x2xsi32>, tensor<1x2xsi32>) -> tensor<?x1xsi62>
  return %a : tensor<?x1xsi62>
}

// -----

// They hold all values of the input's type, even if its result is narrower.
func.func @main_raw(%x: tensor<?x2xsi32> {sumac.range = array<i64: 0, 1>}) -> tensor<?x1xsi50> {
  %w = sumac.constant #sumac.dense<dense<[[536870911, 536870910]]> : tensor<1x2xsi32>> -> tensor<1x2xsi32>
  // expected-error @+1 {{cannot stream: its form adder_graph needs sums of more than 60 bits}}
  %a = sumac.linear %x, %w form(#sumac.adder_graph) : (tensor<?x2xsi32>, tensor<1x2xsi32>) -> tensor<?x1xsi50>
  return %a : tensor<?x1xsi50>
}
