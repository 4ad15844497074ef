//===- ScalarFilter.cpp - Chains of scalar operations in double -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Running error analysis. Each operation takes (value, error), the exact input
// being within `error` of `value`, and gives the same for its result. Errors
// are computed in double with a slack that covers their own rounding. Every
// function here needs IEEE doubles rounded to nearest (no -ffast-math).
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/ScalarFunction.h"

#include <algorithm>
#include <cmath>

using namespace sumac;
using Kind = ScalarFunction::Kind;
using Operation = ScalarFunction::Operation;

namespace {
struct Approximation {
  double value;
  double error;
};
} // namespace

static constexpr double kUnknown = HUGE_VAL;
/// Covers the rounding of error computations.
static constexpr double kSlack = 1 + 0x1p-48;
/// A relative error that exp, pow and tanh of any libm stay below.
static constexpr double kLibraryError = 0x1p-48;
/// Covers underflow.
static constexpr double kTiny = 0x1p-1000;

/// What a product's rounding lost, exactly unless it underflows.
static double productError(double a, double b, double product) {
  if (product == 0 && (a == 0 || b == 0))
    return 0;
  if (std::fabs(product) < 0x1p-900)
    return kTiny;
  return std::fabs(std::fma(a, b, -product));
}

/// What a sum's rounding lost, exactly (Knuth's two-sum).
static double sumError(double a, double b, double sum) {
  double partB = sum - a;
  double partA = sum - partB;
  return std::fabs((a - partA) + (b - partB));
}

static Approximation affine(const Operation &op, Approximation x) {
  double product = x.value * op.aDouble;
  double sum = product + op.bDouble;
  double lost = productError(x.value, op.aDouble, product) +
                sumError(product, op.bDouble, sum);
  double error = x.error * (std::fabs(op.aDouble) + op.aError) +
                 std::fabs(x.value) * op.aError + op.bError + lost;
  if (!(std::fabs(sum) < 0x1p1000) || !(error < 0x1p1000))
    return {0, kUnknown};
  // Products of tiny errors underflow: exactness does not show in `error`.
  bool exact = x.error == 0 && op.aError == 0 && op.bError == 0 && lost == 0;
  return {sum, exact ? 0 : error * kSlack + kTiny};
}

static Approximation clip(const Operation &op, Approximation x) {
  if (op.hasA && x.value < op.aDouble)
    x = {op.aDouble, std::max(x.error, op.aError)};
  else if (op.hasA)
    x.error = std::max(x.error, op.aError);
  if (op.hasB && x.value > op.bDouble)
    x = {op.bDouble, std::max(x.error, op.bError)};
  else if (op.hasB)
    x.error = std::max(x.error, op.bError);
  return x;
}

static Approximation leaky(const Operation &op, Approximation x) {
  if (x.value - x.error >= 0)
    return x;
  Operation scale = op;
  scale.bDouble = scale.bError = 0;
  Approximation scaled = affine(scale, x);
  if (x.value + x.error < 0)
    return scaled;
  // Both branches are near zero.
  double reach = std::max(std::fabs(x.value) + x.error,
                          std::fabs(scaled.value) + scaled.error);
  return {0, reach * kSlack};
}

/// A function with derivative between 0 and `slope`.
static Approximation smooth(double value, double slope, Approximation x) {
  return {value, (x.error * slope + std::fabs(value) * kLibraryError) * kSlack +
                     kTiny};
}

static Approximation exponential(Approximation x) {
  double value = std::exp(x.value);
  if (!(x.error < 1) || !(value < 0x1p1000))
    return {0, kUnknown};
  // e^(x + d) - e^x <= e^x * 2 d for d < 1.
  return {value, value * (2 * x.error + kLibraryError) * kSlack + kTiny};
}

static Approximation power(const Operation &op, Approximation x) {
  double exponent = op.exponentDouble;
  double least = std::fabs(x.value) - x.error;
  double most = std::fabs(x.value) + x.error;
  double value = std::pow(x.value, exponent);
  // Far from trouble only: numbers of any sign with an integer exponent, away
  // from zero where a power is steep. NaN is the exponent that no double holds.
  bool steep = exponent < 1;
  if ((steep && !(least > 0)) ||
      (op.kind == Kind::Power && !(x.value - x.error > 0)))
    return {0, kUnknown};
  double slope =
      std::fabs(exponent) * std::pow(steep ? least : most, exponent - 1);
  double error =
      (slope * x.error + std::fabs(value) * kLibraryError) * (1 + 0x1p-40);
  if (!(std::fabs(value) < 0x1p1000) || !(error < 0x1p1000))
    return {0, kUnknown};
  return {value, error + kTiny};
}

/// The ends of the interval that x stands for, rounded outward.
static void ends(Approximation x, double &low, double &high) {
  double margin = x.error == 0
                      ? 0
                      : x.error * kSlack + std::fabs(x.value) * 0x1p-52 + kTiny;
  low = x.value - margin;
  high = x.value + margin;
}

static Approximation round(const Operation &op, Approximation x) {
  double low, high;
  ends(x, low, high);
  auto code = [&](double number) {
    double result = roundToInteger(number, op.rounding) + double(op.offset);
    if (op.qmin != Quantizer::kNoMinimum)
      result = std::max(result, double(op.qmin));
    if (op.qmax != Quantizer::kNoMaximum)
      result = std::min(result, double(op.qmax));
    return result;
  };
  // Rounding is monotone: equal at both ends is equal between them. Below 2^51
  // the sum with the offset and the limits are exact.
  double first = code(low), last = code(high);
  bool exact =
      std::fabs(first) < 0x1p51 && std::fabs(double(op.offset)) < 0x1p50;
  if (!(first == last) || !exact)
    return {0, kUnknown};
  return {first, 0};
}

static Approximation bipolar(Approximation x) {
  double low, high;
  ends(x, low, high);
  if (low >= 0)
    return {1, 0};
  return high < 0 ? Approximation{-1, 0} : Approximation{0, kUnknown};
}

static Approximation countThresholds(const Operation &op, Approximation x) {
  // A threshold's error counts as an error of x.
  double low, high;
  ends({x.value, x.error + op.aError}, low, high);
  const std::vector<double> &sorted = op.thresholdDoubles;
  auto count = [&](double number) {
    return std::upper_bound(sorted.begin(), sorted.end(), number) -
           sorted.begin();
  };
  auto least = count(low);
  if (!(low <= high) || least != count(high))
    return {0, kUnknown};
  return {double(least), 0};
}

static Approximation apply(const Operation &op, Approximation x) {
  switch (op.kind) {
  case Kind::Affine:
    return affine(op, x);
  case Kind::Relu:
    return x.value + x.error < 0
               ? Approximation{0, 0}
               : Approximation{std::max(x.value, 0.0), x.error};
  case Kind::LeakyRelu:
    return leaky(op, x);
  case Kind::Clip:
    return clip(op, x);
  case Kind::Sigmoid:
    return smooth(1 / (1 + std::exp(-x.value)), 0.25, x);
  case Kind::Tanh:
    return smooth(std::tanh(x.value), 1, x);
  case Kind::Exp:
    return exponential(x);
  case Kind::Abs:
    return {std::fabs(x.value), x.error};
  case Kind::PowerInteger:
  case Kind::Power:
    return power(op, x);
  case Kind::Round:
    return round(op, x);
  case Kind::Bipolar:
    return bipolar(x);
  case Kind::Thresholds:
    return countThresholds(op, x);
  }
  return {0, kUnknown};
}

double ScalarFunction::approx(double x, double &errorBound,
                              size_t count) const {
  Approximation result{x, std::fabs(x) <= 0x1p53 ? 0 : std::fabs(x) * 0x1p-52};
  if (!std::isfinite(x))
    result.error = kUnknown;
  count = std::min(count, chain.size());
  // An unknown error stays unknown: nothing below compares NaN as true.
  for (size_t i = 0; i < count && result.error < kUnknown; ++i)
    result = apply(chain[i], result);
  errorBound = result.error;
  return result.value;
}
