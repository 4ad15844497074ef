//===- InitAll.h - Registration of all of Sumac -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers dialects, interfaces, passes and pipelines.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_INITALL_H
#define SUMAC_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace sumac {

/// Registers the onnx and sumac dialects.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Registers every pass and pipeline with MLIR's global pass registry.
void registerAllPasses();

} // namespace sumac

#endif // SUMAC_INITALL_H
