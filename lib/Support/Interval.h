//===- Interval.h - Intervals of MPFR numbers -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Closed intervals with MPFR bounds of a given precision. Every operation
// rounds its lower bound down and its upper bound up, so the result holds every
// result of the operation on members of its operands.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SUPPORT_INTERVAL_H
#define SUMAC_LIB_SUPPORT_INTERVAL_H

#include "sumac/Support/Rational.h"

#include <mpfr.h>

namespace sumac::detail {

class Interval {
public:
  explicit Interval(unsigned precision) {
    mpfr_init2(lo, precision);
    mpfr_init2(hi, precision);
    mpfr_set_zero(lo, 1);
    mpfr_set_zero(hi, 1);
  }
  Interval(unsigned precision, const Rational &number) : Interval(precision) {
    mpfr_set_q(lo, number.get(), MPFR_RNDD);
    mpfr_set_q(hi, number.get(), MPFR_RNDU);
  }
  Interval(Interval &&other) noexcept : Interval(2) {
    mpfr_swap(lo, other.lo);
    mpfr_swap(hi, other.hi);
  }
  Interval &operator=(Interval &&other) noexcept {
    mpfr_swap(lo, other.lo);
    mpfr_swap(hi, other.hi);
    return *this;
  }
  Interval(const Interval &) = delete;
  Interval &operator=(const Interval &) = delete;
  ~Interval() {
    mpfr_clear(lo);
    mpfr_clear(hi);
  }

  unsigned precision() const { return unsigned(mpfr_get_prec(lo)); }
  mpfr_srcptr low() const { return lo; }
  mpfr_srcptr high() const { return hi; }
  /// -1 or 1 where zero is outside, else 0.
  int sign() const { return mpfr_sgn(lo) > 0 ? 1 : mpfr_sgn(hi) < 0 ? -1 : 0; }

  void add(const Interval &other) {
    mpfr_add(lo, lo, other.lo, MPFR_RNDD);
    mpfr_add(hi, hi, other.hi, MPFR_RNDU);
  }
  void multiply(const Interval &other);
  /// 1 / this; everything if zero is inside.
  void invert();
  /// The root of what is not negative in the interval.
  void squareRoot();
  void exponential();
  /// The logarithm of what is not negative in the interval.
  void logarithm();
  void sigmoid();
  void hyperbolicTangent();

private:
  mpfr_t lo, hi;
};

} // namespace sumac::detail

#endif // SUMAC_LIB_SUPPORT_INTERVAL_H
