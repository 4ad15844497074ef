//===- ScalarFunction.cpp - A chain of scalar operations ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/ScalarFunction.h"

#include <algorithm>
#include <cmath>

using namespace sumac;
using Kind = ScalarFunction::Kind;
using Operation = ScalarFunction::Operation;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// The nearest double of a number, and a bound of the distance.
static void toDouble(const Real &number, double &nearest, double &error) {
  nearest = number.approx();
  if (number.isRational() && number.asRational().isDouble()) {
    error = 0;
    return;
  }
  double low, high;
  number.enclose(low, high);
  error = std::max(high - nearest, nearest - low) * (1 + 0x1p-50) + 0x1p-1070;
  if (!std::isfinite(error))
    error = HUGE_VAL;
}

Operation &ScalarFunction::append(Kind kind) {
  chain.emplace_back();
  chain.back().kind = kind;
  return chain.back();
}

static void setConstants(Operation &operation, const Real &a, const Real &b) {
  operation.a = a;
  operation.b = b;
  toDouble(a, operation.aDouble, operation.aError);
  toDouble(b, operation.bDouble, operation.bError);
}

ScalarFunction &ScalarFunction::affine(const Real &multiply, const Real &add) {
  if (!chain.empty() && chain.back().kind == Kind::Affine) {
    Operation &last = chain.back();
    setConstants(last, last.a * multiply, last.b * multiply + add);
  } else {
    setConstants(append(Kind::Affine), multiply, add);
  }
  return *this;
}

ScalarFunction &ScalarFunction::relu() {
  if (chain.empty() || chain.back().kind != Kind::Relu)
    append(Kind::Relu);
  return *this;
}

ScalarFunction &ScalarFunction::leakyRelu(const Real &alpha) {
  setConstants(append(Kind::LeakyRelu), alpha, Real());
  return *this;
}

ScalarFunction &ScalarFunction::clip(const std::optional<Real> &low,
                                     const std::optional<Real> &high) {
  Operation &operation = append(Kind::Clip);
  operation.hasA = low.has_value();
  operation.hasB = high.has_value();
  setConstants(operation, low.value_or(Real()), high.value_or(Real()));
  return *this;
}

ScalarFunction &ScalarFunction::sigmoid() {
  append(Kind::Sigmoid);
  return *this;
}

ScalarFunction &ScalarFunction::tanh() {
  append(Kind::Tanh);
  return *this;
}

ScalarFunction &ScalarFunction::exp() {
  append(Kind::Exp);
  return *this;
}

ScalarFunction &ScalarFunction::abs() {
  append(Kind::Abs);
  return *this;
}

ScalarFunction &ScalarFunction::power(const Rational &exponent) {
  Operation &operation =
      append(exponent.isInteger() ? Kind::PowerInteger : Kind::Power);
  operation.exponent = exponent;
  operation.exponentDouble =
      exponent.isDouble() ? exponent.toDoubleNearest() : std::nan("");
  return *this;
}

bool ScalarFunction::toCode(const Quantizer &quantizer) {
  std::optional<Real> inverse = quantizer.scale.inverse();
  if (!inverse)
    return false;
  bool before = quantizer.zeroPointBeforeRound || quantizer.bipolar;
  affine(*inverse, before ? quantizer.zeroPoint : Real());
  if (quantizer.bipolar) {
    append(Kind::Bipolar);
    return true;
  }
  Operation &round = append(Kind::Round);
  round.rounding = quantizer.rounding;
  round.qmin = quantizer.qmin;
  round.qmax = quantizer.qmax;
  if (before)
    return true;
  const Real &zeroPoint = quantizer.zeroPoint;
  if (!zeroPoint.isRational() || !zeroPoint.asRational().isInteger())
    return false;
  std::optional<int64_t> offset = zeroPoint.asRational().numerator().toInt64();
  round.offset = offset.value_or(0);
  return offset.has_value();
}

bool ScalarFunction::quantize(const Quantizer &quantizer) {
  if (!toCode(quantizer))
    return false;
  affine(quantizer.scale, -(quantizer.zeroPoint * quantizer.scale));
  return true;
}

bool ScalarFunction::countThresholds(std::vector<Real> thresholds) {
  bool decided = true;
  auto isLess = [&](const Real &a, const Real &b) {
    std::optional<int> order = a.compare(b);
    decided &= order.has_value();
    return order.value_or(0) < 0;
  };
  // A heap stays in bounds even where the order is not known.
  std::make_heap(thresholds.begin(), thresholds.end(), isLess);
  std::sort_heap(thresholds.begin(), thresholds.end(), isLess);
  Operation &operation = append(Kind::Thresholds);
  for (const Real &threshold : thresholds) {
    double nearest, error;
    toDouble(threshold, nearest, error);
    operation.thresholdDoubles.push_back(nearest);
    operation.aError = std::max(operation.aError, error);
  }
  operation.thresholds = std::move(thresholds);
  return decided;
}

//===----------------------------------------------------------------------===//
// Exact evaluation
//===----------------------------------------------------------------------===//

/// a < b, or nothing.
static std::optional<bool> less(const Real &a, const Real &b) {
  std::optional<int> order = a.compare(b);
  if (!order)
    return std::nullopt;
  return *order < 0;
}

static std::optional<Real> applyClip(const Operation &operation, Real x) {
  if (operation.hasA) {
    std::optional<bool> below = less(x, operation.a);
    if (!below)
      return std::nullopt;
    x = *below ? operation.a : x;
  }
  if (operation.hasB) {
    std::optional<bool> above = less(operation.b, x);
    if (!above)
      return std::nullopt;
    x = *above ? operation.b : x;
  }
  return x;
}

/// x where it is not negative, else x * slope.
static std::optional<Real> applyLeaky(const Real &x, const Real &slope) {
  std::optional<int> sign = x.sign();
  if (!sign)
    return std::nullopt;
  return *sign < 0 ? x * slope : x;
}

static std::optional<Real> applyRound(const Operation &operation,
                                      const Real &x) {
  std::optional<Integer> code = roundToInteger(x, operation.rounding);
  if (!code)
    return std::nullopt;
  *code += Integer(operation.offset);
  if (operation.qmin != Quantizer::kNoMinimum &&
      *code < Integer(operation.qmin))
    return Real(operation.qmin);
  if (operation.qmax != Quantizer::kNoMaximum &&
      *code > Integer(operation.qmax))
    return Real(operation.qmax);
  return Real(*code);
}

static std::optional<Real> applyBipolar(const Real &x) {
  std::optional<int> sign = x.sign();
  if (!sign)
    return std::nullopt;
  return Real(*sign < 0 ? -1 : 1);
}

/// Binary search for the number of sorted thresholds at or below x.
static std::optional<Real> applyThresholds(const Operation &operation,
                                           const Real &x) {
  size_t least = 0, most = operation.thresholds.size();
  while (least < most) {
    size_t middle = (least + most) / 2;
    std::optional<bool> below = less(x, operation.thresholds[middle]);
    if (!below)
      return std::nullopt;
    if (*below)
      most = middle;
    else
      least = middle + 1;
  }
  return Real(least);
}

static std::optional<Real> apply(const Operation &operation, const Real &x) {
  switch (operation.kind) {
  case Kind::Affine:
    return x * operation.a + operation.b;
  case Kind::Relu:
    return applyLeaky(x, Real());
  case Kind::LeakyRelu:
    return applyLeaky(x, operation.a);
  case Kind::Clip:
    return applyClip(operation, x);
  case Kind::Sigmoid:
    return x.sigmoid();
  case Kind::Tanh:
    return x.tanh();
  case Kind::Exp:
    return x.exp();
  case Kind::Abs:
    return x.abs();
  case Kind::PowerInteger:
  case Kind::Power:
    return x.pow(operation.exponent);
  case Kind::Round:
    return applyRound(operation, x);
  case Kind::Bipolar:
    return applyBipolar(x);
  case Kind::Thresholds:
    return applyThresholds(operation, x);
  }
  return std::nullopt;
}

/// The limit of x^exponent at an infinity.
static std::optional<ExtendedReal> powerLimit(const Operation &operation,
                                              int sign) {
  const Rational &exponent = operation.exponent;
  if (exponent.isZero())
    return Real(1);
  if (operation.kind == Kind::Power && sign < 0)
    return std::nullopt;
  if (exponent.sign() < 0)
    return Real();
  bool odd =
      operation.kind == Kind::PowerInteger && exponent.numerator().isOdd();
  return ExtendedReal::infinity(odd ? sign : 1);
}

static std::optional<ExtendedReal> scaledLimit(const Real &factor, int sign,
                                               const Real &otherwise) {
  std::optional<int> factorSign = factor.sign();
  if (!factorSign)
    return std::nullopt;
  if (*factorSign == 0)
    return ExtendedReal(otherwise);
  return ExtendedReal::infinity(*factorSign * sign);
}

static ExtendedReal roundLimit(const Operation &operation, int sign) {
  if (sign < 0 && operation.qmin != Quantizer::kNoMinimum)
    return Real(operation.qmin);
  if (sign > 0 && operation.qmax != Quantizer::kNoMaximum)
    return Real(operation.qmax);
  return ExtendedReal::infinity(sign);
}

/// The limit of an operation at an infinity of the given sign.
static std::optional<ExtendedReal> limit(const Operation &operation, int sign) {
  bool negative = sign < 0;
  switch (operation.kind) {
  case Kind::Affine:
    return scaledLimit(operation.a, sign, operation.b);
  case Kind::Relu:
    return negative ? ExtendedReal() : ExtendedReal::infinity(1);
  case Kind::LeakyRelu:
    return negative ? scaledLimit(operation.a, sign, Real())
                    : ExtendedReal::infinity(1);
  case Kind::Clip:
    if (negative ? operation.hasA : operation.hasB)
      return ExtendedReal(negative ? operation.a : operation.b);
    return ExtendedReal::infinity(sign);
  case Kind::Sigmoid:
    return ExtendedReal(Real(negative ? 0 : 1));
  case Kind::Tanh:
    return ExtendedReal(Real(sign));
  case Kind::Exp:
    return negative ? ExtendedReal() : ExtendedReal::infinity(1);
  case Kind::Abs:
    return ExtendedReal::infinity(1);
  case Kind::PowerInteger:
  case Kind::Power:
    return powerLimit(operation, sign);
  case Kind::Round:
    return roundLimit(operation, sign);
  case Kind::Bipolar:
    return ExtendedReal(Real(sign));
  case Kind::Thresholds:
    return ExtendedReal(Real(negative ? 0 : operation.thresholds.size()));
  }
  return std::nullopt;
}

std::optional<ExtendedReal> ScalarFunction::evaluate(const ExtendedReal &x,
                                                     size_t count) const {
  std::optional<ExtendedReal> result = x;
  count = std::min(count, chain.size());
  for (size_t i = 0; i < count && result; ++i) {
    if (result->infinite) {
      result = limit(chain[i], result->infinite);
    } else {
      std::optional<Real> value = apply(chain[i], result->value);
      if (!value)
        return std::nullopt;
      result = ExtendedReal(std::move(*value));
    }
  }
  return result;
}

std::optional<Real> ScalarFunction::eval(const Real &x) const {
  std::optional<ExtendedReal> result = evaluate(ExtendedReal(x));
  if (!result || result->infinite)
    return std::nullopt;
  return std::move(result->value);
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

bool ScalarFunction::givesCodes() const {
  if (chain.empty())
    return false;
  Kind last = chain.back().kind;
  return last == Kind::Round || last == Kind::Bipolar ||
         last == Kind::Thresholds;
}

bool ScalarFunction::turnsAtZero(const Operation &operation) {
  switch (operation.kind) {
  case Kind::Abs:
    return true;
  case Kind::LeakyRelu:
    return operation.a.sign().value_or(0) < 0;
  case Kind::PowerInteger:
    // Negative powers jump at zero, odd positive ones are monotone.
    return operation.exponent.sign() < 0 ||
           !operation.exponent.numerator().isOdd();
  default:
    return false;
  }
}

Direction ScalarFunction::direction(const Operation &operation, int side) {
  auto fromSign = [](int sign) { return static_cast<Direction>(sign); };
  switch (operation.kind) {
  case Kind::Affine:
    return fromSign(operation.a.sign().value_or(0));
  case Kind::Abs:
    return side < 0 ? Direction::Decreasing : Direction::Increasing;
  case Kind::LeakyRelu:
    return side < 0 ? fromSign(operation.a.sign().value_or(0))
                    : Direction::Increasing;
  case Kind::PowerInteger:
  case Kind::Power: {
    // On negative numbers an even power turns round.
    bool turned = operation.kind == Kind::PowerInteger && side < 0 &&
                  !operation.exponent.numerator().isOdd();
    int sign = operation.exponent.sign();
    return fromSign(turned ? -sign : sign);
  }
  default:
    return Direction::Increasing;
  }
}
