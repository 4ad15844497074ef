// RUN: sumac-opt %s -split-input-file --sumac-truncate-planes=planes=4 -verify-diagnostics
// RUN: not sumac-opt %s -split-input-file --sumac-truncate-planes 2>&1 | FileCheck %s
// CHECK: have codes of up to 3 bits; expected 1 to 3 bit planes, not 0

// expected-error @+1 {{no layer is computed from bit planes; name the layers' forms}}
func.func @none(%x: tensor<?x2xui8>) -> tensor<?x1xsi11> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi11>
  return %a : tensor<?x1xsi11>
}

// -----

// expected-error @+1 {{the layers computed from bit planes have codes of up to 3 bits; expected 1 to 3 bit planes, not 4}}
func.func @more(%x: tensor<?x2xui3>) -> tensor<?x1xsi6> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x2xui3>, tensor<1x2xsi2>) -> tensor<?x1xsi6>
  return %a : tensor<?x1xsi6>
}

// -----

func.func @table(%x: tensor<?x1xsi5> {sumac.range = array<i64: -1, 1>}) -> tensor<?x1xui2> {
  %w = sumac.constant #sumac.bipolar<dense<[[1]]> : tensor<1x1xsi8>> -> tensor<1x1xsi2>
  %a = sumac.linear %x, %w form(#sumac.bit_planes) : (tensor<?x1xsi5>, tensor<1x1xsi2>) -> tensor<?x1xsi2>
  // expected-error @+1 {{has a table of [-1, 1], and fewer bit planes of activations give [-2, 0]}}
  %y = sumac.table %a, dense<[[1, 2, 3]]> : tensor<1x3xui8> first -1 : tensor<?x1xsi2> -> tensor<?x1xui2>
  return %y : tensor<?x1xui2>
}

// -----

func.func @concat(%x: tensor<?x2xsi5> {sumac.range = array<i64: -3, 3>}, %y: tensor<?x1xsi4>) -> tensor<?x2xsi4> {
  %w = sumac.constant #sumac.uniform<dense<[[1, 1]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %b = sumac.constant #sumac.uniform<dense<-2> : tensor<1xsi8>, bits = 2> -> tensor<1xsi2>
  %a = sumac.linear %x, %w bias(%b) form(#sumac.bit_planes) : (tensor<?x2xsi5>, tensor<1x2xsi2>, tensor<1xsi2>) -> tensor<?x1xsi4>
  // expected-error @+1 {{cannot take sums of more bits than it was made for}}
  %c = tensor.concat dim(1) %a, %y : (tensor<?x1xsi4>, tensor<?x1xsi4>) -> tensor<?x2xsi4>
  return %c : tensor<?x2xsi4>
}
