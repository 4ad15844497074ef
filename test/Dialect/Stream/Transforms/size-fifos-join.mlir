// RUN: sumac-opt %s --stream-size-fifos | FileCheck %s
// RUN: sumac-opt %s --stream-size-fifos --stream-simulate -o %t | FileCheck %s --check-prefix=SIMULATED

// The join reads from the branch around the layer in the step in which it reads from the
// layer: depths are those of size-fifos.mlir, where the operands come in the other order.
// SIMULATED: interval: 16 cycles, simulated 16
// RUN: sumac-opt %s --stream-size-fifos --stream-simulate=one-less -o %t | FileCheck %s --check-prefix=LESS
// LESS: FIFO behind fork: depth 5, held {{[0-9]}}; one less: later
// CHECK-LABEL: stream.network @skip_first
stream.network @skip_first {
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
  %j = stream.process "join" (%f#0, %h) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x si8, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%p: tensor<1x4xui4>, %q: tensor<1x4xsi8>):
    %r = sumac.combine %p, %q multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x4xui4>, tensor<1x4xsi8>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  stream.output %j : !stream.channel<4 x si12, lanes = 1>
}
