//===- LocalSearch.cpp - Better graphs from good ones ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small changes, each taken back if it does not pay. Changes that cost nothing
// are kept: they lead away from where the greedy choice got stuck.
//
//===----------------------------------------------------------------------===//

#include "LocalSearch.h"
#include "SumSystem.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace sumac;

using Term = AdderGraph::Term;

namespace {
class LocalSearch {
public:
  LocalSearch(const AdderGraph &graph, int64_t maxDepth, uint64_t seed)
      : system(graph), maxDepth(maxDepth), state(seed) {}
  void run(int64_t work);
  AdderGraph getGraph() const { return system.getGraph(); }

private:
  uint64_t next() { return mixBits(state += 0x9e3779b97f4a7c15); }
  uint64_t next(uint64_t below) { return (next() >> 32) * below >> 32; }
  void writeOut();
  void shareAgain();

  SumSystem system;
  int64_t maxDepth;
  uint64_t state;
};
} // namespace

/// Writes out two to six shared sums near each other.
void LocalSearch::writeOut() {
  int64_t first = system.getInputs(), sums = system.getNumNodes() - first;
  auto node = static_cast<int32_t>(first + static_cast<int64_t>(next(sums)));
  for (uint64_t left = 2 + next(5); left-- > 0 && system.isShared(node);) {
    ArrayRef<int32_t> users = system.getUsers(node);
    int32_t row = users[next(users.size())];
    system.inlineNode(node);
    const Terms &terms = system.getRow(row);
    if (terms.empty())
      return;
    node = terms[next(terms.size())].node;
  }
}

/// Shares the pairs that came up until none occurs twice, the more frequent
/// ones rather than others. Some noise finds much that the strict order does
/// not.
void LocalSearch::shareAgain() {
  constexpr uint64_t kOccurrence = 2, kNoise = 6;
  uint64_t salt = next();
  std::vector<PairKey> useless;
  while (true) {
    std::pair<uint64_t, PairKey> best{0, 0};
    for (PairKey key : system.getNewPairs()) {
      int32_t count = system.getCount(key);
      if (count < 2 || llvm::is_contained(useless, key))
        continue;
      uint64_t weight = kOccurrence * count + mixBits(key ^ salt) % kNoise;
      best = std::max(best, {weight, key});
    }
    if (best.first == 0)
      return;
    if (!system.extract(decodePair(best.second)))
      useless.push_back(best.second);
  }
}

void LocalSearch::run(int64_t work) {
  while (system.getWork() < work) {
    int64_t before = system.getNumAdders(), start = system.getWork();
    writeOut();
    shareAgain();
    if (!system.isOverflowing() && system.getNumAdders() <= before &&
        system.updateDepths() <= maxDepth)
      system.commit();
    else
      system.rollBack();
    // Moves that find nothing to change come to an end too.
    if (system.getWork() == start)
      work -= 8;
  }
}

/// The greatest shift along a path: shifts add up when sums are written out.
static int64_t getMaxShift(const AdderGraph &graph) {
  std::vector<int64_t> shifts(graph.inputs);
  for (const AdderGraph::Adder &adder : graph.adders)
    shifts.push_back(std::max(shifts[adder.a.node] + adder.a.shift,
                              shifts[adder.b.node] + adder.b.shift));
  return shifts.empty() ? 0 : *llvm::max_element(shifts);
}

/// Pairs of terms in sums that only end where something is shared.
static double countPairs(const AdderGraph &graph) {
  std::vector<int32_t> uses(graph.inputs + graph.adders.size());
  for (const AdderGraph::Adder &adder : graph.adders)
    ++uses[adder.a.node], ++uses[adder.b.node];
  for (const std::optional<Term> &output : graph.outputs)
    if (output)
      uses[output->node] += 2;
  std::vector<double> lengths(graph.inputs, 1);
  double pairs = 0;
  for (const AdderGraph::Adder &adder : graph.adders) {
    double length = lengths[adder.a.node] + lengths[adder.b.node];
    bool isRow = uses[lengths.size()] != 1;
    pairs += isRow ? length * length / 2 : 0;
    lengths.push_back(isRow ? 1 : length);
  }
  return pairs;
}

AdderGraph sumac::improve(const AdderGraph &graph, int64_t maxDepth,
                          uint64_t seed, int64_t work) {
  constexpr int64_t kMaxShift = 40;
  if (graph.adders.empty() || getMaxShift(graph) > kMaxShift ||
      countPairs(graph) > static_cast<double>(work))
    return graph;
  LocalSearch search(graph, maxDepth, seed);
  search.run(work);
  return search.getGraph();
}
