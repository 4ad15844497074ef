//===- SumSystem.h - Sums of sums that change -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An adder graph whose sums have any number of terms, in no order.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_SUMSYSTEM_H
#define SUMAC_ANALYSIS_ADDERGRAPH_SUMSYSTEM_H

#include "PairCounts.h"

namespace sumac {

/// Nodes below `inputs` are inputs; every other one is the sum of its row.
/// Changes since the last commit() can be taken back.
class SumSystem {
public:
  explicit SumSystem(const AdderGraph &graph);
  AdderGraph getGraph() const;

  int64_t getInputs() const { return inputs; }
  int64_t getNumNodes() const { return static_cast<int64_t>(rows.size()); }
  const Terms &getRow(int32_t node) const { return rows[node]; }
  llvm::ArrayRef<int32_t> getUsers(int32_t node) const { return users[node]; }
  /// A node that rows use and that is a sum.
  bool isShared(int32_t node) const {
    return node >= inputs && !rows[node].empty() && !users[node].empty();
  }
  int64_t getNumAdders() const { return adders; }
  /// A shift came up that 64 bits do not have: take the changes back.
  bool isOverflowing() const { return overflows; }
  /// Brings depths up to date; the greatest of what changed.
  int64_t updateDepths();
  int64_t getWork() const { return work; }

  /// Writes the sum out wherever it is used.
  void inlineNode(int32_t node);
  /// Makes a node of a pair that can be replaced twice; false if it cannot.
  bool extract(const Pair &pair);
  /// Pairs that came to occur twice or more often since the last commit.
  llvm::ArrayRef<PairKey> getNewPairs() const { return newPairs; }
  int32_t getCount(PairKey key) const { return counts.get(key); }

  void commit();
  void rollBack();

private:
  using Term = AdderGraph::Term;
  struct SavedRow {
    int32_t row;
    Terms terms;
  };
  struct Match {
    int32_t row;
    Term first, second;
  };

  llvm::ArrayRef<PairKey> getKeys(const Terms &terms, const Term &term);
  void removeTerm(int32_t row, size_t at);
  void appendTerm(int32_t row, const Term &term);
  void addTerm(int32_t row, const Term &term);
  Terms takeTerms(int32_t row, int32_t node);
  void replaceNode(int32_t node, llvm::ArrayRef<Term> by);
  void forward(int32_t node);
  void simplify();
  std::vector<Match> findMatches(const Pair &pair) const;
  void save(int32_t row);
  void setRow(int32_t row, const Terms &terms);
  int32_t makeNode();
  int64_t computeDepth(int32_t row) const;

  int64_t inputs;
  std::vector<Terms> rows;
  std::vector<std::vector<int32_t>> users; ///< rows, once for each term
  std::vector<std::optional<Term>> outputs;
  std::vector<int32_t> numOutputs; ///< outputs that are a node
  std::vector<int64_t> depths;
  PairCounts counts;
  int64_t adders = 0, work = 0;
  bool overflows = false;

  std::vector<PairKey> keys; ///< what getKeys() returns
  std::vector<PairKey> newPairs;
  std::vector<int32_t> suspects; ///< nodes that may not be needed any more
  std::vector<int32_t> freeNodes;
  std::vector<SavedRow> savedRows;
  std::vector<bool> isSaved;
  std::vector<std::pair<int32_t, int64_t>> savedDepths;
  std::vector<std::pair<size_t, std::optional<Term>>> savedOutputs;
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_SUMSYSTEM_H
