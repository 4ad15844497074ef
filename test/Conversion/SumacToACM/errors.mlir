// RUN: sumac-opt %s --split-input-file --verify-diagnostics --convert-sumac-to-acm=machine=tiny

// Everything without an instruction is reported at once.
// expected-error @+2 {{input 0 is no batch of rows of integers}}
// expected-error @+1 {{input 1 has 17 bits; the core takes up to 16}}
func.func @main_raw(%x: tensor<?x?xui4>, %y: tensor<?x2xui17>, %z: tensor<?x2xui4>, %v: tensor<2x2xsi2>) -> tensor<?xui1> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 0], [-1, 1]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  // expected-error @+1 {{has a result of type 'tensor<?x?xui2>', which is no batch of rows of integers}}
  %a = sumac.clamp %x min [0] max [3] : tensor<?x?xui4> -> tensor<?x?xui2>
  // expected-error @+1 {{has no instruction of the core: 'sumac.argmax'; linear layers, quantizers and joins of branches have}}
  %b = sumac.argmax %z axis 1 : tensor<?x2xui4> -> tensor<?xui1>
  // expected-error @+1 {{has no instruction of the core: 'tensor.concat'; linear layers, quantizers and joins of branches have}}
  %c = tensor.concat dim(1) %z, %z : (tensor<?x2xui4>, tensor<?x2xui4>) -> tensor<?x4xui4>
  // expected-error @+1 {{has weights or a bias that are not constant}}
  %d = sumac.linear %z, %v : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi8>
  // expected-error @+1 {{takes a constant; the core's branches are inputs and results of layers}}
  %e = sumac.linear %w, %w : (tensor<2x2xsi2>, tensor<2x2xsi2>) -> tensor<2x2xsi8>
  return %b : tensor<?xui1>
}

// -----

// Rows of the batch stay rows.
func.func @main_raw(%x: tensor<?x2x4xui4>) -> tensor<?x2xsi8> {
  %f = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x2x4xui4> into tensor<?x4xui4>
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<2x4xsi8>, bits = 2> -> tensor<2x4xsi2>
  // expected-error @+1 {{takes rows of 'tensor<?x4xui4>' out of 'tensor<?x2x4xui4>'; the core runs layers on whole images yet}}
  %a = sumac.linear %f, %w : (tensor<?x4xui4>, tensor<2x4xsi2>) -> tensor<?x2xsi8>
  return %a : tensor<?x2xsi8>
}

// -----

func.func @main_raw(%x: tensor<?x2x2xui4>) -> tensor<?x2x2xsi8> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
  // expected-error @+1 {{takes several rows of each image; the core runs layers on whole images yet}}
  %a = sumac.linear %x, %w : (tensor<?x2x2xui4>, tensor<2x2xsi2>) -> tensor<?x2x2xsi8>
  // expected-error @+1 {{has constants for channels of a tensor with other dimensions beside the channels}}
  %c = sumac.clamp %a min [0, 1] max [3] : tensor<?x2x2xsi8> -> tensor<?x2x2xsi8>
  return %c : tensor<?x2x2xsi8>
}

// -----

// Numbers that do not fit the machine.
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xsi64> {
  %w = sumac.constant #sumac.basis<dense<1> : tensor<2x2xui8>, coefficients = dense<[[2147483648]]> : tensor<1x1xsi64>> -> tensor<2x2xsi33>
  // expected-error @+1 {{a coefficient does not fit the 32 bits that the machine 'tiny' has; take a greater machine, or weights of fewer bits}}
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi33>) -> tensor<?x2xsi64>
  return %a : tensor<?x2xsi64>
}

// -----

func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  // expected-error @+1 {{a multiplier of the requantization does not fit the 32 bits that the machine 'tiny' has}}
  %q = sumac.requantize %x, multiply [2147483649] add [0] shift [34] clamp [0, 15] : tensor<?x2xui4> -> tensor<?x2xui4>
  return %q : tensor<?x2xui4>
}

// -----

func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui17> {
  // expected-error @+1 {{a code does not fit the 16 bits that the machine 'tiny' has}}
  %q = sumac.requantize %x, multiply [6000] add [0] shift [0] clamp [0, 65536] : tensor<?x2xui4> -> tensor<?x2xui17>
  return %q : tensor<?x2xui17>
}

// -----

func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xsi64> {
  // expected-error @+1 {{a sum does not fit the 56 bits that the machine 'tiny' has}}
  %a = sumac.combine %x multiply dense<1> : tensor<1x1xsi64> add dense<36028797018963953> : tensor<1xsi64> : (tensor<?x2xui4>) -> tensor<?x2xsi64>
  return %a : tensor<?x2xsi64>
}

// -----

func.func @main_raw(%x: tensor<?x9000xui8>) -> tensor<?x1xsi32> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<1x9000xsi8>, bits = 2> -> tensor<1x9000xsi2>
  // expected-error @+1 {{a mask sum does not fit the 20 bits that the machine 'tiny' has}}
  %a = sumac.linear %x, %w : (tensor<?x9000xui8>, tensor<1x9000xsi2>) -> tensor<?x1xsi32>
  return %a : tensor<?x1xsi32>
}

// -----

// expected-error @+1 {{needs more activation or result memory for 1 image than the machine 'tiny' has; take a greater machine or fewer images}}
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2000xui8> {
  %w = sumac.constant #sumac.uniform<dense<1> : tensor<2000x2xsi8>, bits = 2> -> tensor<2000x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2000x2xsi2>) -> tensor<?x2000xsi32>
  %c = sumac.clamp %a min [0] max [255] : tensor<?x2000xsi32> -> tensor<?x2000xui8>
  return %c : tensor<?x2000xui8>
}

// -----

// What the instructions cannot do.
func.func @main_raw(%x: tensor<?x2xui2>) -> tensor<?x2xui8> {
  // expected-error @+1 {{has tables that go up and down by more than 255 steps; the core takes 255}}
  %t = sumac.table %x, dense<[[0, 200, 100, 101]]> : tensor<1x4xui8> first 0 : tensor<?x2xui2> -> tensor<?x2xui8>
  return %t : tensor<?x2xui8>
}

// -----

func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  // expected-error @+1 {{has bounds for each channel; the core has them for a layer}}
  %c = sumac.clamp %x min [0, 1] max [9] : tensor<?x2xui4> -> tensor<?x2xui4>
  return %c : tensor<?x2xui4>
}

// -----

// expected-error @+1 {{output '0' is an input or a constant, which the core does not copy}}
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  return %x : tensor<?x2xui4>
}

// -----

// expected-error @+1 {{has no function @main_raw of one block on integers; run sumac-add-raw-entry first}}
module {
}
