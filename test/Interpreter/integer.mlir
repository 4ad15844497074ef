// RUN: sumac-interpret %s | FileCheck %s

// A threshold that is met counts; decreasing channels count those not met.
// CHECK-LABEL: @threshold
// CHECK-NEXT: 3x2xint8 {{\[}}[-1, 5], [1, 3], [5, -1]]
func.func @threshold() -> tensor<3x2xsi4> {
  %x = sumac.constant #sumac.dense<dense<[[-11, -100], [-10, 0], [30, 7]]> : tensor<3x2xsi8>> -> tensor<3x2xsi8>
  %y = sumac.threshold %x, dense<[[-10, 0, 20], [-5, 1, 7]]> : tensor<2x3xsi8> decreasing [false, true] base -1 step 2 : tensor<3x2xsi8> -> tensor<3x2xsi4>
  return %y : tensor<3x2xsi4>
}

// CHECK-LABEL: @threshold_of_floats
// CHECK-NEXT: 1x6xuint8 {{\[}}[0, 1, 2, 2, 0, 0]]
func.func @threshold_of_floats() -> tensor<1x6xui2> {
  %x = arith.constant dense<[[0.49999997, 0.5, 1.5, 0x7F800000, 0xFF800000, 0x7FC00000]]> : tensor<1x6xf32>
  %y = sumac.threshold %x, dense<[[0.5, 1.5]]> : tensor<1x2xf32> : tensor<1x6xf32> -> tensor<1x6xui2>
  return %y : tensor<1x6xui2>
}

// The product is exact beyond 64 bits, the shift rounds down.
// CHECK-LABEL: @requantize
// CHECK-NEXT: 2x3xint8 {{\[}}[-1, 15, 7], [-5, -16, 15]]
// CHECK-NEXT: 1x2xint64 {{\[}}[9223372036854775806, -9223372036854775807]]
func.func @requantize() -> (tensor<2x3xsi8>, tensor<1x2xsi64>) {
  %x = sumac.constant #sumac.dense<dense<[[-1, 5, 7], [-9, -6, -7]]> : tensor<2x3xsi16>> -> tensor<2x3xsi16>
  %y = sumac.requantize %x, multiply [1, 3, -1] add [0, 1, 14] shift [1, 0, 0] clamp [-16, 15] : tensor<2x3xsi16> -> tensor<2x3xsi8>
  %u = sumac.constant #sumac.dense<dense<[[9223372036854775807, -9223372036854775808]]> : tensor<1x2xsi64>> -> tensor<1x2xsi64>
  %v = sumac.requantize %u, multiply [9223372036854775807] add [0] shift [63] clamp [-9223372036854775808, 9223372036854775807] : tensor<1x2xsi64> -> tensor<1x2xsi64>
  return %y, %v : tensor<2x3xsi8>, tensor<1x2xsi64>
}

// Ties go to the even code.
// CHECK-LABEL: @requantize_half_even
// CHECK-NEXT: 3x3xint8 {{\[}}[-2, 1, 2], [0, 2, 1], [2, 2, 15]]
func.func @requantize_half_even() -> tensor<3x3xsi8> {
  %x = sumac.constant #sumac.dense<dense<[[-3, 5, 0], [-1, 6, 1], [3, 7, -64]]> : tensor<3x3xsi16>> -> tensor<3x3xsi16>
  %y = sumac.requantize %x, multiply [1, 1, -3] add [0, 0, 6] shift [1, 2, 2] half_even clamp [-16, 15] : tensor<3x3xsi16> -> tensor<3x3xsi8>
  return %y : tensor<3x3xsi8>
}

// CHECK-LABEL: @table
// CHECK-NEXT: 2x2xuint8 {{\[}}[9, 6], [7, 4]]
// CHECK-NEXT: 2x2xfloat32 {{\[}}[0.5, 0.125], [0.125, 0.25]]
func.func @table() -> (tensor<2x2xui4>, tensor<2x2xf32>) {
  %x = sumac.constant #sumac.dense<dense<[[-2, 0], [0, -1]]> : tensor<2x2xsi8>> -> tensor<2x2xsi2>
  %y = sumac.table %x, dense<[[9, 8, 7, 0], [3, 4, 6, 0]]> : tensor<2x4xui8> first -2 : tensor<2x2xsi2> -> tensor<2x2xui4>
  %z = sumac.table %x, dense<[[0.5, 0.25, 0.125, 0.0]]> : tensor<1x4xf32> first -2 : tensor<2x2xsi2> -> tensor<2x2xf32>
  return %y, %z : tensor<2x2xui4>, tensor<2x2xf32>
}

// CHECK-LABEL: @combine
// CHECK-NEXT: 1x2xint16 {{\[}}[24, 40]]
// CHECK-NEXT: 1x2xint16 {{\[}}[23, 56]]
func.func @combine() -> (tensor<1x2xsi10>, tensor<1x2xsi10>) {
  %x = sumac.constant #sumac.dense<dense<[[1, 2]]> : tensor<1x2xsi8>> -> tensor<1x2xsi8>
  %y = sumac.constant #sumac.dense<dense<[[3, 5]]> : tensor<1x2xsi8>> -> tensor<1x2xsi8>
  %a = sumac.combine %x, %y multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<[0, -1]> : tensor<2xsi64> : (tensor<1x2xsi8>, tensor<1x2xsi8>) -> tensor<1x2xsi10>
  %b = sumac.combine %x, %y multiply dense<[[3, 1], [7, 11]]> : tensor<2x2xsi64> add dense<-1> : tensor<1xsi64> : (tensor<1x2xsi8>, tensor<1x2xsi8>) -> tensor<1x2xsi10>
  return %a, %b : tensor<1x2xsi10>, tensor<1x2xsi10>
}

// CHECK-LABEL: @clamp
// CHECK-NEXT: 1x3xint8 {{\[}}[-3, 7, 1]]
func.func @clamp() -> tensor<1x3xsi4> {
  %x = sumac.constant #sumac.dense<dense<[[-9, 9, 1]]> : tensor<1x3xsi8>> -> tensor<1x3xsi8>
  %y = sumac.clamp %x min [-3, -8, 0] max [7] : tensor<1x3xsi8> -> tensor<1x3xsi4>
  return %y : tensor<1x3xsi4>
}

// Rounds down, negative codes too; all planes, and the sign alone.
// CHECK-LABEL: @truncate_planes
// CHECK-NEXT: 1x6xint8 {{\[}}[-128, -32, -32, 0, 0, 96]]
// CHECK-NEXT: 1x6xint8 {{\[}}[-128, -32, -1, 0, 31, 127]]
// CHECK-NEXT: 1x6xint8 {{\[}}[-128, -128, -128, 0, 0, 0]]
// CHECK-NEXT: 1x3xuint8 {{\[}}[0, 128, 240]]
func.func @truncate_planes() -> (tensor<1x6xsi8>, tensor<1x6xsi8>, tensor<1x6xsi8>, tensor<1x3xui8>) {
  %x = sumac.constant #sumac.dense<dense<[[-128, -32, -1, 0, 31, 127]]> : tensor<1x6xsi8>> -> tensor<1x6xsi8>
  %u = sumac.constant #sumac.dense<dense<[[15, 143, 255]]> : tensor<1x3xui8>> -> tensor<1x3xui8>
  %a = sumac.truncate_planes %x keep 3 : tensor<1x6xsi8>
  %b = sumac.truncate_planes %x keep 8 : tensor<1x6xsi8>
  %c = sumac.truncate_planes %x keep 1 : tensor<1x6xsi8>
  %d = sumac.truncate_planes %u keep 4 : tensor<1x3xui8>
  return %a, %b, %c, %d : tensor<1x6xsi8>, tensor<1x6xsi8>, tensor<1x6xsi8>, tensor<1x3xui8>
}
