//===- Shift.cpp - Weights that are sums of powers of two ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fewest signed powers of two for each weight (papers.md, FL).
//
//===----------------------------------------------------------------------===//

#include "Discovery.h"

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

CodingAttrInterface discovery::findShift(const Weights &weights) {
  const auto &distinct = weights.getDistinct();
  IntegerRange range = weights.getRange();
  if (distinct.empty() || range.min < -kMaxMagnitude ||
      range.max > kMaxMagnitude)
    return {};
  std::map<int64_t, SmallVector<int8_t>> terms;
  size_t most = 1;
  for (auto [value, count] : distinct) {
    most = std::max(most, (terms[value] = getTerms(value)).size());
    if (most > kMaxTerms)
      return {};
  }
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
