//===- Pipeline.cpp - Integer level to programs of the core -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/ACM/Pipeline.h"

#include "sumac/Conversion/SumacToACM/SumacToACM.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace sumac;

void sumac::registerACMPipelines() {
  PassPipelineRegistration<>("sumac-acm-pipeline", "lower the integer level to a program of the accumulate-multiply core",
                             [](OpPassManager &pm) {
                               pm.addPass(createAddRawEntry());
                               pm.addPass(createConvertSumacToACM());
                             });
}
