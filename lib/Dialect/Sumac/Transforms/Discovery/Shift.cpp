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
  return terms;
}

CodingAttrInterface discovery::findShift(const Weights &weights, int64_t limit) {
  const auto &distinct = weights.getDistinct();
  IntegerRange range = weights.getRange();
  if (distinct.empty() || range.min < -kMaxMagnitude ||
      range.max > kMaxMagnitude)
    return {};
  std::map<int64_t, SmallVector<int8_t>> terms;
  size_t most = 1;
  int64_t termCount = 0, lowest = INT8_MAX, highest = 1;
  for (auto [value, count] : distinct) {
    const SmallVector<int8_t> &own = terms[value] = getTerms(value);
    most = std::max(most, own.size());
    if (most > kMaxTerms)
      return {};
    termCount += count * static_cast<int64_t>(own.size());
    for (int8_t term : own) {
      lowest = std::min<int64_t>(lowest, std::abs(term));
      highest = std::max<int64_t>(highest, std::abs(term));
    }
  }
  // A sign and an exponent each, and at least the terms that are there.
  int64_t termBits = 1 + llvm::Log2_64_Ceil(std::max<int64_t>(highest - lowest, 0) + 2);
  if (termCount * termBits >= limit)
    return {};
  int64_t count = weights.getCount();
  std::vector<int8_t> planes(most * count);
  for (size_t t = 0; t < most; ++t) {
    std::vector<int8_t> plane = weights.mapToBytes([&](int64_t value) {
      const SmallVector<int8_t> &own = terms[value];
      return t < own.size() ? own[t] : 0;
    });
    llvm::copy(plane, planes.begin() + t * count);
  }
  return ShiftCodingAttr::get(
      weights.getContext(),
      makeBytePayload(weights.getContext(),
                      {static_cast<int64_t>(most), weights.getOutputs(),
                       weights.getInputs()},
                      /*isSigned=*/true, planes, weights.getName()));
}
