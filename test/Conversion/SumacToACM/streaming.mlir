// Weights that the memories of small.json do not hold: words come to the two halves in turn.
// RUN: sumac-opt %s --split-input-file --convert-sumac-to-acm="machine=%S/Inputs/small.json images=1 formats=dense" | FileCheck %s

// Six blocks of 8 outputs, two words of codes each: two blocks fill half of the 8 words. The first two
// loads wait for nothing, the third for the first execute to leave its half; executes wait for loads. An
// execute signals load only if a load waits for it.
// CHECK-LABEL: acm.program @design
// CHECK-NEXT:    acm.load {dram = {{[0-9]*}} : i64, memory = "activations",
// CHECK-NEXT:    acm.load {{{.*}}memory = "codes", rows = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.load {{{.*}}memory = "parameters", rows = 1 : i64, signal_next = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.execute {blocks = 2 : i64, {{.*}}signal_previous = 1 : i64, {{.*}}wait_previous = 1 : i64,
// CHECK-NEXT:    acm.load {address = 4 : i64, {{.*}}memory = "codes", rows = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.load {address = 8 : i64, {{.*}}memory = "parameters", rows = 1 : i64, signal_next = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.execute {blocks = 2 : i64, codes = 4 : i64,
// CHECK-NOT:     signal_previous
// CHECK-SAME:    parameters = 8 : i64, {{.*}}wait_previous = 1 : i64,
// CHECK-NEXT:    acm.load {{{.*}}memory = "codes", rows = 1 : i64, wait_next = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.load {{{.*}}memory = "parameters", rows = 1 : i64, signal_next = 1 : i64, words = 4 : i64}
// CHECK-NEXT:    acm.execute {blocks = 2 : i64,
// CHECK-SAME:    signal_next = 1 : i64,
// CHECK-NEXT:    acm.store {{{.*}}wait_previous = 1 : i64,
// CHECK-NEXT:    acm.finish
func.func @main_raw(%x: tensor<?x8xui4>) -> tensor<?x48xsi16> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<48x8xsi8>, bits = 2> -> tensor<48x8xsi2>
  %a = sumac.linear %x, %w : (tensor<?x8xui4>, tensor<48x8xsi2>) -> tensor<?x48xsi16> loc("fc1")
  return %a : tensor<?x48xsi16>
}

// -----

// A block has 4 words of codes, so half a memory holds one: the first writes from word 4 on, the second
// from word 6 on.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.execute {blocks = 1 : i64, format = "dense", high = 15 : i64, images = 1 : i64, input_stride = 1 : i64, mode = "codes", output = 4 : i64, output_stride = 4 : i64,
// CHECK:         acm.execute {blocks = 1 : i64, {{.*}}mode = "codes", output = 6 : i64, output_stride = 4 : i64,
// CHECK:         acm.execute {{{.*}}input = 1 : i64, input_stride = 1 : i64, mode = "sums",
func.func @main_raw(%x: tensor<?x16xui4>) -> tensor<?x1xsi16> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<16x16xsi8>, bits = 2> -> tensor<16x16xsi2>
  %v = sumac.constant #sumac.uniform<dense<1> : tensor<1x16xsi8>, bits = 2> -> tensor<1x16xsi2>
  %a = sumac.linear %x, %w : (tensor<?x16xui4>, tensor<16x16xsi2>) -> tensor<?x16xsi12> loc("fc1")
  %q = sumac.requantize %a, multiply [3] add [0] shift [4] clamp [0, 15] : tensor<?x16xsi12> -> tensor<?x16xui4>
  %b = sumac.linear %q, %v : (tensor<?x16xui4>, tensor<1x16xsi2>) -> tensor<?x1xsi16> loc("fc2")
  return %b : tensor<?x1xsi16>
}
