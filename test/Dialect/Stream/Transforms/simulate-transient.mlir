// RUN: sumac-opt %s --stream-size-fifos --stream-simulate -o %t | FileCheck %s
// RUN: sumac-opt %s --stream-size-fifos --stream-simulate=frames=100 -o %t | FileCheck %s --check-prefix=LONG

// The output that is complete last in the first frames belongs to the faster branch, 23
// cycles a frame: until the other one is later, frames are faster than the interval.
// CHECK: interval: 24 cycles, simulated 23
// LONG: interval: 24 cycles, simulated 24
stream.network @transient {
^bb0(%x: !stream.channel<8 x ui2, lanes = 1>, %y: !stream.channel<23 x ui2, lanes = 1>):
  %a = stream.process "a" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<8 x ui2, lanes = 1>) -> !stream.channel<3 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x8xui2>):
    %w = sumac.constant #sumac.uniform<dense<1> : tensor<3x8xsi8>, bits = 2> -> tensor<3x8xsi2>
    %r = sumac.linear %v, %w : (tensor<1x8xui2>, tensor<3x8xsi2>) -> tensor<1x3xsi8>
    stream.yield %r : tensor<1x3xsi8>
  }
  %b = stream.process "b" (%y) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<23 x ui2, lanes = 1>) -> !stream.channel<1 x si9, lanes = 1> {
  ^bb0(%v: tensor<1x23xui2>):
    %w = sumac.constant #sumac.uniform<dense<1> : tensor<1x23xsi8>, bits = 2> -> tensor<1x23xsi2>
    %r = sumac.linear %v, %w : (tensor<1x23xui2>, tensor<1x23xsi2>) -> tensor<1x1xsi9>
    stream.yield %r : tensor<1x1xsi9>
  }
  %c = stream.process "c" (%b) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<1 x si9, lanes = 1>) -> !stream.channel<23 x si11, lanes = 1> {
  ^bb0(%v: tensor<1x1xsi9>):
    %w = sumac.constant #sumac.uniform<dense<1> : tensor<23x1xsi8>, bits = 2> -> tensor<23x1xsi2>
    %r = sumac.linear %v, %w : (tensor<1x1xsi9>, tensor<23x1xsi2>) -> tensor<1x23xsi11>
    stream.yield %r : tensor<1x23xsi11>
  }
  stream.output %a, %c : !stream.channel<3 x si8, lanes = 1>, !stream.channel<23 x si11, lanes = 1>
}
