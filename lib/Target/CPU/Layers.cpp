//===- Layers.cpp - Ranges and layers of a function ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads integer-level IR for the CPU back end.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Layers.h"

#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Rational.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

IntegerRange sumac::getTypeRange(IntegerType type) {
  if (type.getWidth() > 64 || (type.isUnsigned() && type.getWidth() == 64))
    return {INT64_MIN, INT64_MAX};
  return {GridAttr::getStorageMin(type), GridAttr::getStorageMax(type)};
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static std::optional<IntegerType> getIntegerElement(Value value) {
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  auto type = tensor ? dyn_cast<IntegerType>(tensor.getElementType()) : IntegerType();
  if (!type || type.isSignless())
    return std::nullopt;
  return type;
}

/// The coding of an integer constant, or null.
static CodingAttrInterface getCoding(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || !constant.getValue().isIntegral())
    return {};
  return constant.getValue();
}

/// Sums of the positive and of the negative products' bounds.
static std::pair<Int128, Int128> boundProducts(ArrayRef<int64_t> weights, ArrayRef<IntegerRange> x) {
  if (x.size() == 1) {
    // No sum of less than 2^24 weights of 32 bits leaves 64 bits.
    int64_t positive = 0, negative = 0;
    bool isNarrow = weights.size() < (1u << 24);
    for (int64_t w : weights) {
      positive += std::max<int64_t>(w, 0);
      negative += std::min<int64_t>(w, 0);
      isNarrow &= llvm::isInt<32>(w);
    }
    if (isNarrow) {
      Int128 low = x[0].min, high = x[0].max;
      return {positive * low + negative * high, positive * high + negative * low};
    }
  }
  Int128 low = 0, high = 0;
  for (auto [k, w] : llvm::enumerate(weights)) {
    const IntegerRange &range = x[x.size() == 1 ? 0 : k];
    Int128 a = static_cast<Int128>(w) * range.min, b = static_cast<Int128>(w) * range.max;
    low += std::min(a, b);
    high += std::max(a, b);
  }
  return {low, high};
}

static WeightSummary summarize(CodingAttrInterface weights, CodingAttrInterface biasCoding, ArrayRef<IntegerRange> inputs) {
  int64_t outputs = weights.getShape()[0], size = weights.getShape()[1];
  SmallVector<int64_t> bias(outputs, 0), row(size);
  if (biasCoding)
    biasCoding.decodeIntegers(0, bias);
  WeightSummary summary;
  summary.weights = {INT64_MAX, INT64_MIN};
  summary.outputs.emplace();
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeIntegers(n * size, row);
    for (int64_t w : row) {
      summary.weights.min = std::min(summary.weights.min, w);
      summary.weights.max = std::max(summary.weights.max, w);
      summary.nonZeros += w != 0;
    }
    auto [low, high] = boundProducts(row, inputs);
    low += bias[n];
    high += bias[n];
    if (low < INT64_MIN || high > INT64_MAX)
      summary.outputs.reset();
    if (summary.outputs)
      summary.outputs->push_back({static_cast<int64_t>(low), static_cast<int64_t>(high)});
  }
  if (size == 0 || outputs == 0)
    summary.weights = {0, 0};
  return summary;
}

std::shared_ptr<const WeightSummary> WeightCache::get(CodingAttrInterface weights, CodingAttrInterface bias,
                                                      ArrayRef<IntegerRange> inputs) {
  for (const Entry &entry : entries)
    if (entry.weights == weights && entry.bias == bias && ArrayRef<IntegerRange>(entry.inputs) == inputs)
      return entry.summary;
  auto summary = std::make_shared<const WeightSummary>(summarize(weights, bias, inputs));
  entries.push_back({weights, bias, ChannelRanges(inputs), summary});
  return summary;
}

/// Bounds of every output of a linear layer, from its weights.
static std::optional<ChannelRanges> inferLinear(LinearOp op, ArrayRef<IntegerRange> input, WeightCache &cache) {
  CodingAttrInterface weights = getCoding(op.getWeights()), bias = getCoding(op.getBias());
  if (!weights || (op.getBias() && !bias))
    return std::nullopt;
  return cache.get(weights, bias, input)->outputs;
}

RangeAnalysis::RangeAnalysis(func::FuncOp function, std::shared_ptr<WeightCache> shared)
    : cache(shared ? std::move(shared) : std::make_shared<WeightCache>()) {
  auto setFromType = [&](Value value) {
    if (std::optional<IntegerType> type = getIntegerElement(value))
      ranges[value] = {getTypeRange(*type)};
  };
  for (Value argument : function.getArguments())
    if (std::optional<ChannelRanges> known = inferRangesFromProducer(argument); known && !known->empty())
      ranges[argument] = *known;
    else
      setFromType(argument);
  for (Operation &op : function.getBody().getOps()) {
    for (Value result : op.getResults())
      setFromType(result);
    if (op.getNumResults() != 1 || !getIntegerElement(op.getResult(0)))
      continue;
    // Weights are scanned with their layer.
    if (isa<ConstantOp>(op) && llvm::all_of(op.getUsers(), llvm::IsaPred<LinearOp>))
      continue;
    std::optional<ChannelRanges> inferred;
    if (auto linear = dyn_cast<LinearOp>(op)) {
      inferred = inferLinear(linear, get(linear.getInput()), *cache);
    } else if (auto inferable = dyn_cast<IntegerRangeOpInterface>(op)) {
      SmallVector<std::optional<ChannelRanges>> operands;
      for (Value operand : op.getOperands()) {
        auto found = ranges.find(operand);
        operands.push_back(found == ranges.end() ? std::nullopt : std::optional(found->second));
      }
      inferred = inferable.inferResultRanges(operands);
    }
    if (inferred && !inferred->empty())
      ranges[op.getResult(0)] = *inferred;
  }
}

ArrayRef<IntegerRange> RangeAnalysis::get(Value value) const {
  static const IntegerRange kEverything[] = {{INT64_MIN, INT64_MAX}};
  auto found = ranges.find(value);
  return found == ranges.end() ? ArrayRef<IntegerRange>(kEverything) : ArrayRef<IntegerRange>(found->second);
}

IntegerRange RangeAnalysis::getAll(Value value) const {
  ArrayRef<IntegerRange> channels = get(value);
  IntegerRange all = channels.front();
  for (const IntegerRange &range : channels) {
    all.min = std::min(all.min, range.min);
    all.max = std::max(all.max, range.max);
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static FailureOr<CodingAttrInterface> getIntegerConstant(LinearOp op, Value value, StringRef what) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return op.emitOpError() << "has " << what << " that are not constant, which the cpu target cannot compile";
  CodingAttrInterface coding = constant.getValue();
  if (!coding.isIntegral() || coding.getExponent() != 0)
    return op.emitOpError() << "has " << what << " that are not integers; run sumac-to-integer first";
  return coding;
}

/// The largest number known from a value's definition that all its codes are
/// equal to `min` modulo of.
static int64_t getCodeStep(Value value, int64_t min) {
  Operation *op = value.getDefiningOp();
  while (op && isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op))
    op = op->getOperand(0).getDefiningOp();
  if (auto threshold = dyn_cast_or_null<ThresholdOp>(op)) {
    int64_t step = std::max<int64_t>(std::abs(static_cast<int64_t>(threshold.getStep())), 1);
    return (min - static_cast<int64_t>(threshold.getBase())) % step == 0 ? step : 1;
  }
  if (auto encode = dyn_cast_or_null<EncodeOp>(op); encode && encode.getGrid().getBipolar())
    return min % 2 != 0 ? 2 : 1;
  return 1;
}

FailureOr<LinearLayer> sumac::describeLinear(LinearOp op, const RangeAnalysis &ranges) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto result = cast<RankedTensorType>(op.getResult().getType());
  auto activation = dyn_cast<IntegerType>(input.getElementType());
  if (!activation)
    return op.emitOpError("works on real numbers; run sumac-to-integer first");
  auto accumulator = dyn_cast<IntegerType>(result.getElementType());
  if (!accumulator || accumulator.getWidth() > 64 || activation.getWidth() > 64)
    return op.emitOpError() << "needs accumulators of " << result.getElementType()
                            << ", and the cpu target has at most 64 bits; use fewer bits for weights or activations";

  LinearLayer layer;
  auto weights = getIntegerConstant(op, op.getWeights(), "weights");
  if (failed(weights))
    return failure();
  layer.weights = *weights;
  if (auto storage = op.getWeights().getDefiningOp<ConstantOp>().getStorage())
    layer.storage = storage->getStorageName();
  layer.outputs = weights->getShape()[0];
  layer.inputs = weights->getShape()[1];
  layer.activation = activation;
  layer.activationRange = ranges.getAll(op.getInput());
  layer.activationStep = getCodeStep(op.getInput(), layer.activationRange.min);
  layer.bias.assign(layer.outputs, 0);
  if (op.getBias()) {
    auto bias = getIntegerConstant(op, op.getBias(), "biases");
    if (failed(bias))
      return failure();
    bias->decodeIntegers(0, layer.bias);
  }
  auto summary = ranges.getCache().get(*weights, getCoding(op.getBias()), ranges.get(op.getInput()));
  layer.weightRange = summary->weights;
  layer.nonZeros = summary->nonZeros;
  layer.accumulators = llvm::to_vector(ranges.get(op.getResult()));
  if (layer.accumulators.size() == 1)
    layer.accumulators.assign(layer.outputs, IntegerRange(layer.accumulators.front()));
  layer.rows = 1;
  for (int64_t dim : result.getShape().drop_back())
    layer.rows *= ShapedType::isDynamic(dim) ? 1 : dim;
  return layer;
}

FailureOr<CPUTarget> sumac::getCPUTarget(ModuleOp module) {
  auto attr = module->getAttrOfType<DictionaryAttr>(cpu::kTargetAttr);
  auto get = [&](StringRef name, StringRef otherwise) {
    auto text = attr ? attr.getAs<StringAttr>(name) : StringAttr();
    return text ? text.getValue() : otherwise;
  };
  llvm::Expected<CPUTarget> target = CPUTarget::create(get("triple", ""), get("cpu", "native"), get("features", ""));
  if (!target)
    return module.emitError(llvm::toString(target.takeError()));
  return std::move(*target);
}

SmallVector<int64_t> sumac::readIntegers(ElementsAttr elements) {
  SmallVector<int64_t> values(elements.getNumElements());
  cast<CodingAttrInterface>(DenseCodingAttr::get(elements.getContext(), elements)).decodeIntegers(0, values);
  return values;
}

SmallVector<double> sumac::readFloats(ElementsAttr elements) {
  SmallVector<double> values(elements.getNumElements());
  cast<CodingAttrInterface>(DenseCodingAttr::get(elements.getContext(), elements)).decodeDoubles(0, values);
  return values;
}
