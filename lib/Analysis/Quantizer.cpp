//===- Quantizer.cpp - From a real number to a code -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/Quantizer.h"

#include <cmath>

using namespace sumac;

/// Which neighbour is taken, given the floor, how the fraction compares with
/// 1/2
/// (-1, 0, 1), whether there is a fraction, and the sign of the number.
static bool takesUpper(RoundingMode mode, bool floorIsOdd, int half,
                       bool hasFraction, bool negative) {
  switch (mode) {
  case RoundingMode::HalfEven:
    return half > 0 || (half == 0 && floorIsOdd);
  case RoundingMode::HalfUp:
    return half > 0 || (half == 0 && !negative);
  case RoundingMode::HalfDown:
    return half > 0 || (half == 0 && negative);
  case RoundingMode::Floor:
    return false;
  case RoundingMode::Ceil:
    return hasFraction;
  case RoundingMode::Up:
    return hasFraction && !negative;
  case RoundingMode::Down:
    return hasFraction && negative;
  }
  return false;
}

static Integer roundRational(const Rational &number, RoundingMode mode) {
  Integer floor, rest;
  mpz_srcptr denominator = mpq_denref(number.get());
  mpz_fdiv_qr(floor.get(), rest.get(), mpq_numref(number.get()), denominator);
  bool hasFraction = !rest.isZero();
  mpz_mul_2exp(rest.get(), rest.get(), 1);
  int half = mpz_cmp(rest.get(), denominator);
  half = (half > 0) - (half < 0);
  if (takesUpper(mode, floor.isOdd(), half, hasFraction, number.sign() < 0))
    floor += Integer(1);
  return floor;
}

std::optional<Integer> sumac::roundToInteger(const Real &number,
                                             RoundingMode mode) {
  if (number.isRational())
    return roundRational(number.asRational(), mode);
  std::optional<Integer> floor = number.floor();
  if (!floor)
    return std::nullopt;
  Real fraction = number - Real(*floor);
  std::optional<int> hasFraction = fraction.sign();
  std::optional<int> half =
      fraction.compare(Real(Rational(Integer(1), Integer(2))));
  if (!hasFraction || !half)
    return std::nullopt;
  // The number is negative iff its floor is.
  if (takesUpper(mode, floor->isOdd(), *half, *hasFraction > 0,
                 floor->sign() < 0))
    *floor += Integer(1);
  return floor;
}

double sumac::roundToInteger(double number, RoundingMode mode) {
  switch (mode) {
  case RoundingMode::HalfEven:
    return std::nearbyint(number); // the default rounding of the environment
  case RoundingMode::Floor:
    return std::floor(number);
  case RoundingMode::Ceil:
    return std::ceil(number);
  case RoundingMode::Up:
    return number < 0 ? std::floor(number) : std::ceil(number);
  case RoundingMode::Down:
    return std::trunc(number);
  case RoundingMode::HalfUp:
    return std::round(number);
  case RoundingMode::HalfDown:
    break;
  }
  double floor = std::floor(number);
  double fraction = number - floor; // exact
  bool upper = fraction > 0.5 || (fraction == 0.5 && number < 0);
  return upper ? floor + 1 : floor;
}
