//===- Joins.cpp - Branches of the integer conversion ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Branches of unequal scales are integers on the finest grid that holds them
// all; relu, clip and leaky relu without a quantizer behind them are clamps on
// such a grid.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

using namespace mlir;
using namespace sumac;

/// Grids of more bits than this are refused while they are looked for.
static constexpr unsigned kMaxGridBits = 4096;

using Kind = ScalarFunction::Kind;

static ElementsAttr makeIntegers(Builder &builder, ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(
      shape, IntegerType::get(builder.getContext(), 64, IntegerType::Signed));
  return DenseElementsAttr::get(type, values);
}

namespace {
/// Branches per channel as integers: sum of multiply[b][c] * x_b + add[c], in
/// units of `unit`.
struct CommonGrid {
  int64_t channels = 1;
  Rational unit = Rational(1);
  std::vector<int64_t> multiply, add; ///< [branches, channels], [channels]
  std::vector<Real> offset; ///< what is left out of the grid, per channel
  ChannelRanges ranges;
};
} // namespace

/// Finds the finest grid of affine branches (and of `points`, where offsets are
/// to lie on it too).
static FailureOr<CommonGrid> findCommonGrid(ArrayRef<Expression> branches,
                                            bool includeOffsets,
                                            ArrayRef<Rational> points,
                                            Operation *op) {
  CommonGrid grid;
  for (const Expression &branch : branches)
    grid.channels =
        std::max({grid.channels, static_cast<int64_t>(branch.functions.size()),
                  static_cast<int64_t>(branch.ranges.size())});
  std::vector<Rational> scales, numbers(points.begin(), points.end());
  for (const Expression &branch : branches)
    for (int64_t c = 0; c < grid.channels; ++c) {
      Affine map = *getAffine(branch.at(c));
      if (!map.multiply.isRational())
        return op->emitError("needs an irrational scale on an integer grid (a "
                             "batch norm without a quantizer "
                             "behind it?); quantize its input");
      scales.push_back(map.multiply.asRational());
    }
  grid.offset.assign(grid.channels, Real());
  for (const Expression &branch : branches)
    for (int64_t c = 0; c < grid.channels; ++c)
      grid.offset[c] += getAffine(branch.at(c))->add;
  numbers.insert(numbers.end(), scales.begin(), scales.end());
  if (includeOffsets)
    for (const Real &offset : grid.offset) {
      if (!offset.isRational())
        return op->emitError("needs an irrational offset on an integer grid (a "
                             "batch norm without a quantizer "
                             "behind it?); quantize its input");
      numbers.push_back(offset.asRational());
    }
  grid.unit = getCommonUnit(numbers);
  if (grid.unit.isZero())
    grid.unit = Rational(1);
  if (grid.unit.denominator().bitLength() > kMaxGridBits)
    return op->emitError("the common grid of its inputs needs more than ")
           << kMaxGridBits << " bits; quantize them";

  auto toGrid = [&](const Rational &value) {
    return (value / grid.unit).floor().toInt64();
  };
  for (const Rational &scale : scales) {
    std::optional<int64_t> integer = toGrid(scale);
    if (!integer)
      return op->emitError("the common grid of its inputs needs more than 63 "
                           "bits; quantize them");
    grid.multiply.push_back(*integer);
  }
  for (int64_t c = 0; c < grid.channels; ++c) {
    std::optional<int64_t> offset =
        includeOffsets ? toGrid(grid.offset[c].asRational()) : 0;
    if (!offset)
      return op->emitError("the common grid of its inputs needs more than 63 "
                           "bits; quantize them");
    grid.add.push_back(*offset);
    if (includeOffsets)
      grid.offset[c] = Real();
    Int128 min = *offset, max = *offset;
    for (auto [b, branch] : llvm::enumerate(branches)) {
      IntegerRange x = branch.rangeAt(c);
      Int128 m = grid.multiply[b * grid.channels + c];
      min += std::min(m * x.min, m * x.max);
      max += std::max(m * x.min, m * x.max);
    }
    constexpr Int128 kLimit = Int128(1) << 62;
    if (min < -kLimit || max > kLimit)
      return op->emitError("the sum of its inputs on their common grid needs "
                           "more than 63 bits; quantize them");
    grid.ranges.push_back(
        {static_cast<int64_t>(min), static_cast<int64_t>(max)});
  }
  return grid;
}

static IntegerRange getUnion(ArrayRef<IntegerRange> ranges) {
  IntegerRange all = ranges.front();
  for (const IntegerRange &range : ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  return all;
}

/// Writes the sum on the grid; the result's functions are unit * x + offset.
static Expression emitCombine(OpBuilder &builder, ArrayRef<Expression> branches,
                              const CommonGrid &grid, Operation *op) {
  SmallVector<Value> inputs;
  for (const Expression &branch : branches)
    inputs.push_back(branch.source);
  auto type = RankedTensorType::get(
      branches.front().getType().getShape(),
      getSignedType(op->getContext(), getUnion(grid.ranges)));
  auto combine = CombineOp::create(
      builder, op->getLoc(), type, inputs,
      makeIntegers(builder,
                   {static_cast<int64_t>(branches.size()), grid.channels},
                   grid.multiply),
      makeIntegers(builder, {grid.channels}, grid.add));
  Expression result;
  result.source = combine.getResult();
  result.ranges = grid.ranges;
  bool uniform = llvm::all_of(grid.offset, [&](const Real &offset) {
    return (offset - grid.offset.front()).sign() == std::optional<int>(0);
  });
  if (!uniform)
    result.functionShape = {grid.channels};
  result.functions.assign(uniform ? 1 : grid.channels, ScalarFunction());
  for (auto [c, scalar] : llvm::enumerate(result.functions))
    scalar.affine(Real(grid.unit), grid.offset[c]);
  return result;
}

FailureOr<Expression> IntegerConverter::combine(ArrayRef<Expression> branches,
                                                Operation *op) {
  FailureOr<CommonGrid> grid =
      findCommonGrid(branches, /*includeOffsets=*/false, {}, op);
  if (failed(grid))
    return failure();
  return emitCombine(builder, branches, *grid, op);
}

FailureOr<Expression>
IntegerConverter::toCommonGrid(const Expression &expression, Operation *op) {
  FailureOr<CommonGrid> grid =
      findCommonGrid(expression, /*includeOffsets=*/true, {}, op);
  if (failed(grid))
    return failure();
  return emitCombine(builder, expression, *grid, op);
}

//===----------------------------------------------------------------------===//
// Sums and concatenations
//===----------------------------------------------------------------------===//

LogicalResult IntegerConverter::addBranches(Operation *op, Value lhs, Value rhs,
                                            bool subtract) {
  SmallVector<Expression> branches;
  for (Value side : {lhs, rhs}) {
    const Expression *expression = lookup(side, op);
    if (!expression)
      return failure();
    if (expression->isFloat())
      return op->emitError("adds real inputs: no quantizer stands before it; "
                           "name the input's type with --input-type");
    FailureOr<Expression> affine = toAffine(*expression, op);
    if (failed(affine))
      return failure();
    branches.push_back(std::move(*affine));
  }
  if (branches[0].getType().getShape() != branches[1].getType().getShape())
    return op->emitError("adds two tensors of different shapes that both "
                         "depend on the input, which is not supported");
  for (Expression &branch : branches) {
    if (branch.isPerLastDim())
      continue;
    return op->emitError("adds tensors whose scales vary along more than the "
                         "last dimension, which is not supported");
  }
  if (subtract &&
      failed(applyAffine(branches[1], {}, Affine{Real(-1), Real()}, op)))
    return failure();
  FailureOr<Expression> sum = combine(branches, op);
  if (failed(sum))
    return failure();
  define(op->getResult(0), std::move(*sum));
  return success();
}

/// The same integers in a wider type.
static Value widen(OpBuilder &builder, Location location, Value value,
                   IntegerType element) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return CombineOp::create(builder, location, type.clone(element), value,
                           makeIntegers(builder, {1, 1}, {1}),
                           makeIntegers(builder, {1}, {0}));
}

LogicalResult IntegerConverter::convertConcat(tensor::ConcatOp op) {
  auto resultType = op.getResultType();
  if (!isa<RealType>(resultType.getElementType()))
    return success();
  bool lastDim = static_cast<int64_t>(op.getDim()) == resultType.getRank() - 1;
  SmallVector<Expression> parts;
  IntegerRange all{0, 0};
  for (Value input : op.getInputs()) {
    const Expression *expression = lookup(input, op);
    if (!expression)
      return failure();
    if (expression->isFloat())
      return op.emitError("joins real inputs: no quantizer stands before it; "
                          "name the input's type with --input-type");
    FailureOr<Expression> affine = toAffine(*expression, op);
    if (failed(affine))
      return failure();
    IntegerRange range = getUnion(affine->ranges);
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
    parts.push_back(std::move(*affine));
  }
  if (!lastDim || llvm::any_of(parts, [](const Expression &part) {
        return !part.isPerLastDim();
      }))
    return op.emitError("joins tensors along a dimension other than the last, "
                        "which is not supported");

  SmallVector<Value> sources;
  Expression result;
  result.functions.clear();
  IntegerType element = getNarrowType(op.getContext(), all);
  for (const Expression &part : parts) {
    sources.push_back(widen(builder, op.getLoc(), part.source, element));
    for (int64_t c = 0, size = part.getType().getShape().back(); c < size;
         ++c) {
      result.functions.push_back(part.at(c));
      result.ranges.push_back(part.rangeAt(c));
    }
  }
  result.functionShape = {static_cast<int64_t>(result.functions.size())};
  result.source = tensor::ConcatOp::create(
      builder, op.getLoc(), resultType.clone(element), op.getDim(), sources);
  define(op.getResult(), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Piecewise linear functions
//===----------------------------------------------------------------------===//

/// An expression with the first `count` operations of the functions.
static std::optional<Expression> takePrefix(const Expression &expression,
                                            size_t count) {
  Expression prefix = expression;
  for (auto [scalar, whole] :
       llvm::zip_equal(prefix.functions, expression.functions)) {
    scalar = ScalarFunction();
    for (const ScalarFunction::Operation &operation :
         ArrayRef(whole.operations()).take_front(count)) {
      if (operation.kind != Kind::Affine)
        return std::nullopt;
      scalar.affine(operation.a, operation.b);
    }
  }
  return prefix;
}

/// Appends an affine, relu, clip or leaky relu operation.
static bool appendOperation(ScalarFunction &scalar,
                            const ScalarFunction::Operation &operation) {
  switch (operation.kind) {
  case Kind::Affine:
    scalar.affine(operation.a, operation.b);
    return true;
  case Kind::Relu:
    scalar.relu();
    return true;
  case Kind::Clip:
    scalar.clip(
        operation.hasA ? std::optional<Real>(operation.a) : std::nullopt,
        operation.hasB ? std::optional<Real>(operation.b) : std::nullopt);
    return true;
  case Kind::LeakyRelu:
    scalar.leakyRelu(operation.a);
    return true;
  default:
    return false;
  }
}

/// Clamps integers on a grid that holds the limits.
static Value emitClamp(OpBuilder &builder, const Expression &input,
                       IntegerRange limits, Operation *op) {
  IntegerRange range = getUnion(input.ranges);
  range = {std::clamp(range.min, limits.min, limits.max),
           std::clamp(range.max, limits.min, limits.max)};
  auto type = RankedTensorType::get(input.getType().getShape(),
                                    getNarrowType(op->getContext(), range));
  // Limits beyond what the input can be do not fit the type and do nothing.
  return ClampOp::create(builder, op->getLoc(), type, input.source,
                         ArrayRef<int64_t>{range.min},
                         ArrayRef<int64_t>{range.max});
}

FailureOr<Expression> IntegerConverter::toAffine(const Expression &expression,
                                                 Operation *op) {
  const auto &chain = expression.functions.front().operations();
  auto breaking = llvm::find_if(chain, [](const auto &operation) {
    return operation.kind != Kind::Affine;
  });
  if (breaking == chain.end())
    return expression;
  size_t position = std::distance(chain.begin(), breaking);
  std::optional<Expression> prefix = takePrefix(expression, position);
  bool sameShape =
      llvm::all_of(expression.functions, [&](const ScalarFunction &scalar) {
        return scalar.operations().size() == chain.size() &&
               scalar.operations()[position].kind == breaking->kind;
      });
  ScalarFunction probe;
  if (!prefix || !sameShape || !appendOperation(probe, *breaking))
    return op->emitError("needs exact integers behind a function that is not "
                         "piecewise linear (sigmoid, tanh, a "
                         "power, ...); put a quantizer behind that function");
  if (!prefix->isPerLastDim())
    return op->emitError("needs exact integers behind an activation whose "
                         "scale varies along more than the last "
                         "dimension; put a quantizer behind the activation");

  // Zero, the limits and the offsets lie on the grid.
  std::vector<Rational> points;
  for (const Real *limit :
       {breaking->kind == Kind::Clip && breaking->hasA ? &breaking->a : nullptr,
        breaking->kind == Kind::Clip && breaking->hasB ? &breaking->b
                                                       : nullptr})
    if (limit)
      points.push_back(limit->asRational());
  FailureOr<CommonGrid> grid =
      findCommonGrid(*prefix, /*includeOffsets=*/true, points, op);
  if (failed(grid))
    return failure();
  Expression input = emitCombine(builder, *prefix, *grid, op);

  auto toGrid = [&](const Real &value) {
    return (value.asRational() / grid->unit).floor().toInt64Saturated();
  };
  Expression result = input;
  IntegerRange all = getUnion(input.ranges);
  if (breaking->kind == Kind::LeakyRelu) {
    Expression positive = input, negative = input;
    positive.source =
        emitClamp(builder, input, {0, std::max<int64_t>(all.max, 0)}, op);
    negative.source =
        emitClamp(builder, input, {std::min<int64_t>(all.min, 0), 0}, op);
    positive.ranges = {{0, std::max<int64_t>(all.max, 0)}};
    negative.ranges = {{std::min<int64_t>(all.min, 0), 0}};
    if (failed(applyAffine(negative, {}, Affine{breaking->a, Real()}, op)))
      return failure();
    FailureOr<Expression> sum = combine({positive, negative}, op);
    if (failed(sum))
      return failure();
    result = std::move(*sum);
  } else {
    IntegerRange limits = breaking->kind == Kind::Relu
                              ? IntegerRange{0, std::max<int64_t>(all.max, 0)}
                              : all;
    if (breaking->kind == Kind::Clip && breaking->hasA)
      limits.min = toGrid(breaking->a);
    if (breaking->kind == Kind::Clip && breaking->hasB)
      limits.max = toGrid(breaking->b);
    limits.min = std::min(limits.min, limits.max); // the upper limit wins
    result.source = emitClamp(builder, input, limits, op);
    for (IntegerRange &range : result.ranges)
      range = {std::clamp(range.min, limits.min, limits.max),
               std::clamp(range.max, limits.min, limits.max)};
  }
  // The rest of the chain, per channel as before.
  if (failed(result.broadcastFunctions(expression.functionShape)))
    return op->emitError("activation and scale do not broadcast");
  for (auto [i, scalar] : llvm::enumerate(result.functions))
    for (const auto &operation :
         ArrayRef(
             expression.functions[expression.isUniform() ? 0 : i].operations())
             .drop_front(position + 1))
      if (!appendOperation(scalar, operation))
        return op->emitError("needs exact integers behind a function that is "
                             "not piecewise linear; put a quantizer "
                             "behind that function");
  return toAffine(result, op);
}
