//===- KernelBench.cpp - Time linear kernels --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints measured and estimated cycles of every kernel on one layer: what the
// cost estimates are calibrated with. Cycles are those of a chain of dependent
// additions, so that the clock's frequency does not matter.
//
//   SumacKernelBench CPU ROWS INPUTS OUTPUTS WEIGHT_BITS ACTIVATION_BITS [KERNEL [OBJECT]]
//
//===----------------------------------------------------------------------===//

#include "KernelHarness.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cstdlib>

using namespace sumac;
using namespace sumac::test;

static double now() {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Nanoseconds of one cycle.
static double measureCycle() {
  double best = 1e9;
  for (int i = 0; i < 50; ++i) {
    double start = now();
    uint64_t x = i;
    for (int j = 0; j < 20000; ++j)
      asm volatile("" : "+r"(x += 1));
    best = std::min(best, (now() - start) / 20000);
  }
  return best;
}

static double measure(KernelModule &module) {
  double start = now();
  module.call();
  double once = std::max(now() - start, 20.0);
  int64_t inner = std::max<int64_t>(1, 20000 / once);
  double best = 1e18;
  int64_t repeats = std::max<int64_t>(9, std::min<int64_t>(2000, 3e8 / (inner * once)));
  for (int64_t i = 0; i < repeats; ++i) {
    start = now();
    for (int64_t j = 0; j < inner; ++j)
      module.call();
    best = std::min(best, (now() - start) / inner);
  }
  return best;
}

int main(int argc, char **argv) {
  if (argc < 7) {
    llvm::errs() << "usage: " << argv[0]
                 << " CPU ROWS INPUTS OUTPUTS WEIGHT_BITS[:ZERO_PERCENT] ACTIVATION_BITS [KERNEL [OBJECT]]\n"
                    "negative bits are signed, 0 is bipolar\n";
    return 2;
  }
  auto target = CPUTarget::create("", argv[1], "");
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return 1;
  }
  int weightBits = std::atoi(argv[5]), activationBits = std::atoi(argv[6]);
  LayerShape shape{std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), unsigned(std::abs(activationBits)),
                   activationBits < 0, unsigned(std::max(1, std::abs(weightBits))), weightBits < 0,
                   weightBits == 0, activationBits == 0};
  shape.zeroPercent = std::atoi(llvm::StringRef(argv[5]).split(':').second.str().c_str());
  std::mt19937 random(1);
  auto context = createContext();
  TestLayer layer = makeLayer(*context, shape, random);
  double cycle = measureCycle();
  for (const std::unique_ptr<LinearKernel> &kernel : LinearKernelRegistry::get().getKernels()) {
    if ((argc > 7 && kernel->getName() != argv[7]) || !kernel->supports(layer.layer, *target))
      continue;
    KernelModule module(*context, *target);
    int id = module.add(*kernel, layer);
    if (llvm::Error error = module.compile(2)) {
      llvm::errs() << llvm::toString(std::move(error)) << "\n";
      return 1;
    }
    module.prepare(id);
    double cycles = measure(module) / cycle;
    double macs = double(shape.rows) * shape.inputs * shape.outputs;
    bool correct = module.getResults() == layer.evaluate();
    llvm::outs() << llvm::left_justify(kernel->getName(), 14)
                 << llvm::format("%10.0f cycles, estimated %10.0f, %6.1f MAC/cycle, %8.3f us%s\n", cycles,
                                 kernel->getCycles(layer.layer, *target), macs / cycles, cycles * cycle / 1000,
                                 correct ? "" : "  WRONG");
    if (argc > 8)
      module.dumpObject(argv[8]);
  }
  return 0;
}
