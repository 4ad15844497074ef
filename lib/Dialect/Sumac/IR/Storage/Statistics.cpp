//===- Statistics.cpp - What a layer's codes are like ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pass over the codes, row by row, and the choice by size.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

unsigned CodeLayout::getMaxBits() const {
  return bits.empty() ? 0 : *llvm::max_element(bits);
}

unsigned CodeLayout::getColumnBits() const {
  return std::max(1u, llvm::Log2_64_Ceil(std::max<int64_t>(columns, 1)));
}

unsigned CodeLayout::getPointerBits() const {
  return llvm::Log2_64_Ceil(static_cast<uint64_t>(numNonZeros) + 1);
}

static CodeLayout getLayout(CodingAttrInterface coding) {
  CodeLayout layout;
  layout.zero = coding.getZeroCode();
  ArrayRef<int64_t> shape = coding.getCodeShape();
  layout.rows = shape.empty() ? 1 : shape.front();
  layout.columns =
      layout.rows == 0 ? 0 : ShapedType::getNumElements(shape) / layout.rows;
  return layout;
}

CodeStatistics::CodeStatistics(CodingAttrInterface coding)
    : layout(getLayout(coding)) {
  bool countAll = true;
  int64_t dense = 0;
  coding.visitCodes([&](int64_t, unsigned bits, ArrayRef<uint64_t> codes) {
    layout.bits.push_back(bits);
    dense += layout.columns * bits;
    int64_t zeros = layout.zero ? llvm::count(codes, *layout.zero) : 0;
    nonZeros.push_back(layout.columns - zeros);
    layout.numNonZeros += nonZeros.back();
    for (uint64_t code : codes) {
      if (!countAll)
        break;
      ++counts[code];
      countAll = counts.size() <= kMaxCounted;
    }
  });
  if (!countAll)
    counts.clear();
  tableBits = coding.getStoredBits() - dense;
}

SmallVector<StorageAttrInterface> sumac::getStorages(MLIRContext *context) {
  return {PackedStorageAttr::get(context), BitmaskStorageAttr::get(context),
          CSRStorageAttr::get(context), HuffmanStorageAttr::get(context)};
}

StorageAttrInterface
sumac::findSmallestStorage(ArrayRef<StorageAttrInterface> storages,
                           const CodeStatistics &statistics) {
  StorageAttrInterface best;
  int64_t bestBits = INT64_MAX;
  for (StorageAttrInterface storage : storages) {
    std::optional<int64_t> bits = storage.getBits(statistics);
    if (!bits || *bits >= bestBits)
      continue;
    best = storage;
    bestBits = *bits;
  }
  return best;
}
