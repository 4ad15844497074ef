//===- LinearKernelTest.cpp - Kernels against direct evaluation -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every kernel on random layers, for each instruction set that this machine
// runs, compared with the sum of products written down plainly.
// SUMAC_KERNEL_LAYERS sets the number of layers for each instruction set,
// SUMAC_KERNEL_SEED the seed.
//
//===----------------------------------------------------------------------===//

#include "KernelHarness.h"

#include "gtest/gtest.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <deque>
#include <map>

using namespace sumac;
using namespace sumac::test;

namespace {

int64_t getSetting(const char *name, int64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

template <typename T>
T choose(std::initializer_list<T> values, std::mt19937 &random) {
  return *(values.begin() + random() % values.size());
}

LayerShape makeShape(std::mt19937 &random) {
  LayerShape shape;
  shape.rows = choose<int64_t>({1, 1, 1, 2, 3, 4, 5, 7, 8, 13}, random);
  shape.inputs = choose<int64_t>({1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 63, 64, 65, 97, 100, 128, 191, 257, 784}, random);
  shape.outputs = choose<int64_t>({1, 2, 5, 10, 15, 16, 17, 31, 33, 48, 64, 65, 83, 100, 127, 130, 200}, random);
  shape.activationBits = 1 + random() % 8;
  shape.signedActivation = random() % 2;
  shape.weightBits = 1 + random() % 8;
  shape.signedWeights = random() % 3 != 0;
  shape.bipolarWeights = random() % 12 == 0;
  shape.bipolarActivation = random() % 12 == 0;
  shape.extreme = random() % 4 == 0;
  // Low bits by low bits are where popcount kernels are.
  if (random() % 3 == 0) {
    shape.activationBits = 1 + random() % 4;
    shape.weightBits = 1 + random() % 4;
  }
  if (random() % 10 == 0)
    shape.activationBits = 9 + random() % 8;
  if (random() % 20 == 0)
    shape.weightBits = 9 + random() % 8;
  return shape;
}

/// A processor, the features of this machine that running its code takes, and
/// the kernels to try: not those that a smaller processor's run covers.
struct Processor {
  const char *cpu;
  std::vector<llvm::StringRef> features;
  std::vector<llvm::StringRef> kernels;

  bool tries(llvm::StringRef kernel) const {
    return llvm::any_of(kernels, [&](llvm::StringRef prefix) { return kernel.starts_with(prefix); });
  }
};

/// Runs `count` random layers through the kernels of one processor.
void runLayers(const Processor &processor, int64_t count) {
  auto target = CPUTarget::create("", processor.cpu, "");
  ASSERT_TRUE(bool(target)) << llvm::toString(target.takeError());
  std::mt19937 random(getSetting("SUMAC_KERNEL_SEED", 1));
  std::map<std::string, int> runs;
  constexpr int64_t perModule = 20;
  for (int64_t first = 0; first < count; first += perModule) {
    auto context = createContext();
    KernelModule module(*context, *target);
    std::deque<TestLayer> layers;
    std::vector<std::tuple<int, const LinearKernel *, const TestLayer *, std::string>> work;
    for (int64_t i = first; i < std::min(first + perModule, count); ++i) {
      LayerShape shape = makeShape(random);
      const TestLayer &layer = layers.emplace_back(makeLayer(*context, shape, random));
      for (const std::unique_ptr<LinearKernel> &kernel : LinearKernelRegistry::get().getKernels())
        if (processor.tries(kernel->getName()) && kernel->supports(layer.layer, *target)) {
          EXPECT_GT(kernel->getCycles(layer.layer, *target), 0);
          work.emplace_back(module.add(*kernel, layer), kernel.get(), &layer, describe(shape));
        }
    }
    llvm::Error error = module.compile();
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    for (auto &[id, kernel, layer, text] : work) {
      module.prepare(id);
      module.call();
      EXPECT_EQ(module.getResults(), layer->evaluate()) << kernel->getName().str() << ": " << text;
      ++runs[kernel->getName().str()];
    }
  }
  for (auto &[name, number] : runs)
    llvm::outs() << "  " << name << ": " << number << " layers\n";
}

class LinearKernelTest : public ::testing::TestWithParam<Processor> {};

TEST_P(LinearKernelTest, EqualsDirectEvaluation) {
  auto host = CPUTarget::create("", "native", "");
  ASSERT_TRUE(bool(host)) << llvm::toString(host.takeError());
  for (llvm::StringRef feature : GetParam().features)
    if (!host->hasFeature(feature))
      GTEST_SKIP() << "this processor has no " << feature.str();
  runLayers(GetParam(), getSetting("SUMAC_KERNEL_LAYERS", 40));
}

INSTANTIATE_TEST_SUITE_P(Processors, LinearKernelTest,
                         ::testing::Values(Processor{"native", {}, {"vnni", "popcount", "madd"}},
                                           Processor{"x86-64-v4", {"avx512bw", "avx512vl"}, {"avx512", "popcount"}},
                                           Processor{"x86-64-v3", {"avx2"}, {"avx2", "popcount", "madd"}},
                                           Processor{"x86-64-v2", {"sse4.2"}, {"popcount"}},
                                           Processor{"alderlake", {"avxvnni"}, {"avxvnni"}}),
                         [](const ::testing::TestParamInfo<Processor> &info) {
                           std::string name = info.param.cpu;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
