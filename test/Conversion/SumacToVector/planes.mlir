// RUN: sumac-opt %s --sumac-add-planes-argument --sumac-cpu-vector-pipeline='cpu=x86-64 block=1' | FileCheck %s

// The weights are there once. An entry takes the number of bit planes last and
// calls what computes with it; the result says whether there was any.
// CHECK-COUNT-1: llvm.mlir.global {{.*}} @weights
// CHECK-NOT: llvm.mlir.global {{.*}} @weights
// CHECK: func.func @main_array(%arg0: i64, %arg1: !llvm.ptr, %arg2: i32) -> i32
// CHECK-LABEL: func.func @main(%arg0: i64, %arg1: !llvm.ptr, %arg2: !llvm.ptr, %arg3: i32) -> i32
// CHECK: arith.cmpi eq, %arg3, %c1
// CHECK: func.call @main_planes1(%arg0, %arg1, %arg2)
// CHECK: arith.cmpi eq, %arg3, %c2
// CHECK: func.call @main_planes2(%arg0, %arg1, %arg2)
// CHECK: return %{{.*}} : i32
// CHECK-NOT: _array
func.func @main(%x: tensor<?x2xsi2>) -> tensor<?x1xsi4> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xsi2>, tensor<1x2xsi2>) -> tensor<?x1xsi4>
  return %a : tensor<?x1xsi4>
}
