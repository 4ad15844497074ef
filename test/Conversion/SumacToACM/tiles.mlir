// Layers of which half a memory holds no block.
// RUN: sumac-opt %s --convert-sumac-to-acm="machine=%S/Inputs/small.json images=2 formats=dense" | FileCheck %s

// Three lines of inputs and weights of two passes: not even folded by two, with 6 words for a line, do
// 4 words hold a block. The inputs are cut along lines and passes, and tiles come one after another: the
// sums of a block wait in the output stage. Each image has them anew, from the same DRAM.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.load {memory = "codes", rows = 1 : i64, words = 4 : i64}
// CHECK:         acm.execute {{{.*}}fold = 1 : i64, {{.*}}mode = "keep", {{.*}}passes = 2 : i64, signal_previous = 1 : i64,
// CHECK:         acm.load {address = 4 : i64, dram = [[SECOND:[0-9]+]] : i64, memory = "codes",
// CHECK:         acm.execute {{{.*}}input = 1 : i64, {{.*}}mode = "keep", {{.*}}resume = 1 : i64,
// CHECK:         acm.execute {{{.*}}input = 2 : i64, {{.*}}mode = "codes", {{.*}}resume = 1 : i64,
// CHECK:         acm.execute {{{.*}}input = 3 : i64, {{.*}}mode = "keep",
// CHECK:         acm.load {dram = [[SECOND]] : i64, memory = "codes",
// CHECK-COUNT-2: resume = 1
// CHECK-NOT:     acm.execute
func.func @main_raw(%x: tensor<?x48xui4>) -> tensor<?x3xui4> {
  %w = sumac.constant #sumac.uniform<dense<17> : tensor<3x48xsi8>, bits = 6> -> tensor<3x48xsi6>
  %a = sumac.linear %x, %w : (tensor<?x48xui4>, tensor<3x48xsi6>) -> tensor<?x3xsi32> loc("fc1")
  %q = sumac.requantize %a, multiply [3] add [0] shift [4] clamp [0, 15] : tensor<?x3xsi32> -> tensor<?x3xui4>
  return %q : tensor<?x3xui4>
}
