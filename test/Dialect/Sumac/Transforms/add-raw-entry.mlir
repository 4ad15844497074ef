// RUN: sumac-opt %s --split-input-file --sumac-add-raw-entry | FileCheck %s

// CHECK-LABEL: func.func @main(
// CHECK:       sumac.encode
// CHECK:       sumac.decode

// CHECK-LABEL: func.func @main_raw(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x2xui8> {sumac.grid = #sumac.grid<ui8, scale = <["0x1p-8"]>
// CHECK-SAME:    -> (tensor<?x1xsi12> {sumac.grid = #sumac.grid<si12, scale = <["0x1p-9"]>, {{.*}}sumac.offset = #sumac.exact<["0x1p+0"]>})
// CHECK-NOT:   sumac.encode
// CHECK:       %[[A:.*]] = sumac.linear %[[X]]
// CHECK-NEXT:  return %[[A]]
func.func @main(%image: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w = sumac.constant #sumac.uniform<dense<[[3, -7]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %c = sumac.encode %image, <ui8, scale = <["0x1p-8"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x2xf32> -> tensor<?x2xui8>
  %a = sumac.linear %c, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi12>
  %y = sumac.decode %a, <si12, scale = <["0x1p-9"]>, zero_point = <["0x0p+0"]>> offset <["0x1p+0"]> : tensor<?x1xsi12> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// Codes of a bipolar input are -1 and 1 only, which the sums' type relies on.
// CHECK-LABEL: func.func @main_raw(
// CHECK-SAME:    tensor<?x5xsi2> {sumac.grid = {{.*}}bipolar{{.*}}, sumac.range = array<i64: -1, 1>})
func.func @main(%image: tensor<?x5xf32>) -> tensor<?x1xf32> {
  %w = sumac.constant #sumac.bipolar<dense<[[1, 1, 1, 1, 1]]> : tensor<1x5xsi8>> -> tensor<1x5xsi2>
  %c = sumac.encode %image, <si2, bipolar, scale = <["0x1p-2"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x5xf32> -> tensor<?x5xsi2>
  %a = sumac.linear %c, %w : (tensor<?x5xsi2>, tensor<1x5xsi2>) -> tensor<?x1xsi4>
  %y = sumac.decode %a, <si4, scale = <["0x1p-2"]>, zero_point = <["0x0p+0"]>> : tensor<?x1xsi4> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
