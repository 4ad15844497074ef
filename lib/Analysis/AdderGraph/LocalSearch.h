//===- LocalSearch.h - Better graphs from good ones -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a greedy choice has fixed is taken back and chosen anew.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_LOCALSEARCH_H
#define SUMAC_ANALYSIS_ADDERGRAPH_LOCALSEARCH_H

#include "Sums.h"

namespace sumac {

/// Writes some shared sums out again where they are used, shares pairs anew
/// with ties broken at random, and keeps what has no more adders and is at most
/// `maxDepth` deep, until `work` pairs were looked at. Never more adders than
/// before.
AdderGraph improve(const AdderGraph &graph, int64_t maxDepth, uint64_t seed,
                   int64_t work);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_LOCALSEARCH_H
