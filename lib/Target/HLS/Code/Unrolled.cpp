//===- Unrolled.cpp - Layers as adder graphs, in C++ and Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Unrolled.h"

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Analysis/AdderGraphRanges.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <random>

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;

static IntegerType getElementType(Value value) { return cast<IntegerType>(getElementTypeOrSelf(value)); }

//===----------------------------------------------------------------------===//
// C++
//===----------------------------------------------------------------------===//

void hls::printAdderGraph(CodeWriter &code, const std::string &name, LinearOp linear) {
  std::shared_ptr<const AdderGraph> shared = getAdderGraph(stream::getWeights(linear));
  const AdderGraph &graph = *shared;
  std::vector<IntegerRange> ranges = getNodeRanges(graph, *getTypeRange(linear.getInput().getType()));
  IntegerType sum = getElementType(linear.getResult());
  auto getNode = [&](int64_t node) {
    return node < graph.inputs ? "x[" + std::to_string(node) + "]" : "n" + std::to_string(node - graph.inputs);
  };
  // A shifted term needs room for its shift.
  auto getTerm = [&](const AdderGraph::Term &term, int64_t bits) {
    std::string text = getNode(term.node);
    return term.shift == 0 ? text : "(" + getType(true, bits + 1) + "(" + text + ") << " + std::to_string(term.shift) + ")";
  };
  code.line("// " + Twine(graph.adders.size()) + " additions, at most " + Twine(graph.getDepth()) + " in a row.");
  code.open("static void " + name + "_sums(const " + getType(getElementType(linear.getInput())) + " (&x)[" +
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

private:
  int64_t getStage(int64_t node) const {
    int64_t depth = depths[node];
    return addersPerStage == 0 || depth == 0 ? 0 : (depth - 1) / addersPerStage;
  }
  std::string use(const AdderGraph::Term &term, int64_t stage);
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
      isInputSigned(getElementType(linear.getInput()).isSigned()) {
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

/// The term at a stage, as a signed expression.
std::string VerilogPrinter::use(const AdderGraph::Term &term, int64_t stage) {
  std::string text = getName(term.node);
  if (stage > getStage(term.node))
    text += "_" + std::to_string(stage);
  return term.shift == 0 ? text : "(" + text + " <<< " + std::to_string(term.shift) + ")";
}

/// The node's wire, and its registers for later stages.
void VerilogPrinter::printNode(int64_t node) {
  const IntegerRange &range = ranges[node];
  int64_t bits = getBits(range) + (range.min < 0 ? 0 : 1), stage = getStage(node);
  std::string type = "signed [" + std::to_string(bits - 1) + ":0] ", name = getName(node);
  os << "  wire " << type << name << " = ";
  if (node < graph.inputs) {
    int64_t low = node * inputBits;
    if (!isInputSigned)
      os << "{1'b0, x[" << low + inputBits - 1 << ":" << low << "]}";
    else
      os << "x[" << low + inputBits - 1 << ":" << low << "]";
  } else {
    const AdderGraph::Adder &adder = graph.adders[node - graph.inputs];
    std::string a = use(adder.a, stage), b = use(adder.b, stage);
    if (adder.a.isNegative && adder.b.isNegative)
      os << "-" << a << " - " << b;
    else if (adder.a.isNegative)
      os << b << " - " << a;
    else
      os << a << (adder.b.isNegative ? " - " : " + ") << b;
  }
  os << ";\n";
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
    os << "  wire signed [" << outputBits - 1 << ":0] y" << n << " = ";
    if (output)
      os << (output->isNegative ? "-" : "") << use(*output, lastStage);
    else
      os << "0";
    os << ";\n  assign y[" << low + outputBits - 1 << ":" << low << "] = y" << n << ";\n";
  }
  os << "endmodule\n";
}

/// Elements of `bits` bits each as one hexadecimal constant, the first lowest.
static void printHex(llvm::raw_ostream &os, ArrayRef<int64_t> elements, int64_t bits) {
  int64_t width = static_cast<int64_t>(elements.size()) * bits;
  os << width << "'h";
  for (int64_t digit = static_cast<int64_t>(llvm::divideCeil(width, 4)); digit-- > 0;) {
    unsigned value = 0;
    for (int64_t bit = digit * 4; bit < std::min(width, digit * 4 + 4); ++bit)
      value |= ((static_cast<uint64_t>(elements[bit / bits]) >> (bit % bits)) & 1) << (bit - digit * 4);
    os << llvm::hexdigit(value, /*LowerCase=*/true);
  }
}

void VerilogPrinter::printTest(const std::string &name, CodingAttrInterface weights, IntegerRange input) {
  constexpr int kVectors = 32;
  auto outputs = static_cast<int64_t>(graph.outputs.size());
  std::vector<int64_t> matrix(outputs * graph.inputs);
  weights.decodeIntegers(0, matrix);
  std::mt19937_64 random(1);
  os << "// Made by Sumac: random inputs, and the products of the weights with them.\n"
     << "module " << name << "_test;\n"
     << "  reg clock = 0;\n"
     << "  reg [" << graph.inputs * inputBits - 1 << ":0] x;\n"
     << "  wire [" << outputs * outputBits - 1 << ":0] y;\n"
     << "  integer differing = 0;\n"
     << "  " << name << " dut(" << (addersPerStage == 0 ? "" : ".clock(clock), ") << ".x(x), .y(y));\n"
     << "  always #1 clock = ~clock;\n"
     << "  task check(input [" << graph.inputs * inputBits - 1 << ":0] in, input [" << outputs * outputBits - 1
     << ":0] expected);\n"
     << "    begin\n"
     << "      @(negedge clock) x = in;\n"
     << "      repeat (" << lastStage + 1 << ") @(negedge clock);\n"
     << "      if (y !== expected) differing = differing + 1;\n"
     << "    end\n"
     << "  endtask\n"
     << "  initial begin\n";
  for (int v = 0; v < kVectors; ++v) {
    std::vector<int64_t> x, y(outputs, 0);
    for (int64_t k = 0; k < graph.inputs; ++k)
      x.push_back(input.min + static_cast<int64_t>(random() % (static_cast<uint64_t>(input.max - input.min) + 1)));
    for (int64_t n = 0; n < outputs; ++n)
      for (int64_t k = 0; k < graph.inputs; ++k)
        y[n] += matrix[n * graph.inputs + k] * x[k];
    os << "    check(";
    printHex(os, x, inputBits);
    os << ", ";
    printHex(os, y, outputBits);
    os << ");\n";
  }
  os << "    $display(\"%0d of " << kVectors << " vectors differ\", differing);\n"
     << "    $finish;\n"
     << "  end\n"
     << "endmodule\n";
}

void hls::printVerilogTest(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage) {
  VerilogPrinter(os, linear, addersPerStage)
      .printTest(name, stream::getWeights(linear), *getTypeRange(linear.getInput().getType()));
}

void hls::printVerilog(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage) {
  VerilogPrinter(os, linear, addersPerStage).print(name);
}
