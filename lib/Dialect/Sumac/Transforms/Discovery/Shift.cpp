//===- Shift.cpp - Weights that are sums of powers of two ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fewest signed powers of two for each weight (papers.md, FL).
//
//===----------------------------------------------------------------------===//

#include "Finders.h"
#include "llvm/Support/MathExtras.h"

#include <unordered_map>

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

constexpr size_t kMaxTerms = 4;
/// Beyond this, sums of powers could leave 64 bits.
constexpr int64_t kMaxMagnitude = int64_t(1) << 60;

/// The terms of the canonical signed-digit form, which has the fewest: no two
/// neighbouring digits are not zero. Terms are coded as in #sumac.shift, the
/// largest first.
static SmallVector<int8_t> getTerms(int64_t value) {
  SmallVector<int8_t> terms;
  for (int exponent = 0; value != 0; ++exponent, value /= 2) {
    if (value % 2 == 0)
      continue;
    // The digit makes the rest a multiple of 4 where it is odd.
    int64_t digit = ((value & 3) == 1) ? 1 : -1;
    terms.push_back(static_cast<int8_t>(digit * (exponent + 1)));
    value -= digit;
  }
  std::reverse(terms.begin(), terms.end());
  // 4 - 1 is 2 + 1 as well, and takes no exponent above the number's own.
  if (terms.size() >= 2 && (terms[0] < 0) != (terms[1] < 0) &&
      std::abs(terms[0]) == std::abs(terms[1]) + 2) {
    int sign = terms[0] < 0 ? -1 : 1;
    terms[0] = static_cast<int8_t>(sign * (std::abs(terms[0]) - 1));
    terms[1] = static_cast<int8_t>(sign * std::abs(terms[1]));
  }
  return terms;
}

namespace {
/// What the terms of all weights have in common.
struct TermStatistics {
  size_t most = 1;
  int64_t count = 0, lowest = INT8_MAX, highest = 1;

  void add(ArrayRef<int8_t> terms, int64_t weights) {
    most = std::max(most, terms.size());
    count += weights * static_cast<int64_t>(terms.size());
    for (int8_t term : terms) {
      lowest = std::min<int64_t>(lowest, std::abs(term));
      highest = std::max<int64_t>(highest, std::abs(term));
    }
  }
  /// A sign and an exponent each, and at least the terms that are there.
  int64_t getBits() const {
    return count * (1 + llvm::Log2_64_Ceil(std::max<int64_t>(highest - lowest, 0) + 2));
  }
};
} // namespace

/// Terms of weights with any number of distinct values; stops at the first
/// weight of too many terms.
static std::optional<TermStatistics> countTerms(const Weights &weights) {
  TermStatistics statistics;
  if (!weights.getDistinct().empty()) {
    for (auto [value, count] : weights.getDistinct())
      statistics.add(getTerms(value), count);
  } else {
    weights.forEachBlock([&](int64_t, ArrayRef<int64_t> values) {
      if (statistics.most <= kMaxTerms)
        for (int64_t value : values)
          statistics.add(getTerms(value), 1);
    });
  }
  if (statistics.most > kMaxTerms)
    return std::nullopt;
  return statistics;
}

CodingAttrInterface discovery::findShift(const Weights &weights, int64_t limit) {
  IntegerRange range = weights.getRange();
  if (weights.getCount() == 0 || range.min < -kMaxMagnitude || range.max > kMaxMagnitude)
    return {};
  std::optional<TermStatistics> statistics = countTerms(weights);
  if (!statistics || statistics->getBits() >= limit)
    return {};
  int64_t count = weights.getCount();
  std::vector<int8_t> planes(statistics->most * count, 0);
  // Values come again and again.
  std::unordered_map<int64_t, SmallVector<int8_t, kMaxTerms>> known;
  weights.forEachBlock([&](int64_t first, ArrayRef<int64_t> values) {
    for (auto [i, value] : llvm::enumerate(values)) {
      auto [entry, isNew] = known.try_emplace(value);
      if (isNew)
        entry->second = getTerms(value);
      for (auto [t, term] : llvm::enumerate(entry->second))
        planes[t * count + first + i] = term;
    }
  });
  return ShiftCodingAttr::get(
      weights.getContext(),
      makeBytePayload(weights.getContext(),
                      {static_cast<int64_t>(statistics->most),
                       weights.getOutputs(), weights.getInputs()},
                      /*isSigned=*/true, planes, weights.getName()));
}
