//===- ActivationRules.cpp - Elementwise functions ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Relu and its kin, Clip, Sigmoid, Tanh, Softmax, rounding, Cast.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include <cfloat>

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

template <typename Op>
static LogicalResult convertUnary(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  Value result = Op::create(node.builder, node.loc, input.getType(), input);
  node.setResult(result, node.in(0).shape, node.in(0).elementType);
  return success();
}

/// The clip with the bounds that are there.
static Value emitClip(Node &node, Value input, const std::optional<Real> &min,
                      const std::optional<Real> &max) {
  if (!min && !max)
    return input;
  return ClipOp::create(node.builder, node.loc, input.getType(), input,
                        min ? node.makeExactArray(*min) : ExactArrayAttr(),
                        max ? node.makeExactArray(*max) : ExactArrayAttr());
}

static Value emitScaled(Node &node, Value input, double factor) {
  return MulOp::create(node.builder, node.loc, input, node.makeScalar(factor));
}

static LogicalResult convertLeakyRelu(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  Value result = LeakyReluOp::create(node.builder, node.loc, input.getType(), input,
                                     node.makeExactArray(node.getFloat("alpha", 0.01f)));
  node.setResult(result, node.in(0).shape, node.in(0).elementType);
  return success();
}

/// relu(x) + slope * min(x, 0); with one slope a leaky relu.
static LogicalResult convertPRelu(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Tensor &x = node.in(0), &slope = node.in(1);
  if (!slope.constant)
    return node.unsupported("its slope must be constant");
  Value input = node.real(x);
  if (!input)
    return failure();
  Value result;
  if (getStaticCount(slope.shape) == 1) {
    std::optional<Real> alpha = node.getExactScalar(slope, "slope");
    if (!alpha)
      return failure();
    result = LeakyReluOp::create(node.builder, node.loc, input.getType(), input,
                                 node.makeExactArray(*alpha));
  } else {
    Tensor aligned = slope;
    // Up to version 6 a vector of slopes is one slope per channel.
    if (node.getVersion() < 7 && slope.rank() == 1 && x.rank() > 2) {
      Shape shape = slope.shape;
      shape.append(x.rank() - 2, Dim(1));
      std::optional<Tensor> reshaped = node.reshape(slope, shape);
      if (!reshaped)
        return failure();
      aligned = std::move(*reshaped);
    }
    if (broadcast(x.shape, aligned.shape) != x.shape)
      return node.invalid("its slope of shape " + toString(slope.shape) +
                          " does not broadcast to the shape " + toString(x.shape));
    Value factor = node.real(aligned);
    if (!factor)
      return failure();
    Value positive = ReluOp::create(node.builder, node.loc, input.getType(), input);
    Value negative = emitClip(node, input, std::nullopt, Real(0));
    result = AddOp::create(node.builder, node.loc, positive,
                           MulOp::create(node.builder, node.loc, negative, factor));
  }
  node.setResult(result, x.shape, x.elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// A bound from an input; infinite and largest floats bound nothing.
static LogicalResult getBound(Node &node, unsigned input, std::optional<Real> &bound) {
  if (!node.hasInput(input))
    return success();
  Tensor &tensor = node.in(input);
  if (auto dense = dyn_cast_or_null<DenseFPElementsAttr>(tensor.payload); dense && dense.getNumElements() == 1) {
    APFloat value = *dense.value_begin<APFloat>();
    if (value.isInfinity() || value.isLargest())
      return success();
  }
  bound = node.getExactScalar(tensor, input == 1 ? "lower bound" : "upper bound");
  return success(bound.has_value());
}

/// Clip between quantize and dequantize narrows the codes.
static LogicalResult clipIntegers(Node &node, std::optional<int64_t> min, std::optional<int64_t> max) {
  Tensor &x = node.in(0);
  auto type = cast<IntegerType>(x.elementType);
  if (type.isSignless())
    return node.unsupported("its input has elements of type " + getTypeName(type));
  int64_t low = min.value_or(GridAttr::getStorageMin(type));
  int64_t high = max.value_or(GridAttr::getStorageMax(type));
  low = std::min(std::max(low, GridAttr::getStorageMin(type)), GridAttr::getStorageMax(type));
  high = std::min(std::max(high, GridAttr::getStorageMin(type)), GridAttr::getStorageMax(type));
  low = std::min(low, high); // the upper bound wins
  if (x.payload && !x.sizes)
    if (ElementsAttr clamped = clampPayload(x.payload, low, high)) {
      Tensor result = x;
      result.value = nullptr;
      result.payload = clamped;
      node.setResult(std::move(result));
      return success();
    }
  Value codes = node.integer(x);
  if (!codes)
    return failure();
  Value result;
  auto encode = codes.getDefiningOp<EncodeOp>();
  if (encode && !encode.getGrid().getBipolar()) {
    GridAttr grid = encode.getGrid();
    int64_t newMin = std::min(std::max(grid.getMin(), low), high);
    int64_t newMax = std::max(std::min(grid.getMax(), high), low);
    auto narrowed = GridAttr::get(node.op.getContext(), grid.getStorage(), newMin, newMax, false,
                                  grid.getScale(), grid.getZeroPoint(), grid.getShape(), grid.getBlock());
    result = EncodeOp::create(node.builder, node.loc, codes.getType(), encode.getInput(), narrowed,
                              encode.getRounding(), encode.getZeroPointFirst());
  } else {
    result = ClampOp::create(node.builder, node.loc, codes.getType(), codes, ArrayRef<int64_t>(low),
                             ArrayRef<int64_t>(high));
  }
  node.setResult(result, x.shape, type);
  return success();
}

static LogicalResult convertClip(Node &node) {
  if (failed(node.checkInputs(1, node.getVersion() < 11 ? 1 : 3)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<Real> min, max;
  if (node.getVersion() < 11) {
    double low = node.getFloat("min", -FLT_MAX), high = node.getFloat("max", FLT_MAX);
    if (low > -FLT_MAX)
      min = Real::exactly(low);
    if (high < FLT_MAX)
      max = Real::exactly(high);
  } else if (failed(getBound(node, 1, min)) || failed(getBound(node, 2, max))) {
    return failure();
  }
  if (x.isInteger()) {
    auto asInteger = [](const std::optional<Real> &bound) -> std::optional<int64_t> {
      if (!bound)
        return std::nullopt;
      return bound->asRational().numerator().toInt64Saturated();
    };
    return clipIntegers(node, asInteger(min), asInteger(max));
  }
  Value input = node.real(x);
  if (!input)
    return failure();
  node.setResult(emitClip(node, input, min, max), x.shape, x.elementType);
  return success();
}

static LogicalResult convertHardSigmoid(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  Value line = emitScaled(node, input, node.getFloat("alpha", 0.2f));
  line = AddOp::create(node.builder, node.loc, line, node.makeScalar(node.getFloat("beta", 0.5f)));
  node.setResult(emitClip(node, line, Real(0), Real(1)), node.in(0).shape, node.in(0).elementType);
  return success();
}

static LogicalResult convertThresholdedRelu(Node &node) {
  return node.unsupported("it jumps at its threshold; use Relu or a quantizer");
}

static LogicalResult convertNeg(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  node.setResult(emitScaled(node, input, -1.0), node.in(0).shape, node.in(0).elementType);
  return success();
}

/// A leaky relu of slope -1.
static LogicalResult convertAbs(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  Value result = LeakyReluOp::create(node.builder, node.loc, input.getType(), input, node.makeExactArray(-1.0));
  node.setResult(result, node.in(0).shape, node.in(0).elementType);
  return success();
}

template <RoundingMode mode>
static LogicalResult convertRounding(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  GridAttr grid = node.makeUnitGrid(node.builder.getIntegerType(64, /*isSigned=*/true));
  Value result = QuantizeOp::create(node.builder, node.loc, input, grid, mode, /*zero_point_first=*/false);
  node.setResult(result, node.in(0).shape, node.in(0).elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Before version 13 all dimensions from `axis` on are one.
static LogicalResult convertSoftmax(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Tensor &x = node.in(0);
  bool flattens = node.getVersion() < 13;
  FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", flattens ? 1 : -1), x.rank());
  if (failed(axis))
    return failure();
  Value input = node.real(x);
  if (!input)
    return failure();
  ArrayRef<Dim> shape = x.shape;
  Shape inner = x.shape;
  int64_t normalized = *axis;
  if (flattens && *axis != x.rank() - 1) {
    std::optional<Dim> columns = getProduct(shape.drop_front(*axis));
    std::optional<Dim> rows = getProduct(shape.take_front(*axis));
    if (!columns || !rows)
      return node.unsupported("the shape " + toString(shape) + " does not flatten at axis " + Twine(*axis));
    inner = {*rows, *columns};
    normalized = 1;
    input = node.emitReshape(input, shape, inner);
    if (!input)
      return failure();
  }
  if (!inner[normalized].isStatic())
    return node.unsupported("it normalizes over the batch");
  Value result = SoftmaxOp::create(node.builder, node.loc, input.getType(), input, normalized);
  result = node.emitReshape(result, inner, shape);
  if (!result)
    return failure();
  node.setResult(result, shape, x.elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

/// Whether every value of `from` is one of `to`.
static bool holds(IntegerType to, IntegerType from) {
  if (from.isSigned() && to.isUnsigned())
    return false;
  return to.getWidth() - (to.isSigned() ? 1 : 0) >= from.getWidth() - (from.isSigned() ? 1 : 0);
}

static LogicalResult castToInteger(Node &node, IntegerType to) {
  Tensor &x = node.in(0);
  if (x.isInteger()) {
    auto from = cast<IntegerType>(x.elementType);
    if (x.sizes) {
      Tensor result = x;
      result.elementType = to;
      node.setResult(std::move(result));
      return success();
    }
    if (!x.constant && !holds(to, from))
      return node.unsupported("it casts " + getTypeName(from) + " to " + getTypeName(to) +
                              ", which drops bits");
  }
  if (x.isInteger() && x.constant && getStaticCount(x.shape).value_or(kMaxComputedElements + 1) <= kMaxComputedElements) {
    std::optional<SmallVector<Dim>> elements = node.getSizesOf(x, "input");
    if (!elements)
      return failure();
    bool fits = llvm::all_of(*elements, [&](Dim dim) {
      return !dim.isStatic() || (dim.factor >= GridAttr::getStorageMin(to) && dim.factor <= GridAttr::getStorageMax(to));
    });
    if (!fits)
      return node.unsupported("it casts integers to " + getTypeName(to) + ", which drops bits");
    node.setResult(node.makeSizes(x.shape, to, std::move(*elements)));
    return success();
  }
  Value input = node.real(x);
  if (!input)
    return failure();
  // Toward zero; values outside the type's range, which ONNX leaves open, saturate.
  Value codes = EncodeOp::create(node.builder, node.loc, getTensorType(x.shape, to), input,
                                 node.makeUnitGrid(to), RoundingMode::Down, /*zero_point_first=*/false);
  node.setResult(codes, x.shape, to);
  return success();
}

static LogicalResult castTo(Node &node, Type to) {
  Tensor &x = node.in(0);
  if (to == x.elementType) {
    node.setResult(x);
    return success();
  }
  if (auto integer = dyn_cast<IntegerType>(to)) {
    if (!x.isInteger() && !x.isFloat())
      return node.unsupported("it casts from " + getTypeName(x.elementType));
    if (cast<IntegerType>(to).isSignless())
      return node.unsupported("it casts to truth values");
    return castToInteger(node, integer);
  }
  if (x.isInteger() && x.constant &&
      getStaticCount(x.shape).value_or(kMaxComputedElements + 1) <= kMaxComputedElements) {
    std::optional<SmallVector<Real>> elements = node.getExact(x, "input");
    if (!elements)
      return failure();
    if (std::optional<Tensor> result = node.makeExact(x.shape, to, std::move(*elements))) {
      node.setResult(std::move(*result));
      return success();
    }
  }
  // A cast between float types rounds in ONNX. Here values stay exact, as
  // everywhere else; an output rounds once, to its own type.
  if (x.isFloat()) {
    Tensor result = x;
    result.elementType = to;
    node.setResult(std::move(result));
    return success();
  }
  Value input = node.real(x);
  if (!input)
    return failure();
  node.setResult(input, x.shape, to);
  return success();
}

static LogicalResult convertCast(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  int64_t code = node.getInt("to", 0);
  Type to = getONNXElementType(code, node.op.getContext());
  if (!to)
    return node.unsupported("it casts to data type " + Twine(code) +
                            ", which has no exact arithmetic here");
  return castTo(node, to);
}

static LogicalResult convertCastLike(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Type to = node.in(1).elementType;
  if (!isa_and_nonnull<IntegerType, Float16Type, BFloat16Type, Float32Type, Float64Type>(to))
    return node.unsupported("it casts to " + getTypeName(to) + ", which has no exact arithmetic here");
  return castTo(node, to);
}

void sumac::onnx::addActivationRules(RuleRegistry &registry) {
  registry.add("", "Relu", convertUnary<ReluOp>);
  registry.add("", "Sigmoid", convertUnary<SigmoidOp>);
  registry.add("", "Tanh", convertUnary<TanhOp>);
  registry.add("", "LeakyRelu", convertLeakyRelu);
  registry.add("", "PRelu", convertPRelu);
  registry.add("", "ThresholdedRelu", convertThresholdedRelu);
  registry.add("", "HardSigmoid", convertHardSigmoid);
  registry.add("", "Clip", convertClip);
  registry.add("", "Neg", convertNeg);
  registry.add("", "Abs", convertAbs);
  registry.add("", "Floor", convertRounding<RoundingMode::Floor>);
  registry.add("", "Ceil", convertRounding<RoundingMode::Ceil>);
  registry.add("", "Round", convertRounding<RoundingMode::HalfEven>);
  registry.add("", "Softmax", convertSoftmax);
  registry.add("", "Cast", convertCast);
  registry.add("", "CastLike", convertCastLike);
}
