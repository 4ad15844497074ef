//===- Detail.h - Shared by the files of the sumac dialect ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small helpers of verifiers and folders.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_IR_DETAIL_H
#define SUMAC_LIB_DIALECT_SUMAC_IR_DETAIL_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Real.h"

namespace sumac::detail {

/// The number at `position`; ExactArrayAttr's verifier has parsed it before.
inline Real getExact(ExactArrayAttr array, size_t position = 0) {
  llvm::StringRef text = array.getValues()[position].getValue();
  return Real::parse({text.data(), text.size()}).value_or(Real());
}

/// Sign of an exact number. Decisions about algebraic numbers always succeed.
inline int getSign(const Real &number) { return number.sign().value_or(0); }

/// Whether 1 or C entries serve the C channels of `type`'s dimension `dim`.
inline bool servesDimension(size_t entries, mlir::RankedTensorType type,
                            int64_t dim) {
  return entries == 1 ||
         (entries > 1 && dim >= 0 && dim < type.getRank() &&
          static_cast<int64_t>(entries) == type.getDimSize(dim));
}

/// The same for the channels, which are the last dimension.
inline bool servesChannels(size_t entries, mlir::RankedTensorType type) {
  return servesDimension(entries, type, type.getRank() - 1);
}

/// Whether every value on the grid is at least zero (the scale being positive):
/// no code lies below the zero point.
bool isNonNegative(GridAttr grid);

/// Whether both grids give every code the same value, whatever their bounds.
bool haveSamePoints(GridAttr a, GridAttr b);

/// Gives codings their encoding in bytecode.
void registerBytecode(SumacDialect &dialect);

} // namespace sumac::detail

#endif // SUMAC_LIB_DIALECT_SUMAC_IR_DETAIL_H
