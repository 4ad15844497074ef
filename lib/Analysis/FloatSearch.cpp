//===- FloatSearch.cpp - Float forms of step functions --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every form here is a composition of monotone functions, since IEEE operations
// round a monotone exact result monotonically. So agreesAtSteps() proves it.
//
//===----------------------------------------------------------------------===//

#include "LineSearch.h"
#include "sumac/Analysis/RequantizeSearch.h"

#include <algorithm>
#include <cmath>

using namespace sumac;

/// Constants this many units in the last place from the first guess are tried.
static constexpr int kNeighbours = 3;

/// min(max(rounded + offset, qmin), qmax) for a rounded number of any size.
static int64_t clampCode(double rounded, int64_t offset, int64_t qmin,
                         int64_t qmax) {
  double code = rounded + double(offset);
  if (!(code > double(qmin)))
    return qmin;
  return code < double(qmax) ? int64_t(code) : qmax;
}

/// `number` moved by `count` units in the last place of a float or double.
static double neighbour(double number, int count, bool float32) {
  double direction = count < 0 ? -HUGE_VAL : HUGE_VAL;
  for (int i = std::abs(count); i > 0; --i)
    number = float32 ? double(std::nextafter(float(number), float(direction)))
                     : std::nextafter(number, direction);
  return number;
}

/// Calls `attempt` with number and its neighbours, nearest first, until true.
template <typename Attempt>
static bool tryNeighbours(long double number, bool float32, Attempt attempt) {
  double center = float32 ? double(float(number)) : double(number);
  if (!std::isfinite(center))
    return false;
  if (attempt(center))
    return true;
  for (int distance = 1; distance <= kNeighbours; ++distance)
    if (attempt(neighbour(center, distance, float32)) ||
        attempt(neighbour(center, -distance, float32)))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

int64_t FloatMultiplyAdd::operator()(int64_t acc, int64_t qmin,
                                     int64_t qmax) const {
  double sum = isFloat32
                   ? std::fma(float(acc), float(multiplier), float(addend))
                   : std::fma(double(acc), multiplier, addend);
  return clampCode(std::nearbyint(sum), 0, qmin, qmax);
}

/// rint(v) >= k iff v >= k - 1/2, but for ties: half below the floors.
static std::vector<RealConstraint>
roundingConstraints(const std::vector<LineConstraint> &constraints) {
  std::vector<RealConstraint> result;
  result.reserve(constraints.size());
  for (const LineConstraint &constraint : constraints)
    result.push_back({(long double)constraint.value - 0.5L,
                      (long double)constraint.position});
  return result;
}

/// Finite bounds of the slopes that the search has left, around 0 or +-1 where
/// it has none.
static void finiteSlopes(const LineSearch &search, long double &least,
                         long double &greatest) {
  least = search.leastSlope();
  greatest = search.greatestSlope();
  if (std::isinf(least) && std::isinf(greatest))
    least = greatest = 0;
  else if (std::isinf(least))
    least = greatest - 2;
  else if (std::isinf(greatest))
    greatest = least + 2;
}

std::optional<FloatMultiplyAdd>
sumac::findFloatMultiplyAdd(const StepFunction &function,
                            const RequantizeOptions &options, bool float32) {
  // Accumulators must convert to float without rounding.
  int64_t greatest = int64_t(1) << (float32 ? 24 : 53);
  if (function.lo < -greatest || function.hi > greatest)
    return std::nullopt;
  std::optional<LineConstraints> constraints =
      LineConstraints::of(function, options.qmin, options.qmax);
  if (!constraints)
    return std::nullopt;
  if (function.isConstant())
    return FloatMultiplyAdd{float32, 0, double(function.first)};
  LineSearch search(*constraints);
  unsigned shift = 0;
  while (shift <= 62 && !search.isImpossible() && !search.find(shift))
    ++shift;
  if (search.isImpossible() || shift > 62)
    return std::nullopt;
  long double leastSlope, greatestSlope;
  finiteSlopes(search, leastSlope, greatestSlope);
  std::vector<RealConstraint> floors = roundingConstraints(constraints->floors);
  std::vector<RealConstraint> ceilings =
      roundingConstraints(constraints->ceilings);
  RealLine line = middleLine(floors, ceilings, leastSlope, greatestSlope);
  FloatMultiplyAdd result;
  result.isFloat32 = float32;
  auto proven = [&](double addend) {
    result.addend = addend;
    return agreesAtSteps(function, [&](int64_t acc) {
      return result(acc, options.qmin, options.qmax);
    });
  };
  bool found = tryNeighbours(line.slope, float32, [&](double multiplier) {
    result.multiplier = multiplier;
    return tryNeighbours(middleOffset(floors, ceilings, multiplier), float32,
                         proven);
  });
  return found ? std::optional(result) : std::nullopt;
}

std::vector<std::optional<FloatMultiplyAdd>>
sumac::findFloatMultiplyAdd(const std::vector<StepFunction> &channels,
                            const RequantizeOptions &options) {
  std::vector<std::optional<FloatMultiplyAdd>> result;
  for (bool float32 : {true, false}) {
    result.clear();
    bool complete = true;
    for (const StepFunction &channel : channels) {
      result.push_back(findFloatMultiplyAdd(channel, options, float32));
      complete &= result.back().has_value();
      if (float32 && !complete)
        break; // float64 for all then
    }
    if (complete)
      break;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

int64_t EncodeForm::operator()(float x) const {
  if (std::isnan(x))
    x = -HUGE_VALF;
  double value = 0;
  switch (kind) {
  case Kind::MultiplyF32:
    value = x * float(factor);
    break;
  case Kind::FmaF32:
    value = std::fma(x, float(factor), float(addend));
    break;
  case Kind::MultiplyF64:
    value = double(x) * factor;
    break;
  case Kind::FmaF64:
    value = std::fma(double(x), factor, addend);
    break;
  case Kind::DivideF64:
    value = double(x) / factor + addend;
    break;
  }
  return clampCode(roundToInteger(value, rounding), offset, qmin, qmax);
}

namespace {

/// The search for one quantizer's form.
class EncodeSearch {
public:
  EncodeSearch(const StepFunction &function, const Quantizer &quantizer);
  std::optional<EncodeForm> run();

private:
  bool proven() const {
    return agreesAtSteps(
        function, [&](int64_t key) { return form(keyToFloat(int32_t(key))); });
  }
  bool tryMultiply(EncodeForm::Kind kind);
  bool tryFma(EncodeForm::Kind kind);
  bool tryDivide();
  long double middleFactor() const;

  const StepFunction &function;
  const Quantizer &quantizer;
  EncodeForm form;
  /// The slope and offset of the exact function before rounding.
  long double slope = 0, offset = 0;
  std::vector<RealConstraint> floors, ceilings;
};

} // namespace

/// Whether round(v + zeroPoint) = round(v) + zeroPoint, or the quantizer says
/// so.
static bool addsAfterRounding(const Quantizer &quantizer) {
  if (!quantizer.zeroPointBeforeRound)
    return true;
  const Real &zeroPoint = quantizer.zeroPoint;
  if (!zeroPoint.isRational() || !zeroPoint.asRational().isInteger())
    return false;
  switch (quantizer.rounding) {
  case RoundingMode::Floor:
  case RoundingMode::Ceil:
    return true;
  case RoundingMode::HalfEven:
    return !zeroPoint.asRational().numerator().isOdd();
  default: // depends on the sign of the sum
    return zeroPoint.asRational().isZero();
  }
}

EncodeSearch::EncodeSearch(const StepFunction &function,
                           const Quantizer &quantizer)
    : function(function), quantizer(quantizer) {
  form.qmin = quantizer.qmin;
  form.qmax = quantizer.qmax;
  double zeroPoint = quantizer.zeroPoint.approx();
  if (addsAfterRounding(quantizer))
    form.offset = int64_t(zeroPoint);
  else
    offset = zeroPoint;
  slope = 1 / (long double)quantizer.scale.approx();
  int64_t value = function.first;
  for (const StepFunction::Step &step : function.steps) {
    float before = keyToFloat(int32_t(step.position - 1));
    float after = keyToFloat(int32_t(step.position));
    bool rising = step.value > value;
    long double floor = std::max(value, step.value) - form.offset - 0.5L;
    long double ceiling = std::min(value, step.value) - form.offset + 0.5L;
    if (std::isfinite(before) && std::isfinite(after)) {
      floors.push_back({floor, rising ? after : before});
      ceilings.push_back({ceiling, rising ? before : after});
    }
    value = step.value;
  }
}

/// The middle of the factors r with r X >= k for floors and r Y <= j for
/// ceilings.
long double EncodeSearch::middleFactor() const {
  long double low = slope - std::fabs(slope), high = slope + std::fabs(slope);
  for (const RealConstraint &floor : floors) {
    if (floor.position > 0)
      low = std::max(low, floor.value / floor.position);
    else if (floor.position < 0)
      high = std::min(high, floor.value / floor.position);
  }
  for (const RealConstraint &ceiling : ceilings) {
    if (ceiling.position > 0)
      high = std::min(high, ceiling.value / ceiling.position);
    else if (ceiling.position < 0)
      low = std::max(low, ceiling.value / ceiling.position);
  }
  return low + (high - low) / 2;
}

bool EncodeSearch::tryMultiply(EncodeForm::Kind kind) {
  form.kind = kind;
  form.addend = 0;
  bool float32 = kind == EncodeForm::Kind::MultiplyF32;
  auto attempt = [&](double factor) {
    form.factor = factor;
    return factor != 0 && proven();
  };
  return tryNeighbours(slope, float32, attempt) ||
         tryNeighbours(middleFactor(), float32, attempt);
}

bool EncodeSearch::tryFma(EncodeForm::Kind kind) {
  form.kind = kind;
  bool float32 = kind == EncodeForm::Kind::FmaF32;
  auto attempt = [&](double addend) {
    form.addend = addend;
    return proven();
  };
  auto withSlope = [&](long double factor, std::optional<long double> addend) {
    return tryNeighbours(factor, float32, [&](double rounded) {
      form.factor = rounded;
      return rounded != 0 &&
             tryNeighbours(addend ? *addend
                                  : middleOffset(floors, ceilings, rounded),
                           float32, attempt);
    });
  };
  if (withSlope(slope, offset))
    return true;
  long double reach = std::fabs(slope) / 2;
  RealLine line = middleLine(floors, ceilings, slope - reach, slope + reach);
  return withSlope(line.slope, std::nullopt);
}

bool EncodeSearch::tryDivide() {
  form.kind = EncodeForm::Kind::DivideF64;
  form.factor = quantizer.scale.approx();
  form.addend = double(offset);
  form.rounding = quantizer.rounding;
  return form.factor != 0 && std::isfinite(form.factor) && proven();
}

std::optional<EncodeForm> EncodeSearch::run() {
  if (function.isConstant()) {
    form.qmin = form.qmax = function.first;
    form.offset = 0;
    return form;
  }
  // No bits of a code are lost in double arithmetic below this.
  constexpr int64_t greatest = int64_t(1) << 50;
  for (int64_t number : {form.qmin, form.qmax, form.offset})
    if (number < -greatest || number > greatest)
      return std::nullopt;
  using Kind = EncodeForm::Kind;
  bool found = tryMultiply(Kind::MultiplyF32) || tryFma(Kind::FmaF32) ||
               tryMultiply(Kind::MultiplyF64) || tryFma(Kind::FmaF64) ||
               tryDivide();
  return found ? std::optional(form) : std::nullopt;
}

std::optional<EncodeForm> sumac::findEncodeForm(const StepFunction &function,
                                                const Quantizer &quantizer) {
  if (quantizer.bipolar || !std::isfinite(quantizer.scale.approx()) ||
      quantizer.scale.approx() == 0)
    return std::nullopt;
  return EncodeSearch(function, quantizer).run();
}
