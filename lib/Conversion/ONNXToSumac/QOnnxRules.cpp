//===- QOnnxRules.cpp - QONNX's quantizers --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quant, BipolarQuant, Trunc and MultiThreshold, in the domains in which
// exports name them. Unlike ONNX, QONNX adds the zero point before rounding.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

static std::optional<RoundingMode> getRoundingMode(Node &node, StringRef fallback) {
  std::string name = node.getString("rounding_mode", fallback);
  auto mode = llvm::StringSwitch<std::optional<RoundingMode>>(StringRef(name).upper())
                  .Cases({"ROUND", "HALF_EVEN"}, RoundingMode::HalfEven)
                  .Case("CEIL", RoundingMode::Ceil)
                  .Case("FLOOR", RoundingMode::Floor)
                  .Case("UP", RoundingMode::Up)
                  .Case("DOWN", RoundingMode::Down)
                  .Case("HALF_UP", RoundingMode::HalfUp)
                  .Case("HALF_DOWN", RoundingMode::HalfDown)
                  .Default(std::nullopt);
  if (!mode)
    (void)node.invalid("its rounding mode '" + name + "' is not ROUND, HALF_EVEN, CEIL, FLOOR, UP, "
                       "DOWN, HALF_UP or HALF_DOWN");
  return mode;
}

/// A bit width between 1 and 32, from a constant float or integer.
static std::optional<unsigned> getBitWidth(Node &node, unsigned input) {
  std::optional<Real> width = node.getExactScalar(node.in(input), "bit width");
  if (!width)
    return std::nullopt;
  std::optional<int64_t> bits;
  if (width->isRational() && width->asRational().isInteger())
    bits = width->asRational().numerator().toInt64Saturated();
  if (!bits || *bits < 1 || *bits > 32) {
    (void)node.invalid("its bit width is " + getNumberText(*width) +
                       "; bit widths are integers from 1 to 32");
    return std::nullopt;
  }
  return static_cast<unsigned>(*bits);
}

/// Codes of `bits` bits with QONNX's narrow ranges.
static Node::Codes getCodes(Node &node, unsigned bits, bool isSigned, bool narrow) {
  IntegerType storage = node.builder.getIntegerType(bits, isSigned);
  Node::Codes codes = Node::getAllCodes(storage);
  if (narrow)
    // Signed ranges lose their bottom, unsigned ones their top.
    (isSigned ? codes.min : codes.max) += isSigned ? 1 : -1;
  return codes;
}

static Node::Codes getBipolarCodes(Node &node) {
  return {node.builder.getIntegerType(2, /*isSigned=*/true), -1, 1, /*bipolar=*/true};
}

static LogicalResult checkFlags(Node &node) {
  for (StringRef name : {"signed", "narrow"})
    if (!node.hasAttr(name))
      return node.invalid("its attribute '" + name + "' is missing");
  return success();
}

static LogicalResult quantize(Node &node, const Node::Codes &codes, Tensor *zeroPoint,
                              RoundingMode rounding) {
  Tensor &x = node.in(0);
  if (!x.isFloat())
    return node.unsupported("its input has elements of type " + getTypeName(x.elementType));
  GridAttr grid = node.makeGrid(codes, x.shape, &node.in(1), zeroPoint);
  if (!grid)
    return failure();
  Value input = node.real(x);
  if (!input)
    return failure();
  Value result = QuantizeOp::create(node.builder, node.loc, input, grid, rounding,
                                    /*zero_point_first=*/true);
  node.setResult(result, x.shape, x.elementType);
  return success();
}

static LogicalResult convertQuant(Node &node) {
  if (failed(node.checkInputs(4, 4)) || failed(checkFlags(node)))
    return failure();
  bool isSigned = node.getInt("signed", 1) != 0, narrow = node.getInt("narrow", 0) != 0;
  std::optional<RoundingMode> rounding = getRoundingMode(node, "ROUND");
  std::optional<unsigned> bits = getBitWidth(node, 3);
  if (!rounding || !bits)
    return failure();
  // One signed bit is -1 or +1, whatever narrow and rounding_mode say.
  if (*bits == 1 && isSigned)
    return quantize(node, getBipolarCodes(node), &node.in(2), RoundingMode::HalfEven);
  return quantize(node, getCodes(node, *bits, isSigned, narrow), &node.in(2), *rounding);
}

static LogicalResult convertBipolarQuant(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  return quantize(node, getBipolarCodes(node), nullptr, RoundingMode::HalfEven);
}

//===----------------------------------------------------------------------===//
// Trunc
//===----------------------------------------------------------------------===//

/// round_half_even(x / scale + zero point) * 2^-shift, a real tensor.
static Value emitShiftedCodes(Node &node, int64_t shift) {
  Tensor &x = node.in(0);
  IntegerType wide = node.builder.getIntegerType(64, /*isSigned=*/true);
  GridAttr grid = node.makeGrid(Node::getAllCodes(wide), x.shape, &node.in(1), &node.in(2));
  if (!grid)
    return nullptr;
  Value input = node.real(x);
  if (!input)
    return nullptr;
  Value codes = EncodeOp::create(node.builder, node.loc, getTensorType(x.shape, wide), input, grid,
                                 RoundingMode::HalfEven, /*zero_point_first=*/true);
  std::string scale = Rational::dyadic(Integer(1), -shift).toString();
  GridAttr shifted = GridAttr::getPerTensor(wide, GridAttr::getStorageMin(wide),
                                            GridAttr::getStorageMax(wide), scale, "0x0p+0");
  return DecodeOp::create(node.builder, node.loc, node.realType(x.shape), codes, shifted,
                          ExactArrayAttr());
}

/// x rounded to the codes, which then mean (code - zero point) * scale.
static LogicalResult roundAndScale(Node &node, Value shifted, const Node::Codes &codes,
                                   RoundingMode rounding, Tensor *scale, Tensor *zeroPoint) {
  Tensor &x = node.in(0);
  GridAttr unit = GridAttr::getPerTensor(codes.storage, codes.min, codes.max, "0x1p+0", "0x0p+0");
  GridAttr grid = node.makeGrid(codes, x.shape, scale, zeroPoint);
  if (!grid)
    return failure();
  Value rounded = EncodeOp::create(node.builder, node.loc, getTensorType(x.shape, codes.storage),
                                   shifted, unit, rounding, /*zero_point_first=*/false);
  Value result = DecodeOp::create(node.builder, node.loc, node.realType(x.shape), rounded, grid,
                                  ExactArrayAttr());
  node.setResult(result, x.shape, x.elementType);
  return success();
}

/// Version 1: x, scale, zeropt, in_bitwidth, out_bitwidth; nothing is clipped.
static LogicalResult convertTruncV1(Node &node, RoundingMode rounding) {
  std::optional<unsigned> from = getBitWidth(node, 3), to = getBitWidth(node, 4);
  if (!from || !to)
    return failure();
  if (*to > *from)
    return node.invalid("it truncates " + Twine(*from) + " bits to " + Twine(*to));
  Value shifted = emitShiftedCodes(node, static_cast<int64_t>(*from) - static_cast<int64_t>(*to));
  if (!shifted)
    return failure();
  Node::Codes codes = Node::getAllCodes(node.builder.getIntegerType(64, /*isSigned=*/true));
  return roundAndScale(node, shifted, codes, rounding, &node.in(1), &node.in(2));
}

/// round(log2(ratio)), ties to even; the exact place of a tie, 2^(k + 1/2), is
/// irrational, so comparing squares decides.
static int64_t roundLog2(const Rational &ratio) {
  Rational square = ratio * ratio;
  int64_t k = 0;
  while (square > Rational::dyadic(Integer(1), 2 * k + 1))
    ++k;
  while (square < Rational::dyadic(Integer(1), 2 * k - 1))
    --k;
  return k;
}

/// Version 2: x, scale, zeropt, in_bitwidth, out_scale, out_bitwidth.
static LogicalResult convertTruncV2(Node &node, RoundingMode rounding) {
  std::optional<Real> scale = node.getExactScalar(node.in(1), "scale");
  if (!scale)
    return failure();
  std::optional<Real> outScale = node.getExactScalar(node.in(4), "output scale");
  std::optional<unsigned> bits = outScale ? getBitWidth(node, 5) : std::nullopt;
  if (!bits)
    return failure();
  std::optional<Real> ratio = outScale->divide(*scale);
  if (!ratio || !ratio->isRational() || ratio->sign().value_or(0) <= 0)
    return node.invalid("its scales must be positive rational numbers");
  int64_t shift = roundLog2(ratio->asRational());
  std::optional<Real> zeroPoint = node.getExactScalar(node.in(2), "zero point");
  if (!zeroPoint)
    return failure();
  Value shifted = emitShiftedCodes(node, shift);
  if (!shifted)
    return failure();
  std::optional<Tensor> outZero =
      node.makeExact({}, node.in(2).elementType,
                     {*zeroPoint * Real(Rational::dyadic(Integer(1), -shift))});
  if (!outZero)
    return node.unsupported("its zero point is no algebraic number");
  bool isSigned = node.getInt("signed", 1) != 0, narrow = node.getInt("narrow", 0) != 0;
  return roundAndScale(node, shifted, getCodes(node, *bits, isSigned, narrow), rounding,
                       &node.in(4), &*outZero);
}

static LogicalResult convertTrunc(Node &node) {
  if (failed(node.checkInputs(5, 6)))
    return failure();
  std::optional<RoundingMode> rounding = getRoundingMode(node, "FLOOR");
  if (!rounding)
    return failure();
  return node.hasInput(5) ? convertTruncV2(node, *rounding) : convertTruncV1(node, *rounding);
}

//===----------------------------------------------------------------------===//
// MultiThreshold
//===----------------------------------------------------------------------===//

static LogicalResult convertMultiThreshold(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Tensor &x = node.in(0), &thresholds = node.in(1);
  int64_t axis = 1;
  std::string layout = node.getString("data_layout", "NCHW");
  if (StringRef(layout).ends_with("C"))
    axis = x.rank() - 1;
  else if (layout != "NCHW" && layout != "NCW" && layout != "NC")
    return node.unsupported("its data_layout is '" + layout + "'");
  if (x.rank() < 2)
    return node.unsupported("its input has rank " + Twine(x.rank()) + ", without channels");
  if (thresholds.rank() != 2 || !onnx::isStatic(thresholds.shape))
    return node.invalid("its thresholds must have the shape [channels, steps]");
  if (!thresholds.shape[0].isOne() && thresholds.shape[0] != x.shape[axis])
    return node.invalid("it has thresholds for " + toString(thresholds.shape[0]) +
                        " channels, its input has " + toString(x.shape[axis]));
  ElementsAttr elements = node.getFloatElements(thresholds, "thresholds");
  if (!elements)
    return failure();
  ExactArrayAttr scale = node.makeExactArray(node.getFloat("out_scale", 1.0));
  ExactArrayAttr offset = node.makeExactArray(node.getFloat("out_bias", 0.0));
  Value input = node.real(x);
  if (!input)
    return failure();
  Value result = MultiThresholdOp::create(node.builder, node.loc, input.getType(), input, elements,
                                          scale, offset, axis);
  node.setResult(result, x.shape, x.isFloat() ? x.elementType : Type(node.builder.getF32Type()));
  return success();
}

static LogicalResult refuseFloatQuant(Node &node) {
  return node.unsupported("values of a small float format lie on no integer grid; quantize to integers");
}

void sumac::onnx::addQOnnxRules(RuleRegistry &registry) {
  for (StringRef domain : {"qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general",
                           "qonnx.custom_op.channels_last"}) {
    registry.add(domain, "Quant", convertQuant);
    registry.add(domain, "IntQuant", convertQuant);
    registry.add(domain, "BipolarQuant", convertBipolarQuant);
    registry.add(domain, "Trunc", convertTrunc);
    registry.add(domain, "MultiThreshold", convertMultiThreshold);
    registry.add(domain, "FloatQuant", refuseFloatQuant);
  }
}
