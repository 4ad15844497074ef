// RUN: sumac-interpret %s | FileCheck %s

// The seven rounding modes on the values of QONNX's table, then on the float32
// neighbours of 0.5, -0.5 and 2.5, on integers and zeros.

// CHECK-LABEL: @half_even
// CHECK-NEXT: 4xint8 [6, 2, -2, -6]
// CHECK-NEXT: 11xint8 [0, 1, -1, 0, 2, 3, 3, -3, 0, 0, 0]
func.func @half_even() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, half_even : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, half_even : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @half_up
// CHECK-NEXT: 4xint8 [6, 3, -3, -6]
// CHECK-NEXT: 11xint8 [0, 1, -1, 0, 2, 3, 3, -3, 0, 0, 0]
func.func @half_up() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, half_up : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, half_up : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @half_down
// CHECK-NEXT: 4xint8 [5, 2, -2, -5]
// CHECK-NEXT: 11xint8 [0, 1, -1, 0, 2, 3, 3, -3, 0, 0, 0]
func.func @half_down() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, half_down : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, half_down : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @floor
// CHECK-NEXT: 4xint8 [5, 2, -3, -6]
// CHECK-NEXT: 11xint8 [0, 0, -1, -1, 2, 2, 3, -3, 0, 0, -1]
func.func @floor() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, floor : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, floor : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @ceil
// CHECK-NEXT: 4xint8 [6, 3, -2, -5]
// CHECK-NEXT: 11xint8 [1, 1, 0, 0, 3, 3, 3, -3, 0, 1, 0]
func.func @ceil() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, ceil : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, ceil : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @up
// CHECK-NEXT: 4xint8 [6, 3, -3, -6]
// CHECK-NEXT: 11xint8 [1, 1, -1, -1, 3, 3, 3, -3, 0, 1, -1]
func.func @up() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, up : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, up : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}

// CHECK-LABEL: @down
// CHECK-NEXT: 4xint8 [5, 2, -2, -5]
// CHECK-NEXT: 11xint8 [0, 0, 0, 0, 2, 2, 3, -3, 0, 0, 0]
func.func @down() -> (tensor<4xsi8>, tensor<11xsi8>) {
  %x = arith.constant dense<[5.5, 2.5, -2.5, -5.5]> : tensor<4xf32>
  %c = sumac.encode %x, <si8, scale = <["0x1p+0"]>>, down : tensor<4xf32> -> tensor<4xsi8>
  %y = arith.constant dense<[0.499999970, 0.500000060, -0.500000060, -0.499999970, 2.49999976, 2.50000024, 3.0, -3.0, -0.0, 1.0e-30, -1.0e-30]> : tensor<11xf32>
  %r = sumac.from_float %y : tensor<11xf32> -> tensor<11x!sumac.real>
  %d = sumac.encode %r, <si8, scale = <["0x1p+0"]>>, down : tensor<11x!sumac.real> -> tensor<11xsi8>
  return %c, %d : tensor<4xsi8>, tensor<11xsi8>
}
