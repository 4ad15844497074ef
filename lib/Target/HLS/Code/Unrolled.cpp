//===- Unrolled.cpp - Layers as adder graphs, in C++ and Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Unrolled.h"
#include "VerilogTest.h"

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Analysis/AdderGraphRanges.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"

#include "llvm/Support/MathExtras.h"

#include <random>

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// C++
//===----------------------------------------------------------------------===//

void hls::printAdderGraph(CodeWriter &code, const std::string &name, LinearOp linear) {
  std::shared_ptr<const AdderGraph> shared = getAdderGraph(stream::getWeights(linear));
  const AdderGraph &graph = *shared;
  std::vector<IntegerRange> ranges = getNodeRanges(graph, *getTypeRange(linear.getInput().getType()));
  IntegerType sum = stream::getElementType(linear.getResult());
  auto getNode = [&](int64_t node) {
    return node < graph.inputs ? "x[" + std::to_string(node) + "]" : "n" + std::to_string(node - graph.inputs);
  };
  // A shifted term needs room for its shift.
  auto getTerm = [&](const AdderGraph::Term &term, int64_t bits) {
    std::string text = getNode(term.node);
    return term.shift == 0 ? text : "(" + getType(true, bits + 1) + "(" + text + ") << " + std::to_string(term.shift) + ")";
  };
  code.line("// " + Twine(graph.adders.size()) + " additions, at most " + Twine(graph.getDepth()) + " in a row.");
  code.open("static void " + name + "_sums(const " + getType(stream::getElementType(linear.getInput())) + " (&x)[" +
            Twine(graph.inputs) + "], " + getType(sum) + " (&y)[" + Twine(graph.outputs.size()) + "])");
  code.pragma("inline");
  if (graph.adders.empty())
    code.line("(void)x;");
  for (auto [i, adder] : llvm::enumerate(graph.adders)) {
    const IntegerRange &range = ranges[graph.inputs + i];
    int64_t bits = getBits(range) + (range.min < 0 ? 0 : 1);
    std::string type = getType(true, bits), a = getTerm(adder.a, bits), b = getTerm(adder.b, bits);
    std::string value = !adder.a.isNegative ? a + (adder.b.isNegative ? " - " : " + ") + b
                        : !adder.b.isNegative ? b + " - " + a
                                              : "-" + a + " - " + b;
    code.line("const " + type + " n" + Twine(i) + " = " + value + ";");
  }
  for (auto [n, output] : llvm::enumerate(graph.outputs))
    code.line("y[" + Twine(n) + "] = " +
              (output ? (output->isNegative ? "-" : "") + getTerm(*output, sum.getWidth()) : std::string("0")) + ";");
  code.close();
}

//===----------------------------------------------------------------------===//
// Verilog
//===----------------------------------------------------------------------===//

namespace {

/// Prints the modules' wires and registers. A node of stage s is registered s
/// times before it is first used at stage s.
class VerilogPrinter {
public:
  VerilogPrinter(llvm::raw_ostream &os, LinearOp linear, int64_t addersPerStage);
  void print(const std::string &name);
  void printTest(const std::string &name, CodingAttrInterface weights, IntegerRange input);
  int64_t getRegisters() const { return lastStage; }

private:
  int64_t getStage(int64_t node) const {
    int64_t depth = depths[node];
    return addersPerStage == 0 || depth == 0 ? 0 : (depth - 1) / addersPerStage;
  }
  /// Bits of a node's wire, and whether its top bit is a sign.
  std::pair<int64_t, bool> getWidth(int64_t node) const {
    const IntegerRange &range = ranges[node];
    return {std::max<int64_t>(1, ::getBits(range)), range.min < 0};
  }
  std::string getBitsOf(int64_t node, int64_t stage, int64_t count, int64_t drop);
  std::string use(const AdderGraph::Term &term, int64_t stage, int64_t count);
  void printAdder(const std::string &name, int64_t count, AdderGraph::Term a, AdderGraph::Term b, int64_t stage);
  std::string getName(int64_t node) const {
    return (node < graph.inputs ? "x" : "n") + std::to_string(node < graph.inputs ? node : node - graph.inputs);
  }
  void printNode(int64_t node);

  llvm::raw_ostream &os;
  std::shared_ptr<const AdderGraph> shared;
  const AdderGraph &graph;
  std::vector<IntegerRange> ranges;
  std::vector<int64_t> depths;
  int64_t addersPerStage, inputBits, outputBits, lastStage = 0;
  bool isInputSigned;
  /// The last stage at which a node is used.
  std::vector<int64_t> lastUse;
};

} // namespace

VerilogPrinter::VerilogPrinter(llvm::raw_ostream &os, LinearOp linear, int64_t addersPerStage)
    : os(os), shared(getAdderGraph(stream::getWeights(linear))), graph(*shared),
      ranges(getNodeRanges(graph, *getTypeRange(linear.getInput().getType()))), depths(getNodeDepths(graph)),
      addersPerStage(addersPerStage), inputBits(stream::getElementBits(linear.getInput())),
      outputBits(stream::getElementBits(linear.getResult())),
      isInputSigned(stream::getElementType(linear.getInput()).isSigned()) {
  auto nodes = static_cast<int64_t>(depths.size());
  lastUse.assign(nodes, 0);
  for (int64_t node = 0; node < nodes; ++node) {
    lastStage = std::max(lastStage, getStage(node));
    lastUse[node] = std::max(lastUse[node], getStage(node));
    if (node < graph.inputs)
      continue;
    for (const AdderGraph::Term &term : {graph.adders[node - graph.inputs].a, graph.adders[node - graph.inputs].b})
      lastUse[term.node] = std::max(lastUse[term.node], getStage(node));
  }
  for (const auto &output : graph.outputs)
    if (output)
      lastUse[output->node] = std::max(lastUse[output->node], lastStage);
}

/// `count` bits of a node from bit `drop` on, its sign (or zero) repeated above.
std::string VerilogPrinter::getBitsOf(int64_t node, int64_t stage, int64_t count, int64_t drop) {
  std::string text = getName(node);
  if (stage > getStage(node))
    text += "_" + std::to_string(stage);
  auto [own, isSigned] = getWidth(node);
  std::string sign = isSigned ? text + "[" + std::to_string(own - 1) + "]" : "1'b0";
  int64_t there = std::min(count, own - drop);
  if (there <= 0)
    return "{" + std::to_string(count) + "{" + sign + "}}";
  std::string part = text + "[" + std::to_string(drop + there - 1) + ":" + std::to_string(drop) + "]";
  return there == count ? part : "{{" + std::to_string(count - there) + "{" + sign + "}}, " + part + "}";
}

/// `count` bits of a term's magnitude.
std::string VerilogPrinter::use(const AdderGraph::Term &term, int64_t stage, int64_t count) {
  if (term.shift == 0)
    return getBitsOf(term.node, stage, count, 0);
  if (count <= term.shift)
    return std::to_string(count) + "'b0";
  return "{" + getBitsOf(term.node, stage, count - term.shift, 0) + ", " + std::to_string(term.shift) + "'b0}";
}

/// The sum of two terms: low bits that only one of them has pass by the adder.
void VerilogPrinter::printAdder(const std::string &name, int64_t count, AdderGraph::Term a, AdderGraph::Term b,
                                int64_t stage) {
  if (a.isNegative && !b.isNegative)
    std::swap(a, b);
  if (a.isNegative) {
    os << "  assign " << name << " = -" << use(a, stage, count) << " - " << use(b, stage, count) << ";\n";
    return;
  }
  if (a.shift > 0 && !b.isNegative)
    std::swap(a, b);
  StringRef sign = b.isNegative ? " - " : " + ";
  int64_t low = b.shift;
  if (a.shift > 0 || low == 0 || low >= count) {
    os << "  assign " << name << " = " << use(a, stage, count) << sign << use(b, stage, count) << ";\n";
    return;
  }
  os << "  assign " << name << "[" << low - 1 << ":0] = " << getBitsOf(a.node, stage, low, 0) << ";\n"
     << "  assign " << name << "[" << count - 1 << ":" << low << "] = " << getBitsOf(a.node, stage, count - low, low)
     << sign << getBitsOf(b.node, stage, count - low, 0) << ";\n";
}

/// The node's wire, and its registers for later stages.
void VerilogPrinter::printNode(int64_t node) {
  int64_t bits = getWidth(node).first, stage = getStage(node);
  std::string type = "[" + std::to_string(bits - 1) + ":0] ", name = getName(node);
  os << "  wire " << type << name << ";\n";
  if (node < graph.inputs) {
    int64_t low = node * inputBits;
    os << "  assign " << name << " = x[" << low + bits - 1 << ":" << low << "];\n";
  } else {
    const AdderGraph::Adder &adder = graph.adders[node - graph.inputs];
    printAdder(name, bits, adder.a, adder.b, stage);
  }
  for (int64_t later = stage + 1; later <= lastUse[node]; ++later) {
    os << "  reg " << type << name << "_" << later << ";\n"
       << "  always @(posedge clock) " << name << "_" << later << " <= " << name;
    if (later > stage + 1)
      os << "_" << later - 1;
    os << ";\n";
  }
}

void VerilogPrinter::print(const std::string &name) {
  os << "// Made by Sumac: " << graph.adders.size() << " additions, at most " << graph.getDepth() << " in a row; "
     << lastStage << " registers on every path.\n"
     << "module " << name << "(\n";
  if (addersPerStage != 0)
    os << "  input clock,\n";
  os << "  input [" << graph.inputs * inputBits - 1 << ":0] x,\n"
     << "  output [" << static_cast<int64_t>(graph.outputs.size()) * outputBits - 1 << ":0] y);\n";
  for (int64_t node = 0; node < static_cast<int64_t>(depths.size()); ++node)
    printNode(node);
  for (auto [n, output] : llvm::enumerate(graph.outputs)) {
    auto low = static_cast<int64_t>(n) * outputBits;
    os << "  assign y[" << low + outputBits - 1 << ":" << low << "] = ";
    if (output)
      os << (output->isNegative ? "-" : "") << use(*output, lastStage, outputBits);
    else
      os << "0";
    os << ";\n";
  }
  os << "endmodule\n";
}

void VerilogPrinter::printTest(const std::string &name, CodingAttrInterface weights, IntegerRange input) {
  constexpr int kVectors = 32;
  auto outputs = static_cast<int64_t>(graph.outputs.size());
  std::vector<int64_t> matrix(outputs * graph.inputs);
  weights.decodeIntegers(0, matrix);
  std::mt19937_64 random(1);
  std::vector<std::vector<int64_t>> vectors;
  for (int v = 0; v < kVectors; ++v) {
    std::vector<int64_t> &x = vectors.emplace_back();
    for (int64_t k = 0; k < graph.inputs; ++k)
      x.push_back(input.min + static_cast<int64_t>(random() % (static_cast<uint64_t>(input.max - input.min) + 1)));
    for (int64_t n = 0; n < outputs; ++n) {
      uint64_t sum = 0;
      for (int64_t k = 0; k < graph.inputs; ++k)
        sum += static_cast<uint64_t>(matrix[n * graph.inputs + k]) * static_cast<uint64_t>(x[k]);
      x.push_back(static_cast<int64_t>(sum));
    }
  }
  VerilogTest test;
  test.name = name;
  test.inputs = {{"x", graph.inputs, inputBits}};
  test.outputs = {{"y", outputs, outputBits}};
  test.hasClock = addersPerStage != 0;
  test.registers = lastStage;
  test.print(os, vectors);
}

void hls::printVerilogTest(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage) {
  VerilogPrinter(os, linear, addersPerStage)
      .printTest(name, stream::getWeights(linear), *getTypeRange(linear.getInput().getType()));
}

void hls::printVerilog(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage) {
  VerilogPrinter(os, linear, addersPerStage).print(name);
}

int64_t hls::getRegisters(LinearOp linear, int64_t addersPerStage) {
  llvm::raw_null_ostream nowhere;
  return VerilogPrinter(nowhere, linear, addersPerStage).getRegisters();
}
