//===- Number.h - Real numbers and infinities -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element of a tensor of reals. A float input may be infinite, and counts as
// a number beyond all bounds then: inf + 1 = inf, 0 * inf = 0, 1 / inf = 0,
// and inf - inf is undefined, which is an error where a decision needs it.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_NUMBER_H
#define SUMAC_LIB_INTERPRETER_NUMBER_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Real.h"

namespace sumac::interpreter {

class Number {
public:
  enum class Kind : uint8_t { Finite, PlusInfinity, MinusInfinity, Undefined };

  Number() = default;
  Number(Real real) : real(std::move(real)) {}
  static Number infinity(int sign) {
    return Number(sign > 0 ? Kind::PlusInfinity : Kind::MinusInfinity);
  }
  static Number undefined() { return Number(Kind::Undefined); }
  /// The number that a float means; NaN is taken as minus infinity.
  static Number fromFloat(double value);
  /// Undefined where the computation of a real gave nothing.
  static Number orUndefined(std::optional<Real> real) {
    return real ? Number(std::move(*real)) : undefined();
  }

  bool isFinite() const { return kind == Kind::Finite; }
  bool isUndefined() const { return kind == Kind::Undefined; }
  bool isInfinite() const { return !isFinite() && !isUndefined(); }
  const Real &getReal() const { return real; }

  /// Nothing where undefined, or where refinement cannot tell.
  std::optional<int> sign() const;
  std::optional<int> compare(const Number &other) const;

  friend Number operator+(const Number &a, const Number &b);
  friend Number operator*(const Number &a, const Number &b);
  Number operator-() const;
  friend Number operator-(const Number &a, const Number &b) { return a + (-b); }
  /// this / divisor; undefined for division by zero and inf / inf.
  Number divide(const Number &divisor) const;
  static Number max(const Number &a, const Number &b);
  static Number min(const Number &a, const Number &b);

private:
  explicit Number(Kind kind) : kind(kind) {}

  Real real;
  Kind kind = Kind::Finite;
};

/// The definition of the rounding modes.
std::optional<Integer> roundToInteger(const Real &value, RoundingMode mode);

/// The same on doubles, exactly: the integer as a double. A monotone function,
/// so it maps both ends of an interval to one integer only if it maps every
/// number between them there.
double roundToInteger(double value, RoundingMode mode);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_NUMBER_H
