//===- Ranges.h - Bounds of integer values ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What can be said about integer tensors through IntegerRangeOpInterface and
// through upstream operations that only move elements. A whole function at
// once: sumac/Analysis/IntegerRanges.h.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_RANGES_H
#define SUMAC_DIALECT_SUMAC_IR_RANGES_H

#include "mlir/IR/TypeUtilities.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Channels.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace sumac {

/// Name of a function argument attribute, `array<i64: min, max>`, that bounds
/// the argument's integers closer than its type does.
constexpr llvm::StringLiteral kRangeAttrName = "sumac.range";

/// All values of an integer type, or of a tensor's integer element type;
/// nothing for other types.
std::optional<IntegerRange> getTypeRange(mlir::Type type);

/// The smallest range that holds all of them; they are not empty.
IntegerRange getHull(llvm::ArrayRef<IntegerRange> ranges);

/// Whether `type` (or its element type) can hold every value of the range.
bool fitsType(IntegerRange range, mlir::Type type);

/// The range of one channel of 1 or C entries.
inline IntegerRange getChannelRange(llvm::ArrayRef<IntegerRange> ranges,
                                    int64_t channel) {
  return atChannel(ranges, channel);
}

/// Bounds of sum_k x[k] * w[n, k] for every row n, given bounds of x (1 or K
/// entries); nothing beyond 64 bits.
std::optional<ChannelRanges> inferSumRanges(CodingAttrInterface weights,
                                            llvm::ArrayRef<IntegerRange> input);

/// Bounds of an operation's result from those of its operands, through
/// IntegerRangeOpInterface or what is known about `tensor` and `linalg`
/// operations that move elements. Nothing where nothing is known.
std::optional<ChannelRanges> inferRanges(
    mlir::OpResult result,
    llvm::function_ref<std::optional<ChannelRanges>(mlir::Value)> operands);

/// Bounds of a value from the operation that computes it alone, seen through
/// operations that move elements. Arguments of functions have the range of
/// their attribute or their type; nothing is known about other block arguments.
std::optional<ChannelRanges> inferRangesFromProducer(mlir::Value value);

/// Bounds of a value from everything that it is computed from; nothing where
/// any of it is unknown, or more than some dozens of operations.
std::optional<ChannelRanges> inferRangesFromDefinitions(mlir::Value value);

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_IR_RANGES_H
