//===- Decomposition.cpp - Rows as differences of rows --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A minimum spanning tree over the rows and the zero row.
//
//===----------------------------------------------------------------------===//

#include "Decomposition.h"
#include "sumac/Analysis/SignedDigits.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac;

IntegerMatrix IntegerMatrix::transpose() const {
  IntegerMatrix result{inputs, outputs, std::vector<int64_t>(values.size())};
  for (int64_t n = 0; n < outputs; ++n)
    for (int64_t k = 0; k < inputs; ++k)
      result.values[k * outputs + n] = values[n * inputs + k];
  return result;
}

namespace {
/// The cheapest way found so far to add a row to the tree.
struct Edge {
  int64_t parent = -1;
  bool isNegative = false;
  int64_t digits = 0, cost = 0;
  int64_t level = 0; ///< least depth of the row's sum
};
} // namespace

RowDistances::RowDistances(const IntegerMatrix &matrix) {
  for (int64_t n = 1; n < matrix.outputs; ++n)
    for (int64_t other = 0; other < n; ++other) {
      ArrayRef<int64_t> a = matrix.getRow(n), b = matrix.getRow(other);
      int64_t minus = 0, plus = 0;
      for (int64_t k = 0; k < matrix.inputs; ++k) {
        minus += SignedDigits(a[k] - b[k]).count();
        plus += SignedDigits(a[k] + b[k]).count();
      }
      distances.push_back(
          {static_cast<int32_t>(minus), static_cast<int32_t>(plus)});
    }
}

static int64_t countDigits(ArrayRef<int64_t> row) {
  int64_t digits = 0;
  for (int64_t value : row)
    digits += SignedDigits(value).count();
  return digits;
}

/// The least depth of a sum of single terms and one of the depth `level`.
static int64_t getLevel(int64_t digits, int64_t level) {
  return digits == 0
             ? level
             : Log2_64_Ceil(static_cast<uint64_t>(digits) +
                            (uint64_t(1) << std::min<int64_t>(level, 60)));
}

static void appendRow(RowTree &tree, const IntegerMatrix &matrix, int64_t n,
                      const Edge &edge) {
  RowTree::Row &row = tree.rows[n];
  row.parent = edge.parent;
  row.isNegative = edge.isNegative;
  for (int64_t k = 0; k < matrix.inputs; ++k) {
    int64_t value = matrix.getRow(n)[k];
    if (edge.parent >= 0)
      value -= edge.isNegative ? -matrix.getRow(edge.parent)[k]
                               : matrix.getRow(edge.parent)[k];
    appendDigits(row.difference, static_cast<int32_t>(k), value);
  }
  tree.order.push_back(n);
}

static void computeHeights(RowTree &tree) {
  for (int64_t n : llvm::reverse(tree.order))
    if (int64_t parent = tree.rows[n].parent; parent >= 0)
      tree.rows[parent].height =
          std::max(tree.rows[parent].height, tree.rows[n].height + 1);
}

RowTree sumac::buildFlatRows(const IntegerMatrix &matrix) {
  RowTree tree;
  tree.rows.resize(matrix.outputs);
  for (int64_t n = 0; n < matrix.outputs; ++n)
    appendRow(tree, matrix, n, Edge());
  return tree;
}

RowTree sumac::buildRowTree(const IntegerMatrix &matrix,
                            const RowDistances &distances, int64_t maxLevel,
                            int64_t parentCost) {
  RowTree tree;
  tree.rows.resize(matrix.outputs);
  std::vector<Edge> edges;
  std::vector<int64_t> waiting;
  for (int64_t n = 0; n < matrix.outputs; ++n) {
    Edge edge;
    edge.digits = edge.cost = countDigits(matrix.getRow(n));
    edge.level = edge.digits == 0 ? 0 : Log2_64_Ceil(edge.digits);
    edges.push_back(edge);
    waiting.push_back(n);
  }
  while (!waiting.empty()) {
    auto next = llvm::min_element(waiting, [&](int64_t a, int64_t b) {
      return edges[a].cost < edges[b].cost;
    });
    int64_t parent = *next;
    waiting.erase(next);
    appendRow(tree, matrix, parent, edges[parent]);
    for (int64_t n : waiting) {
      auto [minus, plus] = distances.get(n, parent);
      Edge edge{parent, plus < minus, std::min(minus, plus), 0, 0};
      edge.cost = edge.digits + (edge.digits > 0 ? parentCost : 0);
      edge.level = getLevel(edge.digits, edges[parent].level);
      if (edge.cost < edges[n].cost && edge.level <= maxLevel)
        edges[n] = edge;
    }
  }
  computeHeights(tree);
  return tree;
}
