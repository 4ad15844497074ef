// RUN: sumac-opt %s --sumac-choose-storage='storages=*=bitmask,fc2=smallest' --mlir-print-debuginfo | FileCheck %s
// RUN: not sumac-opt %s --sumac-choose-storage='storages=fc9=csr' 2>&1 | FileCheck %s --check-prefix=LAYER
// RUN: not sumac-opt %s --sumac-choose-storage='storages=fc1=magic' 2>&1 | FileCheck %s --check-prefix=STORAGE
// RUN: not sumac-opt %s --sumac-choose-storage='storages=signs=csr' 2>&1 | FileCheck %s --check-prefix=SUPPORT

// What is chosen for all layers is a wish; what is named is not. Bipolar weights
// have no zeros to leave out.
// CHECK: #sumac.uniform<{{.*}}> storage(#sumac.bitmask) {sumac.if_possible} ->
// 16 codes of 3 bits with one that is not zero: 48 bits, 19 as a bitmask, 3 + 4 + 2 as rows.
// CHECK: #sumac.uniform<{{.*}}> storage(#sumac.csr) ->
// CHECK: #sumac.bipolar<{{.*}}> : tensor<1x2xsi8>> ->
// LAYER: no layer is named 'fc9'
// STORAGE: unknown storage in 'fc1=magic'; expected LAYER=packed, bitmask, csr, huffman or smallest
// SUPPORT: the storage csr does not support this layer's weights
func.func @main(%x: tensor<?x2xui8>, %y: tensor<?x16xui8>) -> (tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
  %v = sumac.constant #sumac.uniform<dense<[[0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]> : tensor<1x16xsi8>, bits = 3> -> tensor<1x16xsi3>
  %s = sumac.constant #sumac.bipolar<dense<[[1, -1]]> : tensor<1x2xsi8>> -> tensor<1x2xsi2>
  %a = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi13> loc("fc1")
  %b = sumac.linear %y, %v : (tensor<?x16xui8>, tensor<1x16xsi3>) -> tensor<?x1xsi13> loc("fc2")
  %c = sumac.linear %x, %s : (tensor<?x2xui8>, tensor<1x2xsi2>) -> tensor<?x1xsi13> loc("signs")
  return %a, %b, %c : tensor<?x1xsi13>, tensor<?x1xsi13>, tensor<?x1xsi13>
}
