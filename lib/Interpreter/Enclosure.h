//===- Enclosure.h - Doubles around a number --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interval arithmetic that decides most comparisons and roundings without exact
// numbers. An enclosure [low, high] of a finite number has low < +inf and
// high > -inf; an infinite number has low = high = +-inf; low is NaN for an
// undefined one.
//
// Each bound is the operation rounded to nearest by the hardware, moved by one
// unit in the last place unless it is proven exact: sums by Knuth's two-sum,
// products and quotients by the remainder that a fused multiply-add gives. So
// arithmetic that is exact in doubles stays a single point, and ties between
// such numbers are decided too.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_ENCLOSURE_H
#define SUMAC_LIB_INTERPRETER_ENCLOSURE_H

#include "Number.h"

#include <cmath>
#include <limits>

namespace sumac::interpreter {

struct Enclosure {
  double low = 0;
  double high = 0;

  static Enclosure point(double value) { return {value, value}; }
  /// Of any finite number.
  static Enclosure unknown() {
    double infinity = std::numeric_limits<double>::infinity();
    return {-infinity, infinity};
  }
  static Enclosure of(const Real &real);
  static Enclosure of(const Number &number);
  static Enclosure ofInteger(Int128 value);

  bool isUndefined() const { return std::isnan(low) || std::isnan(high); }
  bool isInfinite() const { return low == high && std::isinf(low); }
  /// The number is this double.
  bool isPoint() const { return low == high && !std::isinf(low); }
};

namespace bounds {
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kMax = std::numeric_limits<double>::max();

inline double below(double value) { return std::nextafter(value, -kInfinity); }
inline double above(double value) { return std::nextafter(value, kInfinity); }

/// A bound `value` that rounding to nearest gave; a finite operand's result
/// that overflowed is still finite.
inline double lowerBound(double value, bool exact, bool finiteOperands) {
  if (exact || (std::isinf(value) && !finiteOperands))
    return value;
  return value == kInfinity ? kMax : below(value);
}
inline double upperBound(double value, bool exact, bool finiteOperands) {
  if (exact || (std::isinf(value) && !finiteOperands))
    return value;
  return value == -kInfinity ? -kMax : above(value);
}

/// Whether sum = a + b (rounded) is exact.
inline bool isExactSum(double a, double b, double sum) {
  double bPart = sum - a;
  double aPart = sum - bPart;
  return (a - aPart) + (b - bPart) == 0;
}
inline double sumLow(double a, double b) {
  double sum = a + b;
  return lowerBound(sum, isExactSum(a, b, sum), std::isfinite(a) && std::isfinite(b));
}
inline double sumHigh(double a, double b) {
  double sum = a + b;
  return upperBound(sum, isExactSum(a, b, sum), std::isfinite(a) && std::isfinite(b));
}

/// Whether product = a * b (rounded) is exact: the remainder is computed
/// exactly by fma unless it may fall below the smallest double.
inline bool isExactProduct(double a, double b, double product) {
  return a == 0 || b == 0 || (std::fabs(product) > 0x1p-960 && std::fma(a, b, -product) == 0);
}
inline double productLow(double a, double b) {
  if (a == 0 || b == 0) // 0 * inf = 0
    return 0;
  double product = a * b;
  return lowerBound(product, isExactProduct(a, b, product), std::isfinite(a) && std::isfinite(b));
}
inline double productHigh(double a, double b) {
  if (a == 0 || b == 0)
    return 0;
  double product = a * b;
  return upperBound(product, isExactProduct(a, b, product), std::isfinite(a) && std::isfinite(b));
}

inline bool isExactQuotient(double a, double b, double quotient) {
  return a == 0 || (std::fabs(a) > 0x1p-900 && std::fabs(quotient) > 0x1p-900 &&
                    std::isfinite(quotient) && std::fma(-quotient, b, a) == 0);
}
inline double quotientLow(double a, double b) {
  double quotient = a / b;
  return lowerBound(quotient, isExactQuotient(a, b, quotient), std::isfinite(a) && std::isfinite(b));
}
inline double quotientHigh(double a, double b) {
  double quotient = a / b;
  return upperBound(quotient, isExactQuotient(a, b, quotient), std::isfinite(a) && std::isfinite(b));
}
} // namespace bounds

inline Enclosure operator-(const Enclosure &a) { return {-a.high, -a.low}; }
inline Enclosure operator+(const Enclosure &a, const Enclosure &b) {
  return {bounds::sumLow(a.low, b.low), bounds::sumHigh(a.high, b.high)};
}
inline Enclosure operator-(const Enclosure &a, const Enclosure &b) { return a + (-b); }
Enclosure operator*(const Enclosure &a, const Enclosure &b);
/// Unknown where the divisor may be zero.
Enclosure operator/(const Enclosure &a, const Enclosure &b);
inline Enclosure max(const Enclosure &a, const Enclosure &b) {
  return {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}
inline Enclosure min(const Enclosure &a, const Enclosure &b) {
  return {a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
}

/// Functions through MPFR, rounded outward.
Enclosure exp(const Enclosure &a);
Enclosure tanh(const Enclosure &a);
Enclosure sigmoid(const Enclosure &a);
/// a^exponent; unknown unless a > 0.
Enclosure power(const Enclosure &a, double exponent);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_ENCLOSURE_H
