//===- Layers.cpp - Linear layers of the integer conversion ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linear layer on x = A q + B and w[n] = a[n] u[n] is a[n] A times an integer
// product of codes, plus a constant: scales and zero points leave the sum.
// Where they differ along the inputs they go into the integer weights, on the
// finest grid that holds the row.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

#include "sumac/Support/Rational.h"
#include <cmath>

using namespace mlir;
using namespace sumac;

namespace {
/// w[n, k] * (A[k] q[k] + B[k]) summed over k = scale[n] * sum(weights[n, k]
/// q[k]) + offset[n].
struct IntegerWeights {
  ConstantOp weights;
  std::vector<Real> scale, offset;
};

/// The layer's operands, as the functions below need them.
struct LinearOperands {
  Operation *op;
  const Expression &weights;
  int64_t outputs, inputs;
  std::vector<Affine> activation; ///< one entry, or one per input

  const Affine &activationAt(int64_t k) const {
    return activation[activation.size() == 1 ? 0 : k];
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Rows with one scale
//===----------------------------------------------------------------------===//

/// Per-row scales and integer zero points of the weights, if they have such.
static std::optional<std::pair<std::vector<Real>, std::vector<int64_t>>>
getRowGrids(const LinearOperands &operands) {
  const Expression &weights = operands.weights;
  if (!weights.functionShape.empty() && weights.functionShape.back() != 1)
    return std::nullopt;
  std::vector<Real> scales;
  std::vector<int64_t> zeroPoints;
  for (const ScalarFunction &function : weights.functions) {
    std::optional<Affine> map = getAffine(function);
    if (!map || map->multiply.sign().value_or(0) == 0)
      return std::nullopt;
    std::optional<Real> shift = map->add.divide(map->multiply);
    if (!shift || !shift->isRational() || !shift->asRational().isInteger())
      return std::nullopt;
    std::optional<int64_t> zeroPoint = (-shift->asRational()).floor().toInt64();
    if (!zeroPoint || std::abs(*zeroPoint) > INT32_MAX)
      return std::nullopt;
    scales.push_back(map->multiply);
    zeroPoints.push_back(*zeroPoint);
  }
  return std::pair(std::move(scales), std::move(zeroPoints));
}

/// A constant with each row's zero point subtracted. Rows are decoded one at a
/// time: weights may be large.
static ConstantOp subtractZeroPoints(OpBuilder &builder,
                                     const LinearOperands &operands,
                                     ArrayRef<int64_t> zeroPoints) {
  CodingAttrInterface coding = operands.weights.getConstant();
  int64_t inputs = operands.inputs;
  auto zeroPointOf = [&](int64_t n) {
    return zeroPoints[zeroPoints.size() == 1 ? 0 : n];
  };
  SmallVector<int64_t> row(inputs);
  bool fitsByte = true;
  for (int64_t n = 0; n < operands.outputs && fitsByte; ++n) {
    IntegerRange range = coding.getRange(n * inputs, inputs);
    fitsByte = range.min - zeroPointOf(n) >= INT8_MIN &&
               range.max - zeroPointOf(n) <= INT8_MAX;
  }
  std::vector<int8_t> bytes(fitsByte ? operands.outputs * inputs : 0);
  std::vector<int64_t> wide(fitsByte ? 0 : operands.outputs * inputs);
  for (int64_t n = 0; n < operands.outputs; ++n) {
    coding.decodeIntegers(n * inputs, row);
    for (int64_t k = 0; k < inputs; ++k) {
      int64_t value = row[k] - zeroPointOf(n);
      if (fitsByte)
        bytes[n * inputs + k] = static_cast<int8_t>(value);
      else
        wide[n * inputs + k] = value;
    }
  }
  Location location = operands.weights.source.getLoc();
  return fitsByte
             ? makeByteConstant(builder, location, coding.getShape(), bytes)
             : makeIntegerConstant(builder, location, coding.getShape(), wide);
}

static FailureOr<IntegerWeights> useRowGrids(OpBuilder &builder,
                                             const LinearOperands &operands,
                                             ArrayRef<Real> scales,
                                             ArrayRef<int64_t> zeroPoints) {
  IntegerWeights result;
  bool shifted = llvm::any_of(zeroPoints,
                              [](int64_t zeroPoint) { return zeroPoint != 0; });
  result.weights = shifted
                       ? subtractZeroPoints(builder, operands, zeroPoints)
                       : operands.weights.source.getDefiningOp<ConstantOp>();
  CodingAttrInterface coding = result.weights.getValue();
  Real unit = Rational::dyadic(Integer(1), coding.getExponent());
  const Affine &activation = operands.activation.front();
  bool hasOffset = activation.add.sign().value_or(1) != 0;
  SmallVector<int64_t> row(operands.inputs);
  for (int64_t n = 0; n < operands.outputs; ++n) {
    Real scale = scales[scales.size() == 1 ? 0 : n] * unit;
    Real offset;
    if (hasOffset) {
      coding.decodeIntegers(n * operands.inputs, row);
      Integer sum;
      for (int64_t weight : row)
        sum += Integer(weight);
      offset = scale * activation.add * Real(sum);
    }
    result.scale.push_back(scale * activation.multiply);
    result.offset.push_back(std::move(offset));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Any rational weights
//===----------------------------------------------------------------------===//

/// One row's weights times the activations' scales, as rationals; the sum of
/// weights times offsets goes to `offset`.
static LogicalResult readRow(const LinearOperands &operands, int64_t n,
                             std::vector<Rational> &row, Real &offset) {
  const Expression &weights = operands.weights;
  CodingAttrInterface coding = weights.getConstant();
  SmallVector<int64_t> integers(operands.inputs);
  SmallVector<double> doubles(operands.inputs);
  if (coding.isIntegral())
    coding.decodeIntegers(n * operands.inputs, integers);
  else
    coding.decodeDoubles(n * operands.inputs, doubles);
  Rational unit = Rational::dyadic(Integer(1), coding.getExponent());
  offset = Real();
  for (int64_t k = 0; k < operands.inputs; ++k) {
    if (!coding.isIntegral() && !std::isfinite(doubles[k]))
      return operands.op->emitError("a weight is infinite or not a number");
    Real code = coding.isIntegral() ? Real(Rational(integers[k]) * unit)
                                    : Real::exactly(doubles[k]);
    int64_t index[] = {n, k};
    const ScalarFunction &function =
        weights.isUniform()
            ? weights.functions.front()
            : weights
                  .functions[getBroadcastIndex(weights.functionShape, index)];
    std::optional<Real> weight =
        function.operations().empty() ? code : function.eval(code);
    if (!weight)
      return operands.op->emitError("a weight's exact value is not defined");
    const Affine &activation = operands.activationAt(k);
    Real product = *weight * activation.multiply;
    if (!product.isRational())
      return operands.op->emitError(
          "a weight times the scale of its input is irrational (a batch norm "
          "without a quantizer behind it?); "
          "quantize the layer's input");
    row[k] = product.asRational();
    if (activation.add.sign().value_or(1) != 0)
      offset += *weight * activation.add;
  }
  return success();
}

/// Brings all rows to one unit where that takes few bits: structure that rows
/// share (a codebook, a basis, powers of two) shows only on a common grid.
static void shareUnit(int64_t inputs, SmallVector<Rational> &units,
                      MutableArrayRef<int64_t> values) {
  Rational shared = getCommonUnit(units);
  if (shared.isZero())
    return;
  constexpr int64_t kMaxShared = int64_t(1) << 16;
  int64_t largest = 0;
  for (int64_t value : values)
    largest = std::max(largest, std::abs(value));
  SmallVector<int64_t> factors;
  for (auto [n, unit] : llvm::enumerate(units)) {
    std::optional<int64_t> factor = (unit / shared).floor().toInt64();
    if (!factor)
      return;
    for (int64_t value : values.slice(n * inputs, inputs)) {
      Int128 product = Int128(std::abs(value)) * *factor;
      if (product > std::max(kMaxShared, largest))
        return;
    }
    factors.push_back(*factor);
  }
  for (auto [i, value] : llvm::enumerate(values))
    value *= factors[i / inputs];
  units.assign(units.size(), shared);
}

static FailureOr<IntegerWeights>
useCommonGrids(OpBuilder &builder, const LinearOperands &operands) {
  IntegerWeights result;
  SmallVector<int64_t> values(operands.outputs * operands.inputs);
  std::vector<Rational> row(operands.inputs);
  SmallVector<Rational> units;
  for (int64_t n = 0; n < operands.outputs; ++n) {
    Real offset;
    if (failed(readRow(operands, n, row, offset)))
      return failure();
    Rational unit = getCommonUnit(row);
    for (int64_t k = 0; k < operands.inputs; ++k) {
      if (unit.isZero())
        continue;
      std::optional<int64_t> integer = (row[k] / unit).floor().toInt64();
      if (!integer || std::abs(*integer) > (int64_t(1) << 52))
        return operands.op->emitError("weights of output ")
               << n
               << " need more than 53 bits on their common grid; quantize them "
                  "(sumac quantize) "
               << "or give them one scale";
      values[n * operands.inputs + k] = *integer;
    }
    units.push_back(std::move(unit));
    result.offset.push_back(std::move(offset));
  }
  shareUnit(operands.inputs, units, values);
  for (const Rational &unit : units)
    result.scale.push_back(unit.isZero() ? Real(1) : Real(unit));
  result.weights =
      makeIntegerConstant(builder, operands.weights.source.getLoc(),
                          {operands.outputs, operands.inputs}, values);
  return result;
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

/// Bounds of every output's sum; fails where one needs more than 63 bits.
static FailureOr<ChannelRanges>
getAccumulatorRanges(Operation *op, CodingAttrInterface coding, int64_t outputs,
                     int64_t inputs, const Expression &activation) {
  ChannelRanges ranges;
  SmallVector<int64_t> row(inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    coding.decodeIntegers(n * inputs, row);
    Int128 min = 0, max = 0;
    for (int64_t k = 0; k < inputs; ++k) {
      IntegerRange x = activation.rangeAt(k);
      Int128 low = Int128(row[k]) * x.min, high = Int128(row[k]) * x.max;
      min += std::min(low, high);
      max += std::max(low, high);
    }
    constexpr Int128 kLimit = Int128(1) << 62;
    if (min < -kLimit || max > kLimit)
      return op->emitError("the sum of output ")
             << n
             << " needs more than 63 bits; quantize the layer's input or "
                "weights to fewer bits";
    ranges.push_back({static_cast<int64_t>(min), static_cast<int64_t>(max)});
  }
  return ranges;
}

static IntegerRange getUnion(ArrayRef<IntegerRange> ranges) {
  IntegerRange all{0, 0};
  for (const IntegerRange &range : ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  return all;
}

LogicalResult IntegerConverter::convertLinear(LinearOp op) {
  if (isa<IntegerType>(op.getType().getElementType())) {
    define(op.getResult(), makeSource(op.getResult()));
    return success();
  }
  const Expression *input = lookup(op.getInput(), op),
                   *weights = lookup(op.getWeights(), op);
  if (!input || !weights)
    return failure();
  if (input->isFloat())
    return op.emitError("multiplies real inputs: no quantizer stands between "
                        "the model's input and this layer; "
                        "name the input's type with --input-type, for instance "
                        "--input-type=uint8 or "
                        "--input-type=fixed<16,6>");
  if (!weights->getConstant())
    return op.emitError("has weights that are not constant");
  FailureOr<Expression> activation = toAffine(*input, op);
  if (failed(activation))
    return failure();
  auto weightType = cast<RankedTensorType>(op.getWeights().getType());
  LinearOperands operands{
      op, *weights, weightType.getDimSize(0), weightType.getDimSize(1), {}};
  if (!activation->isPerLastDim())
    return op.emitError(
        "has an input whose scale varies along more than its last dimension");
  for (const ScalarFunction &function : activation->functions)
    operands.activation.push_back(*getAffine(function));

  auto rowGrids =
      operands.activation.size() == 1 && weights->getConstant().isIntegral()
          ? getRowGrids(operands)
          : std::nullopt;
  FailureOr<IntegerWeights> integers =
      rowGrids
          ? useRowGrids(builder, operands, rowGrids->first, rowGrids->second)
          : useCommonGrids(builder, operands);
  if (failed(integers))
    return failure();
  FailureOr<ChannelRanges> ranges =
      getAccumulatorRanges(op, integers->weights.getValue(), operands.outputs,
                           operands.inputs, *activation);
  if (failed(ranges))
    return failure();

  if (op.getBias()) {
    const Expression *bias = lookup(op.getBias(), op);
    if (!bias)
      return failure();
    if (!bias->getConstant())
      return op.emitError("has a bias that is not constant");
    FailureOr<std::vector<Real>> values = evaluateConstant(*bias);
    if (failed(values))
      return failure();
    for (int64_t n = 0; n < operands.outputs; ++n)
      integers->offset[n] += (*values)[values->size() == 1 ? 0 : n];
  }

  SmallVector<int64_t> shape(op.getType().getShape());
  auto type = RankedTensorType::get(
      shape, getSignedType(op.getContext(), getUnion(*ranges)));
  auto linear = LinearOp::create(builder, op.getLoc(), type, activation->source,
                                 integers->weights.getResult(),
                                 /*bias=*/Value(), op.getFormAttr());
  Expression result = makeSource(linear.getResult(), *ranges);
  result.functionShape = {operands.outputs};
  result.functions.assign(operands.outputs, ScalarFunction());
  for (int64_t n = 0; n < operands.outputs; ++n)
    result.functions[n].affine(integers->scale[n], integers->offset[n]);
  define(op.getResult(), std::move(result));
  return success();
}
