//===- RequantizeSearch.cpp - Multiply-add-shift for step functions -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/RequantizeSearch.h"
#include "LineSearch.h"

#include <algorithm>
#include <cmath>

using namespace sumac;

//===----------------------------------------------------------------------===//
// MultiplyAddShift
//===----------------------------------------------------------------------===//

int64_t MultiplyAddShift::operator()(int64_t acc, int64_t qmin,
                                     int64_t qmax) const {
  Int128 value = shiftRight(Int128(acc) * multiplier + addend, shift, halfEven);
  return int64_t(std::min(std::max(value, Int128(qmin)), Int128(qmax)));
}

static unsigned signedBits(Int128 number) {
  UInt128 magnitude = number < 0 ? ~UInt128(number) : UInt128(number);
  unsigned bits = 1;
  for (; magnitude; magnitude >>= 1)
    ++bits;
  return bits;
}

unsigned MultiplyAddShift::bitsNeeded(int64_t lo, int64_t hi) const {
  unsigned bits = std::max(signedBits(multiplier), signedBits(addend));
  for (int64_t acc : {lo, hi}) {
    // acc * multiplier and the sum are monotone: extreme at the ends.
    Int128 product = Int128(acc) * multiplier;
    Int128 half = halfEven ? Int128(1) << (shift - 1) : 0;
    bits = std::max({bits, signedBits(acc), signedBits(product),
                     signedBits(product + addend),
                     signedBits(product + addend + half)});
  }
  return bits;
}

std::optional<MultiplyAddShift> MultiplyAddShift::widened(unsigned more) const {
  // floor((m x + c) 2^d / 2^(s + d)) = floor((m x + c) / 2^s).
  if (shift + more > 62 || signedBits(multiplier) + more > 64 ||
      signedBits(addend) + more > 64)
    return std::nullopt;
  int64_t factor = int64_t(1) << more;
  return MultiplyAddShift{multiplier * factor, addend * factor, shift + more,
                          halfEven};
}

/// The number from low to high with the most trailing zeros: few bits to store.
static Int128 roundestBetween(Int128 low, Int128 high) {
  if (low <= 0 && high >= 0)
    return 0;
  for (unsigned zeros = 126; zeros > 0; --zeros) {
    Int128 unit = Int128(1) << zeros;
    // The least multiple that is not below `low`.
    Int128 candidate = low - low % unit;
    if (candidate < low)
      candidate += unit;
    if (candidate <= high)
      return candidate;
  }
  return low;
}

std::optional<MultiplyAddShift>
sumac::findMultiplyAddShift(const StepFunction &function,
                            const RequantizeOptions &options) {
  if (options.halfEven && !LineSearch::takesHalfEven(function))
    return std::nullopt;
  std::optional<LineConstraints> constraints =
      LineConstraints::of(function, options.qmin, options.qmax);
  if (!constraints)
    return std::nullopt;
  LineSearch search(*constraints, options.halfEven);
  unsigned maxShift = options.halfEven
                          ? std::min(options.maxShift, LineSearch::kMaxHalfEven)
                          : options.maxShift;
  for (unsigned shift = options.halfEven; shift <= maxShift; ++shift) {
    if (search.isImpossible())
      break;
    std::optional<LineSearch::Result> line = search.find(shift);
    if (!line)
      continue;
    // The line's addend has the half in it that rounding to nearest adds.
    Int128 half = options.halfEven ? Int128(1) << (shift - 1) : 0;
    Int128 addend = line->multiplier == 0
                        ? Int128(function.first) * (Int128(1) << shift)
                        : roundestBetween(line->leastAddend - half,
                                          line->greatestAddend - half);
    MultiplyAddShift result{line->multiplier, int64_t(addend), shift,
                            options.halfEven};
    // A greater shift gives greater products: nothing is left to try.
    if (addend != result.addend ||
        result.bitsNeeded(function.lo, function.hi) > options.bits)
      return std::nullopt;
    bool proven = agreesAtSteps(function, [&](int64_t acc) {
      return result(acc, options.qmin, options.qmax);
    });
    return proven ? std::optional(result) : std::nullopt;
  }
  return std::nullopt;
}

bool MultiplyAddShiftLayer::isComplete() const {
  return std::all_of(channels.begin(), channels.end(),
                     [](const auto &channel) { return channel.has_value(); });
}

MultiplyAddShiftLayer
sumac::findMultiplyAddShift(const std::vector<StepFunction> &channels,
                            const RequantizeOptions &options) {
  MultiplyAddShiftLayer layer;
  for (const StepFunction &channel : channels) {
    std::optional<MultiplyAddShift> form =
        findMultiplyAddShift(channel, options);
    layer.shift = std::max(layer.shift, form ? form->shift : 0);
    layer.channels.push_back(form);
  }
  for (size_t i = 0; i < channels.size(); ++i) {
    std::optional<MultiplyAddShift> &form = layer.channels[i];
    if (!form)
      continue;
    form = form->widened(layer.shift - form->shift);
    if (form && form->bitsNeeded(channels[i].lo, channels[i].hi) > options.bits)
      form = std::nullopt;
  }
  return layer;
}
