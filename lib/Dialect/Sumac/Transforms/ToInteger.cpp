//===- ToInteger.cpp - From exact reals to exact integers -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-to-integer`: walks the function once, keeping for each real tensor
// the integer codes and the functions that give it, and writes integer
// operations where a layer, a quantizer, a join or an output needs them.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

namespace sumac {
#define GEN_PASS_DEF_TOINTEGER
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

static bool hasReals(Type type) {
  auto tensor = dyn_cast<ShapedType>(type);
  return tensor && isa<RealType>(tensor.getElementType());
}

static bool hasIntegers(Type type) {
  auto tensor = dyn_cast<ShapedType>(type);
  return tensor && isa<IntegerType>(tensor.getElementType());
}

Expression IntegerConverter::makeSource(Value source, ChannelRanges ranges) {
  Expression expression;
  expression.source = source;
  expression.ranges = std::move(ranges);
  if (expression.ranges.empty())
    if (auto type =
            dyn_cast<IntegerType>(expression.getType().getElementType()))
      expression.ranges.push_back(
          {GridAttr::getStorageMin(type), GridAttr::getStorageMax(type)});
  return expression;
}

const Expression *IntegerConverter::lookup(Value value, Operation *user) {
  auto it = expressions.find(value);
  if (it != expressions.end())
    return &it->second;
  Operation *producer = value.getDefiningOp();
  InFlightDiagnostic diagnostic = user->emitError(
      "needs the exact value of a tensor that has no integer form");
  if (producer)
    diagnostic.attachNote(producer->getLoc())
        << "the tensor is made here, by '" << producer->getName() << "'";
  return nullptr;
}

Expression IntegerConverter::take(Value value) {
  auto it = expressions.find(value);
  // keepTail decodes affine expressions of earlier operations.
  if (!value.hasOneUse() || isAffine(it->second))
    return it->second;
  Expression expression = std::move(it->second);
  expressions.erase(it);
  return expression;
}

LogicalResult IntegerConverter::convert(Operation *op) {
  builder.setInsertionPoint(op);
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ConstantOp>([&](ConstantOp constant) {
        ChannelRanges ranges;
        CodingAttrInterface coding = constant.getValue();
        if (coding.isIntegral())
          ranges.push_back(coding.getRange(
              0, ShapedType::getNumElements(coding.getShape())));
        Expression expression = makeSource(constant.getResult(), ranges);
        define(constant.getResult(), std::move(expression));
        return success();
      })
      .Case<FromFloatOp>([&](FromFloatOp fromFloat) {
        define(fromFloat.getResult(), makeSource(fromFloat.getInput()));
        return success();
      })
      .Case<EncodeOp>([&](EncodeOp encode) { return convertEncode(encode); })
      .Case<QuantizeOp>(
          [&](QuantizeOp quantize) { return convertQuantize(quantize); })
      .Case<DecodeOp>([&](DecodeOp decode) { return convertDecode(decode); })
      .Case<LinearOp>([&](LinearOp linear) { return convertLinear(linear); })
      .Case<BatchNormOp>(
          [&](BatchNormOp norm) { return convertBatchNorm(norm); })
      .Case<AddOp, SubOp, MulOp, DivOp>(
          [&](Operation *binary) { return convertBinary(binary); })
      .Case<ReluOp, LeakyReluOp, ClipOp, SigmoidOp, TanhOp, PowerOp>(
          [&](Operation *unary) { return convertUnary(unary); })
      .Case<MultiThresholdOp>([&](MultiThresholdOp threshold) {
        return convertMultiThreshold(threshold);
      })
      .Case<SoftmaxOp>(
          [&](SoftmaxOp) { return success(); }) // kept at outputs, see keepTail
      .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::ReshapeOp,
            tensor::CastOp>(
          [&](Operation *reshape) { return convertReshape(reshape); })
      .Case<linalg::TransposeOp>([&](linalg::TransposeOp transpose) {
        return convertTranspose(transpose);
      })
      .Case<tensor::ExtractSliceOp>(
          [&](tensor::ExtractSliceOp slice) { return convertSlice(slice); })
      .Case<tensor::ConcatOp>(
          [&](tensor::ConcatOp concat) { return convertConcat(concat); })
      .Case<ToFloatOp>(
          [&](ToFloatOp toFloat) { return convertToFloat(toFloat); })
      .Case<ArgMaxOp>([&](ArgMaxOp argMax) { return convertArgMax(argMax); })
      .Case<ReduceMaxOp>(
          [&](ReduceMaxOp reduce) { return convertReduceMax(reduce); })
      .Case<func::ReturnOp>(
          [&](func::ReturnOp ret) { return convertReturn(ret); })
      .Case<ThresholdOp, RequantizeOp, TableOp, CombineOp, ClampOp>(
          [&](Operation *integer) {
            // Already integer: a function may be converted twice.
            define(integer->getResult(0), makeSource(integer->getResult(0)));
            return success();
          })
      .Default([&](Operation *other) -> LogicalResult {
        auto touches = [](auto values) {
          return llvm::any_of(
              values, [](Value value) { return hasReals(value.getType()); });
        };
        // tensor.empty and tensor.dim have no data; what they feed decides.
        if (isa<tensor::EmptyOp>(other) ||
            (!touches(other->getOperands()) && !touches(other->getResults())))
          return success();
        return other->emitError("has no integer form: '")
               << other->getName() << "' on exact reals";
      });
}

LogicalResult IntegerConverter::run() {
  if (!function.getBody().hasOneBlock())
    return function.emitError("expected a function of one block");
  for (BlockArgument argument : function.getArguments())
    if (hasIntegers(argument.getType()) &&
        isa<RankedTensorType>(argument.getType()))
      define(argument, makeSource(argument));
  SmallVector<Operation *> operations;
  for (Operation &op : function.getBody().front())
    operations.push_back(&op);
  // All operations are tried, so that all errors show at once; what depends on
  // a failed one stays silent, since lookup would only repeat the reason.
  llvm::DenseSet<Operation *> failed;
  for (Operation *op : operations) {
    bool dependsOnFailed = llvm::any_of(op->getOperands(), [&](Value operand) {
      return operand.getDefiningOp() &&
             failed.contains(operand.getDefiningOp());
    });
    if (dependsOnFailed || mlir::failed(convert(op)))
      failed.insert(op);
  }
  if (!failed.empty())
    return failure();
  for (Operation *op : llvm::reverse(operations))
    if (!op->hasTrait<OpTrait::IsTerminator>() && op->use_empty() &&
        isMemoryEffectFree(op))
      op->erase();
  return success();
}

namespace {
struct ToInteger : public sumac::impl::ToIntegerBase<ToInteger> {
  using ToIntegerBase::ToIntegerBase;

  void runOnOperation() override {
    IntegerConversionOptions options{maxThresholds, requantizeBits};
    if (failed(IntegerConverter(getOperation(), options).run()))
      signalPassFailure();
  }
};
} // namespace
