//===- Simulate.cpp - Analysis against simulation -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `stream-simulate`.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/StreamTiming.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"
#include "sumac/Simulator/StreamSimulator.h"

#include <mutex>

namespace sumac {
#define GEN_PASS_DEF_STREAMSIMULATE
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

/// The name of what writes a channel.
static std::string getWriterName(Value channel) {
  if (auto process = channel.getDefiningOp<StreamOpInterface>())
    return process.getProcessName();
  return "input " + std::to_string(cast<BlockArgument>(channel).getArgNumber());
}

/// Every channel passes through one FIFO, so that the simulator can run it.
static LogicalResult checkFIFOs(NetworkOp network) {
  for (Operation &op : network.getBody().front())
    if (!isa<FifoOp>(op))
      for (Value operand : op.getOperands())
        if (!operand.getDefiningOp<FifoOp>())
          return op.emitOpError("reads a channel without a FIFO; run stream-size-fifos first");
  return success();
}

/// What comes of one place less in FIFO number `index`.
static StringRef tryOneLess(NetworkOp network, size_t index, const StreamSimulation &simulation) {
  SmallVector<int64_t> depths;
  for (auto fifo : network.getBody().getOps<FifoOp>())
    depths.push_back(static_cast<int64_t>(fifo.getDepth()));
  --depths[index];
  StreamSimulation other = simulateStream(network, static_cast<int64_t>(simulation.finished.size()), depths);
  return other.isDeadlocked ? "deadlock" : other.finished == simulation.finished ? "the same" : "later";
}

namespace {
struct StreamSimulate : public sumac::impl::StreamSimulateBase<StreamSimulate> {
  using StreamSimulateBase::StreamSimulateBase;

  void runOnOperation() override {
    NetworkOp network = getOperation();
    if (frames < 3) {
      network.emitError("stream-simulate needs 3 frames or more");
      return signalPassFailure();
    }
    if (failed(checkFIFOs(network)))
      return signalPassFailure();
    StreamTiming timing = computeStreamTiming(network);
    StreamSimulation simulation = simulateStream(network, frames);
    if (simulation.isDeadlocked) {
      network.emitError("the network deadlocks");
      return signalPassFailure();
    }
    int64_t interval = simulation.finished[frames - 1] - simulation.finished[frames - 2];
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "network @" << network.getSymName() << "\n"
                 << "  interval: " << timing.interval << " cycles, simulated " << interval << "\n"
                 << "  latency: " << timing.latency << " cycles, simulated " << simulation.finished[0] << "\n";
    for (auto [i, fifo] : llvm::enumerate(network.getBody().getOps<FifoOp>())) {
      os << "  FIFO behind " << getWriterName(fifo.getInput()) << ": depth " << fifo.getDepth() << ", held "
         << simulation.occupancy[i];
      if (oneLess && fifo.getDepth() > 1)
        os << "; one less: " << tryOneLess(network, i, simulation);
      os << "\n";
    }
    // Networks are simulated at the same time, in threads.
    static std::mutex mutex;
    {
      std::lock_guard<std::mutex> lock(mutex);
      llvm::outs() << text;
    }
    bool isLate = false;
    for (auto [frame, cycle] : llvm::enumerate(simulation.finished))
      isLate |= cycle > timing.steadyLatency + static_cast<int64_t>(frame) * timing.interval;
    if (isLate || simulation.finished[0] != timing.latency) {
      network.emitError("simulation and analysis differ");
      signalPassFailure();
    }
  }
};
} // namespace
