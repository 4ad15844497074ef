//===- Inspect.h - What a model consists of ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers with shapes, codings, bits, statistics of weights, accumulator widths,
// operation counts, and what each target chose for them. Written against the
// interfaces of the dialect alone: codings, forms and costs.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_INSPECT_H
#define SUMAC_DRIVER_INSPECT_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Driver/Compiler.h"

namespace sumac {

/// The weights of one layer.
struct WeightStatistics {
  std::string coding;
  llvm::SmallVector<int64_t> shape;
  unsigned bits = 0;
  int64_t count = 0;
  int64_t distinct = 0;
  int64_t zeros = 0;
  /// Bits a weight, of the distribution of values.
  double entropy = 0.0;
  int64_t storedBits = 0;
  /// For codebooks of up to 16 values that are almost sums: of how many
  /// coefficients, and the largest difference as a share of the largest weight.
  std::optional<std::pair<size_t, double>> nearBasis;
  /// Bits of each storage that can hold the weights, tables included.
  std::vector<std::pair<std::string, int64_t>> storages;
};

/// What one target does with a layer.
struct TargetChoice {
  std::string target;
  /// Which of several versions of the code, such as "rows64"; empty for the
  /// only one.
  std::string variant;
  /// Attributes that the target's choice added, as text.
  std::string choice;
  std::optional<double> cost;
  std::string costUnit;
};

/// One operation of the integer level.
struct LayerReport {
  /// The ONNX node's name, and the operation's.
  std::string node, operation;
  /// "?x784xui8".
  std::string input, output;
  unsigned outputBits = 0;
  std::optional<WeightStatistics> weights;
  OperationCount operations;
  int64_t storedBits = 0;
  std::vector<TargetChoice> targets;
};

/// What one target says about the whole model, or why it does not take it.
struct TargetEstimate {
  std::string target;
  Estimate estimate;
  std::string error;
};

struct InspectReport {
  std::string model;
  ModulePorts ports;
  std::vector<LayerReport> layers;
  std::vector<TargetEstimate> estimates;

  OperationCount getTotal() const;
  int64_t getStoredBits() const;
  void print(llvm::raw_ostream &os) const;
  llvm::json::Object toJSON() const;
};

/// A target whose choices are wanted.
struct InspectTarget {
  const Backend *backend;
  OptionSet options;
};

/// Lowers the module to the integer level and describes it. Diagnoses what has
/// no integer form.
mlir::FailureOr<InspectReport>
inspectModel(mlir::ModuleOp module, llvm::ArrayRef<InspectTarget> targets,
             const LoweringOptions &lowering);

} // namespace sumac

#endif // SUMAC_DRIVER_INSPECT_H
