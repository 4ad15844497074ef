//===- StepFunction.h - Piecewise constant integer functions ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exact function from accumulators (or float32 inputs) to codes, as the
// places where it changes. docs/rationale/exactness.md says why these places
// are all that an implementation has to be checked at.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_STEPFUNCTION_H
#define SUMAC_ANALYSIS_STEPFUNCTION_H

#include "sumac/Analysis/ScalarFunction.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sumac {

/// An integer function on the integers lo ... hi that is constant between its
/// steps.
struct StepFunction {
  /// From `position` on the value is `value`.
  struct Step {
    int64_t position;
    int64_t value;
    bool operator==(const Step &other) const {
      return position == other.position && value == other.value;
    }
  };

  int64_t lo = 0;
  int64_t hi = 0;
  int64_t first = 0;       ///< The value at lo.
  std::vector<Step> steps; ///< lo < positions <= hi, ascending; values change.

  /// The value at x; at the nearer end for x outside lo ... hi.
  int64_t operator()(int64_t x) const;
  int64_t last() const { return steps.empty() ? first : steps.back().value; }
  int64_t minimum() const;
  int64_t maximum() const;
  bool isConstant() const { return steps.empty(); }
  /// Constant functions are both.
  bool isNonDecreasing() const;
  bool isNonIncreasing() const;

  /// For a function that never falls: the least x with f(x) >= k, for k =
  /// first() + 1 ... last(). So f(x) = first + the number of these <= x.
  std::vector<int64_t> risingThresholds() const;
  /// For a function that never rises: the least x with f(x) <= k, for k =
  /// first() - 1 ... last(). So f(x) = first - the number of these <= x.
  std::vector<int64_t> fallingThresholds() const;

  /// The same function on a part of its interval: lo <= low <= high <= hi.
  StepFunction restrictTo(int64_t low, int64_t high) const;

  bool operator==(const StepFunction &other) const {
    return lo == other.lo && hi == other.hi && first == other.first &&
           steps == other.steps;
  }
};

//===----------------------------------------------------------------------===//
// Floats as integers
//===----------------------------------------------------------------------===//

/// The keys of -infinity and +infinity. Keys order as the floats do; -0 and +0
/// share key 0, and NaN has the key of -infinity.
constexpr int32_t kMinFloatKey = -0x7f800000;
constexpr int32_t kMaxFloatKey = 0x7f800000;

int32_t floatToKey(float number);
/// The float of a key between kMinFloatKey and kMaxFloatKey (+0 for 0).
float keyToFloat(int32_t key);

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// Functions of more steps than this are refused by default.
constexpr size_t kDefaultStepLimit = size_t(1) << 22;

/// The steps of a chain that gives codes (ScalarFunction::givesCodes) on the
/// integers lo ... hi. Fails where the chain is undefined or undecidable
/// somewhere, a code exceeds 64 bits, or there are more than `limit` steps.
///
/// Each piece on which the chain is monotone is bisected down to the places
/// where the code changes; a code is computed in double where its error bound
/// allows, else exactly.
std::optional<StepFunction> buildSteps(const ScalarFunction &codes, int64_t lo,
                                       int64_t hi,
                                       size_t limit = kDefaultStepLimit);

/// The same for `function` followed by a quantizer.
std::optional<StepFunction> buildSteps(ScalarFunction function,
                                       const Quantizer &quantizer, int64_t lo,
                                       int64_t hi,
                                       size_t limit = kDefaultStepLimit);

/// The same for a function of a float32 input; positions are keys, infinities
/// stand for the limits there. A code without limit has none at infinity:
/// exclude the infinities from loKey ... hiKey then.
std::optional<StepFunction> buildFloatSteps(const ScalarFunction &codes,
                                            int32_t loKey = kMinFloatKey,
                                            int32_t hiKey = kMaxFloatKey,
                                            size_t limit = kDefaultStepLimit);

} // namespace sumac

#endif // SUMAC_ANALYSIS_STEPFUNCTION_H
