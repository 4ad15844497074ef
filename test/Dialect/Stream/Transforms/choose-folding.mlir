// RUN: split-file %s %t

// As fast as can be where nothing bounds the units: a frame a cycle.
// RUN: sumac-opt %t/design.mlir --stream-choose-folding | FileCheck %s --check-prefix=FASTEST
// FASTEST: ^bb0(%{{.*}}: !stream.channel<8 x ui4, lanes = 8>):
// FASTEST: "fc1"({{.*}} unit(#stream.folded<pe = 4, simd = 8, memory = lut, multiplier = lut>) {{.*}} -> !stream.channel<4 x ui4, lanes = 4>
// FASTEST: "fc2"({{.*}} unit(#stream.folded<pe = 2, simd = 4, memory = lut, multiplier = lut>) {{.*}} -> !stream.channel<2 x si13, lanes = 2>

// The cheapest units for an interval, each of at most so many steps.
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=interval=32 | FileCheck %s --check-prefix=SLOWEST
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=interval=1000 | FileCheck %s --check-prefix=SLOWEST
// SLOWEST: "fc1"({{.*}} unit(#stream.folded<pe = 1, simd = 1, {{.*}} : (!stream.channel<8 x ui4, lanes = 1>)
// SLOWEST-NOT: resize
// SLOWEST: "fc2"({{.*}} unit(#stream.folded<pe = 1, simd = 1,
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=interval=8 | FileCheck %s --check-prefix=EIGHT
// EIGHT: "fc1"({{.*}} unit(#stream.folded<pe = {{1, simd = 4|2, simd = 2|4, simd = 1}},
// EIGHT: "fc2"({{.*}} unit(#stream.folded<pe = 1, simd = 1,
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=interval=8 --stream-size-fifos --stream-simulate -o %t/sized.mlir | FileCheck %s --check-prefix=SIMULATED
// SIMULATED: interval: 8 cycles, simulated 8

// The smallest interval whose cheapest units fit. What has no budget costs nothing.
// RUN: sumac-opt %t/design.mlir --stream-choose-folding='lut=5000 dsp=100 bram=100' | FileCheck %s --check-prefix=FASTEST-UNITS
// FASTEST-UNITS: "fc1"({{.*}} unit(#stream.folded<pe = 4, simd = 8,
// FASTEST-UNITS: "fc2"({{.*}} unit(#stream.folded<pe = 2, simd = 4,
// RUN: sumac-opt %t/design.mlir --stream-choose-folding='lut=140 dsp=8 bram=1' | FileCheck %s --check-prefix=SMALL
// SMALL: "fc1"({{.*}} unit(#stream.folded<pe = 1, simd = {{[12]}},
// RUN: sumac-opt %t/design.mlir --stream-choose-folding='lut=300' | FileCheck %s --check-prefix=FREE
// FREE: memory = bram
// FREE: memory = bram, multiplier = dsp

// Units of a file stay, with the parameters that it does not name as they were; the others
// are chosen.
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=file=%t/units.json | FileCheck %s --check-prefix=FILE
// FILE: "fc1"({{.*}} unit(#stream.folded<pe = 2, simd = 1, memory = uram, multiplier = dsp>)
// FILE: "fc2"({{.*}} unit(#stream.folded<pe = 1, simd = {{.*}}, memory = lut, multiplier = lut>)
// RUN: sumac-opt %t/design.mlir --stream-choose-folding=file=%t/empty.json | FileCheck %s --check-prefix=FASTEST

// Too large: the need, the budget, and the layer that takes the most.
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=lut=10 2>&1 | FileCheck %s --check-prefix=LARGE
// LARGE: error: the design does not fit{{.*}} about {{[0-9]+}} LUTs, {{[0-9]+}} DSPs{{.*}}; layer 'fc1' takes the most
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding='interval=4 lut=60 dsp=1 bram=1' 2>&1 | FileCheck %s --check-prefix=LARGE4
// LARGE4: error: the design does not fit{{.*}} about {{[0-9]+}} LUTs, {{[0-9]+}} DSPs{{.*}}; layer 'fc1' takes the most

// Too slow: the layer whose fastest unit is slowest.
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding='interval=3 file=%t/units.json' 2>&1 | FileCheck %s --check-prefix=SLOW
// SLOW: error: layer 'fc1' cannot take a frame in less than 16 cycles; 3 are wanted

// Files that do not fit.
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/none.json 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: folding file '{{.*}}none.json': cannot be read: No such file or directory
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/text.json 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: error: folding file '{{.*}}text.json': [1:1, byte=1]: {{.*}}
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/list.json 2>&1 | FileCheck %s --check-prefix=LIST
// LIST: error: folding file '{{.*}}list.json': is no JSON object
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/layer.json 2>&1 | FileCheck %s --check-prefix=LAYER
// LAYER: error: folding file '{{.*}}layer.json': names 'fc3', which this model does not have; is it for another model?
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/number.json 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: error: folding file '{{.*}}number.json': 'fc1' is no JSON object
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/parameter.json 2>&1 | FileCheck %s --check-prefix=PARAMETER
// PARAMETER: error: folding file '{{.*}}parameter.json': 'fc1': there is no "lanes"; there are: pe, simd, memory, multiplier
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/string.json 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/half.json 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/zero.json 2>&1 | FileCheck %s --check-prefix=INTEGER
// INTEGER: error: folding file '{{.*}}': 'fc1': "pe" must be an integer above 0
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/memory.json 2>&1 | FileCheck %s --check-prefix=MEMORY
// MEMORY: error: folding file '{{.*}}memory.json': 'fc2': "memory" must be one of lut, bram, uram
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/multiplier.json 2>&1 | FileCheck %s --check-prefix=MULTIPLIER
// MULTIPLIER: error: folding file '{{.*}}multiplier.json': 'fc2': "multiplier" must be one of lut, dsp
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/pe.json 2>&1 | FileCheck %s --check-prefix=PE
// PE: error: {{.*}}cannot be folded to 3 processing elements: they must divide its 4 outputs
// RUN: not sumac-opt %t/design.mlir --stream-choose-folding=file=%t/simd.json 2>&1 | FileCheck %s --check-prefix=SIMD
// SIMD: error: {{.*}}cannot be folded to SIMD 16: it must divide its 8 inputs

//--- units.json
{"fc1": {"pe": 2, "simd": 1, "memory": "uram", "multiplier": "dsp"}, "fc2": {"pe": 1}}
//--- empty.json
{}
//--- text.json
units
//--- list.json
[1]
//--- layer.json
{"fc3": {"pe": 2}}
//--- number.json
{"fc1": 2}
//--- parameter.json
{"fc1": {"pe": 2, "lanes": 2}}
//--- string.json
{"fc1": {"pe": "2"}}
//--- half.json
{"fc1": {"pe": 2.5}}
//--- zero.json
{"fc1": {"pe": 0}}
//--- memory.json
{"fc2": {"memory": "dram"}}
//--- multiplier.json
{"fc2": {"multiplier": 1}}
//--- pe.json
{"fc1": {"pe": 3}}
//--- simd.json
{"fc1": {"simd": 16}}
//--- design.mlir
stream.network @design {
^bb0(%x: !stream.channel<8 x ui4, lanes = 1>):
  %h = stream.process "fc1" (%x) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<8 x ui4, lanes = 1>) -> !stream.channel<4 x ui4, lanes = 1> {
  ^bb0(%v: tensor<1x8xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1, 1, 0, -1, 1], [1, 1, 1, 1, 0, 0, 0, 1], [0, 1, 0, 1, 1, -1, 1, -1], [-1, 0, 0, 1, 0, 0, 0, 0]]> : tensor<4x8xsi8>, bits = 2> -> tensor<4x8xsi2>
    %a = sumac.linear %v, %w : (tensor<1x8xui4>, tensor<4x8xsi2>) -> tensor<1x4xsi8>
    %r = sumac.clamp %a min [0] max [15] : tensor<1x4xsi8> -> tensor<1x4xui4>
    stream.yield %r : tensor<1x4xui4>
  }
  %y = stream.process "fc2" (%h) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<4 x ui4, lanes = 1>) -> !stream.channel<2 x si13, lanes = 1> {
  ^bb0(%v: tensor<1x4xui4>):
    %w = sumac.constant #sumac.uniform<dense<[[100, -100, 7, 9], [1, 2, 3, 4]]> : tensor<2x4xsi8>, bits = 8> -> tensor<2x4xsi8>
    %a = sumac.linear %v, %w : (tensor<1x4xui4>, tensor<2x4xsi8>) -> tensor<1x2xsi13>
    stream.yield %a : tensor<1x2xsi13>
  }
  stream.output %y : !stream.channel<2 x si13, lanes = 1>
}
