//===- Rows.h - Functions on rows of a batch -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What conversions ask that make hardware of a function on integers: the first
// dimension of every tensor is the batch, and all else is one row of elements.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_ROWS_H
#define SUMAC_CONVERSION_ROWS_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace sumac {

/// Rows have this many elements at most: analyses keep something for each.
constexpr int64_t kMaxRowElements = int64_t(1) << 24;

/// Operations that do not move the elements of a row. Null is none.
bool isReshape(mlir::Operation *op);

/// The value with the same elements in front of all reshapes.
mlir::Value skipReshapes(mlir::Value value);

/// Whether the operation computes sizes of dynamic batches, beside the elements.
bool isIndexOp(mlir::Operation *op);

/// The elements of a row of the batch; nothing where other dimensions than the first
/// are dynamic, elements are no integers, or there are more than kMaxRowElements.
std::optional<int64_t> getRowElements(mlir::Value value);

/// Whether constants of an elementwise operation with one entry for each channel have
/// one for each element of a row: the channels are the only dimension beside the batch,
/// or one entry serves all.
bool hasConstantsByElement(mlir::Operation *op);

} // namespace sumac

#endif // SUMAC_CONVERSION_ROWS_H
