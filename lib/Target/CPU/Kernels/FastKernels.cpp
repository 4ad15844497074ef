//===- FastKernels.cpp - Kernels for particular processors ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of linear kernels that use a processor's own instructions.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include <algorithm>

using namespace sumac;

void sumac::addFastLinearKernels(LinearKernelRegistry &registry) {
  addDotKernels(registry);
  addPopcountKernels(registry);
  addMaddKernels(registry);
  addExpandKernel(registry);
  addSparseKernels(registry);
  addLookupKernels(registry);
  addAdderGraphKernel(registry);
}

double sumac::addMemoryCycles(double compute, int64_t bytes) {
  // Bytes per cycle, measured on Zen 4 (EPYC 9004): L1 64, L2 28 to 31, L3 20
  // to 26; DRAM is assumed.
  double rate = bytes <= (24 << 10)   ? 64
                : bytes <= (768 << 10) ? 31
                : bytes <= (10 << 20)  ? 26
                : bytes <= (24 << 20)  ? 20
                                       : 8;
  double memory = bytes / rate;
  // A fifth of the reading shows, so that of two kernels that compute equally
  // fast the one with fewer bits of weights wins.
  return std::max(compute + 0.2 * memory, memory);
}
