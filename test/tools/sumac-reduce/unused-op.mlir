// The reducer takes a smaller module as long as that fails as well.
// RUN: sumac-reduce %s -opt-reduction-pass='opt-pass=canonicalize test=%S/Inputs/has-tanh.sh' | FileCheck %s

// CHECK-NOT: sumac.relu
// CHECK: sumac.tanh
// CHECK-NOT: sumac.relu
func.func @main(%x: tensor<2x!sumac.real>) -> tensor<2x!sumac.real> {
  %0 = sumac.relu %x : tensor<2x!sumac.real>
  %1 = sumac.tanh %x : tensor<2x!sumac.real>
  %2 = sumac.relu %1 : tensor<2x!sumac.real>
  return %1 : tensor<2x!sumac.real>
}
