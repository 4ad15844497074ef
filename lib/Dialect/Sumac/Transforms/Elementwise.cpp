//===- Elementwise.cpp - Scalar operations of the integer conversion ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants, batch norms and activations only extend the functions of an
// Expression; nothing is emitted.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

LogicalResult IntegerConverter::applyAffine(Expression &expression,
                                            ArrayRef<int64_t> shape,
                                            ArrayRef<Affine> maps,
                                            Operation *op) {
  if (maps.size() == 1)
    shape = {};
  if (failed(expression.broadcastFunctions(shape)))
    return op->emitError(
        "the constant's shape does not broadcast to the tensor's");
  ArrayRef<int64_t> functionShape = expression.functionShape;
  while (shape.size() > functionShape.size())
    shape = shape.drop_front();
  SmallVector<int64_t> index(functionShape.size(), 0);
  for (ScalarFunction &scalar : expression.functions) {
    const Affine &map = maps[getBroadcastIndex(shape, index)];
    scalar.affine(map.multiply, map.add);
    advanceIndex(functionShape, index);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Batch norm
//===----------------------------------------------------------------------===//

/// The elements of a float array of the model.
static FailureOr<std::vector<Real>> readFloats(ElementsAttr elements,
                                               Operation *op) {
  auto coding = DenseCodingAttr::getChecked([&] { return op->emitError(); },
                                            op->getContext(), elements);
  if (!coding)
    return failure();
  SmallVector<double> values(elements.getNumElements());
  coding.decodeDoubles(0, values);
  std::vector<Real> result;
  for (double value : values) {
    std::optional<Rational> exact = Rational::fromDouble(value);
    if (!exact)
      return op->emitError(
          "a constant of the layer is infinite or not a number");
    result.push_back(Real(std::move(*exact)));
  }
  return result;
}

LogicalResult IntegerConverter::convertBatchNorm(BatchNormOp op) {
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  auto scale = readFloats(op.getScale(), op),
       offset = readFloats(op.getOffset(), op),
       mean = readFloats(op.getMean(), op),
       variance = readFloats(op.getVariance(), op);
  auto epsilon = parseExact(op.getEpsilon());
  if (failed(scale) || failed(offset) || failed(mean) || failed(variance))
    return failure();
  if (!epsilon || epsilon->size() != 1)
    return op.emitError("epsilon is not a number");
  std::vector<Affine> maps;
  for (size_t c = 0; c < scale->size(); ++c) {
    // y = (x - mean) * g + offset with g = scale / sqrt(variance + epsilon).
    std::optional<Real> root = ((*variance)[c] + epsilon->front()).sqrt();
    std::optional<Real> gain = root ? (*scale)[c].divide(*root) : std::nullopt;
    if (!gain)
      return op.emitError("variance + epsilon of channel ")
             << c << " is not positive";
    maps.push_back({*gain, (*offset)[c] - (*mean)[c] * *gain});
  }
  int64_t rank = input->getType().getRank();
  SmallVector<int64_t> shape(rank - op.getAxis(), 1);
  shape.front() = static_cast<int64_t>(maps.size());
  Expression result = take(op.getInput());
  if (failed(applyAffine(result, shape, maps, op)))
    return failure();
  define(op.getResult(), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Binary operations
//===----------------------------------------------------------------------===//

/// The affine map that an operation with a constant is; nothing for a division
/// by zero or of a constant.
static std::optional<Affine> getConstantMap(Operation *op, bool constantIsLeft,
                                            const Real &constant) {
  if (isa<AddOp>(op))
    return Affine{Real(1), constant};
  if (isa<SubOp>(op))
    return constantIsLeft ? Affine{Real(-1), constant}
                          : Affine{Real(1), -constant};
  if (isa<MulOp>(op))
    return Affine{constant, Real(0)};
  if (constantIsLeft)
    return std::nullopt;
  std::optional<Real> inverse = constant.inverse();
  return inverse ? std::optional<Affine>(Affine{*inverse, Real(0)})
                 : std::nullopt;
}

LogicalResult IntegerConverter::convertBinary(Operation *op) {
  const Expression *lhs = lookup(op->getOperand(0), op),
                   *rhs = lookup(op->getOperand(1), op);
  if (!lhs || !rhs)
    return failure();
  // Of two constants the larger one is followed as a tensor.
  bool leftConstant = static_cast<bool>(lhs->getConstant());
  bool rightConstant = static_cast<bool>(rhs->getConstant());
  if (leftConstant && rightConstant)
    (lhs->getType().getNumElements() < rhs->getType().getNumElements()
         ? rightConstant
         : leftConstant) = false;
  if (!leftConstant && !rightConstant) {
    if (isa<AddOp, SubOp>(op))
      return addBranches(op, op->getOperand(0), op->getOperand(1),
                         isa<SubOp>(op));
    return op->emitError(
        "multiplies or divides two tensors that both depend on the input; "
        "one of them must be a constant");
  }
  const Expression &constant = leftConstant ? *lhs : *rhs;
  Expression result = take(op->getOperand(leftConstant ? 1 : 0));
  auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
  if (resultType.getRank() != result.getType().getRank() ||
      resultType.getNumDynamicDims() != result.getType().getNumDynamicDims())
    return op->emitError(
        "a constant that enlarges the other operand is not supported");
  FailureOr<std::vector<Real>> values = evaluateConstant(constant);
  if (failed(values))
    return failure();
  std::vector<Affine> maps;
  for (const Real &value : *values) {
    std::optional<Affine> map = getConstantMap(op, leftConstant, value);
    if (!map)
      return op->emitError(
          leftConstant
              ? "divides a constant by a tensor that depends on the input"
              : "divides by zero");
    maps.push_back(std::move(*map));
  }
  if (failed(applyAffine(result, constant.getType().getShape(), maps, op)))
    return failure();
  define(op->getResult(0), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Unary operations
//===----------------------------------------------------------------------===//

template <typename Append>
LogicalResult IntegerConverter::appendUniform(Value result, Value input,
                                              Operation *op, Append append) {
  if (!lookup(input, op))
    return failure();
  Expression extended = take(input);
  for (ScalarFunction &scalar : extended.functions)
    append(scalar);
  define(result, std::move(extended));
  return success();
}

/// The one number of an attribute; an error without one.
static FailureOr<Real> getNumber(ExactArrayAttr attribute, Operation *op) {
  auto values = parseExact(attribute);
  if (!values || values->size() != 1)
    return op->emitError("expected one number");
  return values->front();
}

LogicalResult IntegerConverter::convertUnary(Operation *op) {
  Value input = op->getOperand(0), result = op->getResult(0);
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ReluOp>([&](ReluOp) {
        return appendUniform(result, input, op,
                             [](ScalarFunction &f) { f.relu(); });
      })
      .Case<SigmoidOp>([&](SigmoidOp) {
        return appendUniform(result, input, op,
                             [](ScalarFunction &f) { f.sigmoid(); });
      })
      .Case<TanhOp>([&](TanhOp) {
        return appendUniform(result, input, op,
                             [](ScalarFunction &f) { f.tanh(); });
      })
      .Case<LeakyReluOp>([&](LeakyReluOp leaky) -> LogicalResult {
        FailureOr<Real> alpha = getNumber(leaky.getAlpha(), op);
        if (failed(alpha))
          return failure();
        return appendUniform(result, input, op,
                             [&](ScalarFunction &f) { f.leakyRelu(*alpha); });
      })
      .Case<ClipOp>([&](ClipOp clip) -> LogicalResult {
        std::optional<Real> low, high;
        for (auto [attribute, bound] : {std::pair{clip.getMinAttr(), &low},
                                        std::pair{clip.getMaxAttr(), &high}}) {
          if (!attribute)
            continue;
          FailureOr<Real> number = getNumber(attribute, op);
          if (failed(number))
            return failure();
          *bound = *number;
        }
        return appendUniform(result, input, op,
                             [&](ScalarFunction &f) { f.clip(low, high); });
      })
      .Case<PowerOp>([&](PowerOp power) -> LogicalResult {
        FailureOr<Real> exponent = getNumber(power.getExponent(), op);
        if (failed(exponent))
          return failure();
        if (!exponent->isRational())
          return op->emitError("the exponent is irrational");
        return appendUniform(result, input, op, [&](ScalarFunction &f) {
          f.power(exponent->asRational());
        });
      })
      .Default([](Operation *) { return failure(); });
}

LogicalResult IntegerConverter::convertMultiThreshold(MultiThresholdOp op) {
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  FailureOr<std::vector<Real>> thresholds = readFloats(op.getThresholds(), op);
  FailureOr<Real> scale = getNumber(op.getScale(), op),
                  offset = getNumber(op.getOffset(), op);
  if (failed(thresholds) || failed(scale) || failed(offset))
    return failure();
  int64_t channels = op.getThresholds().getShapedType().getDimSize(0);
  int64_t steps = op.getThresholds().getShapedType().getDimSize(1);
  Expression counted = *input;
  SmallVector<int64_t> shape;
  if (channels > 1) {
    shape.assign(input->getType().getRank() - op.getAxis(), 1);
    shape.front() = channels;
  }
  if (failed(counted.broadcastFunctions(shape)))
    return op.emitError("thresholds do not match the tensor's channels");
  SmallVector<int64_t> index(counted.functionShape.size(), 0);
  for (ScalarFunction &scalar : counted.functions) {
    int64_t channel = shape.empty() ? 0 : getBroadcastIndex(shape, index);
    auto first = thresholds->begin() + channel * steps;
    if (!scalar.countThresholds(std::vector<Real>(first, first + steps)))
      return op.emitError("thresholds cannot be ordered");
    advanceIndex(counted.functionShape, index);
  }
  FailureOr<Expression> codes = emitCodes(std::move(counted), {0, steps}, op);
  if (failed(codes))
    return failure();
  Affine map{*scale, *offset};
  if (failed(applyAffine(*codes, {}, map, op)))
    return failure();
  define(op.getResult(), std::move(*codes));
  return success();
}
