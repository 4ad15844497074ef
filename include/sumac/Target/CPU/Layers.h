//===- Layers.h - Ranges and layers of a function ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the CPU back end needs to know of integer-level IR: bounds of every
// value, the description of a linear layer that kernels take, and the processor
// that a module is compiled for.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_LAYERS_H
#define SUMAC_TARGET_CPU_LAYERS_H

#include "sumac/Target/CPU/LinearKernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace sumac {

/// Names of the attributes in which the CPU back end's choices are written.
namespace cpu {
/// On the module: {triple, cpu, features}.
constexpr llvm::StringLiteral kTargetAttr = "cpu.target";
/// On the module: inputs and outputs as JSON (Compile.h).
constexpr llvm::StringLiteral kInterfaceAttr = "cpu.interface";
/// On sumac.linear: the kernel's name.
constexpr llvm::StringLiteral kKernelAttr = "cpu.kernel";
/// On epilogue operations: how the step function is computed.
constexpr llvm::StringLiteral kEpilogueAttr = "cpu.epilogue";
/// On an entry function: the functions for constant numbers of rows.
constexpr llvm::StringLiteral kBlocksAttr = "cpu.blocks";
/// On an entry function whose leading dimensions are not the rows: a row is one
/// whole evaluation.
constexpr llvm::StringLiteral kWholeAttr = "cpu.whole";
/// On a function for a constant number of rows: that number.
constexpr llvm::StringLiteral kRowsAttr = "cpu.rows";
} // namespace cpu

/// What scanning a layer's weights tells. Functions for different numbers of
/// rows have the same layers, so they share it.
struct WeightSummary {
  IntegerRange weights;
  int64_t nonZeros = 0;
  /// Bounds of every output; nothing if they leave 64 bits.
  std::optional<ChannelRanges> outputs;
};

class WeightCache {
public:
  /// The summary for weights and bias (or null) on inputs in these ranges.
  std::shared_ptr<const WeightSummary> get(CodingAttrInterface weights, CodingAttrInterface bias,
                                           llvm::ArrayRef<IntegerRange> inputs);

private:
  struct Entry {
    mlir::Attribute weights, bias;
    ChannelRanges inputs;
    std::shared_ptr<const WeightSummary> summary;
  };
  std::vector<Entry> entries;
};

/// Bounds of every integer value in a function of one block.
class RangeAnalysis {
public:
  explicit RangeAnalysis(mlir::func::FuncOp function, std::shared_ptr<WeightCache> cache = nullptr);
  WeightCache &getCache() const { return *cache; }
  /// Bounds per channel, or one entry for all.
  llvm::ArrayRef<IntegerRange> get(mlir::Value value) const;
  /// Bounds over all channels.
  IntegerRange getAll(mlir::Value value) const;

private:
  llvm::DenseMap<mlir::Value, ChannelRanges> ranges;
  std::shared_ptr<WeightCache> cache;
};

/// The bounds that an integer type allows (those of int64 for wider ones).
IntegerRange getTypeRange(mlir::IntegerType type);

/// The layer that `op` is, or failure with a diagnostic.
mlir::FailureOr<LinearLayer> describeLinear(LinearOp op, const RangeAnalysis &ranges);

/// The processor in the module's attribute; this machine's without one.
mlir::FailureOr<CPUTarget> getCPUTarget(mlir::ModuleOp module);

/// Integers of an elements attribute of 8, 16, 32 or 64-bit integers, dense or
/// a resource.
llvm::SmallVector<int64_t> readIntegers(mlir::ElementsAttr elements);
/// The same for floats, as doubles.
llvm::SmallVector<double> readFloats(mlir::ElementsAttr elements);

} // namespace sumac

#endif // SUMAC_TARGET_CPU_LAYERS_H
