//===- Bits.h - Fields of memory words --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers in packed words: fields without gaps, the first in the lowest bits of
// the first byte.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_BITS_H
#define SUMAC_ACM_BITS_H

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <cstdint>

namespace sumac::acm {

/// The unsigned field of `bits` bits, up to 64, at bit `offset`, which lies in
/// `bytes`.
inline uint64_t getBits(llvm::ArrayRef<uint8_t> bytes, int64_t offset,
                        unsigned bits) {
  uint64_t value = 0;
  bits = std::min(bits, 64u);
  for (unsigned done = 0; done < bits;) {
    unsigned shift = offset % 8;
    unsigned taken = std::min(8 - shift, bits - done);
    uint64_t part = bytes[offset / 8] >> shift & ((1u << taken) - 1);
    value |= part << done;
    done += taken;
    offset += taken;
  }
  return value;
}

/// The same in two's complement, sign extended.
inline int64_t getSignedBits(llvm::ArrayRef<uint8_t> bytes, int64_t offset,
                             unsigned bits) {
  uint64_t value = getBits(bytes, offset, bits);
  uint64_t sign = uint64_t(1) << (bits - 1);
  return static_cast<int64_t>((value ^ sign) - sign);
}

/// Writes the lowest `bits` bits of `value`, up to 64, at bit `offset`.
inline void setBits(llvm::MutableArrayRef<uint8_t> bytes, int64_t offset,
                    unsigned bits, uint64_t value) {
  while (bits != 0) {
    unsigned shift = offset % 8;
    unsigned taken = std::min(8 - shift, bits);
    unsigned mask = ((1u << taken) - 1) << shift;
    uint8_t &byte = bytes[offset / 8];
    byte = static_cast<uint8_t>((byte & ~mask) | (value << shift & mask));
    value >>= taken;
    bits -= taken;
    offset += taken;
  }
}

} // namespace sumac::acm

#endif // SUMAC_ACM_BITS_H
