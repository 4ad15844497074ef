//===- StorageTest.cpp - Codes survive every storage -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random codings of every kind: what a storage writes, it reads, in as many bits
// as it said; damaged strings of bits are refused or read as some codes, never
// beyond their end.
//
//===----------------------------------------------------------------------===//

#include "RandomCoding.h"

#include "sumac/Dialect/Sumac/IR/Storage.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <map>

using namespace mlir;
using namespace sumac;
using namespace sumac::test;

namespace {

class StorageTest : public ::testing::Test {
protected:
  StorageTest() { context.loadDialect<SumacDialect>(); }

  void check(CodingAttrInterface coding, StorageAttrInterface storage, RandomCoding &random) {
    CodeStatistics statistics(coding);
    std::optional<int64_t> bits = storage.getBits(statistics);
    if (!bits)
      return;
    ++checked[storage.getStorageName().str()];
    BitWriter writer;
    storage.encode(coding, statistics, writer);
    ASSERT_EQ(writer.getNumBits() + statistics.tableBits, *bits) << storage.getStorageName().str();
    BitReader reader(writer.getBytes(), writer.getNumBits());
    std::vector<uint64_t> codes, expected;
    ASSERT_TRUE(storage.decode(statistics.layout, reader, codes)) << storage.getStorageName().str();
    coding.visitCodes([&](int64_t, unsigned, ArrayRef<uint64_t> row) { expected.insert(expected.end(), row.begin(), row.end()); });
    EXPECT_EQ(codes, expected) << storage.getStorageName().str() << " of " << coding.getCodingName();
    EXPECT_EQ(reader.getNumBitsLeft(), 0);
    // A string that ends early, and one with a bit changed.
    std::vector<uint8_t> damaged(writer.getBytes());
    if (damaged.empty())
      return;
    int64_t bit = random.pick(0, writer.getNumBits() - 1);
    damaged[bit / 8] ^= 1 << (bit % 8);
    for (int64_t length : {writer.getNumBits(), random.pick(0, writer.getNumBits() - 1)}) {
      BitReader broken(damaged, length);
      codes.clear();
      storage.decode(statistics.layout, broken, codes);
      EXPECT_LE(codes.size(), expected.size());
    }
  }

  MLIRContext context;
  std::map<std::string, int> checked;
};

TEST_F(StorageTest, RandomCodings) {
  RandomCoding random(context, 7);
  for (int i = 0; i < 1500; ++i) {
    int64_t outputs = random.pick(1, 20), inputs = random.pick(1, 70);
    int zeros = static_cast<int>(random.pick(0, 4) * 25);
    CodingAttrInterface coding = random.make(i % RandomCoding::kKinds, outputs, inputs, zeros);
    for (StorageAttrInterface storage : getStorages(&context))
      check(coding, storage, random);
  }
  for (const auto &[name, count] : checked)
    EXPECT_GT(count, 600) << name;
}

// papers.md, F4: dense 4 M N; bitmask M N + 4 nnz; CSR nnz (4 + idx) +
// (M + 1) ceil(log2(nnz + 1)); here with M = 3 outputs and N = 9 inputs.
TEST_F(StorageTest, SizesOfThePaper) {
  SmallVector<uint8_t> codes(27, 0);
  codes[0] = 15;
  codes[10] = 3;
  codes[26] = 8;
  auto coding = BasisCodingAttr::get(
      &context,
      DenseElementsAttr::get(RankedTensorType::get({3, 9}, IntegerType::get(&context, 8, IntegerType::Unsigned)),
                             ArrayRef(codes)),
      DenseElementsAttr::get(RankedTensorType::get({1, 4}, IntegerType::get(&context, 64, IntegerType::Signed)),
                             ArrayRef<int64_t>{1, 2, 4, -8}));
  CodeStatistics statistics(coding);
  std::map<std::string, int64_t> bits;
  for (StorageAttrInterface storage : getStorages(&context))
    bits[storage.getStorageName().str()] = *storage.getBits(statistics) - statistics.tableBits;
  EXPECT_EQ(statistics.tableBits, 4 * 4);
  EXPECT_EQ(bits["packed"], 4 * 27);
  EXPECT_EQ(bits["bitmask"], 27 + 4 * 3);
  EXPECT_EQ(bits["csr"], 3 * (4 + 4) + 4 * 2);
  // 24 zeros of 1 bit, the others of 2, 3 and 3.
  EXPECT_EQ(bits["huffman"], 24 + 2 + 3 + 3 + 17 + 4 * (4 + 6));
  EXPECT_EQ(findSmallestStorage(getStorages(&context), statistics).getStorageName(), "csr");
}

} // namespace
