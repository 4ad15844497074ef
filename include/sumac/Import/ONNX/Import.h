//===- Import.h - Reading ONNX models ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first stage of the ONNX importer: a model file becomes a module with one
// function @main, in which each node is an `onnx.node` located by the node's
// name. No operator is refused here; convert-onnx-to-sumac does that. Broken
// files are: each failure is one diagnostic that names the tensor or node.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_IMPORT_ONNX_IMPORT_H
#define SUMAC_IMPORT_ONNX_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <string>

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace sumac {

struct ONNXImportOptions {
  /// The only folder from which external data is read. Empty: the model file's
  /// own folder; a model without a file (standard input, a buffer) then may not
  /// have external data.
  std::string externalDataFolder;
};

/// Imports a model from a file, or from standard input where `path` is "-".
/// Returns null after emitting diagnostics through `context`.
mlir::OwningOpRef<mlir::ModuleOp> importONNX(llvm::StringRef path, mlir::MLIRContext &context,
                                             const ONNXImportOptions &options = {});

/// Imports a model from memory.
mlir::OwningOpRef<mlir::ModuleOp> importONNX(llvm::MemoryBufferRef buffer,
                                             mlir::MLIRContext &context,
                                             const ONNXImportOptions &options = {});

/// Registers `sumac-translate --import-onnx`.
void registerONNXImport();

} // namespace sumac

#endif // SUMAC_IMPORT_ONNX_IMPORT_H
