// RUN: sumac-opt %s --stream-match-lanes | FileCheck %s

// Input and results get the units' lanes; where they differ, a resize goes between.
// The resizes and FIFOs that were there are made anew or go.
// CHECK-LABEL: stream.network @chain
stream.network @chain {
// CHECK: ^bb0(%[[X:.*]]: !stream.channel<4 x ui2, lanes = 2>):
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // CHECK-NOT: stream.fifo
  // CHECK-NOT: stream.resize
  %f = stream.fifo %x, depth = 7 : !stream.channel<4 x ui2, lanes = 1>
  %r = stream.resize %f : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 2>
  // CHECK: %[[H:.*]] = stream.process "fc1"(%[[X]]) unit(#stream.folded<pe = 4, simd = 2, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<4 x si6, lanes = 4>
  %h = stream.process "fc1" (%r) unit(#stream.folded<pe = 4, simd = 2, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<4 x si6, lanes = 4> {
  ^bb0(%v: tensor<1x4xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1], [0, 0, 0, 1], [1, 1, 1, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<4x4xsi2>) -> tensor<1x4xsi6>
    stream.yield %a : tensor<1x4xsi6>
  }
  %s = stream.resize %h : !stream.channel<4 x si6, lanes = 4> -> !stream.channel<4 x si6, lanes = 1>
  // CHECK: %[[S:.*]] = stream.resize %[[H]] : <4 x si6, lanes = 4> -> <4 x si6, lanes = 1>
  // CHECK: stream.process "clamp"(%[[S]]) {{.*}} -> !stream.channel<4 x ui2, lanes = 1>
  %c = stream.process "clamp" (%s) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si6, lanes = 1>) -> !stream.channel<4 x ui2, lanes = 1> {
  ^bb0(%v: tensor<1x4xsi6>):
    %a = sumac.clamp %v min [0] max [3] : tensor<1x4xsi6> -> tensor<1x4xui2>
    stream.yield %a : tensor<1x4xui2>
  }
  // CHECK: stream.output %{{.*}} : !stream.channel<4 x ui2, lanes = 1>
  stream.output %c : !stream.channel<4 x ui2, lanes = 1>
}

// Neither of 6 and 4 divides the other. The network has the 12 cycles that the greatest
// common divisor takes.
// CHECK-LABEL: stream.network @divisor
stream.network @divisor {
^bb0(%x: !stream.channel<24 x ui2, lanes = 6>):
  // CHECK: %[[A:.*]] = stream.process "a"
  %a = stream.process "a" (%x) unit(#stream.elementwise<lanes = 6, multiplier = lut>) : (!stream.channel<24 x ui2, lanes = 6>) -> !stream.channel<24 x ui1, lanes = 6> {
  ^bb0(%v: tensor<1x24xui2>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x24xui2> -> tensor<1x24xui1>
    stream.yield %r : tensor<1x24xui1>
  }
  // CHECK: %[[B:.*]] = stream.resize %[[A]] : <24 x ui1, lanes = 6> -> <24 x ui1, lanes = 2>
  // CHECK: %[[C:.*]] = stream.resize %[[B]] : <24 x ui1, lanes = 2> -> <24 x ui1, lanes = 4>
  // CHECK: stream.process "b"(%[[C]])
  %b = stream.resize %a : !stream.channel<24 x ui1, lanes = 6> -> !stream.channel<24 x ui1, lanes = 12>
  %c = stream.resize %b : !stream.channel<24 x ui1, lanes = 12> -> !stream.channel<24 x ui1, lanes = 4>
  %d = stream.process "b" (%c) unit(#stream.elementwise<lanes = 4, multiplier = lut>) : (!stream.channel<24 x ui1, lanes = 4>) -> !stream.channel<24 x ui1, lanes = 4> {
  ^bb0(%v: tensor<1x24xui1>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x24xui1> -> tensor<1x24xui1>
    stream.yield %r : tensor<1x24xui1>
  }
  %e = stream.resize %d : !stream.channel<24 x ui1, lanes = 4> -> !stream.channel<24 x ui1, lanes = 1>
  %f = stream.process "c" (%e) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<24 x ui1, lanes = 1>) -> !stream.channel<24 x ui1, lanes = 1> {
  ^bb0(%v: tensor<1x24xui1>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x24xui1> -> tensor<1x24xui1>
    stream.yield %r : tensor<1x24xui1>
  }
  stream.output %f : !stream.channel<24 x ui1, lanes = 1>
}

// Here it has not: they meet at the least common multiple.
// CHECK-LABEL: stream.network @multiple
stream.network @multiple {
^bb0(%x: !stream.channel<24 x ui2, lanes = 6>):
  // CHECK: %[[A:.*]] = stream.process "a"
  %a = stream.process "a" (%x) unit(#stream.elementwise<lanes = 6, multiplier = lut>) : (!stream.channel<24 x ui2, lanes = 6>) -> !stream.channel<24 x ui1, lanes = 6> {
  ^bb0(%v: tensor<1x24xui2>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x24xui2> -> tensor<1x24xui1>
    stream.yield %r : tensor<1x24xui1>
  }
  // CHECK: %[[B:.*]] = stream.resize %[[A]] : <24 x ui1, lanes = 6> -> <24 x ui1, lanes = 12>
  // CHECK: %[[C:.*]] = stream.resize %[[B]] : <24 x ui1, lanes = 12> -> <24 x ui1, lanes = 4>
  // CHECK: stream.process "b"(%[[C]])
  %b = stream.resize %a : !stream.channel<24 x ui1, lanes = 6> -> !stream.channel<24 x ui1, lanes = 2>
  %c = stream.resize %b : !stream.channel<24 x ui1, lanes = 2> -> !stream.channel<24 x ui1, lanes = 4>
  %d = stream.process "b" (%c) unit(#stream.elementwise<lanes = 4, multiplier = lut>) : (!stream.channel<24 x ui1, lanes = 4>) -> !stream.channel<24 x ui1, lanes = 4> {
  ^bb0(%v: tensor<1x24xui1>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x24xui1> -> tensor<1x24xui1>
    stream.yield %r : tensor<1x24xui1>
  }
  stream.output %d : !stream.channel<24 x ui1, lanes = 4>
}

// What is forked has the lanes of the first reader, or of the writer; the others resize.
// CHECK-LABEL: stream.network @fork
stream.network @fork {
// CHECK: ^bb0(%[[X:.*]]: !stream.channel<4 x ui2, lanes = 2>):
^bb0(%x: !stream.channel<4 x ui2, lanes = 1>):
  // CHECK: %[[F:.*]]:3 = stream.fork %[[X]] : <4 x ui2, lanes = 2> -> !stream.channel<4 x ui2, lanes = 2>, !stream.channel<4 x ui2, lanes = 2>, !stream.channel<4 x ui2, lanes = 2>
  %f:3 = stream.fork %x : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 1>, !stream.channel<4 x ui2, lanes = 1>
  %g = stream.resize %f#0 : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 2>
  // CHECK: stream.process "a"(%[[F]]#0)
  %a = stream.process "a" (%g) unit(#stream.elementwise<lanes = 2, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<4 x ui1, lanes = 2> {
  ^bb0(%v: tensor<1x4xui2>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %r : tensor<1x4xui1>
  }
  %h = stream.resize %f#1 : !stream.channel<4 x ui2, lanes = 1> -> !stream.channel<4 x ui2, lanes = 4>
  // CHECK: %[[H:.*]] = stream.resize %[[F]]#1 : <4 x ui2, lanes = 2> -> <4 x ui2, lanes = 4>
  // CHECK: stream.process "b"(%[[H]])
  %b = stream.process "b" (%h) unit(#stream.elementwise<lanes = 4, multiplier = lut>) : (!stream.channel<4 x ui2, lanes = 4>) -> !stream.channel<4 x ui1, lanes = 4> {
  ^bb0(%v: tensor<1x4xui2>):
    %r = sumac.clamp %v min [0] max [1] : tensor<1x4xui2> -> tensor<1x4xui1>
    stream.yield %r : tensor<1x4xui1>
  }
  // CHECK: stream.output %{{.*}}, %{{.*}}, %[[F]]#2 : !stream.channel<4 x ui1, lanes = 2>, !stream.channel<4 x ui1, lanes = 4>, !stream.channel<4 x ui2, lanes = 2>
  stream.output %a, %b, %f#2 : !stream.channel<4 x ui1, lanes = 2>, !stream.channel<4 x ui1, lanes = 4>, !stream.channel<4 x ui2, lanes = 1>
}
