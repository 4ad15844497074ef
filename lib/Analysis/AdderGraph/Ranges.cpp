//===- Ranges.cpp - Graphs and their widths -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraphRanges.h"

#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

#include <map>
#include <mutex>

using namespace sumac;

std::shared_ptr<const AdderGraph>
sumac::getAdderGraph(CodingAttrInterface weights) {
  // Masks of a coding give another graph than the integers alone.
  using Key = std::tuple<int64_t, int64_t, std::string, uint64_t, uint64_t>;
  static std::mutex mutex;
  static std::map<Key, std::shared_ptr<const AdderGraph>> graphs;
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  std::vector<int64_t> values(outputs * inputs);
  weights.decodeIntegers(0, values);
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(values.data()),
                     values.size() * sizeof(int64_t)));
  Key key{outputs, inputs, weights.getCodingName(), hash.low64, hash.high64};
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (auto found = graphs.find(key); found != graphs.end())
      return found->second;
  }
  auto graph = std::make_shared<const AdderGraph>(buildAdderGraph(weights));
  std::lock_guard<std::mutex> lock(mutex);
  // A process that compiles model after model must not keep them all.
  if (graphs.size() >= 64)
    graphs.clear();
  return graphs.try_emplace(key, std::move(graph)).first->second;
}

/// What may be any 64-bit integer, having left their range.
static constexpr IntegerRange kAny{INT64_MIN, INT64_MAX};

IntegerRange sumac::getTermRange(const AdderGraph::Term &term,
                                 llvm::ArrayRef<IntegerRange> nodes) {
  IntegerRange range = nodes[term.node];
  if (term.shift > 62)
    return kAny;
  int64_t factor = int64_t(1) << term.shift;
  if (llvm::MulOverflow(range.min, factor, range.min) ||
      llvm::MulOverflow(range.max, factor, range.max))
    return kAny;
  if (!term.isNegative)
    return range;
  return range.min == INT64_MIN ? kAny : IntegerRange{-range.max, -range.min};
}

std::vector<IntegerRange> sumac::getNodeRanges(const AdderGraph &graph,
                                               IntegerRange input) {
  std::vector<IntegerRange> ranges(graph.inputs, input);
  for (const AdderGraph::Adder &adder : graph.adders) {
    IntegerRange a = getTermRange(adder.a, ranges),
                 b = getTermRange(adder.b, ranges);
    IntegerRange sum;
    bool overflows = llvm::AddOverflow(a.min, b.min, sum.min) ||
                     llvm::AddOverflow(a.max, b.max, sum.max);
    ranges.push_back(overflows ? kAny : sum);
  }
  return ranges;
}

int64_t sumac::getBits(const IntegerRange &range) {
  auto magnitude = [](int64_t value) {
    return 64 -
           llvm::countl_zero(static_cast<uint64_t>(value < 0 ? ~value : value));
  };
  int64_t bits = std::max(magnitude(range.min), magnitude(range.max)) +
                 (range.min < 0 ? 1 : 0);
  return std::max<int64_t>(bits, 1);
}

std::vector<int64_t> sumac::getNodeDepths(const AdderGraph &graph) {
  std::vector<int64_t> depths(graph.inputs, 0);
  for (const AdderGraph::Adder &adder : graph.adders)
    depths.push_back(1 + std::max(depths[adder.a.node], depths[adder.b.node]));
  return depths;
}
