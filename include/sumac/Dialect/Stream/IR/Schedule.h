//===- Schedule.h - When a process reads and writes -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The static schedule of a process: what rates, initiation intervals, latencies
// and FIFO depths are computed from.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_SCHEDULE_H
#define SUMAC_DIALECT_STREAM_IR_SCHEDULE_H

#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace sumac::stream {

/// The steps of a frame in which one channel is read or written, an item each:
/// nested loops, the outermost first. Item i = (i_0, i_1, ...) in mixed radix
/// belongs to step first + sum_l i_l * interval_l. Steps rise with items.
struct AccessPattern {
  struct Loop {
    int64_t count, interval;
  };
  int64_t first = 0;
  llvm::SmallVector<Loop, 2> loops;

  /// `count` items, one every `interval` steps.
  static AccessPattern every(int64_t first, int64_t interval, int64_t count) { return {first, {{count, interval}}}; }

  int64_t getNumItems() const {
    int64_t items = 1;
    for (const Loop &loop : loops)
      items *= loop.count;
    return items;
  }
  int64_t getStep(int64_t item) const {
    int64_t step = first;
    for (const Loop &loop : llvm::reverse(loops)) {
      step += item % loop.count * loop.interval;
      item /= loop.count;
    }
    return step;
  }
};

/// One frame of a process. A process makes one step a cycle, in order, frame
/// after frame; it waits in front of a step that reads from an empty FIFO. What
/// a step writes leaves the process `latency` - 1 cycles later at the earliest,
/// up to `latency` items can be on their way.
struct Schedule {
  int64_t steps = 1;   ///< of a frame: its initiation interval in cycles
  int64_t latency = 1; ///< cycles from a step to where its item can be read; >= 1
  llvm::SmallVector<AccessPattern, 2> reads;  ///< one for each operand
  llvm::SmallVector<AccessPattern, 2> writes; ///< one for each result
};

/// What a process takes of a device. Estimates are real numbers so that many
/// small parts add up.
struct Resources {
  double lut = 0;
  double ff = 0;
  double dsp = 0;
  double bram = 0; ///< blocks of 18 Kbit
  double uram = 0; ///< blocks of 288 Kbit

  Resources &operator+=(const Resources &other) {
    lut += other.lut;
    ff += other.ff;
    dsp += other.dsp;
    bram += other.bram;
    uram += other.uram;
    return *this;
  }
};

} // namespace sumac::stream

#endif // SUMAC_DIALECT_STREAM_IR_SCHEDULE_H
