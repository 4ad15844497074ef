// RUN: sumac-interpret %s --mode=fast --split-input-file --verify-diagnostics
// RUN: sumac-interpret %s --mode=definition --split-input-file --verify-diagnostics

func.func @zero_divisor() -> tensor<2xf32> {
  %x = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %r = sumac.from_float %x : tensor<2xf32> -> tensor<2x!sumac.real>
  // expected-error @+1 {{element 1 of the divisor is zero}}
  %d = sumac.div %r, %r : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  %y = sumac.to_float %d : tensor<2x!sumac.real> -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @undefined() -> tensor<2xsi8> {
  %x = arith.constant dense<[1.0, 0x7F800000]> : tensor<2xf32>
  %r = sumac.from_float %x : tensor<2xf32> -> tensor<2x!sumac.real>
  %d = sumac.sub %r, %r : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  // expected-error @+1 {{element 1 is undefined}}
  %c = sumac.encode %d, <si8, scale = <["1"]>>, half_even : tensor<2x!sumac.real> -> tensor<2xsi8>
  return %c : tensor<2xsi8>
}

// -----

func.func @unknown(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func @unknown_op() -> tensor<f32> {
  %x = arith.constant dense<1.0> : tensor<f32>
  // expected-error @+1 {{'arith.negf' op cannot be interpreted}}
  %y = arith.negf %x : tensor<f32>
  return %y : tensor<f32>
}

// -----

// expected-error @+1 {{result 0 of type 'tensor<1x!sumac.real>' cannot be returned by the interpreter: reals must pass sumac.to_float}}
func.func @real_result() -> tensor<1x!sumac.real> {
  %x = sumac.constant #sumac.dense<dense<1.0> : tensor<1xf32>> -> tensor<1x!sumac.real>
  return %x : tensor<1x!sumac.real>
}

// -----

// expected-error @+1 {{calls itself, which cannot be interpreted}}
func.func @recursive() -> tensor<1xf32> {
  %x = func.call @recursive() : () -> tensor<1xf32>
  return %x : tensor<1xf32>
}

// -----

func.func @too_large() -> tensor<1xf32> {
  // expected-error @+1 {{op result has 1099511627776 elements, more than}}
  %x = tensor.empty() : tensor<1048576x1048576xf32>
  %y = tensor.extract_slice %x[0, 0] [1, 1] [1, 1] : tensor<1048576x1048576xf32> to tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

func.func @outside_of_tensor() -> tensor<2xf32> {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %c = arith.constant 3 : index
  // expected-error @+1 {{slice leaves dimension 0 of size 4}}
  %y = tensor.extract_slice %x[%c] [2] [1] : tensor<4xf32> to tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @division_of_sizes() -> tensor<?xf32> {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %c = arith.constant 0 : index
  // expected-error @+1 {{overflows or divides by zero}}
  %d = arith.divui %c, %c : index
  %y = tensor.extract_slice %x[0] [%d] [1] : tensor<4xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @negative_root() -> tensor<1xf32> {
  %x = sumac.constant #sumac.dense<dense<-1.0> : tensor<1xf32>> -> tensor<1x!sumac.real>
  // expected-error @+1 {{power of element 0 is undefined or too large}}
  %y = sumac.power %x exponent <["1/2"]> : tensor<1x!sumac.real>
  %z = sumac.to_float %y : tensor<1x!sumac.real> -> tensor<1xf32>
  return %z : tensor<1xf32>
}
