// RUN: sumac-opt %s --sumac-choose-forms='forms=fc1=masked_sums,*=shifted_sums,fc2=bit_planes' --mlir-print-debuginfo | FileCheck %s
// RUN: not sumac-opt %s --sumac-choose-forms='forms=fc9=masked_sums' 2>&1 | FileCheck %s --check-prefix=LAYER
// RUN: not sumac-opt %s --sumac-choose-forms='forms=fc1=magic' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not sumac-opt %s --sumac-choose-forms='forms=wide=masked_sums' 2>&1 | FileCheck %s --check-prefix=SUPPORT

// The last form that names a layer stays.
// CHECK: sumac.linear {{.*}} form(#sumac.shifted_sums)
// CHECK: sumac.linear {{.*}} form(#sumac.bit_planes)
// LAYER: no layer is named 'fc9'
// FORM: unknown form in 'fc1=magic'; expected LAYER=FORM, FORM being one of multiply_accumulate, bit_planes, masked_sums, shifted_sums, pooled_sums, cached_sums, lookup_sums, adder_graph
// SUPPORT: the form masked_sums does not support this layer's weights
func.func @main(%x: tensor<?x2xui8>) -> (tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi24>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %v = sumac.constant #sumac.codebook<dense<[[0, 1]]> : tensor<1x2xui8>, values = dense<[900, -7]> : tensor<2xsi64>> -> tensor<1x2xsi11>
  %a = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi13> loc("fc1")
  %b = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi13> loc("fc2")
  %c = sumac.linear %x, %v : (tensor<?x2xui8>, tensor<1x2xsi11>) -> tensor<?x1xsi24> loc("wide")
  return %a, %b, %c : tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi24>
}
