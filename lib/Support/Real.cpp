//===- Real.cpp - Exact real numbers: arithmetic --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Real.h"
#include "RealDetail.h"

#include <algorithm>

using namespace sumac;
using namespace sumac::detail;

/// Powers of irrational numbers are multiplied out up to this exponent.
static constexpr int64_t kGreatestIrrationalPower = 1024;

//===----------------------------------------------------------------------===//
// Surds
//===----------------------------------------------------------------------===//

void Irrational::simplifyRoot(const Rational &square, Rational &factor,
                              Integer &radicand) {
  // sqrt(p / q) = sqrt(p * q) / q.
  Integer denominator = square.denominator();
  radicand = square.numerator() * denominator;
  unsigned twos = radicand.trailingZeros() / 2;
  radicand = radicand.shr(2 * twos);
  factor = Rational(Integer(1).shl(twos), denominator);
  if (mpz_perfect_square_p(radicand.get())) {
    mpz_sqrt(radicand.get(), radicand.get());
    factor *= Rational(radicand);
    radicand = Integer(1);
  }
}

/// factor * sqrt(from) = result * sqrt(to), where from / to is a square.
static Rational changeRadicand(const Rational &factor, const Integer &from,
                               const Integer &to) {
  Integer ratio = from.floorDiv(to);
  mpz_sqrt(ratio.get(), ratio.get());
  return factor * Rational(ratio);
}

void Irrational::addSurd(Rational surdFactor, Integer radicand) {
  for (size_t i = 0; i < surds.size(); ++i) {
    Surd &surd = surds[i];
    if (!mpz_perfect_square_p((surd.radicand * radicand).get()))
      continue;
    // n1 * n2 is a square: so are n1 / g and n2 / g for their greatest common
    // divisor g, which becomes the radicand of both.
    Integer common;
    mpz_gcd(common.get(), surd.radicand.get(), radicand.get());
    surdFactor = changeRadicand(surdFactor, radicand, common) +
                 changeRadicand(surd.factor, surd.radicand, common);
    radicand = common;
    surds.erase(surds.begin() + i);
    break;
  }
  if (surdFactor.isZero())
    return;
  auto place = std::find_if(surds.begin(), surds.end(), [&](const Surd &surd) {
    return surd.radicand > radicand;
  });
  surds.insert(place, {std::move(surdFactor), std::move(radicand)});
}

void Real::setIrrational(Irrational &&parts) {
  if (parts.surds.empty() && !parts.node)
    irrational = nullptr;
  else
    irrational = std::make_shared<const Irrational>(std::move(parts));
}

bool Real::isAlgebraic() const { return !Irrational::nodeOf(*this); }

//===----------------------------------------------------------------------===//
// Sum and product
//===----------------------------------------------------------------------===//

Real Irrational::fromNode(Node &&node) {
  Irrational parts;
  parts.node = std::make_shared<const Node>(std::move(node));
  parts.factor = Real(1);
  Real result;
  result.setIrrational(std::move(parts));
  return result;
}

Real sumac::operator+(const Real &a, const Real &b) {
  Real result(a.rational + b.rational);
  if (!a.irrational || !b.irrational) {
    result.irrational = a.irrational ? a.irrational : b.irrational;
    return result;
  }
  const Irrational &left = *a.irrational, &right = *b.irrational;
  if (left.node && right.node && !left.node->sameAs(*right.node))
    return Irrational::fromNode({Node::Kind::Sum, a, b, {}, false});
  Irrational parts = left;
  for (const Surd &surd : right.surds)
    parts.addSurd(surd.factor, surd.radicand);
  if (right.node) {
    parts.factor = left.node ? left.factor + right.factor : right.factor;
    parts.node = right.node;
    if (parts.factor.isZeroRational())
      parts.node = nullptr;
  }
  result.setIrrational(std::move(parts));
  return result;
}

/// Adds a * b for surds to `parts` and `rational`.
static void addProduct(const Surd &a, const Surd &b, Irrational &parts,
                       Rational &rational) {
  Integer common, rest;
  mpz_gcd(common.get(), a.radicand.get(), b.radicand.get());
  rest = a.radicand.floorDiv(common) * b.radicand.floorDiv(common);
  Rational factor = a.factor * b.factor * Rational(common);
  if (mpz_perfect_square_p(rest.get())) {
    mpz_sqrt(rest.get(), rest.get());
    rational += factor * Rational(rest);
    return;
  }
  parts.addSurd(std::move(factor), std::move(rest));
}

Real Real::scaledBy(const Real &other) const {
  Real result(rational * other.rational);
  if (!irrational && !other.irrational)
    return result;
  Irrational parts;
  static const std::vector<Surd> none;
  const std::vector<Surd> &left = irrational ? irrational->surds : none;
  const std::vector<Surd> &right =
      other.irrational ? other.irrational->surds : none;
  for (const Surd &a : left) {
    parts.addSurd(a.factor * other.rational, a.radicand);
    for (const Surd &b : right)
      addProduct(a, b, parts, result.rational);
  }
  for (const Surd &b : right)
    parts.addSurd(b.factor * rational, b.radicand);
  if (irrational && irrational->node && !other.isZeroRational()) {
    parts.node = irrational->node;
    parts.factor = irrational->factor.scaledBy(other);
  }
  result.setIrrational(std::move(parts));
  return result;
}

Real sumac::operator*(const Real &a, const Real &b) {
  if (a.isAlgebraic())
    return b.scaledBy(a);
  if (b.isAlgebraic())
    return a.scaledBy(b);
  return Irrational::fromNode({Node::Kind::Product, a, b, {}, false});
}

//===----------------------------------------------------------------------===//
// Quotient, roots, powers
//===----------------------------------------------------------------------===//

static bool isTranscendental(const Real &number) {
  const Node *node = Irrational::nodeOf(number);
  return node && node->transcendental;
}

std::optional<Real> Real::inverse() const {
  if (!irrational) {
    if (rational.isZero())
      return std::nullopt;
    return Real(Rational(1) / rational);
  }
  const Irrational &parts = *irrational;
  size_t terms = parts.surds.size() + !rational.isZero();
  if (!parts.node && terms <= 2) {
    // 1 / (q sqrt(n)) = q sqrt(n) / (q^2 n), and for two terms
    // 1 / (a + b) = (a - b) / (a^2 - b^2); both divisors are rational.
    Real conjugate = *this;
    if (terms == 2) {
      Irrational negated = parts;
      negated.surds.front().factor = -negated.surds.front().factor;
      conjugate.setIrrational(std::move(negated));
    }
    Real divisor = *this * conjugate;
    return conjugate * Real(Rational(1) / divisor.rational);
  }
  if (std::optional<int> s = sign(); !s || *s == 0)
    return std::nullopt;
  return Irrational::fromNode(
      {Node::Kind::Inverse, *this, {}, {}, isTranscendental(*this)});
}

std::optional<Real> Real::divide(const Real &divisor) const {
  std::optional<Real> inverted = divisor.inverse();
  if (!inverted)
    return std::nullopt;
  return *this * *inverted;
}

std::optional<Real> Real::sqrt() const {
  std::optional<int> s = sign();
  if (!s || *s < 0)
    return std::nullopt;
  if (*s == 0)
    return Real();
  if (irrational)
    return Irrational::fromNode(
        {Node::Kind::Sqrt, *this, {}, {}, isTranscendental(*this)});
  Rational factor;
  Integer radicand;
  Irrational::simplifyRoot(rational, factor, radicand);
  if (radicand == Integer(1))
    return Real(std::move(factor));
  Irrational parts;
  parts.addSurd(std::move(factor), std::move(radicand));
  Real result;
  result.setIrrational(std::move(parts));
  return result;
}

std::optional<Real> Real::abs() const {
  std::optional<int> s = sign();
  if (!s)
    return std::nullopt;
  return *s < 0 ? -*this : *this;
}

std::optional<Real> Real::pow(int64_t exponent) const {
  if (!irrational) {
    std::optional<Rational> result = rational.pow(exponent);
    if (!result)
      return std::nullopt;
    return Real(std::move(*result));
  }
  if (exponent < 0) {
    std::optional<Real> inverted = inverse();
    if (!inverted || exponent < -kGreatestIrrationalPower)
      return std::nullopt;
    return inverted->pow(-exponent);
  }
  if (exponent > kGreatestIrrationalPower)
    return std::nullopt;
  Real result(1), square = *this;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1)
      result *= square;
    if (exponent > 1)
      square *= square;
  }
  return result;
}

/// base^exponent where it is rational or the square root of a rational.
static std::optional<Real> exactPower(const Rational &base,
                                      const Rational &exponent) {
  std::optional<int64_t> power = exponent.numerator().toInt64();
  if (!power)
    return std::nullopt;
  Integer degree = exponent.denominator();
  if (std::optional<Rational> root = base.root(degree))
    return Real(*root).pow(*power);
  if (degree.isOdd())
    return std::nullopt;
  std::optional<Rational> square = base.root(degree.shr(1));
  if (!square)
    return std::nullopt;
  std::optional<Real> result = Real(*square).sqrt();
  return result ? result->pow(*power) : std::nullopt;
}

std::optional<Real> Real::pow(const Rational &exponent) const {
  if (exponent.isInteger()) {
    std::optional<int64_t> power = exponent.numerator().toInt64();
    return power ? pow(*power) : std::nullopt;
  }
  std::optional<int> s = sign();
  if (!s || *s < 0 || (*s == 0 && exponent.sign() < 0))
    return std::nullopt;
  if (*s == 0)
    return Real();
  if (irrational && isAlgebraic() && rational.isZero() &&
      irrational->surds.size() == 1) {
    // (q sqrt(n))^e = (q^2 n)^(e / 2)
    const Surd &surd = irrational->surds.front();
    Real square(surd.factor * surd.factor * Rational(surd.radicand));
    return square.pow(exponent / Rational(2));
  }
  if (!irrational)
    if (std::optional<Real> exact = exactPower(rational, exponent))
      return exact;
  return Irrational::fromNode(
      {Node::Kind::Pow, *this, {}, exponent, isTranscendental(*this)});
}

//===----------------------------------------------------------------------===//
// Transcendental functions
//===----------------------------------------------------------------------===//

/// e to an algebraic number other than zero is transcendental (Lindemann and
/// Weierstrass), and so are rational functions of it that are not constant.
static Real transcendentalNode(Node::Kind kind, const Real &argument) {
  return Irrational::fromNode({kind, argument, {}, {}, argument.isAlgebraic()});
}

Real Real::exp() const {
  return isZeroRational() ? Real(1)
                          : transcendentalNode(Node::Kind::Exp, *this);
}

Real Real::sigmoid() const {
  return isZeroRational() ? Real(Rational(Integer(1), Integer(2)))
                          : transcendentalNode(Node::Kind::Sigmoid, *this);
}

Real Real::tanh() const {
  return isZeroRational() ? Real()
                          : transcendentalNode(Node::Kind::Tanh, *this);
}
