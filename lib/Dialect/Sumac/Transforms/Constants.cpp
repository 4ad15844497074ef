//===- Constants.cpp - Integer constants ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Building integer constants with the narrowest coding, and turning real
// constants into integers times a unit.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace sumac;

/// Constants of more elements than this become resource blobs.
static constexpr int64_t kInlineElements = 64;
/// Elements decoded at a time.
static constexpr int64_t kChunk = 4096;

static unsigned getSignedWidth(IntegerRange range) {
  unsigned width = 1;
  while (width < 64 &&
         (range.min < llvm::minIntN(width) || range.max > llvm::maxIntN(width)))
    ++width;
  return width;
}

IntegerType sumac::getNarrowType(MLIRContext *context, IntegerRange range) {
  if (range.min < 0)
    return getSignedType(context, range);
  unsigned width = std::max(1u, static_cast<unsigned>(llvm::bit_width(
                                    static_cast<uint64_t>(range.max))));
  return IntegerType::get(context, width, IntegerType::Unsigned);
}

IntegerType sumac::getSignedType(MLIRContext *context, IntegerRange range) {
  return IntegerType::get(context, getSignedWidth(range), IntegerType::Signed);
}

template <typename T>
static ElementsAttr makePayload(RankedTensorType type, ArrayRef<T> values,
                                StringRef name) {
  if (type.getNumElements() <= kInlineElements)
    return DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                             values.size() * sizeof(T)));
  return DenseResourceElementsAttr::get(
      type, name, HeapAsmResourceBlob::allocateAndCopyInferAlign(values));
}

ElementsAttr sumac::makeBytePayload(MLIRContext *context,
                                    ArrayRef<int64_t> shape, bool isSigned,
                                    ArrayRef<int8_t> values, StringRef name) {
  auto element = IntegerType::get(
      context, 8, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  return makePayload(RankedTensorType::get(shape, element), values, name);
}

ElementsAttr sumac::makeFloatPayload(MLIRContext *context,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<float> values, StringRef name) {
  return makePayload(RankedTensorType::get(shape, Float32Type::get(context)),
                     values, name);
}

ElementsAttr sumac::makeTable(MLIRContext *context, ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> values) {
  auto element = IntegerType::get(context, 64, IntegerType::Signed);
  return DenseElementsAttr::getFromRawBuffer(
      RankedTensorType::get(shape, element),
      ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(int64_t)));
}

std::string sumac::getResourceName(Location location) {
  std::string name;
  if (auto named = location->findInstanceOf<NameLoc>())
    for (char c : named.getName())
      name += llvm::isAlnum(c) || c == '_' ? c : '_';
  return name.empty() ? "weights" : name;
}

static ConstantOp createConstant(OpBuilder &builder, Location location,
                                 ArrayRef<int64_t> shape, IntegerRange range,
                                 CodingAttrInterface coding) {
  bool isUnsigned = false;
  if (auto uniform = dyn_cast<UniformCodingAttr>(coding))
    isUnsigned = uniform.getPayload().getElementType().isUnsignedInteger();
  IntegerType type = isUnsigned ? getNarrowType(builder.getContext(), range)
                                : getSignedType(builder.getContext(), range);
  return ConstantOp::create(builder, location,
                            RankedTensorType::get(shape, type), coding);
}

ConstantOp sumac::makeByteConstant(OpBuilder &builder, Location location,
                                   ArrayRef<int64_t> shape,
                                   ArrayRef<int8_t> values) {
  MLIRContext *context = builder.getContext();
  IntegerRange range{0, 0};
  bool onlyOnes = !values.empty();
  for (int8_t value : values) {
    range.min = std::min<int64_t>(range.min, value);
    range.max = std::max<int64_t>(range.max, value);
    onlyOnes &= value == 1 || value == -1;
  }
  ElementsAttr payload = makeBytePayload(context, shape, /*isSigned=*/true,
                                         values, getResourceName(location));
  if (onlyOnes)
    return createConstant(builder, location, shape, {-1, 1},
                          BipolarCodingAttr::get(context, payload));
  unsigned bits = getSignedWidth(range);
  IntegerRange full{llvm::minIntN(bits), llvm::maxIntN(bits)};
  return createConstant(builder, location, shape, full,
                        UniformCodingAttr::get(context, payload, bits));
}

ConstantOp sumac::makeIntegerConstant(OpBuilder &builder, Location location,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> values) {
  MLIRContext *context = builder.getContext();
  IntegerRange range{0, 0};
  for (int64_t value : values) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
  if (getSignedWidth(range) <= 8)
    return makeByteConstant(builder, location, shape,
                            SmallVector<int8_t>(values.begin(), values.end()));
  std::string name = getResourceName(location);
  auto makeDense = [&](auto zero) {
    using T = decltype(zero);
    auto element =
        IntegerType::get(context, sizeof(T) * 8, IntegerType::Signed);
    SmallVector<T> narrow(values.begin(), values.end());
    return DenseCodingAttr::get(
        context, makePayload(RankedTensorType::get(shape, element),
                             ArrayRef<T>(narrow), name));
  };
  unsigned width = getSignedWidth(range);
  DenseCodingAttr coding = width <= 16   ? makeDense(int16_t())
                           : width <= 32 ? makeDense(int32_t())
                                         : makeDense(int64_t());
  return createConstant(builder, location, shape, range, coding);
}

FailureOr<ConstantOp>
sumac::encodeConstant(OpBuilder &builder, Location location,
                      CodingAttrInterface constant, GridAttr grid,
                      RoundingMode rounding, bool zeroPointFirst) {
  std::optional<std::vector<Real>> scales = parseExact(grid.getScale()),
                                   zeroPoints = parseExact(grid.getZeroPoint());
  if (!scales || !zeroPoints)
    return emitError(location,
                     "the quantizer's scale or zero point is not a number");
  std::vector<ScalarFunction> quantizers(scales->size());
  for (auto [i, scale] : llvm::enumerate(*scales)) {
    Quantizer quantizer{scale,
                        (*zeroPoints)[zeroPoints->size() == 1 ? 0 : i],
                        zeroPointFirst,
                        grid.getMin(),
                        grid.getMax(),
                        rounding,
                        grid.getBipolar()};
    if (!quantizers[i].toCode(quantizer))
      return emitError(location,
                       "the quantizer's scale or zero point cannot be used");
  }
  ArrayRef<int64_t> shape = constant.getShape();
  int64_t count = ShapedType::getNumElements(shape);
  bool fitsByte = grid.getMin() >= INT8_MIN && grid.getMax() <= INT8_MAX;
  std::vector<int8_t> bytes(fitsByte ? count : 0);
  std::vector<int64_t> wide(fitsByte ? 0 : count);
  SmallVector<double> values(std::min(kChunk, count));
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t first = 0; first < count; first += kChunk) {
    MutableArrayRef<double> chunk = MutableArrayRef<double>(values).take_front(
        std::min(kChunk, count - first));
    constant.decodeDoubles(first, chunk);
    for (auto [offset, value] : llvm::enumerate(chunk)) {
      const ScalarFunction &quantizer =
          quantizers[quantizers.size() == 1 ? 0 : grid.getScaleIndex(index)];
      advanceIndex(shape, index);
      if (std::isnan(value) || std::isinf(value))
        return emitError(location, "a weight is infinite or not a number");
      double error = 0, approximate = quantizer.approx(value, error);
      int64_t code;
      if (error < 0.25) {
        code = std::llrint(approximate);
      } else {
        std::optional<Real> exact = quantizer.eval(Real::exactly(value));
        std::optional<int64_t> integer =
            exact ? exact->asRational().floor().toInt64() : std::nullopt;
        if (!integer)
          return emitError(location, "a weight's code cannot be computed");
        code = *integer;
      }
      if (fitsByte)
        bytes[first + offset] = static_cast<int8_t>(code);
      else
        wide[first + offset] = code;
    }
  }
  return fitsByte ? makeByteConstant(builder, location, shape, bytes)
                  : makeIntegerConstant(builder, location, shape, wide);
}

FailureOr<std::vector<Real>>
sumac::evaluateConstant(const Expression &constant) {
  CodingAttrInterface coding = constant.getConstant();
  ArrayRef<int64_t> shape = coding.getShape();
  int64_t count = ShapedType::getNumElements(shape);
  std::vector<Real> result;
  result.reserve(count);
  SmallVector<int64_t> index(shape.size(), 0), integers;
  SmallVector<double> doubles;
  Rational unit = Rational::dyadic(Integer(1), coding.getExponent());
  for (int64_t first = 0; first < count; first += kChunk) {
    int64_t size = std::min(kChunk, count - first);
    integers.resize(size);
    doubles.resize(size);
    if (coding.isIntegral())
      coding.decodeIntegers(first, integers);
    else
      coding.decodeDoubles(first, doubles);
    for (int64_t i = 0; i < size; ++i, advanceIndex(shape, index)) {
      const ScalarFunction &function =
          constant.isUniform() ? constant.functions.front()
                               : constant.functions[getBroadcastIndex(
                                     constant.functionShape, index)];
      if (!coding.isIntegral() && !std::isfinite(doubles[i]))
        return emitError(constant.source.getLoc(),
                         "a constant is infinite or not a number");
      Real value = coding.isIntegral() ? Real(Rational(integers[i]) * unit)
                                       : Real::exactly(doubles[i]);
      std::optional<Real> mapped = function.eval(value);
      if (!mapped)
        return emitError(constant.source.getLoc(),
                         "a constant's exact value is not defined");
      result.push_back(std::move(*mapped));
    }
  }
  return result;
}

Rational sumac::getCommonUnit(ArrayRef<Rational> values) {
  // gcd(a/b, c/d) = gcd(a, c) / lcm(b, d) for numbers in lowest terms.
  Integer numerator, denominator(1);
  for (const Rational &value : values) {
    if (value.isZero())
      continue;
    Integer top = value.numerator().abs(), bottom = value.denominator();
    mpz_gcd(numerator.get(), numerator.get(), top.get());
    mpz_lcm(denominator.get(), denominator.get(), bottom.get());
  }
  return numerator.isZero() ? Rational() : Rational(numerator, denominator);
}
