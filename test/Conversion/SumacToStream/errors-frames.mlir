// RUN: sumac-opt %s --split-input-file --verify-diagnostics --convert-sumac-to-stream

// A reshape that moves elements from one row of the batch to another.
func.func @main_raw(%x: tensor<2x4xui4>) -> tensor<8xui4> {
  // expected-error @+1 {{cannot stream: it makes frames of 1 elements out of frames of 4}}
  %f = tensor.collapse_shape %x [[0, 1]] : tensor<2x4xui4> into tensor<8xui4>
  return %f : tensor<8xui4>
}

// -----

// The largest of one element is still no elementwise operation.
func.func @main_raw(%x: tensor<?x1xui4>) -> tensor<?x1xui1> {
  // expected-error @+1 {{cannot stream: there is no process for 'sumac.argmax' yet}}
  %d = sumac.argmax %x axis 1 keep_dims : tensor<?x1xui4> -> tensor<?x1xui1>
  return %d : tensor<?x1xui1>
}

// -----

// An input that is read by what nobody reads.
// expected-error @+1 {{cannot stream: input '1' is not used}}
func.func @main_raw(%x: tensor<?x2xui4>, %y: tensor<?x2xui4>) -> tensor<?x2xui4> {
  %d = sumac.clamp %y min [0] max [3] : tensor<?x2xui4> -> tensor<?x2xui2>
  return %x : tensor<?x2xui4>
}

// -----

// An unrolled layer takes a frame as one item, which is too wide for the generated code.
func.func @main_raw(%x: tensor<?x1200xui8>) -> tensor<?x1xsi20> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<1x1200xsi8>, bits = 2> -> tensor<1x1200xsi2>
  // expected-error @+1 {{cannot stream: its form adder_graph takes and gives frames as one item, here of 9600 bits; 8192 are the most}}
  %a = sumac.linear %x, %w form(#sumac.adder_graph) : (tensor<?x1200xui8>, tensor<1x1200xsi2>) -> tensor<?x1xsi20>
  return %a : tensor<?x1xsi20>
}

// -----

// A row of one input would not be a row of the other.
// expected-error @+1 {{cannot stream: inputs and outputs have unequal numbers of rows}}
func.func @main_raw(%x: tensor<2x4xui4>, %y: tensor<1x4xui4>) -> (tensor<2x4xui2>, tensor<1x4xui2>) {
  %a = sumac.clamp %x min [0] max [3] : tensor<2x4xui4> -> tensor<2x4xui2>
  %b = sumac.clamp %y min [0] max [3] : tensor<1x4xui4> -> tensor<1x4xui2>
  return %a, %b : tensor<2x4xui2>, tensor<1x4xui2>
}

// -----

// Frames that no memory holds.
// expected-error @+2 {{2^24 elements at most}}
// expected-error @+1 {{an output is a constant or no batch of rows of integers}}
func.func @main_raw(%x: tensor<?x1099511627776xui4>) -> tensor<?x1099511627776xui2> {
  // expected-error @+1 {{2^24 elements at most}}
  %a = sumac.clamp %x min [0] max [3] : tensor<?x1099511627776xui4> -> tensor<?x1099511627776xui2>
  return %a : tensor<?x1099511627776xui2>
}
