//===- HuffmanStorage.cpp - Codes by their frequency -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Canonical Huffman codes, for files: a decoder has to read all bits before the
// one it wants. The lengths alone say what the code words are.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <queue>

using namespace mlir;
using namespace sumac;

namespace {
/// Fields in front of the words: how many symbols there are; of each, its bits
/// and the length of its word.
constexpr unsigned kCountBits = 17, kLengthBits = 6;

/// A symbol and its word.
struct Word {
  uint64_t symbol;
  unsigned length;
  uint64_t bits = 0; ///< most significant bit first in the string
};
} // namespace

/// Lengths of the words by Huffman's algorithm; ties go to what was made first,
/// so that the result is the same everywhere. One symbol alone has 1 bit.
static std::vector<unsigned> getLengths(ArrayRef<int64_t> counts) {
  size_t leaves = counts.size();
  std::vector<size_t> parent(leaves, 0);
  using Node = std::pair<int64_t, size_t>;
  std::priority_queue<Node, std::vector<Node>, std::greater<>> nodes;
  for (auto [i, count] : llvm::enumerate(counts))
    nodes.emplace(count, i);
  while (nodes.size() > 1) {
    Node a = nodes.top();
    nodes.pop();
    Node b = nodes.top();
    nodes.pop();
    parent[a.second] = parent[b.second] = parent.size();
    nodes.emplace(a.first + b.first, parent.size());
    parent.push_back(0);
  }
  std::vector<unsigned> depth(parent.size(), 0);
  for (size_t i = parent.size(); i-- > 0;)
    depth[i] = i + 1 == parent.size() ? 0 : depth[parent[i]] + 1;
  depth.resize(leaves);
  if (leaves == 1)
    depth[0] = 1;
  return depth;
}

/// Gives words of the same length consecutive numbers, in the order of symbols.
static void assignWords(std::vector<Word> &words) {
  llvm::sort(words, [](const Word &a, const Word &b) {
    return std::pair(a.length, a.symbol) < std::pair(b.length, b.symbol);
  });
  uint64_t next = 0;
  unsigned length = 0;
  for (Word &word : words) {
    next <<= word.length - length;
    length = word.length;
    word.bits = next++;
  }
}

static std::vector<Word> makeWords(const CodeStatistics &statistics) {
  SmallVector<int64_t> counts;
  std::vector<Word> words;
  for (auto [symbol, count] : statistics.counts) {
    words.push_back({symbol, 0});
    counts.push_back(count);
  }
  for (auto [word, length] : llvm::zip_equal(words, getLengths(counts)))
    word.length = length;
  assignWords(words);
  return words;
}

StringRef HuffmanStorageAttr::getStorageName() const { return "huffman"; }

std::optional<int64_t>
HuffmanStorageAttr::getBits(const CodeStatistics &statistics) const {
  const CodeLayout &layout = statistics.layout;
  if (layout.rows * layout.columns == 0)
    return kCountBits + statistics.tableBits;
  if (statistics.counts.empty())
    return std::nullopt;
  int64_t bits = kCountBits + statistics.tableBits;
  for (const Word &word : makeWords(statistics))
    bits += layout.getMaxBits() + kLengthBits +
            statistics.counts.at(word.symbol) * word.length;
  return bits;
}

void HuffmanStorageAttr::encode(CodingAttrInterface coding,
                                const CodeStatistics &statistics,
                                BitWriter &out) const {
  const CodeLayout &layout = statistics.layout;
  std::map<uint64_t, Word> words;
  out.write(statistics.counts.size(), kCountBits);
  if (!statistics.counts.empty())
    for (const Word &word : makeWords(statistics)) {
      words.emplace(word.symbol, word);
      out.write(word.symbol, layout.getMaxBits());
      out.write(word.length, kLengthBits);
    }
  coding.visitCodes([&](int64_t, unsigned, ArrayRef<uint64_t> codes) {
    for (uint64_t code : codes) {
      const Word &word = words.at(code);
      for (unsigned i = word.length; i-- > 0;)
        out.write(word.bits >> i, 1);
    }
  });
}

static bool readWords(const CodeLayout &layout, BitReader &in,
                      std::vector<Word> &words) {
  std::optional<uint64_t> count = in.read(kCountBits);
  if (!count || *count > CodeStatistics::kMaxCounted)
    return false;
  unsigned previous = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    std::optional<uint64_t> symbol = in.read(layout.getMaxBits());
    std::optional<uint64_t> length = in.read(kLengthBits);
    // In the order that words have, so that lengths grow.
    if (!symbol || !length || *length == 0 || *length < previous)
      return false;
    previous = static_cast<unsigned>(*length);
    words.push_back({*symbol, previous});
  }
  assignWords(words);
  return true;
}

bool HuffmanStorageAttr::decode(const CodeLayout &layout, BitReader &in,
                                std::vector<uint64_t> &codes) const {
  std::vector<Word> words;
  if (!readWords(layout, in, words))
    return false;
  std::map<std::pair<unsigned, uint64_t>, uint64_t> symbols;
  for (const Word &word : words)
    symbols.emplace(std::pair(word.length, word.bits), word.symbol);
  unsigned longest = words.empty() ? 0 : words.back().length;
  for (int64_t i = 0; i < layout.rows * layout.columns; ++i) {
    uint64_t bits = 0;
    auto found = symbols.end();
    for (unsigned length = 1; found == symbols.end(); ++length) {
      std::optional<uint64_t> bit = length <= longest ? in.read(1) : std::nullopt;
      if (!bit)
        return false;
      bits = bits << 1 | *bit;
      found = symbols.find({length, bits});
    }
    codes.push_back(found->second);
  }
  return true;
}
