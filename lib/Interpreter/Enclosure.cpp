//===- Enclosure.cpp - Doubles around a number ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interval products, quotients and functions.
//
//===----------------------------------------------------------------------===//

#include "Enclosure.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <mpfr.h>

using namespace sumac;
using namespace sumac::interpreter;

Enclosure Enclosure::of(const Real &real) {
  if (real.isRational() && real.asRational().isDouble())
    return point(real.asRational().toDoubleNearest());
  Enclosure result;
  real.enclose(result.low, result.high);
  return result;
}

Enclosure Enclosure::of(const Number &number) {
  if (number.isFinite())
    return of(number.getReal());
  if (number.isUndefined())
    return point(std::numeric_limits<double>::quiet_NaN());
  return point(*number.sign() > 0 ? bounds::kInfinity : -bounds::kInfinity);
}

Enclosure Enclosure::ofInteger(Int128 value) {
  auto nearest = static_cast<double>(value);
  // A double of at most 2^127 converts back exactly.
  if (std::fabs(nearest) < 0x1p127 && static_cast<Int128>(nearest) == value)
    return point(nearest);
  return {bounds::below(nearest), bounds::above(nearest)};
}

Enclosure interpreter::operator*(const Enclosure &a, const Enclosure &b) {
  using namespace bounds;
  if (a.low >= 0 && b.low >= 0)
    return {productLow(a.low, b.low), productHigh(a.high, b.high)};
  if (a.isPoint() && b.isPoint())
    return {productLow(a.low, b.low), productHigh(a.low, b.low)};
  double lows[] = {productLow(a.low, b.low), productLow(a.low, b.high),
                   productLow(a.high, b.low), productLow(a.high, b.high)};
  double highs[] = {productHigh(a.low, b.low), productHigh(a.low, b.high),
                    productHigh(a.high, b.low), productHigh(a.high, b.high)};
  if (llvm::any_of(lows, [](double bound) { return std::isnan(bound); }))
    return Enclosure::point(std::numeric_limits<double>::quiet_NaN());
  return {*std::min_element(lows, lows + 4), *std::max_element(highs, highs + 4)};
}

Enclosure interpreter::operator/(const Enclosure &a, const Enclosure &b) {
  using namespace bounds;
  if (!(b.low > 0 || b.high < 0))
    return Enclosure::unknown();
  if (b.high < 0)
    return (-a) / (-b);
  // A quotient falls with its positive divisor where the dividend is positive,
  // and grows with it where that is negative.
  return {quotientLow(a.low, a.low >= 0 ? b.high : b.low),
          quotientHigh(a.high, a.high >= 0 ? b.low : b.high)};
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {
/// Two MPFR numbers per thread; 64 bits leave the outward rounding to doubles
/// as the larger part of the error.
struct Scratch {
  mpfr_t x, y;
  Scratch() {
    mpfr_init2(x, 64);
    mpfr_init2(y, 64);
  }
  ~Scratch() {
    mpfr_clear(x);
    mpfr_clear(y);
  }
};
} // namespace

/// function(argument) rounded down or up, for a function that MPFR rounds
/// correctly.
template <typename Function>
static double rounded(double argument, mpfr_rnd_t direction, Function function) {
  thread_local Scratch scratch;
  mpfr_set_d(scratch.x, argument, MPFR_RNDN);
  function(scratch.y, scratch.x, direction);
  return mpfr_get_d(scratch.y, direction);
}

/// Of a growing function with finite values.
template <typename Function>
static Enclosure growing(const Enclosure &a, Function function) {
  if (a.isUndefined())
    return a;
  return {rounded(a.low, MPFR_RNDD, function), rounded(a.high, MPFR_RNDU, function)};
}

Enclosure interpreter::exp(const Enclosure &a) {
  Enclosure result = growing(a, mpfr_exp);
  // The exponential of a finite number is positive and finite.
  if (!a.isInfinite() && result.low == bounds::kInfinity)
    result.low = bounds::kMax;
  return result;
}

Enclosure interpreter::tanh(const Enclosure &a) { return growing(a, mpfr_tanh); }

Enclosure interpreter::sigmoid(const Enclosure &a) {
  if (a.isUndefined())
    return a;
  Enclosure one = Enclosure::point(1);
  return one / (one + exp(-a));
}

Enclosure interpreter::power(const Enclosure &a, double exponent) {
  if (!(a.low > 0) || !std::isfinite(a.high))
    return Enclosure::unknown();
  auto function = [&](mpfr_t out, mpfr_t in, mpfr_rnd_t direction) {
    mpfr_t power;
    mpfr_init2(power, 64);
    mpfr_set_d(power, exponent, MPFR_RNDN);
    mpfr_pow(out, in, power, direction);
    mpfr_clear(power);
  };
  Enclosure ends = exponent >= 0 ? a : Enclosure{a.high, a.low};
  double low = rounded(ends.low, MPFR_RNDD, function);
  double high = rounded(ends.high, MPFR_RNDU, function);
  return {std::min(low, bounds::kMax), high};
}
