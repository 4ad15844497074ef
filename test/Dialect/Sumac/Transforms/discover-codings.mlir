// RUN: sumac-opt %s --sumac-discover-codings | FileCheck %s

// CHECK-LABEL: func.func @bipolar
// CHECK:       sumac.constant #sumac.bipolar<dense<{{\[\[}}1, -1]]> : tensor<1x2xsi8>> -> tensor<1x2xsi2>
func.func @bipolar(%x: tensor<?x2xui4>) -> tensor<?x1xsi6> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -1]]> : tensor<1x2xsi8>, bits = 8> -> tensor<1x2xsi8>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<1x2xsi8>) -> tensor<?x1xsi6>
  return %a : tensor<?x1xsi6>
}

// CHECK-LABEL: func.func @two_bits
// CHECK:       sumac.constant #sumac.uniform<dense<{{\[\[}}1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
func.func @two_bits(%x: tensor<?x2xui4>) -> tensor<?x1xsi7> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 8> -> tensor<1x2xsi8>
  %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<1x2xsi8>) -> tensor<?x1xsi7>
  return %a : tensor<?x1xsi7>
}

// A constant that is not only weights keeps its type.
// CHECK-LABEL: func.func @other_use
// CHECK:       bits = 8> -> tensor<1x2xsi8>
func.func @other_use() -> tensor<1x2xsi8> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 8> -> tensor<1x2xsi8>
  return %w : tensor<1x2xsi8>
}

// {-9, 0, 4, -5}: sums of -9 and 4.
// CHECK-LABEL: func.func @basis
// CHECK:       sumac.constant #sumac.basis<dense<{{.*}}> : tensor<4x8xui8>, coefficients = dense<{{\[\[}}{{-9, 4|4, -9}}]]> : tensor<1x2xsi64>> -> tensor<4x8xsi5>
func.func @basis(%x: tensor<?x8xui4>) -> tensor<?x4xsi12> {
  %w = sumac.constant #sumac.uniform<dense<[[0, 4, -9, -5, 4, 4, 0, 0], [-9, -9, 4, 0, 0, 0, -5, -5], [0, 0, 0, 0, 0, 0, 4, 4], [4, 0, 0, 0, -9, 0, 0, 0]]> : tensor<4x8xsi8>, bits = 8> -> tensor<4x8xsi8>
  %a = sumac.linear %x, %w : (tensor<?x8xui4>, tensor<4x8xsi8>) -> tensor<?x4xsi12>
  return %a : tensor<?x4xsi12>
}

// Three terms 2^12, 2^6 and 1 with a sign: more values than a codebook of few
// bits holds.
// CHECK-LABEL: func.func @shift
// CHECK:       sumac.constant #sumac.shift<dense<{{\[\[\[}}13, -10, 0, 7, 5, -3, 2, 1, 9, 12, -6, 4]]]> : tensor<1x1x12xsi8>> -> tensor<1x12xsi14>
func.func @shift(%x: tensor<?x12xui4>) -> tensor<?x1xsi24> {
  %w = sumac.constant #sumac.dense<dense<[[4096, -512, 0, 64, 16, -4, 2, 1, 256, 2048, -32, 8]]> : tensor<1x12xsi16>> -> tensor<1x12xsi14>
  %a = sumac.linear %x, %w : (tensor<?x12xui4>, tensor<1x12xsi14>) -> tensor<?x1xsi24>
  return %a : tensor<?x1xsi24>
}

// Values far apart, few of them, and no sums of each other. Any 4 values are a
// basis of 4.
// CHECK-LABEL: func.func @codebook
// CHECK:       sumac.constant #sumac.codebook<dense<{{\[\[}}1, 0, 4, 1, 1, 1, 1, 1, 4, 4, 1, 3, 1, 1, 2, 2], {{.*}}> : tensor<2x16xui8>, values = dense<[-1037, 3, 77, 500, 2501]> : tensor<5xsi64>> -> tensor<2x16xsi13>
func.func @codebook(%x: tensor<?x16xui4>) -> tensor<?x2xsi24> {
  %w = sumac.constant #sumac.dense<dense<[[3, -1037, 2501, 3, 3, 3, 3, 3, 2501, 2501, 3, 500, 3, 3, 77, 77], [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, -1037, 3, 3, 3]]> : tensor<2x16xsi16>> -> tensor<2x16xsi13>
  %a = sumac.linear %x, %w : (tensor<?x16xui4>, tensor<2x16xsi13>) -> tensor<?x2xsi24>
  return %a : tensor<?x2xsi24>
}

// Both layers' rows of 8 inputs are three vectors; the last 3 inputs of @b begin
// one of them.
// CHECK-LABEL: func.func @pool
// CHECK-DAG:   sumac.constant #sumac.pool<dense<{{.*}}> : tensor<8x1xui8>, table = dense<{{.*}}> : tensor<3x8xsi8>, shape = [8, 8]> -> tensor<8x8xsi8>
// CHECK-DAG:   sumac.constant #sumac.pool<dense<{{.*}}> : tensor<4x2xui8>, table = dense<{{.*}}> : tensor<3x8xsi8>, shape = [4, 11]> -> tensor<4x11xsi8>
func.func @pool(%x: tensor<?x8xui4>, %z: tensor<?x11xui4>) -> (tensor<?x8xsi20>, tensor<?x4xsi20>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, 100, -3, 4, 55, -66, 7, 8], [-128, 127, 99, 98, 97, 96, 95, 94], [1, 100, -3, 4, 55, -66, 7, 8], [-128, 127, 99, 98, 97, 96, 95, 94], [1, 100, -3, 4, 55, -66, 7, 8], [-128, 127, 99, 98, 97, 96, 95, 94], [-1, 41, -43, 44, 45, -46, 47, 48], [-1, 41, -43, 44, 45, -46, 47, 48]]> : tensor<8x8xsi8>, bits = 8> -> tensor<8x8xsi8>
  %v = sumac.constant #sumac.uniform<dense<[[1, 100, -3, 4, 55, -66, 7, 8, -128, 127, 99], [-128, 127, 99, 98, 97, 96, 95, 94, 1, 100, -3], [1, 100, -3, 4, 55, -66, 7, 8, -1, 41, -43], [-128, 127, 99, 98, 97, 96, 95, 94, -128, 127, 99]]> : tensor<4x11xsi8>, bits = 8> -> tensor<4x11xsi8>
  %a = sumac.linear %x, %w : (tensor<?x8xui4>, tensor<8x8xsi8>) -> tensor<?x8xsi20>
  %b = sumac.linear %z, %v : (tensor<?x11xui4>, tensor<4x11xsi8>) -> tensor<?x4xsi20>
  return %a, %b : tensor<?x8xsi20>, tensor<?x4xsi20>
}
