//===- Compiler.h - From a model file to any level --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the command line and the language bindings call: read a model, lower it
// to a level, run it or write a target's artifact.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_COMPILER_H
#define SUMAC_DRIVER_COMPILER_H

#include "sumac/Driver/Progress.h"
#include "sumac/Target/Backend.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <string>
#include <vector>

namespace sumac {

/// A context that knows all dialects that models and back ends use.
std::unique_ptr<mlir::MLIRContext> createContext();

/// Reads an ONNX model, or IR as text or bytecode, from a file or, for "-",
/// from the standard input. Diagnoses and returns null where it cannot.
mlir::OwningOpRef<mlir::ModuleOp> loadModel(llvm::StringRef path,
                                            mlir::MLIRContext &context);

/// The level that a module is at.
Level getLevel(mlir::ModuleOp module);

struct LoweringOptions {
  /// Types of inputs without quantizer: "fixed<16,6>" or "name=uint8".
  std::vector<std::string> inputTypes;
  /// Bits that coefficients of weights that are almost sums are rounded to; 0
  /// leaves weights as they are.
  unsigned coefficientBits = 0;
  /// Sum forms that the user names: "LAYER=masked_sums", or "*=..." for all.
  std::vector<std::string> forms;
  /// Storages that the user names: "LAYER=csr", or "*=smallest" for all.
  std::vector<std::string> storages;
  /// Bit planes of activations that layers of bit planes and of pools use; 0
  /// for all.
  int64_t planes = 0;
  /// Lets whoever runs the code say how many; the target must be able to.
  bool takesPlanes = false;
  /// Adds @main_raw at the integer level.
  bool rawEntry = false;
  /// The target for levels behind the integer level.
  const Backend *backend = nullptr;
  const OptionSet *options = nullptr;
  Progress *progress = nullptr;
};

/// Lowers the module from the level that it is at to `level`; a module beyond
/// that level stays as it is.
mlir::LogicalResult lowerTo(mlir::ModuleOp module, Level level,
                            const LoweringOptions &options);

/// Frees the big constants of the module's context that the module no longer
/// refers to, such as weights that were packed. No other module of that context
/// may be in use.
void freeUnusedConstants(mlir::ModuleOp module);

/// Lowers the module for the back end and makes it run on this machine. A back
/// end that runs any level gets the model level; the integer level with a raw
/// entry where options ask for one; the sums level where they name forms,
/// storages or a number of bit planes.
mlir::FailureOr<std::unique_ptr<Executable>>
loadForTarget(mlir::ModuleOp module, const LoweringOptions &options);

/// Loads an artifact folder: its metadata.json names the back end.
llvm::Expected<std::unique_ptr<Executable>>
loadArtifact(llvm::StringRef folder, const OptionSet *options = nullptr);

/// The name that an artifact of the model file `path` gets: its stem as an
/// identifier of C.
std::string getArtifactName(llvm::StringRef path);

} // namespace sumac

#endif // SUMAC_DRIVER_COMPILER_H
