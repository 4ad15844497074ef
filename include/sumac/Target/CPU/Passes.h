//===- Passes.h - Passes of the CPU back end --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes from the integer level to LLVM, and their order.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_PASSES_H
#define SUMAC_TARGET_CPU_PASSES_H

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace sumac {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sumac/Target/CPU/Passes.h.inc"

struct CPUPipelineOptions : public mlir::PassPipelineOptions<CPUPipelineOptions> {
  Option<std::string> triple{*this, "triple", llvm::cl::desc("target triple; empty for this machine's"),
                             llvm::cl::init("")};
  Option<std::string> cpu{*this, "cpu", llvm::cl::desc("processor: native, x86-64, x86-64-v3, ... as LLVM names it"),
                          llvm::cl::init("native")};
  Option<std::string> features{*this, "features", llvm::cl::desc("more features, e.g. +avx512vnni,-avx512vbmi"),
                               llvm::cl::init("")};
  Option<int64_t> block{*this, "block", llvm::cl::desc("rows of a block; 0 chooses"), llvm::cl::init(0)};
};

/// Integer level -> sums level: blocks of rows, kernels and epilogue forms are
/// chosen and written as attributes. `sumac-cpu-sums-pipeline`.
void buildCPUSumsPipeline(mlir::OpPassManager &pm, const CPUPipelineOptions &options);

/// Sums level -> loops over vectors, and these -> LLVM dialect.
void buildCPUVectorPipeline(mlir::OpPassManager &pm);
void buildCPULLVMPipeline(mlir::OpPassManager &pm);

/// All of it, integer level -> LLVM dialect: `sumac-cpu-pipeline`.
void buildCPUPipeline(mlir::OpPassManager &pm, const CPUPipelineOptions &options);

/// Registers the pipelines with MLIR's pass registry.
void registerCPUPipelines();

} // namespace sumac

#endif // SUMAC_TARGET_CPU_PASSES_H
