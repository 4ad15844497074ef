//===- CommonSubexpressions.h - Sharing pairs of terms ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Greedy elimination of common two-term subexpressions.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_COMMONSUBEXPRESSIONS_H
#define SUMAC_ANALYSIS_ADDERGRAPH_COMMONSUBEXPRESSIONS_H

#include "Sums.h"

namespace sumac {

/// Which of pairs that occur equally often comes first.
struct SharingPolicy {
  /// That of the shallowest nodes; otherwise that of the youngest, which builds
  /// on what was shared last and mostly takes fewer adders.
  bool shallowFirst = false;
};

/// Makes an adder of the pair of terms that occurs most often in all rows
/// together, again and again, and replaces it in the rows, until no pair occurs
/// twice. A sum of terms is at most d deep if their 2^depth sum up to at most
/// 2^d (Kraft's inequality): `capacities` has that limit of each row. Counts in
/// `work` the pairs that were looked at.
void sharePairs(GraphBuilder &builder, std::vector<Terms> &rows,
                llvm::ArrayRef<int64_t> capacities, const SharingPolicy &policy,
                int64_t &work);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_COMMONSUBEXPRESSIONS_H
