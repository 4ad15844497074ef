//===- Storage.h - How the codes of weights lie ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What storages are chosen and written by: the layout of a layer's codes, and how
// many of each there are. Storages themselves are attributes behind
// StorageAttrInterface (papers.md, F4: "Storage, one per layer").
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_STORAGE_H
#define SUMAC_DIALECT_SUMAC_IR_STORAGE_H

#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"
#include "sumac/Support/BitStream.h"

#include <map>

namespace sumac {

class StorageAttrInterface;

/// What a decoder has to know besides the bits.
struct CodeLayout {
  int64_t rows = 0;    ///< output channels
  int64_t columns = 0; ///< codes of each
  llvm::SmallVector<unsigned> bits; ///< of a code, for each row
  std::optional<uint64_t> zero;     ///< see CodingAttrInterface::getZeroCode
  int64_t numNonZeros = 0;          ///< codes other than `zero`; all if there is none

  unsigned getMaxBits() const;
  /// Bits of the number of a column; at least 1.
  unsigned getColumnBits() const;
  /// Bits of a number from 0 to numNonZeros.
  unsigned getPointerBits() const;
};

/// How often codes occur; made in one pass over an integral coding.
struct CodeStatistics {
  CodeLayout layout;
  llvm::SmallVector<int64_t> nonZeros; ///< codes other than `zero`, for each row
  /// Occurrences of each code; empty where there are more than kMaxCounted.
  std::map<uint64_t, int64_t> counts;
  int64_t tableBits = 0; ///< what the coding stores besides its codes

  static constexpr size_t kMaxCounted = 65536;

  explicit CodeStatistics(CodingAttrInterface coding);
};

/// All storages that there are, densest decoder first: packed, bitmask, csr,
/// huffman.
llvm::SmallVector<StorageAttrInterface> getStorages(mlir::MLIRContext *context);

/// The smallest of `storages` for these codes, the first where several are
/// (FantastIC4's hybrid rule); null where none can hold them.
StorageAttrInterface
findSmallestStorage(llvm::ArrayRef<StorageAttrInterface> storages,
                    const CodeStatistics &statistics);

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_IR_STORAGE_H
