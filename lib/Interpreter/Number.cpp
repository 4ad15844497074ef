//===- Number.cpp - Real numbers and infinities -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic with infinities, and the seven rounding modes.
//
//===----------------------------------------------------------------------===//

#include "Number.h"

#include <cmath>

using namespace sumac;
using namespace sumac::interpreter;

Number Number::fromFloat(double value) {
  if (std::isnan(value))
    return infinity(-1);
  if (std::isinf(value))
    return infinity(value > 0 ? 1 : -1);
  return Number(Real::exactly(value));
}

std::optional<int> Number::sign() const {
  switch (kind) {
  case Kind::Finite:
    return real.sign();
  case Kind::PlusInfinity:
    return 1;
  case Kind::MinusInfinity:
    return -1;
  case Kind::Undefined:
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<int> Number::compare(const Number &other) const {
  if (isUndefined() || other.isUndefined())
    return std::nullopt;
  if (isFinite() && other.isFinite())
    return real.compare(other.real);
  if (kind == other.kind)
    return 0;
  return isInfinite() ? *sign() : -*other.sign();
}

Number sumac::interpreter::operator+(const Number &a, const Number &b) {
  if (a.isFinite() && b.isFinite())
    return a.real + b.real;
  if (a.isUndefined() || b.isFinite())
    return a;
  if (b.isUndefined() || a.isFinite() || a.kind == b.kind)
    return b;
  return Number::undefined();
}

Number sumac::interpreter::operator*(const Number &a, const Number &b) {
  if (a.isFinite() && b.isFinite())
    return a.real * b.real;
  std::optional<int> signA = a.sign(), signB = b.sign();
  if (!signA || !signB)
    return Number::undefined();
  int sign = *signA * *signB;
  return sign == 0 ? Number(Real(0)) : Number::infinity(sign);
}

Number Number::operator-() const { return *this * Number(Real(-1)); }

Number Number::divide(const Number &divisor) const {
  std::optional<int> divisorSign = divisor.sign();
  if (isUndefined() || !divisorSign || *divisorSign == 0)
    return undefined();
  if (divisor.isInfinite())
    return isInfinite() ? undefined() : Number(Real(0));
  if (isInfinite())
    return infinity(*sign() * *divisorSign);
  return orUndefined(real.divide(divisor.real));
}

Number Number::max(const Number &a, const Number &b) {
  std::optional<int> order = a.compare(b);
  return !order ? undefined() : *order >= 0 ? a : b;
}

Number Number::min(const Number &a, const Number &b) {
  std::optional<int> order = a.compare(b);
  return !order ? undefined() : *order <= 0 ? a : b;
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

/// Which of the two integers around a number that is none is taken. `half` is
/// the order of the number's fraction and 1/2, `sign` the number's sign,
/// `floorIsOdd` the parity of the integer below.
static bool roundsUp(RoundingMode mode, int half, int sign, bool floorIsOdd) {
  switch (mode) {
  case RoundingMode::HalfEven:
    return half > 0 || (half == 0 && floorIsOdd);
  case RoundingMode::HalfUp: // ties away from zero
    return half > 0 || (half == 0 && sign > 0);
  case RoundingMode::HalfDown: // ties toward zero
    return half > 0 || (half == 0 && sign < 0);
  case RoundingMode::Floor:
    return false;
  case RoundingMode::Ceil:
    return true;
  case RoundingMode::Up: // away from zero
    return sign > 0;
  case RoundingMode::Down: // toward zero
    return sign < 0;
  }
  return false;
}

/// The modes that round to the nearest integer ask about value + 1/2 alone: a
/// number that cannot be told from an integer can still be rounded.
static std::optional<Integer> roundToNearest(const Real &value, RoundingMode mode) {
  Real moved = value + Real(Rational(1) / Rational(2));
  std::optional<Integer> above = moved.floor();
  std::optional<int> order = above ? moved.compare(Real(*above)) : std::nullopt;
  if (!order)
    return std::nullopt;
  if (*order != 0)
    return above;
  // A tie between `above` and the integer below it.
  Integer below = *above - Integer(1);
  return roundsUp(mode, /*half=*/0, below.sign() < 0 ? -1 : 1, below.isOdd()) ? *above : below;
}

std::optional<Integer> interpreter::roundToInteger(const Real &value, RoundingMode mode) {
  if (mode == RoundingMode::HalfEven || mode == RoundingMode::HalfUp || mode == RoundingMode::HalfDown)
    return roundToNearest(value, mode);
  std::optional<Integer> floor = value.floor();
  std::optional<int> order = floor ? value.compare(Real(*floor)) : std::nullopt;
  if (!order)
    return std::nullopt;
  if (*order == 0)
    return floor;
  // Not an integer, so below zero exactly if the integer below is.
  int sign = floor->sign() < 0 ? -1 : 1;
  return roundsUp(mode, /*half=*/0, sign, floor->isOdd()) ? *floor + Integer(1) : *floor;
}

double interpreter::roundToInteger(double value, RoundingMode mode) {
  // Doubles from 2^52 on are integers.
  if (!(std::fabs(value) < 0x1p52))
    return value;
  double floor = std::floor(value);
  if (floor == value)
    return value;
  // floor + 0.5 has at most 53 bits: it is exact, and so is the comparison.
  double middle = floor + 0.5;
  int half = (value > middle) - (value < middle);
  return roundsUp(mode, half, value < 0 ? -1 : 1, std::fmod(floor, 2.0) != 0) ? floor + 1 : floor;
}
