//===- FixedStorage.cpp - Codes of a fixed width ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense packed, bitmask with non-zeros, and compressed sparse rows: the sizes are
// the formulas of papers.md, F4, "Storage", for codes of any width.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

/// Bits of the codes that are not zero, and of `extra` beside each.
static int64_t getNonZeroBits(const CodeStatistics &statistics, int64_t extra) {
  int64_t bits = 0;
  for (int64_t row = 0; row < statistics.layout.rows; ++row)
    bits += statistics.nonZeros[row] * (statistics.layout.bits[row] + extra);
  return bits;
}

//===----------------------------------------------------------------------===//
// Dense packed: every code, row by row
//===----------------------------------------------------------------------===//

StringRef PackedStorageAttr::getStorageName() const { return "packed"; }

std::optional<int64_t>
PackedStorageAttr::getBits(const CodeStatistics &statistics) const {
  int64_t bits = statistics.tableBits;
  for (unsigned width : statistics.layout.bits)
    bits += statistics.layout.columns * width;
  return bits;
}

void PackedStorageAttr::encode(CodingAttrInterface coding,
                               const CodeStatistics &statistics,
                               BitWriter &out) const {
  coding.visitCodes([&](int64_t, unsigned bits, ArrayRef<uint64_t> codes) {
    for (uint64_t code : codes)
      out.write(code, bits);
  });
}

bool PackedStorageAttr::decode(const CodeLayout &layout, BitReader &in,
                               std::vector<uint64_t> &codes) const {
  for (int64_t row = 0; row < layout.rows; ++row)
    for (int64_t column = 0; column < layout.columns; ++column) {
      std::optional<uint64_t> code = in.read(layout.bits[row]);
      if (!code)
        return false;
      codes.push_back(*code);
    }
  return true;
}

//===----------------------------------------------------------------------===//
// Bitmask: for each row, a bit for each code that says whether it is not zero,
// then the codes that are not
//===----------------------------------------------------------------------===//

StringRef BitmaskStorageAttr::getStorageName() const { return "bitmask"; }

std::optional<int64_t>
BitmaskStorageAttr::getBits(const CodeStatistics &statistics) const {
  if (!statistics.layout.zero)
    return std::nullopt;
  return statistics.layout.rows * statistics.layout.columns +
         getNonZeroBits(statistics, 0) + statistics.tableBits;
}

void BitmaskStorageAttr::encode(CodingAttrInterface coding,
                                const CodeStatistics &statistics,
                                BitWriter &out) const {
  const CodeLayout &layout = statistics.layout;
  coding.visitCodes([&](int64_t, unsigned bits, ArrayRef<uint64_t> codes) {
    for (uint64_t code : codes)
      out.write(code != layout.zero, 1);
    for (uint64_t code : codes)
      if (code != layout.zero)
        out.write(code, bits);
  });
}

bool BitmaskStorageAttr::decode(const CodeLayout &layout, BitReader &in,
                                std::vector<uint64_t> &codes) const {
  std::vector<bool> mask(layout.columns);
  for (int64_t row = 0; row < layout.rows; ++row) {
    for (int64_t column = 0; column < layout.columns; ++column) {
      std::optional<uint64_t> bit = in.read(1);
      if (!bit)
        return false;
      mask[column] = *bit != 0;
    }
    for (bool isNonZero : mask) {
      std::optional<uint64_t> code = isNonZero ? in.read(layout.bits[row]) : layout.zero;
      if (!code)
        return false;
      codes.push_back(*code);
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Compressed sparse rows: where each row begins, rows + 1 numbers; then for each
// code that is not zero the number of its column and the code
//===----------------------------------------------------------------------===//

StringRef CSRStorageAttr::getStorageName() const { return "csr"; }

std::optional<int64_t>
CSRStorageAttr::getBits(const CodeStatistics &statistics) const {
  const CodeLayout &layout = statistics.layout;
  if (!layout.zero)
    return std::nullopt;
  return getNonZeroBits(statistics, layout.getColumnBits()) +
         (layout.rows + 1) * layout.getPointerBits() +
         statistics.tableBits;
}

void CSRStorageAttr::encode(CodingAttrInterface coding,
                            const CodeStatistics &statistics,
                            BitWriter &out) const {
  const CodeLayout &layout = statistics.layout;
  unsigned pointerBits = layout.getPointerBits();
  int64_t position = 0;
  out.write(position, pointerBits);
  for (int64_t count : statistics.nonZeros)
    out.write(position += count, pointerBits);
  coding.visitCodes([&](int64_t, unsigned bits, ArrayRef<uint64_t> codes) {
    for (auto [column, code] : llvm::enumerate(codes))
      if (code != layout.zero) {
        out.write(column, layout.getColumnBits());
        out.write(code, bits);
      }
  });
}

bool CSRStorageAttr::decode(const CodeLayout &layout, BitReader &in,
                            std::vector<uint64_t> &codes) const {
  if (!layout.zero)
    return false;
  SmallVector<uint64_t> pointers;
  for (int64_t row = 0; row <= layout.rows; ++row) {
    std::optional<uint64_t> pointer = in.read(layout.getPointerBits());
    if (!pointer)
      return false;
    pointers.push_back(*pointer);
  }
  for (int64_t row = 0; row < layout.rows; ++row) {
    std::vector<uint64_t> dense(layout.columns, *layout.zero);
    for (uint64_t i = pointers[row]; i < pointers[row + 1]; ++i) {
      std::optional<uint64_t> column = in.read(layout.getColumnBits());
      std::optional<uint64_t> code = in.read(layout.bits[row]);
      if (!column || !code || *column >= dense.size())
        return false;
      dense[*column] = *code;
    }
    codes.insert(codes.end(), dense.begin(), dense.end());
  }
  return true;
}
