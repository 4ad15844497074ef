//===- BoundaryKernels.cpp - Constants, floats and codes --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sumac.constant, from_float, to_float, encode, decode and quantize.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "Elementwise.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

FailureOr<Kernel> interpreter::prepare(ConstantOp op, const Settings &settings) {
  CodingAttrInterface coding = op.getValue();
  Shape shape(coding.getShape());
  std::optional<int64_t> count = getNumElements(shape);
  if (!count || *count > kMaxElements)
    return op.emitOpError("has too many elements for the interpreter");
  Type type = getElementType(op.getResult());
  if (isa<IntegerType>(type)) {
    if (!coding.isIntegral() || coding.getExponent() != 0)
      return op.emitOpError("coding does not decode to integers");
    std::vector<int64_t> values(*count);
    coding.decodeIntegers(0, values);
    return Kernel([=](Operands, Error &error) { return makeIntegers(type, shape, values, error); });
  }
  TensorRef tensor;
  if (coding.isIntegral()) {
    GridForm form;
    form.mantissas.resize(*count);
    coding.decodeIntegers(0, form.mantissas);
    form.units.push_back(Rational::dyadic(Integer(1), coding.getExponent()));
    tensor = Tensor::grid(type, shape, std::move(form));
  } else {
    std::vector<double> values(*count);
    coding.decodeDoubles(0, values);
    if (llvm::any_of(values, [](double value) { return !std::isfinite(value); }))
      return op.emitOpError("has an infinite element or one that is not a number");
    tensor = Tensor::realsFromDoubles(type, shape, std::move(values), /*unitPerRow=*/true);
  }
  if (!settings.fast) {
    std::vector<Number> numbers(*count);
    for (int64_t i = 0; i < *count; ++i)
      numbers[i] = tensor->getNumber(i);
    tensor = Tensor::numbers(type, shape, std::move(numbers));
  }
  return Kernel([=](Operands, Error &) { return tensor; });
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

FailureOr<Kernel> interpreter::prepare(FromFloatOp op, const Settings &settings) {
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &) -> FailureOr<TensorRef> {
    ArrayRef<double> values = operands[0]->getFloats();
    Shape shape(operands[0]->getShape());
    if (settings.fast)
      return Tensor::realsFromDoubles(type, shape, values.vec(), /*unitPerRow=*/false);
    std::vector<Number> numbers;
    for (double value : values)
      numbers.push_back(Number::fromFloat(value));
    return Tensor::numbers(type, shape, std::move(numbers));
  });
}

/// A double rounded to a float type, to nearest even; zeros are positive.
static double roundToFloat(FloatType type, double value) {
  if (type.isF64())
    return value + 0.0;
  if (type.isF32())
    return static_cast<double>(static_cast<float>(value)) + 0.0;
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.convertToDouble() + 0.0;
}

/// A real rounded once to f16 or bf16: its enclosure leaves one value or two
/// neighbours, between which their midpoint (a double) decides.
static std::optional<double> roundToHalf(FloatType type, const Real &real) {
  Enclosure enclosure = Enclosure::of(real);
  double low = roundToFloat(type, enclosure.low), high = roundToFloat(type, enclosure.high);
  if (low == high)
    return low;
  double beyond = type.isF16() ? 0x1p16 : 0x1p128; // in place of infinity
  double middle = (std::max(low, -beyond) + std::min(high, beyond)) / 2;
  std::optional<int> order = real.compare(Real::exactly(middle));
  if (!order)
    return std::nullopt;
  return *order < 0 ? low : *order > 0 ? high : roundToFloat(type, middle);
}

/// The definition of rounding to a float type.
static std::optional<double> roundToFloat(FloatType type, const Number &number) {
  if (number.isUndefined())
    return std::numeric_limits<double>::quiet_NaN();
  if (number.isInfinite())
    return *number.sign() * bounds::kInfinity;
  const Real &real = number.getReal();
  if (type.isF64()) {
    std::optional<double> value = real.toDouble();
    return value ? std::optional<double>(*value + 0.0) : std::nullopt;
  }
  if (type.isF32()) {
    std::optional<float> value = real.toFloat();
    return value ? std::optional<double>(static_cast<double>(*value) + 0.0) : std::nullopt;
  }
  return roundToHalf(type, real);
}

static FailureOr<TensorRef> toFloat(const Settings &settings, FloatType type, const Tensor &input, Error &error) {
  FailureOr<std::vector<double>> values = decideElements<double>(
      settings, input, error, [=](int64_t, double value) { return roundToFloat(type, value); },
      [=](int64_t, const Number &number) { return roundToFloat(type, number); });
  if (failed(values))
    return failure();
  return Tensor::floats(type, Shape(input.getShape()), std::move(*values));
}

FailureOr<Kernel> interpreter::prepare(ToFloatOp op, const Settings &settings) {
  auto type = cast<FloatType>(getElementType(op.getResult()));
  return Kernel([=](Operands operands, Error &error) { return toFloat(settings, type, *operands[0], error); });
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

namespace {
/// Gives the codes of reals on a grid.
struct Encoder {
  PreparedGrid grid;
  RoundingMode rounding;
  bool zeroPointFirst;
  std::vector<int64_t> zeroPoints; ///< Where these are added to integers.

  static FailureOr<Encoder> read(Operation *op, GridAttr attribute, RoundingMode rounding, bool zeroPointFirst);
  /// The definition.
  std::optional<int64_t> encode(const Number &number, uint32_t scale) const;
  /// The code of x, given x / scale, plus the zero point where that comes first.
  int64_t encodeScaled(double scaled, uint32_t scale) const;
  FailureOr<std::vector<int64_t>> encode(const Settings &settings, const Tensor &input, Error &error) const;

private:
  bool addsZeroPointFirst() const { return zeroPointFirst || grid.bipolar; }
};

/// Gives the values of codes on a grid: (code * factor - shift) * unit, where
/// zero point = shift / factor and scale = unit * factor.
struct Decoder {
  PreparedGrid grid;
  std::vector<int64_t> factors, shifts;
  std::vector<Real> units;
  bool onGrid = true; ///< Zero points are rational and small.
  std::vector<Enclosed> offsets;
  bool offsetPerChannel = false;

  static FailureOr<Decoder> read(Operation *op, GridAttr attribute, ExactArrayAttr offset);
  FailureOr<TensorRef> decode(const Settings &settings, Type type, Shape shape, ArrayRef<int64_t> codes,
                              Error &error) const;

private:
  TensorRef decodeOnGrid(Type type, Shape shape, ArrayRef<int64_t> codes, ArrayRef<uint32_t> positions) const;
  FailureOr<TensorRef> addOffset(const Settings &settings, const TensorRef &values, ArrayRef<uint32_t> positions,
                                 Error &error) const;
};
} // namespace

FailureOr<Encoder> Encoder::read(Operation *op, GridAttr attribute, RoundingMode rounding, bool zeroPointFirst) {
  FailureOr<PreparedGrid> grid = PreparedGrid::read(op, attribute, /*isQuantizer=*/true);
  if (failed(grid))
    return failure();
  Encoder encoder{std::move(*grid), rounding, zeroPointFirst, {}};
  if (encoder.addsZeroPointFirst())
    return encoder;
  for (const Enclosed &zeroPoint : encoder.grid.zeroPoints) {
    const Real &real = zeroPoint.real;
    std::optional<int64_t> integer;
    if (real.isRational() && real.asRational().isInteger())
      integer = real.asRational().numerator().toInt64();
    if (!integer)
      return op->emitOpError("zero point ") << real.toString() << " must be an integer, as it is added after rounding";
    encoder.zeroPoints.push_back(*integer);
  }
  return encoder;
}

std::optional<int64_t> Encoder::encode(const Number &number, uint32_t scale) const {
  if (number.isUndefined())
    return std::nullopt;
  if (number.isInfinite())
    return *number.sign() > 0 ? grid.max : grid.min;
  std::optional<Real> scaled = number.getReal().divide(grid.scales[scale].real);
  if (!scaled)
    return std::nullopt;
  if (addsZeroPointFirst())
    *scaled += grid.zeroPoints[scale].real;
  if (grid.bipolar) {
    std::optional<int> sign = scaled->sign();
    return sign ? std::optional<int64_t>(*sign >= 0 ? 1 : -1) : std::nullopt;
  }
  std::optional<Integer> code = roundToInteger(*scaled, rounding);
  if (!code)
    return std::nullopt;
  if (!zeroPointFirst)
    *code += Integer(zeroPoints[scale]);
  return std::clamp(code->toInt64Saturated(), grid.min, grid.max);
}

int64_t Encoder::encodeScaled(double scaled, uint32_t scale) const {
  if (grid.bipolar)
    return scaled >= 0 ? 1 : -1;
  double rounded = roundToInteger(scaled, rounding);
  // Clamped before conversion; codes have at most 64 bits.
  Int128 code = static_cast<Int128>(std::clamp(rounded, -0x1p100, 0x1p100));
  if (!zeroPointFirst)
    code += zeroPoints[scale];
  return static_cast<int64_t>(std::clamp<Int128>(code, grid.min, grid.max));
}

FailureOr<std::vector<int64_t>> Encoder::encode(const Settings &settings, const Tensor &input, Error &error) const {
  FailureOr<std::vector<uint32_t>> positions = grid.getPositions(input.getShape(), error);
  if (failed(positions))
    return failure();
  std::vector<int64_t> codes(input.size());
  ArrayRef<Enclosure> enclosures;
  if (settings.fast)
    enclosures = input.getEnclosures();
  for (int64_t i = 0, size = input.size(); i < size; ++i) {
    uint32_t scale = positions->empty() ? 0 : (*positions)[i];
    if (settings.fast) {
      Enclosure scaled = enclosures[i] / grid.scales[scale].enclosure;
      if (addsZeroPointFirst())
        scaled = scaled + grid.zeroPoints[scale].enclosure;
      if (!scaled.isUndefined()) {
        codes[i] = encodeScaled(scaled.low, scale);
        if (codes[i] == encodeScaled(scaled.high, scale))
          continue;
      }
    }
    std::optional<int64_t> code = encode(input.getNumber(i), scale);
    if (!code)
      return error.set("element " + Twine(i) + " is undefined (infinity minus infinity) or cannot be told from a boundary");
    codes[i] = *code;
  }
  return codes;
}

FailureOr<Decoder> Decoder::read(Operation *op, GridAttr attribute, ExactArrayAttr offset) {
  FailureOr<PreparedGrid> grid = PreparedGrid::read(op, attribute, /*isQuantizer=*/false);
  if (failed(grid))
    return failure();
  Decoder decoder;
  decoder.grid = std::move(*grid);
  for (auto [scale, zeroPoint] : llvm::zip_equal(decoder.grid.scales, decoder.grid.zeroPoints)) {
    std::optional<int64_t> factor, shift;
    if (zeroPoint.real.isRational()) {
      factor = zeroPoint.real.asRational().denominator().toInt64();
      shift = zeroPoint.real.asRational().numerator().toInt64();
    }
    if (!factor || !shift) {
      decoder.onGrid = false;
      break;
    }
    decoder.factors.push_back(*factor);
    decoder.shifts.push_back(*shift);
    decoder.units.push_back(scale.real * Real(Rational(1) / Rational(*factor)));
  }
  if (!offset)
    return decoder;
  FailureOr<std::vector<Real>> offsets = readExact(op, offset);
  if (failed(offsets))
    return failure();
  size_t channels = offsets->size();
  auto type = cast<ShapedType>(op->getResult(0).getType());
  int64_t rowSize = type.getRank() == 0 ? 1 : type.getDimSize(type.getRank() - 1);
  decoder.offsetPerChannel = channels != 1 && channels != decoder.grid.scales.size();
  if (channels == 0 || (decoder.offsetPerChannel && static_cast<int64_t>(channels) != rowSize))
    return op->emitOpError("expected one offset, one per scale or one per channel, got ") << channels;
  for (Real &real : *offsets)
    decoder.offsets.emplace_back(std::move(real));
  return decoder;
}

TensorRef Decoder::decodeOnGrid(Type type, Shape shape, ArrayRef<int64_t> codes, ArrayRef<uint32_t> positions) const {
  GridForm form;
  form.units = units;
  form.unitOf = positions.vec();
  form.mantissas.resize(codes.size());
  for (auto [i, code] : llvm::enumerate(codes)) {
    uint32_t scale = positions.empty() ? 0 : positions[i];
    int64_t product;
    if (llvm::MulOverflow(code, factors[scale], product) || llvm::SubOverflow(product, shifts[scale], form.mantissas[i]))
      return nullptr;
  }
  return Tensor::grid(type, std::move(shape), std::move(form));
}

FailureOr<TensorRef> Decoder::addOffset(const Settings &settings, const TensorRef &values,
                                        ArrayRef<uint32_t> positions, Error &error) const {
  Shape shape(values->getShape());
  if (offsetPerChannel && values->getRowSize() != static_cast<int64_t>(offsets.size()))
    return error.set("offset has " + Twine(offsets.size()) + " entries for " + Twine(values->getRowSize()) + " channels");
  std::vector<uint32_t> indices(values->size(), 0);
  for (int64_t i = 0; i < values->size(); ++i)
    indices[i] = offsetPerChannel ? i % values->getRowSize()
                                  : (offsets.size() == 1 || positions.empty() ? 0 : positions[i]);
  return mapElements(
      settings, values->getElementType(), shape, values,
      [&](int64_t i, ArrayRef<Enclosure> x) { return x[0] + offsets[indices[i]].enclosure; },
      [indices, offsets = offsets](int64_t i, ArrayRef<Number> x) { return x[0] + Number(offsets[indices[i]].real); });
}

FailureOr<TensorRef> Decoder::decode(const Settings &settings, Type type, Shape shape, ArrayRef<int64_t> codes,
                                     Error &error) const {
  FailureOr<std::vector<uint32_t>> positions = grid.getPositions(shape, error);
  if (failed(positions))
    return failure();
  TensorRef values;
  if (settings.fast && onGrid)
    values = decodeOnGrid(type, shape, codes, *positions);
  if (!values) {
    // The definition.
    std::vector<Number> numbers(codes.size());
    for (auto [i, code] : llvm::enumerate(codes)) {
      uint32_t scale = positions->empty() ? 0 : (*positions)[i];
      numbers[i] = (Real(code) - grid.zeroPoints[scale].real) * grid.scales[scale].real;
    }
    values = Tensor::numbers(type, std::move(shape), std::move(numbers));
  }
  return offsets.empty() ? FailureOr<TensorRef>(values) : addOffset(settings, values, *positions, error);
}

FailureOr<Kernel> interpreter::prepare(EncodeOp op, const Settings &settings) {
  FailureOr<Encoder> encoder = Encoder::read(op, op.getGrid(), op.getRounding(), op.getZeroPointFirst());
  if (failed(encoder))
    return failure();
  Type type = getElementType(op.getResult());
  return Kernel([=, encoder = std::move(*encoder)](Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<std::vector<int64_t>> codes = encoder.encode(settings, *operands[0], error);
    if (failed(codes))
      return failure();
    return makeIntegers(type, Shape(operands[0]->getShape()), std::move(*codes), error);
  });
}

FailureOr<Kernel> interpreter::prepare(DecodeOp op, const Settings &settings) {
  FailureOr<Decoder> decoder = Decoder::read(op, op.getGrid(), op.getOffsetAttr());
  if (failed(decoder))
    return failure();
  Type type = getElementType(op.getResult());
  return Kernel([=, decoder = std::move(*decoder)](Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<TensorRef> values = decoder.decode(settings, type, Shape(operands[0]->getShape()),
                                                 operands[0]->getIntegers(), error);
    auto floatType = dyn_cast<FloatType>(type);
    if (failed(values) || !floatType)
      return values;
    return toFloat(settings, floatType, **values, error);
  });
}

FailureOr<Kernel> interpreter::prepare(QuantizeOp op, const Settings &settings) {
  FailureOr<Encoder> encoder = Encoder::read(op, op.getGrid(), op.getRounding(), op.getZeroPointFirst());
  FailureOr<Decoder> decoder = Decoder::read(op, op.getGrid(), {});
  if (failed(encoder) || failed(decoder))
    return failure();
  Type type = getElementType(op.getResult());
  return Kernel([=, encoder = std::move(*encoder), decoder = std::move(*decoder)](
                    Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<std::vector<int64_t>> codes = encoder.encode(settings, *operands[0], error);
    if (failed(codes))
      return failure();
    return decoder.decode(settings, type, Shape(operands[0]->getShape()), *codes, error);
  });
}
