// RUN: sumac-opt %s --convert-sumac-to-acm="machine=tiny images=1" | FileCheck %s

// Outputs in another order than their layers. Stores wait in the order of the layers, for tokens have no names; ports are
// in the order of the function. A layer that is twice an output signals once.
// CHECK-LABEL: acm.program @design
// CHECK-SAME:    \22outputs\22:[{\22address\22:[[B:[0-9]+]],{{[^]]*}}\22name\22:\22b\22{{[^]]*}}\22address\22:[[A:[0-9]+]],{{[^]]*}}\22name\22:\22a\22{{[^]]*}}\22address\22:[[C:[0-9]+]],{{[^]]*}}\22name\22:\22c\22
// CHECK:         acm.execute {{{.*}}high = 7 : i64, {{.*}}output = 4 : i64, {{.*}}signal_next = 1 : i64,
// CHECK:         acm.execute {{{.*}}high = 3 : i64, {{.*}}output_stride = 4 : i64, {{.*}}signal_next = 1 : i64,
// CHECK-NEXT:    acm.store {address = 4 : i64, dram = [[A]] : i64, {{.*}}wait_previous = 1 : i64,
// CHECK-NEXT:    acm.store {dram = [[B]] : i64, {{.*}}wait_previous = 1 : i64,
// CHECK-NEXT:    acm.store {dram = [[C]] : i64, memory = "activations", rows = 1 : i64, words =
// CHECK-NEXT:    acm.finish
func.func @main_raw(%x: tensor<?x4xui4>) -> (tensor<?x4xui2> {sumac.name = "b"}, tensor<?x4xui3> {sumac.name = "a"}, tensor<?x4xui2> {sumac.name = "c"}) {
  %a = sumac.clamp %x min [0] max [7] : tensor<?x4xui4> -> tensor<?x4xui3>
  %b = sumac.clamp %a min [0] max [3] : tensor<?x4xui3> -> tensor<?x4xui2>
  return %b, %a, %b : tensor<?x4xui2>, tensor<?x4xui3>, tensor<?x4xui2>
}
