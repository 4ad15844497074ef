// RUN: sumac-opt %s -split-input-file -verify-diagnostics

// basis C1: ui8 codes.
// expected-error @+1 {{codes of a basis coding must have ui8 elements}}
func.func private @basis_c1() attributes {a = #sumac.basis<dense<1> : tensor<4x1xsi8>, coefficients = dense<1> : tensor<1x2xsi64>>}

// -----

// basis C2: a matrix of si64.
// expected-error @+1 {{coefficients of a basis coding must be a matrix of si64 elements}}
func.func private @basis_c2() attributes {a = #sumac.basis<dense<1> : tensor<4x1xui8>, coefficients = dense<1> : tensor<2xsi64>>}

// -----

// basis C2: 1 to 8 columns.
// expected-error @+1 {{a basis coding has 1 to 8 coefficients, got 9}}
func.func private @basis_c2_count() attributes {a = #sumac.basis<dense<1> : tensor<4x1xui8>, coefficients = dense<1> : tensor<1x9xsi64>>}

// -----

// basis C2: rows.
// expected-error @+1 {{coefficients must have one row, or one for each output channel}}
func.func private @basis_c2_rows() attributes {a = #sumac.basis<dense<1> : tensor<4x1xui8>, coefficients = dense<1> : tensor<3x2xsi64>>}

// -----

// basis C2: no rows at all.
// expected-error @+1 {{coefficients must have one row, or one for each output channel}}
func.func private @basis_c2_empty() attributes {a = #sumac.basis<dense<> : tensor<0x3xui8>, coefficients = dense<> : tensor<0x4xsi64>>}

// -----

// basis C3: codes.
func.func @basis_c3() {
  // expected-error @+1 {{code 4 needs more than 2 coefficients}}
  %w = sumac.constant #sumac.basis<dense<[[1, 4]]> : tensor<1x2xui8>, coefficients = dense<1> : tensor<1x2xsi64>> -> tensor<1x2xsi8>
  return
}

// -----

// basis C4: sums.
func.func @basis_c4() {
  // expected-error @+1 {{sums of the coefficients do not fit 64 bits}}
  %w = sumac.constant #sumac.basis<dense<[[1, 2]]> : tensor<1x2xui8>, coefficients = dense<9223372036854775807> : tensor<1x2xsi64>> -> tensor<1x2xsi64>
  return
}

// -----

// shift C1: si8 terms.
// expected-error @+1 {{terms of a shift coding must have si8 elements}}
func.func private @shift_c1() attributes {a = #sumac.shift<dense<1> : tensor<1x4x1xui8>>}

// -----

// shift C2: the first dimension.
// expected-error @+1 {{terms of a shift coding must have a first dimension of 1 to 4}}
func.func private @shift_c2() attributes {a = #sumac.shift<dense<1> : tensor<5x4x1xsi8>>}

// -----

// shift C3: exponents.
func.func @shift_c3() {
  // expected-error @+1 {{the exponent 99 of a term is beyond 62}}
  %w = sumac.constant #sumac.shift<dense<[[[-100]]]> : tensor<1x1x1xsi8>> -> tensor<1x1xsi64>
  return
}

// -----

// shift C3: sums.
func.func @shift_c3_sums() {
  // expected-error @+1 {{sums of terms with the exponent 62 may not fit 64 bits}}
  %w = sumac.constant #sumac.shift<dense<63> : tensor<2x1x1xsi8>> -> tensor<1x1xsi64>
  return
}

// -----

// pool C1: ui8 indices.
// expected-error @+1 {{indices of a pool coding must have ui8 elements}}
func.func private @pool_c1() attributes {a = #sumac.pool<dense<1> : tensor<4x1xsi8>, table = dense<1> : tensor<2x8xsi8>, shape = [4, 8]>}

// -----

// pool C1: one index for each 8 inputs.
// expected-error @+1 {{indices of a pool coding must have a row for each output channel and a column for each 8 inputs}}
func.func private @pool_c1_shape() attributes {a = #sumac.pool<dense<1> : tensor<4x1xui8>, table = dense<1> : tensor<2x8xsi8>, shape = [4, 9]>}

// -----

// pool C2: rows of 8.
// expected-error @+1 {{the table of a pool coding must have rows of 8 si8 elements}}
func.func private @pool_c2() attributes {a = #sumac.pool<dense<1> : tensor<4x1xui8>, table = dense<1> : tensor<2x4xsi8>, shape = [4, 8]>}

// -----

// pool C2: at most 256 rows.
// expected-error @+1 {{the table of a pool coding has 1 to 256 rows, got 257}}
func.func private @pool_c2_rows() attributes {a = #sumac.pool<dense<1> : tensor<4x1xui8>, table = dense<1> : tensor<257x8xsi8>, shape = [4, 8]>}

// -----

// pool C3: two dimensions.
// expected-error @+1 {{the shape of a pool coding has two dimensions}}
func.func private @pool_c3() attributes {a = #sumac.pool<dense<1> : tensor<4x1xui8>, table = dense<1> : tensor<2x8xsi8>, shape = [4]>}

// -----

// pool C4: indices.
func.func @pool_c4() {
  // expected-error @+1 {{index 2 is beyond the table of 2 rows}}
  %w = sumac.constant #sumac.pool<dense<[[2]]> : tensor<1x1xui8>, table = dense<1> : tensor<2x8xsi8>, shape = [1, 3]> -> tensor<1x3xsi8>
  return
}

// -----

// codebook C1: ui8 indices.
// expected-error @+1 {{indices of a codebook must have ui8 elements}}
func.func private @codebook_c1() attributes {a = #sumac.codebook<dense<1> : tensor<4x1xsi8>, values = dense<[1, 2]> : tensor<2xsi64>>}

// -----

// codebook C2: a list.
// expected-error @+1 {{values of a codebook must be a list of si64 elements}}
func.func private @codebook_c2() attributes {a = #sumac.codebook<dense<1> : tensor<4x1xui8>, values = dense<[[1, 2]]> : tensor<1x2xsi64>>}

// -----

// codebook C2: 1 to 256 values.
// expected-error @+1 {{a codebook has 1 to 256 values, got 257}}
func.func private @codebook_c2_count() attributes {a = #sumac.codebook<dense<1> : tensor<4x1xui8>, values = dense<1> : tensor<257xsi64>>}

// -----

// codebook C3: duplicates.
func.func @codebook_c3() {
  // expected-error @+1 {{a codebook has the value 5 twice}}
  %w = sumac.constant #sumac.codebook<dense<[[1]]> : tensor<1x1xui8>, values = dense<[5, 3, 5]> : tensor<3xsi64>> -> tensor<1x1xsi8>
  return
}

// -----

// codebook C4: indices.
func.func @codebook_c4() {
  // expected-error @+1 {{index 3 is beyond the codebook of 3 values}}
  %w = sumac.constant #sumac.codebook<dense<[[3]]> : tensor<1x1xui8>, values = dense<[5, 3, 7]> : tensor<3xsi64>> -> tensor<1x1xsi8>
  return
}

// -----

// constant C5: bipolar weights have no zero to leave out.
func.func @constant_c5() {
  // expected-error @+1 {{its codes cannot be stored as csr}}
  %w = sumac.constant #sumac.bipolar<dense<[[1, -1]]> : tensor<1x2xsi8>> storage(#sumac.csr) -> tensor<1x2xsi2>
  return
}
