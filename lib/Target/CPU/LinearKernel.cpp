//===- LinearKernel.cpp - How the CPU computes a linear layer ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The registry of linear kernels.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/LinearKernel.h"

#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace sumac;

bool LinearLayer::fitsInt32() const {
  return llvm::all_of(accumulators, [](const IntegerRange &range) {
    return range.min >= std::numeric_limits<int32_t>::min() && range.max <= std::numeric_limits<int32_t>::max();
  });
}

/// As wide as the codes: kernels that want another format say so.
InputFormat LinearKernel::getInputFormat(const LinearLayer &layer, const CPUTarget &target) const {
  unsigned width = layer.activation.getWidth();
  return {width <= 8 ? 8u : width <= 16 ? 16u : width <= 32 ? 32u : 64u, 0};
}

const LinearKernelRegistry &LinearKernelRegistry::get() {
  static const LinearKernelRegistry registry = [] {
    LinearKernelRegistry result;
    addFastLinearKernels(result);
    addPortableLinearKernels(result);
    return result;
  }();
  return registry;
}

const LinearKernel *LinearKernelRegistry::lookup(llvm::StringRef name) const {
  for (const std::unique_ptr<LinearKernel> &kernel : kernels)
    if (kernel->getName() == name)
      return kernel.get();
  return nullptr;
}

const LinearKernel *LinearKernelRegistry::choose(const LinearLayer &layer, const CPUTarget &target,
                                                 llvm::StringRef form, llvm::StringRef storage) const {
  const LinearKernel *best = nullptr;
  double bestCycles = std::numeric_limits<double>::infinity();
  for (const std::unique_ptr<LinearKernel> &kernel : kernels) {
    if ((!form.empty() && kernel->getForm() != form) || (!storage.empty() && kernel->getStorage() != storage) ||
        !kernel->supports(layer, target))
      continue;
    double cycles = kernel->getCycles(layer, target);
    if (cycles < bestCycles) {
      best = kernel.get();
      bestCycles = cycles;
    }
  }
  return best;
}
