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

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

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

/// Bounds of every output of a linear layer, from its weights.
static std::optional<ChannelRanges> inferLinear(LinearOp op, ArrayRef<IntegerRange> input) {
  auto weights = op.getWeights().getDefiningOp<ConstantOp>();
  if (!weights || !weights.getValue().isIntegral())
    return std::nullopt;
  CodingAttrInterface coding = weights.getValue();
  int64_t outputs = coding.getShape()[0], inputs = coding.getShape()[1];
  SmallVector<int64_t> bias(outputs, 0), row(inputs);
  if (op.getBias()) {
    auto constant = op.getBias().getDefiningOp<ConstantOp>();
    if (!constant || !constant.getValue().isIntegral())
      return std::nullopt;
    constant.getValue().decodeIntegers(0, bias);
  }
  ChannelRanges result;
  for (int64_t n = 0; n < outputs; ++n) {
    coding.decodeIntegers(n * inputs, row);
    __int128 low = bias[n], high = bias[n];
    for (int64_t k = 0; k < inputs; ++k) {
      IntegerRange x = input[input.size() == 1 ? 0 : k];
      __int128 a = static_cast<__int128>(row[k]) * x.min, b = static_cast<__int128>(row[k]) * x.max;
      low += std::min(a, b);
      high += std::max(a, b);
    }
    if (low < INT64_MIN || high > INT64_MAX)
      return std::nullopt;
    result.push_back({static_cast<int64_t>(low), static_cast<int64_t>(high)});
  }
  return result;
}

RangeAnalysis::RangeAnalysis(func::FuncOp function) {
  auto setFromType = [&](Value value) {
    if (std::optional<IntegerType> type = getIntegerElement(value))
      ranges[value] = {getTypeRange(*type)};
  };
  for (Value argument : function.getArguments())
    setFromType(argument);
  for (Operation &op : function.getBody().getOps()) {
    for (Value result : op.getResults())
      setFromType(result);
    if (op.getNumResults() != 1 || !getIntegerElement(op.getResult(0)))
      continue;
    std::optional<ChannelRanges> inferred;
    if (auto linear = dyn_cast<LinearOp>(op)) {
      inferred = inferLinear(linear, get(linear.getInput()));
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
  layer.outputs = weights->getShape()[0];
  layer.inputs = weights->getShape()[1];
  layer.weightRange = weights->getRange(0, layer.outputs * layer.inputs);
  layer.activation = activation;
  layer.activationRange = ranges.getAll(op.getInput());
  layer.bias.assign(layer.outputs, 0);
  if (op.getBias()) {
    auto bias = getIntegerConstant(op, op.getBias(), "biases");
    if (failed(bias))
      return failure();
    bias->decodeIntegers(0, layer.bias);
  }
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
