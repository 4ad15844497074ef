//===- RealDecisions.cpp - Exact real numbers: sign, order, rounding ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RealDetail.h"
#include "sumac/Support/Real.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

using namespace sumac;
using namespace sumac::detail;

static constexpr unsigned kFirstPrecision = 128;
/// Integer parts of more bits than this are not computed.
static constexpr mpfr_exp_t kGreatestIntegerBits = 1 << 16;

//===----------------------------------------------------------------------===//
// Intervals around a number
//===----------------------------------------------------------------------===//

Interval Node::interval(unsigned precision) const {
  Interval result = a.interval(precision);
  switch (kind) {
  case Kind::Exp:
    result.exponential();
    break;
  case Kind::Sigmoid:
    result.sigmoid();
    break;
  case Kind::Tanh:
    result.hyperbolicTangent();
    break;
  case Kind::Pow:
    result.logarithm();
    result.multiply(Interval(precision, exponent));
    result.exponential();
    break;
  case Kind::Sqrt:
    result.squareRoot();
    break;
  case Kind::Inverse:
    result.invert();
    break;
  case Kind::Sum:
    result.add(b.interval(precision));
    break;
  case Kind::Product:
    result.multiply(b.interval(precision));
    break;
  }
  return result;
}

Interval Real::interval(unsigned precision) const {
  Interval result(precision, rational);
  if (!irrational)
    return result;
  for (const Surd &surd : irrational->surds) {
    Interval root(precision, Rational(surd.radicand));
    root.squareRoot();
    root.multiply(Interval(precision, surd.factor));
    result.add(root);
  }
  if (irrational->node) {
    Interval value = irrational->node->interval(precision);
    value.multiply(irrational->factor.interval(precision));
    result.add(value);
  }
  return result;
}

static double below(double x) { return std::nextafter(x, -HUGE_VAL); }
static double above(double x) { return std::nextafter(x, HUGE_VAL); }

/// Doubles around a rational, from GMP's truncation.
static void encloseRational(const Rational &number, double &low, double &high) {
  double truncated = mpq_get_d(number.get());
  if (number.sign() == 0)
    low = high = 0;
  else if (std::isinf(truncated)) {
    low = number.sign() < 0 ? -HUGE_VAL : DBL_MAX;
    high = number.sign() < 0 ? -DBL_MAX : HUGE_VAL;
  } else {
    low = number.sign() < 0 ? below(truncated) : truncated;
    high = number.sign() < 0 ? truncated : above(truncated);
  }
}

/// Adds doubles around factor * sqrt(radicand); false where doubles overflow.
static bool addEnclosed(const Surd &surd, double &low, double &high) {
  double factorLow, factorHigh;
  encloseRational(surd.factor, factorLow, factorHigh);
  double radicand = mpz_get_d(surd.radicand.get());
  double rootLow = below(std::sqrt(radicand));
  double rootHigh = above(std::sqrt(above(radicand)));
  bool negative = surd.factor.sign() < 0;
  low = below(low + below(factorLow * (negative ? rootHigh : rootLow)));
  high = above(high + above(factorHigh * (negative ? rootLow : rootHigh)));
  return std::isfinite(low) && std::isfinite(high);
}

void Real::enclose(double &low, double &high) const {
  encloseRational(rational, low, high);
  if (!irrational)
    return;
  bool fits = isAlgebraic() && std::isfinite(low) && std::isfinite(high);
  for (const Surd &surd : irrational->surds)
    fits = fits && addEnclosed(surd, low, high);
  if (fits)
    return;
  Interval bounds = interval(64);
  low = mpfr_get_d(bounds.low(), MPFR_RNDD);
  high = mpfr_get_d(bounds.high(), MPFR_RNDU);
}

double Real::approx() const {
  if (!irrational)
    return rational.toDoubleNearest();
  double low, high;
  enclose(low, high);
  double middle = low + (high - low) / 2;
  if (high - low <= std::fabs(middle) * 0x1p-47)
    return middle;
  // Terms cancel, or doubles do not reach.
  Interval bounds = interval(256);
  middle = mpfr_get_d(bounds.low(), MPFR_RNDN);
  return std::isfinite(middle) ? middle : mpfr_get_d(bounds.high(), MPFR_RNDN);
}

//===----------------------------------------------------------------------===//
// Nodes: what is known without intervals
//===----------------------------------------------------------------------===//

bool Node::sameAs(const Node &other) const {
  if (this == &other)
    return true;
  return kind == other.kind && a.isRational() && b.isRational() &&
         other.a.isRational() && other.b.isRational() &&
         a.asRational() == other.a.asRational() &&
         b.asRational() == other.b.asRational() && exponent == other.exponent;
}

std::optional<Rational> Node::lowerLimit() const {
  if (kind == Kind::Exp || kind == Kind::Sigmoid)
    return Rational();
  if (kind == Kind::Tanh)
    return Rational(-1);
  return std::nullopt;
}

std::optional<Rational> Node::upperLimit() const {
  if (kind == Kind::Sigmoid || kind == Kind::Tanh)
    return Rational(1);
  return std::nullopt;
}

/// The sign of rest + factor * node as far as the limits of the node tell: 1 if
/// the number is above a limit that is not negative, -1 the other way round.
static std::optional<int> signByLimits(const Node &node, const Real &factor,
                                       const Real &rest) {
  std::optional<int> direction = factor.sign();
  std::optional<Rational> least = node.lowerLimit(), most = node.upperLimit();
  if (direction && *direction < 0)
    std::swap(least, most);
  // Both limits are strict.
  if (least && (rest + factor * Real(*least)).sign().value_or(-1) >= 0)
    return 1;
  if (most && (rest + factor * Real(*most)).sign().value_or(1) <= 0)
    return -1;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Sign and order
//===----------------------------------------------------------------------===//

/// Whether an irrational number is proven to differ from zero.
bool Real::differsFromZero() const {
  const Node *node = irrational->node.get();
  if (!node || node->transcendental)
    return true;
  // A power of a rational that exactPower() refused is irrational.
  return node->kind == Node::Kind::Pow && node->a.isRational() &&
         irrational->surds.empty() && irrational->factor.isRational();
}

std::optional<int> Real::signByRefinement() const {
  unsigned limit = differsFromZero() ? kGreatestPrecision : kUndecidedPrecision;
  for (unsigned precision = kFirstPrecision; precision <= limit; precision *= 2)
    if (int sign = interval(precision).sign())
      return sign;
  return std::nullopt;
}

std::optional<int> Real::sign() const {
  if (!irrational)
    return rational.sign();
  const Irrational &parts = *irrational;
  if (!parts.node && rational.isZero() && parts.surds.size() == 1)
    return parts.surds.front().factor.sign();
  double low, high;
  enclose(low, high);
  if (low > 0 || high < 0)
    return low > 0 ? 1 : -1;
  if (parts.node) {
    Real rest(rational);
    Irrational surds;
    surds.surds = parts.surds;
    rest.setIrrational(std::move(surds));
    if (std::optional<int> known =
            signByLimits(*parts.node, parts.factor, rest))
      return known;
  }
  return signByRefinement();
}

std::optional<int> Real::compare(const Real &other) const {
  if (!irrational && !other.irrational)
    return rational.compare(other.rational);
  return (*this - other).sign();
}

std::optional<bool> Real::equals(const Real &other) const {
  std::optional<int> order = compare(other);
  if (!order)
    return std::nullopt;
  return *order == 0;
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

/// floor() of a bound; nothing for infinities and enormous numbers.
static std::optional<Integer> floorOf(mpfr_srcptr bound) {
  if (!mpfr_number_p(bound) ||
      (!mpfr_zero_p(bound) && mpfr_get_exp(bound) > kGreatestIntegerBits))
    return std::nullopt;
  Integer result;
  mpfr_get_z(result.get(), bound, MPFR_RNDD);
  return result;
}

std::optional<Integer> Real::floor() const {
  if (!irrational)
    return rational.floor();
  double low, high;
  enclose(low, high);
  if (std::fabs(low) < 0x1p52 && std::fabs(high) < 0x1p52 &&
      std::floor(low) == std::floor(high))
    return Integer(int64_t(std::floor(low)));
  for (unsigned precision = kFirstPrecision;
       precision <= 2 * kGreatestIntegerBits; precision *= 2) {
    Interval bounds = interval(precision);
    std::optional<Integer> least = floorOf(bounds.low());
    std::optional<Integer> most = floorOf(bounds.high());
    if (!least || !most)
      continue;
    if (*least == *most)
      return least;
    if (*most - *least != Integer(1))
      continue;
    std::optional<int> order = compare(Real(*most));
    if (!order)
      return std::nullopt;
    return *order >= 0 ? most : least;
  }
  return std::nullopt;
}

std::optional<Integer> Real::ceil() const {
  std::optional<Integer> result = (-*this).floor();
  if (!result)
    return std::nullopt;
  return -*result;
}

static double roundTo(const Rational &number, double) {
  return number.toDoubleNearest();
}
static float roundTo(const Rational &number, float) { return number.toFloat(); }

/// A bound rounded to nearest even.
template <typename Float> static Float roundBound(mpfr_srcptr bound) {
  constexpr mpfr_exp_t farOutside = 2000;
  bool regular = mpfr_regular_p(bound);
  if (mpfr_inf_p(bound) || (regular && mpfr_get_exp(bound) > farOutside))
    return mpfr_sgn(bound) * Float(HUGE_VAL);
  if (!regular || mpfr_get_exp(bound) < -farOutside)
    return 0;
  Rational exact;
  mpfr_get_q(exact.get(), bound);
  return roundTo(exact, Float());
}

/// Refines until both bounds round to one float. Where they stay on both sides
/// of a tie, the order of the number and the tie decides.
template <typename Float, typename GetInterval>
static std::optional<Float> roundNearest(const Real &number,
                                         GetInterval getInterval) {
  for (unsigned precision = kFirstPrecision;
       precision <= Real::kUndecidedPrecision; precision *= 2) {
    Interval bounds = getInterval(precision);
    Float low = roundBound<Float>(bounds.low());
    Float high = roundBound<Float>(bounds.high());
    if (low == high)
      return low;
    if (!std::isfinite(low) || !std::isfinite(high) ||
        std::nextafter(low, high) != high)
      continue;
    Rational tie =
        (Rational::exactly(low) + Rational::exactly(high)) / Rational(2);
    std::optional<int> order = number.compare(Real(tie));
    if (!order)
      return std::nullopt;
    return *order < 0 ? low : *order > 0 ? high : roundTo(tie, Float());
  }
  return std::nullopt;
}

std::optional<double> Real::toDouble() const {
  if (!irrational)
    return rational.toDoubleNearest();
  return roundNearest<double>(*this,
                              [this](unsigned p) { return interval(p); });
}

std::optional<float> Real::toFloat() const {
  if (!irrational)
    return rational.toFloat();
  return roundNearest<float>(*this, [this](unsigned p) { return interval(p); });
}
