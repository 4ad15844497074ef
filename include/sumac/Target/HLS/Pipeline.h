//===- Pipeline.h - Integer level to sized networks -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_HLS_PIPELINE_H
#define SUMAC_TARGET_HLS_PIPELINE_H

#include "sumac/Dialect/Stream/Transforms/Passes.h"

namespace sumac {

/// From a module with @main_raw to `stream.network @design` with units and FIFOs.
void buildHLSPipeline(mlir::OpPassManager &pm, const StreamChooseFoldingOptions &folding);

/// Registers sumac-hls-pipeline.
void registerHLSPipelines();

} // namespace sumac

#endif // SUMAC_TARGET_HLS_PIPELINE_H
