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

/// Byte dot products: vnni_w*, avxvnni_w*, avx512_w*, avx2_w*, ssse3_w*,
/// dotprod_w*.
void addDotKernels(LinearKernelRegistry &registry);
/// 16-bit multiply-add: madd_w8, madd_w16.
void addMaddKernels(LinearKernelRegistry &registry);
/// AND and popcount over bit planes: popcount.
void addPopcountKernels(LinearKernelRegistry &registry);

/// Weights stored without their zeros, for every processor: csr, bitmask.
void addSparseKernels(LinearKernelRegistry &registry);
/// The same with AVX-512 VBMI2: vbmi2_bitmask.
void addExpandKernel(LinearKernelRegistry &registry);

/// Tables of sums, for every processor: lookup_sums, pooled_sums, cached_sums.
void addLookupKernels(LinearKernelRegistry &registry);
/// Straight additions, for every processor: adder_graph.
void addAdderGraphKernel(LinearKernelRegistry &registry);

/// Cycles of a layer that computes for `compute` cycles and reads `bytes` bytes
/// of weights once: the longer of the two, and some of what does not overlap.
double addMemoryCycles(double compute, int64_t bytes);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_KERNELS_H
