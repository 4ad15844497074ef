//===- StreamTiming.cpp - Rates, latency and FIFO depths of a network -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/StreamTiming.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

/// The value in front of a FIFO.
static Value getWritten(Value channel) {
  if (auto fifo = channel.getDefiningOp<FifoOp>())
    return fifo.getInput();
  return channel;
}

static int64_t getItems(Value channel) { return getChannelType(channel).getItems(); }

namespace {

/// Cycles of one frame at which the items of a channel can be read first, and at
/// which they are read.
struct ChannelTimes {
  std::vector<int64_t> available, read;
};

/// One frame through the network: every process as early as it can, or as late
/// as the next frame, `interval` cycles later, wants it.
class FrameTimes {
public:
  /// Without an interval there is no next frame.
  FrameTimes(NetworkOp network, std::optional<int64_t> interval);

  /// Moves every process and input as late as its readers allow, so that items do
  /// not wait longer than they must.
  void delay();

  const ChannelTimes &get(Value written) const { return channels.find(written)->second; }
  int64_t getLatency() const { return latency; }

private:
  void visit(StreamOpInterface process);

  NetworkOp network;
  std::optional<int64_t> interval;
  int64_t latency = 0;
  DenseMap<Value, ChannelTimes> channels;
};

/// Steps of a process that read or write, in order.
struct Access {
  int64_t step;
  unsigned port;
  bool isWrite;
  int64_t item;
};

} // namespace

static std::vector<Access> getAccesses(const Schedule &schedule) {
  std::vector<Access> accesses;
  auto add = [&](ArrayRef<AccessPattern> patterns, bool isWrite) {
    for (auto [port, pattern] : llvm::enumerate(patterns))
      for (int64_t item = 0, items = pattern.getNumItems(); item < items; ++item)
        accesses.push_back({pattern.getStep(item), static_cast<unsigned>(port), isWrite, item});
  };
  add(schedule.reads, false);
  add(schedule.writes, true);
  // Reads of a step come before its writes.
  llvm::sort(accesses, [](const Access &a, const Access &b) {
    return std::tie(a.step, a.isWrite, a.port) < std::tie(b.step, b.isWrite, b.port);
  });
  return accesses;
}

void FrameTimes::visit(StreamOpInterface process) {
  Schedule schedule = process.getSchedule();
  std::vector<Access> accesses = getAccesses(schedule);
  SmallVector<ChannelTimes *> inputs;
  for (Value operand : process->getOperands())
    inputs.push_back(&channels[getWritten(operand)]);

  // As early as can be: `delay` is by how much steps are later than their number.
  int64_t delay = 0;
  std::vector<int64_t> cycles(accesses.size());
  for (size_t begin = 0, end = 0; begin < accesses.size(); begin = end) {
    // A step waits for all items that it reads, and reads them at once.
    int64_t step = accesses[begin].step;
    for (; end < accesses.size() && accesses[end].step == step; ++end)
      if (const Access &access = accesses[end]; !access.isWrite)
        delay = std::max(delay, inputs[access.port]->available[access.item] - step);
    for (size_t i = begin; i < end; ++i)
      cycles[i] = step + delay;
  }
  // The first step must not come before the last of the frame before.
  if (interval) {
    int64_t first = schedule.steps + delay - *interval;
    for (auto [access, cycle] : llvm::zip(accesses, cycles))
      cycle = std::max(cycle, first + access.step);
  }

  SmallVector<ChannelTimes> outputs(schedule.writes.size());
  for (auto [access, cycle] : llvm::zip(accesses, cycles)) {
    if (access.isWrite)
      outputs[access.port].available.push_back(cycle + schedule.latency);
    else
      inputs[access.port]->read.push_back(cycle);
  }
  for (auto [result, times] : llvm::zip(process->getResults(), outputs))
    channels[result] = std::move(times);
}

FrameTimes::FrameTimes(NetworkOp network, std::optional<int64_t> interval) : network(network), interval(interval) {
  Block &block = network.getBody().front();
  for (BlockArgument argument : block.getArguments()) {
    std::vector<int64_t> &available = channels[argument].available;
    for (int64_t item = 0; item < getItems(argument); ++item)
      available.push_back(item);
  }
  for (auto process : block.getOps<StreamOpInterface>())
    visit(process);
  for (Value channel : network.getOutput().getChannels()) {
    ChannelTimes &times = channels[getWritten(channel)];
    times.read = times.available;
    latency = std::max(latency, times.available.back());
  }
}

void FrameTimes::delay() {
  Block &block = network.getBody().front();
  SmallVector<StreamOpInterface> processes(block.getOps<StreamOpInterface>());
  for (StreamOpInterface process : llvm::reverse(processes)) {
    int64_t slack = INT64_MAX;
    for (Value result : process->getResults()) {
      const ChannelTimes &times = channels[result];
      for (auto [available, read] : llvm::zip(times.available, times.read))
        slack = std::min(slack, read - available);
    }
    for (Value result : process->getResults())
      for (int64_t &cycle : channels[result].available)
        cycle += slack;
    for (Value operand : process->getOperands())
      for (int64_t &cycle : channels[getWritten(operand)].read)
        cycle += slack;
  }
  // Who writes an input writes each item when it is wanted.
  for (BlockArgument argument : block.getArguments())
    channels[argument].available = channels[argument].read;
}

/// Items that a FIFO must hold when frames come every `interval` cycles, or for
/// one frame. An item is written the cycle before it can be read; then the FIFO
/// must not be full of items that are not read before that cycle.
static int64_t computeDepth(const ChannelTimes &times, std::optional<int64_t> interval) {
  ArrayRef<int64_t> available = times.available, read = times.read;
  auto items = static_cast<int64_t>(available.size());
  int64_t frames = 1;
  if (interval)
    frames += llvm::divideCeil(std::max<int64_t>(0, read.back() - available.front() + 1), *interval);
  int64_t depth = 1, popped = 0;
  auto at = [&](ArrayRef<int64_t> cycles, int64_t index) {
    return cycles[index % items] + (index / items) * interval.value_or(0);
  };
  for (int64_t pushed = 0; pushed < frames * items; ++pushed) {
    int64_t cycle = at(available, pushed) - 1;
    while (popped < pushed && at(read, popped) < cycle)
      ++popped;
    depth = std::max(depth, pushed - popped + 1);
  }
  return depth;
}

StreamTiming sumac::computeStreamTiming(NetworkOp network) {
  StreamTiming timing;
  Block &block = network.getBody().front();
  auto need = [&](int64_t cycles) { timing.interval = std::max(timing.interval, cycles); };
  for (BlockArgument argument : block.getArguments())
    need(getItems(argument));
  for (auto process : block.getOps<StreamOpInterface>())
    need(process.getSchedule().steps);

  FrameTimes first(network, std::nullopt), steady(network, timing.interval);
  steady.delay();
  timing.latency = first.getLatency();
  timing.steadyLatency = steady.getLatency();
  auto size = [&](Value written) {
    timing.depths[written] = std::max(computeDepth(first.get(written), std::nullopt),
                                      computeDepth(steady.get(written), timing.interval));
  };
  // Who writes an input waits where it must; two places let it go on.
  for (BlockArgument argument : block.getArguments())
    timing.depths[argument] = 2;
  for (auto process : block.getOps<StreamOpInterface>())
    for (Value result : process->getResults())
      size(result);
  return timing;
}

//===----------------------------------------------------------------------===//
// Resources
//===----------------------------------------------------------------------===//

Resources sumac::getFIFOResources(ChannelType type, int64_t depth) {
  Resources resources;
  auto bits = static_cast<double>(type.getItemBits());
  // Shift registers of 32 bits a LUT, and counters; block memory from where
  // these would take more than some hundred LUTs.
  double shiftRegisters = bits * static_cast<double>(llvm::divideCeil(depth, 32));
  auto counter = static_cast<double>(llvm::Log2_64_Ceil(static_cast<uint64_t>(depth) + 1));
  resources.lut = 6 + counter;
  resources.ff = bits + counter + 2;
  if (depth <= 2)
    resources.ff += bits;
  else if (depth <= 64 || shiftRegisters <= 512)
    resources.lut += shiftRegisters;
  else
    resources.bram = static_cast<double>(llvm::divideCeil(depth, 512) * llvm::divideCeil(type.getItemBits(), 36));
  return resources;
}

Resources sumac::getResources(NetworkOp network) {
  Resources resources;
  for (Operation &op : network.getBody().front()) {
    if (auto process = dyn_cast<StreamOpInterface>(op))
      resources += process.getResources();
    else if (auto fifo = dyn_cast<FifoOp>(op))
      resources += getFIFOResources(fifo.getType(), static_cast<int64_t>(fifo.getDepth()));
  }
  return resources;
}
