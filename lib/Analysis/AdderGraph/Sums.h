//===- Sums.h - Outputs as sums of shifted terms ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the steps from a matrix to its adder graph have in common.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_SUMS_H
#define SUMAC_ANALYSIS_ADDERGRAPH_SUMS_H

#include "sumac/Analysis/AdderGraph.h"

namespace sumac {

using Terms = std::vector<AdderGraph::Term>;

/// A graph that grows, and how deep its nodes are.
class GraphBuilder {
public:
  explicit GraphBuilder(int64_t inputs);

  /// The node of a + b. A common shift and the sign of `a` stay outside.
  AdderGraph::Term add(const AdderGraph::Term &a, const AdderGraph::Term &b);
  /// The sum of all terms, of the least depth: the shallowest two first.
  std::optional<AdderGraph::Term> add(llvm::ArrayRef<AdderGraph::Term> terms);
  int64_t getDepth(int32_t node) const { return depths[node]; }

  AdderGraph graph;

private:
  std::vector<int64_t> depths;
};

/// The term of a term: `inner` is the value that `outer` shifts and negates.
inline AdderGraph::Term compose(const AdderGraph::Term &inner,
                                const AdderGraph::Term &outer) {
  return {inner.node, inner.shift + outer.shift,
          inner.isNegative != outer.isNegative};
}

/// The terms of one row of weights.
void appendDigits(Terms &terms, int32_t node, int64_t weight);

/// The same sums written backwards: a graph of W becomes one of the transposed
/// W. An adder becomes a fork and a fork an adder, so there are as many adders
/// less outputs plus inputs that are used.
AdderGraph transpose(const AdderGraph &graph);

/// The graph without nodes that nothing uses and without two nodes for one
/// value. Where a difference is shifted, the shifted term is what is
/// subtracted, so that the low bits of the other pass through.
AdderGraph tidy(const AdderGraph &graph);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_SUMS_H
