//===- SpeedTest.cpp - Rows per second ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not a test: prints how fast a quantized 784-300-100-10 net with batch norm
// runs at model level. SumacInterpreterTests --gtest_also_run_disabled_tests
// --gtest_filter=*Speed*
//
//===----------------------------------------------------------------------===//

#include "TestModule.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

#include <chrono>
#include <map>
#include <random>
#include <sstream>

using namespace mlir;
using namespace sumac;

namespace {
class Net {
public:
  std::string write();

private:
  std::string floats(ArrayRef<int64_t> shape, float low, float high);
  std::string add(const std::string &op, int64_t columns);
  void addLayer(int64_t inputs, int64_t outputs, bool isLast);

  std::mt19937 random{1};
  std::string text, value = "%r";
  unsigned next = 0;
};
} // namespace

std::string Net::floats(ArrayRef<int64_t> shape, float low, float high) {
  std::string bytes, type;
  std::uniform_real_distribution<float> values(low, high);
  for (int64_t size : shape)
    type += std::to_string(size) + "x";
  for (int64_t i = 0, count = *getNumElements(shape); i < count; ++i) {
    float value = values(random);
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(value));
  }
  return "dense<\"0x" + llvm::toHex(bytes) + "\"> : tensor<" + type + "f32>";
}

std::string Net::add(const std::string &op, int64_t columns) {
  std::string result = "%v" + std::to_string(next++);
  text += "  " + result + " = sumac." + op + " : tensor<?x" + std::to_string(columns) + "x!sumac.real>\n";
  return result;
}

void Net::addLayer(int64_t inputs, int64_t outputs, bool isLast) {
  std::string type = "tensor<" + std::to_string(outputs) + "x" + std::to_string(inputs) + "x!sumac.real>";
  std::string weights = "%w" + std::to_string(next), quantized = "%q" + std::to_string(next), out = std::to_string(outputs);
  std::string scales, sum = "%s" + std::to_string(next);
  for (int64_t n = 0; n < outputs; ++n)
    scales += (n ? ", \"" : "\"") + std::to_string(0.01 + 0.0001 * n) + "\"";
  text += "  " + weights + " = sumac.constant #sumac.dense<" + floats({outputs, inputs}, -0.08f, 0.08f) + "> -> " + type + "\n";
  text += "  " + quantized + " = sumac.quantize " + weights + ", <si4, min = -7, scale = <[" + scales + "]>, shape = [" + out +
          ", 1], block = [1, 0]>, half_even : " + type + "\n";
  text += "  " + sum + " = sumac.linear " + value + ", " + quantized + " : (tensor<?x" + std::to_string(inputs) +
          "x!sumac.real>, " + type + ") -> tensor<?x" + out + "x!sumac.real>\n";
  value = sum;
  if (isLast)
    return;
  value = add("batch_norm " + value + ", scale(" + floats({outputs}, 0.5f, 2) + ") offset(" + floats({outputs}, -1, 1) +
                  ") mean(" + floats({outputs}, -1, 1) + ") variance(" + floats({outputs}, 0.5f, 2) +
                  ") epsilon <[\"0x1.4f8b58p-17\"]>", outputs);
  value = add("relu " + value, outputs);
  value = add("quantize " + value + ", <ui8, scale = <[\"0x1.47ae14p-6\"]>>, half_even", outputs);
}

std::string Net::write() {
  text = "func.func @main(%x: tensor<?x784xf32>) -> tensor<?x10xf32> {\n"
         "  %r = sumac.from_float %x : tensor<?x784xf32> -> tensor<?x784x!sumac.real>\n";
  value = add("quantize %r, <ui8, scale = <[\"0x1.010102p-8\"]>>, half_even", 784);
  addLayer(784, 300, false);
  addLayer(300, 100, false);
  addLayer(100, 10, true);
  return text + "  %y = sumac.to_float " + value + " : tensor<?x10x!sumac.real> -> tensor<?x10xf32>\n"
                "  return %y : tensor<?x10xf32>\n}\n";
}

static void measure(const std::string &text) {
  TestModule module(text);
  ASSERT_TRUE(module.getFunction()) << module.messages.substr(0, 1000);
  int64_t kRows = 10000;
  if (const char *rows = std::getenv("SUMAC_SPEED_ROWS"))
    kRows = std::atoi(rows);
  std::vector<float> pixels(kRows * 784);
  std::mt19937 random(2);
  for (float &pixel : pixels)
    pixel = static_cast<float>(random() % 256) / 255.0f;
  HostTensor input = makeFloats({kRows, 784}, pixels);
  auto seconds = [start = std::chrono::steady_clock::now()] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  FailureOr<std::unique_ptr<Interpreter>> interpreter = Interpreter::create(module.getFunction());
  ASSERT_TRUE(succeeded(interpreter)) << module.messages;
  double prepared = seconds();
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded((*interpreter)->run(input, results))) << module.messages;
  llvm::outs() << "prepared in " << prepared << " s, " << kRows / (seconds() - prepared) << " rows/s\n";
}

/// Without quantizers.
TEST(Speed, DISABLED_LeNetOfFloats) {
  std::istringstream lines(Net().write());
  std::string text, result, input;
  std::map<std::string, std::string> names;
  for (std::string line; std::getline(lines, line);) {
    size_t at = line.find("= sumac.quantize ");
    if (at == std::string::npos) {
      for (auto &[from, to] : names)
        for (size_t pos; (pos = line.find(from)) != std::string::npos && !isdigit(line[pos + from.size()]);)
          line.replace(pos, from.size(), to);
      text += line + "\n";
      continue;
    }
    std::string to = line.substr(at + 17, line.find(',') - at - 17);
    names[line.substr(2, at - 3)] = names.count(to) ? names[to] : to;
  }
  measure(text);
}

TEST(Speed, DISABLED_LeNet) { measure(Net().write()); }

/// The same with a declared batch of one.
TEST(Speed, DISABLED_LeNetRowByRow) {
  std::string text = Net().write();
  std::replace(text.begin(), text.end(), '?', '1');
  measure(text);
}
