//===- Pipelines.h - The passes in their order ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Named pipelines from one level of the IR to the next. A back end adds its
// own behind the integer level (Target/Backend.h).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_PIPELINES_PIPELINES_H
#define SUMAC_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace sumac {

struct IntegerPipelineOptions : public mlir::PassPipelineOptions<IntegerPipelineOptions> {
  ListOption<std::string> inputTypes{
      *this, "input-types",
      llvm::cl::desc("a type for all float inputs without a quantizer, or name=type "
                     "for single ones; e.g. uint8, fixed<16,6>")};
};

/// Imported level -> model level: `sumac-import-pipeline`.
void buildImportPipeline(mlir::OpPassManager &pm);

/// Model level -> integer level: `sumac-integer-pipeline`.
void buildIntegerPipeline(mlir::OpPassManager &pm, const IntegerPipelineOptions &options);

/// Registers both with MLIR's pass registry.
void registerPipelines();

} // namespace sumac

#endif // SUMAC_PIPELINES_PIPELINES_H
