// RUN: sumac-opt %s --split-input-file --convert-sumac-to-stream | FileCheck %s
// A network that is there stays.
// RUN: sumac-opt %s --split-input-file --convert-sumac-to-stream --convert-sumac-to-stream | FileCheck %s
// RUN: sumac-opt %s --split-input-file --mlir-disable-threading --convert-sumac-to-stream --stream-size-fifos -o %t

// A layer and what is elementwise behind it are one process, named by the layer's node;
// the function stays.
// CHECK-LABEL: func.func @main_raw
// CHECK:       sumac.linear
// CHECK-LABEL: stream.network @design
// CHECK:       ^bb0(%[[X:.*]]: !stream.channel<2 x ui4, lanes = 1>):
// CHECK:         %[[A:.*]] = stream.process "fc1"(%[[X]]) unit(#stream.folded<pe = 1, simd = 1, memory = lut, multiplier = lut>) : (!stream.channel<2 x ui4, lanes = 1>) -> !stream.channel<3 x ui2, lanes = 1> {
// CHECK:         ^bb0(%[[V:.*]]: tensor<1x2xui4>):
// CHECK-DAG:       %[[W:.*]] = sumac.constant #sumac.uniform<dense<{{\[\[}}1, 0], [-1, 1], [1, 1]]>
// CHECK-DAG:       %[[B:.*]] = sumac.constant #sumac.uniform<dense<[1, 0, -1]>
// CHECK:           %[[L:.*]] = sumac.linear %[[V]], %[[W]] bias(%[[B]]) : (tensor<1x2xui4>, tensor<3x2xsi2>, tensor<3xsi2>) -> tensor<1x3xsi8>
// CHECK:           %[[C:.*]] = sumac.clamp %[[L]] min [0, 1, 2] max [15] : tensor<1x3xsi8> -> tensor<1x3xui4>
// CHECK:           %[[T:.*]] = sumac.threshold %[[C]]
// CHECK:           stream.yield %[[T]] : tensor<1x3xui2>
// CHECK:         %[[D:.*]] = stream.process "fc2"(%[[A]])
// CHECK:           sumac.linear
// CHECK-NEXT:      stream.yield
// CHECK:         stream.output %[[D]] : !stream.channel<1 x si8, lanes = 1>
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x1xsi8> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1], [1, 1]]> : tensor<3x2xsi8>, bits = 2> -> tensor<3x2xsi2>
  %b = sumac.constant #sumac.uniform<dense<[1, 0, -1]> : tensor<3xsi8>, bits = 2> -> tensor<3xsi2>
  %v = sumac.constant #sumac.uniform<dense<[[1, -2, 1]]> : tensor<1x3xsi8>, bits = 2> -> tensor<1x3xsi2>
  %a = sumac.linear %x, %w bias(%b) : (tensor<?x2xui4>, tensor<3x2xsi2>, tensor<3xsi2>) -> tensor<?x3xsi8> loc("fc1")
  %c = sumac.clamp %a min [0, 1, 2] max [15] : tensor<?x3xsi8> -> tensor<?x3xui4> loc("relu")
  %t = sumac.threshold %c, dense<[[1, 4, 9]]> : tensor<1x3xsi16> base 0 step 1 : tensor<?x3xui4> -> tensor<?x3xui2> loc("quant")
  %y = sumac.linear %t, %v : (tensor<?x3xui2>, tensor<1x3xsi2>) -> tensor<?x1xsi8> loc("fc2")
  return %y : tensor<?x1xsi8>
}

// -----

// Elementwise operations without a layer in front of them; nodes of one name.
// CHECK-LABEL: stream.network @design
// CHECK:         stream.process "node"({{.*}}) unit(#stream.elementwise<lanes = 1, multiplier = lut>)
// CHECK:           sumac.clamp
// CHECK-NEXT:      sumac.table
// CHECK-NEXT:      stream.yield
// CHECK:         stream.process "node_2"({{.*}}) unit(#stream.elementwise<lanes = 1, multiplier = lut>)
// CHECK:           sumac.requantize
// CHECK-NEXT:      stream.yield
func.func @main_raw(%x: tensor<?x2xui4>, %y: tensor<?x3xsi8>) -> (tensor<?x2xsi4>, tensor<?x3xui2>) {
  %a = sumac.clamp %x min [0] max [3] : tensor<?x2xui4> -> tensor<?x2xui2> loc("node")
  %b = sumac.table %a, dense<[[-3, -1, 1, 3]]> : tensor<1x4xsi8> first 0 : tensor<?x2xui2> -> tensor<?x2xsi4>
  %c = sumac.requantize %y, multiply [3] add [100] shift [7] clamp [0, 3] : tensor<?x3xsi8> -> tensor<?x3xui2> loc("node")
  return %b, %c : tensor<?x2xsi4>, tensor<?x3xui2>
}

// -----

// A value with several readers is forked, inputs and results alike; a join is a process,
// what follows it belongs to it. Each output is a reader.
// CHECK-LABEL: stream.network @design
// CHECK:       ^bb0(%[[X:.*]]: !stream.channel<2 x ui4, lanes = 1>):
// CHECK:         %[[F:.*]]:2 = stream.fork %[[X]]
// CHECK:         %[[H:.*]] = stream.process "fc1"(%[[F]]#0)
// CHECK:           sumac.linear
// CHECK-NEXT:      stream.yield
// CHECK:         %[[G:.*]]:4 = stream.fork %[[H]]
// CHECK:         %[[C:.*]] = stream.process "act"(%[[G]]#0) unit(#stream.elementwise
// CHECK:         %[[J:.*]] = stream.process "join"(%[[F]]#1, %[[G]]#1) unit(#stream.elementwise<lanes = 1, multiplier = lut>) : (!stream.channel<2 x ui4, lanes = 1>, !stream.channel<2 x si8, lanes = 1>) -> !stream.channel<2 x ui4, lanes = 1> {
// CHECK:         ^bb0(%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xsi8>):
// CHECK-NEXT:      %[[S:.*]] = sumac.combine %[[P]], %[[Q]]
// CHECK-NEXT:      %[[T:.*]] = sumac.clamp %[[S]]
// CHECK-NEXT:      stream.yield %[[T]]
// CHECK:         stream.output %[[J]], %[[G]]#2, %[[C]], %[[G]]#3
func.func @main_raw(%x: tensor<?x2xui4>) -> (tensor<?x2xui4>, tensor<?x2xsi8>, tensor<?x2xui2>, tensor<?x2xsi8>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  %h = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi8> loc("fc1")
  %c = sumac.clamp %h min [0] max [3] : tensor<?x2xsi8> -> tensor<?x2xui2> loc("act")
  %j = sumac.combine %x, %h multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xui4>, tensor<?x2xsi8>) -> tensor<?x2xsi16> loc("join")
  %d = sumac.clamp %j min [0] max [15] : tensor<?x2xsi16> -> tensor<?x2xui4>
  return %d, %h, %c, %h : tensor<?x2xui4>, tensor<?x2xsi8>, tensor<?x2xui2>, tensor<?x2xsi8>
}

// -----

// x + x reads twice: two branches, two arguments.
// CHECK-LABEL: stream.network @design
// CHECK:         %[[F:.*]]:2 = stream.fork
// CHECK:         stream.process "double"(%[[F]]#0, %[[F]]#1)
// CHECK:         ^bb0(%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>):
// CHECK-NEXT:      sumac.combine %[[P]], %[[Q]]
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui6> {
  %d = sumac.combine %x, %x multiply dense<[[1], [2]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2xui4>, tensor<?x2xui4>) -> tensor<?x2xui6> loc("double")
  return %d : tensor<?x2xui6>
}

// -----

// Reshapes do not move elements: what they join is one value. Results that nobody reads are
// not computed.
// CHECK-LABEL: stream.network @design
// CHECK:       ^bb0(%[[X:.*]]: !stream.channel<4 x ui4, lanes = 1>):
// CHECK-NEXT:    %[[F:.*]]:2 = stream.fork %[[X]]
// CHECK-NEXT:    %[[A:.*]] = stream.process "fc1"(%[[F]]#0)
// CHECK:           sumac.linear %{{.*}}, %{{.*}} : (tensor<1x4xui4>, tensor<4x4xsi2>) -> tensor<1x4xsi8>
// CHECK-NEXT:      sumac.clamp %{{.*}} : tensor<1x4xsi8> -> tensor<1x4xui2>
// CHECK-NEXT:      stream.yield
// CHECK:         %[[B:.*]] = stream.process "join"(%[[A]], %[[F]]#1)
// CHECK-NOT:     stream.process
// CHECK:         stream.output %[[B]]
func.func @main_raw(%x: tensor<3x2x2xui4>) -> tensor<3x2x2xui8> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0, -1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [-1, 0, 0, 1]]> : tensor<4x4xsi8>, bits = 2> -> tensor<4x4xsi2>
  %f = tensor.collapse_shape %x [[0], [1, 2]] : tensor<3x2x2xui4> into tensor<3x4xui4>
  %h = sumac.linear %f, %w : (tensor<3x4xui4>, tensor<4x4xsi2>) -> tensor<3x4xsi8> loc("fc1")
  %g = tensor.expand_shape %h [[0], [1, 2]] output_shape [3, 2, 2] : tensor<3x4xsi8> into tensor<3x2x2xsi8>
  %c = sumac.clamp %g min [0] max [3] : tensor<3x2x2xsi8> -> tensor<3x2x2xui2>
  %k = tensor.collapse_shape %c [[0], [1, 2]] : tensor<3x2x2xui2> into tensor<3x4xui2>
  %j = sumac.combine %k, %f multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<3x4xui2>, tensor<3x4xui4>) -> tensor<3x4xui8> loc("join")
  %dead = sumac.clamp %j min [0] max [3] : tensor<3x4xui8> -> tensor<3x4xui2> loc("dead")
  %y = tensor.expand_shape %j [[0], [1, 2]] output_shape [3, 2, 2] : tensor<3x4xui8> into tensor<3x2x2xui8>
  return %y : tensor<3x2x2xui8>
}

// -----

// A layer as an adder graph is unrolled; pooled sums take whole groups.
// CHECK-LABEL: stream.network @design
// CHECK:         stream.process "graph"({{.*}} unit(#stream.unrolled<adders_per_stage = 3, depth = 2, adder_bits = {{[0-9]+}}>) : (!stream.channel<8 x ui4, lanes = 8>) -> !stream.channel<1 x si9, lanes = 1>
// CHECK:         stream.process "pooled"({{.*}} unit(#stream.folded<pe = 1, simd = 8, {{.*}} : (!stream.channel<8 x ui4, lanes = 8>)
func.func @main_raw(%x: tensor<?x8xui4>) -> (tensor<?x1xsi9>, tensor<?x1xsi9>) {
  %v = sumac.constant #sumac.uniform<dense<[[1, 0, -2, 1, 0, 0, 0, 1]]> : tensor<1x8xsi8>, bits = 3> -> tensor<1x8xsi3>
  %w = sumac.constant #sumac.pool<dense<[[0]]> : tensor<1x1xui8>, table = dense<[[1, 0, -2, 1, 0, 0, 0, 3]]> : tensor<1x8xsi8>, shape = [1, 8]> -> tensor<1x8xsi3>
  %a = sumac.linear %x, %v form(#sumac.adder_graph) : (tensor<?x8xui4>, tensor<1x8xsi3>) -> tensor<?x1xsi9> loc("graph")
  %b = sumac.linear %x, %w form(#sumac.pooled_sums) : (tensor<?x8xui4>, tensor<1x8xsi3>) -> tensor<?x1xsi9> loc("pooled")
  return %a, %b : tensor<?x1xsi9>, tensor<?x1xsi9>
}

// -----

// An input that leaves as it is.
// CHECK-LABEL: stream.network @design
// CHECK:       ^bb0(%[[X:.*]]: !stream.channel<2 x ui4, lanes = 1>):
// CHECK:         stream.output %{{.*}} : !stream.channel<2 x ui4, lanes = 1>
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  return %x : tensor<?x2xui4>
}
