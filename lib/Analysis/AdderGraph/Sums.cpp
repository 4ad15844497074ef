//===- Sums.cpp - Outputs as sums of shifted terms ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Making, transposing and tidying graphs.
//
//===----------------------------------------------------------------------===//

#include "Sums.h"
#include "sumac/Analysis/SignedDigits.h"

#include "llvm/ADT/STLExtras.h"

#include <queue>
#include <unordered_map>

using namespace llvm;
using namespace sumac;

using Term = AdderGraph::Term;

GraphBuilder::GraphBuilder(int64_t inputs) : depths(inputs, 0) {
  graph.inputs = inputs;
}

Term GraphBuilder::add(const Term &a, const Term &b) {
  int32_t shift = std::min(a.shift, b.shift);
  Term sum{static_cast<int32_t>(depths.size()), shift, a.isNegative};
  depths.push_back(1 + std::max(depths[a.node], depths[b.node]));
  graph.adders.push_back(
      {{a.node, a.shift - shift, false},
       {b.node, b.shift - shift, a.isNegative != b.isNegative}});
  return sum;
}

std::optional<Term> GraphBuilder::add(ArrayRef<Term> terms) {
  auto isDeeper = [&](const Term &a, const Term &b) {
    return std::tuple(depths[a.node], a.shift, a.node) >
           std::tuple(depths[b.node], b.shift, b.node);
  };
  std::priority_queue<Term, std::vector<Term>, decltype(isDeeper)> queue(
      isDeeper);
  for (const Term &term : terms)
    queue.push(term);
  if (queue.empty())
    return std::nullopt;
  while (queue.size() > 1) {
    Term a = queue.top();
    queue.pop();
    Term b = queue.top();
    queue.pop();
    queue.push(add(a, b));
  }
  return queue.top();
}

void sumac::appendDigits(Terms &terms, int32_t node, int64_t weight) {
  SignedDigits digits(weight);
  for (uint64_t rest = digits.positive | digits.negative; rest != 0;
       rest &= rest - 1) {
    int shift = llvm::countr_zero(rest);
    terms.push_back({node, shift, ((digits.negative >> shift) & 1) != 0});
  }
}

AdderGraph sumac::transpose(const AdderGraph &graph) {
  auto outputs = static_cast<int64_t>(graph.outputs.size());
  GraphBuilder builder(outputs);
  // What every node of `graph` goes to, as terms of the new graph.
  std::vector<Terms> uses(graph.inputs + graph.adders.size());
  for (int64_t n = 0; n < outputs; ++n)
    if (const std::optional<Term> &output = graph.outputs[n])
      uses[output->node].push_back(
          {static_cast<int32_t>(n), output->shift, output->isNegative});
  for (int64_t i = static_cast<int64_t>(graph.adders.size()); i-- > 0;) {
    std::optional<Term> sum = builder.add(uses[graph.inputs + i]);
    if (!sum)
      continue;
    for (const Term &operand : {graph.adders[i].a, graph.adders[i].b})
      uses[operand.node].push_back(compose(*sum, operand));
  }
  for (int64_t k = 0; k < graph.inputs; ++k)
    builder.graph.outputs.push_back(builder.add(uses[k]));
  return std::move(builder.graph);
}

namespace {
/// Writes the used nodes of a graph anew, each value once.
class Tidying {
public:
  explicit Tidying(const AdderGraph &graph)
      : graph(graph), terms(graph.inputs + graph.adders.size()) {}
  AdderGraph run();

private:
  std::vector<bool> findUsed() const;
  Term get(const Term &term) const { return compose(terms[term.node], term); }
  Term makeAdder(Term a, Term b);

  const AdderGraph &graph;
  AdderGraph result;
  std::vector<Term> terms; ///< of every old node in the new graph
  struct Hash {
    size_t operator()(const std::pair<uint64_t, uint64_t> &key) const {
      return key.first * 0x9e3779b97f4a7c15 + key.second;
    }
  };
  std::unordered_map<std::pair<uint64_t, uint64_t>, int32_t, Hash> nodes;
};
} // namespace

std::vector<bool> Tidying::findUsed() const {
  std::vector<bool> used(terms.size());
  for (const std::optional<Term> &output : graph.outputs)
    if (output)
      used[output->node] = true;
  for (size_t i = graph.adders.size(); i-- > 0;)
    if (used[graph.inputs + i])
      used[graph.adders[i].a.node] = used[graph.adders[i].b.node] = true;
  return used;
}

Term Tidying::makeAdder(Term a, Term b) {
  // The sign and the shift that both have stay outside.
  if (a.isNegative != b.isNegative
          ? std::pair(a.shift, a.node) > std::pair(b.shift, b.node)
          : a.node > b.node)
    std::swap(a, b);
  Term sum{0, std::min(a.shift, b.shift), a.isNegative};
  AdderGraph::Adder adder{
      {a.node, a.shift - sum.shift, false},
      {b.node, b.shift - sum.shift, a.isNegative != b.isNegative}};
  auto pack = [](const Term &t) {
    return static_cast<uint64_t>(t.node) << 8 |
           static_cast<uint64_t>(t.shift) << 1 | t.isNegative;
  };
  auto next = static_cast<int32_t>(result.inputs +
                                   static_cast<int64_t>(result.adders.size()));
  auto [it, isNew] = nodes.insert({{pack(adder.a), pack(adder.b)}, next});
  if (isNew)
    result.adders.push_back(adder);
  sum.node = it->second;
  return sum;
}

AdderGraph Tidying::run() {
  std::vector<bool> used = findUsed();
  result.inputs = graph.inputs;
  for (int32_t k = 0; k < graph.inputs; ++k)
    terms[k].node = k;
  for (auto [i, adder] : llvm::enumerate(graph.adders))
    if (used[graph.inputs + i])
      terms[graph.inputs + i] = makeAdder(get(adder.a), get(adder.b));
  for (const std::optional<Term> &output : graph.outputs)
    result.outputs.push_back(output ? std::optional(get(*output))
                                    : std::nullopt);
  return std::move(result);
}

/// A difference that only one output uses, and with a minus, is taken the other
/// way round.
static void turnNegativeOutputs(AdderGraph &graph) {
  std::vector<int32_t> uses(graph.inputs + graph.adders.size());
  for (const AdderGraph::Adder &adder : graph.adders)
    ++uses[adder.a.node], ++uses[adder.b.node];
  for (const std::optional<Term> &output : graph.outputs)
    if (output)
      ++uses[output->node];
  for (std::optional<Term> &output : graph.outputs) {
    if (!output || !output->isNegative || output->node < graph.inputs ||
        uses[output->node] != 1)
      continue;
    AdderGraph::Adder &adder = graph.adders[output->node - graph.inputs];
    if (!adder.b.isNegative)
      continue;
    std::swap(adder.a, adder.b);
    std::swap(adder.a.isNegative, adder.b.isNegative);
    output->isNegative = false;
  }
}

AdderGraph sumac::tidy(const AdderGraph &graph) {
  AdderGraph result = Tidying(graph).run();
  turnNegativeOutputs(result);
  return result;
}
