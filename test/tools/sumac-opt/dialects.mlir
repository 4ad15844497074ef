// The driver knows the project's dialects besides the upstream ones.
// RUN: sumac-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: sumac-opt %s | FileCheck %s

// DIALECTS: Available Dialects:
// DIALECTS-SAME: func
// DIALECTS-SAME: onnx
// DIALECTS-SAME: stream
// DIALECTS-SAME: sumac

// CHECK-LABEL: func.func @reals
// CHECK: sumac.relu %{{.*}} : tensor<?x!sumac.real>
func.func @reals(%x: tensor<?x!sumac.real>) -> tensor<?x!sumac.real> {
  %y = sumac.relu %x : tensor<?x!sumac.real>
  return %y : tensor<?x!sumac.real>
}
