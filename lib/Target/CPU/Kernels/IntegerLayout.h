//===- IntegerLayout.h - Widths of stored integers -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels for any processor and any width share: how wide weights and
// accumulators are, and writing them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_INTEGERLAYOUT_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_INTEGERLAYOUT_H

#include "sumac/Target/CPU/LinearKernel.h"

namespace sumac {

/// Vectors of 16 channels that cover all outputs.
int64_t getChannelVectors(const LinearLayer &layer);

/// Bytes of an accumulator: 4 or 8.
int64_t getAccumulatorBytes(const LinearLayer &layer);

/// Bytes of one stored weight: no more than an accumulator's, as sums that fit
/// 32 bits are right modulo 2^32 whatever the weights are.
int64_t getWeightBytes(const LinearLayer &layer);

/// Writes the lowest 1, 2, 4 or 8 bytes, little-endian, as all targets are.
void storeInteger(char *where, int64_t value, int64_t bytes);

/// Appends zeros up to a multiple of kRowAlignment; the new size.
int64_t alignPacked(PackedWeights &packed);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_INTEGERLAYOUT_H
