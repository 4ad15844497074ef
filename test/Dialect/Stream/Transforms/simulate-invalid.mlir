// RUN: sumac-opt %s --split-input-file --verify-diagnostics --mlir-disable-threading --stream-simulate -o %t
// RUN: not sumac-opt %s --stream-simulate=frames=2 2>&1 | FileCheck %s --check-prefix=FRAMES
// FRAMES: error: stream-simulate needs 3 frames or more

// Every channel passes through a FIFO.
stream.network @input {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  // expected-error @+1 {{reads a channel without a FIFO; run stream-size-fifos first}}
  stream.output %x : !stream.channel<4 x ui4, lanes = 1>
}

// -----

stream.network @result {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  %a = stream.fifo %x, depth = 2 : !stream.channel<4 x ui4, lanes = 1>
  %b = stream.resize %a : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 4>
  // expected-error @+1 {{reads a channel without a FIFO; run stream-size-fifos first}}
  stream.output %b : !stream.channel<4 x ui4, lanes = 4>
}

// -----

// One less than the depth that stream-size-fifos gives (size-fifos.mlir): the next frame
// begins late.
// expected-error @+1 {{simulation and analysis differ}}
stream.network @skip {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  %g = stream.fifo %x, depth = 2 : !stream.channel<4 x ui4, lanes = 1>
  %f:2 = stream.fork %g : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>
  %a = stream.fifo %f#0, depth = 4 : !stream.channel<4 x ui4, lanes = 1>
  %b = stream.fifo %f#1, depth = 2 : !stream.channel<4 x ui4, lanes = 1>
  %h = stream.process "fc1" (%b) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  %c = stream.fifo %h, depth = 1 : !stream.channel<4 x si8, lanes = 1>
  %j = stream.process "join" (%c, %a) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%q: tensor<1x4xsi8>, %p: tensor<1x4xui4>):
    %r = sumac.combine %p, %q multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x4xui4>, tensor<1x4xsi8>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  %d = stream.fifo %j, depth = 1 : !stream.channel<4 x si12, lanes = 1>
  stream.output %d : !stream.channel<4 x si12, lanes = 1>
}

// -----

// The layer waits for the fourth item, which the fork gives when the branch around the
// layer takes it, too; the branch waits for the layer.
// expected-error @+1 {{the network deadlocks}}
stream.network @deadlock {
^bb0(%x: !stream.channel<4 x ui4, lanes = 1>):
  %g = stream.fifo %x, depth = 2 : !stream.channel<4 x ui4, lanes = 1>
  %f:2 = stream.fork %g : !stream.channel<4 x ui4, lanes = 1> -> !stream.channel<4 x ui4, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>
  %a = stream.fifo %f#0, depth = 3 : !stream.channel<4 x ui4, lanes = 1>
  %b = stream.fifo %f#1, depth = 2 : !stream.channel<4 x ui4, lanes = 1>
  %h = stream.process "fc1" (%b) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si8, lanes = 1> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
    %r = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
    stream.yield %r : tensor<1x4xsi8>
  }
  %c = stream.fifo %h, depth = 1 : !stream.channel<4 x si8, lanes = 1>
  %j = stream.process "join" (%c, %a) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>, !stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<4 x si12, lanes = 1> {
  ^bb0(%q: tensor<1x4xsi8>, %p: tensor<1x4xui4>):
    %r = sumac.combine %p, %q multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<1x4xui4>, tensor<1x4xsi8>) -> tensor<1x4xsi12>
    stream.yield %r : tensor<1x4xsi12>
  }
  %d = stream.fifo %j, depth = 1 : !stream.channel<4 x si12, lanes = 1>
  stream.output %d : !stream.channel<4 x si12, lanes = 1>
}
