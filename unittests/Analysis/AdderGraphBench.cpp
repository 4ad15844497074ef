//===- AdderGraphBench.cpp - Adder graphs of matrices from a file ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sumac's side of benchmarks/adder-graphs. Numbers on the standard input:
// outputs, inputs, greatest depth (0: any), work, masks (0: none); the weights;
// coefficients and masks if there are any. The graph goes to the standard
// output as JSON.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraph.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <ctime>
#include <iostream>

using namespace sumac;

static std::vector<int64_t> read(int64_t count) {
  std::vector<int64_t> values(count);
  for (int64_t &value : values)
    std::cin >> value;
  return values;
}

static llvm::json::Value toJson(const AdderGraph::Term &term) {
  return llvm::json::Array{term.node, term.shift,
                           static_cast<int>(term.isNegative)};
}

int main() {
  std::vector<int64_t> head = read(5);
  int64_t outputs = head[0], inputs = head[1], masks = head[4];
  std::vector<int64_t> weights = read(outputs * inputs);
  std::vector<int64_t> coefficients = read(outputs * masks);
  std::vector<int8_t> bits;
  for (int64_t bit : read(masks * outputs * inputs))
    bits.push_back(static_cast<int8_t>(bit));
  if (!std::cin) {
    llvm::errs() << "error: too few numbers\n";
    return 1;
  }
  AdderGraphOptions options;
  options.maxDepth = head[2];
  options.work = head[3];
  options.coefficients = coefficients;
  options.masks = bits;
  std::clock_t start = std::clock();
  AdderGraph graph = buildAdderGraph(weights, outputs, inputs, options);
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;

  llvm::json::Array adders, terms;
  for (const AdderGraph::Adder &adder : graph.adders)
    adders.push_back(llvm::json::Array{toJson(adder.a), toJson(adder.b)});
  for (const std::optional<AdderGraph::Term> &output : graph.outputs)
    terms.push_back(output ? toJson(*output) : llvm::json::Value(nullptr));
  llvm::outs() << llvm::json::Value(
                      llvm::json::Object{{"inputs", graph.inputs},
                                         {"depth", graph.getDepth()},
                                         {"seconds", seconds},
                                         {"adders", std::move(adders)},
                                         {"outputs", std::move(terms)}})
               << "\n";
  return 0;
}
