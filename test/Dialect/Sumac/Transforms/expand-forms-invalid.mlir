// RUN: sumac-opt %s -split-input-file --sumac-expand-forms -verify-diagnostics

// The largest weight's signed digits are 2^63 and -1.
func.func @too_wide(%x: tensor<1x1xui1>) -> tensor<1x1xsi64> {
  %w = sumac.constant #sumac.dense<dense<[[9223372036854775807]]> : tensor<1x1xsi64>> -> tensor<1x1xsi64>
  // expected-error @+1 {{has weights of more than 62 bits, which the form shifted_sums does not support}}
  %a = sumac.linear %x, %w form(#sumac.shifted_sums) : (tensor<1x1xui1>, tensor<1x1xsi64>) -> tensor<1x1xsi64>
  return %a : tensor<1x1xsi64>
}

// -----

// Layers on reals are left for sumac-to-integer.
func.func @real(%x: tensor<1x2x!sumac.real>) -> tensor<1x1x!sumac.real> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2x!sumac.real>
  %a = sumac.linear %x, %w form(#sumac.masked_sums) : (tensor<1x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<1x1x!sumac.real>
  return %a : tensor<1x1x!sumac.real>
}
