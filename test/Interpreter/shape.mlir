// RUN: sumac-interpret %s | FileCheck %s

// CHECK-LABEL: @reshapes
// CHECK-NEXT: 6xint8 [1, 2, 3, 4, 5, 6]
// CHECK-NEXT: 3x2xint8 {{\[}}[1, 2], [3, 4], [5, 6]]
// CHECK-NEXT: 1x6xint8 {{\[}}[1, 2, 3, 4, 5, 6]]
func.func @reshapes() -> (tensor<6xsi8>, tensor<3x2xsi8>, tensor<?x?xsi8>) {
  %x = sumac.constant #sumac.dense<dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xsi8>> -> tensor<2x3xsi8>
  %a = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xsi8> into tensor<6xsi8>
  %b = tensor.expand_shape %a [[0, 1]] output_shape [3, 2] : tensor<6xsi8> into tensor<3x2xsi8>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %x, %c0 : tensor<2x3xsi8>
  %d1 = tensor.dim %x, %c1 : tensor<2x3xsi8>
  %n = arith.muli %d0, %d1 : index
  %s = tensor.from_elements %c1, %n : tensor<2xindex>
  %c = tensor.reshape %x(%s) : (tensor<2x3xsi8>, tensor<2xindex>) -> tensor<?x?xsi8>
  return %a, %b, %c : tensor<6xsi8>, tensor<3x2xsi8>, tensor<?x?xsi8>
}

// CHECK-LABEL: @moves
// CHECK-NEXT: 3x2xint8 {{\[}}[1, 4], [2, 5], [3, 6]]
// CHECK-NEXT: 2x5xint8 {{\[}}[1, 2, 3, 1, 4], [4, 5, 6, 2, 5]]
// CHECK-NEXT: 2x2xint8 {{\[}}[1, 3], [4, 6]]
// CHECK-NEXT: 2xint8 [2, 5]
// CHECK-NEXT: 2x3xint8 {{\[}}[1, 2, 1], [4, 5, 4]]
func.func @moves() -> (tensor<3x2xsi8>, tensor<2x5xsi8>, tensor<2x2xsi8>, tensor<2xsi8>, tensor<2x3xsi8>) {
  %x = sumac.constant #sumac.dense<dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xsi8>> -> tensor<2x3xsi8>
  %e = tensor.empty() : tensor<3x2xsi8>
  %t = linalg.transpose ins(%x : tensor<2x3xsi8>) outs(%e : tensor<3x2xsi8>) permutation = [1, 0]
  %u = tensor.extract_slice %t[0, 0] [2, 2] [1, 1] : tensor<3x2xsi8> to tensor<2x2xsi8>
  %c = tensor.concat dim(1) %x, %u : (tensor<2x3xsi8>, tensor<2x2xsi8>) -> tensor<2x5xsi8>
  %s = tensor.extract_slice %x[0, 0] [2, 2] [1, 2] : tensor<2x3xsi8> to tensor<2x2xsi8>
  %r = tensor.extract_slice %x[0, 1] [2, 1] [1, 1] : tensor<2x3xsi8> to tensor<2xsi8>
  %f = tensor.extract_slice %x[0, 0] [2, 1] [1, 1] : tensor<2x3xsi8> to tensor<2xsi8>
  %i = tensor.insert_slice %f into %x[0, 2] [2, 1] [1, 1] : tensor<2xsi8> into tensor<2x3xsi8>
  return %t, %c, %s, %r, %i : tensor<3x2xsi8>, tensor<2x5xsi8>, tensor<2x2xsi8>, tensor<2xsi8>, tensor<2x3xsi8>
}

// CHECK-LABEL: @pad
// CHECK-NEXT: 2x4xfloat32 {{\[}}[0.5, 0.5, 0.5, 0.5], [0.5, 1, 2, 0.5]]
func.func @pad() -> tensor<2x4xf32> {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %p = arith.constant 0.5 : f32
  %y = tensor.pad %x low[1, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %p : f32
  } : tensor<1x2xf32> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// Reals keep their exact values through data movement.
// CHECK-LABEL: @reals
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.33333334, 0.5], [0.6666667, 1]]
func.func @reals() -> tensor<2x2xf32> {
  %c = sumac.constant #sumac.dense<dense<[[1], [2]]> : tensor<2x1xsi8>> -> tensor<2x1xsi8>
  %a = sumac.decode %c, <si8, scale = <["1/3"]>> : tensor<2x1xsi8> -> tensor<2x1x!sumac.real>
  %h = sumac.constant #sumac.dense<dense<0.5> : tensor<f32>> -> tensor<!sumac.real>
  %r = sumac.constant #sumac.dense<dense<[[1], [2]]> : tensor<2x1xsi8>> -> tensor<2x1x!sumac.real>
  %b = sumac.mul %r, %h : tensor<2x1x!sumac.real>, tensor<!sumac.real>
  %j = tensor.concat dim(1) %a, %b : (tensor<2x1x!sumac.real>, tensor<2x1x!sumac.real>) -> tensor<2x2x!sumac.real>
  %y = sumac.to_float %j : tensor<2x2x!sumac.real> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @calls
// CHECK-NEXT: 2xfloat32 [5, 10]
func.func @calls() -> tensor<2xf32> {
  %x = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = sumac.from_float %x : tensor<2xf32> -> tensor<2x!sumac.real>
  %a:2 = func.call @doubled(%r) : (tensor<2x!sumac.real>) -> (tensor<2x!sumac.real>, tensor<2x!sumac.real>)
  %b:2 = func.call @doubled(%a#1) : (tensor<2x!sumac.real>) -> (tensor<2x!sumac.real>, tensor<2x!sumac.real>)
  %s = sumac.add %b#1, %a#0 : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  %y = sumac.to_float %s : tensor<2x!sumac.real> -> tensor<2xf32>
  return %y : tensor<2xf32>
}
func.func private @doubled(%x: tensor<2x!sumac.real>) -> (tensor<2x!sumac.real>, tensor<2x!sumac.real>) {
  %y = sumac.add %x, %x : tensor<2x!sumac.real>, tensor<2x!sumac.real>
  return %x, %y : tensor<2x!sumac.real>, tensor<2x!sumac.real>
}
