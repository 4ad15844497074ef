//===- Kernels.h - Families of linear kernels -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What FastKernels.cpp registers, and what cost estimates share.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_KERNELS_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_KERNELS_H

#include "sumac/Target/CPU/LinearKernel.h"

namespace sumac {

/// Byte dot products: vnni_w*, avxvnni_w*, avx512_w*, avx2_w*, dotprod_w*.
void addDotKernels(LinearKernelRegistry &registry);
/// 16-bit multiply-add: avx512_w16, avx2_w16 and weights of 8 bits.
void addMaddKernels(LinearKernelRegistry &registry);
/// AND and popcount over bit planes: popcount.
void addPopcountKernels(LinearKernelRegistry &registry);

/// Cycles that reading weights once takes, by the cache that they fit.
double getMemoryCycles(int64_t bytes);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_KERNELS_H
