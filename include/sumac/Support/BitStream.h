//===- BitStream.h - Strings of bits ---------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fields of up to 64 bits one after the other, the least significant bit of each
// first, in bytes that are filled from their least significant bit.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_BITSTREAM_H
#define SUMAC_SUPPORT_BITSTREAM_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sumac {

class BitWriter {
public:
  /// Appends the lowest `bits` bits of `field`, 0 to 64 of them.
  void write(uint64_t field, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i, ++count) {
      if (count % 8 == 0)
        bytes.push_back(0);
      bytes.back() |= static_cast<uint8_t>(((field >> i) & 1) << (count % 8));
    }
  }

  int64_t getNumBits() const { return count; }
  llvm::ArrayRef<uint8_t> getBytes() const { return bytes; }

private:
  std::vector<uint8_t> bytes;
  int64_t count = 0;
};

class BitReader {
public:
  /// Reads the first `bits` bits of `bytes`, or all there are.
  BitReader(llvm::ArrayRef<uint8_t> bytes, int64_t bits)
      : bytes(bytes), count(std::min<int64_t>(bits, bytes.size() * 8)) {}

  /// The next field of 0 to 64 bits; nullopt where the string ends before.
  std::optional<uint64_t> read(unsigned bits) {
    if (bits > count - position)
      return std::nullopt;
    uint64_t field = 0;
    for (unsigned i = 0; i < bits; ++i, ++position)
      field |= static_cast<uint64_t>((bytes[position / 8] >> (position % 8)) & 1) << i;
    return field;
  }

  int64_t getNumBitsLeft() const { return count - position; }

private:
  llvm::ArrayRef<uint8_t> bytes;
  int64_t count, position = 0;
};

} // namespace sumac

#endif // SUMAC_SUPPORT_BITSTREAM_H
