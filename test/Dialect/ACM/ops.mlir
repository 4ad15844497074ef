// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s --mlir-print-op-generic | sumac-opt | FileCheck %s
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s
// RUN: sumac-opt %s --mlir-print-debuginfo | sumac-opt --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

// A field that is not there is 0; finish has none.
// CHECK-LABEL: acm.program @least machine("{{.*}}") entry("{{.*}}") data(dense<> : tensor<0xui8>) {
// CHECK-NEXT:    acm.load
// CHECK-NEXT:    acm.store
// CHECK-NEXT:    acm.execute
// CHECK-NEXT:    acm.finish
// CHECK-NEXT:  }
acm.program @least machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  acm.load
  acm.store
  acm.execute
  acm.finish
}

// No instruction at all, and attributes of the program.
// CHECK-LABEL: acm.program @empty
// CHECK-SAME:    data(dense<1> : tensor<8xui8>) attributes {note = "kept"} {
// CHECK-NEXT:  }
acm.program @empty machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<1> : tensor<8xui8>) attributes {note = "kept"} {
}

// Every field.
// CHECK-LABEL: acm.program @fields
// CHECK-SAME:    names("{\22layers\22:[{{.*}}]}") data(dense_resource<dram> : tensor<64xui8>)
// LOC-LABEL:   acm.program @fields
acm.program @fields machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[{\"address\":0,\"elements\":3,\"is_signed\":false,\"memory\":\"activations\",\"metadata\":null,\"name\":\"x\",\"stride\":0}],\"outputs\":[{\"address\":64,\"elements\":3,\"is_signed\":true,\"memory\":\"results\",\"metadata\":{\"step\":2},\"name\":\"y\",\"stride\":0}]}") names("{\"layers\":[{\"name\":\"fc1\"}]}") data(dense_resource<dram> : tensor<64xui8>) {
  // CHECK-NEXT: acm.load {address = 4 : i64, dram = 4294967288 : i64, dram_stride = 16 : i64, memory = "codes", rows = 2 : i64, signal_next = 1 : i64, stride = 8 : i64, wait_next = 1 : i64, words = 3 : i64}
  // LOC-NEXT:   acm.load {{{.*}}} loc([[FC1:#loc[0-9]*]])
  acm.load {memory = "codes", address = 4, stride = 8, words = 3, rows = 2, dram = 4294967288, dram_stride = 16, wait_next = 1, signal_next = 1} loc("fc1")
  // CHECK-NEXT: acm.execute {blocks = 1 : i64, codes = 4 : i64, count = 255 : i64, fold = 1 : i64, format = "bitmask", half_even = 1 : i64, high = 255 : i64, images = 2 : i64, indices = 5 : i64, input = 6 : i64, input_stride = 7 : i64, is_signed = 1 : i64, low = -256 : i64, mode = "steps", output = 8 : i64, output_stride = 9 : i64, parameters = 10 : i64, passes = 2 : i64, resume = 1 : i64, span = 1 : i64, steps = 11 : i64, wait_previous = 1 : i64, windows = 12 : i64}
  acm.execute {format = "bitmask", mode = "steps", resume = 1, is_signed = 1, half_even = 1, fold = 1, span = 1, codes = 4, indices = 5, parameters = 10, input = 6, input_stride = 7, output = 8, output_stride = 9, blocks = 1, images = 2, passes = 2, windows = 12, steps = 11, low = -256, high = 255, count = 255, wait_previous = 1} loc("fc1")
  // CHECK-NEXT: acm.store {dram = 64 : i64, memory = "results", rows = 1 : i64, wait_previous = 1 : i64, words = 1 : i64}
  acm.store {memory = "results", words = 1, rows = 1, dram = 64, wait_previous = 1}
  // CHECK-NEXT: acm.finish
  acm.finish
}
// LOC: [[FC1]] = loc("fc1")

{-#
  dialect_resources: {
    builtin: {
      dram: "0x01000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010203FF"
    }
  }
#-}
