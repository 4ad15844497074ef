//===- CommonSubexpressions.cpp - Sharing pairs of terms ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of all pairs are kept in a hash table; a heap holds what they were at
// most. Counts only fall once a pair's younger node has been added to the rows,
// so an entry that is out of date is put back when it comes up.
//
//===----------------------------------------------------------------------===//

#include "CommonSubexpressions.h"
#include "PairCounts.h"

#include "llvm/ADT/STLExtras.h"

#include <queue>

using namespace llvm;
using namespace sumac;

using Term = AdderGraph::Term;

namespace {

class PairSharing {
public:
  PairSharing(GraphBuilder &builder, std::vector<Terms> &rows,
              ArrayRef<int64_t> capacities, const SharingPolicy &policy,
              int64_t &work);
  /// Replaces one pair everywhere; false if none occurs twice.
  bool shareNext();

private:
  /// A pair, and how often it can be replaced at most.
  struct Candidate {
    uint64_t order; ///< among candidates of the same count
    PairKey key;
    int32_t count;
    bool operator<(const Candidate &other) const {
      return std::tie(count, order, key) <
             std::tie(other.count, other.order, other.key);
    }
  };
  /// Where a pair is in a row; the first term is at `first`.
  struct Match {
    size_t row, first, second;
  };

  void push(PairKey key, int32_t count);
  void findMatches(const Pair &pair);
  void findMatches(const Pair &pair, size_t row);
  int64_t getLoad(int32_t node) const {
    return int64_t(1) << std::min<int64_t>(builder.getDepth(node), 55);
  }
  void replace(const Match &match, int32_t node);
  ArrayRef<PairKey> getKeys(ArrayRef<Term> row, const Term &term);
  void mark(int32_t node, size_t row);
  void unmark(int32_t node, size_t row);

  GraphBuilder &builder;
  std::vector<Terms> &rows;
  const SharingPolicy &policy;
  int64_t &work;
  /// What is left of the rows' capacities.
  std::vector<int64_t> slacks;
  PairCounts counts;
  std::priority_queue<Candidate> candidates;
  /// Bits for the rows that have terms of a node, `words` for each node.
  size_t words;
  std::vector<uint64_t> rowsOfNodes;
  std::vector<Match> matches;
  std::vector<PairKey> keys; ///< what getKeys() returns
  std::vector<PairKey> added;
};

} // namespace

PairSharing::PairSharing(GraphBuilder &builder, std::vector<Terms> &rows,
                         ArrayRef<int64_t> capacities,
                         const SharingPolicy &policy, int64_t &work)
    : builder(builder), rows(rows), policy(policy), work(work),
      words((rows.size() + 63) / 64) {
  rowsOfNodes.resize(words *
                     (builder.graph.inputs + builder.graph.adders.size()));
  for (auto [n, row] : llvm::enumerate(rows)) {
    int64_t slack = capacities[n];
    for (auto [i, term] : llvm::enumerate(row)) {
      slack -= getLoad(term.node);
      mark(term.node, n);
      for (PairKey key : getKeys(ArrayRef(row).take_front(i), term))
        counts.change(key, 1);
    }
    slacks.push_back(slack);
  }
  counts.forEach([&](PairKey key, int32_t count) { push(key, count); });
}

void PairSharing::push(PairKey key, int32_t count) {
  // Keys begin with nodes: of equals, the youngest nodes come first.
  uint64_t order = key;
  if (policy.shallowFirst) {
    Pair pair = decodePair(key);
    order = ~static_cast<uint64_t>(
        std::max(builder.getDepth(pair.first), builder.getDepth(pair.second)));
  }
  candidates.push({order, key, count});
}

void PairSharing::mark(int32_t node, size_t row) {
  rowsOfNodes[node * words + row / 64] |= uint64_t(1) << row % 64;
}

/// After a term of `node` has left the row.
void PairSharing::unmark(int32_t node, size_t row) {
  if (llvm::none_of(rows[row], [&](const Term &t) { return t.node == node; }))
    rowsOfNodes[node * words + row / 64] &= ~(uint64_t(1) << row % 64);
}

/// The pairs of `term` with the terms of `row` that are not gone. Their counts
/// are far apart in memory, so all are asked for before the first is needed.
ArrayRef<PairKey> PairSharing::getKeys(ArrayRef<Term> row, const Term &term) {
  keys.clear();
  for (const Term &other : row)
    if (other.node >= 0) {
      keys.push_back(encodePair(term, other));
      counts.prefetch(keys.back());
    }
  work += static_cast<int64_t>(row.size());
  return keys;
}

/// The places where a pair may be replaced, which do not overlap.
void PairSharing::findMatches(const Pair &pair) {
  matches.clear();
  for (size_t word = 0; word < words; ++word) {
    uint64_t both = rowsOfNodes[pair.first * words + word] &
                    rowsOfNodes[pair.second * words + word];
    for (; both != 0; both &= both - 1)
      findMatches(pair, word * 64 + llvm::countr_zero(both));
  }
}

void PairSharing::findMatches(const Pair &pair, size_t row) {
  const Terms &terms = rows[row];
  int64_t a = getLoad(pair.first), b = getLoad(pair.second);
  int64_t grown = 2 * std::max(a, b) - a - b, slack = slacks[row];
  size_t begin = matches.size();
  for (size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].node != pair.first || slack < grown)
      continue;
    Term wanted{pair.second, terms[i].shift + pair.difference,
                terms[i].isNegative != pair.isOpposite};
    for (size_t j = 0; j < terms.size(); ++j) {
      if (terms[j].node != wanted.node || terms[j].shift != wanted.shift ||
          terms[j].isNegative != wanted.isNegative)
        continue;
      bool isTaken = std::any_of(matches.begin() + static_cast<int64_t>(begin),
                                 matches.end(), [&](const Match &m) {
                                   return m.first == i || m.second == i ||
                                          m.first == j || m.second == j;
                                 });
      if (isTaken)
        continue;
      matches.push_back({row, i, j});
      slack -= grown;
      break;
    }
  }
  work += static_cast<int64_t>(terms.size()) / 4;
}

/// Puts `node` in the place of two terms; other matches of the row keep their
/// places.
void PairSharing::replace(const Match &match, int32_t node) {
  Terms &row = rows[match.row];
  Term first = row[match.first], second = row[match.second];
  // A term of a node that is not there stands for what is gone.
  auto without = [&](size_t at) {
    Term term = row[at];
    row[at].node = -1;
    for (PairKey key : getKeys(row, term))
      counts.change(key, -1);
  };
  without(match.first);
  without(match.second);
  Term sum{node, std::min(first.shift, second.shift), first.isNegative};
  for (PairKey key : getKeys(row, sum)) {
    counts.change(key, 1);
    added.push_back(key);
  }
  row[match.first] = sum;
  mark(node, match.row);
  slacks[match.row] -=
      getLoad(node) - getLoad(first.node) - getLoad(second.node);
}

bool PairSharing::shareNext() {
  while (!candidates.empty()) {
    Candidate best = candidates.top();
    candidates.pop();
    int32_t count = std::min(best.count, counts.get(best.key));
    if (count < 2)
      continue;
    Pair pair = decodePair(best.key);
    if (count == best.count) {
      findMatches(pair);
      count = static_cast<int32_t>(matches.size());
    }
    if (count < best.count) {
      if (count > 1)
        push(best.key, count);
      continue;
    }
    auto [first, second] = getTerms(pair);
    Term sum = builder.add(first, second);
    rowsOfNodes.resize(rowsOfNodes.size() + words);
    added.clear();
    for (const Match &match : matches)
      replace(match, sum.node);
    for (const Match &match : matches) {
      llvm::erase_if(rows[match.row], [](const Term &t) { return t.node < 0; });
      unmark(pair.first, match.row);
      unmark(pair.second, match.row);
    }
    llvm::sort(added);
    added.erase(llvm::unique(added), added.end());
    for (PairKey key : added)
      if (int32_t now = counts.get(key); now > 1)
        push(key, now);
    return true;
  }
  return false;
}

void sumac::sharePairs(GraphBuilder &builder, std::vector<Terms> &rows,
                       ArrayRef<int64_t> capacities,
                       const SharingPolicy &policy, int64_t &work) {
  PairSharing sharing(builder, rows, capacities, policy, work);
  while (sharing.shareNext())
    ;
}
