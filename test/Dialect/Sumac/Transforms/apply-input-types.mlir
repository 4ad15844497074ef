// RUN: sumac-opt %s --split-input-file --sumac-apply-input-types | FileCheck %s
// RUN: sumac-opt %s --split-input-file --sumac-apply-input-types="types=image=fixed<16,6>" 2>&1 | FileCheck %s --check-prefix=NAMED
// RUN: not sumac-opt %s --sumac-apply-input-types="types=image=int99" 2>&1 | FileCheck %s --check-prefix=BAD

// The file's annotation gives the type where the user names none.
// CHECK-LABEL: func.func @annotated
// CHECK:       sumac.quantize %{{.*}}, <ui8, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>>,  half_even
// NAMED-LABEL: func.func @annotated
// NAMED:       sumac.quantize %{{.*}}, <si16, scale = <["0x1p-10"]>, zero_point = <["0x0p+0"]>>,  half_even
// BAD:         error: unknown input type 'int99' for input 'image'; expected int1 to int24
func.func @annotated(%image: tensor<?x2xf32> {sumac.name = "image", sumac.input_type = "UINT8"}) -> tensor<?x1xf32> {
  %x = sumac.from_float %image : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[1.0, 2.5]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %l = sumac.linear %x, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %l : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
