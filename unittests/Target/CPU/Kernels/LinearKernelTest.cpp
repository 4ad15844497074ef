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
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
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
  // As codebooks and bases have them.
  if (random() % 5 == 0 && !shape.bipolarWeights) {
    shape.weightBits = 5 + random() % 12;
    shape.distinctWeights = 1 + random() % 17;
  }
  // As pruning leaves them.
  if (random() % 3 == 0 && !shape.bipolarWeights)
    shape.zeroPercent = choose<unsigned>({10, 50, 90, 99, 100}, random);
  if (random() % 4 == 0 && !shape.bipolarWeights && shape.distinctWeights == 0)
    shape.pool = choose<unsigned>({1, 5, 16, 32, 100, 256}, random);
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

/// Random layers and the functions that compute them.
struct Work {
  struct Item {
    int id;
    const LinearKernel *kernel;
    const TestLayer *layer;
    std::string text;
  };

  Work(const CPUTarget &target) : context(createContext()), target(target), module(*context, target) {}

  void add(const Processor &processor, std::mt19937 &random) {
    LayerShape shape = makeShape(random);
    const TestLayer &layer = layers.emplace_back(makeLayer(*context, shape, random));
    for (const std::unique_ptr<LinearKernel> &kernel : LinearKernelRegistry::get().getKernels())
      if (processor.tries(kernel->getName()) && kernel->supports(layer.layer, target)) {
        EXPECT_GT(kernel->getCycles(layer.layer, target), 0);
        items.push_back({module.add(*kernel, layer), kernel.get(), &layer, describe(shape)});
      }
  }

  /// Compares the outputs that the module holds for an item.
  void check(const Item &item) {
    EXPECT_EQ(module.getResults(), item.layer->evaluate()) << item.kernel->getName().str() << ": " << item.text;
    ++runs[item.kernel->getName().str()];
  }

  std::unique_ptr<mlir::MLIRContext> context;
  const CPUTarget &target;
  KernelModule module;
  std::deque<TestLayer> layers;
  std::vector<Item> items;
  static std::map<std::string, int> runs;
};

std::map<std::string, int> Work::runs;

void printRuns() {
  for (auto &[name, number] : Work::runs)
    llvm::outs() << "  " << name << ": " << number << " layers\n";
  llvm::outs().flush();
  Work::runs.clear();
}

/// Runs `count` random layers through the kernels of one processor.
void runLayers(const Processor &processor, int64_t count) {
  auto target = CPUTarget::create("", processor.cpu, "");
  ASSERT_TRUE(bool(target)) << llvm::toString(target.takeError());
  std::mt19937 random(getSetting("SUMAC_KERNEL_SEED", 1));
  constexpr int64_t perModule = 10;
  for (int64_t first = 0; first < count; first += perModule) {
    Work work(*target);
    for (int64_t i = first; i < std::min(first + perModule, count); ++i)
      work.add(processor, random);
    llvm::Error error = work.module.compile();
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    for (const Work::Item &item : work.items) {
      work.module.prepare(item.id);
      work.module.call();
      work.check(item);
    }
  }
  printRuns();
}

class LinearKernelTest : public ::testing::TestWithParam<Processor> {};

TEST_P(LinearKernelTest, EqualsDirectEvaluation) {
  auto host = CPUTarget::create("", "native", "");
  ASSERT_TRUE(bool(host)) << llvm::toString(host.takeError());
  for (llvm::StringRef feature : GetParam().features)
    if (!host->hasFeature(feature))
      GTEST_SKIP() << "this processor has no " << feature.str();
  runLayers(GetParam(), getSetting("SUMAC_KERNEL_LAYERS", 20));
}

INSTANTIATE_TEST_SUITE_P(Processors, LinearKernelTest,
                         ::testing::Values(Processor{"native", {}, {"vnni", "vbmi", "popcount", "madd", "lookup", "pooled", "cached"}},
                                           Processor{"x86-64-v4", {"avx512bw", "avx512vl"}, {"avx512", "popcount"}},
                                           Processor{"x86-64-v3", {"avx2"}, {"avx2", "popcount", "madd"}},
                                           Processor{"x86-64-v2", {"sse4.2"}, {"ssse3", "popcount"}},
                                           Processor{"x86-64", {}, {"csr", "bitmask", "lookup", "pooled", "cached", "adder"}},
                                           Processor{"alderlake", {"avxvnni"}, {"avxvnni"}}),
                         [](const ::testing::TestParamInfo<Processor> &info) {
                           std::string name = info.param.cpu;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// Calls kernel0, kernel1, ... on the buffers in a file, writes their outputs.
const char *const driver = R"(
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static char *make(int64_t bytes) { return aligned_alloc(64, (bytes + 127) / 64 * 64); }
typedef void Kernel(void *, void *, void *, void *);
KERNELS
int main(int argc, char **argv) {
  FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
  for (Kernel **kernel = kernels; *kernel; ++kernel) {
    int64_t sizes[4];
    if (fread(sizes, 8, 4, in) != 4) return 1;
    char *buffers[4];
    for (int i = 0; i < 4; ++i) buffers[i] = make(sizes[i]);
    for (int i = 0; i < 2; ++i)
      if (fread(buffers[i], 1, sizes[i], in) != (size_t)sizes[i]) return 1;
    (*kernel)(buffers[0], buffers[1], buffers[2], buffers[3]);
    fwrite(buffers[3], 1, sizes[3], out);
  }
  return fclose(out);
}
)";

void writeDriver(llvm::StringRef file, size_t kernels) {
  std::string text = driver, declarations, table = "Kernel *kernels[] = {";
  for (size_t i = 0; i < kernels; ++i) {
    declarations += "Kernel kernel" + std::to_string(i) + ";\n";
    table += "kernel" + std::to_string(i) + ", ";
  }
  text.replace(text.find("KERNELS"), 7, declarations + table + "0};");
  std::error_code error;
  llvm::raw_fd_ostream(file, error) << text;
}

/// Compiles for AArch64, runs in qemu and compares.
void runEmulated(Work &work, llvm::StringRef compiler, llvm::StringRef emulator) {
  llvm::SmallString<128> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("sumac-kernels", folder));
  auto path = [&](const char *name) { return (folder + "/" + name).str(); };
  llvm::Error error = work.module.emitObject(path("kernels.o"));
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  writeDriver(path("driver.c"), work.items.size());
  {
    std::error_code code;
    llvm::raw_fd_ostream buffers(path("in"), code);
    for (const Work::Item &item : work.items) {
      work.module.prepare(item.id);
      work.module.writeBuffers(buffers);
    }
  }
  ASSERT_EQ(llvm::sys::ExecuteAndWait(compiler, {compiler, "-O1", "-static", path("driver.c"), path("kernels.o"), "-o",
                                                  path("driver")}), 0);
  ASSERT_EQ(llvm::sys::ExecuteAndWait(emulator, {emulator, "-cpu", "max", path("driver"), path("in"), path("out")}), 0);
  auto output = llvm::MemoryBuffer::getFile(path("out"));
  ASSERT_TRUE(bool(output));
  llvm::StringRef bytes = (*output)->getBuffer();
  for (const Work::Item &item : work.items) {
    work.module.prepare(item.id);
    work.module.readOutput(bytes);
    work.check(item);
  }
  EXPECT_TRUE(bytes.empty());
  llvm::sys::fs::remove_directories(folder);
}

/// AArch64 code, run by qemu.
void runEmulatedLayers(const Processor &processor, int64_t count) {
  auto compiler = llvm::sys::findProgramByName("aarch64-linux-gnu-gcc");
  auto emulator = llvm::sys::findProgramByName("qemu-aarch64");
  if (!compiler || !emulator)
    GTEST_SKIP() << "needs aarch64-linux-gnu-gcc and qemu-aarch64";
  auto target = CPUTarget::create("aarch64-linux-gnu", processor.cpu, "");
  ASSERT_TRUE(bool(target)) << llvm::toString(target.takeError());
  std::mt19937 random(getSetting("SUMAC_KERNEL_SEED", 1));
  constexpr int64_t perModule = 20;
  for (int64_t first = 0; first < count; first += perModule) {
    Work work(*target);
    for (int64_t i = first; i < std::min(first + perModule, count); ++i)
      work.add(processor, random);
    runEmulated(work, *compiler, *emulator);
  }
  printRuns();
}

TEST(LinearKernelEmulatedTest, NeoverseN1) {
  runEmulatedLayers({"neoverse-n1", {}, {"dotprod", "popcount"}}, getSetting("SUMAC_KERNEL_LAYERS", 10));
}

TEST(LinearKernelEmulatedTest, CortexA53) {
  runEmulatedLayers({"cortex-a53", {}, {"popcount", "csr", "bitmask", "lookup", "pooled", "cached", "adder"}}, getSetting("SUMAC_KERNEL_LAYERS", 10));
}

} // namespace
