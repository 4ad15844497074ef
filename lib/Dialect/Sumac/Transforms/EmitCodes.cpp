//===- EmitCodes.cpp - Step functions to integer operations ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chain of scalar operations that ends in codes is a step function of its
// integer source. It becomes thresholds, a proven multiply-add-shift, or a
// table, whichever is smallest (design.md, section 1).
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

#include "sumac/Analysis/RequantizeSearch.h"
#include "sumac/Analysis/StepFunction.h"

using namespace mlir;
using namespace sumac;

/// Sources of at most this many values may use a table.
static constexpr int64_t kMaxTableSize = 4096;
/// Limit on thresholds of one layer: 64 million 64-bit entries.
static constexpr int64_t kMaxThresholdEntries = int64_t(1) << 26;

namespace {
/// The step functions of a layer, one per channel or one for all.
struct LayerSteps {
  std::vector<StepFunction> functions;
  int64_t min = INT64_MAX, max = INT64_MIN; ///< codes that are reached
  int64_t step = 1;                         ///< distance of neighbouring codes
  bool monotone = true;

  int64_t thresholdCount() const { return (max - min) / step; }
  /// One function for all channels where they have the same steps: a constant
  /// of equal elements, or channels whose sums have other bounds only.
  void mergeEqual() {
    auto sameSteps = [&](const StepFunction &function) {
      return function.first == functions.front().first &&
             function.steps == functions.front().steps;
    };
    if (!llvm::all_of(functions, sameSteps))
      return;
    StepFunction merged = functions.front();
    for (const StepFunction &function : functions) {
      merged.lo = std::min(merged.lo, function.lo);
      merged.hi = std::max(merged.hi, function.hi);
    }
    functions = {std::move(merged)};
  }
};
} // namespace

static FailureOr<LayerSteps> buildLayerSteps(const Expression &expression,
                                             Operation *op) {
  LayerSteps layer;
  int64_t channels =
      expression.isUniform() && expression.ranges.size() == 1
          ? 1
          : std::max(expression.functions.size(), expression.ranges.size());
  for (int64_t c = 0; c < channels; ++c) {
    IntegerRange range = expression.rangeAt(c);
    std::optional<StepFunction> steps =
        buildSteps(expression.at(c), range.min, range.max);
    if (!steps)
      return op->emitError("the codes of channel ")
             << c
             << " cannot be computed exactly: the function before the "
                "quantizer is undefined or undecidable "
             << "somewhere, or has too many steps";
    layer.min = std::min(layer.min, steps->minimum());
    layer.max = std::max(layer.max, steps->maximum());
    layer.monotone &= steps->isNonDecreasing() || steps->isNonIncreasing();
    layer.functions.push_back(std::move(*steps));
  }
  layer.mergeEqual();
  return layer;
}

//===----------------------------------------------------------------------===//
// Thresholds
//===----------------------------------------------------------------------===//

/// One channel's row: code = min + step * #{t : x >= t}, or #{t : x < t} where
/// the function falls. Thresholds that are always or never met are lo and
/// hi + 1.
static void appendThresholds(const StepFunction &function,
                             const LayerSteps &layer, bool falls,
                             std::vector<int64_t> &row) {
  size_t begin = row.size();
  int64_t hiNext = function.hi + 1;
  int64_t value = function.first;
  int64_t before = (value - layer.min) / layer.step; // codes below the first
  int64_t count = layer.thresholdCount();
  if (!falls)
    row.insert(row.end(), before, function.lo);
  else
    row.insert(row.end(), count - before, function.lo);
  for (const StepFunction::Step &step : function.steps) {
    row.insert(row.end(), std::abs(step.value - value) / layer.step,
               step.position);
    value = step.value;
  }
  row.insert(row.end(), count - (row.size() - begin), hiNext);
}

static ElementsAttr makeThresholds(MLIRContext *context, int64_t channels,
                                   ArrayRef<int64_t> values) {
  int64_t columns = static_cast<int64_t>(values.size()) / channels;
  bool fits32 = llvm::all_of(
      values, [](int64_t value) { return llvm::isInt<32>(value); });
  auto type = RankedTensorType::get(
      {channels, columns},
      IntegerType::get(context, fits32 ? 32 : 64, IntegerType::Signed));
  if (!fits32)
    return DenseElementsAttr::get(type, values);
  return DenseElementsAttr::get(type, ArrayRef<int32_t>(SmallVector<int32_t>(
                                          values.begin(), values.end())));
}

static Value emitThresholds(OpBuilder &builder, const Expression &expression,
                            const LayerSteps &layer, RankedTensorType type,
                            Operation *op) {
  std::vector<int64_t> thresholds;
  SmallVector<bool> decreasing;
  for (const StepFunction &function : layer.functions) {
    bool falls = !function.isNonDecreasing();
    decreasing.push_back(falls);
    appendThresholds(function, layer, falls, thresholds);
  }
  bool anyFalls = llvm::is_contained(decreasing, true);
  return ThresholdOp::create(
      builder, op->getLoc(), type, expression.source,
      makeThresholds(op->getContext(), layer.functions.size(), thresholds),
      anyFalls ? builder.getDenseBoolArrayAttr(decreasing)
               : DenseBoolArrayAttr(),
      layer.min, layer.step);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

static ElementsAttr makeTable(MLIRContext *context, int64_t channels,
                              IntegerRange codes, ArrayRef<int64_t> values) {
  int64_t columns = static_cast<int64_t>(values.size()) / channels;
  unsigned width = llvm::PowerOf2Ceil(
      std::max(8u, getSignedType(context, codes).getWidth()));
  auto element = IntegerType::get(context, width, IntegerType::Signed);
  SmallVector<APInt> elements;
  elements.reserve(values.size());
  for (int64_t value : values)
    elements.emplace_back(width, static_cast<uint64_t>(value),
                          /*isSigned=*/true);
  return DenseElementsAttr::get(
      RankedTensorType::get({channels, columns}, element), elements);
}

static Value emitTable(OpBuilder &builder, const Expression &expression,
                       const LayerSteps &layer, IntegerRange source,
                       RankedTensorType type, Operation *op) {
  std::vector<int64_t> values;
  for (const StepFunction &function : layer.functions)
    for (int64_t x = source.min; x <= source.max; ++x)
      values.push_back(function(x));
  return TableOp::create(builder, op->getLoc(), type, expression.source,
                         makeTable(op->getContext(), layer.functions.size(),
                                   {layer.min, layer.max}, values),
                         source.min);
}

/// Functions that rise and fall: the number of the piece by thresholds, then
/// its value by a table.
static Value emitPieces(OpBuilder &builder, const Expression &expression,
                        const LayerSteps &layer, RankedTensorType type,
                        Operation *op) {
  size_t pieces = 0;
  for (const StepFunction &function : layer.functions)
    pieces = std::max(pieces, function.steps.size());
  std::vector<int64_t> thresholds, values;
  for (const StepFunction &function : layer.functions) {
    values.push_back(function.first);
    for (const StepFunction::Step &step : function.steps) {
      thresholds.push_back(step.position);
      values.push_back(step.value);
    }
    thresholds.insert(thresholds.end(), pieces - function.steps.size(),
                      function.hi + 1);
    values.insert(values.end(), pieces - function.steps.size(),
                  function.last());
  }
  int64_t channels = layer.functions.size();
  auto pieceType = RankedTensorType::get(
      type.getShape(),
      getNarrowType(op->getContext(), {0, static_cast<int64_t>(pieces)}));
  Value piece = ThresholdOp::create(
      builder, op->getLoc(), pieceType, expression.source,
      makeThresholds(op->getContext(), channels, thresholds),
      DenseBoolArrayAttr(),
      /*base=*/0, /*step=*/1);
  return TableOp::create(
      builder, op->getLoc(), type, piece,
      makeTable(op->getContext(), channels, {layer.min, layer.max}, values),
      /*first=*/0);
}

//===----------------------------------------------------------------------===//
// Multiply-add-shift
//===----------------------------------------------------------------------===//

/// The greatest magnitude of a multiplier's odd part; infinite where a channel has
/// no form. Multiplying by a power of two is free.
static uint64_t getGreatestMultiplier(const MultiplyAddShiftLayer &layer) {
  uint64_t greatest = 0;
  for (const std::optional<MultiplyAddShift> &channel : layer.channels) {
    if (!channel)
      return UINT64_MAX;
    uint64_t magnitude = llvm::AbsoluteValue(channel->multiplier);
    if (magnitude != 0)
      magnitude >>= llvm::countr_zero(magnitude);
    greatest = std::max(greatest, magnitude);
  }
  return greatest;
}

/// Null where some channel has no proven multiply-add-shift.
static Value emitRequantize(OpBuilder &builder, const Expression &expression,
                            const LayerSteps &layer, RankedTensorType type,
                            unsigned bits, Operation *op) {
  if (!layer.monotone || layer.step != 1)
    return {};
  RequantizeOptions search;
  search.qmin = layer.min;
  search.qmax = layer.max;
  search.bits = bits;
  MultiplyAddShiftLayer found = findMultiplyAddShift(layer.functions, search);
  // A scale of few bits, such as a power of two, has ties: rounding them to even
  // takes smaller multipliers, if the quantizer does.
  bool isHalfEven = false;
  search.halfEven = true;
  // A look at one channel tells most failures.
  if (getGreatestMultiplier(found) > 1 &&
      findMultiplyAddShift(layer.functions.front(), search)) {
    MultiplyAddShiftLayer even = findMultiplyAddShift(layer.functions, search);
    isHalfEven = getGreatestMultiplier(even) < getGreatestMultiplier(found);
    if (isHalfEven)
      found = std::move(even);
  }
  if (!found.isComplete())
    return {};
  SmallVector<int64_t> multiply, add;
  for (const std::optional<MultiplyAddShift> &channel : found.channels) {
    multiply.push_back(channel->multiplier);
    add.push_back(channel->addend);
  }
  return RequantizeOp::create(
      builder, op->getLoc(), type, expression.source, multiply, add,
      ArrayRef<int64_t>{static_cast<int64_t>(found.shift)}, layer.min,
      layer.max, isHalfEven);
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

static IntegerRange getUnion(ArrayRef<IntegerRange> ranges) {
  IntegerRange all = ranges.front();
  for (const IntegerRange &range : ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  return all;
}

FailureOr<Expression> IntegerConverter::emitCodes(Expression expression,
                                                  IntegerRange codes,
                                                  Operation *op) {
  if (!expression.isPerLastDim()) {
    // Work on [rows, everything else], then restore the shape.
    FailureOr<Expression> collapsed = collapseChannels(expression, op);
    if (failed(collapsed))
      return failure();
    FailureOr<Expression> flat = emitCodes(*collapsed, codes, op);
    if (failed(flat))
      return failure();
    SmallVector<ReassociationIndices> groups(2);
    groups[0] = {0};
    for (int64_t dim = 1; dim < expression.getType().getRank(); ++dim)
      groups[1].push_back(dim);
    auto type = RankedTensorType::get(expression.getType().getShape(),
                                      flat->getType().getElementType());
    Value expanded = tensor::ExpandShapeOp::create(builder, op->getLoc(), type,
                                                   flat->source, groups);
    return makeSource(expanded, {getUnion(flat->ranges)});
  }
  if (expression.isFloat()) {
    FailureOr<Value> value = emitFloatCodes(expression, codes, op);
    if (failed(value))
      return failure();
    return makeSource(*value, {codes});
  }
  bool bipolar = expression.functions.front().operations().back().kind ==
                 ScalarFunction::Kind::Bipolar;
  FailureOr<LayerSteps> layer = buildLayerSteps(expression, op);
  if (failed(layer))
    return failure();
  if (bipolar)
    layer->step = 2;
  IntegerRange reached{layer->min, layer->max},
      source = getUnion(expression.ranges);
  auto type = RankedTensorType::get(expression.getType().getShape(),
                                    getNarrowType(op->getContext(), reached));
  int64_t channels = layer->functions.size(), steps = layer->thresholdCount();
  bool smallSource = Int128(source.max) - source.min < kMaxTableSize;

  Value value;
  if (layer->monotone && steps <= options.maxThresholds)
    value = emitThresholds(builder, expression, *layer, type, op);
  if (!value && smallSource && channels == 1)
    value = emitTable(builder, expression, *layer, source, type, op);
  if (!value)
    value = emitRequantize(builder, expression, *layer, type,
                           options.requantizeBits, op);
  if (!value && smallSource)
    value = emitTable(builder, expression, *layer, source, type, op);
  if (!value && steps > kMaxThresholdEntries / channels)
    return op->emitError("needs ")
           << steps << " thresholds for each of " << channels
           << " channels; quantize to fewer bits";
  if (!value)
    value = layer->monotone
                ? emitThresholds(builder, expression, *layer, type, op)
                : emitPieces(builder, expression, *layer, type, op);
  return makeSource(value, {reached});
}

FailureOr<Value> IntegerConverter::emitFloatCodes(const Expression &expression,
                                                  IntegerRange codes,
                                                  Operation *op) {
  if (!expression.getType().getElementType().isF32())
    return op->emitError("scales an input of type ")
           << expression.getType().getElementType()
           << " before its quantizer; only float32 is supported there";
  LayerSteps layer;
  for (const ScalarFunction &scalar : expression.functions) {
    std::optional<StepFunction> steps = buildFloatSteps(scalar);
    if (!steps)
      return op->emitError(
          "the codes of float inputs cannot be computed exactly here");
    if (!steps->isNonDecreasing() && !steps->isNonIncreasing())
      return op->emitError("a float input goes through a function that rises "
                           "and falls before its quantizer; "
                           "quantize the input first");
    layer.min = std::min(layer.min, steps->minimum());
    layer.max = std::max(layer.max, steps->maximum());
    layer.functions.push_back(std::move(*steps));
  }
  if (expression.functions.front().operations().back().kind ==
      ScalarFunction::Kind::Bipolar)
    layer.step = 2;
  layer.mergeEqual();
  std::vector<int64_t> keys;
  SmallVector<bool> decreasing;
  for (const StepFunction &function : layer.functions) {
    decreasing.push_back(!function.isNonDecreasing());
    appendThresholds(function, layer, decreasing.back(), keys);
    if (decreasing.back() && keys.back() > kMaxFloatKey)
      return op->emitError("a float input goes through functions that fall in "
                           "some channels and stay in others "
                           "before its quantizer; quantize the input first");
  }
  SmallVector<float> thresholds;
  for (int64_t key : keys)
    // No float exceeds +infinity: NaN is the threshold that is never reached.
    thresholds.push_back(key > kMaxFloatKey
                             ? std::numeric_limits<float>::quiet_NaN()
                             : keyToFloat(static_cast<int32_t>(key)));
  int64_t channels = layer.functions.size();
  auto thresholdType = RankedTensorType::get(
      {channels, static_cast<int64_t>(thresholds.size()) / channels},
      builder.getF32Type());
  auto type = RankedTensorType::get(expression.getType().getShape(),
                                    getNarrowType(op->getContext(), codes));
  bool anyFalls = llvm::is_contained(decreasing, true);
  return ThresholdOp::create(
             builder, op->getLoc(), type, expression.source,
             DenseElementsAttr::get(thresholdType, ArrayRef<float>(thresholds)),
             anyFalls ? builder.getDenseBoolArrayAttr(decreasing)
                      : DenseBoolArrayAttr(),
             layer.min, layer.step)
      .getResult();
}
