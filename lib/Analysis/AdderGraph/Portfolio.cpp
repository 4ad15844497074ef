//===- Portfolio.cpp - The best of several adder graphs -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No one way is best for all matrices: greedy graphs of the matrix and of its
// transpose, of rows and of their differences, and a local search from the best
// of them. Budgets are pairs looked at, not seconds, so that results are the
// same everywhere.
//
//===----------------------------------------------------------------------===//

#include "CommonSubexpressions.h"
#include "Decomposition.h"
#include "LocalSearch.h"
#include "sumac/Analysis/SignedDigits.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace llvm;
using namespace sumac;

using Term = AdderGraph::Term;

namespace {

/// Stands for no limit; 2^60 is a capacity that no row reaches.
constexpr int64_t kNoLimit = 60;

/// Weights beyond this have no differences of 62 bits.
constexpr int64_t kLargestOfTrees = int64_t(1) << 60;

/// Greedy graphs take this part of the budget at most, and so many looks for
/// each pair that there is in the beginning.
constexpr int64_t kGreedyShare = 4, kWorkPerPair = 3;

/// More than this finds nothing in small graphs.
constexpr int64_t kWorkPerAdder = 200'000;

/// Weights of matrices for which it pays to try more.
constexpr size_t kSmall = 10'000;

/// One way to build a graph.
struct Strategy {
  bool isTransposed = false;
  SharingPolicy sharing;
};

class Portfolio {
public:
  Portfolio(const IntegerMatrix &matrix, int64_t maxDepth, int64_t work);
  AdderGraph run();

private:
  void addGreedyGraphs();
  void addTrees(bool isTransposed);
  void addGreedyGraph(const Strategy &strategy, const RowTree &tree);
  void improveBest();

  const IntegerMatrix &matrix;
  IntegerMatrix transposed;
  int64_t leastDepth = 0, maxDepth, budget, work = 0;
  std::vector<AdderGraph> graphs;
};

} // namespace

static int64_t getMaxMagnitude(const IntegerMatrix &matrix) {
  int64_t most = 0;
  for (int64_t value : matrix.values)
    most = std::max(most, std::abs(value));
  return most;
}

/// The depth that the widest row needs if nothing is shared.
static int64_t getLeastDepth(const IntegerMatrix &matrix) {
  int64_t depth = 0;
  for (int64_t n = 0; n < matrix.outputs; ++n) {
    uint64_t digits = 0;
    for (int64_t value : matrix.getRow(n))
      digits += SignedDigits(value).count();
    if (digits > 1)
      depth = std::max<int64_t>(depth, Log2_64_Ceil(digits));
  }
  return depth;
}

/// The graph of a tree of rows, with a depth of at most `maxDepth` if the tree
/// allows it.
static AdderGraph buildGreedyGraph(const IntegerMatrix &matrix,
                                   const RowTree &tree, int64_t maxDepth,
                                   std::optional<SharingPolicy> sharing,
                                   int64_t &work) {
  auto getCapacity = [&](int64_t n) {
    return int64_t(1) << std::clamp<int64_t>(maxDepth - tree.rows[n].height, 0,
                                             kNoLimit);
  };
  GraphBuilder builder(matrix.inputs);
  std::vector<Terms> rows;
  std::vector<int64_t> capacities;
  for (auto [n, row] : llvm::enumerate(tree.rows)) {
    rows.push_back(row.difference);
    capacities.push_back(getCapacity(static_cast<int64_t>(n)) -
                         (row.parent >= 0 ? getCapacity(row.parent) : 0));
  }
  if (sharing)
    sharePairs(builder, rows, capacities, *sharing, work);
  std::vector<std::optional<Term>> &outputs = builder.graph.outputs;
  outputs.resize(matrix.outputs);
  for (int64_t n : tree.order) {
    const RowTree::Row &row = tree.rows[n];
    if (row.parent >= 0 && outputs[row.parent])
      rows[n].push_back(compose(*outputs[row.parent], {0, 0, row.isNegative}));
    outputs[n] = builder.add(rows[n]);
  }
  return std::move(builder.graph);
}

Portfolio::Portfolio(const IntegerMatrix &matrix, int64_t maxDepth,
                     int64_t work)
    : matrix(matrix), transposed(matrix.transpose()),
      leastDepth(getLeastDepth(matrix)),
      maxDepth(maxDepth > 0 ? std::clamp(maxDepth, leastDepth, kNoLimit)
                            : kNoLimit),
      budget(work) {}

static int64_t countDigits(const RowTree &tree) {
  int64_t digits = 0;
  for (const RowTree::Row &row : tree.rows)
    digits += static_cast<int64_t>(row.difference.size());
  return digits;
}

static int64_t countPairs(const RowTree &tree) {
  int64_t pairs = 0;
  for (const RowTree::Row &row : tree.rows)
    pairs +=
        static_cast<int64_t>(row.difference.size() * row.difference.size() / 2);
  return pairs;
}

void Portfolio::addGreedyGraph(const Strategy &strategy, const RowTree &tree) {
  if (work + kWorkPerPair * countPairs(tree) > budget / kGreedyShare)
    return;
  // Depths before and after transposition have no simple relation.
  const IntegerMatrix &own = strategy.isTransposed ? transposed : matrix;
  AdderGraph graph =
      buildGreedyGraph(own, tree, strategy.isTransposed ? kNoLimit : maxDepth,
                       strategy.sharing, work);
  graph = tidy(strategy.isTransposed ? transpose(graph) : graph);
  if (graph.getDepth() <= maxDepth)
    graphs.push_back(std::move(graph));
}

/// Trees of one matrix, from shallow to deep, as long as they save digits.
void Portfolio::addTrees(bool isTransposed) {
  const IntegerMatrix &own = isTransposed ? transposed : matrix;
  RowTree flat = buildFlatRows(own);
  int64_t least = getLeastDepth(own), digits = countDigits(flat);
  int64_t treeWork = own.outputs * own.outputs / 2 * own.inputs / 4;
  if (own.outputs < 2 || work + treeWork > budget / kGreedyShare)
    return;
  work += treeWork;
  RowDistances distances(own);
  int64_t lastDigits = digits;
  for (int64_t levels : {1, 2, 3, 5, 9, 40})
    for (int64_t parentCost : {1, 3}) {
      if (!isTransposed && least + levels > maxDepth)
        return;
      RowTree tree = buildRowTree(own, distances, least + levels, parentCost);
      int64_t now = countDigits(tree);
      if (now == lastDigits || now * 10 > digits * 9)
        continue;
      lastDigits = now;
      addGreedyGraph({isTransposed, SharingPolicy()}, tree);
    }
}

void Portfolio::addGreedyGraphs() {
  // Few long rows have many more pairs than many short ones.
  bool isWide = matrix.inputs > matrix.outputs;
  for (bool shallowFirst : {false, true})
    for (bool isTransposed : {isWide, !isWide})
      if (!shallowFirst || matrix.values.size() < kSmall)
        addGreedyGraph({isTransposed, {shallowFirst}},
                       buildFlatRows(isTransposed ? transposed : matrix));
  if (getMaxMagnitude(matrix) <= kLargestOfTrees)
    for (bool isTransposed : {!isWide, isWide})
      addTrees(isTransposed);
}

/// The local search goes on from the best of short searches.
void Portfolio::improveBest() {
  constexpr size_t kTried = 4;
  auto isBetter = [](const AdderGraph &a, const AdderGraph &b) {
    return std::pair(a.adders.size(), a.getDepth()) <
           std::pair(b.adders.size(), b.getDepth());
  };
  llvm::sort(graphs, isBetter);
  // A search makes up for two percent, hardly for more.
  size_t most = graphs.front().adders.size() * 51 / 50 + 1;
  llvm::erase_if(graphs, [&](const AdderGraph &graph) {
    return graph.adders.size() > most;
  });
  graphs.resize(std::min(graphs.size(), kTried));
  int64_t left = std::clamp<int64_t>(
      budget - work, 0,
      kWorkPerAdder * static_cast<int64_t>(graphs.front().adders.size()));
  if (graphs.size() > 1) {
    for (AdderGraph &graph : graphs)
      graph = improve(graph, maxDepth, 1, left / 16);
    left -= left / 16 * static_cast<int64_t>(graphs.size());
  }
  auto best = llvm::min_element(graphs, isBetter);
  *best = tidy(improve(*best, maxDepth, 2, left));
  std::swap(*best, graphs.front());
}

AdderGraph Portfolio::run() {
  addGreedyGraphs();
  if (graphs.empty()) {
    RowTree tree = buildFlatRows(matrix);
    graphs.push_back(tidy(buildGreedyGraph(matrix, tree, maxDepth,
                                           /*sharing=*/std::nullopt, work)));
  }
  improveBest();
  return std::move(graphs.front());
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// A graph's outputs for other terms than its inputs; nothing stands for 0.
static SmallVector<std::optional<Term>>
instantiate(GraphBuilder &builder, const AdderGraph &graph,
            ArrayRef<std::optional<Term>> inputs) {
  std::vector<std::optional<Term>> terms(inputs.begin(), inputs.end());
  auto get = [&](const Term &term) {
    return terms[term.node] ? std::optional(compose(*terms[term.node], term))
                            : std::nullopt;
  };
  for (const AdderGraph::Adder &adder : graph.adders) {
    std::optional<Term> a = get(adder.a), b = get(adder.b);
    terms.push_back(a && b ? std::optional(builder.add(*a, *b)) : a ? a : b);
  }
  SmallVector<std::optional<Term>> outputs;
  for (const std::optional<Term> &output : graph.outputs)
    outputs.push_back(output ? get(*output) : std::nullopt);
  return outputs;
}

namespace {
/// The graphs that combine the sums of an output's masks. Outputs mostly have
/// the same coefficients.
class Combinations {
public:
  Combinations(const AdderGraphOptions &options, int64_t outputs);
  int64_t getDepth() const;
  AdderGraph apply(const AdderGraph &sums) const;

private:
  int64_t outputs, masks;
  std::vector<std::vector<int64_t>> keys; ///< of each output
  std::map<std::vector<int64_t>, AdderGraph> graphs;
};
} // namespace

Combinations::Combinations(const AdderGraphOptions &options, int64_t outputs)
    : outputs(outputs),
      masks(static_cast<int64_t>(options.coefficients.size()) / outputs) {
  for (int64_t n = 0; n < outputs; ++n) {
    keys.push_back(options.coefficients.slice(n * masks, masks).vec());
    graphs[keys.back()];
  }
  int64_t work = options.work / 16 / static_cast<int64_t>(graphs.size());
  for (auto &[key, graph] : graphs)
    graph = Portfolio(IntegerMatrix{1, masks, key}, 0, work).run();
}

int64_t Combinations::getDepth() const {
  int64_t depth = 0;
  for (const auto &[key, graph] : graphs)
    depth = std::max(depth, graph.getDepth());
  return depth;
}

/// `sums` has an output for each mask and output, as masks are stacked.
AdderGraph Combinations::apply(const AdderGraph &sums) const {
  GraphBuilder builder(sums.inputs);
  std::vector<std::optional<Term>> inputs, parts;
  for (int32_t k = 0; k < sums.inputs; ++k)
    inputs.push_back(Term{k, 0, false});
  SmallVector<std::optional<Term>> all = instantiate(builder, sums, inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    parts.clear();
    for (int64_t i = 0; i < masks; ++i)
      parts.push_back(all[i * outputs + n]);
    builder.graph.outputs.push_back(
        instantiate(builder, graphs.at(keys[n]), parts)[0]);
  }
  return tidy(builder.graph);
}

static AdderGraph buildFromMasks(const IntegerMatrix &matrix,
                                 const AdderGraphOptions &options) {
  Combinations combinations(options, matrix.outputs);
  int64_t left =
      options.maxDepth > 0
          ? std::max<int64_t>(1, options.maxDepth - combinations.getDepth())
          : 0;
  auto planes = static_cast<int64_t>(options.coefficients.size());
  IntegerMatrix stacked{planes, matrix.inputs, {}};
  stacked.values.assign(options.masks.begin(), options.masks.end());
  AdderGraph sums = Portfolio(stacked, left, options.work / 2).run();
  return combinations.apply(sums);
}

AdderGraph sumac::buildAdderGraph(ArrayRef<int64_t> weights, int64_t outputs,
                                  int64_t inputs,
                                  const AdderGraphOptions &options) {
  IntegerMatrix matrix{outputs, inputs, weights.vec()};
  if (options.coefficients.empty())
    return Portfolio(matrix, options.maxDepth, options.work).run();
  int64_t maxDepth =
      options.maxDepth > 0
          ? std::clamp(options.maxDepth, getLeastDepth(matrix), kNoLimit)
          : kNoLimit;
  AdderGraph fromMasks = buildFromMasks(matrix, options);
  AdderGraph direct =
      Portfolio(matrix, options.maxDepth, options.work / 8).run();
  if (fromMasks.adders.size() > direct.adders.size() ||
      fromMasks.getDepth() > maxDepth)
    return tidy(improve(direct, maxDepth, 3, options.work * 5 / 16));
  return tidy(improve(fromMasks, maxDepth, 3, options.work * 5 / 16));
}
