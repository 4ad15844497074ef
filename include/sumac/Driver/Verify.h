//===- Verify.h - Compare a model on all its targets ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the reference interpreter on the model level, and the integer level and
// every target against it, bit for bit. Where something differs, runs that row
// once more with every inner value visible and names the first layer.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_VERIFY_H
#define SUMAC_DRIVER_VERIFY_H

#include "sumac/Driver/Compiler.h"

namespace sumac {

/// One target with its options, and how a report calls them.
struct VerifyTarget {
  const Backend *backend;
  OptionSet options;
  std::string label;
  /// Whether it need not take the model: nobody asked for it by name.
  bool isOptional = false;
};

/// One value that is not what it should be.
struct Difference {
  /// The output's name, or the layer's node and operation.
  std::string place;
  int64_t row = 0;
  int64_t channel = 0;
  std::string expected, actual;
};

/// What became of one target.
struct TargetReport {
  std::string label;
  /// Elements compared and different: integers at the integer boundary, and
  /// values of the outputs as the model declares them.
  int64_t integers = 0, integersDiffering = 0;
  int64_t values = 0, valuesDiffering = 0;
  int64_t rowsDiffering = 0;
  std::optional<Difference> first;
  /// The first layer whose result differs, where it could be found.
  std::optional<Difference> layer;
  /// Why the target did not run.
  std::string error;
  /// Whether it is the interpreter at a lower level.
  bool isInterpreter = false;
  /// Whether it refused the model and nobody had asked for it by name.
  bool isSkipped = false;
  double seconds = 0.0;

  bool isEqual() const {
    return (error.empty() || isSkipped) && !integersDiffering && !valuesDiffering;
  }
};

struct VerifyReport {
  std::string model;
  int64_t rows = 0;
  /// Time of the reference run.
  double seconds = 0.0;
  std::vector<TargetReport> targets;

  /// Whether any target ran on any row. Where targets refuse the model, the
  /// interpreter alone verifies nothing.
  bool hasCompared() const;
  /// Whether something was compared and nothing differs.
  bool isEqual() const;
  void print(llvm::raw_ostream &os) const;
  llvm::json::Object toJSON() const;
};

/// What verify() runs a model on: files as for readInputs(), or random rows.
struct VerifyInputs {
  std::vector<std::string> files;
  int64_t samples = 256;
  uint64_t seed = 0;
};

/// Verifies a model, given at any level up to the integer level. Fails, with
/// diagnostics or an error, only where the comparison itself cannot be made.
llvm::Expected<VerifyReport> verifyModel(mlir::ModuleOp module,
                                         const VerifyInputs &inputs,
                                         llvm::ArrayRef<VerifyTarget> targets,
                                         const LoweringOptions &lowering);

} // namespace sumac

#endif // SUMAC_DRIVER_VERIFY_H
