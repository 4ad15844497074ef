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
