//===- SignedDigits.h - Canonical signed digits -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers as sums and differences of powers of two.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_SIGNEDDIGITS_H
#define SUMAC_ANALYSIS_SIGNEDDIGITS_H

#include "llvm/ADT/bit.h"

#include <cstdint>

namespace sumac {

/// The canonical signed digits of a number: no two neighbours are both not
/// zero, so there are as few as can be.
struct SignedDigits {
  uint64_t positive, negative; ///< bits of the digits 1 and -1

  explicit SignedDigits(int64_t value) {
    auto v = static_cast<uint64_t>(value);
    // For |v| < 2^62: 3 v - v = 2 v, digit by digit, signs from the borrow.
    uint64_t triple = v + (v << 1);
    positive = (triple & ~v) >> 1;
    negative = (v & ~triple) >> 1;
    // Bit 63 of 3 v and of v are equal signs, which cancel.
  }
  int64_t count() const {
    return llvm::popcount(positive) + llvm::popcount(negative);
  }
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_SIGNEDDIGITS_H
