// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s --mlir-print-op-generic | sumac-opt | FileCheck %s

// CHECK-LABEL: func @boundary
func.func @boundary(%image: tensor<?x784xf32>) -> tensor<?x784xf32> {
  // CHECK: sumac.from_float %{{.*}} : tensor<?x784xf32> -> tensor<?x784x!sumac.real>
  %x = sumac.from_float %image : tensor<?x784xf32> -> tensor<?x784x!sumac.real>
  // CHECK: sumac.to_float %{{.*}} : tensor<?x784x!sumac.real> -> tensor<?x784xf32>
  %y = sumac.to_float %x : tensor<?x784x!sumac.real> -> tensor<?x784xf32>
  return %y : tensor<?x784xf32>
}

// CHECK-LABEL: func @quantize
func.func @quantize(%x: tensor<?x4x!sumac.real>) -> tensor<?x4x!sumac.real> {
  // CHECK: sumac.quantize %{{.*}}, <ui8, scale = <["0x1.01p-8"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x4x!sumac.real>
  %a = sumac.quantize %x, <ui8, scale = <["0x1.01p-8"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x4x!sumac.real>
  // CHECK: sumac.quantize %{{.*}}, <si4, min = -7, scale = <["1/3", "0x1p-4"]>, zero_point = <["0x1p-1"]>, shape = [2], block = [2]>, floor zero_point_first : tensor<?x4x!sumac.real>
  %b = sumac.quantize %a, <si4, min = -7, scale = <["1/3", "0x1p-4"]>, zero_point = <["0x1p-1"]>, shape = [2], block = [2]>, floor zero_point_first : tensor<?x4x!sumac.real>
  // CHECK: sumac.quantize %{{.*}}, <si2, bipolar, scale = <["0x1p+0"]>, zero_point = <["0x0p+0"]>>, half_up : tensor<?x4x!sumac.real>
  %c = sumac.quantize %b, <si2, bipolar, scale = <["0x1p+0"]>>, half_up : tensor<?x4x!sumac.real>
  return %c : tensor<?x4x!sumac.real>
}

// CHECK-LABEL: func @encode_decode
func.func @encode_decode(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: sumac.encode %{{.*}}, <ui8, max = 127, scale = <["0x1p-7"]>, zero_point = <["0x1p+1"]>>, half_even : tensor<?x4xf32> -> tensor<?x4xui8>
  %c = sumac.encode %x, <ui8, max = 127, scale = <["0x1p-7"]>, zero_point = <["0x1p+1"]>>, half_even : tensor<?x4xf32> -> tensor<?x4xui8>
  // CHECK: sumac.decode %{{.*}}, <ui8, scale = <["-0x1p-7"]>, zero_point = <["0x0p+0"]>> offset <["0x1p+0", "0x0p+0", "0x1p-1", "1/3"]> : tensor<?x4xui8> -> tensor<?x4xf32>
  %y = sumac.decode %c, <ui8, scale = <["-0x1p-7"]>> offset <["0x1p+0", "0x0p+0", "0x1p-1", "1/3"]> : tensor<?x4xui8> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func @storages
func.func @storages() -> (tensor<1x2xsi4>, tensor<1x2xsi4>, tensor<1x2xsi4>, tensor<1x2xsi4>) {
  // CHECK: bits = 4> storage(#sumac.packed) -> tensor<1x2xsi4>
  %a = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xsi8>, bits = 4> storage(#sumac.packed) -> tensor<1x2xsi4>
  // CHECK: storage(#sumac.bitmask)
  %b = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xsi8>, bits = 4> storage(#sumac.bitmask) -> tensor<1x2xsi4>
  // CHECK: storage(#sumac.csr)
  %c = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xsi8>, bits = 4> storage(#sumac.csr) -> tensor<1x2xsi4>
  // CHECK: storage(#sumac.huffman)
  %d = sumac.constant #sumac.uniform<dense<[[1, 0]]> : tensor<1x2xsi8>, bits = 4> storage(#sumac.huffman) -> tensor<1x2xsi4>
  return %a, %b, %c, %d : tensor<1x2xsi4>, tensor<1x2xsi4>, tensor<1x2xsi4>, tensor<1x2xsi4>
}

// CHECK-LABEL: func @forms
func.func @forms(%x: tensor<?x8xui8>) -> (tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>) {
  %w = sumac.constant #sumac.pool<dense<[[0]]> : tensor<1x1xui8>, table = dense<[[1, 0, -2, 1, 0, 0, 0, 3]]> : tensor<1x8xsi8>, shape = [1, 8]> -> tensor<1x8xsi3>
  %v = sumac.constant #sumac.uniform<dense<[[1, 0, -2, 1, 0, 0, 0, 3]]> : tensor<1x8xsi8>, bits = 3> -> tensor<1x8xsi3>
  // CHECK: form(#sumac.pooled_sums)
  %a = sumac.linear %x, %w form(#sumac.pooled_sums) : (tensor<?x8xui8>, tensor<1x8xsi3>) -> tensor<?x1xsi13>
  // CHECK: form(#sumac.cached_sums)
  %b = sumac.linear %x, %w form(#sumac.cached_sums) : (tensor<?x8xui8>, tensor<1x8xsi3>) -> tensor<?x1xsi13>
  // CHECK: form(#sumac.lookup_sums)
  %c = sumac.linear %x, %v form(#sumac.lookup_sums) : (tensor<?x8xui8>, tensor<1x8xsi3>) -> tensor<?x1xsi13>
  // CHECK: form(#sumac.adder_graph)
  %d = sumac.linear %x, %v form(#sumac.adder_graph) : (tensor<?x8xui8>, tensor<1x8xsi3>) -> tensor<?x1xsi13>
  return %a, %b, %c, %d : tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>
}

// CHECK-LABEL: func @constants
func.func @constants() -> (tensor<1x2xsi4>, tensor<3xsi2>, tensor<2x!sumac.real>, tensor<2xsi20>) {
  // CHECK: sumac.constant #sumac.uniform<dense<{{.*}}> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %b = sumac.constant #sumac.bipolar<dense<[1, -1, 1]> : tensor<3xsi8>> -> tensor<3xsi2>
  %f = sumac.constant #sumac.dense<dense<[1.5, -0.25]> : tensor<2xf32>> -> tensor<2x!sumac.real>
  %i = sumac.constant #sumac.dense<dense<[100000, -5]> : tensor<2xsi32>> -> tensor<2xsi20>
  return %w, %b, %f, %i : tensor<1x2xsi4>, tensor<3xsi2>, tensor<2x!sumac.real>, tensor<2xsi20>
}

// CHECK-LABEL: func @linear
func.func @linear(%x: tensor<?x2xui8>, %r: tensor<?x2x!sumac.real>, %v: tensor<3x2x!sumac.real>) -> tensor<?x1xsi13> {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
  %b = sumac.constant #sumac.dense<dense<[100]> : tensor<1xsi8>> -> tensor<1xsi8>
  // CHECK: sumac.linear %{{.*}}, %{{.*}} : (tensor<?x2x!sumac.real>, tensor<3x2x!sumac.real>) -> tensor<?x3x!sumac.real>
  %0 = sumac.linear %r, %v : (tensor<?x2x!sumac.real>, tensor<3x2x!sumac.real>) -> tensor<?x3x!sumac.real>
  // CHECK: sumac.linear %{{.*}}, %{{.*}} bias(%{{.*}}) form(#sumac.bit_planes) : (tensor<?x2xui8>, tensor<1x2xsi4>, tensor<1xsi8>) -> tensor<?x1xsi13>
  %a = sumac.linear %x, %w bias(%b) form(#sumac.bit_planes) : (tensor<?x2xui8>, tensor<1x2xsi4>, tensor<1xsi8>) -> tensor<?x1xsi13>
  return %a : tensor<?x1xsi13>
}

// CHECK-LABEL: func @batch_norm
func.func @batch_norm(%x: tensor<?x2x!sumac.real>) -> tensor<?x2x!sumac.real> {
  // CHECK: sumac.batch_norm %{{.*}}, scale({{.*}}) offset({{.*}}) mean({{.*}}) variance({{.*}}) epsilon <["0x1p-10"]> : tensor<?x2x!sumac.real>
  %y = sumac.batch_norm %x, scale(dense<[1.0, 2.0]> : tensor<2xf32>) offset(dense<0.0> : tensor<2xf32>)
    mean(dense<0.5> : tensor<2xf32>) variance(dense<[1.0, 0.0]> : tensor<2xf32>) epsilon <["0x1p-10"]> : tensor<?x2x!sumac.real>
  return %y : tensor<?x2x!sumac.real>
}

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: tensor<?x2x!sumac.real>, %c: tensor<2x!sumac.real>) -> tensor<?x2x!sumac.real> {
  // CHECK: sumac.add %{{.*}}, %{{.*}} : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  %0 = sumac.add %x, %c : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  // CHECK: sumac.sub
  %1 = sumac.sub %0, %c : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  // CHECK: sumac.mul
  %2 = sumac.mul %1, %c : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  // CHECK: sumac.div
  %3 = sumac.div %2, %c : tensor<?x2x!sumac.real>, tensor<2x!sumac.real>
  // CHECK: sumac.relu
  %4 = sumac.relu %3 : tensor<?x2x!sumac.real>
  // CHECK: sumac.leaky_relu %{{.*}} alpha <["0x1p-7"]>
  %5 = sumac.leaky_relu %4 alpha <["0x1p-7"]> : tensor<?x2x!sumac.real>
  // CHECK: sumac.clip %{{.*}} min <["-0x1p+0"]> max <["0x1p+0"]>
  %6 = sumac.clip %5 min <["-0x1p+0"]> max <["0x1p+0"]> : tensor<?x2x!sumac.real>
  // CHECK: sumac.clip %{{.*}} max <["0x1p+0"]>
  %7 = sumac.clip %6 max <["0x1p+0"]> : tensor<?x2x!sumac.real>
  // CHECK: sumac.sigmoid
  %8 = sumac.sigmoid %7 : tensor<?x2x!sumac.real>
  // CHECK: sumac.tanh
  %9 = sumac.tanh %8 : tensor<?x2x!sumac.real>
  // CHECK: sumac.power %{{.*}} exponent <["0x1p-1"]>
  %10 = sumac.power %9 exponent <["0x1p-1"]> : tensor<?x2x!sumac.real>
  // CHECK: sumac.multi_threshold %{{.*}}, dense<{{.*}}> : tensor<1x3xf32> scale <["0x1p+0"]> offset <["-0x1p+0"]> axis 0
  %11 = sumac.multi_threshold %10, dense<[[3.0, 1.0, 2.0]]> : tensor<1x3xf32> scale <["0x1p+0"]> offset <["-0x1p+0"]> axis 0 : tensor<?x2x!sumac.real>
  // CHECK: sumac.softmax %{{.*}} axis 1
  %12 = sumac.softmax %11 axis 1 : tensor<?x2x!sumac.real>
  return %12 : tensor<?x2x!sumac.real>
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<?x10x!sumac.real>, %a: tensor<?x10xsi19>) -> (tensor<?xsi64>, tensor<?x1xui4>, tensor<?x1xsi19>) {
  // CHECK: sumac.argmax %{{.*}} axis 1 : tensor<?x10x!sumac.real> -> tensor<?xsi64>
  %0 = sumac.argmax %x axis 1 : tensor<?x10x!sumac.real> -> tensor<?xsi64>
  // CHECK: sumac.argmax %{{.*}} axis 1 keep_dims select_last : tensor<?x10xsi19> -> tensor<?x1xui4>
  %1 = sumac.argmax %a axis 1 keep_dims select_last : tensor<?x10xsi19> -> tensor<?x1xui4>
  // CHECK: sumac.reduce_max %{{.*}} axis 1 : tensor<?x10xsi19> -> tensor<?x1xsi19>
  %2 = sumac.reduce_max %a axis 1 : tensor<?x10xsi19> -> tensor<?x1xsi19>
  return %0, %1, %2 : tensor<?xsi64>, tensor<?x1xui4>, tensor<?x1xsi19>
}

// CHECK-LABEL: func @threshold
func.func @threshold(%a: tensor<?x2xsi8>, %x: tensor<?x2xf32>) -> tensor<?x2xui2> {
  // CHECK: sumac.threshold %{{.*}}, dense<{{.*}}> : tensor<2x3xsi16> decreasing [false, true] : tensor<?x2xsi8> -> tensor<?x2xui2>
  %0 = sumac.threshold %a, dense<[[-5, 0, 5], [1, 1, 200]]> : tensor<2x3xsi16> decreasing [false, true] base 0 step 1 : tensor<?x2xsi8> -> tensor<?x2xui2>
  // CHECK: sumac.threshold %{{.*}}, dense<{{.*}}> : tensor<1x1xf32> base -1 step 2 : tensor<?x2xf32> -> tensor<?x2xsi2>
  %1 = sumac.threshold %x, dense<0.5> : tensor<1x1xf32> base -1 step 2 : tensor<?x2xf32> -> tensor<?x2xsi2>
  return %0 : tensor<?x2xui2>
}

// CHECK-LABEL: func @requantize
func.func @requantize(%a: tensor<?x2xsi20>) -> tensor<?x2xui8> {
  // CHECK: sumac.requantize %{{.*}} multiply [3, 5] add [100] shift [10] clamp[0, 255] : tensor<?x2xsi20> -> tensor<?x2xui8>
  %0 = sumac.requantize %a, multiply [3, 5] add [100] shift [10] clamp [0, 255] : tensor<?x2xsi20> -> tensor<?x2xui8>
  // CHECK: sumac.requantize %{{.*}} multiply [1] add [7] shift [4, 2] half_even clamp[0, 255]
  %1 = sumac.requantize %a, multiply [1] add [7] shift [4, 2] half_even clamp [0, 255] : tensor<?x2xsi20> -> tensor<?x2xui8>
  return %0 : tensor<?x2xui8>
}

// CHECK-LABEL: func @truncate_planes
func.func @truncate_planes(%a: tensor<?x2xsi8>, %b: tensor<?x2xui1>) -> (tensor<?x2xsi8>, tensor<?x2xui1>) {
  // CHECK: sumac.truncate_planes %{{.*}} keep 3 : tensor<?x2xsi8>
  %0 = sumac.truncate_planes %a keep 3 : tensor<?x2xsi8>
  // CHECK: sumac.truncate_planes %{{.*}} keep 9 : tensor<?x2xui1>
  %1 = sumac.truncate_planes %b keep 9 : tensor<?x2xui1>
  return %0, %1 : tensor<?x2xsi8>, tensor<?x2xui1>
}

// CHECK-LABEL: func @table_combine_clamp
func.func @table_combine_clamp(%a: tensor<?x2xui2>, %b: tensor<?x2xsi4>) -> tensor<?x2xsi4> {
  // CHECK: sumac.table %{{.*}}, dense<{{.*}}> : tensor<1x4xsi8> first 0 : tensor<?x2xui2> -> tensor<?x2xsi4>
  %0 = sumac.table %a, dense<[[-3, -1, 1, 3]]> : tensor<1x4xsi8> first 0 : tensor<?x2xui2> -> tensor<?x2xsi4>
  // CHECK: sumac.combine %{{.*}}, %{{.*}} multiply dense<{{.*}}> : tensor<2x1xsi64> add dense<{{.*}}> : tensor<1xsi64> : (tensor<?x2xsi4>, tensor<?x2xsi4>) -> tensor<?x2xsi8>
  %1 = sumac.combine %0, %b multiply dense<[[3], [7]]> : tensor<2x1xsi64> add dense<1> : tensor<1xsi64> : (tensor<?x2xsi4>, tensor<?x2xsi4>) -> tensor<?x2xsi8>
  // CHECK: sumac.clamp %{{.*}} min [-8, 0] max [7] : tensor<?x2xsi8> -> tensor<?x2xsi4>
  %2 = sumac.clamp %1 min [-8, 0] max [7] : tensor<?x2xsi8> -> tensor<?x2xsi4>
  return %2 : tensor<?x2xsi4>
}
