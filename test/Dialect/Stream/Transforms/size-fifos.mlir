// RUN: sumac-opt %s --stream-size-fifos | FileCheck %s
// Depths do not depend on FIFOs that are there.
// RUN: sumac-opt %s --stream-size-fifos --stream-size-fifos | FileCheck %s
// RUN: sumac-opt %s --stream-size-fifos --stream-simulate --mlir-disable-threading -o %t

// Every channel gets one FIFO; what was there goes.
// CHECK-LABEL: stream.network @chain
// CHECK: ^bb0(%[[X:.*]]: !stream
// CHECK-NOT: depth = 99
stream.network @chain {
^bb0(%x: !stream.channel<4 x ui4, lanes = 2>):
  %old = stream.fifo %x, depth = 99 : !stream.channel<4 x ui4, lanes = 2>
  // CHECK: %[[F:.*]] = stream.fifo %[[X]], depth = 2 : <4 x ui4, lanes = 2>
  // CHECK: %[[H:.*]] = stream.process "fc1"(%[[F]])
  // CHECK: %[[G:.*]] = stream.fifo %[[H]], depth = 1 : <4 x si8, lanes = 4>
  %h = stream.process "fc1" (%old) unit(#stream.folded<pe = 4, simd = 2, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 2>) -> !stream.channel<4 x si8, lanes = 4> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  // CHECK: %[[N:.*]] = stream.resize %[[G]]
  // CHECK: stream.fifo %[[N]], depth = 2 : <4 x si8, lanes = 1>
  %n = stream.resize %h : !stream.channel<4 x si8, lanes = 4> -> !stream.channel<4 x si8, lanes = 1>
  // CHECK: %[[Y:.*]] = stream.process "fc2"
  // CHECK: %[[O:.*]] = stream.fifo %[[Y]], depth = 1 : <4 x si12, lanes = 1>
  %y = stream.process "fc2" (%n) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%v: tensor<1x4xsi8>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xsi8>, tensor<4x4xsi2>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  // CHECK: stream.output %[[O]]
  stream.output %y : !stream.channel<4 x si12, lanes = 1>
}

// The branch around a layer that reads its whole frame of 4 items before it writes: it
// holds these and, for the full rate, the first of the next frame.
// CHECK-LABEL: stream.network @skip
stream.network @skip {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  // CHECK: stream.fifo %{{.*}}, depth = 2
  // CHECK: %[[F:.*]]:2 = stream.fork
  // CHECK-DAG: stream.fifo %[[F]]#1, depth = 2
  // CHECK-DAG: stream.fifo %[[F]]#0, depth = 5
  %f:2 = stream.fork %x : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>
  // CHECK: %[[H:.*]] = stream.process "fc1"
  // CHECK: stream.fifo %[[H]], depth = 1
  %h = stream.process "fc1" (%f#1) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  // CHECK: %[[J:.*]] = stream.process "join"
  // CHECK: stream.fifo %[[J]], depth = 1
  %j = stream.process "join" (%h, %f#0) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%q: tensor<1x4xsi8>, %p: tensor<1x4xui4>):
    %r = sumac.combine %p, %q multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x4xui4>, tensor<1x4xsi8>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  stream.output %j : !stream.channel<4 x si12, lanes = 1>
}

// A writer of one item a frame, and a branch that leaves the network.
// CHECK-LABEL: stream.network @wide
stream.network @wide {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  %f:2 = stream.fork %x : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>
  // CHECK: %[[F:.*]]:2 = stream.fork
  // CHECK-DAG: %[[A:.*]] = stream.fifo %[[F]]#0, depth = 2
  // CHECK-DAG: %[[B:.*]] = stream.fifo %[[F]]#1, depth = 2
  // CHECK: %[[R:.*]] = stream.resize %[[A]]
  // CHECK: %[[C:.*]] = stream.fifo %[[R]], depth = 1 : <4 x ui4, lanes = 4>
  // CHECK: stream.output %[[C]], %[[B]]
  %r = stream.resize %f#0 : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 4>
  stream.output %r, %f#1 : !stream.channel<4 x ui4, lanes = 4>, !stream.channel<4 x ui4, lanes = 1>
}
