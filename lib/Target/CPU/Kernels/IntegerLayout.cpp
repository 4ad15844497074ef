//===- IntegerLayout.cpp - Widths of stored integers -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Widths by range, and bytes.
//
//===----------------------------------------------------------------------===//

#include "IntegerLayout.h"

#include "llvm/Support/MathExtras.h"

using namespace sumac;

int64_t sumac::getChannelVectors(const LinearLayer &layer) { return llvm::divideCeil(layer.outputs, kChannelVector); }

int64_t sumac::getAccumulatorBytes(const LinearLayer &layer) { return layer.fitsInt32() ? 4 : 8; }

int64_t sumac::getWeightBytes(const LinearLayer &layer) {
  IntegerRange range = layer.weightRange;
  for (int64_t bits : {8, 16, 32})
    if (range.min >= llvm::minIntN(bits) && range.max <= llvm::maxIntN(bits))
      return bits / 8;
  return getAccumulatorBytes(layer);
}

void sumac::storeInteger(char *where, int64_t value, int64_t bytes) {
  for (int64_t i = 0; i < bytes; ++i)
    where[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
}

int64_t sumac::alignPacked(PackedWeights &packed) {
  packed.bytes.resize(llvm::alignTo(packed.bytes.size(), kRowAlignment));
  return static_cast<int64_t>(packed.bytes.size());
}
