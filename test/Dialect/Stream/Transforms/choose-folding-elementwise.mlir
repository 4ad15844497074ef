// RUN: sumac-opt %s --stream-choose-folding | FileCheck %s
// RUN: sumac-opt %s --stream-choose-folding=interval=2 | FileCheck %s --check-prefix=TWO
// RUN: sumac-opt %s --stream-choose-folding --stream-size-fifos --stream-simulate -o %t | FileCheck %s --check-prefix=SIMULATED

// Elementwise units have the lanes that the interval needs, whatever the lanes of the
// channels were before.
// CHECK: stream.process "act"({{.*}} unit(#stream.elementwise<lanes = 4, {{.*}} -> !stream.channel<4 x ui4, lanes = 4>
// TWO: stream.process "act"({{.*}} unit(#stream.elementwise<lanes = 2, {{.*}} -> !stream.channel<4 x ui4, lanes = 2>
// SIMULATED: interval: 1 cycles, simulated 1
stream.network @design {
^bb0(%x: !stream.channel<4 x si8, lanes = 1>):
  %c = stream.process "act" (%x) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<4 x si8, lanes = 1>) -> !stream.channel<4 x ui4, lanes = 1> {
  ^bb0(%v: tensor<1x4xsi8>):
    %r = sumac.clamp %v min [0] max [15] : tensor<1x4xsi8> -> tensor<1x4xui4>
    stream.yield %r : tensor<1x4xui4>
  }
  stream.output %c : !stream.channel<4 x ui4, lanes = 1>
}
