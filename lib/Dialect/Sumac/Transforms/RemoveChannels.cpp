//===- RemoveChannels.cpp - Channels that say nothing ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-remove-channels`: a channel between two layers that always has the same
// code becomes a part of the second layer's bias; a channel that no weight of the
// second layer reads is not computed. Pruned filters vanish so.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

namespace sumac {
#define GEN_PASS_DEF_REMOVECHANNELS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

namespace {
/// A layer, operations channel by channel, and the layer that alone reads them.
struct Chain {
  LinearOp first, last;
  SmallVector<Operation *> steps;
  ConstantOp firstWeights, firstBias, lastWeights, lastBias;

  int64_t getChannels() { return firstWeights.getType().getShape()[0]; }
};
} // namespace

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

/// Integer weights that no other operation uses, or null.
static ConstantOp getOwnConstant(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || !constant->hasOneUse() ||
      !isa<IntegerType>(constant.getType().getElementType()))
    return {};
  return constant;
}

/// Whether weights and bias (if there is one) are constants of this layer alone.
static bool hasOwnConstants(LinearOp layer, ConstantOp &weights,
                            ConstantOp &bias) {
  weights = getOwnConstant(layer.getWeights());
  bias = getOwnConstant(layer.getBias());
  return weights && (bias || !layer.getBias());
}

static std::optional<Chain> findChain(LinearOp last) {
  Chain chain;
  chain.last = last;
  Operation *op = last.getInput().getDefiningOp();
  while (op && op->hasOneUse() &&
         isa<ThresholdOp, RequantizeOp, TableOp, ClampOp>(op)) {
    chain.steps.insert(chain.steps.begin(), op);
    op = op->getOperand(0).getDefiningOp();
  }
  chain.first = dyn_cast_or_null<LinearOp>(op);
  if (!chain.first || !chain.first->hasOneUse() ||
      !isa<IntegerType>(last.getType().getElementType()) ||
      !hasOwnConstants(chain.first, chain.firstWeights, chain.firstBias) ||
      !hasOwnConstants(last, chain.lastWeights, chain.lastBias))
    return std::nullopt;
  return chain;
}

/// Bounds of the codes that the second layer reads, one for each channel.
static std::optional<ChannelRanges> getCodes(Chain &chain) {
  std::optional<ChannelRanges> input =
      inferRangesFromProducer(chain.first.getInput());
  if (!input || input->empty())
    input = ChannelRanges{*getTypeRange(chain.first.getInput().getType())};
  SmallVector<std::optional<ChannelRanges>> operands{input, std::nullopt};
  if (chain.firstBias)
    operands.push_back(inferRangesFromProducer(chain.firstBias.getResult()));
  LinearOp first = chain.first;
  std::optional<ChannelRanges> codes = first.inferResultRanges(operands);
  for (Operation *step : chain.steps)
    if (codes && !codes->empty())
      codes = cast<IntegerRangeOpInterface>(step).inferResultRanges({codes});
  if (!codes || codes->empty())
    return std::nullopt;
  if (codes->size() == 1)
    codes->resize(chain.getChannels(), codes->front());
  return codes;
}

//===----------------------------------------------------------------------===//
// Deciding
//===----------------------------------------------------------------------===//

namespace {
struct Removal {
  SmallVector<int64_t> kept;
  /// What removed channels add to each sum of the second layer.
  SmallVector<int64_t> bias;
};
} // namespace

/// The channels to keep: those that vary and that some weight reads. At least
/// one stays, so that no layer is empty.
static std::optional<Removal> decide(Chain &chain) {
  std::optional<ChannelRanges> codes = getCodes(chain);
  if (!codes)
    return std::nullopt;
  CodingAttrInterface weights = chain.lastWeights.getValue();
  int64_t outputs = weights.getShape()[0], channels = weights.getShape()[1];
  SmallVector<bool> isRead(channels, false);
  SmallVector<int64_t> row(channels);
  Removal removal;
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeIntegers(n * channels, row);
    Int128 sum = 0;
    for (int64_t c = 0; c < channels; ++c) {
      isRead[c] = isRead[c] || row[c] != 0;
      if ((*codes)[c].min == (*codes)[c].max)
        sum += Int128(row[c]) * (*codes)[c].min;
    }
    // The constant part may be larger than the sums that it is a part of.
    constexpr Int128 kLargest = Int128(1) << 61;
    if (sum < -kLargest || sum > kLargest)
      return std::nullopt;
    removal.bias.push_back(static_cast<int64_t>(sum));
  }
  for (int64_t c = 0; c < channels; ++c)
    if (isRead[c] && (*codes)[c].min != (*codes)[c].max)
      removal.kept.push_back(c);
  if (removal.kept.empty()) {
    // Its part of the bias is left out again.
    removal.kept.push_back(0);
    if ((*codes)[0].min == (*codes)[0].max)
      for (int64_t n = 0; n < outputs; ++n) {
        int64_t weight;
        weights.decodeIntegers(n * channels, MutableArrayRef(weight));
        removal.bias[n] -= weight * (*codes)[0].min;
      }
  }
  if (static_cast<int64_t>(removal.kept.size()) == channels)
    return std::nullopt;
  return removal;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// Rows or columns (`dim` 0 or 1) of weights.
static ConstantOp selectWeights(OpBuilder &builder, ConstantOp weights,
                                unsigned dim, ArrayRef<int64_t> kept) {
  CodingAttrInterface coding = weights.getValue();
  int64_t outputs = coding.getShape()[0], inputs = coding.getShape()[1];
  std::vector<int64_t> values;
  SmallVector<int64_t> row(inputs);
  for (int64_t n = 0; n < (dim == 0 ? static_cast<int64_t>(kept.size()) : outputs); ++n) {
    coding.decodeIntegers((dim == 0 ? kept[n] : n) * inputs, row);
    if (dim == 0)
      values.insert(values.end(), row.begin(), row.end());
    else
      for (int64_t k : kept)
        values.push_back(row[k]);
  }
  SmallVector<int64_t> shape{outputs, inputs};
  shape[dim] = static_cast<int64_t>(kept.size());
  return makeIntegerConstant(builder, weights.getLoc(), shape, values);
}

static SmallVector<int64_t> readBias(ConstantOp bias, int64_t outputs) {
  SmallVector<int64_t> values(outputs, 0);
  if (bias)
    bias.getValue().decodeIntegers(0, values);
  return values;
}

static SmallVector<int64_t> select(ArrayRef<int64_t> values,
                                   ArrayRef<int64_t> kept) {
  if (values.size() == 1)
    return SmallVector<int64_t>(values);
  return llvm::map_to_vector(kept, [&](int64_t c) { return values[c]; });
}

static ElementsAttr select(ElementsAttr table, ArrayRef<int64_t> kept) {
  return table.getShapedType().getDimSize(0) == 1
             ? table
             : selectPayload(table, 0, kept);
}

/// Keeps the entries of channels in the attributes of one operation.
static void selectChannels(Operation *op, ArrayRef<int64_t> kept) {
  auto selectArray = [&](DenseI64ArrayAttr array) {
    return DenseI64ArrayAttr::get(op->getContext(), select(array.asArrayRef(), kept));
  };
  if (auto threshold = dyn_cast<ThresholdOp>(op)) {
    threshold.setThresholdsAttr(select(threshold.getThresholds(), kept));
    if (std::optional<ArrayRef<bool>> decreasing = threshold.getDecreasing())
      threshold.setDecreasing(
          llvm::map_to_vector(kept, [&](int64_t c) { return (*decreasing)[c]; }));
  } else if (auto requantize = dyn_cast<RequantizeOp>(op)) {
    requantize.setMultiplyAttr(selectArray(requantize.getMultiplyAttr()));
    requantize.setAddAttr(selectArray(requantize.getAddAttr()));
    requantize.setShiftAttr(selectArray(requantize.getShiftAttr()));
  } else if (auto clamp = dyn_cast<ClampOp>(op)) {
    clamp.setMinAttr(selectArray(clamp.getMinAttr()));
    clamp.setMaxAttr(selectArray(clamp.getMaxAttr()));
  } else if (auto table = dyn_cast<TableOp>(op)) {
    table.setTableAttr(select(table.getTable(), kept));
  }
}

static RankedTensorType withChannels(Type type, int64_t channels) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.back() = channels;
  return tensor.clone(shape);
}

static void remove(Chain &chain, const Removal &removal) {
  auto channels = static_cast<int64_t>(removal.kept.size());
  OpBuilder builder(chain.first);
  LinearOp first = chain.first, last = chain.last;
  first.getWeightsMutable().assign(
      selectWeights(builder, chain.firstWeights, 0, removal.kept));
  if (chain.firstBias)
    first.getBiasMutable().assign(makeIntegerConstant(
        builder, chain.firstBias->getLoc(), {channels},
        select(readBias(chain.firstBias, chain.getChannels()), removal.kept)));
  first.getResult().setType(withChannels(first.getType(), channels));
  for (Operation *step : chain.steps) {
    selectChannels(step, removal.kept);
    step->getResult(0).setType(withChannels(step->getResult(0).getType(), channels));
  }
  auto outputs = static_cast<int64_t>(removal.bias.size());
  SmallVector<int64_t> bias = readBias(chain.lastBias, outputs);
  for (auto [value, constant] : llvm::zip_equal(bias, removal.bias))
    value += constant;
  last.getWeightsMutable().assign(
      selectWeights(builder, chain.lastWeights, 1, removal.kept));
  last.getBiasMutable().assign(
      makeIntegerConstant(builder, last.getLoc(), {outputs}, bias));
  for (ConstantOp old : {chain.firstWeights, chain.firstBias, chain.lastWeights, chain.lastBias})
    if (old && old->use_empty())
      old->erase();
}

namespace {
struct RemoveChannels
    : public sumac::impl::RemoveChannelsBase<RemoveChannels> {
  void runOnOperation() override {
    SmallVector<LinearOp> layers;
    getOperation().walk([&](LinearOp layer) { layers.push_back(layer); });
    // From the last on: a channel that goes may leave others unread before it.
    for (LinearOp layer : llvm::reverse(layers)) {
      std::optional<Chain> chain = findChain(layer);
      std::optional<Removal> removal = chain ? decide(*chain) : std::nullopt;
      if (removal)
        remove(*chain, *removal);
    }
  }
};
} // namespace
