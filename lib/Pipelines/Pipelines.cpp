//===- Pipelines.cpp - The passes in their order --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From imported nodes to exact layers to exact integers.
//
//===----------------------------------------------------------------------===//

#include "sumac/Pipelines/Pipelines.h"

#include "sumac/Conversion/ONNXToSumac/ONNXToSumac.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void sumac::buildImportPipeline(OpPassManager &pm) {
  pm.addPass(createConvertONNXToSumac());
  pm.addPass(createCanonicalizerPass());
}

void sumac::buildIntegerPipeline(OpPassManager &pm,
                                 const IntegerPipelineOptions &options) {
  ApplyInputTypesOptions inputTypes;
  inputTypes.types.assign(options.inputTypes.begin(), options.inputTypes.end());
  pm.addNestedPass<func::FuncOp>(createApplyInputTypes(inputTypes));
  pm.addNestedPass<func::FuncOp>(createToInteger());
  pm.addNestedPass<func::FuncOp>(createRemoveChannels());
  pm.addNestedPass<func::FuncOp>(createDiscoverCodings());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void sumac::registerPipelines() {
  PassPipelineRegistration<>("sumac-import-pipeline",
                             "imported level to model level",
                             buildImportPipeline);
  PassPipelineRegistration<IntegerPipelineOptions>(
      "sumac-integer-pipeline", "model level to integer level",
      buildIntegerPipeline);
}
