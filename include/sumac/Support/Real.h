//===- Real.h - Exact real numbers ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The real numbers that a model's arithmetic can produce, kept exactly:
//
//   * algebraic: r + sum of q_i * sqrt(n_i), with rationals r, q_i and natural
//     numbers n_i (a batch norm's sqrt(variance + epsilon) is irrational);
//   * transcendental: the value of exp, sigmoid, tanh, pow, or of arithmetic on
//     several such values, known through intervals that can be refined.
//
// Decisions (sign, order, floor, rounding) about algebraic numbers always
// succeed: no ratio of two radicands of a sum is the square of a rational, so
// the roots are linearly independent over the rationals (Besicovitch 1940), a
// sum with a term is not zero, and refining an interval around it ends.
//
// Decisions about a + b * T with algebraic a, b and T = exp, sigmoid or tanh
// of an algebraic number other than zero succeed too, because T is
// transcendental (Lindemann and Weierstrass). For anything else refinement
// gives up beyond kUndecidedPrecision bits and the decision fails: it returns
// nothing. Such a number is equal to what it is compared with, for all that is
// known.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_REAL_H
#define SUMAC_SUPPORT_REAL_H

#include "sumac/Support/Rational.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sumac {

namespace detail {
struct Irrational;
struct Node;
class Interval;
} // namespace detail

class Real;
Real operator+(const Real &a, const Real &b);
Real operator*(const Real &a, const Real &b);

class Real {
public:
  /// Where refinement of numbers that may be equal gives up, in bits.
  static constexpr unsigned kUndecidedPrecision = 4096;
  /// The same for numbers that are proven to differ: a bound on memory only.
  static constexpr unsigned kGreatestPrecision = 1u << 20;

  Real() = default;
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T>>>
  Real(T number) : rational(number) {}
  Real(const Integer &number) : rational(number) {}
  Real(Rational number) : rational(std::move(number)) {}
  /// The exact value of a finite float (infinities and NaN give 0).
  static Real exactly(double finite) { return Rational::exactly(finite); }

  //===--- Arithmetic
  //------------------------------------------------------===//

  friend Real operator+(const Real &a, const Real &b);
  friend Real operator*(const Real &a, const Real &b);
  friend Real operator-(const Real &a, const Real &b) { return a + (-b); }
  Real operator-() const { return *this * Real(-1); }
  Real &operator+=(const Real &other) { return *this = *this + other; }
  Real &operator-=(const Real &other) { return *this = *this - other; }
  Real &operator*=(const Real &other) { return *this = *this * other; }
  /// 1 / this; nothing for zero (or what cannot be told from zero).
  std::optional<Real> inverse() const;
  /// this / divisor; nothing for division by zero.
  std::optional<Real> divide(const Real &divisor) const;
  /// Nothing for negative numbers.
  std::optional<Real> sqrt() const;
  std::optional<Real> abs() const;
  /// this^exponent by repeated multiplication; nothing for 0 to a negative
  /// power and for rationals beyond 2^20 bits.
  std::optional<Real> pow(int64_t exponent) const;
  /// this^exponent for this >= 0: exact where the result is rational or the
  /// square root of a rational. Integer exponents take any base. 0^0 = 1.
  std::optional<Real> pow(const Rational &exponent) const;

  /// e^this.
  Real exp() const;
  /// 1 / (1 + e^-this).
  Real sigmoid() const;
  Real tanh() const;

  //===--- Decisions
  //-------------------------------------------------------===//

  /// -1, 0 or 1.
  std::optional<int> sign() const;
  /// The sign of this - other.
  std::optional<int> compare(const Real &other) const;
  std::optional<bool> equals(const Real &other) const;
  std::optional<Integer> floor() const;
  std::optional<Integer> ceil() const;

  //===--- Conversions
  //-----------------------------------------------------===//

  /// Whether the number is held as a rational. Algebraic numbers that are
  /// rational always are.
  bool isRational() const { return !irrational; }
  /// Whether the number is a sum of rationals and their square roots, so that
  /// every decision succeeds.
  bool isAlgebraic() const;
  /// The rational part; the number itself if isRational().
  const Rational &asRational() const { return rational; }
  /// Close to the number: a few units in the last place.
  double approx() const;
  /// Doubles with low <= this <= high.
  void enclose(double &low, double &high) const;
  /// Rounded once to nearest even, overflow and subnormals included.
  std::optional<double> toDouble() const;
  std::optional<float> toFloat() const;

  /// Text of algebraic numbers that parse() reads, for instance
  /// "0x1.8p-3*sqrt(0x1.01p+8)+0x1p+0", radicands being integers without a
  /// factor 4. The text of others is for people.
  std::string toString() const;
  /// Reads sums of rationals (see Rational::parse) and of their multiples of
  /// square roots of rationals.
  static std::optional<Real> parse(std::string_view text);

private:
  friend struct detail::Irrational;
  friend struct detail::Node;
  friend class detail::Interval;

  void setIrrational(detail::Irrational &&parts);
  /// this * factor for an algebraic factor.
  Real scaledBy(const Real &factor) const;
  bool isZeroRational() const { return !irrational && rational.isZero(); }
  detail::Interval interval(unsigned precision) const;
  bool differsFromZero() const;
  std::optional<int> signByRefinement() const;

  Rational rational;
  /// What is added to `rational`; null for rationals.
  std::shared_ptr<const detail::Irrational> irrational;
};

} // namespace sumac

#endif // SUMAC_SUPPORT_REAL_H
