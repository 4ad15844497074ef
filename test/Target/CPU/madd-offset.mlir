// Activations of 16 bits that reach below -32768 and not above 32767 need an offset as well.
// REQUIRES: avx2
// RUN: sumac compile %s --target cpu --cpu x86-64-v3 --compile-to target | FileCheck %s --check-prefix=KERNEL
// KERNEL: pmadd.wd
// RUN: sumac verify %s --targets cpu --cpu x86-64-v3 | FileCheck %s
// CHECK: cpu (cpu=x86-64-v3): 0 of 512 integers differ
func.func @main(%x: tensor<?x4xui8>) -> tensor<?x2xsi27> {
  %low = sumac.combine %x multiply dense<[[-170]]> : tensor<1x1xsi64> add dense<[-610]> : tensor<1xsi64> : (tensor<?x4xui8>) -> tensor<?x4xsi19>
  %weights = sumac.constant #sumac.uniform<dense<[[1, 2, 3, 4], [1, -1, 1, -7]]> : tensor<2x4xsi8>, bits = 4> -> tensor<2x4xsi4>
  %sums = sumac.linear %low, %weights : (tensor<?x4xsi19>, tensor<2x4xsi4>) -> tensor<?x2xsi27>
  return %sums : tensor<?x2xsi27>
}
