//===- LineSearch.cpp - Straight lines through steps ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LineSearch.h"

#include <algorithm>
#include <cmath>

using namespace sumac;

/// Multipliers stay below 2^62 in magnitude.
static constexpr Int128 kGreatestMultiplier = Int128(1) << 62;
/// Positions and values stay below this, so that products fit in 128 bits.
static constexpr int64_t kGreatestCoordinate = int64_t(1) << 61;
/// Far more cuts than any function of this project has needed.
static constexpr int kCutLimit = 1000;

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

std::optional<LineConstraints> LineConstraints::of(const StepFunction &function,
                                                   int64_t qmin, int64_t qmax) {
  if (function.minimum() < qmin || function.maximum() > qmax)
    return std::nullopt;
  for (int64_t number : {function.lo, function.hi, qmin, qmax})
    if (number > kGreatestCoordinate || number < -kGreatestCoordinate)
      return std::nullopt;
  LineConstraints result;
  bool rising = function.isNonDecreasing();
  if (!rising && !function.isNonIncreasing())
    return std::nullopt;
  int64_t value = function.first;
  for (const StepFunction::Step &step : function.steps) {
    // The value goes from `value` to step.value. Of a step of several units the
    // highest floor and the lowest ceiling say all.
    int64_t upper = rising ? step.position : step.position - 1;
    int64_t lower = rising ? step.position - 1 : step.position;
    result.floors.push_back({std::max(value, step.value), upper});
    result.ceilings.push_back({std::min(value, step.value) + 1, lower});
    value = step.value;
  }
  // The ends bind where the clamp does not: a line that keeps to the constraint
  // at the far end does so on the way there.
  int64_t lowEnd = rising ? function.lo : function.hi;
  int64_t highEnd = rising ? function.hi : function.lo;
  if (function.minimum() > qmin)
    result.floors.push_back({function.minimum(), lowEnd});
  if (function.maximum() < qmax)
    result.ceilings.push_back({function.maximum() + 1, highEnd});
  return result;
}

//===----------------------------------------------------------------------===//
// Integer search
//===----------------------------------------------------------------------===//

/// floor(a / b) for b > 0.
static Int128 floorDivide(Int128 a, Int128 b) {
  Int128 quotient = a / b;
  return quotient - (a % b < 0);
}

/// The value of a fraction that is not zero in its denominator.
static long double toReal(Int128 numerator, Int128 denominator) {
  return (long double)numerator / (long double)denominator;
}

long double LineSearch::leastSlope() const {
  return least ? toReal(least->numerator, least->denominator) : -HUGE_VALL;
}
long double LineSearch::greatestSlope() const {
  return greatest ? toReal(greatest->numerator, greatest->denominator)
                  : HUGE_VALL;
}

bool LineSearch::takesHalfEven(const StepFunction &function) {
  constexpr int64_t kGreatestPosition = int64_t(1) << 44;
  constexpr int64_t kGreatestCode = int64_t(1) << 18;
  return function.lo >= -kGreatestPosition &&
         function.hi <= kGreatestPosition &&
         function.minimum() >= -kGreatestCode &&
         function.maximum() <= kGreatestCode;
}

Int128 LineSearch::getBound(int64_t value, unsigned shift) const {
  return Int128(value) * (Int128(1) << shift) + (halfEven ? value & 1 : 0);
}

void LineSearch::cut(const LineConstraint &floor, const LineConstraint &ceiling,
                     unsigned shift) {
  // k - m X <= c < j - m Y needs m (Y - X) < j - k. A slope is M / 2^S, and what
  // ties do to it depends on S.
  Int128 run = Int128(ceiling.position) - floor.position;
  Int128 rise = Int128(ceiling.value) - floor.value;
  if (halfEven) {
    run *= Int128(1) << shift;
    rise = getBound(ceiling.value, shift) - getBound(floor.value, shift);
  }
  if (run > 0)
    greatest = {rise, run};
  else if (run < 0)
    least = {-rise, -run};
  else
    impossible = true; // This pair was violated, and no slope changes that.
  if (least && greatest &&
      least->numerator * greatest->denominator >=
          greatest->numerator * least->denominator)
    impossible = true;
}

/// The integer to try next: 0 if allowed, else the middle of what is allowed.
std::optional<Int128> LineSearch::choose(unsigned shift) const {
  Int128 low = -kGreatestMultiplier, high = kGreatestMultiplier;
  Int128 unit = Int128(1) << shift;
  if (least)
    low = std::max(
        low, floorDivide(least->numerator * unit, least->denominator) + 1);
  if (greatest)
    high = std::min(
        high,
        -floorDivide(-greatest->numerator * unit, greatest->denominator) - 1);
  if (low > high)
    return std::nullopt;
  if (low <= 0 && high >= 0)
    return Int128(0);
  // Without a limit on one side the smallest magnitude will do.
  if (!least || !greatest)
    return low > 0 ? low : high;
  return low + (high - low) / 2;
}

std::optional<LineSearch::Result> LineSearch::find(unsigned shift) {
  if (halfEven) {
    // Nothing is known of other shifts.
    least = greatest = std::nullopt;
    impossible = false;
  }
  for (int cuts = 0; cuts < kCutLimit && !impossible; ++cuts) {
    std::optional<Int128> multiplier = choose(shift);
    if (!multiplier)
      return std::nullopt;
    Int128 m = *multiplier;
    // c >= k 2^S - M X for all floors, c <= k 2^S - 1 - M Y for all ceilings.
    Int128 low = -(Int128(1) << 126), high = Int128(1) << 126;
    const LineConstraint *floor = nullptr, *ceiling = nullptr;
    for (const LineConstraint &candidate : constraints.floors) {
      Int128 bound =
          getBound(candidate.value, shift) - m * candidate.position;
      if (!floor || bound > low) {
        low = bound;
        floor = &candidate;
      }
    }
    for (const LineConstraint &candidate : constraints.ceilings) {
      Int128 bound =
          getBound(candidate.value, shift) - 1 - m * candidate.position;
      if (!ceiling || bound < high) {
        high = bound;
        ceiling = &candidate;
      }
    }
    if (low <= high || !floor || !ceiling)
      return Result{int64_t(m), low, high};
    // The pair forbids this multiplier: each cut excludes what it tried.
    cut(*floor, *ceiling, shift);
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Middle lines
//===----------------------------------------------------------------------===//

/// The room for c that a slope leaves, and its middle.
static long double room(const std::vector<RealConstraint> &floors,
                        const std::vector<RealConstraint> &ceilings,
                        long double slope, long double &middle) {
  long double low = -HUGE_VALL, high = HUGE_VALL;
  for (const RealConstraint &floor : floors)
    low = std::max(low, floor.value - slope * floor.position);
  for (const RealConstraint &ceiling : ceilings)
    high = std::min(high, ceiling.value - slope * ceiling.position);
  if (std::isinf(low) && std::isinf(high))
    middle = 0;
  else if (std::isinf(low))
    middle = high - 1;
  else if (std::isinf(high))
    middle = low + 1;
  else
    middle = low + (high - low) / 2;
  return high - low;
}

long double sumac::middleOffset(const std::vector<RealConstraint> &floors,
                                const std::vector<RealConstraint> &ceilings,
                                long double slope) {
  long double middle;
  room(floors, ceilings, slope, middle);
  return middle;
}

RealLine sumac::middleLine(const std::vector<RealConstraint> &floors,
                           const std::vector<RealConstraint> &ceilings,
                           long double leastSlope, long double greatestSlope) {
  // The room is concave in the slope: ternary search.
  long double ignored;
  for (int i = 0; i < 60; ++i) {
    long double third = (greatestSlope - leastSlope) / 3;
    long double left = leastSlope + third, right = greatestSlope - third;
    if (room(floors, ceilings, left, ignored) <
        room(floors, ceilings, right, ignored))
      leastSlope = left;
    else
      greatestSlope = right;
  }
  RealLine line;
  line.slope = leastSlope + (greatestSlope - leastSlope) / 2;
  line.offset = middleOffset(floors, ceilings, line.slope);
  return line;
}
