//===- WeightEncoding.h - Weights as codes of few bits ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How integer weights become codes of 1, 2, 4 or 8 bits that byte dot products
// can read in place, and what has to be added to make the sum exact.
//
// Every weight is w = base + step * code with 0 <= code < 2^bits. A byte holds
// 8 / bits codes ("slots"), slot s at bit s * bits, and belongs to that many
// inputs 4 apart: a 32-bit word holds 4 inputs of each slot. Kernels that read
// in place mask a slot without shifting it, so that its sum is scaled by
// 2^(s * bits); the top slot is read as a signed number where the dot product
// takes weights as signed bytes.
//
// Codes of 3, 5, 6 and 7 bits lie back to back instead ("dense"): a group of 8
// codes takes `bits` bytes, and the kernel extracts them.
//
//   y = step * sum_s sum_k stored_k x'_k + sum_s correction_s sum_{k in s} x'_k + bias'
//
// with x' = x + inputOffset.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_WEIGHTENCODING_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_WEIGHTENCODING_H

#include "sumac/Target/CPU/LinearKernel.h"

#include <optional>

namespace sumac {

/// Signs of the operands that a byte dot product can take.
struct DotSigns {
  bool input;
  bool weights;
};

struct WeightEncoding {
  unsigned bits = 8;
  bool dense = false;
  int64_t base = 0;
  int64_t step = 1;
  int64_t inputOffset = 0;
  bool signedInput = false;
  bool signedWeights = true;
  /// Subtracted from the codes of the top slot, which is then signed.
  int64_t topOffset = 0;

  /// Weights by their code, where codes are no numbers but positions. A weight
  /// is low byte + 256 * high byte, both signed; one plane of sums serves each.
  llvm::SmallVector<int64_t, 16> table;
  int64_t planes = 1;

  int64_t getSlots() const { return dense ? 1 : 8 / bits; }
  /// Inputs that one 32-bit word of weights serves.
  int64_t getStepInputs() const { return 4 * getSlots(); }
  int64_t getSteps(const LinearLayer &layer) const;
  int64_t getSlot(int64_t input) const { return input / 4 % getSlots(); }
  int64_t getCorrection(int64_t slot) const { return base + (slot + 1 == getSlots() ? step * topOffset : 0); }
  bool hasCorrection() const { return getCorrection(0) != 0 || getCorrection(getSlots() - 1) != 0; }
  /// Smallest and largest stored value over all slots.
  IntegerRange getStoredRange() const;
  int64_t getCode(int64_t weight) const {
    return table.empty() ? (weight - base) / step : llvm::find(table, weight) - table.begin();
  }
  /// What a slot's sum comes out multiplied with, as a power of two.
  int64_t getSumShift(int64_t slot) const { return table.empty() ? slot * bits : 0; }
  /// The byte of table[code] that a plane sums.
  int8_t getTableByte(int64_t code, int64_t plane) const {
    auto low = static_cast<int8_t>(table[code]);
    return plane == 0 ? low : static_cast<int8_t>((table[code] - low) / 256);
  }

  /// Bytes of packed weights of 16 channels: of one step, of all.
  int64_t getStepBytes() const { return dense ? 8 * bits : 4 * kChannelVector; }
  int64_t getVectorBytes(const LinearLayer &layer) const { return getSteps(layer) * getStepBytes(); }
};

/// The largest step such that all weights are weightRange.min modulo it.
int64_t findWeightStep(const LinearLayer &layer);

/// The encoding in codes of `bits` bits with the fewest corrections, or
/// nullopt if the weights or the activations do not fit. How the kernel reads
/// codes: masked in place, shifted down, or extracted from dense groups.
enum class CodeAccess { InPlace, Shifted, Dense, Lookup };
std::optional<WeightEncoding> encodeWeights(const LinearLayer &layer, unsigned bits, llvm::ArrayRef<DotSigns> signs,
                                            CodeAccess access);

/// Whether the scaled sum of every slot above the lowest fits 32 bits, for
/// every channel and all inputs that can occur.
bool slotSumsFitInt32(const LinearLayer &layer, const WeightEncoding &encoding);

/// Layout: weights [tile][step][vector of the tile][16 channels][4 inputs] with
/// tiles of 4 vectors (the last one smaller), then biases [N / 16][16] of i32.
PackedWeights packWeights(const LinearLayer &layer, const WeightEncoding &encoding);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_WEIGHTENCODING_H
