//===- SumSystem.cpp - Sums of sums that change ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows, their users and the counts of pairs change together, term by term.
//
//===----------------------------------------------------------------------===//

#include "SumSystem.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac;

using Term = AdderGraph::Term;

SumSystem::SumSystem(const AdderGraph &graph)
    : inputs(graph.inputs), outputs(graph.outputs) {
  size_t nodes = graph.inputs + graph.adders.size();
  rows.resize(nodes);
  users.resize(nodes);
  numOutputs.resize(nodes);
  depths.resize(nodes);
  isSaved.resize(nodes);
  for (const std::optional<Term> &output : outputs)
    if (output)
      ++numOutputs[output->node];
  for (auto [i, adder] : llvm::enumerate(graph.adders)) {
    auto node = static_cast<int32_t>(inputs + static_cast<int64_t>(i));
    addTerm(node, adder.a);
    addTerm(node, adder.b);
    suspects.push_back(node);
  }
  simplify();
  for (int32_t node = static_cast<int32_t>(inputs);
       node < static_cast<int32_t>(nodes); ++node) {
    save(node);
    if (!rows[node].empty())
      depths[node] = computeDepth(node);
  }
  commit();
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

/// The pairs of a term with others. Their counts are far apart in memory, so
/// all are asked for before the first is needed.
ArrayRef<PairKey> SumSystem::getKeys(const Terms &terms, const Term &term) {
  keys.clear();
  for (const Term &other : terms) {
    keys.push_back(encodePair(term, other));
    counts.prefetch(keys.back());
  }
  work += static_cast<int64_t>(terms.size());
  return keys;
}

void SumSystem::removeTerm(int32_t row, size_t at) {
  save(row);
  Terms &terms = rows[row];
  Term term = terms[at];
  terms[at] = terms.back();
  terms.pop_back();
  for (PairKey key : getKeys(terms, term))
    counts.change(key, -1);
  adders -= !terms.empty();
  std::vector<int32_t> &list = users[term.node];
  *llvm::find(list, row) = list.back();
  list.pop_back();
  if (term.node >= inputs && list.size() <= 1)
    suspects.push_back(term.node);
}

void SumSystem::appendTerm(int32_t row, const Term &term) {
  save(row);
  Terms &terms = rows[row];
  for (PairKey key : getKeys(terms, term))
    if (counts.change(key, 1) == 2)
      newPairs.push_back(key);
  adders += !terms.empty();
  terms.push_back(term);
  users[term.node].push_back(row);
}

/// Takes all terms of a node out of a row.
Terms SumSystem::takeTerms(int32_t row, int32_t node) {
  Terms taken;
  for (size_t i = rows[row].size(); i-- > 0;)
    if (rows[row][i].node == node) {
      taken.push_back(rows[row][i]);
      removeTerm(row, i);
    }
  return taken;
}

/// Terms of the same node stay canonical signed digits.
void SumSystem::addTerm(int32_t row, const Term &term) {
  constexpr int32_t kMaxShift = 58;
  if (term.shift > kMaxShift) {
    overflows = true;
    return;
  }
  bool isNear = llvm::any_of(rows[row], [&](const Term &other) {
    return other.node == term.node && std::abs(other.shift - term.shift) <= 1;
  });
  if (!isNear) {
    appendTerm(row, term);
    return;
  }
  auto getFactor = [](const Term &t) {
    return t.isNegative ? -(int64_t(1) << t.shift) : int64_t(1) << t.shift;
  };
  int64_t factor = getFactor(term);
  for (const Term &other : takeTerms(row, term.node))
    factor += getFactor(other);
  Terms digits;
  appendDigits(digits, term.node, factor);
  for (const Term &digit : digits)
    appendTerm(row, digit);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

int32_t SumSystem::makeNode() {
  if (!freeNodes.empty()) {
    int32_t node = freeNodes.back();
    freeNodes.pop_back();
    return node;
  }
  rows.emplace_back();
  users.emplace_back();
  numOutputs.push_back(0);
  depths.push_back(0);
  isSaved.push_back(false);
  return static_cast<int32_t>(rows.size()) - 1;
}

/// Puts a sum in the place of a node in all rows.
void SumSystem::replaceNode(int32_t node, ArrayRef<Term> by) {
  while (!users[node].empty()) {
    int32_t row = users[node].front();
    for (const Term &use : takeTerms(row, node))
      for (const Term &term : by)
        addTerm(row, compose(term, use));
    if (rows[row].size() <= 1)
      suspects.push_back(row);
  }
}

void SumSystem::inlineNode(int32_t node) {
  Terms sum = rows[node];
  replaceNode(node, sum);
  suspects.push_back(node);
  simplify();
}

/// A node that is 0 or a multiple of another.
void SumSystem::forward(int32_t node) {
  Terms sum = rows[node];
  for (size_t n = 0; numOutputs[node] != 0 && n < outputs.size(); ++n) {
    if (!outputs[n] || outputs[n]->node != node)
      continue;
    savedOutputs.push_back({n, outputs[n]});
    --numOutputs[node];
    if (sum.empty()) {
      outputs[n] = std::nullopt;
      continue;
    }
    outputs[n] = compose(sum[0], *outputs[n]);
    ++numOutputs[sum[0].node];
  }
  replaceNode(node, sum);
  setRow(node, {});
}

/// Removes nodes that nothing uses, and writes out what is used once: sums of
/// many terms have more pairs.
void SumSystem::simplify() {
  while (!suspects.empty()) {
    int32_t node = suspects.back();
    suspects.pop_back();
    if (node < inputs)
      continue;
    if (rows[node].size() <= 1 &&
        (numOutputs[node] != 0 || !users[node].empty()))
      forward(node);
    else if (numOutputs[node] == 0 && users[node].size() == 1)
      replaceNode(node, Terms(rows[node]));
    if (numOutputs[node] == 0 && users[node].empty())
      setRow(node, {});
  }
}

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

/// The places of a pair, which do not overlap.
std::vector<SumSystem::Match> SumSystem::findMatches(const Pair &pair) const {
  std::vector<Match> matches;
  bool isFirst = users[pair.first].size() <= users[pair.second].size();
  std::vector<int32_t> list = users[isFirst ? pair.first : pair.second];
  llvm::sort(list);
  list.erase(llvm::unique(list), list.end());
  for (int32_t row : list) {
    Terms terms = rows[row];
    for (const Term &first : rows[row]) {
      if (first.node != pair.first)
        continue;
      auto isTerm = [](const Term &wanted) {
        return [wanted](const Term &t) {
          return t.node == wanted.node && t.shift == wanted.shift &&
                 t.isNegative == wanted.isNegative;
        };
      };
      Term second{pair.second, first.shift + pair.difference,
                  first.isNegative != pair.isOpposite};
      auto itFirst = llvm::find_if(terms, isTerm(first));
      if (itFirst == terms.end() || llvm::none_of(terms, isTerm(second)))
        continue;
      terms.erase(itFirst);
      terms.erase(llvm::find_if(terms, isTerm(second)));
      matches.push_back({row, first, second});
    }
  }
  return matches;
}

bool SumSystem::extract(const Pair &pair) {
  std::vector<Match> matches = findMatches(pair);
  work += static_cast<int64_t>(matches.size());
  if (matches.size() < 2)
    return false;
  int32_t node = makeNode();
  auto [a, b] = getTerms(pair);
  appendTerm(node, a);
  appendTerm(node, b);
  auto remove = [&](int32_t row, const Term &term) {
    auto it = llvm::find_if(rows[row], [&](const Term &t) {
      return t.node == term.node && t.shift == term.shift;
    });
    removeTerm(row, it - rows[row].begin());
  };
  for (const Match &match : matches) {
    remove(match.row, match.first);
    remove(match.row, match.second);
    appendTerm(match.row,
               {node, std::min(match.first.shift, match.second.shift),
                match.first.isNegative});
    if (rows[match.row].size() == 1)
      suspects.push_back(match.row);
  }
  simplify();
  return true;
}

//===----------------------------------------------------------------------===//
// Depths
//===----------------------------------------------------------------------===//

/// Kraft's inequality for the terms' depths.
int64_t SumSystem::computeDepth(int32_t row) const {
  uint64_t sum = 0;
  for (const Term &term : rows[row])
    sum += uint64_t(1) << std::min<int64_t>(depths[term.node], 50);
  return Log2_64_Ceil(sum);
}

int64_t SumSystem::updateDepths() {
  int64_t deepest = 0;
  std::vector<int32_t> changed;
  for (const SavedRow &row : savedRows)
    changed.push_back(row.row);
  while (!changed.empty()) {
    int32_t node = changed.back();
    changed.pop_back();
    if (rows[node].empty())
      continue;
    int64_t depth = computeDepth(node);
    deepest = std::max(deepest, depth);
    work += static_cast<int64_t>(rows[node].size());
    if (depth == depths[node])
      continue;
    savedDepths.push_back({node, depths[node]});
    depths[node] = depth;
    changed.insert(changed.end(), users[node].begin(), users[node].end());
  }
  return deepest;
}

//===----------------------------------------------------------------------===//
// Changes
//===----------------------------------------------------------------------===//

void SumSystem::save(int32_t row) {
  if (isSaved[row])
    return;
  isSaved[row] = true;
  savedRows.push_back({row, rows[row]});
}

void SumSystem::setRow(int32_t row, const Terms &terms) {
  while (!rows[row].empty())
    removeTerm(row, rows[row].size() - 1);
  for (const Term &term : terms)
    appendTerm(row, term);
}

void SumSystem::commit() {
  for (const SavedRow &saved : savedRows) {
    isSaved[saved.row] = false;
    if (rows[saved.row].empty())
      freeNodes.push_back(saved.row);
  }
  savedRows.clear();
  savedDepths.clear();
  savedOutputs.clear();
  newPairs.clear();
  suspects.clear();
  overflows = false;
}

void SumSystem::rollBack() {
  for (const SavedRow &saved : llvm::reverse(savedRows))
    setRow(saved.row, saved.terms);
  for (auto [node, depth] : llvm::reverse(savedDepths))
    depths[node] = depth;
  for (auto [n, term] : llvm::reverse(savedOutputs)) {
    if (outputs[n])
      --numOutputs[outputs[n]->node];
    outputs[n] = term;
    ++numOutputs[term->node];
  }
  commit();
}

AdderGraph SumSystem::getGraph() const {
  GraphBuilder builder(inputs);
  std::vector<std::optional<Term>> terms(rows.size());
  for (int32_t k = 0; k < inputs; ++k)
    terms[k] = Term{k, 0, false};
  // Operands first, without recursion.
  std::vector<int32_t> stack;
  auto build = [&](int32_t root) {
    stack.push_back(root);
    while (!stack.empty()) {
      int32_t node = stack.back();
      if (terms[node]) {
        stack.pop_back();
        continue;
      }
      Terms operands;
      for (const Term &term : rows[node]) {
        if (terms[term.node])
          operands.push_back(compose(*terms[term.node], term));
        else
          stack.push_back(term.node);
      }
      if (operands.size() == rows[node].size())
        terms[node] = builder.add(operands);
    }
  };
  for (const std::optional<Term> &output : outputs) {
    if (output)
      build(output->node);
    builder.graph.outputs.push_back(
        output ? std::optional(compose(*terms[output->node], *output))
               : std::nullopt);
  }
  return std::move(builder.graph);
}
