//===- RequantizeSearch.h - Proven forms of step functions ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cheap computations that equal a step function everywhere: integer
// multiply-add-shift, a float multiply-add with rounding, and the forms in
// which a float32 input is encoded. Each result is proven: the computation is
// monotone and agrees with the function on both sides of every step and at the
// ends of its interval (docs/rationale/exactness.md).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_REQUANTIZESEARCH_H
#define SUMAC_ANALYSIS_REQUANTIZESEARCH_H

#include "sumac/Analysis/StepFunction.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sumac {

/// Whether `implementation`, a function that never falls or never rises on
/// lo ... hi, equals the step function on all of it.
///
/// Proof: neighbours among the places checked here either enclose one step and
/// no other number, or an interval on which the step function is constant. A
/// monotone function with equal values at both ends of an interval is constant
/// on it.
template <typename Implementation>
bool agreesAtSteps(const StepFunction &function,
                   Implementation &&implementation) {
  int64_t value = function.first;
  if (implementation(function.lo) != value)
    return false;
  for (const StepFunction::Step &step : function.steps) {
    if (implementation(step.position - 1) != value ||
        implementation(step.position) != step.value)
      return false;
    value = step.value;
  }
  return implementation(function.hi) == value;
}

//===----------------------------------------------------------------------===//
// Integer: clamp(round((acc * multiplier + addend) / 2^shift), qmin, qmax)
//===----------------------------------------------------------------------===//

struct RequantizeOptions {
  /// The clamp after the shift.
  int64_t qmin = 0;
  int64_t qmax = 255;
  unsigned maxShift = 62; ///< 0 ... 62
  /// Two's complement bits that acc, multiplier, addend, acc * multiplier and
  /// acc * multiplier + addend fit in: 1 ... 64. The smallest shift gives the
  /// smallest product, so ask with 32 first where that is cheaper.
  unsigned bits = 64;
  /// The shift rounds to nearest, ties to even, instead of down. Only then a
  /// quantizer whose scale has few bits, a power of two above all, is a line:
  /// its ties alternate.
  bool halfEven = false;
};

struct MultiplyAddShift {
  int64_t multiplier = 0;
  int64_t addend = 0;
  unsigned shift = 0;
  /// Whether the shift rounds to nearest, ties to even; else down.
  bool halfEven = false;

  /// The code: shift, rounded, then clamp. Exact in 128 bits.
  int64_t operator()(int64_t acc, int64_t qmin, int64_t qmax) const;
  /// Two's complement bits that every number above fits in for acc in lo ...
  /// hi.
  unsigned bitsNeeded(int64_t lo, int64_t hi) const;
  /// The same function with a shift that is `more` greater; nothing where 64
  /// bits do not hold it.
  std::optional<MultiplyAddShift> widened(unsigned more) const;
};

/// The smallest shift with a multiplier and an addend that equal the function.
/// Nothing where none exists: the steps of a channel must lie as a rounded
/// straight line has them.
std::optional<MultiplyAddShift>
findMultiplyAddShift(const StepFunction &function,
                     const RequantizeOptions &options);

/// Multiply-add-shift of several channels with the smallest common shift.
struct MultiplyAddShiftLayer {
  unsigned shift = 0;
  /// One per channel, all with `shift`; nothing for channels that have none.
  std::vector<std::optional<MultiplyAddShift>> channels;
  bool isComplete() const;
};
MultiplyAddShiftLayer
findMultiplyAddShift(const std::vector<StepFunction> &channels,
                     const RequantizeOptions &options);

//===----------------------------------------------------------------------===//
// Float: clamp(rint(fma(float(acc), multiplier, addend)), qmin, qmax)
//===----------------------------------------------------------------------===//

struct FloatMultiplyAdd {
  /// Computed in float32 (both constants are floats then), else in float64.
  bool isFloat32 = true;
  double multiplier = 0;
  double addend = 0;

  /// The code, as IEEE hardware computes it: one fused multiply-add, rounding
  /// to nearest even twice (fma, rint), then clamp.
  int64_t operator()(int64_t acc, int64_t qmin, int64_t qmax) const;
};

/// A form in float32 (acc within +-2^24) or float64 (+-2^53), or nothing.
std::optional<FloatMultiplyAdd>
findFloatMultiplyAdd(const StepFunction &function,
                     const RequantizeOptions &options, bool float32);

/// The same for several channels, all in float32 if that is possible, else in
/// float64; channels without a form hold nothing.
std::vector<std::optional<FloatMultiplyAdd>>
findFloatMultiplyAdd(const std::vector<StepFunction> &channels,
                     const RequantizeOptions &options);

//===----------------------------------------------------------------------===//
// Encoding of float32 inputs
//===----------------------------------------------------------------------===//

/// clamp(rint(v) + offset, qmin, qmax) with v, in order of cost:
struct EncodeForm {
  enum class Kind {
    MultiplyF32, ///< x * factor, in float32
    FmaF32,      ///< fma(x, factor, addend), in float32
    MultiplyF64, ///< double(x) * factor
    FmaF64,      ///< fma(double(x), factor, addend)
    DivideF64,   ///< double(x) / factor + addend; rounds by `rounding`
  };
  Kind kind = Kind::MultiplyF32;
  double factor = 1;
  double addend = 0;
  int64_t offset = 0;
  int64_t qmin = 0;
  int64_t qmax = 0;
  /// HalfEven (rint) but for DivideF64.
  RoundingMode rounding = RoundingMode::HalfEven;

  /// The code, as IEEE hardware computes it. NaN counts as -infinity: an
  /// implementation must see to that (for a positive factor x86's
  /// maxps(v, qmin) does).
  int64_t operator()(float x) const;
};

/// The cheapest form that equals `function`, the steps of `quantizer` by float
/// keys (buildFloatSteps); nothing where none is found. With a float32 scale,
/// codes of at most 16 bits and an integer zero point DivideF64 always is, but
/// for Up and Down with a zero point before rounding.
std::optional<EncodeForm> findEncodeForm(const StepFunction &function,
                                         const Quantizer &quantizer);

} // namespace sumac

#endif // SUMAC_ANALYSIS_REQUANTIZESEARCH_H
