//===- InitAll.cpp - Registration of all of Sumac ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that names every dialect and pass.
//
//===----------------------------------------------------------------------===//

#include "sumac/InitAll.h"

#include "sumac/Analysis/Passes.h"
#include "sumac/Conversion/ONNXToSumac/ONNXToSumac.h"
#include "sumac/Conversion/SumacToACM/SumacToACM.h"
#include "sumac/Conversion/SumacToStream/SumacToStream.h"
#include "sumac/Conversion/SumacToVector/SumacToVector.h"
#include "sumac/Dialect/ACM/IR/ACMDialect.h"
#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Pipelines/Pipelines.h"
#include "sumac/Target/ACM/Pipeline.h"
#include "sumac/Target/CPU/Passes.h"
#include "sumac/Target/HLS/Pipeline.h"

void sumac::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<acm::ACMDialect, onnx::ONNXDialect, stream::StreamDialect, SumacDialect>();
}

void sumac::registerAllPasses() {
  registerSumacAnalysisPasses();
  registerSumacONNXToSumacPasses();
  registerSumacTransformsPasses();
  registerPipelines();
  registerSumacToACMPasses();
  registerSumacToStreamPasses();
  registerStreamTransformsPasses();
  registerSumacToVectorPasses();
  registerSumacCPUPasses();
  registerCPUPipelines();
  registerACMPipelines();
  registerHLSPipelines();
}
