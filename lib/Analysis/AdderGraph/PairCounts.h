//===- PairCounts.h - How often pairs of terms occur ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A hash table of counts.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_PAIRCOUNTS_H
#define SUMAC_ANALYSIS_ADDERGRAPH_PAIRCOUNTS_H

#include "Sums.h"

namespace sumac {

/// Two terms up to a common shift and sign, as one number: nodes of 26 bits,
/// the difference of shifts plus 64, whether the signs differ.
using PairKey = uint64_t;

/// The first node is the smaller one.
struct Pair {
  int32_t first, second;
  int32_t difference; ///< shift of the second less that of the first
  bool isOpposite;
};

PairKey encodePair(AdderGraph::Term a, AdderGraph::Term b);
Pair decodePair(PairKey key);

/// The two terms of a pair, the first positive.
std::pair<AdderGraph::Term, AdderGraph::Term> getTerms(const Pair &pair);

/// Spreads a number over 64 bits.
inline uint64_t mixBits(uint64_t x) {
  x *= 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

/// Counts by linear probing.
class PairCounts {
public:
  PairCounts() : slots(size_t(1) << 12) {}
  int32_t get(PairKey key) const { return slots[find(key)].count; }
  /// Tells the processor that this count is needed soon.
  void prefetch(PairKey key) const {
    __builtin_prefetch(&slots[mixBits(key) & (slots.size() - 1)]);
  }
  /// Returns the new count.
  int32_t change(PairKey key, int32_t by);
  /// Calls visit(key, count) for all pairs that occur twice or more often.
  template <typename VisitT> void forEach(VisitT visit) const {
    for (const Slot &slot : slots)
      if (slot.count > 1)
        visit(slot.key, slot.count);
  }

private:
  static constexpr PairKey kEmpty = ~PairKey(0);
  struct Slot {
    PairKey key = kEmpty;
    int32_t count = 0;
  };
  size_t find(PairKey key) const {
    size_t mask = slots.size() - 1, at = mixBits(key) & mask;
    while (slots[at].key != key && slots[at].key != kEmpty)
      at = (at + 1) & mask;
    return at;
  }
  void grow();
  void erase(size_t gap);

  std::vector<Slot> slots;
  size_t used = 0;
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_PAIRCOUNTS_H
