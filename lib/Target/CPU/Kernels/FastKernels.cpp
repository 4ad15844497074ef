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

using namespace sumac;

void sumac::addFastLinearKernels(LinearKernelRegistry &registry) {
  addDotKernels(registry);
  addPopcountKernels(registry);
  addMaddKernels(registry);
}

double sumac::getMemoryCycles(int64_t bytes) {
  // Bytes per cycle, measured on Zen 4 (EPYC 9004): L1 64, L2 31, L3 20; DRAM
  // is assumed.
  double rate = bytes <= (24 << 10) ? 64 : bytes <= (768 << 10) ? 31 : bytes <= (12 << 20) ? 20 : 8;
  return bytes / rate;
}
