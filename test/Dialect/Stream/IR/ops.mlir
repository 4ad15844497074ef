// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s --mlir-print-op-generic | sumac-opt | FileCheck %s
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s

// Input and output alone.
// CHECK-LABEL: stream.network @wire {
stream.network @wire {
// CHECK: ^bb0(%[[X:.*]]: !stream.channel<784 x ui8, lanes = 16>):
^bb0(%x: !stream.channel<784 x ui8, lanes = 16>):
  // CHECK-NEXT: stream.output %[[X]] : !stream.channel<784 x ui8, lanes = 16>
  stream.output %x : !stream.channel<784 x ui8, lanes = 16>
}

// CHECK-LABEL: stream.network @fork
stream.network @fork {
^bb0(%x: !stream.channel<4 x si3, lanes = 2>):
  // CHECK: %[[F:.*]]:3 = stream.fork %{{.*}} : <4 x si3, lanes = 2> -> !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>
  %f:3 = stream.fork %x : !stream.channel<4 x si3, lanes = 2> -> !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>
  // CHECK: stream.output %[[F]]#0, %[[F]]#1, %[[F]]#2 : !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>
  stream.output %f#0, %f#1, %f#2 : !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>, !stream.channel<4 x si3, lanes = 2>
}

// CHECK-LABEL: stream.network @resize
stream.network @resize {
^bb0(%x: !stream.channel<12 x ui64, lanes = 4>):
  // CHECK: stream.resize %{{.*}} : <12 x ui64, lanes = 4> -> <12 x ui64, lanes = 2>
  %a = stream.resize %x : !stream.channel<12 x ui64, lanes = 4> -> !stream.channel<12 x ui64, lanes = 2>
  // CHECK: stream.resize %{{.*}} : <12 x ui64, lanes = 2> -> <12 x ui64, lanes = 12>
  %b = stream.resize %a : !stream.channel<12 x ui64, lanes = 2> -> !stream.channel<12 x ui64, lanes = 12>
  stream.output %b : !stream.channel<12 x ui64, lanes = 12>
}

// CHECK-LABEL: stream.network @fifo attributes {note = "kept"}
stream.network @fifo attributes {note = "kept"} {
^bb0(%x: !stream.channel<1 x ui1, lanes = 1>):
  // CHECK: stream.fifo %{{.*}}, depth = 124 : <1 x ui1, lanes = 1>
  %a = stream.fifo %x, depth = 124 : !stream.channel<1 x ui1, lanes = 1>
  stream.output %a : !stream.channel<1 x ui1, lanes = 1>
}

// CHECK-LABEL: stream.network @folded
stream.network @folded {
^bb0(%x: !stream.channel<4 x ui2, lanes = 2>):
  // CHECK: stream.process "fc1"(%{{.*}}) unit(#stream.folded<pe = 1, simd = 2, memory = bram, multiplier = dsp>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<2 x ui2, lanes = 1> {
  %h = stream.process "fc1" (%x) unit(#stream.folded<pe = 1, simd = 2, memory = bram, multiplier = dsp>) : (!stream.channel<4 x ui2, lanes = 2>) -> !stream.channel<2 x ui2, lanes = 1> {
  // CHECK: ^bb0(%[[V:.*]]: tensor<1x4xui2>):
  ^bb0(%v: tensor<1x4xui2>):
    // CHECK: sumac.constant
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, -2, 1]]> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
    // CHECK: sumac.linear %[[V]]
    %a = sumac.linear %v, %w : (tensor<1x4xui2>, tensor<2x4xsi2>) -> tensor<1x2xsi6>
    // CHECK: %[[R:.*]] = sumac.requantize
    %r = sumac.requantize %a, multiply [3, 5] add [100] shift [7] clamp [0, 3] : tensor<1x2xsi6> -> tensor<1x2xui2>
    // CHECK: stream.yield %[[R]] : tensor<1x2xui2>
    stream.yield %r : tensor<1x2xui2>
  }
  stream.output %h : !stream.channel<2 x ui2, lanes = 1>
}

// CHECK-LABEL: stream.network @unrolled
stream.network @unrolled {
^bb0(%x: !stream.channel<2 x ui2, lanes = 2>):
  // CHECK: stream.process "fc1"(%{{.*}}) unit(#stream.unrolled<adders_per_stage = 3, depth = 1, adder_bits = 4>) : (!stream.channel<2 x ui2, lanes = 2>) -> !stream.channel<1 x si5, lanes = 1> {
  %h = stream.process "fc1" (%x) unit(#stream.unrolled<adders_per_stage = 3, depth = 1, adder_bits = 4>) : (!stream.channel<2 x ui2, lanes = 2>) -> !stream.channel<1 x si5, lanes = 1> {
  ^bb0(%v: tensor<1x2xui2>):
    %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
    // CHECK: form(#sumac.adder_graph)
    %a = sumac.linear %v, %w form(#sumac.adder_graph) : (tensor<1x2xui2>, tensor<1x2xsi2>) -> tensor<1x1xsi5>
    stream.yield %a : tensor<1x1xsi5>
  }
  stream.output %h : !stream.channel<1 x si5, lanes = 1>
}

// CHECK-LABEL: stream.network @elementwise
stream.network @elementwise {
^bb0(%x: !stream.channel<4 x ui2, lanes = 4>, %y: !stream.channel<4 x si4, lanes = 4>):
  // CHECK: stream.process "join"(%{{.*}}, %{{.*}}) unit(#stream.elementwise<lanes = 4, multiplier = lut>) {note = "kept"} : (!stream.channel<4 x ui2, lanes = 4>, !stream.channel<4 x si4, lanes = 4>) -> !stream.channel<4 x si8, lanes = 4> {
  %j = stream.process "join" (%x, %y) unit(#stream.elementwise<lanes = 4, multiplier = lut>) {note = "kept"} : (!stream.channel<4 x ui2, lanes = 4>, !stream.channel<4 x si4, lanes = 4>) -> !stream.channel<4 x si8, lanes = 4> {
  // CHECK: ^bb0(%{{.*}}: tensor<1x4xui2>, %{{.*}}: tensor<1x4xsi4>):
  ^bb0(%a: tensor<1x4xui2>, %b: tensor<1x4xsi4>):
    %c = sumac.combine %a, %b multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<1> : tensor<1xsi64> : (tensor<1x4xui2>, tensor<1x4xsi4>) -> tensor<1x4xsi8>
    stream.yield %c : tensor<1x4xsi8>
  }
  stream.output %j : !stream.channel<4 x si8, lanes = 4>
}
