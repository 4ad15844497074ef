// RUN: sumac-opt %s -verify-diagnostics -split-input-file

// A folded unit computes a layer.
stream.network @folded_no_layer {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has no layer, which a folded unit computes}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

// Elements divide the outputs.
stream.network @pe {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot be folded to 3 processing elements: they must divide its 2 outputs}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 3, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

stream.network @pe_0 {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot be folded to 0 processing elements: they must divide its 2 outputs}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 0, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// SIMD divides the inputs.
stream.network @simd {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot be folded to SIMD 3: it must divide its 4 inputs}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 3, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

stream.network @simd_negative {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot be folded to SIMD -1: it must divide its 4 inputs}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = -1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// There is a processing element for the form.
stream.network @form {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has form lookup_sums, which folded units do not have}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w form(#sumac.lookup_sums) : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// A step of pooled sums takes whole groups.
stream.network @pooled {
^bb0(%x: !stream.channel<8 x ui2, lanes = 4>):
  // expected-error @+1 {{has form pooled_sums, for which SIMD must be a multiple of 8}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 4, memory = lut, multiplier = lut>) : (!stream.channel<8 x ui2, lanes = 4>) -> !stream.channel<1 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x8xui2>):
    %w = sumac.constant #sumac.pool<dense<[[0]]> : tensor<1x1xui8>, table = dense<[[1, 0, -2, 1, 0, 0, 0, 3]]> : tensor<1x8xsi8>, shape = [1, 8]> -> tensor<1x8xsi3>
    %a = sumac.linear %v, %w form(#sumac.pooled_sums) : (tensor<1x8xui2>, tensor<1x8xsi3>) -> tensor<1x1xsi8>
    stream.yield %a : tensor<1x1xsi8>
  }
  stream.output %h : !stream.channel<1 x si8, lanes = 1>
}

// -----

// An unrolled unit computes a layer.
stream.network @unrolled_no_layer {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has no layer, which an unrolled unit computes}}
  %h = stream.process "p" (%x) unit(#stream.unrolled<adders_per_stage = 1, depth = 3, adder_bits = 20>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

// A pipeline stage holds an adder.
stream.network @adders_per_stage {
^bb0(%x: !stream.channel<4 x ui2, lanes = 4>):
  // expected-error @+1 {{must have one adder or more in a pipeline stage}}
  %h = stream.process "p" (%x) unit(#stream.unrolled<adders_per_stage = 0, depth = 3, adder_bits = 20>) : (!stream.channel<4 x ui2, lanes = 4>) -> !stream.channel<2 x si6, lanes = 2> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 2>
}

// -----

// A frame is one item.
stream.network @unrolled_lanes {
^bb0(%x: !stream.channel<4 x ui2, lanes = 2>):
  // expected-error @+1 {{reads a channel of 2 lanes where its unit takes 4}}
  %h = stream.process "p" (%x) unit(#stream.unrolled<adders_per_stage = 1, depth = 3, adder_bits = 20>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<2 x si6, lanes = 2> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 2>
}

// -----

// An elementwise unit computes no layer.
stream.network @elementwise_layer {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{has a layer, which an elementwise unit does not compute}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<2 x si6, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    stream.yield %a : tensor<1x2xsi6>
  }
  stream.output %h : !stream.channel<2 x si6, lanes = 1>
}

// -----

// All channels have as many elements.
stream.network @elementwise_elements {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>, %y: !stream.channel<2 x ui2, lanes = 1>):
  // expected-error @+1 {{must have as many elements in every channel: it is elementwise}}
  %h = stream.process "p" (%x, %y) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>, !stream.channel<2 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>, %u: tensor<1x2xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

// Lanes divide elements.
stream.network @elementwise_lanes {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot have 3 lanes: they must divide its 4 elements}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 3, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

stream.network @elementwise_lanes_0 {
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // expected-error @+1 {{cannot have 0 lanes: they must divide its 4 elements}}
  %h = stream.process "p" (%x) unit(#stream.elementwise<lanes = 0, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 1>) -> !stream.channel<4 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x4xui2>):
    %a = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %a : tensor<1x4xui1>
  }
  stream.output %h : !stream.channel<4 x ui1, lanes = 1>
}

// -----

// 15 signed powers of two for a weight take more bits than a word has.
stream.network @folded_terms {
^bb0(%x: !stream.channel<1 x ui4, lanes = 1>):
  // expected-error @+1 {{has form shifted_sums, which folded units do not have for such weights}}
  %h = stream.process "p" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<1 x ui4, lanes = 1>) -> !stream.channel<1 x si34, lanes = 1> {
  ^bb0(%v: tensor<1x1xui4>):
    %w = sumac.constant #sumac.dense<dense<357913941> : tensor<1x1xsi32>> -> tensor<1x1xsi32>
    %a = sumac.linear %v, %w form(#sumac.shifted_sums) : (tensor<1x1xui4>, tensor<1x1xsi32>) -> tensor<1x1xsi34>
    stream.yield %a : tensor<1x1xsi34>
  }
  stream.output %h : !stream.channel<1 x si34, lanes = 1>
}

// -----

// Widths of an adder graph's sums are computed in 64 bits.
stream.network @unrolled_wide {
^bb0(%x: !stream.channel<1 x si32, lanes = 1>):
  // expected-error @+1 {{has sums of more than 60 bits, which an unrolled unit does not compute}}
  %h = stream.process "p" (%x) unit(#stream.unrolled<adders_per_stage = 3, depth = 1, adder_bits = 62>) : (!stream.channel<1 x si32, lanes = 1>) -> !stream.channel<1 x si62, lanes = 1> {
  ^bb0(%v: tensor<1x1xsi32>):
    %w = sumac.constant #sumac.dense<dense<1073741823> : tensor<1x1xsi32>> -> tensor<1x1xsi32>
    %a = sumac.linear %v, %w form(#sumac.adder_graph) : (tensor<1x1xsi32>, tensor<1x1xsi32>) -> tensor<1x1xsi62>
    stream.yield %a : tensor<1x1xsi62>
  }
  stream.output %h : !stream.channel<1 x si62, lanes = 1>
}
