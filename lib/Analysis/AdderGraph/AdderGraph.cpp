//===- AdderGraph.cpp - Constant matrices as additions --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a graph computes.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraphRanges.h"

using namespace llvm;
using namespace sumac;

int64_t AdderGraph::getDepth() const {
  std::vector<int64_t> depths = getNodeDepths(*this);
  int64_t depth = 0;
  for (const std::optional<Term> &output : outputs)
    if (output)
      depth = std::max(depth, depths[output->node]);
  return depth;
}

SmallVector<int64_t> AdderGraph::evaluate(ArrayRef<int64_t> x) const {
  std::vector<uint64_t> values(x.begin(), x.end());
  auto get = [&](const Term &term) {
    uint64_t value = values[term.node] << term.shift;
    return term.isNegative ? uint64_t(0) - value : value;
  };
  for (const Adder &adder : adders)
    values.push_back(get(adder.a) + get(adder.b));
  SmallVector<int64_t> y;
  for (const std::optional<Term> &output : outputs)
    y.push_back(output ? static_cast<int64_t>(get(*output)) : 0);
  return y;
}
