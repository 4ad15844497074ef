//===- StreamTiming.h - Rates, latency and FIFO depths of a network -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything is computed from the static schedules of StreamOpInterface; FIFOs
// are looked through. docs/rationale/streams.md has the model and the proofs.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_STREAMTIMING_H
#define SUMAC_ANALYSIS_STREAMTIMING_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "llvm/ADT/MapVector.h"

namespace sumac {

/// Timing of a network whose FIFOs have the depths that are computed here.
struct StreamTiming {
  /// Cycles from a frame to the next in steady state: the most steps that a
  /// process, an input or an output needs for a frame.
  int64_t interval = 0;
  /// Cycles from where the first item of a frame can be read at an input of
  /// the idle network to where the last item of the result can be read.
  int64_t latency = 0;
  /// Frame f is complete by cycle steadyLatency + f * interval, whatever came
  /// before it.
  int64_t steadyLatency = 0;
  /// For each channel, by the value that its writer (a process or the network)
  /// gives, items that its FIFO must hold.
  llvm::MapVector<mlir::Value, int64_t> depths;
};

/// Computes the timing. Costs time in proportion to the items of one frame in
/// all channels, times the frames that are in the network at once.
StreamTiming computeStreamTiming(stream::NetworkOp network);

/// Resources of all processes and, for networks with FIFOs, of those.
stream::Resources getResources(stream::NetworkOp network);
/// Resources of one FIFO.
stream::Resources getFIFOResources(stream::ChannelType type, int64_t depth);

} // namespace sumac

#endif // SUMAC_ANALYSIS_STREAMTIMING_H
