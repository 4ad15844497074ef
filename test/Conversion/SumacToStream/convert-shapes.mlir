// RUN: sumac-opt %s --split-input-file --convert-sumac-to-stream | FileCheck %s

// A dynamic batch is a value of its own in a reshape; it is no part of the network.
// CHECK-LABEL: stream.network @design
// CHECK:       ^bb0(%[[X:.*]]: !stream.channel<4 x ui4, lanes = 1>):
// CHECK-NEXT:    %[[A:.*]] = stream.process "act"(%[[X]])
// CHECK:           sumac.clamp %{{.*}} : tensor<1x4xui4> -> tensor<1x4xui2>
// CHECK:         stream.output %[[A]]
func.func @main_raw(%x: tensor<?x4xui4>) -> tensor<?x2x2xui2> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xui4>
  %g = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 2, 2] : tensor<?x4xui4> into tensor<?x2x2xui4>
  %c = sumac.clamp %g min [0] max [3] : tensor<?x2x2xui4> -> tensor<?x2x2xui2> loc("act")
  return %c : tensor<?x2x2xui2>
}

// -----

// A factor for each operand of a join is none for each channel.
// CHECK-LABEL: stream.network @design
// CHECK:         stream.process "join"
func.func @main_raw(%x: tensor<?x2x2xui4>, %y: tensor<?x2x2xui4>) -> tensor<?x2x2xui8> {
  %j = sumac.combine %x, %y multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : (tensor<?x2x2xui4>, tensor<?x2x2xui4>) -> tensor<?x2x2xui8> loc("join")
  return %j : tensor<?x2x2xui8>
}

// -----

// Processes have names of their own, those that copy an input to an output, too.
// CHECK-LABEL: stream.network @design
// CHECK:         stream.process "copy"(
// CHECK:         stream.process "copy_2"(
func.func @main_raw(%x: tensor<?x2xui4>, %y: tensor<?x3xui4>) -> (tensor<?x2xui4>, tensor<?x3xui4>) {
  return %x, %y : tensor<?x2xui4>, tensor<?x3xui4>
}
