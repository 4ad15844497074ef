//===- AdderGraph.cpp - Constant matrices as additions ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Greedy elimination of common two-term subexpressions.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraph.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <queue>
#include <set>

using namespace mlir;
using namespace sumac;

using Term = AdderGraph::Term;

//===----------------------------------------------------------------------===//
// Signed digits
//===----------------------------------------------------------------------===//

namespace {
/// The canonical signed digits of a number: no two neighbours are both not
/// zero, so there are as few as can be.
struct SignedDigits {
  uint64_t positive, negative; ///< bits of the digits 1 and -1

  explicit SignedDigits(int64_t value) {
    auto v = static_cast<uint64_t>(value);
    // For |v| < 2^62: 3 v - v = 2 v, digit by digit, signs from the borrow.
    uint64_t triple = v + (v << 1);
    positive = (triple & ~v) >> 1;
    negative = (v & ~triple) >> 1;
    // Bit 63 of 3 v and of v are equal signs, which cancel.
  }
  int count() const { return llvm::popcount(positive) + llvm::popcount(negative); }
};
} // namespace

/// Calls visit(row, integers) for every output.
template <typename VisitT>
static void forEachRow(CodingAttrInterface weights, VisitT visit) {
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  SmallVector<int64_t> row(inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeIntegers(n * inputs, row);
    visit(n, row);
  }
}

int64_t sumac::countSignedDigits(CodingAttrInterface weights) {
  int64_t digits = 0;
  forEachRow(weights, [&](int64_t, ArrayRef<int64_t> row) {
    for (int64_t value : row)
      digits += SignedDigits(value).count();
  });
  return digits;
}

//===----------------------------------------------------------------------===//
// Pairs of terms
//===----------------------------------------------------------------------===//

namespace {
/// first + (second << difference), up to a common shift and sign; a negative
/// difference shifts the first term instead.
struct Pair {
  int32_t first, second;
  int32_t difference;
  bool isOpposite;

  bool operator<(const Pair &other) const {
    return std::tie(first, second, difference, isOpposite) <
           std::tie(other.first, other.second, other.difference, other.isOpposite);
  }
};

/// Terms of the outputs and how often pairs of them occur.
class Matrix {
public:
  explicit Matrix(CodingAttrInterface weights);

  int64_t getNumPairs() const;
  /// Counts all pairs; before the first call of eliminate().
  void countPairs();
  /// Makes an adder of the most frequent pair; false if none occurs twice.
  bool eliminate(AdderGraph &graph);
  ArrayRef<std::vector<Term>> getRows() const { return rows; }

private:
  static Pair makePair(Term &a, Term &b);
  void change(const Pair &pair, int64_t by);
  void changeAll(ArrayRef<Term> row, const Term &term, int64_t by);
  void replace(std::vector<Term> &row, const Pair &pair, int32_t node);

  std::vector<std::vector<Term>> rows;
  std::map<Pair, int64_t> counts;
  /// Pairs by frequency, most frequent first, then in their own order.
  std::set<std::pair<int64_t, Pair>> byCount;
};
} // namespace

Matrix::Matrix(CodingAttrInterface weights) {
  forEachRow(weights, [&](int64_t, ArrayRef<int64_t> values) {
    std::vector<Term> &row = rows.emplace_back();
    for (auto [k, value] : llvm::enumerate(values)) {
      SignedDigits digits(value);
      for (int32_t shift = 0; shift < 64; ++shift) {
        bool isNegative = (digits.negative >> shift) & 1;
        if (isNegative || ((digits.positive >> shift) & 1) != 0)
          row.push_back({static_cast<int32_t>(k), shift, isNegative});
      }
    }
  });
}

int64_t Matrix::getNumPairs() const {
  int64_t pairs = 0;
  for (const std::vector<Term> &row : rows)
    pairs += static_cast<int64_t>(row.size() * row.size() / 2);
  return pairs;
}

/// The pair of two terms, which are put in its order.
Pair Matrix::makePair(Term &a, Term &b) {
  if (std::pair(b.node, b.shift) < std::pair(a.node, a.shift))
    std::swap(a, b);
  return {a.node, b.node, b.shift - a.shift, a.isNegative != b.isNegative};
}

void Matrix::change(const Pair &pair, int64_t by) {
  int64_t &count = counts[pair];
  if (count > 1)
    byCount.erase({-count, pair});
  count += by;
  if (count > 1)
    byCount.insert({-count, pair});
  else if (count == 0)
    counts.erase(pair);
}

/// Counts the pairs of `term` with all of `row`.
void Matrix::changeAll(ArrayRef<Term> row, const Term &term, int64_t by) {
  for (Term other : row) {
    Term own = term;
    change(makePair(own, other), by);
  }
}

void Matrix::countPairs() {
  for (const std::vector<Term> &row : rows)
    for (size_t i = 1; i < row.size(); ++i)
      changeAll(ArrayRef(row).take_front(i), row[i], 1);
}

/// Replaces all occurrences of a pair in one output that do not overlap.
void Matrix::replace(std::vector<Term> &row, const Pair &pair, int32_t node) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i].node != pair.first)
      continue;
    Term wanted{pair.second, row[i].shift + pair.difference, row[i].isNegative != pair.isOpposite};
    auto partner = llvm::find_if(row, [&](const Term &term) {
      return &term != &row[i] && term.node == wanted.node && term.shift == wanted.shift &&
             term.isNegative == wanted.isNegative;
    });
    if (partner == row.end())
      continue;
    Term first = row[i], second = *partner;
    size_t j = partner - row.begin();
    row.erase(row.begin() + static_cast<int64_t>(std::max(i, j)));
    row.erase(row.begin() + static_cast<int64_t>(std::min(i, j)));
    // Every pair with either of them is gone, theirs once.
    changeAll(row, first, -1);
    changeAll(row, second, -1);
    change(pair, -1);
    Term sum{node, std::min(first.shift, second.shift), first.isNegative};
    changeAll(row, sum, 1);
    row.push_back(sum);
    // What follows moved down.
    i -= j < i ? 2 : 1;
  }
}

bool Matrix::eliminate(AdderGraph &graph) {
  if (byCount.empty())
    return false;
  Pair pair = byCount.begin()->second;
  auto node = static_cast<int32_t>(graph.inputs + static_cast<int64_t>(graph.adders.size()));
  graph.adders.push_back({{pair.first, std::max(0, -pair.difference), false},
                          {pair.second, std::max(0, pair.difference), pair.isOpposite}});
  for (std::vector<Term> &row : rows)
    replace(row, pair, node);
  return true;
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

/// Adders in front of every node.
static std::vector<int64_t> getDepths(const AdderGraph &graph) {
  std::vector<int64_t> depths(graph.inputs, 0);
  for (const AdderGraph::Adder &adder : graph.adders)
    depths.push_back(1 + std::max(depths[adder.a.node], depths[adder.b.node]));
  return depths;
}

/// Adds up the terms that an output has left, the shallowest first.
static std::optional<Term> addTerms(AdderGraph &graph, std::vector<int64_t> &depths, ArrayRef<Term> terms) {
  auto isDeeper = [&](const Term &a, const Term &b) {
    return std::tuple(depths[a.node], a.node, a.shift) > std::tuple(depths[b.node], b.node, b.shift);
  };
  std::priority_queue<Term, std::vector<Term>, decltype(isDeeper)> queue(isDeeper);
  for (const Term &term : terms)
    queue.push(term);
  if (queue.empty())
    return std::nullopt;
  while (queue.size() > 1) {
    Term a = queue.top();
    queue.pop();
    Term b = queue.top();
    queue.pop();
    // A common shift and the first sign stay outside.
    Term sum{static_cast<int32_t>(depths.size()), std::min(a.shift, b.shift), a.isNegative};
    depths.push_back(1 + std::max(depths[a.node], depths[b.node]));
    graph.adders.push_back({{a.node, a.shift - sum.shift, false},
                            {b.node, b.shift - sum.shift, a.isNegative != b.isNegative}});
    queue.push(sum);
  }
  return queue.top();
}

AdderGraph sumac::buildAdderGraph(CodingAttrInterface weights, int64_t maxPairs) {
  AdderGraph graph;
  graph.inputs = weights.getShape()[1];
  Matrix matrix(weights);
  if (matrix.getNumPairs() <= maxPairs)
    matrix.countPairs();
  while (matrix.eliminate(graph))
    ;
  std::vector<int64_t> depths = getDepths(graph);
  for (ArrayRef<Term> row : matrix.getRows())
    graph.outputs.push_back(addTerms(graph, depths, row));
  return graph;
}

int64_t AdderGraph::getDepth() const {
  std::vector<int64_t> depths = getDepths(*this);
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
