//===- DecodeForms.cpp - How codes become floats, with proofs ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The result of sumac.decode is the exact value a * x + b rounded once, to
// nearest even. Three forms are used where they are proven to give it:
//
// F32: the scale a is a float32, b = -a * z with an integer z, and |x - z| <=
//   2^24. Then x - z is a float32 exactly, and the product rounds once.
//
// F64: y = fma(x, a', b') in float64 with the doubles a', b' nearest to a and b
//   (x * a' + b' with two roundings where the processor has no fma), then one
//   conversion to float32. Either y is exact: a and b are multiples of 2^e and
//   |a x|, |a x + b| < 2^(e + 53), so that nothing rounds before the conversion.
//   Or every x of the range is tried: the error of y is at most
//   u (|x a'| + |b'| + |x a'| + |y|) with u = 2^-53 (the distances of a' and b',
//   the product's and the sum's roundings; each bounded generously with 2^-52),
//   so where y - error and y + error convert to the same float32, the exact
//   value, between them, does too, since rounding is monotone. The few x where
//   they differ are decided with exact numbers. float64 results need one
//   rounding: fma with a = a' and b = b'.
//
// Integer: a = A 2^e, b = B 2^e. N = A x + B is computed in 64 or 128 bits and
//   reduced to at most 53 bits with a sticky last bit, keeping at least 26 bits
//   (round to odd, Boldo and Melquiond 2008: rounding to odd with two or more
//   extra bits, then to nearest, is rounding to nearest once). The conversion to
//   float64 and the multiplication with 2^e are exact.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Epilogues.h"

#include <cmath>

using namespace mlir;
using namespace sumac;

/// Most codes (over all channels) that are tried one by one.
static constexpr int64_t kMaxTried = int64_t(1) << 24;

StringRef sumac::stringifyDecodeForm(DecodeForm form) {
  return form == DecodeForm::F32 ? "f32" : form == DecodeForm::F64 ? "f64" : "integer";
}

std::optional<DecodeForm> sumac::parseDecodeForm(StringRef text) {
  for (DecodeForm form : {DecodeForm::F32, DecodeForm::F64, DecodeForm::Integer})
    if (text == stringifyDecodeForm(form))
      return form;
  return std::nullopt;
}

FailureOr<std::vector<AffineChannel>> sumac::getDecodeChannels(DecodeOp op) {
  GridAttr grid = op.getGrid();
  if (!grid.isPerTensorOrLastDim())
    return op.emitOpError("has scales along other dimensions than the last, which the cpu target does not support");
  auto type = cast<RankedTensorType>(op.getInput().getType());
  ArrayRef<StringAttr> scales = grid.getScale().getValues(), zeroPoints = grid.getZeroPoint().getValues();
  ArrayRef<StringAttr> offsets;
  if (op.getOffset())
    offsets = op.getOffset()->getValues();
  bool isUniform = grid.isPerTensor() && offsets.size() <= 1;
  int64_t channels = isUniform ? 1 : type.getShape().back();
  SmallVector<int64_t> index(type.getRank(), 0);
  std::vector<AffineChannel> result;
  for (int64_t c = 0; c < channels; ++c) {
    if (!index.empty())
      index.back() = c;
    int64_t entry = scales.size() == 1 && zeroPoints.size() == 1 ? 0 : grid.getScaleIndex(index);
    auto scale = readReal(op, scales[scales.size() == 1 ? 0 : entry]);
    auto zeroPoint = readReal(op, zeroPoints[zeroPoints.size() == 1 ? 0 : entry]);
    if (failed(scale) || failed(zeroPoint))
      return failure();
    Real add = -(*scale * *zeroPoint);
    if (!offsets.empty()) {
      auto offset = readReal(op, offsets[offsets.size() == 1 ? 0 : c]);
      if (failed(offset))
        return failure();
      add += *offset;
    }
    result.push_back({*scale, add});
  }
  return result;
}

std::optional<DyadicChannel> sumac::getDyadic(const AffineChannel &channel) {
  if (!channel.multiply.isRational() || !channel.add.isRational())
    return std::nullopt;
  const Rational &a = channel.multiply.asRational(), &b = channel.add.asRational();
  if (!a.isDyadic() || !b.isDyadic())
    return std::nullopt;
  // The finest grid of both, then without common factors of two.
  int64_t shift = std::max(a.denominator().bitLength(), b.denominator().bitLength()) - 1;
  DyadicChannel result;
  result.multiply = (a * Rational::dyadic(Integer(1), shift)).numerator();
  result.add = (b * Rational::dyadic(Integer(1), shift)).numerator();
  result.exponent = -shift;
  unsigned common = result.multiply.isZero() ? result.add.trailingZeros()
                    : result.add.isZero()    ? result.multiply.trailingZeros()
                                             : std::min(result.multiply.trailingZeros(), result.add.trailingZeros());
  result.multiply = result.multiply.shr(common);
  result.add = result.add.shr(common);
  result.exponent += common;
  return result;
}

static bool isFloat32(const Real &number) {
  return number.isRational() && number.asRational() == Rational::exactly(number.asRational().toFloat());
}

/// Whether the F32 form is exact; see above.
static bool isExactInF32(const AffineChannel &channel, IntegerRange range) {
  if (!isFloat32(channel.multiply) || !channel.add.isRational() || channel.multiply.asRational().isZero())
    return false;
  Rational zeroPoint = -(channel.add.asRational() / channel.multiply.asRational());
  if (!zeroPoint.isInteger())
    return false;
  Integer bound(int64_t(1) << 24);
  for (int64_t end : {range.min, range.max})
    if (bound < (Integer(end) - zeroPoint.numerator()).abs())
      return false;
  return true;
}

/// Whether nothing rounds in f64 before the conversion.
static bool isExactInF64(const AffineChannel &channel, IntegerRange range) {
  std::optional<DyadicChannel> dyadic = getDyadic(channel);
  if (!dyadic || dyadic->exponent < -1000 || dyadic->exponent > 900)
    return false;
  for (int64_t end : {range.min, range.max}) {
    Integer product = dyadic->multiply * Integer(end);
    if (Integer(end).bitLength() > 53 || product.bitLength() > 53 || (product + dyadic->add).bitLength() > 53)
      return false;
  }
  return dyadic->add.bitLength() <= 53 && dyadic->multiply.bitLength() <= 53;
}

/// Whether the f64 form, tried on every code, gives the exact value rounded once.
static bool isProvenInF64(const AffineChannel &channel, IntegerRange range, bool fused) {
  if (std::max(std::abs(range.min), std::abs(range.max)) > (int64_t(1) << 53))
    return false;
  double a = channel.multiply.approx(), b = channel.add.approx();
  if (auto exact = channel.multiply.toDouble())
    a = *exact;
  if (auto exact = channel.add.toDouble())
    b = *exact;
  if (!std::isfinite(a) || !std::isfinite(b) || std::abs(a) < 0x1p-900 || (b != 0 && std::abs(b) < 0x1p-900))
    return false;
  for (int64_t x = range.min; x <= range.max; ++x) {
    double product = static_cast<double>(x) * a;
    double y = fused ? std::fma(static_cast<double>(x), a, b) : product + b;
    double error = 0x1p-51 * (std::abs(product) + std::abs(b) + std::abs(y));
    if (static_cast<float>(y - error) == static_cast<float>(y + error) && y != 0)
      continue;
    std::optional<float> exact = (channel.multiply * Real(x) + channel.add).toFloat();
    float rounded = static_cast<float>(y);
    if (!exact || llvm::bit_cast<uint32_t>(*exact) != llvm::bit_cast<uint32_t>(rounded))
      return false;
  }
  return true;
}

/// Whether the Integer form holds the channel's values in 127 bits.
static bool fitsIntegers(const AffineChannel &channel, IntegerRange range) {
  std::optional<DyadicChannel> dyadic = getDyadic(channel);
  if (!dyadic || dyadic->exponent < -1000 || dyadic->exponent > 800 || !dyadic->multiply.toInt64())
    return false;
  for (int64_t end : {range.min, range.max})
    if ((dyadic->multiply * Integer(end) + dyadic->add).bitLength() > 126)
      return false;
  return dyadic->add.bitLength() <= 126;
}

FailureOr<DecodeForm> sumac::chooseDecodeForm(DecodeOp op, const RangeAnalysis &ranges, const CPUTarget &target) {
  auto channels = getDecodeChannels(op);
  if (failed(channels))
    return failure();
  ArrayRef<IntegerRange> range = ranges.get(op.getInput());
  size_t count = std::max(channels->size(), range.size());
  auto all = [&](llvm::function_ref<bool(const AffineChannel &, IntegerRange)> holds) {
    for (size_t c = 0; c < count; ++c)
      if (!holds((*channels)[channels->size() == 1 ? 0 : c], range[range.size() == 1 ? 0 : c]))
        return false;
    return true;
  };
  auto floatType = dyn_cast<FloatType>(cast<RankedTensorType>(op.getResult().getType()).getElementType());
  if (!floatType)
    return op.emitOpError("gives real numbers; run sumac-to-integer first");
  bool fused = hasFusedMultiplyAdd(target);
  if (floatType.isF64()) {
    auto isDouble = [&](const AffineChannel &channel, IntegerRange range) {
      bool isShort = Integer(range.min).bitLength() <= 53 && Integer(range.max).bitLength() <= 53;
      return isExactInF64(channel, range) ||
             (isShort && (fused || channel.add.equals(Real(0)).value_or(false)) && channel.multiply.isRational() &&
              channel.add.isRational() && channel.multiply.asRational().isDouble() && channel.add.asRational().isDouble());
    };
    if (all(isDouble))
      return DecodeForm::F64;
    return op.emitOpError("has a scale that the cpu target cannot round to f64 exactly");
  }
  if (!floatType.isF32())
    return op.emitOpError() << "gives " << floatType << ", which the cpu target does not support; declare the output as f32";
  if (all(isExactInF32))
    return DecodeForm::F32;
  if (all(isExactInF64))
    return DecodeForm::F64;
  double codes = 0;
  for (size_t c = 0; c < count; ++c) {
    IntegerRange bounds = range[range.size() == 1 ? 0 : c];
    codes += static_cast<double>(bounds.max) - static_cast<double>(bounds.min) + 1;
  }
  if (codes <= kMaxTried && all([&](const AffineChannel &channel, IntegerRange range) {
        return isProvenInF64(channel, range, fused);
      }))
    return DecodeForm::F64;
  if (all(fitsIntegers))
    return DecodeForm::Integer;
  return op.emitOpError("has a scale or an offset that no arithmetic of the cpu target rounds exactly over the whole "
                        "range of accumulators; quantize this output");
}
