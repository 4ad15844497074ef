//===- PairCounts.cpp - How often pairs of terms occur --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys of pairs, and the table of their counts.
//
//===----------------------------------------------------------------------===//

#include "PairCounts.h"

using namespace sumac;

using Term = AdderGraph::Term;

PairKey sumac::encodePair(Term a, Term b) {
  if (std::pair(b.node, b.shift) < std::pair(a.node, a.shift))
    std::swap(a, b);
  return static_cast<uint64_t>(a.node) << 34 |
         static_cast<uint64_t>(b.node) << 8 |
         static_cast<uint64_t>(b.shift - a.shift + 64) << 1 |
         static_cast<uint64_t>(a.isNegative != b.isNegative);
}

Pair sumac::decodePair(PairKey key) {
  return {static_cast<int32_t>(key >> 34),
          static_cast<int32_t>(key >> 8 & 0x3ffffff),
          static_cast<int32_t>(key >> 1 & 0x7f) - 64, (key & 1) != 0};
}

std::pair<Term, Term> sumac::getTerms(const Pair &pair) {
  return {{pair.first, std::max(0, -pair.difference), false},
          {pair.second, std::max(0, pair.difference), pair.isOpposite}};
}

int32_t PairCounts::change(PairKey key, int32_t by) {
  size_t at = find(key);
  if (slots[at].key == kEmpty) {
    if (++used * 2 > slots.size()) {
      grow();
      at = find(key);
    }
    slots[at].key = key;
  }
  int32_t count = slots[at].count += by;
  if (count == 0)
    erase(at);
  return count;
}

/// Moves back what would not be found past a gap.
void PairCounts::erase(size_t gap) {
  size_t mask = slots.size() - 1;
  for (size_t at = (gap + 1) & mask; slots[at].key != kEmpty;
       at = (at + 1) & mask) {
    size_t home = mixBits(slots[at].key) & mask;
    if (((at - home) & mask) < ((at - gap) & mask))
      continue;
    slots[gap] = slots[at];
    gap = at;
  }
  slots[gap] = Slot();
  --used;
}

void PairCounts::grow() {
  std::vector<Slot> old = std::move(slots);
  slots.assign(old.size() * 2, Slot());
  for (const Slot &slot : old)
    if (slot.key != kEmpty)
      slots[find(slot.key)] = slot;
}
