// Layers as masks and coefficients.
// RUN: sumac-opt %s --split-input-file --convert-sumac-to-acm="machine=tiny images=2 preloads=false" | FileCheck %s
// Names of layers are locations.
// RUN: sumac-opt %s --split-input-file --convert-sumac-to-acm="machine=tiny images=2 preloads=false" --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

// Weights of three bits: one pass, with the coefficients 1, 2, -4 for each output. A line has 16
// elements, so x takes one, and y. Records are [C0 C1 C2 C3 D M S], 222 bits.
// The functions stay.
// CHECK-LABEL: func.func @main_raw
// CHECK:         sumac.requantize
// CHECK-LABEL: acm.program @design machine("{{.*}}\22name\22:\22tiny\22{{.*}}") entry("{\22dram\22:256,\22images\22:2,
// CHECK-SAME:    \22inputs\22:[{\22address\22:128,\22elements\22:5,\22is_signed\22:false,\22memory\22:\22activations\22,\22metadata\22:null,\22name\22:\22x\22,\22stride\22:32}]
// CHECK-SAME:    \22outputs\22:[{\22address\22:192,\22elements\22:3,\22is_signed\22:false,\22memory\22:\22activations\22,\22metadata\22:null,\22name\22:\22y\22,\22stride\22:32}]}")
// CHECK-SAME:    names("{\22layers\22:[{{{.*}}\22fold\22:\222\22,\22format\22:\22dense\22,\22inputs\22:5,\22name\22:\22fc1\22,\22outputs\22:3,{{.*}}\22parts\22:[{{{.*}}\22fold\22:2,\22format\22:\22dense\22,\22inputs\22:5,\22outputs\22:3,\22passes\22:1,
// CHECK-SAME:    data(dense_resource<dram> : tensor<128xui8>) {
// CHECK-NEXT:    acm.load {dram = 128 : i64, memory = "activations", rows = 1 : i64, words = 8 : i64}
// CHECK-NEXT:    acm.load {memory = "codes", rows = 1 : i64, words = 1 : i64}
// CHECK-NEXT:    acm.load {dram = 16 : i64, memory = "parameters", rows = 1 : i64, signal_next = 1 : i64, words = 1 : i64}
// CHECK-NEXT:    acm.execute {blocks = 1 : i64, fold = 1 : i64, format = "dense", half_even = 1 : i64, high = 15 : i64, images = 2 : i64, input_stride = 1 : i64, mode = "codes", output = 8 : i64, output_stride = 4 : i64, passes = 1 : i64, signal_next = 1 : i64, steps = 1 : i64, wait_previous = 1 : i64, windows = 1 : i64}
// CHECK-NEXT:    acm.store {address = 8 : i64, dram = 192 : i64, memory = "activations", rows = 1 : i64, wait_previous = 1 : i64, words = 8 : i64}
// CHECK-NEXT:    acm.finish
// CHECK-NEXT:  }

// The words: 4-bit codes of rows 0 to 2 (inputs 0 to 3) and 4 to 6 (input 4), then for the first
// output C = 1, 2, -4, 0; D = 1 * 3 + 2; M = 3; S = 4.
// CHECK: dram: "0x{{[0-9]*}}0143170011610000020002000000000001000000{{0*}}02000000FCFFFFFF00000000{{0*}}05{{0*}}03000000{{[4C]}}

// LOC-LABEL: acm.program @design
// LOC-NEXT:    acm.load {{{.*}}} loc([[X:#loc[0-9]*]])
// LOC-NEXT:    acm.load {{{.*}}} loc([[FC1:#loc[0-9]*]])
// LOC-NEXT:    acm.load {{{.*}}} loc([[FC1]])
// LOC-NEXT:    acm.execute {{{.*}}} loc([[FC1]])
// LOC-NEXT:    acm.store {{{.*}}} loc([[FC1]])
// LOC-DAG:   [[X]] = loc("x")
// LOC-DAG:   [[FC1]] = loc("fc1")
func.func @main_raw(%x: tensor<?x5xui4> {sumac.name = "x"}) -> (tensor<?x3xui4> {sumac.name = "y"}) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0, 3, -4, 2], [-1, 1, 0, 0, 2], [1, 1, 1, -2, 0]]> : tensor<3x5xsi8>, bits = 3> -> tensor<3x5xsi3>
  %b = sumac.constant #sumac.uniform<dense<[1, 0, -1]> : tensor<3xsi8>, bits = 2> -> tensor<3xsi2>
  %a = sumac.linear %x, %w bias(%b) : (tensor<?x5xui4>, tensor<3x5xsi3>, tensor<3xsi2>) -> tensor<?x3xsi8> loc("fc1")
  %q = sumac.requantize %a, multiply [3, 5, 7] add [2, 0, 16] shift [4, 4, 5] half_even clamp [0, 15] : tensor<?x3xsi8> -> tensor<?x3xui4>
  return %q : tensor<?x3xui4>
}

// -----

// Counting thresholds of x below T is counting those of -x from 1 - T on: the multiplier is -1.
// Codes 2 * count - 3 stay counts in the memory; what reads them has the 2 in its coefficients and
// the -3 in its bias.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.execute {blocks = 1 : i64, count = 3 : i64, {{.*}}high = 3 : i64, {{.*}}mode = "steps", {{.*}}output = 8 : i64,
// CHECK:         acm.execute {blocks = 1 : i64, {{.*}}input = 2 : i64, {{.*}}mode = "sums",
// CHECK-NOT:     is_signed
// CHECK:         acm.store {{{.*}}memory = "results"
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xsi16> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi6> loc("fc1")
  %t = sumac.threshold %a, dense<[[1, 4, 9], [-3, 0, 3]]> : tensor<2x3xsi16> decreasing [false, true] base -3 step 2 : tensor<?x2xsi6> -> tensor<?x2xsi3> loc("quant")
  %b = sumac.linear %t, %w : (tensor<?x2xsi3>, tensor<2x2xsi2>) -> tensor<?x2xsi16> loc("fc2")
  return %b : tensor<?x2xsi16>
}

// -----

// Sums of up to four coefficients are masks already, of any width: one pass. Codes that can be
// negative are signed.
// CHECK-LABEL: acm.program @design
// CHECK-SAME:    \22passes\22:1,
// CHECK:         acm.execute {{{.*}}is_signed = 1 : i64, {{.*}}passes = 1 : i64,
// CHECK: dram: "0x{{[0-9]*}}003000F5{{0*}}03000000F9FFFFFF0B00000028000000
func.func @main_raw(%x: tensor<?x2xsi4>) -> tensor<?x2xsi16> {
  %w = sumac.constant #sumac.basis<dense<[[0, 3], [5, 15]]> : tensor<2x2xui8>, coefficients = dense<[[3, -7, 11, 40]]> : tensor<1x4xsi64>> -> tensor<2x2xsi7>
  %a = sumac.linear %x, %w : (tensor<?x2xsi4>, tensor<2x2xsi7>) -> tensor<?x2xsi16> loc("fc1")
  return %a : tensor<?x2xsi16>
}

// -----

// Weights of eight bits: two passes. Without negative weights the sign's mask is none: four bits
// are one pass.
// CHECK-LABEL: acm.program @design
// CHECK-SAME:    \22name\22:\22fc1\22,{{.*}}\22passes\22:2,
// CHECK-SAME:    \22name\22:\22fc2\22,{{.*}}\22passes\22:1,
// CHECK:         acm.execute {{{.*}}passes = 2 : i64,
// CHECK:         acm.execute {{{.*}}passes = 1 : i64,
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xsi16> {
  %w = sumac.constant #sumac.uniform<dense<[[127, 0], [-128, 1]]> : tensor<2x2xsi8>, bits = 8> -> tensor<2x2xsi8>
  %v = sumac.constant #sumac.uniform<dense<[[15, 0], [8, 1]]> : tensor<2x2xsi8>, bits = 5> -> tensor<2x2xsi5>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi8>) -> tensor<?x2xsi13> loc("fc1")
  %c = sumac.clamp %a min [0] max [15] : tensor<?x2xsi13> -> tensor<?x2xui4> loc("relu")
  %b = sumac.linear %c, %v : (tensor<?x2xui4>, tensor<2x2xsi5>) -> tensor<?x2xsi16> loc("fc2")
  return %b : tensor<?x2xsi16>
}

// -----

// A join: a layer and codes times 7, whose weights are the identity, image by image. The first
// keeps its sums, the second resumes.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.execute {{{.*}}mode = "keep", {{.*}}wait_previous = 1 : i64,
// CHECK-NOT:     resume
// CHECK-NEXT:    acm.execute {{{.*}}high = 15 : i64, {{.*}}mode = "codes", {{.*}}resume = 1 : i64,
// CHECK-NEXT:    acm.execute {{{.*}}input = 1 : i64, {{.*}}mode = "keep",
// CHECK-NEXT:    acm.execute {{{.*}}input = 1 : i64, {{.*}}mode = "codes", {{.*}}resume = 1 : i64, signal_next = 1 : i64,
// CHECK-NEXT:    acm.store
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi6> loc("fc1")
  %j = sumac.combine %a, %x multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xsi6>, tensor<?x2xui4>) -> tensor<?x2xsi16> loc("join")
  %q = sumac.requantize %j, multiply [3] add [0] shift [4] clamp [0, 15] : tensor<?x2xsi16> -> tensor<?x2xui4>
  return %q : tensor<?x2xui4>
}

// -----

// A join of joins is one of all their branches: 2 * (3 x + 5 y + 1) + 7 z.
// CHECK-LABEL: acm.program @design
// CHECK-COUNT-2: acm.execute {{{.*}}mode = "keep"
// CHECK-NEXT:    acm.execute {{{.*}}mode = "codes", {{.*}}resume = 1 : i64
// CHECK: dram: "0x{{[0-9]*}}06000000{{0*}}2{{[01]*}}A000000{{0*}}2{{[01]*}}7000000
func.func @main_raw(%x: tensor<?x1xui4>, %y: tensor<?x1xui4>, %z: tensor<?x1xui4>) -> tensor<?x1xui8> {
  %i = sumac.combine %x, %y multiply dense<[[3], [5]]> : tensor<2x1xsi64> add dense<1> : tensor<1xsi64> : (tensor<?x1xui4>, tensor<?x1xui4>) -> tensor<?x1xsi16>
  %j = sumac.combine %i, %z multiply dense<[[2], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x1xsi16>, tensor<?x1xui4>) -> tensor<?x1xsi16>
  %c = sumac.clamp %j min [0] max [255] : tensor<?x1xsi16> -> tensor<?x1xui8>
  return %c : tensor<?x1xui8>
}

// -----

// Codes of more than 8 bits are planes of bytes, lines of high bytes behind those of low ones: the
// input's high bytes are signed and count 256. A result of 12 bits is computed twice, for both planes.
// CHECK-LABEL: acm.program @design
// CHECK-SAME:    \22inputs\22:[{{{.*}}\22elements\22:2,\22is_signed\22:true,{{.*}}\22plane_stride\22:32,\22stride\22:64}],
// CHECK-SAME:    \22outputs\22:[{{{.*}}\22is_signed\22:false,{{.*}}\22plane_stride\22:32,
// CHECK:         acm.load {{{.*}}memory = "activations", rows = 1 : i64, words = 16 : i64}
// CHECK:         acm.execute {blocks = 1 : i64, {{.*}}format = "dense", images = 1 : i64, mode = "keep", {{.*}}wait_previous
// CHECK-NEXT:    acm.execute {{{.*}}high = 4095 : i64, images = 1 : i64, input = 1 : i64, is_signed = 1 : i64, mode = "codes", output = 16 : i64, {{.*}}resume = 1 : i64
// CHECK-NEXT:    acm.execute {{{.*}}mode = "keep"
// CHECK-NEXT:    acm.execute {{{.*}}input = 1 : i64, {{.*}}mode = "codes", output = 20 : i64, {{.*}}plane = 1 : i64, resume = 1 : i64
// CHECK-NEXT:    acm.execute {{{.*}}input = 2 : i64,
// CHECK:         acm.store {address = 16 : i64, {{.*}}words = 16 : i64}
func.func @main_raw(%x: tensor<?x2xsi10> {sumac.name = "x"}) -> (tensor<?x2xui12> {sumac.name = "y"}) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xsi10>, tensor<2x2xsi2>) -> tensor<?x2xsi16> loc("fc1")
  %c = sumac.clamp %a min [0] max [4095] : tensor<?x2xsi16> -> tensor<?x2xui12>
  return %c : tensor<?x2xui12>
}

// -----

// A table that rises and falls has thresholds that count up and down.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.execute {{{.*}}count = 7 : i64, falls = 2 : i64, {{.*}}high = 4 : i64, {{.*}}mode = "steps",
func.func @main_raw(%x: tensor<?x2xui2>) -> tensor<?x2xui4> {
  %t = sumac.table %x, dense<[[0, 4, 2, 3], [4, 1, 2, 2]]> : tensor<2x4xui8> first 0 : tensor<?x2xui2> -> tensor<?x2xui4>
  return %t : tensor<?x2xui4>
}

// -----

// A table that only rises, or only falls, for each channel is a row of thresholds.
// CHECK-LABEL: acm.program @design
// CHECK:         acm.execute {{{.*}}count = 9 : i64, {{.*}}high = 9 : i64, {{.*}}mode = "steps",
func.func @main_raw(%x: tensor<?x3xui2>) -> tensor<?x3xui4> {
  %t = sumac.table %x, dense<[[0, 1, 2, 2], [5, 4, 2, 1], [0, 3, 3, 9]]> : tensor<3x4xui8> first 0 : tensor<?x3xui2> -> tensor<?x3xui4>
  return %t : tensor<?x3xui4>
}
