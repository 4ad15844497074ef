//===- Finders.h - The codings that Sumac finds itself ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_FINDERS_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_FINDERS_H

#include "../Constants.h"
#include "sumac/Dialect/Sumac/Transforms/Discovery.h"

namespace sumac::discovery {

/// The smallest of 1 to `maxCount` integers of which all of `values` are sums of
/// subsets; empty if there are none. Exact: there are none of integers. `values`
/// are distinct; 0 is a sum of every set. With a tolerance, values may differ
/// from their sums by so much, and what is found is not proven the smallest.
llvm::SmallVector<int64_t> findBasis(llvm::ArrayRef<int64_t> values, unsigned maxCount,
                                     int64_t tolerance = 0);

// What CodingFinder::find does, for one coding each.
CodingAttrInterface findBipolar(const Weights &weights, int64_t limit);
CodingAttrInterface findUniform(const Weights &weights, int64_t limit);
CodingAttrInterface findBasisCoding(const Weights &weights, int64_t limit);
CodingAttrInterface findShift(const Weights &weights, int64_t limit);
CodingAttrInterface findCodebook(const Weights &weights, int64_t limit);

/// Pool codings of all layers that a table of up to 256 rows serves together,
/// by their position in `layers`. Empty where a table would not pay: it must be
/// smaller, with its indices, than `sizes`, the bits of the layers otherwise.
std::map<size_t, CodingAttrInterface> findPool(llvm::ArrayRef<Weights> layers,
                                               llvm::ArrayRef<int64_t> sizes);

} // namespace sumac::discovery

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_FINDERS_H
