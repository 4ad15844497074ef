//===- Costs.h - Estimated resources of small circuits -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What adders, multipliers, comparisons and memories take of a Xilinx-style
// device with 6-input LUTs. Formulas with their sources:
// docs/rationale/fpga-estimates.md.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_STREAM_IR_UNITS_COSTS_H
#define SUMAC_LIB_DIALECT_STREAM_IR_UNITS_COSTS_H

#include "sumac/Dialect/Stream/IR/ProcessBody.h"

namespace sumac::stream {

/// ceil(log2(n)), 0 for n <= 1.
int64_t log2Ceil(int64_t n);

/// A product of `a` and `b` bits.
Resources getMultiplierCost(int64_t a, int64_t b, Multiplier kind);
/// Adds `count` numbers of `bits` bits each in a tree, the result growing.
Resources getAdderTreeCost(int64_t count, int64_t bits);
/// `words` constants of `bits` bits, one read a cycle.
Resources getMemoryCost(int64_t words, int64_t bits, Memory memory);
/// Control of a process of so many steps.
Resources getControlCost(int64_t steps);

/// Elementwise operations for `lanes` elements a step, `groups` steps that
/// choose other channels' constants.
Resources getElementwiseCost(llvm::ArrayRef<mlir::Operation *> ops, int64_t lanes, int64_t groups, Multiplier kind);
/// Pipeline stages of these operations.
int64_t getElementwiseStages(llvm::ArrayRef<mlir::Operation *> ops);

} // namespace sumac::stream

#endif // SUMAC_LIB_DIALECT_STREAM_IR_UNITS_COSTS_H
