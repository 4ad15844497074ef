// RUN: sumac-opt %s -transform-interpreter -canonicalize -cse -split-input-file -verify-diagnostics | FileCheck %s

// A layer in tiles of rows and outputs: the features stay whole, so no result is
// accumulated. 5 outputs in tiles of 2 leave a rest.
// CHECK-LABEL: func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x7xui4>, %[[W:.*]]: tensor<5x7xsi4>, %[[B:.*]]: tensor<5xsi8>)
func.func @linear(%x: tensor<?x7xui4>, %w: tensor<5x7xsi4>, %b: tensor<5xsi8>) -> tensor<?x5xsi12> {
  // CHECK: %[[D:.*]] = tensor.empty(%{{.*}}) : tensor<?x5xsi12>
  // CHECK: scf.for %[[I:.*]] = %{{.*}} iter_args(%[[OUTER:.*]] = %[[D]]) -> (tensor<?x5xsi12>)
  // CHECK: scf.for %[[J:.*]] = %{{.*}} iter_args(%[[INNER:.*]] = %[[OUTER]])
  // CHECK: %[[ROWS:.*]] = affine.min
  // CHECK: %[[COLUMNS:.*]] = affine.min
  // CHECK-DAG: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [%[[ROWS]], 7] [1, 1] : tensor<?x7xui4> to tensor<?x7xui4>
  // CHECK-DAG: %[[WT:.*]] = tensor.extract_slice %[[W]][%[[J]], 0] [%[[COLUMNS]], 7] [1, 1] : tensor<5x7xsi4> to tensor<?x7xsi4>
  // CHECK-DAG: %[[BT:.*]] = tensor.extract_slice %[[B]][%[[J]]] [%[[COLUMNS]]] [1] : tensor<5xsi8> to tensor<?xsi8>
  // CHECK: %[[T:.*]] = sumac.linear %[[XT]], %[[WT]] bias(%[[BT]]) : (tensor<?x7xui4>, tensor<?x7xsi4>, tensor<?xsi8>) -> tensor<?x?xsi12>
  // CHECK: tensor.insert_slice %[[T]] into %[[INNER]][%[[I]], %[[J]]] [%[[ROWS]], %[[COLUMNS]]] [1, 1]
  %a = sumac.linear %x, %w bias(%b) : (tensor<?x7xui4>, tensor<5x7xsi4>, tensor<5xsi8>) -> tensor<?x5xsi12>
  return %a : tensor<?x5xsi12>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["sumac.linear"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [3, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Rows only: constant weights are not sliced and stay visible.
// CHECK-LABEL: func @linear_rows
func.func @linear_rows(%x: tensor<5x2xui8>) -> tensor<5x1xsi10> {
  // CHECK: %[[W:.*]] = sumac.constant
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  // CHECK: scf.for
  // CHECK: sumac.linear %{{.*}}, %[[W]] : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi10>
  %a = sumac.linear %x, %w : (tensor<5x2xui8>, tensor<1x2xsi4>) -> tensor<5x1xsi10>
  return %a : tensor<5x1xsi10>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["sumac.linear"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops = transform.structured.tile_using_for %op tile_sizes [2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A layer with its epilogue fused: encode, linear and threshold row by row.
// CHECK-LABEL: func @fuse
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>, %[[W:.*]]: tensor<5x3xsi4>)
func.func @fuse(%x: tensor<?x3xf32>, %w: tensor<5x3xsi4>) -> tensor<?x5xui1> {
  // CHECK-NOT: sumac
  // CHECK: scf.for %[[I:[^ ]*]] =
  // CHECK: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [%{{.*}}, 3]
  // CHECK: %[[C:.*]] = sumac.encode %[[XT]]
  // CHECK: %[[A:.*]] = sumac.linear %[[C]], %[[W]]
  // CHECK: %[[T:.*]] = sumac.threshold %[[A]], dense<{{.*}}> : tensor<5x1xsi8> decreasing [true, false, false, false, true]
  // CHECK: tensor.insert_slice %[[T]]
  %c = sumac.encode %x, <ui4, scale = <["0x1p-1"]>>, half_even : tensor<?x3xf32> -> tensor<?x3xui4>
  %a = sumac.linear %c, %w : (tensor<?x3xui4>, tensor<5x3xsi4>) -> tensor<?x5xsi12>
  %h = sumac.threshold %a, dense<[[1], [2], [3], [4], [5]]> : tensor<5x1xsi8> decreasing [true, false, false, false, true] : tensor<?x5xsi12> -> tensor<?x5xui1>
  return %h : tensor<?x5xui1>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["sumac.threshold"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.fuse %op tile_sizes [4, 0] interchange [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Where the place among the channels is static, attributes are cut: here a slice
// of the two middle channels, fused with all that it comes from.
// CHECK-LABEL: func @static_place
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xsi4>, %[[Y:.*]]: tensor<?x4xf32>, %[[N:.*]]: index)
func.func @static_place(%x: tensor<?x4xsi4>, %y: tensor<?x4xf32>, %n: index) -> tensor<?x2xf32> {
  %0 = sumac.encode %y, <si4, scale = <["0x1p+0", "0x1p+1", "0x1p+2", "0x1p+3"]>, shape = [1, 4], block = [0, 1]>, half_even : tensor<?x4xf32> -> tensor<?x4xsi4>
  %1 = sumac.combine %x, %0 multiply dense<[[1, 2, 3, 4], [5, 6, 7, 8]]> : tensor<2x4xsi64> add dense<1> : tensor<1xsi64> : (tensor<?x4xsi4>, tensor<?x4xsi4>) -> tensor<?x4xsi9>
  %2 = sumac.requantize %1, multiply [1, 2, 3, 4] add [7] shift [0, 1, 2, 3] clamp [-7, 7] : tensor<?x4xsi9> -> tensor<?x4xsi4>
  %t = sumac.truncate_planes %2 keep 3 : tensor<?x4xsi4>
  %3 = sumac.clamp %t min [0, 1, 2, 3] max [3] : tensor<?x4xsi4> -> tensor<?x4xui2>
  %4 = sumac.threshold %3, dense<[[0, 1], [1, 2], [2, 2], [2, 3]]> : tensor<4x2xsi8> decreasing [true, false, true, false] : tensor<?x4xui2> -> tensor<?x4xui2>
  %5 = sumac.table %4, dense<[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]> : tensor<4x3xsi8> first 0 : tensor<?x4xui2> -> tensor<?x4xsi8>
  %6 = sumac.decode %5, <si8, scale = <["0x1p+0"]>> offset <["0x1p+0", "0x1p+1", "0x1p+2", "0x1p+3"]> : tensor<?x4xsi8> -> tensor<?x4xf32>
  // CHECK: scf.forall (%[[I:.*]]) in (%[[N]])
  // CHECK-DAG: %[[YT:.*]] = tensor.extract_slice %[[Y]][%[[I]], 1] [1, 2] [1, 1]
  // CHECK-DAG: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], 1] [1, 2] [1, 1]
  // CHECK: sumac.encode %[[YT]], <si4, scale = <["0x1p+1", "0x1p+2"]>, zero_point = <["0x0p+0"]>, shape = [1, 2], block = [0, 1]>, half_even : tensor<1x2xf32> -> tensor<1x2xsi4>
  // CHECK: sumac.combine %[[XT]], %{{.*}} multiply dense<{{\[\[}}2, 3], [6, 7]]> : tensor<2x2xsi64> add dense<1> : tensor<1xsi64>
  // CHECK: sumac.requantize %{{.*}}, multiply [2, 3] add [7] shift [1, 2] clamp[-7, 7]
  // CHECK: sumac.truncate_planes %{{.*}} keep 3 : tensor<1x2xsi4>
  // CHECK: sumac.clamp %{{.*}} min [1, 2] max [3]
  // CHECK: sumac.threshold %{{.*}}, dense<{{\[\[}}1, 2], [2, 2]]> : tensor<2x2xsi8> decreasing [false, true]
  // CHECK: sumac.table %{{.*}}, dense<{{\[\[}}3, 4, 5], [6, 7, 8]]> : tensor<2x3xsi8> first 0
  // CHECK: sumac.decode %{{.*}} offset <["0x1p+1", "0x1p+2"]> : tensor<1x2xsi8> -> tensor<1x2xf32>
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %r = scf.forall (%i) in (%n) shared_outs(%o = %empty) -> tensor<?x2xf32> {
    %s = tensor.extract_slice %6[%i, 1] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<1x2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i, 0] [1, 2] [1, 1] : tensor<1x2xf32> into tensor<?x2xf32>
    }
  }
  return %r : tensor<?x2xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %loop = transform.structured.match ops{["scf.forall"]} in %root : (!transform.any_op) -> !transform.any_op
    %ops = transform.structured.match ops{["sumac.encode", "sumac.combine", "sumac.requantize", "sumac.truncate_planes", "sumac.clamp", "sumac.threshold", "sumac.table", "sumac.decode"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.fuse_into_containing_op %ops into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile that begins inside of a block of the grid and ends in the next one has
// no grid of this form: the whole operation moves into the loop.
// CHECK-LABEL: func @block_boundary
func.func @block_boundary(%y: tensor<?x4xf32>, %n: index) -> tensor<?x2xsi4> {
  // CHECK: scf.forall
  // CHECK: sumac.encode %{{.*}} : tensor<?x4xf32> -> tensor<?x4xsi4>
  %0 = sumac.encode %y, <si4, scale = <["0x1p+0", "0x1p+1"]>, shape = [2], block = [2]>, half_even : tensor<?x4xf32> -> tensor<?x4xsi4>
  %empty = tensor.empty(%n) : tensor<?x2xsi4>
  %r = scf.forall (%i) in (%n) shared_outs(%o = %empty) -> tensor<?x2xsi4> {
    %s = tensor.extract_slice %0[%i, 1] [1, 2] [1, 1] : tensor<?x4xsi4> to tensor<1x2xsi4>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i, 0] [1, 2] [1, 1] : tensor<1x2xsi4> into tensor<?x2xsi4>
    }
  }
  return %r : tensor<?x2xsi4>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %loop = transform.structured.match ops{["scf.forall"]} in %root : (!transform.any_op) -> !transform.any_op
    %ops = transform.structured.match ops{["sumac.encode"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.fuse_into_containing_op %ops into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tiled by a loop, the place among the channels is not static.
func.func @channels_in_a_loop(%x: tensor<?x5xsi12>) -> tensor<?x5xui4> {
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sumac.requantize %x, multiply [1, 2, 3, 4, 5] add [7] shift [1] clamp [0, 15] : tensor<?x5xsi12> -> tensor<?x5xui4>
  return %0 : tensor<?x5xui4>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["sumac.requantize"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// One entry for all channels serves every tile.
// CHECK-LABEL: func @same_for_all_channels
func.func @same_for_all_channels(%x: tensor<?x5xsi12>) -> tensor<?x5xui4> {
  // CHECK: scf.forall (%{{.*}}, %{{.*}}) in (%{{.*}}, 3)
  // CHECK: sumac.requantize %{{.*}}, multiply [3] add [7] shift [1] clamp[0, 15] : tensor<?x?xsi12> -> tensor<?x?xui4>
  %0 = sumac.requantize %x, multiply [3] add [7] shift [1] clamp [0, 15] : tensor<?x5xsi12> -> tensor<?x5xui4>
  return %0 : tensor<?x5xui4>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["sumac.requantize"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [4, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
