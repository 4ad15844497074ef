//===- LineSearch.h - Straight lines through steps --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A monotone step function equals floor(m x + c) between its clamps iff the
// line passes every step on the right side:
//
//     m X + c >= k      for each step to k or more at X       ("floors")
//     m Y + c <  k      for the place Y on its other side     ("ceilings")
//
// In the plane of (m, c) these are half planes; the lines are a convex polygon,
// whose width in c is a concave function of m.
//
// Where the shift rounds to nearest, ties to even, an odd k begins one later than
// an even one: behind its tie instead of on it. With h = 2^(S-1) in C,
//
//     M X + C >= k 2^S + (k odd),    M Y + C < k 2^S + (k odd).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_ANALYSIS_LINESEARCH_H
#define SUMAC_LIB_ANALYSIS_LINESEARCH_H

#include "sumac/Analysis/StepFunction.h"

#include <optional>
#include <vector>

namespace sumac {

/// The value at `position` is at least (a floor) or below (a ceiling) `value`.
struct LineConstraint {
  int64_t value;
  int64_t position;
};

struct LineConstraints {
  std::vector<LineConstraint> floors;
  std::vector<LineConstraint> ceilings;

  /// The constraints of a monotone function that a clamp to qmin ... qmax
  /// follows; nothing for others and for values outside the clamp.
  static std::optional<LineConstraints> of(const StepFunction &function,
                                           int64_t qmin, int64_t qmax);
};

/// Searches integers M, C with M X + C >= k 2^S and M Y + C < k 2^S.
class LineSearch {
public:
  struct Result {
    int64_t multiplier;
    Int128 leastAddend;
    Int128 greatestAddend;
  };

  /// With `halfEven` the addends are those of a shift that rounds to nearest,
  /// ties to even, and shifts are 1 ... kMaxHalfEven.
  explicit LineSearch(const LineConstraints &constraints, bool halfEven = false)
      : constraints(constraints), halfEven(halfEven) {}

  /// Up to here, and with positions and codes that takesHalfEven() allows,
  /// products of slopes fit in 128 bits.
  static constexpr unsigned kMaxHalfEven = 24;
  static bool takesHalfEven(const StepFunction &function);

  /// A multiplier for this shift (0 ... 62) with all addends that go with it.
  /// Calls with growing shifts reuse what earlier ones found out.
  std::optional<Result> find(unsigned shift);
  /// Whether no line satisfies the constraints, whatever the shift.
  bool isImpossible() const { return impossible && !halfEven; }

  /// Bounds of M / 2^S, both exclusive, that find() came to; infinite if none.
  long double leastSlope() const;
  long double greatestSlope() const;

private:
  struct Fraction {
    Int128 numerator;
    Int128 denominator; ///< Positive.
  };
  /// k 2^shift, and one more where an odd k begins behind its tie.
  Int128 getBound(int64_t value, unsigned shift) const;
  /// Cuts the slopes off that a floor and a ceiling forbid together.
  void cut(const LineConstraint &floor, const LineConstraint &ceiling,
           unsigned shift);
  std::optional<Int128> choose(unsigned shift) const;

  const LineConstraints &constraints;
  bool halfEven;
  std::optional<Fraction> least, greatest;
  bool impossible = false;
};

/// The constraints with real positions, for the search of float constants.
struct RealConstraint {
  long double value;
  long double position;
};

struct RealLine {
  long double slope;
  long double offset;
};

/// The middle of the offsets c with a slope that constraints leave.
long double middleOffset(const std::vector<RealConstraint> &floors,
                         const std::vector<RealConstraint> &ceilings,
                         long double slope);
/// The line that stays farthest from all constraints, with a slope between the
/// given ones. A guess: in long double, to be verified.
RealLine middleLine(const std::vector<RealConstraint> &floors,
                    const std::vector<RealConstraint> &ceilings,
                    long double leastSlope, long double greatestSlope);

} // namespace sumac

#endif // SUMAC_LIB_ANALYSIS_LINESEARCH_H
