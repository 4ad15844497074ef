// RUN: sumac-interpret %s | FileCheck %s

// Of equal elements the first counts, or the last.
// CHECK-LABEL: @argmax
// CHECK-NEXT: 2xuint8 [1, 0]
// CHECK-NEXT: 2x1xuint8 {{\[}}[2], [2]]
// CHECK-NEXT: 1x3xuint8 {{\[}}[1, 0, 0]]
func.func @argmax() -> (tensor<2xui2>, tensor<2x1xui2>, tensor<1x3xui2>) {
  %x = sumac.constant #sumac.dense<dense<[[1, 7, 7], [4, 4, 4]]> : tensor<2x3xsi8>> -> tensor<2x3xsi8>
  %a = sumac.argmax %x axis 1 : tensor<2x3xsi8> -> tensor<2xui2>
  %b = sumac.argmax %x axis 1 keep_dims select_last : tensor<2x3xsi8> -> tensor<2x1xui2>
  %c = sumac.argmax %x axis 0 keep_dims : tensor<2x3xsi8> -> tensor<1x3xui2>
  return %a, %b, %c : tensor<2xui2>, tensor<2x1xui2>, tensor<1x3xui2>
}

// 1/3 + 1/3 + 1/3 equals 1 and ties with it; sqrt(2) * sqrt(2) equals 2.
// CHECK-LABEL: @exact_argmax
// CHECK-NEXT: 2xuint8 [0, 0]
// CHECK-NEXT: 2xuint8 [1, 1]
// CHECK-NEXT: 2x1xfloat32 {{\[}}[1], [2]]
func.func @exact_argmax() -> (tensor<2xui1>, tensor<2xui1>, tensor<2x1xf32>) {
  %c = sumac.constant #sumac.dense<dense<[[1], [2]]> : tensor<2x1xsi8>> -> tensor<2x1xsi8>
  %third = sumac.decode %c, <si8, scale = <["1/3", "sqrt(1/2)"]>, shape = [2, 1], block = [1, 0]> : tensor<2x1xsi8> -> tensor<2x1x!sumac.real>
  %f = sumac.constant #sumac.dense<dense<[[3.0], [1.0]]> : tensor<2x1xf32>> -> tensor<2x1x!sumac.real>
  %a = sumac.mul %third, %f : tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>
  %one = sumac.constant #sumac.dense<dense<[[1.0], [0.0]]> : tensor<2x1xf32>> -> tensor<2x1x!sumac.real>
  %zero = sumac.constant #sumac.dense<dense<[[0.0], [1.0]]> : tensor<2x1xf32>> -> tensor<2x1x!sumac.real>
  %m = sumac.mul %third, %third : tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>
  %n = sumac.mul %m, %zero : tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>
  %p = sumac.mul %a, %one : tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>
  %l = sumac.add %p, %n : tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>
  %r = sumac.constant #sumac.dense<dense<[[1.0], [2.0]]> : tensor<2x1xf32>> -> tensor<2x1x!sumac.real>
  %j = tensor.concat dim(1) %l, %r : (tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>) -> tensor<2x2x!sumac.real>
  %x = sumac.argmax %j axis 1 : tensor<2x2x!sumac.real> -> tensor<2xui1>
  %y = sumac.argmax %j axis 1 select_last : tensor<2x2x!sumac.real> -> tensor<2xui1>
  %g = sumac.reduce_max %j axis 1 : tensor<2x2x!sumac.real> -> tensor<2x1x!sumac.real>
  %z = sumac.to_float %g : tensor<2x1x!sumac.real> -> tensor<2x1xf32>
  return %x, %y, %z : tensor<2xui1>, tensor<2xui1>, tensor<2x1xf32>
}

// CHECK-LABEL: @reduce_max
// CHECK-NEXT: 2x1xint8 {{\[}}[7], [-4]]
func.func @reduce_max() -> tensor<2x1xsi8> {
  %x = sumac.constant #sumac.dense<dense<[[1, 7, 7], [-4, -5, -6]]> : tensor<2x3xsi8>> -> tensor<2x3xsi8>
  %y = sumac.reduce_max %x axis 1 : tensor<2x3xsi8> -> tensor<2x1xsi8>
  return %y : tensor<2x1xsi8>
}

// Large inputs do not overflow; minus infinity has no share; equal elements
// share exactly, so that 1/2 is a tie of the quantizer.
// CHECK-LABEL: @softmax
// CHECK-NEXT: 3x2xfloat32 {{\[}}[0.5, 0.5], [0.26894143, 0.7310586], [1, 0]]
// CHECK-NEXT: 3x2xuint8 {{\[}}[0, 0], [0, 1], [1, 0]]
// CHECK-NEXT: 2x3xfloat32 {{\[}}[0.66524094, 0.24472848, 0.09003057], [0.33333334, 0.33333334, 0.33333334]]
func.func @softmax() -> (tensor<3x2xf32>, tensor<3x2xui8>, tensor<2x3xf32>) {
  %x = arith.constant dense<[[1000.5, 1000.5], [3.0e38, 3.0e38], [5.0, 0xFF800000]]> : tensor<3x2xf32>
  %o = arith.constant dense<[[0.0, 0.0], [-1.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>
  %r = sumac.from_float %x : tensor<3x2xf32> -> tensor<3x2x!sumac.real>
  %p = sumac.from_float %o : tensor<3x2xf32> -> tensor<3x2x!sumac.real>
  %a = sumac.add %r, %p : tensor<3x2x!sumac.real>, tensor<3x2x!sumac.real>
  %s = sumac.softmax %a axis 1 : tensor<3x2x!sumac.real>
  %y = sumac.to_float %s : tensor<3x2x!sumac.real> -> tensor<3x2xf32>
  %q = sumac.encode %s, <ui8, scale = <["1"]>>, half_even : tensor<3x2x!sumac.real> -> tensor<3x2xui8>
  %u = sumac.constant #sumac.dense<dense<[[3.0, 2.0], [2.0, 2.0], [1.0, 2.0]]> : tensor<3x2xf32>> -> tensor<3x2x!sumac.real>
  %v = sumac.softmax %u axis 0 : tensor<3x2x!sumac.real>
  %e = tensor.empty() : tensor<2x3x!sumac.real>
  %t = linalg.transpose ins(%v : tensor<3x2x!sumac.real>) outs(%e : tensor<2x3x!sumac.real>) permutation = [1, 0]
  %w = sumac.to_float %t : tensor<2x3x!sumac.real> -> tensor<2x3xf32>
  return %y, %q, %w : tensor<3x2xf32>, tensor<3x2xui8>, tensor<2x3xf32>
}

// Equal elements stay equal behind softmax and tanh.
// CHECK-LABEL: @argmax_of_equal_shares
// CHECK-NEXT: 2xuint8 [1, 0]
// CHECK-NEXT: 2xuint8 [3, 1]
// CHECK-NEXT: 2xuint8 [1, 0]
// CHECK-NEXT: 2xuint8 [3, 1]
func.func @argmax_of_equal_shares() -> (tensor<2xui2>, tensor<2xui2>, tensor<2xui2>, tensor<2xui2>) {
  %x = sumac.constant #sumac.dense<dense<[[1.0, 7.5, 7.0, 7.5], [0.25, 0.25, -1.0, 0.0]]> : tensor<2x4xf32>> -> tensor<2x4x!sumac.real>
  %s = sumac.softmax %x axis 1 : tensor<2x4x!sumac.real>
  %a = sumac.argmax %s axis 1 : tensor<2x4x!sumac.real> -> tensor<2xui2>
  %b = sumac.argmax %s axis 1 select_last : tensor<2x4x!sumac.real> -> tensor<2xui2>
  %t = sumac.tanh %x : tensor<2x4x!sumac.real>
  %c = sumac.argmax %t axis 1 : tensor<2x4x!sumac.real> -> tensor<2xui2>
  %d = sumac.argmax %t axis 1 select_last : tensor<2x4x!sumac.real> -> tensor<2xui2>
  return %a, %b, %c, %d : tensor<2xui2>, tensor<2xui2>, tensor<2xui2>, tensor<2xui2>
}
