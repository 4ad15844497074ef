//===- Diagnostics.h - Errors as a user reads them --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Diagnostics are passed through as they are, with the names of ONNX nodes as
// places: `error: node 'fc1': ...`.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_DIAGNOSTICS_H
#define SUMAC_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sumac {

/// The place that `location` names: `node 'fc1'`, `file:1:2`, or nothing.
std::string stringifyLocation(mlir::Location location);

/// The name of the ONNX node that `location` comes from, or nothing.
std::string getNodeName(mlir::Location location);

/// Prints one diagnostic with its notes.
void printDiagnostic(const mlir::Diagnostic &diagnostic, llvm::raw_ostream &os);

/// Collects errors of a context as text while it lives, so that they can travel
/// in an llvm::Error. Other diagnostics pass.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// All errors seen, or `fallback` if there is none.
  llvm::Error takeError(llvm::StringRef fallback);

private:
  std::string text;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace sumac

#endif // SUMAC_DRIVER_DIAGNOSTICS_H
