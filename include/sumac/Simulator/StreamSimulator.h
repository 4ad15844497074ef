//===- StreamSimulator.h - A network of processes, cycle by cycle -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a network with its FIFOs: every process as soon as it can, in the cycles
// that hardware takes. What items hold does not change when they move, so items
// are counted; their values are what the interpreter says.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_STREAMSIMULATOR_H
#define SUMAC_SIMULATOR_STREAMSIMULATOR_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"

namespace sumac {

struct StreamSimulation {
  /// For each frame the cycle at which the last item of its results can be read.
  std::vector<int64_t> finished;
  /// Whether nothing could move before all frames were done.
  bool isDeadlocked = false;
  /// For each FIFO, in the network's order, the most items it held.
  std::vector<int64_t> occupancy;
};

/// Sends `frames` frames through the network, as fast as it takes them. Every
/// channel must pass through a FIFO. `depths` replaces the depths of FIFOs, in
/// the network's order, where it is not empty. Time is in proportion to cycles
/// and processes.
StreamSimulation simulateStream(stream::NetworkOp network, int64_t frames, llvm::ArrayRef<int64_t> depths = {});

} // namespace sumac

#endif // SUMAC_SIMULATOR_STREAMSIMULATOR_H
