// Codes of a signed type that are never negative lie in unsigned bytes for a kernel; what
// else reads them there must take them so.
// REQUIRES: avx2
// RUN: sumac verify %s --targets cpu --cpu x86-64-v3 --cpu native | FileCheck %s
// CHECK: cpu (cpu=x86-64-v3): 0 of 1536 integers differ
// CHECK: cpu (cpu=native): 0 of 1536 integers differ
func.func @main(%x: tensor<?x4xui8>) -> (tensor<?x4xsi9>, tensor<?x2xsi21>) {
  %codes = sumac.requantize %x, multiply [1] add [0] shift [0] clamp[20, 255] : tensor<?x4xui8> -> tensor<?x4xsi9>
  %weights = sumac.constant #sumac.uniform<dense<[[1, 2, 3, 4], [1, -1, 1, -7]]> : tensor<2x4xsi8>, bits = 4> -> tensor<2x4xsi4>
  %sums = sumac.linear %codes, %weights : (tensor<?x4xsi9>, tensor<2x4xsi4>) -> tensor<?x2xsi21>
  return %codes, %sums : tensor<?x4xsi9>, tensor<?x2xsi21>
}
