//===- Interval.cpp - Intervals of MPFR numbers ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interval.h"

using namespace sumac::detail;

/// a * b for bounds: an infinite bound stands for finite numbers without
/// limit, so its product with zero is zero.
static void multiplyBounds(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b,
                           mpfr_rnd_t rounding) {
  if (mpfr_zero_p(a) || mpfr_zero_p(b))
    mpfr_set_zero(result, 1);
  else
    mpfr_mul(result, a, b, rounding);
}

void Interval::multiply(const Interval &other) {
  Interval result(precision());
  mpfr_t product;
  mpfr_init2(product, precision());
  multiplyBounds(result.lo, lo, other.lo, MPFR_RNDD);
  multiplyBounds(result.hi, lo, other.lo, MPFR_RNDU);
  auto include = [&](mpfr_srcptr a, mpfr_srcptr b) {
    multiplyBounds(product, a, b, MPFR_RNDD);
    mpfr_min(result.lo, result.lo, product, MPFR_RNDD);
    multiplyBounds(product, a, b, MPFR_RNDU);
    mpfr_max(result.hi, result.hi, product, MPFR_RNDU);
  };
  include(lo, other.hi);
  include(hi, other.lo);
  include(hi, other.hi);
  mpfr_clear(product);
  *this = std::move(result);
}

void Interval::invert() {
  if (sign() == 0) {
    mpfr_set_inf(lo, -1);
    mpfr_set_inf(hi, 1);
    return;
  }
  mpfr_swap(lo, hi);
  mpfr_ui_div(lo, 1, lo, MPFR_RNDD);
  mpfr_ui_div(hi, 1, hi, MPFR_RNDU);
}

/// Raises a lower bound below zero to zero.
static void dropNegative(mpfr_ptr low) {
  if (mpfr_sgn(low) < 0)
    mpfr_set_zero(low, 1);
}

void Interval::squareRoot() {
  dropNegative(lo);
  mpfr_sqrt(lo, lo, MPFR_RNDD);
  mpfr_sqrt(hi, hi, MPFR_RNDU);
}

void Interval::exponential() {
  mpfr_exp(lo, lo, MPFR_RNDD);
  mpfr_exp(hi, hi, MPFR_RNDU);
}

void Interval::logarithm() {
  dropNegative(lo);
  mpfr_log(lo, lo, MPFR_RNDD); // -inf for 0
  mpfr_log(hi, hi, MPFR_RNDU);
}

/// 1 / (1 + e^-x) towards `outward`.
static void sigmoidBound(mpfr_ptr x, mpfr_rnd_t inward, mpfr_rnd_t outward) {
  mpfr_neg(x, x, MPFR_RNDN);
  mpfr_exp(x, x, inward);
  mpfr_add_ui(x, x, 1, inward);
  mpfr_ui_div(x, 1, x, outward);
}

void Interval::sigmoid() {
  sigmoidBound(lo, MPFR_RNDU, MPFR_RNDD);
  sigmoidBound(hi, MPFR_RNDD, MPFR_RNDU);
}

void Interval::hyperbolicTangent() {
  mpfr_tanh(lo, lo, MPFR_RNDD);
  mpfr_tanh(hi, hi, MPFR_RNDU);
}
