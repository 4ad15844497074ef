//===- Outputs.cpp - Outputs of the integer conversion --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The end of the model: one rounding to float, the position of the largest
// element, and real functions that no integer stands for.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

using namespace mlir;
using namespace sumac;

/// Sources of at most this many values may use a table of floats.
static constexpr int64_t kMaxFloatTable = 65536;

static IntegerRange getUnion(ArrayRef<IntegerRange> ranges) {
  IntegerRange all = ranges.front();
  for (const IntegerRange &range : ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  return all;
}

static bool isPiecewiseLinear(const Expression &expression) {
  using Kind = ScalarFunction::Kind;
  return llvm::all_of(expression.functions, [](const ScalarFunction &scalar) {
    return llvm::all_of(scalar.operations(),
                        [](const auto &operation) {
                          return operation.kind == Kind::Affine ||
                                 operation.kind == Kind::Relu ||
                                 operation.kind == Kind::Clip ||
                                 operation.kind == Kind::LeakyRelu;
                        }) &&
           llvm::all_of(scalar.operations(), [](const auto &operation) {
             return operation.a.isRational() && operation.b.isRational();
           });
  });
}

FailureOr<Value> IntegerConverter::decode(const Expression &expression,
                                          Type elementType, Operation *op) {
  if (!expression.isPerLastDim()) {
    FailureOr<Expression> flat = collapseChannels(expression, op);
    if (failed(flat))
      return failure();
    FailureOr<Value> value = decode(*flat, elementType, op);
    if (failed(value))
      return failure();
    SmallVector<ReassociationIndices> groups(2);
    groups[0] = {0};
    for (int64_t dim = 1; dim < expression.getType().getRank(); ++dim)
      groups[1].push_back(dim);
    return tensor::ExpandShapeOp::create(
               builder, op->getLoc(), expression.getType().clone(elementType),
               *value, groups)
        .getResult();
  }
  std::vector<Real> scales, offsets;
  bool sameScale = true, sameOffset = true;
  for (const ScalarFunction &scalar : expression.functions) {
    Affine map = *getAffine(scalar);
    if (!scales.empty()) {
      sameScale &=
          (map.multiply - scales.front()).sign() == std::optional<int>(0);
      sameOffset &= (map.add - offsets.front()).sign() == std::optional<int>(0);
    }
    scales.push_back(map.multiply);
    offsets.push_back(map.add);
  }
  if (sameScale)
    scales.resize(1);
  if (sameOffset)
    offsets.resize(1);
  bool hasOffset =
      offsets.size() > 1 || offsets.front().sign() != std::optional<int>(0);
  MLIRContext *context = op->getContext();
  auto storage = cast<IntegerType>(expression.getType().getElementType());
  SmallVector<int64_t> shape, block;
  if (scales.size() > 1) {
    shape = {static_cast<int64_t>(scales.size())};
    block = {1};
  }
  auto grid = GridAttr::get(context, storage, GridAttr::getStorageMin(storage),
                            GridAttr::getStorageMax(storage),
                            /*bipolar=*/false, makeExact(context, scales),
                            makeExact(context, {Real()}), shape, block);
  return DecodeOp::create(
             builder, op->getLoc(), expression.getType().clone(elementType),
             expression.source, grid,
             hasOffset ? makeExact(context, offsets) : ExactArrayAttr())
      .getResult();
}

/// A table of correctly rounded floats over the source's codes; null where a
/// value is not decided.
static Value emitFloatTable(OpBuilder &builder, const Expression &expression,
                            FloatType type, Operation *op) {
  IntegerRange range = getUnion(expression.ranges);
  std::vector<float> floats;
  std::vector<double> doubles;
  for (const ScalarFunction &scalar : expression.functions)
    for (int64_t x = range.min; x <= range.max; ++x) {
      std::optional<Real> value = scalar.eval(Integer(x));
      std::optional<float> single =
          value && type.isF32() ? value->toFloat() : std::nullopt;
      std::optional<double> wide =
          value && type.isF64() ? value->toDouble() : std::nullopt;
      if (!single && !wide)
        return {};
      if (single)
        floats.push_back(*single);
      else
        doubles.push_back(*wide);
    }
  int64_t rows = expression.functions.size();
  auto tableType =
      RankedTensorType::get({rows, range.max - range.min + 1}, type);
  ElementsAttr table =
      type.isF32()
          ? DenseElementsAttr::get(tableType, ArrayRef<float>(floats))
          : DenseElementsAttr::get(tableType, ArrayRef<double>(doubles));
  return TableOp::create(builder, op->getLoc(),
                         expression.getType().clone(type), expression.source,
                         table, range.min);
}

LogicalResult IntegerConverter::convertToFloat(ToFloatOp op) {
  auto it = expressions.find(op.getInput());
  if (it == expressions.end() || it->second.isFloat())
    return keepTail(op);
  Expression expression = it->second;
  auto type = cast<FloatType>(op.getType().getElementType());
  if (CodingAttrInterface constant = expression.getConstant();
      constant && !constant.isIntegral())
    return success();
  if (!isAffine(expression)) {
    IntegerRange range = getUnion(expression.ranges);
    int64_t entries = expression.functions.size();
    if (expression.isPerLastDim() &&
        Int128(range.max) - range.min < kMaxFloatTable / entries)
      if (Value table = emitFloatTable(builder, expression, type, op)) {
        op.getResult().replaceAllUsesWith(table);
        return success();
      }
    if (!isPiecewiseLinear(expression))
      return keepTail(op);
    FailureOr<Expression> affine = toAffine(expression, op);
    if (failed(affine))
      return failure();
    expression = std::move(*affine);
  }
  FailureOr<Value> decoded = decode(expression, type, op);
  if (failed(decoded))
    return failure();
  op.getResult().replaceAllUsesWith(*decoded);
  return success();
}

LogicalResult IntegerConverter::keepTail(Operation *op) {
  if (!tail.insert(op).second)
    return success();
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || !isa<RealType>(type.getElementType()))
      continue;
    auto it = expressions.find(operand.get());
    if (it != expressions.end() && !it->second.isFloat() &&
        !it->second.getConstant() && isAffine(it->second)) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(op);
      Expression expression = it->second;
      FailureOr<Value> decoded = decode(expression, type.getElementType(), op);
      if (failed(decoded))
        return failure();
      operand.set(*decoded);
      continue;
    }
    if (Operation *producer = operand.get().getDefiningOp())
      if (failed(keepTail(producer)))
        return failure();
  }
  return success();
}

/// The tensor whose order decides: softmax along the same dimension keeps it.
static Value skipSoftmax(Value value, int64_t axis) {
  if (auto softmax = value.getDefiningOp<SoftmaxOp>())
    if (static_cast<int64_t>(softmax.getAxis()) == axis)
      return softmax.getInput();
  return value;
}

LogicalResult IntegerConverter::convertArgMax(ArgMaxOp op) {
  auto inputType = cast<RankedTensorType>(op.getInput().getType());
  int64_t axis = static_cast<int64_t>(op.getAxis());
  Value input =
      skipSoftmax(op.getInput(), axis < 0 ? axis + inputType.getRank() : axis);
  const Expression *expression = lookup(input, op);
  if (!expression)
    return failure();
  if (expression->isFloat())
    return keepTail(op);
  FailureOr<Expression> affine = toAffine(*expression, op);
  if (failed(affine))
    return failure();
  std::optional<Affine> map =
      affine->isUniform() ? getAffine(affine->functions.front()) : std::nullopt;
  if (!map || map->multiply.sign().value_or(0) <= 0) {
    affine = toCommonGrid(*affine, op);
    if (failed(affine))
      return failure();
  }
  Value result =
      ArgMaxOp::create(builder, op.getLoc(), op.getType(), affine->source,
                       op.getAxis(), op.getKeepDims(), op.getSelectLast());
  define(op.getResult(), makeSource(result));
  return success();
}

LogicalResult IntegerConverter::convertReduceMax(ReduceMaxOp op) {
  const Expression *expression = lookup(op.getInput(), op);
  if (!expression)
    return failure();
  if (expression->isFloat())
    return op.emitError("takes the maximum of real inputs: no quantizer stands "
                        "before it; name the input's type "
                        "with --input-type");
  FailureOr<Expression> affine = toAffine(*expression, op);
  if (failed(affine))
    return failure();
  std::optional<Affine> map =
      affine->isUniform() ? getAffine(affine->functions.front()) : std::nullopt;
  if (!map || map->multiply.sign().value_or(0) <= 0) {
    affine = toCommonGrid(*affine, op);
    if (failed(affine))
      return failure();
  }
  Expression result = *affine;
  auto type = cast<RankedTensorType>(op.getType())
                  .clone(affine->getType().getElementType());
  result.source = ReduceMaxOp::create(builder, op.getLoc(), type,
                                      affine->source, op.getAxis());
  result.ranges = {getUnion(affine->ranges)};
  define(op.getResult(), std::move(result));
  return success();
}

LogicalResult IntegerConverter::convertReturn(func::ReturnOp op) {
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    auto it = expressions.find(operand.get());
    if (!type || !isa<IntegerType>(type.getElementType()) ||
        it == expressions.end())
      continue;
    Value value = it->second.source;
    if (value == operand.get())
      continue;
    if (value.getType() != type) {
      auto wide = RankedTensorType::get(
          {1, 1}, IntegerType::get(op.getContext(), 64, IntegerType::Signed));
      value = CombineOp::create(
          builder, op.getLoc(), type, value,
          DenseElementsAttr::get(wide, int64_t(1)),
          DenseElementsAttr::get(wide.clone({1}), int64_t(0)));
    }
    operand.set(value);
  }
  return success();
}
