// RUN: sumac-opt %s --split-input-file --mlir-disable-threading --stream-size-fifos --stream-simulate -o %t | FileCheck %s
// RUN: sumac-opt %s --split-input-file --mlir-disable-threading --stream-size-fifos --stream-simulate=frames=3 -o %t | FileCheck %s
// RUN: sumac-opt %s --split-input-file --mlir-disable-threading --stream-size-fifos --stream-simulate=frames=100 -o %t | FileCheck %s

// Simulation and analysis agree on interval and latency; every FIFO but those of inputs is
// full at some time.

// fc1 writes its only item at step 1, which can be read 5 cycles later: 1 to hand it on, 3
// stages for products of two and their sum, one for the accumulator's result. The resize
// gives the last of 4 items of it 3 cycles later and hands it on; fc2 has the last in step
// 15, and 4 stages.
// CHECK-LABEL: network @chain
// CHECK-NEXT:    interval: 16 cycles, simulated 16
// CHECK-NEXT:    latency: 24 cycles, simulated 24
// CHECK-NEXT:    FIFO behind input 0: depth 2, held {{[12]}}
// CHECK-NEXT:    FIFO behind fc1: depth 1, held 1
// CHECK-NEXT:    FIFO behind resize_4_to_1: depth 2, held 2
// CHECK-NEXT:    FIFO behind fc2: depth 1, held 1
// CHECK-NOT:     FIFO
stream.network @chain {
^bb0(%x: !stream.channel<4 x ui4, lanes = 2>):
  %old = stream.fifo %x, depth = 99 : !stream.channel<4 x ui4, lanes = 2>
  %h = stream.process "fc1" (%old) unit(#stream.folded<pe = 4, simd = 2, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 2>) -> !stream.channel<4 x si8, lanes = 4> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  %n = stream.resize %h : !stream.channel<4 x si8, lanes = 4> -> !stream.channel<4 x si8, lanes = 1>
  %y = stream.process "fc2" (%n) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%v: tensor<1x4xsi8>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xsi8>, tensor<4x4xsi2>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  stream.output %y : !stream.channel<4 x si12, lanes = 1>
}

// -----

// CHECK-LABEL: network @skip
// CHECK-NEXT:    interval: 16 cycles, simulated 16
// CHECK-NEXT:    latency: 23 cycles, simulated 23
// CHECK-NEXT:    FIFO behind input 0: depth 2, held {{[12]}}
// CHECK-NEXT:    FIFO behind fork: depth 2, held 2
// CHECK-NEXT:    FIFO behind fork: depth 5, held 5
// CHECK-NEXT:    FIFO behind fc1: depth 1, held 1
// CHECK-NEXT:    FIFO behind join: depth 1, held 1
stream.network @skip {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  %f:2 = stream.fork %x : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>
  %h = stream.process "fc1" (%f#1) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  %j = stream.process "join" (%h, %f#0) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%q: tensor<1x4xsi8>, %p: tensor<1x4xui4>):
    %r = sumac.combine %p, %q multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x4xui4>, tensor<1x4xsi8>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  stream.output %j : !stream.channel<4 x si12, lanes = 1>
}

// -----

// Nothing but an input and an output.
// CHECK-LABEL: network @wire
// CHECK-NEXT:    interval: 4 cycles, simulated 4
// CHECK-NEXT:    latency: 3 cycles, simulated 3
// CHECK-NEXT:    FIFO behind input 0: depth 2, held {{[12]}}
stream.network @wire {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  stream.output %x : !stream.channel<4 x ui4, lanes = 1>
}
