//===- Pipeline.cpp - Integer level to sized networks -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/HLS/Pipeline.h"

#include "sumac/Conversion/SumacToStream/SumacToStream.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace sumac;

void sumac::buildHLSPipeline(OpPassManager &pm, const StreamChooseFoldingOptions &folding) {
  pm.addPass(createConvertSumacToStream());
  pm.addNestedPass<stream::NetworkOp>(createStreamChooseFolding(folding));
  pm.addNestedPass<stream::NetworkOp>(createStreamSizeFIFOs());
}

void sumac::registerHLSPipelines() {
  PassPipelineRegistration<>("sumac-hls-pipeline", "lower the integer level to a network with units and FIFOs",
                             [](OpPassManager &pm) {
                               pm.addPass(createAddRawEntry());
                               buildHLSPipeline(pm, {});
                             });
}
