//===- MatchLanes.cpp - Channels as wide as their units -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `stream-match-lanes`.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"

#include "mlir/IR/Builders.h"

#include <numeric>

namespace sumac {
#define GEN_PASS_DEF_STREAMMATCHLANES
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

static void setLanes(Value channel, int64_t lanes) { channel.setType(getChannelType(channel).withLanes(lanes)); }

/// Resizes and FIFOs depend on lanes: they are made anew.
static void removeBuffers(NetworkOp network) {
  for (Operation &op : llvm::make_early_inc_range(network.getBody().front()))
    if (isa<ResizeOp, FifoOp>(op)) {
      op.getResult(0).replaceAllUsesWith(op.getOperand(0));
      op.erase();
    }
}

/// The lanes that the first process behind a channel reads; those of the channel
/// where there is none.
static int64_t getReadersLanes(Value channel) {
  Operation *reader = *channel.user_begin();
  if (auto process = dyn_cast<ProcessOp>(reader))
    return process.getUnit().getInputLanes(process);
  if (auto fork = dyn_cast<ForkOp>(reader))
    return getReadersLanes(fork.getResult(0));
  return getChannelType(channel).getLanes();
}

/// Makes an operand of `reader` as wide as it wants.
static void resize(OpOperand &operand, int64_t lanes, int64_t interval) {
  OpBuilder builder(operand.getOwner());
  ChannelType from = getChannelType(operand.get());
  auto insert = [&](int64_t to) {
    if (getChannelType(operand.get()).getLanes() != to)
      operand.set(ResizeOp::create(builder, operand.getOwner()->getLoc(), from.withLanes(to), operand.get()));
  };
  int64_t divisor = std::gcd(from.getLanes(), lanes);
  // Narrow items cost the least, if the network has the time for so many; wide ones
  // must not be wider than streams can be.
  ChannelType wide = from.withLanes(std::lcm(from.getLanes(), lanes));
  if (from.getElements() / divisor <= interval || divisor == from.getLanes() || wide.getItemBits() > kMaxItemBits)
    insert(divisor);
  else
    insert(wide.getLanes());
  insert(lanes);
}

void sumac::matchLanes(NetworkOp network) {
  removeBuffers(network);
  Block &block = network.getBody().front();
  for (BlockArgument argument : block.getArguments())
    setLanes(argument, getReadersLanes(argument));
  int64_t interval = 1;
  for (auto process : block.getOps<ProcessOp>()) {
    setLanes(process.getResult(), process.getUnit().getOutputLanes(process));
    interval = std::max(interval, process.getSchedule().steps);
  }
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto fork = dyn_cast<ForkOp>(op)) {
      for (Value result : fork.getResults())
        result.setType(fork.getInput().getType());
    } else if (auto process = dyn_cast<ProcessOp>(op)) {
      int64_t lanes = process.getUnit().getInputLanes(process);
      for (OpOperand &operand : process.getInputsMutable())
        resize(operand, lanes, interval);
    }
  }
}

namespace {
struct StreamMatchLanes : public sumac::impl::StreamMatchLanesBase<StreamMatchLanes> {
  void runOnOperation() override { matchLanes(getOperation()); }
};
} // namespace
