// Elements of concatenations are copied one by one; kernels count on zeros behind them.
// RUN: sumac verify %s --targets cpu --cpu x86-64 --samples 50 | FileCheck %s
// CHECK: cpu (cpu=x86-64): 0 of 400 integers differ
func.func @main(%x1: tensor<?x10xf32>) -> tensor<?x8xsi23> {
  %v0 = sumac.encode %x1, <si4, min = -8, max = 7, scale = <["0x1.56946p-1"]>, zero_point = <["1"]>>, half_even : tensor<?x10xf32> -> tensor<?x10xsi4>
  %v11 = sumac.constant #sumac.uniform<dense<[[-6, 4, 4, 3, -4, 3, 0, -7, 4, -4, 2, 7, 6, 1, 7, -5, -6, -4, -1, 2], [-5, 2, -1, -4, 3, -6, 3, 0, 1, -6, -5, -2, -3, 7, 4, -5, -5, 4, -5, -2], [-4, 3, -4, -1, -8, 1, 6, -3, -8, 5, -3, -6, -4, 2, -8, -4, 0, -6, 2, -4], [-5, 4, 0, 6, -5, 6, 5, -2, -1, 5, 4, 3, -4, 6, -5, 4, 4, 2, -3, 0], [3, -7, -4, 5, 6, -4, 4, -5, 7, 2, 0, 7, -7, 0, 0, -3, -5, 4, -3, 4], [7, -6, -3, -8, -7, 0, -8, -3, 4, 4, 3, -2, 0, -3, -1, -8, 7, 4, -6, 1], [-5, 2, -1, 4, -5, 7, -8, -2, -1, 2, 4, 4, -2, -7, -8, 3, 6, 5, 3, -2], [0, -6, 5, 4, -7, -4, -4, 0, -5, 4, -6, -8, -6, 3, 2, 2, 2, -4, 6, 2]]> : tensor<8x20xsi8>, bits = 4> -> tensor<8x20xsi4>
  %v10 = tensor.concat dim(1) %v0, %v0 : (tensor<?x10xsi4>, tensor<?x10xsi4>) -> tensor<?x20xsi4>
  %v12 = sumac.linear %v10, %v11 : (tensor<?x20xsi4>, tensor<8x20xsi4>) -> tensor<?x8xsi23>
  return %v12 : tensor<?x8xsi23>
}
