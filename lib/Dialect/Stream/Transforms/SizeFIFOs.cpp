//===- SizeFIFOs.cpp - FIFOs of proven depth -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `stream-size-fifos`.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/StreamTiming.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"

#include "mlir/IR/Builders.h"

namespace sumac {
#define GEN_PASS_DEF_STREAMSIZEFIFOS
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

namespace {
struct StreamSizeFIFOs : public sumac::impl::StreamSizeFIFOsBase<StreamSizeFIFOs> {
  void runOnOperation() override {
    for (FifoOp fifo : llvm::make_early_inc_range(getOperation().getBody().getOps<FifoOp>())) {
      fifo.getResult().replaceAllUsesWith(fifo.getInput());
      fifo.erase();
    }
    OpBuilder builder(&getContext());
    for (auto [channel, depth] : computeStreamTiming(getOperation()).depths) {
      builder.setInsertionPointAfterValue(channel);
      auto fifo = FifoOp::create(builder, channel.getLoc(), channel.getType(), channel, depth);
      channel.replaceAllUsesExcept(fifo.getResult(), fifo);
    }
  }
};
} // namespace
