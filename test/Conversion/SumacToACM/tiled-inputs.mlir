// Inputs that the activation memory does not hold.
// RUN: sumac-opt %s --convert-sumac-to-acm="machine=%S/Inputs/small.json images=1 formats=dense" | FileCheck %s

// An image of 260 elements is 17 lines; the memory has 16. Tiles of four lines and less, with the output's line, fit: they
// come with their words, in turn from lines 0 and 4 on.
// CHECK-LABEL: acm.program @design
// CHECK-SAME:    \22inputs\22:[{\22address\22:[[INPUT:[0-9]+]],
// CHECK-NEXT:    acm.load {dram = [[INPUT]] : i64, memory = "activations", rows = 1 : i64, words = {{8|12|16}} : i64}
// CHECK-NEXT:    acm.load {memory = "codes",
// CHECK:         acm.execute {{{.*}}mode = "keep",
// CHECK-NOT:     resume
// CHECK-NEXT:    acm.load {address = 16 : i64, dram = {{[0-9]+}} : i64, memory = "activations",
// CHECK:         acm.execute {{{.*}}input = 4 : i64, {{.*}}mode = "keep", {{.*}}resume = 1
// CHECK:         acm.execute {{{.*}}mode = "codes", {{.*}}resume = 1
func.func @main_raw(%x: tensor<?x260xui4>) -> tensor<?x3xui4> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<3x260xsi8>, bits = 3> -> tensor<3x260xsi3>
  %a = sumac.linear %x, %w : (tensor<?x260xui4>, tensor<3x260xsi3>) -> tensor<?x3xsi32> loc("fc1")
  %q = sumac.requantize %a, multiply [3] add [0] shift [4] clamp [0, 15] : tensor<?x3xsi32> -> tensor<?x3xui4>
  return %q : tensor<?x3xui4>
}
