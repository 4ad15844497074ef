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
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Target/CPU/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void sumac::buildCPUSumsPipeline(OpPassManager &pm, const CPUPipelineOptions &options) {
  pm.addPass(createCPUSetTarget({options.triple, options.cpu, options.features}));
  pm.addNestedPass<func::FuncOp>(createExpandPlanes());
  pm.addPass(createCPUChooseEpilogues());
  pm.addPass(createSpecializeBatch({options.block}));
  pm.addPass(createCPUChooseKernels());
}

void sumac::buildCPUVectorPipeline(OpPassManager &pm) {
  pm.addPass(createConvertSumacToVector());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void sumac::buildCPULLVMPipeline(OpPassManager &pm) {
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void sumac::buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options) {
  buildCPUSumsPipeline(pm, options);
  buildCPUVectorPipeline(pm);
  buildCPULLVMPipeline(pm);
}

void sumac::registerCPUPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>("sumac-cpu-pipeline", "lower the integer level to the LLVM dialect",
                                               buildCPUPipeline);
  PassPipelineRegistration<CPUPipelineOptions>(
      "sumac-cpu-sums-pipeline", "choose blocks of rows, kernels and epilogue forms for a CPU", buildCPUSumsPipeline);
  PassPipelineRegistration<CPUPipelineOptions>("sumac-cpu-vector-pipeline", "lower the integer level to vectors",
                                               [](OpPassManager &pm, const CPUPipelineOptions &options) {
                                                 buildCPUSumsPipeline(pm, options);
                                                 buildCPUVectorPipeline(pm);
                                               });
}
