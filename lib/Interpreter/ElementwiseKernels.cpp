//===- ElementwiseKernels.cpp - Functions of real elements ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic and activations on reals. Each function stands here twice: on
// enclosures and, the definition, on numbers.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "Elementwise.h"

#include "mlir/Dialect/Traits.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

//===----------------------------------------------------------------------===//
// Binary operations
//===----------------------------------------------------------------------===//

static FailureOr<Shape> broadcastShapes(const Tensor &a, const Tensor &b, Error &error) {
  Shape shape;
  size_t rank = std::max(a.getShape().size(), b.getShape().size());
  for (size_t dim = 0; dim < rank; ++dim) {
    auto get = [&](ArrayRef<int64_t> sizes) {
      size_t missing = rank - sizes.size();
      return dim < missing ? 1 : sizes[dim - missing];
    };
    int64_t left = get(a.getShape()), right = get(b.getShape());
    if (left != right && left != 1 && right != 1)
      return error.set("operands of sizes " + Twine(left) + " and " + Twine(right) + " do not broadcast");
    shape.push_back(left == 1 ? right : left);
  }
  if (failed(checkShape(shape, error)))
    return failure();
  return shape;
}

template <typename Op, typename Enclose, typename Define>
static FailureOr<Kernel> prepareBinary(Op op, const Settings &settings, const Enclose &enclose,
                                    const Define &define) {
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<Shape> shape = broadcastShapes(*operands[0], *operands[1], error);
    if (failed(shape))
      return failure();
    return mapElements(
        settings, type, *shape, operands, [&](int64_t, ArrayRef<Enclosure> x) { return enclose(x[0], x[1]); },
        [=](int64_t, ArrayRef<Number> x) { return define(x[0], x[1]); });
  });
}

FailureOr<Kernel> interpreter::prepare(AddOp op, const Settings &settings) {
  return prepareBinary(
      op, settings, [](const Enclosure &a, const Enclosure &b) { return a + b; },
      [](const Number &a, const Number &b) { return a + b; });
}

FailureOr<Kernel> interpreter::prepare(SubOp op, const Settings &settings) {
  return prepareBinary(
      op, settings, [](const Enclosure &a, const Enclosure &b) { return a - b; },
      [](const Number &a, const Number &b) { return a - b; });
}

FailureOr<Kernel> interpreter::prepare(MulOp op, const Settings &settings) {
  return prepareBinary(
      op, settings, [](const Enclosure &a, const Enclosure &b) { return a * b; },
      [](const Number &a, const Number &b) { return a * b; });
}

/// An error where an element is zero, or may be for all that is known.
static LogicalResult checkDivisor(const Settings &settings, const Tensor &divisor, Error &error) {
  for (int64_t i = 0; i < divisor.size(); ++i) {
    if (settings.fast) {
      Enclosure enclosure = divisor.getEnclosures()[i];
      if (enclosure.low > 0 || enclosure.high < 0)
        continue;
    }
    if (divisor.getNumber(i).sign().value_or(0) == 0)
      return error.set("element " + Twine(i) + " of the divisor is zero");
  }
  return success();
}

FailureOr<Kernel> interpreter::prepare(DivOp op, const Settings &settings) {
  FailureOr<Kernel> kernel = prepareBinary(
      op, settings, [](const Enclosure &a, const Enclosure &b) { return a / b; },
      [](const Number &a, const Number &b) { return a.divide(b); });
  return Kernel([=, divide = *kernel](Operands operands, Error &error) -> FailureOr<TensorRef> {
    if (failed(checkDivisor(settings, *operands[1], error)))
      return failure();
    return divide(operands, error);
  });
}

//===----------------------------------------------------------------------===//
// Unary operations
//===----------------------------------------------------------------------===//

template <typename Op, typename Enclose, typename Define>
static FailureOr<Kernel> prepareUnary(Op op, const Settings &settings, const Enclose &enclose,
                                    const Define &define) {
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &) -> FailureOr<TensorRef> {
    return mapElements(
        settings, type, Shape(operands[0]->getShape()), operands,
        [&](int64_t, ArrayRef<Enclosure> x) { return enclose(x[0]); },
        [=](int64_t, ArrayRef<Number> x) { return define(x[0]); });
  });
}

FailureOr<Kernel> interpreter::prepare(ReluOp op, const Settings &settings) {
  return prepareUnary(
      op, settings, [](const Enclosure &x) { return max(x, Enclosure::point(0)); },
      [](const Number &x) { return Number::max(x, Real(0)); });
}

FailureOr<Kernel> interpreter::prepare(LeakyReluOp op, const Settings &settings) {
  FailureOr<Real> read = readOneExact(op, op.getAlpha());
  if (failed(read))
    return failure();
  Enclosed alpha(*read);
  auto enclose = [=](const Enclosure &x) {
    if (x.low >= 0)
      return x;
    if (x.high < 0)
      return x * alpha.enclosure;
    // The negative part, then joined with the other.
    Enclosure negative = Enclosure{x.low, 0} * alpha.enclosure;
    return Enclosure{std::min(negative.low, 0.0), std::max(negative.high, x.high)};
  };
  return prepareUnary(op, settings, enclose, [=](const Number &x) {
    std::optional<int> sign = x.sign();
    return !sign ? Number::undefined() : *sign >= 0 ? x : x * Number(alpha.real);
  });
}

FailureOr<Kernel> interpreter::prepare(ClipOp op, const Settings &settings) {
  std::optional<Enclosed> min, max;
  for (auto [attribute, bound] : {std::pair(op.getMinAttr(), &min), std::pair(op.getMaxAttr(), &max)}) {
    if (!attribute)
      continue;
    FailureOr<Real> real = readOneExact(op, attribute);
    if (failed(real))
      return failure();
    bound->emplace(*real);
  }
  auto enclose = [=](Enclosure x) {
    if (min)
      x = interpreter::max(x, min->enclosure);
    return max ? interpreter::min(x, max->enclosure) : x;
  };
  return prepareUnary(op, settings, enclose, [=](Number x) {
    if (min)
      x = Number::max(x, min->real);
    return max ? Number::min(x, max->real) : x;
  });
}

FailureOr<Kernel> interpreter::prepare(SigmoidOp op, const Settings &settings) {
  return prepareUnary(
      op, settings, [](const Enclosure &x) { return sigmoid(x); },
      [](const Number &x) {
        if (x.isInfinite())
          return Number(Real(*x.sign() > 0 ? 1 : 0));
        return x.isUndefined() ? x : Number(x.getReal().sigmoid());
      });
}

FailureOr<Kernel> interpreter::prepare(TanhOp op, const Settings &settings) {
  return prepareUnary(
      op, settings, [](const Enclosure &x) { return tanh(x); },
      [](const Number &x) {
        if (x.isInfinite())
          return Number(Real(*x.sign()));
        return x.isUndefined() ? x : Number(x.getReal().tanh());
      });
}

/// x^exponent, undefined for an infinite x and outside of the domain.
static Number definePower(const Number &x, const Rational &exponent) {
  if (!x.isFinite())
    return Number::undefined();
  return Number::orUndefined(x.getReal().pow(exponent));
}

FailureOr<Kernel> interpreter::prepare(PowerOp op, const Settings &settings) {
  FailureOr<Real> read = readOneExact(op, op.getExponent());
  if (failed(read))
    return failure();
  if (!read->isRational())
    return op.emitOpError("exponent ") << read->toString() << " is not rational, which the interpreter does not support";
  Rational exponent = read->asRational();
  bool isDouble = exponent.isDouble();
  double asDouble = exponent.toDoubleNearest();
  FailureOr<Kernel> kernel = prepareUnary(
      op, settings,
      [=](const Enclosure &x) {
        // Whether the power is defined is for the definition to say.
        bool inDomain = isDouble && x.low > 0 && !x.isInfinite();
        return inDomain ? power(x, asDouble) : Enclosure::of(Number::undefined());
      },
      [=](const Number &x) { return definePower(x, exponent); });
  return Kernel([=, compute = *kernel](Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<TensorRef> result = compute(operands, error);
    if (failed(result))
      return failure();
    for (int64_t i = 0; i < (*result)->size(); ++i)
      if (settings.fast ? (*result)->getEnclosures()[i].isUndefined() : (*result)->getNumber(i).isUndefined())
        return error.set("power of element " + Twine(i) + " is undefined or too large");
    return result;
  });
}

//===----------------------------------------------------------------------===//
// Functions of channels
//===----------------------------------------------------------------------===//

static FailureOr<std::vector<Real>> readParameters(BatchNormOp op, ElementsAttr payload, StringRef name) {
  FailureOr<std::vector<double>> values = readDoubles(op, payload);
  if (failed(values))
    return failure();
  std::vector<Real> reals;
  for (double value : *values) {
    if (!std::isfinite(value))
      return op.emitOpError() << name << " has an infinite element or one that is not a number";
    reals.push_back(Real::exactly(value));
  }
  return reals;
}

namespace {
/// (x - mean) * factor + offset per channel, factor = scale / sqrt(variance + epsilon).
struct Normalization {
  int64_t axis = 0;
  std::vector<Enclosed> means, factors, offsets;

  static FailureOr<Normalization> read(BatchNormOp op);
};
} // namespace

FailureOr<Normalization> Normalization::read(BatchNormOp op) {
  Normalization result;
  auto scale = readParameters(op, op.getScale(), "scale"), offset = readParameters(op, op.getOffset(), "offset"),
       mean = readParameters(op, op.getMean(), "mean"), variance = readParameters(op, op.getVariance(), "variance");
  FailureOr<Real> epsilon = readOneExact(op, op.getEpsilon());
  if (failed(scale) || failed(offset) || failed(mean) || failed(variance) || failed(epsilon))
    return failure();
  if (offset->size() != scale->size() || mean->size() != scale->size() || variance->size() != scale->size())
    return op.emitOpError("scale, offset, mean and variance differ in size");
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), cast<ShapedType>(op.getType()).getRank());
  if (!axis)
    return op.emitOpError("has no dimension ") << op.getAxis();
  result.axis = *axis;
  for (size_t c = 0; c < scale->size(); ++c) {
    std::optional<Real> deviation = ((*variance)[c] + *epsilon).sqrt();
    std::optional<Real> factor = deviation ? (*scale)[c].divide(*deviation) : std::nullopt;
    if (!factor)
      return op.emitOpError("variance plus epsilon of channel ") << c << " is not positive";
    result.factors.emplace_back(std::move(*factor));
    result.means.emplace_back((*mean)[c]);
    result.offsets.emplace_back((*offset)[c]);
  }
  return result;
}

FailureOr<Kernel> interpreter::prepare(BatchNormOp op, const Settings &settings) {
  FailureOr<Normalization> read = Normalization::read(op);
  if (failed(read))
    return failure();
  auto norm = std::make_shared<Normalization>(std::move(*read));
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(operands[0]->getShape());
    if (shape[norm->axis] != static_cast<int64_t>(norm->means.size()))
      return error.set("has parameters for " + Twine(norm->means.size()) + " channels, but the input has " +
                       Twine(shape[norm->axis]));
    ChannelOf channelOf(shape, norm->axis);
    return mapElements(
        settings, type, shape, operands,
        [&](int64_t i, ArrayRef<Enclosure> x) {
          int64_t c = channelOf(i);
          return (x[0] - norm->means[c].enclosure) * norm->factors[c].enclosure + norm->offsets[c].enclosure;
        },
        [=](int64_t i, ArrayRef<Number> x) {
          int64_t c = channelOf(i);
          return (x[0] - Number(norm->means[c].real)) * Number(norm->factors[c].real) + Number(norm->offsets[c].real);
        });
  });
}

namespace {
/// scale * #{t : x >= t} + offset.
struct Staircase {
  int64_t axis = 0;
  ChannelRows<double> thresholds; ///< As given.
  ChannelRows<double> sorted;
  std::vector<Enclosed> levels; ///< Value by count.

  static FailureOr<Staircase> read(MultiThresholdOp op);
  std::optional<int64_t> define(int64_t channel, const Number &number) const;
};
} // namespace

FailureOr<Staircase> Staircase::read(MultiThresholdOp op) {
  Staircase result;
  FailureOr<std::vector<double>> values = readDoubles(op, op.getThresholds());
  FailureOr<Real> scale = readOneExact(op, op.getScale()), offset = readOneExact(op, op.getOffset());
  if (failed(values) || failed(scale) || failed(offset))
    return failure();
  ArrayRef<int64_t> shape = op.getThresholds().getShapedType().getShape();
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), cast<ShapedType>(op.getType()).getRank());
  if (shape.size() != 2 || shape[0] < 1)
    return op.emitOpError("thresholds must be [channels, steps]");
  if (llvm::any_of(*values, [](double value) { return std::isnan(value); }))
    return op.emitOpError("has a threshold that is not a number");
  if (!axis && shape[0] != 1)
    return op.emitOpError("has no dimension ") << op.getAxis();
  result.axis = axis.value_or(0);
  result.thresholds = {shape[0], shape[1], std::move(*values)};
  result.sorted = result.thresholds;
  for (int64_t c = 0; c < shape[0]; ++c)
    llvm::sort(MutableArrayRef<double>(result.sorted.values).slice(c * shape[1], shape[1]));
  for (int64_t count = 0; count <= shape[1]; ++count)
    result.levels.emplace_back(*scale * Real(count) + *offset);
  return result;
}

std::optional<int64_t> Staircase::define(int64_t channel, const Number &number) const {
  int64_t count = 0;
  for (double threshold : thresholds.getRow(channel)) {
    std::optional<int> order = number.compare(Number::fromFloat(threshold));
    if (!order)
      return std::nullopt;
    count += *order >= 0;
  }
  return count;
}

FailureOr<Kernel> interpreter::prepare(MultiThresholdOp op, const Settings &settings) {
  FailureOr<Staircase> read = Staircase::read(op);
  if (failed(read))
    return failure();
  auto stairs = std::make_shared<Staircase>(std::move(*read));
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(operands[0]->getShape());
    ChannelOf channelOf(shape, stairs->axis);
    if (stairs->thresholds.channels != 1 && stairs->thresholds.channels != channelOf.size)
      return error.set("has thresholds for " + Twine(stairs->thresholds.channels) + " channels, but the input has " +
                       Twine(channelOf.size));
    FailureOr<std::vector<int64_t>> counts = decideElements<int64_t>(
        settings, *operands[0], error,
        [&](int64_t i, double x) {
          ArrayRef<double> row = stairs->sorted.getRow(channelOf(i));
          return static_cast<int64_t>(llvm::upper_bound(row, x) - row.begin());
        },
        [&](int64_t i, const Number &x) { return stairs->define(channelOf(i), x); });
    if (failed(counts))
      return failure();
    TensorRef tensor = Tensor::integers(type, shape, std::move(*counts));
    return mapElements(
        settings, type, shape, tensor,
        [&](int64_t i, ArrayRef<Enclosure>) { return stairs->levels[tensor->getIntegers()[i]].enclosure; },
        [=](int64_t i, ArrayRef<Number>) { return Number(stairs->levels[tensor->getIntegers()[i]].real); });
  });
}
