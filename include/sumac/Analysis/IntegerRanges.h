//===- IntegerRanges.h - Bounds of all integers of a function ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounds per channel of every integer tensor below an operation, through
// IntegerRangeOpInterface and operations that only move elements.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_INTEGERRANGES_H
#define SUMAC_ANALYSIS_INTEGERRANGES_H

#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "llvm/ADT/DenseMap.h"

namespace sumac {

/// Can be had from a pass by getAnalysis<IntegerRanges>().
class IntegerRanges {
public:
  explicit IntegerRanges(mlir::Operation *root);

  /// Bounds of an integer tensor: one entry per channel (the last dimension),
  /// or one for all. Where nothing else is known, those of the type. Empty for
  /// values that are no integer tensors.
  llvm::ArrayRef<IntegerRange> get(mlir::Value value) const;

  /// One range for all channels; nothing for values that are no integer
  /// tensors.
  std::optional<IntegerRange> getHull(mlir::Value value) const;

private:
  void visit(mlir::Operation *op);

  llvm::DenseMap<mlir::Value, ChannelRanges> ranges;
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_INTEGERRANGES_H
