// RUN: sumac-opt %s --split-input-file --verify-diagnostics

// A field of another opcode.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.load' op has no field 'codes'}}
  acm.load {codes = 1}
}

// -----

// A field of none.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.execute' op has no field 'colour'}}
  acm.execute {colour = 1}
}

// -----

// The opcode is the name.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.finish' op has no field 'opcode'}}
  acm.finish {opcode = 1}
}

// -----

// Values have a type.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.load' op field 'words' is a 64-bit integer}}
  acm.load {words = 1 : i32}
}

// -----

// Values have a type.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.load' op field 'words' is a 64-bit integer}}
  acm.load {words = "many"}
}

// -----

// Values with names are names.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.load' op field 'memory' is one of codes, indices, activations, parameters, results}}
  acm.load {memory = 1}
}

// -----

// Values with names are names.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.execute' op field 'format' is one of dense, bitmask, csr}}
  acm.execute {format = "coo"}
}

// -----

// Values fit their bits.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.load' op 'words' is 1024, which is not in 0 ... 1023}}
  acm.load {words = 1024}
}

// -----

// Values fit their bits.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.execute' op 'low' is -65537, which is not in -65536 ... 65535}}
  acm.execute {low = -65537}
}

// -----

// Values fit their bits.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'acm.execute' op 'wait_next' is -1, which is not in 0 ... 1}}
  acm.execute {wait_next = -1}
}

// -----

// Nothing but instructions.
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  // expected-error @+1 {{'sumac.constant' op is no instruction}}
  %0 = sumac.constant #sumac.uniform<dense<1> : tensor<1xsi8>, bits = 2> -> tensor<1xsi2>
}

// -----

// Instructions are in programs.
// expected-error @+1 {{'acm.finish' op expects parent op 'acm.program'}}
acm.finish

// -----

// Programs have one block.
// expected-error @+1 {{'acm.program' op has arguments; its inputs are ports of 'entry'}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
^bb0(%x: i8):
  acm.finish
}

// -----

// A machine is JSON.
// expected-error @+1 {{'acm.program' op 'machine': }}
acm.program @p machine("tiny") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// A machine has all keys.
// expected-error @+1 {{'acm.program' op 'machine': machine description: 'queue' is missing}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// A machine has no others.
// expected-error @+1 {{'acm.program' op 'machine': machine description: 'cores' is no known key}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"cores\":2,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// A machine works.
// expected-error @+1 {{'acm.program' op 'machine': machine description: 'rows' must be a power of two}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":3,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// An entry is JSON.
// expected-error @+1 {{'acm.program' op 'entry': }}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{") data(dense<> : tensor<0xui8>) {
}

// -----

// An entry has all keys.
// expected-error @+1 {{'acm.program' op 'entry': 'dram' is missing}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// Ports lie in DRAM.
// expected-error @+1 {{'acm.program' op 'entry': port 'x': it ends behind 'dram'}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[{\"address\":4096,\"elements\":3,\"is_signed\":false,\"memory\":\"activations\",\"metadata\":null,\"name\":\"x\",\"stride\":0}],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// Inputs are activations.
// expected-error @+1 {{'acm.program' op 'entry': port 'x': 'memory' must be activations}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[{\"address\":0,\"elements\":3,\"is_signed\":false,\"memory\":\"results\",\"metadata\":null,\"name\":\"x\",\"stride\":0}],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// Images do not overlap.
// expected-error @+1 {{'acm.program' op 'entry': port 'x': images overlap}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":2,\"inputs\":[{\"address\":0,\"elements\":3,\"is_signed\":false,\"memory\":\"activations\",\"metadata\":null,\"name\":\"x\",\"stride\":0}],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// Names are an object.
// expected-error @+1 {{'acm.program' op 'names': must be a JSON object without the key "instructions", which locations say}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") names("[]") data(dense<> : tensor<0xui8>) {
}

// -----

// Names of instructions are locations.
// expected-error @+1 {{'acm.program' op 'names': must be a JSON object without the key "instructions", which locations say}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") names("{\"instructions\":[]}") data(dense<> : tensor<0xui8>) {
}

// -----

// Data are bytes.
// expected-error @+1 {{'acm.program' op 'data' must be of type ui8}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<1> : tensor<4xsi8>) {
}

// -----

// Data are dense.
// expected-error @+1 {{'acm.program' op 'data': payload must be dense numbers or a dense resource}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(sparse<[[0]], 1> : tensor<4xui8>) {
}

// -----

// Data fit DRAM.
// expected-error @+1 {{'acm.program' op 'data' has 4097 bytes; 'entry' says that DRAM has 4096}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":512,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<1> : tensor<4097xui8>) {
}

// -----

// The instruction memory holds all.
// expected-error @+1 {{'acm.program' op has 2 instructions, and the machine words for 1}}
acm.program @p machine("{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,\"clock_mhz\":100,\"coefficient_bits\":32,\"dma\":{\"bytes\":8,\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{\"activations\":256,\"codes\":512,\"indices\":512,\"instructions\":1,\"parameters\":512,\"results\":256},\"multiplier_bits\":32,\"name\":\"tiny\",\"outputs\":4,\"queue\":4,\"rows\":8,\"sum_bits\":56}") entry("{\"dram\":4096,\"images\":1,\"inputs\":[],\"outputs\":[]}") data(dense<> : tensor<0xui8>) {
  acm.load
  acm.finish
}
