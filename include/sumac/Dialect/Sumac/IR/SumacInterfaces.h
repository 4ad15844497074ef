//===- SumacInterfaces.h - Interfaces of the sumac dialect ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The attribute and operation interfaces through which analyses, cost models
// and back ends see codings, sum forms, ranges and work.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES_H
#define SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <vector>

namespace sumac {

struct CodeLayout;
struct CodeStatistics;
class BitReader;
class BitWriter;
class GridAttr;
class CodingAttrInterface;

/// Bounds of an integer, both included.
struct IntegerRange {
  int64_t min = 0;
  int64_t max = 0;
  bool operator==(const IntegerRange &other) const {
    return min == other.min && max == other.max;
  }
};

/// Called with an output channel, the bits of its codes, and the codes.
using VisitCodes = llvm::function_ref<void(int64_t channel, unsigned bits,
                                           llvm::ArrayRef<uint64_t> codes)>;

/// Bounds per channel (the last dimension), or one entry for all channels.
using ChannelRanges = llvm::SmallVector<IntegerRange>;

/// Operations for one row of the batch.
struct OperationCount {
  int64_t multiplyAdds = 0; ///< multiply-accumulates of a dense layer
  int64_t additions = 0;    ///< other additions and subtractions
  int64_t multiplications = 0;
  int64_t comparisons = 0;
  int64_t lookups = 0;

  OperationCount &operator+=(const OperationCount &other) {
    multiplyAdds += other.multiplyAdds;
    additions += other.additions;
    multiplications += other.multiplications;
    comparisons += other.comparisons;
    lookups += other.lookups;
    return *this;
  }
};

namespace detail {
/// Smallest and largest decoded integer of `count` elements from `first` on.
IntegerRange scanRange(CodingAttrInterface coding, int64_t first, int64_t count);
/// Decodes integers and turns them into doubles, without the exponent.
void decodeAsDoubles(CodingAttrInterface coding, int64_t first,
                     llvm::MutableArrayRef<double> out);
/// Masks whose coefficients are 1, 2, 4, ...: the lowest 8 bits of the integers.
void decodeTwosComplementMasks(CodingAttrInterface coding, int64_t first,
                               llvm::MutableArrayRef<uint8_t> out);
/// Integers in two's complement, cut to the bits of an element.
void visitTwosComplementCodes(CodingAttrInterface coding, VisitCodes visit);
} // namespace detail

} // namespace sumac

#include "sumac/Dialect/Sumac/IR/SumacAttrInterfaces.h.inc"

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES_H
