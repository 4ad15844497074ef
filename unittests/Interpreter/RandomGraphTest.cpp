//===- RandomGraphTest.cpp - Enclosures against the definition ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random nets, computed fast and by the definition: the results must be equal.
// Constants are taken from few small values, so that ties and equal elements
// are frequent.
//
//===----------------------------------------------------------------------===//

#include "TestModule.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace sumac;

namespace {
/// Writes a random function on tensors of ?x`width`.
class RandomNet {
public:
  explicit RandomNet(unsigned seed) : random(seed), width(1 + pick(5)) {}
  std::string write();
  HostTensor makeInput(int64_t rows);

private:
  int64_t pick(int64_t count) { return std::uniform_int_distribution<int64_t>(0, count - 1)(random); }
  std::string pickFrom(std::initializer_list<const char *> texts) { return texts.begin()[pick(texts.size())]; }
  std::string real(int64_t columns) { return "tensor<?x" + std::to_string(columns) + "x!sumac.real>"; }
  std::string name() { return "%v" + std::to_string(next++); }
  std::string scale() {
    return pickFrom({"1", "1/2", "1/4", "3", "1/3", "0.1", "2/7", "sqrt(2)", "1/2*sqrt(3)", "0x1.99999ap-4"});
  }
  std::string number() {
    return pickFrom({"0.0", "1.0", "-1.0", "0.5", "-0.25", "2.0", "3.0", "-1.5", "0.1", "-0.3", "7.0", "1.0e-3"});
  }
  std::string positive() { return pickFrom({"1.0", "2.0", "0.25", "3.0", "0.5", "4.0", "1.0e-5", "7.75"}); }
  /// dense<[..]> of float32 in parts of `width`.
  std::string floats(int64_t count, bool onlyPositive = false);
  std::string constant(const std::string &shape, const std::string &values);
  std::string grid();
  void addQuantize();
  void addLinear();
  void addBatchNorm();
  void addActivation();
  void addBinary();
  void addMultiThreshold();
  void addConcat();
  void addLayer();

  std::mt19937 random;
  int64_t width;
  unsigned next = 0;
  std::string text, value, storage;
};
} // namespace

std::string RandomNet::floats(int64_t count, bool onlyPositive) {
  std::string list = "[";
  for (int64_t i = 0; i < count; ++i)
    list += (i ? ", " : "") + (onlyPositive ? positive() : number());
  return list + "]";
}

std::string RandomNet::constant(const std::string &shape, const std::string &values) {
  std::string result = name();
  text += "  " + result + " = sumac.constant #sumac.dense<dense<" + values + "> : tensor<" + shape + "xf32>> -> tensor<" +
          shape + "x!sumac.real>\n";
  return result;
}

std::string RandomNet::grid() {
  storage = pickFrom({"ui2", "ui4", "si4", "ui8", "si8"});
  std::string result = "<" + storage;
  bool isSigned = storage[0] == 's';
  bool perChannel = pick(3) == 0;
  result += ", scale = <[\"" + scale() + "\"";
  for (int64_t i = 1; perChannel && i < width; ++i)
    result += ", \"" + scale() + "\"";
  result += "]>, zero_point = <[\"" + (isSigned ? pickFrom({"0", "0", "-1"}) : pickFrom({"0", "1", "2"})) + "\"]>";
  if (perChannel)
    result += ", shape = [" + std::to_string(width) + "], block = [1]";
  return result + ">";
}

void RandomNet::addQuantize() {
  std::string result = name();
  std::string mode = pickFrom({"half_even", "half_up", "half_down", "floor", "ceil", "up", "down"});
  text += "  " + result + " = sumac.quantize " + value + ", ";
  text += pick(8) == 0 ? "<si2, bipolar, scale = <[\"" + scale() + "\"]>>" : grid();
  text += ", " + mode + (pick(3) == 0 ? " zero_point_first" : "") + " : " + real(width) + "\n";
  value = result;
}

void RandomNet::addLinear() {
  int64_t columns = 1 + pick(5);
  std::string rows = "[";
  for (int64_t n = 0; n < columns; ++n)
    rows += (n ? ", " : "") + floats(width);
  std::string shape = std::to_string(columns) + "x" + std::to_string(width);
  std::string weights = constant(shape, rows + "]");
  if (pick(2)) {
    // Quantized per output channel, with scales that need not be dyadic.
    std::string quantized = name();
    std::string scales;
    for (int64_t n = 0; n < columns; ++n)
      scales += std::string(n ? ", " : "") + "\"" + scale() + "\"";
    text += "  " + quantized + " = sumac.quantize " + weights + ", <si4, scale = <[" + scales + "]>, shape = [" +
            std::to_string(columns) + ", 1], block = [1, 0]>, half_even : tensor<" + shape + "x!sumac.real>\n";
    weights = quantized;
  }
  std::string bias = pick(2) ? constant(std::to_string(columns), floats(columns)) : "";
  std::string result = name();
  text += "  " + result + " = sumac.linear " + value + ", " + weights + (bias.empty() ? "" : " bias(" + bias + ")") +
          " : (" + real(width) + ", tensor<" + shape + "x!sumac.real>" +
          (bias.empty() ? "" : ", tensor<" + std::to_string(columns) + "x!sumac.real>") + ") -> " + real(columns) + "\n";
  value = result;
  width = columns;
}

void RandomNet::addBatchNorm() {
  std::string result = name();
  std::string type = "> : tensor<" + std::to_string(width) + "xf32>)";
  text += "  " + result + " = sumac.batch_norm " + value + ", scale(dense<" + floats(width) + type + " offset(dense<" +
          floats(width) + type + " mean(dense<" + floats(width) + type + " variance(dense<" + floats(width, true) + type +
          " epsilon <[\"" + pickFrom({"0", "1/4", "0x1.4f8b58p-17"}) + "\"]> : " + real(width) + "\n";
  value = result;
}

void RandomNet::addActivation() {
  std::string result = name();
  text += "  " + result + " = sumac." +
          pickFrom({"relu $", "relu $", "leaky_relu $ alpha <[\"0.01\"]>", "leaky_relu $ alpha <[\"-1/4\"]>",
                    "clip $ min <[\"-1\"]> max <[\"3/2\"]>", "clip $ max <[\"sqrt(2)\"]>",
                    "clip $ min <[\"0\"]>", "sigmoid $", "tanh $", "softmax $ axis 1", "power $ exponent <[\"2\"]>",
                    "power $ exponent <[\"3\"]>"}) +
          " : " + real(width) + "\n";
  text.replace(text.rfind('$'), 1, value);
  value = result;
}

void RandomNet::addBinary() {
  std::string op = pickFrom({"add", "sub", "mul", "div"});
  std::string shape = pick(2) ? std::to_string(width) : "1";
  std::string other = constant(shape, floats(shape == "1" ? 1 : width, /*onlyPositive=*/op == "div"));
  std::string otherType = "tensor<" + shape + "x!sumac.real>", result = name();
  if (op != "div" && pick(3) == 0) {
    other = value;
    otherType = real(width);
  }
  text += "  " + result + " = sumac." + op + " " + value + ", " + other + " : " + real(width) + ", " + otherType + "\n";
  value = result;
}

void RandomNet::addMultiThreshold() {
  std::string result = name();
  std::string rows = floats(3);
  int64_t channels = pick(2) ? width : 1;
  for (int64_t c = 1; c < channels; ++c)
    rows += ", " + floats(3);
  text += "  " + result + " = sumac.multi_threshold " + value + ", dense<[" + rows + "]> : tensor<" +
          std::to_string(channels) + "x3xf32> scale <[\"" + scale() + "\"]> offset <[\"" + pickFrom({"0", "-1", "1/3"}) +
          "\"]> : " + real(width) + "\n";
  value = result;
}

void RandomNet::addConcat() {
  std::string result = name(), left = value;
  addActivation();
  text += "  " + result + " = tensor.concat dim(1) " + left + ", " + value + " : (" + real(width) + ", " + real(width) +
          ") -> " + real(2 * width) + "\n";
  value = result;
  width *= 2;
}

void RandomNet::addLayer() {
  switch (pick(12)) {
  case 0:
  case 1:
  case 2:
    return addQuantize();
  case 3:
  case 4:
    return addLinear();
  case 5:
  case 6:
    return addBatchNorm();
  case 7:
    return addActivation();
  case 8:
  case 9:
    return addBinary();
  case 10:
    return addMultiThreshold();
  default:
    return width <= 4 ? addConcat() : addQuantize();
  }
}

std::string RandomNet::write() {
  std::string inputType = "tensor<?x" + std::to_string(width) + "xf32>";
  value = name();
  text = "  " + value + " = sumac.from_float %x : " + inputType + " -> " + real(width) + "\n";
  for (int64_t i = 0, layers = 1 + pick(7); i < layers; ++i)
    addLayer();
  std::string columns = std::to_string(width);
  std::string floats = "tensor<?x" + columns + "x" + pickFrom({"f32", "f32", "f16", "bf16", "f64"}) + ">";
  text += "  %f = sumac.to_float " + value + " : " + real(width) + " -> " + floats + "\n";
  text += "  %i = sumac.argmax " + value + " axis 1 : " + real(width) + " -> tensor<?xui8>\n";
  text += "  %c = sumac.encode " + value + ", " + grid() + ", half_even : " + real(width) + " -> ";
  std::string codes = "tensor<?x" + columns + "x" + storage + ">";
  text += codes + "\n";
  return "func.func @main(%x: " + inputType + ") -> (" + floats + ", tensor<?xui8>, " + codes +
         ") {\n" + text + "  return %f, %i, %c : " + floats + ", tensor<?xui8>, " + codes + "\n}\n";
}

HostTensor RandomNet::makeInput(int64_t rows) {
  std::vector<float> values;
  for (int64_t i = 0; i < rows * width; ++i) {
    float dyadic = static_cast<float>(pick(65) - 32) / 8;
    values.push_back(pick(4) ? dyadic : std::normal_distribution<float>(0, 2)(random));
  }
  return makeFloats({rows, width}, values);
}

TEST(RandomGraph, FastEqualsDefinition) {
  unsigned count = 400, refused = 0;
  if (const char *text = std::getenv("SUMAC_RANDOM_GRAPHS"))
    count = std::atoi(text);
  for (unsigned seed = 0; seed < count; ++seed) {
    RandomNet net(seed);
    HostTensor input = net.makeInput(6);
    std::string text = net.write();
    TestModule module(text);
    ASSERT_TRUE(module.getFunction()) << module.messages << text;
    InterpreterOptions definition;
    definition.fast = false;
    SmallVector<HostTensor> fastResults, results;
    LogicalResult fast = interpret(module.getFunction(), input, fastResults);
    LogicalResult defined = interpret(module.getFunction(), input, results, definition);
    // Numbers that the definition cannot tell from a boundary, as in
    // sigmoid(x) + sigmoid(-x) = 1, may be clear to an enclosure.
    ASSERT_TRUE(succeeded(fast) || failed(defined)) << module.messages << "seed " << seed << "\n" << text;
    refused += failed(defined);
    if (failed(defined))
      continue;
    for (auto [i, result] : llvm::enumerate(fastResults))
      ASSERT_EQ(result, results[i]) << "result " << i << " of seed " << seed << "\n" << text;
  }
  EXPECT_LT(refused, count / 20);
}
