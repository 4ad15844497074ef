// RUN: sumac-opt %s -verify-diagnostics -split-input-file

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

// Elements have a sign.
// expected-error @+1 {{a channel carries signed or unsigned integers, not 'i8'}}
func.func private @signless(!stream.channel<4 x i8, lanes = 1>)

// -----

// Elements have 1 to 64 bits.
// expected-error @+1 {{a channel carries integers of 1 to 64 bits, not 'si65'}}
func.func private @wide(!stream.channel<4 x si65, lanes = 1>)

// -----

// Elements have 1 to 64 bits.
// expected-error @+1 {{a channel carries integers of 1 to 64 bits, not 'ui0'}}
func.func private @empty_element(!stream.channel<4 x ui0, lanes = 1>)

// -----

// A frame is not empty.
// expected-error @+1 {{a frame has 1 to 2^24 elements, not 0}}
func.func private @no_elements(!stream.channel<0 x ui8, lanes = 1>)

// -----

// A frame is not empty.
// expected-error @+1 {{a frame has 1 to 2^24 elements, not -4}}
func.func private @negative_elements(!stream.channel<-4 x ui8, lanes = 1>)

// -----

// All products of elements and bits fit 64 bits.
// expected-error @+1 {{a frame has 1 to 2^24 elements, not 1099511627777}}
func.func private @too_many_elements(!stream.channel<1099511627777 x ui8, lanes = 1>)

// -----

// Lanes divide elements.
// expected-error @+1 {{lanes must divide the elements of a frame: 0 and 4}}
func.func private @no_lanes(!stream.channel<4 x ui8, lanes = 0>)

// -----

// Lanes divide elements.
// expected-error @+1 {{lanes must divide the elements of a frame: -2 and 4}}
func.func private @negative_lanes(!stream.channel<4 x ui8, lanes = -2>)

// -----

// Lanes divide elements.
// expected-error @+1 {{lanes must divide the elements of a frame: 3 and 4}}
func.func private @lanes(!stream.channel<4 x ui8, lanes = 3>)

// -----

// Lanes divide elements.
// expected-error @+1 {{lanes must divide the elements of a frame: 8 and 4}}
func.func private @many_lanes(!stream.channel<4 x ui8, lanes = 8>)

// -----

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

// A network ends with its outputs.
// expected-error @+1 {{must end with stream.output}}
stream.network @no_output {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %a = stream.fifo %x, depth = 1 : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// expected-error @+1 {{must end with stream.output}}
stream.network @empty {
}

// -----

// What enters is a channel.
// expected-error @+1 {{takes channels alone}}
stream.network @no_channel {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>, %y: i32):
  stream.output %x : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// A channel has one reader.
// expected-error @+1 {{has a channel with 0 readers; a channel has exactly one (stream.fork copies it)}}
stream.network @unread_input {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>, %y: !stream.channel<4 x ui2, lanes = 1>):
  stream.output %x : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// expected-error @+1 {{has a channel with 2 readers; a channel has exactly one (stream.fork copies it)}}
stream.network @input_read_twice {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  stream.output %x, %x : !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 1>
}

// -----

stream.network @unread {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>, %y: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has a channel with 0 readers; a channel has exactly one}}
  %a = stream.fifo %x, depth = 1 : !stream.channel<4 x ui2, lanes = 1>
  stream.output %y : !stream.channel<4 x ui2, lanes = 1>
}

// -----

stream.network @read_twice {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has a channel with 2 readers; a channel has exactly one}}
  %a = stream.fifo %x, depth = 1 : !stream.channel<4 x ui2, lanes = 1>
  stream.output %a, %a : !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 1>
}

// -----

// A network holds processes and FIFOs.
stream.network @no_process {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{is no process; a network holds processes and FIFOs alone}}
  %c = arith.constant 1 : i32
  stream.output %x : !stream.channel<4 x ui2, lanes = 1>
}

// -----

func.func @outside(%x: !stream.channel<4 x ui2, lanes = 1>) {
  // expected-error @+1 {{expects parent op 'stream.network'}}
  %a = stream.fifo %x, depth = 1 : !stream.channel<4 x ui2, lanes = 1>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Processes
//===----------------------------------------------------------------------===//

// A process reads something.
stream.network @no_input {
  // expected-error @+1 {{reads no channel}}
  %h = stream.process "p" () unit(#stream.elementwise<lanes = 1, multiplier = lut>) : () -> !stream.channel<4 x ui2, lanes = 1> {
    %c = sumac.constant #sumac.uniform<dense<[[1, 0, 1, 1]]> : tensor<1x4xui8>, bits = 2> -> tensor<1x4xui2>
    stream.yield %c : tensor<1x4xui2>
  }
  stream.output %h : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// The body has a frame for each operand, of the channel's type.
stream.network @no_frame {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{must have a frame for each operand}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
    %v = sumac.constant #sumac.uniform<dense<[[1, 0, 1, 1]]> : tensor<1x4xui8>, bits = 2> -> tensor<1x4xui2>
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

stream.network @frame_type {
^bb0(%x: !stream.channel<4 x ui3, lanes = 1>):
  // expected-error @+1 {{has a frame of type 'tensor<1x4xui2>' where its channel carries 'tensor<1x4xui3>'}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui3, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

// The frame is yielded.
stream.network @no_yield {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{must end with stream.yield}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    ub.unreachable
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

stream.network @yield_type {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{yields 'tensor<1x4xui1>' where its channel carries 'tensor<1x4xui2>'}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui2, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// A body is one layer at most, on the only argument.
stream.network @two_layers {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %b = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    // expected-error @+1 {{must be the process's only layer and take its only argument}}
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

stream.network @layer_behind {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %u = sumac.clamp %v min [0] max [3] : tensor<1x4xui2> -> tensor<1x4xui2>
    // expected-error @+1 {{must be the process's only layer and take its only argument}}
    %a = sumac.linear %u, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

stream.network @layer_of_two {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>, %y: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x, %y) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>, %u: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    // expected-error @+1 {{must be the process's only layer and take its only argument}}
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// Weights and biases are constants.
stream.network @bias {
^bb0(%x: !stream.channel<2 x si6, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<2 x si6, lanes = 1>) -> !stream.channel<2 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x2xsi6>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0], [1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
    %c = sumac.constant #sumac.uniform<dense<[1, 0]> : tensor<2xsi8>, bits = 2> -> tensor<2xsi2>
    %b = sumac.clamp %c min [0] max [1] : tensor<2xsi2> -> tensor<2xsi2>
    // expected-error @+1 {{must have constant weights and bias in a process}}
    %a = sumac.linear %v, %w bias(%b) : (tensor<1x2xsi6>, tensor<2x2xsi2>, tensor<2xsi2>) -> tensor<1x2xsi8>
    stream.yield %a : tensor<1x2xsi8>
  }
  stream.output %h : !stream.channel<2 x si8, lanes = 1>
}

// -----

stream.network @weights {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %c = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %w = sumac.clamp %c min [0] max [1] : tensor<2x4xsi2> -> tensor<2x4xsi2>
    // expected-error @+1 {{must have constant weights and bias in a process}}
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// All else is elementwise on integers.
stream.network @no_elementwise {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui2, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    // expected-error @+1 {{cannot be computed by a process: it is neither a layer nor elementwise on integers}}
    %a = tensor.collapse_shape %v [[0, 1]] : tensor<1x4xui2> into tensor<4xui2>
    %b = tensor.expand_shape %a [[0, 1]] output_shape [1, 4] : tensor<4xui2> into tensor<1x4xui2>
    stream.yield %b : tensor<1x4xui2>
  }
  stream.output %h : !stream.channel<4 x ui2, lanes = 1>
}

// -----

stream.network @reduction {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<1 x ui2, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    // expected-error @+1 {{cannot be computed by a process: it is neither a layer nor elementwise on integers}}
    %a = sumac.argmax %v axis 1 keep_dims : tensor<1x4xui2> -> tensor<1x1xui2>
    stream.yield %a : tensor<1x1xui2>
  }
  stream.output %h : !stream.channel<1 x ui2, lanes = 1>
}

// -----

// Channels have the unit's lanes.
stream.network @lanes_read {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{reads a channel of 1 lanes where its unit takes 2}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 2, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

stream.network @lanes_written {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{writes a channel of 1 lanes where its unit gives 2}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 2, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

//===----------------------------------------------------------------------===//
// Forks, resizes, FIFOs
//===----------------------------------------------------------------------===//

// A fork has two results or more.
stream.network @fork_of_one {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has less than two results}}
  %a = stream.fork %x : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 1>
  stream.output %a : !stream.channel<4 x ui2, lanes = 1>
}

// -----

// A fork copies.
stream.network @fork_type {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{must not change the channel's type}}
  %a:2 = stream.fork %x : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 2>
  stream.output %a#0, %a#1 : !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 2>
}

// -----

// A resize changes lanes.
stream.network @resize_type {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{changes more than the number of lanes}}
  %a = stream.resize %x : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui3, lanes = 2>
  stream.output %a : !stream.channel<4 x ui3, lanes = 2>
}

// -----

stream.network @resize_elements {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{changes more than the number of lanes}}
  %a = stream.resize %x : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<8 x ui2, lanes = 1>
  stream.output %a : !stream.channel<8 x ui2, lanes = 1>
}

// -----

// The lanes of one side divide those of the other.
stream.network @resize_lanes {
^bb0(%x: !stream.channel<12 x ui2, lanes = 4>):
  // expected-error @+1 {{cannot go from 4 lanes to 6: one must divide the other}}
  %a = stream.resize %x : !stream.channel<12 x ui2, lanes = 4> -> !stream.channel<12 x ui2, lanes = 6>
  stream.output %a : !stream.channel<12 x ui2, lanes = 6>
}

// -----

// A FIFO holds an item.
stream.network @depth {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{must have a depth of 1 or more}}
  %a = stream.fifo %x, depth = 0 : !stream.channel<4 x ui2, lanes = 1>
  stream.output %a : !stream.channel<4 x ui2, lanes = 1>
}

// -----

stream.network @depth_negative {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{must have a depth of 1 or more}}
  %a = stream.fifo %x, depth = -1 : !stream.channel<4 x ui2, lanes = 1>
  stream.output %a : !stream.channel<4 x ui2, lanes = 1>
}
