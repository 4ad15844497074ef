//===- IntegerRanges.cpp - Bounds of all integers of a function -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One walk in the order of definitions. Values that loops carry keep the bounds
// of their type.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/IntegerRanges.h"

using namespace mlir;
using namespace sumac;

/// What is known, or the type's bounds; empty for what is no integer tensor.
static ChannelRanges orType(std::optional<ChannelRanges> known, Value value) {
  std::optional<IntegerRange> type = getTypeRange(value.getType());
  if (!type || !isa<RankedTensorType>(value.getType()))
    return {};
  return known && !known->empty() ? *known : ChannelRanges{*type};
}

IntegerRanges::IntegerRanges(Operation *root) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) { visit(op); });
}

void IntegerRanges::visit(Operation *op) {
  for (Region &region : op->getRegions())
    for (BlockArgument argument : region.getArguments())
      ranges[argument] = orType(inferRangesFromProducer(argument), argument);
  for (OpResult result : op->getResults()) {
    ChannelRanges known =
        orType(inferRanges(result,
                           [&](Value operand) -> std::optional<ChannelRanges> {
                             ArrayRef<IntegerRange> bounds = get(operand);
                             if (bounds.empty())
                               return std::nullopt;
                             return ChannelRanges(bounds);
                           }),
               result);
    ranges[result] = std::move(known);
  }
}

ArrayRef<IntegerRange> IntegerRanges::get(Value value) const {
  auto found = ranges.find(value);
  return found == ranges.end() ? ArrayRef<IntegerRange>() : found->second;
}

std::optional<IntegerRange> IntegerRanges::getHull(Value value) const {
  ArrayRef<IntegerRange> bounds = get(value);
  if (bounds.empty())
    return std::nullopt;
  return sumac::getHull(bounds);
}
