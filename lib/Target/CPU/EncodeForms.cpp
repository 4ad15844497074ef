//===- EncodeForms.cpp - Where encoded floats step ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds, in exact arithmetic, the smallest float at which each code begins.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Epilogues.h"

#include <cmath>

using namespace mlir;
using namespace sumac;

/// Most steps that a table of thresholds may have.
static constexpr int64_t kMaxSteps = 65536;

bool sumac::hasFusedMultiplyAdd(const CPUTarget &target) {
  return target.isX86() ? target.hasFeature("fma") : target.isAArch64();
}

FailureOr<Real> sumac::readReal(Operation *op, StringAttr text) {
  std::optional<Real> value = Real::parse(std::string_view(text.getValue().data(), text.getValue().size()));
  if (!value)
    return op->emitOpError() << "has '" << text.getValue() << "', which is not an exact number";
  return *value;
}

namespace {

/// One channel of an encode.
struct Encoder {
  Real scale, zeroPoint;
  RoundingMode rounding;
  bool zeroPointFirst;
};

} // namespace

/// `mode` for a rational number.
static Integer roundRational(const Rational &v, RoundingMode mode) {
  Integer floor = v.floor();
  if (v.isInteger())
    return floor;
  Integer ceil = floor + Integer(1);
  Rational half = Rational(floor) + Rational(Integer(1), Integer(2));
  int side = v.compare(half);
  bool isNegative = v.sign() < 0;
  switch (mode) {
  case RoundingMode::HalfEven:
    return side != 0 ? (side < 0 ? floor : ceil) : (floor.isOdd() ? ceil : floor);
  case RoundingMode::HalfUp:
    return side != 0 ? (side < 0 ? floor : ceil) : (isNegative ? floor : ceil);
  case RoundingMode::HalfDown:
    return side != 0 ? (side < 0 ? floor : ceil) : (isNegative ? ceil : floor);
  case RoundingMode::Floor:
    return floor;
  case RoundingMode::Ceil:
    return ceil;
  case RoundingMode::Up:
    return isNegative ? floor : ceil;
  case RoundingMode::Down:
    return isNegative ? ceil : floor;
  }
  return floor;
}

/// The place b such that a quotient rounds to `code` or more from b on (b
/// itself included or not).
static Rational getBoundary(const Integer &code, RoundingMode mode) {
  Rational k(code);
  if (roundRational(k - Rational(Integer(3), Integer(4)), mode) >= code)
    return k - Rational(1);
  if (roundRational(k - Rational(Integer(1), Integer(4)), mode) >= code)
    return k - Rational(Integer(1), Integer(2));
  return k;
}

/// The smallest float >= b, as a double.
static std::optional<double> roundUp(const Real &b, bool isDouble) {
  double nearest;
  if (isDouble) {
    auto value = b.toDouble();
    if (!value)
      return std::nullopt;
    nearest = *value;
  } else {
    auto value = b.toFloat();
    if (!value)
      return std::nullopt;
    nearest = *value;
  }
  constexpr double inf = std::numeric_limits<double>::infinity();
  auto next = [&](double x) {
    return isDouble ? std::nextafter(x, inf) : static_cast<double>(std::nextafterf(static_cast<float>(x), INFINITY));
  };
  if (nearest == inf)
    return nearest;
  if (nearest == -inf)
    return next(nearest);
  std::optional<int> order = Real::exactly(nearest).compare(b);
  if (!order)
    return std::nullopt;
  return *order < 0 ? next(nearest) : nearest;
}

/// The smallest float whose quotient rounds to `code` or more.
static std::optional<double> getThreshold(const Encoder &encoder, const Integer &code, bool isDouble) {
  Rational boundary = getBoundary(code, encoder.rounding);
  Real place = Real(boundary);
  if (encoder.zeroPointFirst)
    place -= encoder.zeroPoint;
  place = place * encoder.scale;
  std::optional<double> threshold = roundUp(place, isDouble);
  if (!threshold || std::isinf(*threshold))
    return threshold;
  std::optional<bool> isExact = Real::exactly(*threshold).equals(place);
  if (!isExact)
    return std::nullopt;
  if (*isExact && roundRational(boundary, encoder.rounding) < code)
    return isDouble ? std::nextafter(*threshold, INFINITY)
                    : static_cast<double>(std::nextafterf(static_cast<float>(*threshold), INFINITY));
  return threshold;
}

FailureOr<EncodeSteps> sumac::computeEncodeSteps(EncodeOp op) {
  GridAttr grid = op.getGrid();
  if (!grid.isPerTensorOrLastDim())
    return op.emitOpError("has scales along other dimensions than the last, which the cpu target does not support");
  auto type = cast<RankedTensorType>(op.getInput().getType());
  auto floatType = dyn_cast<FloatType>(type.getElementType());
  if (!floatType)
    return op.emitOpError("works on real numbers; run sumac-to-integer first");
  bool isDouble = floatType.isF64();
  EncodeSteps steps;
  int64_t first = grid.getMin() + 1, last = grid.getMax();
  if (!grid.getBipolar() && Int128(last) - first >= kMaxSteps)
    return op.emitOpError() << "has codes of more than 16 bits, which the cpu target does not support for float inputs";
  steps.base = grid.getBipolar() ? -1 : grid.getMin();
  steps.step = grid.getBipolar() ? 2 : 1;

  int64_t channels = grid.isPerTensor() ? 1 : type.getShape().back();
  SmallVector<int64_t> index(type.getRank(), 0);
  for (int64_t c = 0; c < channels; ++c) {
    if (!index.empty())
      index.back() = c;
    ArrayRef<StringAttr> zeroPoints = grid.getZeroPoint().getValues();
    int64_t entry = grid.getScaleIndex(index);
    auto scale = readReal(op, grid.getScale().getValues()[grid.getScale().getValues().size() == 1 ? 0 : entry]);
    auto zeroPoint = readReal(op, zeroPoints[zeroPoints.size() == 1 ? 0 : entry]);
    if (failed(scale) || failed(zeroPoint))
      return failure();
    std::vector<double> thresholds;
    Encoder encoder{*scale, *zeroPoint, op.getRounding(), op.getZeroPointFirst()};
    if (grid.getBipolar()) {
      // x / scale + zero point >= 0; no rounding.
      std::optional<double> threshold = roundUp(-*zeroPoint * *scale, isDouble);
      if (!threshold)
        return op.emitOpError("has a scale whose thresholds cannot be decided");
      thresholds.push_back(*threshold);
    } else {
      if (!zeroPoint->isRational() || (!op.getZeroPointFirst() && !zeroPoint->asRational().isInteger()))
        return op.emitOpError("has a zero point that is not an integer");
      for (int64_t code = first; code <= last; ++code) {
        Integer rounded(code);
        if (!op.getZeroPointFirst())
          rounded -= zeroPoint->asRational().numerator();
        std::optional<double> threshold = getThreshold(encoder, rounded, isDouble);
        if (!threshold)
          return op.emitOpError("has a scale whose thresholds cannot be decided");
        thresholds.push_back(*threshold);
      }
    }
    steps.thresholds.push_back(std::move(thresholds));
  }
  return steps;
}

/// The quantizer of one channel of an encode.
static std::optional<Quantizer> getQuantizer(EncodeOp op, int64_t channel) {
  GridAttr grid = op.getGrid();
  SmallVector<int64_t> index(cast<RankedTensorType>(op.getInput().getType()).getRank(), 0);
  if (!index.empty())
    index.back() = channel;
  ArrayRef<StringAttr> scales = grid.getScale().getValues(), zeroPoints = grid.getZeroPoint().getValues();
  int64_t entry = grid.getScaleIndex(index);
  auto scale = readReal(op, scales[scales.size() == 1 ? 0 : entry]);
  auto zeroPoint = readReal(op, zeroPoints[zeroPoints.size() == 1 ? 0 : entry]);
  if (failed(scale) || failed(zeroPoint))
    return std::nullopt;
  Quantizer quantizer;
  quantizer.scale = *scale;
  quantizer.zeroPoint = *zeroPoint;
  quantizer.zeroPointBeforeRound = op.getZeroPointFirst();
  quantizer.qmin = grid.getMin();
  quantizer.qmax = grid.getMax();
  quantizer.rounding = op.getRounding();
  return quantizer;
}

std::vector<EncodeForm> sumac::findEncodeForms(EncodeOp op, const CPUTarget &target) {
  GridAttr grid = op.getGrid();
  auto type = cast<RankedTensorType>(op.getInput().getType());
  // Clamping happens in float32, which holds codes and offsets of 16 bits.
  bool isSmall = grid.getMin() >= -65536 && grid.getMax() <= 65536;
  if (!type.getElementType().isF32() || grid.getBipolar() || !grid.isPerTensorOrLastDim() || !isSmall)
    return {};
  int64_t channels = grid.isPerTensor() ? 1 : type.getShape().back();
  std::vector<EncodeForm> forms;
  for (int64_t c = 0; c < channels; ++c) {
    std::optional<Quantizer> quantizer = getQuantizer(op, c);
    ScalarFunction function;
    if (!quantizer || !function.toCode(*quantizer))
      return {};
    std::optional<StepFunction> steps = buildFloatSteps(function);
    std::optional<EncodeForm> form = steps ? findEncodeForm(*steps, *quantizer) : std::nullopt;
    if (!form || std::abs(form->offset) > 65536)
      return {};
    bool isFused = form->kind == EncodeForm::Kind::FmaF32 || form->kind == EncodeForm::Kind::FmaF64;
    if (isFused && !hasFusedMultiplyAdd(target))
      return {};
    forms.push_back(*form);
  }
  return forms;
}
