//===- SumacRangePropagation.cpp - Bounds through def-use chains ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounds through operations that only move elements, and up the chain of
// definitions of a value.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Ranges.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

using OptionalRanges = std::optional<ChannelRanges>;
using Lookup = llvm::function_ref<OptionalRanges(Value)>;

/// The same bounds for a value with other channels: as they are if their
/// number fits, else one for all.
static ChannelRanges fitChannels(const ChannelRanges &ranges, Value value) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
  if (ranges.size() == 1 ||
      (!shape.empty() && shape.back() == static_cast<int64_t>(ranges.size())))
    return ranges;
  return {getHull(ranges)};
}

/// [.., P, C] -> [.., P * C]: the bounds repeat P times.
static ChannelRanges collapse(tensor::CollapseShapeOp op,
                              const ChannelRanges &ranges) {
  int64_t size = op.getResultType().getRank() == 0
                     ? 1
                     : op.getResultType().getShape().back();
  auto channels = static_cast<int64_t>(ranges.size());
  if (channels == 1 || ShapedType::isDynamic(size) || size % channels != 0 ||
      size > (1 << 20) || op.getSrcType().getShape().back() != channels)
    return {getHull(ranges)};
  ChannelRanges result;
  for (int64_t i = 0; i < size; i += channels)
    result.append(ranges.begin(), ranges.end());
  return result;
}

/// [.., P * C] -> [.., P, C]: the bounds of channel c hold those of p * C + c.
static ChannelRanges expand(tensor::ExpandShapeOp op,
                            const ChannelRanges &ranges) {
  if (ranges.size() == 1 || op.getResultType().getRank() == 0)
    return {getHull(ranges)};
  int64_t channels = op.getResultType().getShape().back();
  if (ShapedType::isDynamic(channels) || channels < 1 ||
      ranges.size() % channels != 0)
    return {getHull(ranges)};
  ChannelRanges result(ranges.begin(), ranges.begin() + channels);
  for (auto [i, range] : llvm::enumerate(ranges))
    result[i % channels] = getHull({result[i % channels], range});
  return result;
}

static ChannelRanges slice(tensor::ExtractSliceOp op,
                           const ChannelRanges &ranges) {
  if (ranges.size() == 1 ||
      op.getSourceType().getRank() != op.getResultType().getRank())
    return {getHull(ranges)};
  int64_t offset = op.getStaticOffsets().back(),
          size = op.getStaticSizes().back();
  int64_t stride = op.getStaticStrides().back();
  auto channels = static_cast<int64_t>(ranges.size());
  if (ShapedType::isDynamic(offset) || ShapedType::isDynamic(size) ||
      stride != 1 || offset < 0 || size < 1 || offset > channels - size)
    return {getHull(ranges)};
  return ChannelRanges(ArrayRef<IntegerRange>(ranges).slice(offset, size));
}

static OptionalRanges concat(tensor::ConcatOp op, Lookup lookup) {
  bool alongChannels =
      static_cast<int64_t>(op.getDim()) + 1 == op.getResultType().getRank();
  ChannelRanges result, all;
  for (Value input : op.getInputs()) {
    OptionalRanges ranges = lookup(input);
    if (!ranges)
      return std::nullopt;
    all.push_back(getHull(*ranges));
    int64_t size = cast<RankedTensorType>(input.getType()).getShape().back();
    if (ShapedType::isDynamic(size) || size > (1 << 20))
      size = 0;
    for (int64_t i = 0; i < size; ++i)
      result.push_back(getChannelRange(*ranges, i));
  }
  if (alongChannels && static_cast<int64_t>(result.size()) ==
                           op.getResultType().getShape().back())
    return result;
  return ChannelRanges{getHull(all)};
}

static OptionalRanges transpose(linalg::TransposeOp op, Lookup lookup) {
  OptionalRanges ranges = lookup(op.getInput());
  if (!ranges)
    return std::nullopt;
  ArrayRef<int64_t> permutation = op.getPermutation();
  if (permutation.empty() ||
      permutation.back() + 1 == static_cast<int64_t>(permutation.size()))
    return ranges;
  return ChannelRanges{getHull(*ranges)};
}

/// Operations that move elements; nullopt for all others.
static OptionalRanges moveElements(OpResult result, Lookup lookup) {
  auto through = [&](Value source, auto map) -> OptionalRanges {
    OptionalRanges ranges = lookup(source);
    if (!ranges)
      return std::nullopt;
    return map(*ranges);
  };
  return TypeSwitch<Operation *, OptionalRanges>(result.getOwner())
      .Case([&](tensor::CollapseShapeOp op) {
        return through(op.getSrc(), [&](auto &r) { return collapse(op, r); });
      })
      .Case([&](tensor::ExpandShapeOp op) {
        return through(op.getSrc(), [&](auto &r) { return expand(op, r); });
      })
      .Case([&](tensor::ExtractSliceOp op) {
        return through(op.getSource(), [&](auto &r) { return slice(op, r); });
      })
      .Case([&](tensor::CastOp op) -> OptionalRanges {
        if (!isa<RankedTensorType>(op.getType()) ||
            !isa<RankedTensorType>(op.getSource().getType()))
          return std::nullopt;
        return through(op.getSource(),
                       [&](auto &r) { return fitChannels(r, op.getResult()); });
      })
      .Case([&](tensor::ReshapeOp op) -> OptionalRanges {
        if (!isa<RankedTensorType>(op.getType()) ||
            !isa<RankedTensorType>(op.getSource().getType()))
          return std::nullopt;
        return through(op.getSource(),
                       [&](auto &r) { return ChannelRanges{getHull(r)}; });
      })
      .Case([&](tensor::ConcatOp op) { return concat(op, lookup); })
      .Case([&](linalg::TransposeOp op) { return transpose(op, lookup); })
      .Default([](Operation *) { return std::nullopt; });
}

OptionalRanges sumac::inferRanges(OpResult result, Lookup operands) {
  if (!getTypeRange(result.getType()) ||
      !isa<RankedTensorType>(result.getType()))
    return std::nullopt;
  auto op = dyn_cast<IntegerRangeOpInterface>(result.getOwner());
  if (!op)
    return moveElements(result, operands);
  SmallVector<OptionalRanges> ranges;
  for (Value operand : result.getOwner()->getOperands())
    ranges.push_back(operands(operand));
  return op.inferResultRanges(ranges);
}

static OptionalRanges getArgumentRanges(BlockArgument argument) {
  std::optional<IntegerRange> range = getTypeRange(argument.getType());
  auto function = dyn_cast_if_present<FunctionOpInterface>(
      argument.getOwner()->getParentOp());
  if (!range || !function || !argument.getOwner()->isEntryBlock())
    return std::nullopt;
  auto bounds = function.getArgAttrOfType<DenseI64ArrayAttr>(
      argument.getArgNumber(), kRangeAttrName);
  if (!bounds || bounds.size() != 2)
    return ChannelRanges{*range};
  range->min = std::max(range->min, bounds[0]);
  range->max = std::min(range->max, bounds[1]);
  return ChannelRanges{*range};
}

/// Walks up definitions. `budget` becomes 0 where something on the way is
/// unknown or too many operations are met: chains may be long and share parts.
static OptionalRanges followDefinitions(Value value, bool producerOnly,
                                        unsigned &budget) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    OptionalRanges ranges = getArgumentRanges(argument);
    budget = ranges ? budget : 0;
    return ranges;
  }
  if (budget == 0)
    return std::nullopt;
  --budget;
  bool stops =
      producerOnly && isa<IntegerRangeOpInterface>(value.getDefiningOp());
  OptionalRanges ranges =
      inferRanges(cast<OpResult>(value), [&](Value operand) -> OptionalRanges {
        // Floats and reals have no ranges, which is no lack of knowledge.
        if (stops || !getTypeRange(operand.getType()))
          return std::nullopt;
        return followDefinitions(operand, producerOnly, budget);
      });
  budget = ranges ? budget : 0;
  return ranges;
}

static OptionalRanges inferFromDefinitions(Value value, bool producerOnly) {
  unsigned budget = 64;
  OptionalRanges ranges = followDefinitions(value, producerOnly, budget);
  return budget == 0 ? std::nullopt : ranges;
}

OptionalRanges sumac::inferRangesFromProducer(Value value) {
  return inferFromDefinitions(value, /*producerOnly=*/true);
}

OptionalRanges sumac::inferRangesFromDefinitions(Value value) {
  return inferFromDefinitions(value, /*producerOnly=*/false);
}
