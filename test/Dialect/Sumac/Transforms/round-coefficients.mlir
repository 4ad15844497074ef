// RUN: sumac-opt %s --sumac-round-coefficients=bits=4 --verify-diagnostics | FileCheck %s

// Sums of 0.7 and -0.3 become multiples of 2^-3, the unit of the largest in 4
// bits: 0.75 and -0.25. Inputs are at most 15 * 0.5.
// CHECK-LABEL: func @sums
// CHECK: dense<{{\[\[}}7.500000e-01, -2.500000e-01, 5.000000e-01, 0.000000e+00{{\]\]}}> : tensor<1x4xf32>
func.func @sums(%x: tensor<?x4x!sumac.real>) -> tensor<?x1x!sumac.real> {
  %w = sumac.constant #sumac.dense<dense<[[0.7, -0.3, 0.4, 0.0]]> : tensor<1x4xf32>> -> tensor<1x4x!sumac.real>
  %q = sumac.quantize %x, <ui4, scale = <["0x1p-1"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x4x!sumac.real>
  // expected-remark @+1 {{its weights became sums of 2 coefficients of 4 bits; each changed by at most 1.01e-01, and the layer's results by at most 1.51e+00}}
  %y = sumac.linear %q, %w : (tensor<?x4x!sumac.real>, tensor<1x4x!sumac.real>) -> tensor<?x1x!sumac.real>
  return %y : tensor<?x1x!sumac.real>
}

// No sums: four values of four coefficients. They stay.
// CHECK-LABEL: func @others
// CHECK: 0.699999988
func.func @others(%x: tensor<?x4x!sumac.real>) -> tensor<?x1x!sumac.real> {
  %w = sumac.constant #sumac.dense<dense<[[0.7, -0.31, 0.42, 0.13]]> : tensor<1x4xf32>> -> tensor<1x4x!sumac.real>
  %y = sumac.linear %x, %w : (tensor<?x4x!sumac.real>, tensor<1x4x!sumac.real>) -> tensor<?x1x!sumac.real>
  return %y : tensor<?x1x!sumac.real>
}
