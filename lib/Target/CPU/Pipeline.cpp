//===- Pipeline.cpp - Integer level to LLVM ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the CPU back end's passes.
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/SumacToVector/SumacToVector.h"
#include "sumac/Target/CPU/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void sumac::buildCPUVectorPipeline(OpPassManager &pm, const CPUPipelineOptions &options) {
  pm.addPass(createCPUSetTarget({options.triple, options.cpu, options.features}));
  pm.addPass(createCPUChooseEpilogues());
  pm.addPass(createSpecializeBatch({options.block}));
  pm.addPass(createCPUChooseKernels());
  pm.addPass(createConvertSumacToVector());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void sumac::buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options) {
  buildCPUVectorPipeline(pm, options);
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void sumac::registerCPUPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>("sumac-cpu-pipeline", "lower the integer level to the LLVM dialect",
                                               buildCPUPipeline);
  PassPipelineRegistration<CPUPipelineOptions>("sumac-cpu-vector-pipeline", "lower the integer level to vectors",
                                               buildCPUVectorPipeline);
}
