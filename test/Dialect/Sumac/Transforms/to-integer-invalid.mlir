// RUN: sumac-opt %s --split-input-file --verify-diagnostics --sumac-to-integer

func.func @no_input_quantizer(%image: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %x = sumac.from_float %image : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 2.5]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  // expected-error @+1 {{multiplies real inputs: no quantizer stands between the model's input and this layer; name the input's type with --input-type}}
  %l = sumac.linear %x, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @irrational(%a: tensor<?x2xui4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>> : tensor<?x2xui4> -> tensor<?x2x!sumac.real>
  %n = sumac.batch_norm %x, scale(dense<[1.0, -1.0]> : tensor<2xf32>) offset(dense<0.0> : tensor<2xf32>) mean(dense<0.0> : tensor<2xf32>) variance(dense<2.0> : tensor<2xf32>) epsilon <["0x0p+0"]> : tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 2.5]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  // expected-error @+1 {{a weight times the scale of its input is irrational}}
  %l = sumac.linear %n, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @sigmoid_between_layers(%a: tensor<?x2xui4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>> : tensor<?x2xui4> -> tensor<?x2x!sumac.real>
  %s = sumac.sigmoid %x : tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 2.5]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  // expected-error @+1 {{needs exact integers behind a function that is not piecewise linear}}
  %l = sumac.linear %s, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

func.func @product_of_activations(%a: tensor<?x2xui4>) -> tensor<?x2xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>> : tensor<?x2xui4> -> tensor<?x2x!sumac.real>
  // expected-error @+1 {{multiplies or divides two tensors that both depend on the input; one of them must be a constant}}
  %s = sumac.mul %x, %x : tensor<?x2x!sumac.real>, tensor<?x2x!sumac.real>
  %y = sumac.to_float %s : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Weights 1 and 2^-60 have no common grid of 53 bits.
func.func @too_wide(%a: tensor<?x2xui4>) -> tensor<?x1xf32> {
  %x = sumac.decode %a, <ui4, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>> : tensor<?x2xui4> -> tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 8.67361738E-19]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  // expected-error @+1 {{weights of output 0 need more than 53 bits on their common grid}}
  %l = sumac.linear %x, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
