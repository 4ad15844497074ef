// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s
// RUN: sumac-interpret %s | FileCheck %s --check-prefix=VALUE

// Codings with tables survive text and bytecode, and decode to their formulas.
// CHECK: sumac.constant #sumac.basis<dense<{{\[\[}}0, 3], [5, 15]]> : tensor<2x2xui8>, coefficients = dense<{{\[\[}}3, -7, 11, 40]]> : tensor<1x4xsi64>> -> tensor<2x2xsi7>
// CHECK: sumac.constant #sumac.shift<dense<{{\[\[}}[1, -3], [0, 0]], {{\[\[}}0, 1], [0, 0]]]> : tensor<2x2x2xsi8>> -> tensor<2x2xsi7>
// CHECK: sumac.constant #sumac.pool<dense<{{\[\[}}0, 1]]> : tensor<1x2xui8>, table = dense<{{\[\[}}1, 2, 3, 4, 5, 6, 7, 8], [-1, -2, -3, -4, -5, 0, 0, 0]]> : tensor<2x8xsi8>, shape = [1, 13]> -> tensor<1x13xsi8>
// CHECK: sumac.constant #sumac.codebook<dense<{{\[\[}}0, 1], [2, 1]]> : tensor<2x2xui8>, values = dense<[-200, 0, 17]> : tensor<3xsi64>> -> tensor<2x2xsi9>
// CHECK: sumac.constant #sumac.basis<dense<{{\[\[}}0, 1], [2, 3]]> : tensor<2x2xui8>, coefficients = dense<{{\[\[}}3, -7], [100, 50]]> : tensor<2x2xsi64>> -> tensor<2x2xsi9>

// VALUE:      2x2xint8 {{\[\[}}0, -4], [14, 47]]
// VALUE-NEXT: 2x2xint8 {{\[\[}}1, -3], [0, 0]]
// VALUE-NEXT: 1x13xint8 {{\[\[}}1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5]]
// VALUE-NEXT: 2x2xint16 {{\[\[}}-200, 0], [17, 0]]
// VALUE-NEXT: 2x2xint16 {{\[\[}}0, 3], [50, 150]]
func.func @codings() -> (tensor<2x2xsi7>, tensor<2x2xsi7>, tensor<1x13xsi8>, tensor<2x2xsi9>, tensor<2x2xsi9>) {
  %a = sumac.constant #sumac.basis<dense<[[0, 3], [5, 15]]> : tensor<2x2xui8>, coefficients = dense<[[3, -7, 11, 40]]> : tensor<1x4xsi64>> -> tensor<2x2xsi7>
  %b = sumac.constant #sumac.shift<dense<[[[1, -3], [0, 0]], [[0, 1], [0, 0]]]> : tensor<2x2x2xsi8>> -> tensor<2x2xsi7>
  %c = sumac.constant #sumac.pool<dense<[[0, 1]]> : tensor<1x2xui8>, table = dense<[[1, 2, 3, 4, 5, 6, 7, 8], [-1, -2, -3, -4, -5, 0, 0, 0]]> : tensor<2x8xsi8>, shape = [1, 13]> -> tensor<1x13xsi8>
  %d = sumac.constant #sumac.codebook<dense<[[0, 1], [2, 1]]> : tensor<2x2xui8>, values = dense<[-200, 0, 17]> : tensor<3xsi64>> -> tensor<2x2xsi9>
  %e = sumac.constant #sumac.basis<dense<[[0, 1], [2, 3]]> : tensor<2x2xui8>, coefficients = dense<[[3, -7], [100, 50]]> : tensor<2x2xsi64>> -> tensor<2x2xsi9>
  return %a, %b, %c, %d, %e : tensor<2x2xsi7>, tensor<2x2xsi7>, tensor<1x13xsi8>, tensor<2x2xsi9>, tensor<2x2xsi9>
}
