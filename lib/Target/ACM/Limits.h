//===- Limits.h - How long programs may run here -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A container of a few bytes can ask for years: its fields multiply. Programs that pass
// these limits are no models, and end with an error before they run. Limits are of one
// run of the program; how many rows there are is the user's own choice.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_ACM_LIMITS_H
#define SUMAC_LIB_TARGET_ACM_LIMITS_H

#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/FunctionalSimulator.h"

namespace sumac::acm {

/// Weight slots and bytes of DRAM in the functional simulator.
constexpr int64_t kMostWork = int64_t(1) << 40;
/// Cycles in the cycle simulator.
constexpr int64_t kMostCycles = int64_t(1) << 32;
/// Cycles in the RTL, which takes thousands of times as long for each.
constexpr int64_t kMostRTLCycles = int64_t(1) << 24;

inline FunctionalOptions getFunctionalLimits() {
  FunctionalOptions options;
  options.maxWork = kMostWork;
  return options;
}

inline CycleOptions getCycleLimits(int64_t maxCycles = kMostCycles) {
  CycleOptions options;
  options.maxCycles = maxCycles;
  return options;
}

} // namespace sumac::acm

#endif // SUMAC_LIB_TARGET_ACM_LIMITS_H
