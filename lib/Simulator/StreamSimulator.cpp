//===- StreamSimulator.cpp - A network of processes, cycle by cycle -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/StreamSimulator.h"

#include "llvm/ADT/DenseMap.h"

#include <deque>
#include <map>

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

namespace {

/// A FIFO counts items: what it held when the cycle began, and what came and went
/// since.
struct Fifo {
  int64_t depth = 1;
  int64_t held = 0, pushed = 0, popped = 0, most = 0;

  bool canPop() const { return held > 0; }
  bool canPush() const { return held < depth; }
  /// Ends the cycle; whether anything moved.
  bool tick() {
    bool moved = pushed != 0 || popped != 0;
    held += pushed - popped;
    most = std::max(most, held);
    pushed = popped = 0;
    return moved;
  }
};

/// A step that reads or writes, and the FIFOs that it does.
struct ActiveStep {
  int64_t step = 0;
  SmallVector<Fifo *, 2> reads, writes;
};

/// A process with the items on their way through it.
class Process {
public:
  Process(const Schedule &schedule, ArrayRef<Fifo *> inputs, ArrayRef<Fifo *> outputs);

  /// Makes a step and lets an item out, if that is possible; whether anything
  /// moved.
  bool run(int64_t cycle);

private:
  bool fire(int64_t cycle);
  bool canLeave(int64_t cycle) const {
    return !onTheirWay.empty() && onTheirWay.front().first <= cycle &&
           llvm::all_of(*onTheirWay.front().second, [](Fifo *fifo) { return fifo->canPush(); });
  }

  int64_t steps, latency;
  std::vector<ActiveStep> active; ///< in order
  int64_t step = 0;
  size_t next = 0; ///< the active step at or behind `step`
  /// When items may leave, and to where.
  std::deque<std::pair<int64_t, const SmallVector<Fifo *, 2> *>> onTheirWay;
};

} // namespace

Process::Process(const Schedule &schedule, ArrayRef<Fifo *> inputs, ArrayRef<Fifo *> outputs)
    : steps(schedule.steps), latency(schedule.latency) {
  std::map<int64_t, ActiveStep> byStep;
  auto add = [&](ArrayRef<AccessPattern> patterns, ArrayRef<Fifo *> fifos, auto member) {
    for (auto [pattern, fifo] : llvm::zip(patterns, fifos))
      for (int64_t item = 0, items = pattern.getNumItems(); item < items; ++item)
        (byStep[pattern.getStep(item)].*member).push_back(fifo);
  };
  add(schedule.reads, inputs, &ActiveStep::reads);
  add(schedule.writes, outputs, &ActiveStep::writes);
  for (auto &[number, access] : byStep) {
    access.step = number;
    active.push_back(std::move(access));
  }
}

bool Process::fire(int64_t cycle) {
  if (next < active.size() && active[next].step == step) {
    const ActiveStep &access = active[next];
    if (!llvm::all_of(access.reads, [](Fifo *fifo) { return fifo->canPop(); }))
      return false;
    if (!access.writes.empty()) {
      bool hasRoom = static_cast<int64_t>(onTheirWay.size()) < latency || canLeave(cycle);
      if (!hasRoom)
        return false;
      onTheirWay.emplace_back(cycle + latency - 1, &access.writes);
    }
    for (Fifo *fifo : access.reads)
      ++fifo->popped;
    ++next;
  }
  if (++step == steps) {
    step = 0;
    next = 0;
  }
  return true;
}

bool Process::run(int64_t cycle) {
  bool fired = fire(cycle);
  if (!canLeave(cycle))
    // An item that is still on its way moves, too.
    return fired || (!onTheirWay.empty() && onTheirWay.front().first > cycle);
  for (Fifo *fifo : *onTheirWay.front().second)
    ++fifo->pushed;
  onTheirWay.pop_front();
  return true;
}

namespace {

/// The network: its FIFOs, its processes and what surrounds it.
class Simulator {
public:
  Simulator(NetworkOp network, int64_t frames, ArrayRef<int64_t> depths);
  StreamSimulation run();

private:
  struct Port {
    Fifo *fifo;
    int64_t items; ///< of a frame
    int64_t moved = 0;
  };
  bool runPorts(int64_t cycle, StreamSimulation &result);

  int64_t frames;
  std::deque<Fifo> fifos; ///< addresses stay
  std::vector<Process> processes;
  std::vector<Port> sources, sinks;
};

} // namespace

Simulator::Simulator(NetworkOp network, int64_t frames, ArrayRef<int64_t> depths) : frames(frames) {
  DenseMap<Value, Fifo *> written, read;
  for (auto op : network.getBody().getOps<FifoOp>()) {
    Fifo &fifo = fifos.emplace_back();
    fifo.depth = depths.empty() ? static_cast<int64_t>(op.getDepth()) : depths[fifos.size() - 1];
    written[op.getInput()] = read[op.getResult()] = &fifo;
  }
  auto getAll = [](DenseMap<Value, Fifo *> &map, ValueRange values) {
    return llvm::map_to_vector(values, [&](Value value) { return map.lookup(value); });
  };
  for (auto process : network.getBody().getOps<StreamOpInterface>())
    processes.emplace_back(process.getSchedule(), getAll(read, process->getOperands()),
                           getAll(written, process->getResults()));
  for (BlockArgument argument : network.getBody().getArguments())
    sources.push_back({written.lookup(argument), getChannelType(argument).getItems()});
  for (Value channel : network.getOutput().getChannels())
    sinks.push_back({read.lookup(channel), getChannelType(channel).getItems()});
}

bool Simulator::runPorts(int64_t cycle, StreamSimulation &result) {
  bool moved = false;
  for (Port &source : sources)
    if (source.moved < source.items * frames && source.fifo->canPush()) {
      ++source.fifo->pushed;
      ++source.moved;
      moved = true;
    }
  for (Port &sink : sinks)
    if (sink.fifo->canPop()) {
      ++sink.fifo->popped;
      moved = true;
      if (++sink.moved % sink.items == 0) {
        int64_t &finished = result.finished[sink.moved / sink.items - 1];
        finished = std::max(finished, cycle);
      }
    }
  return moved;
}

StreamSimulation Simulator::run() {
  StreamSimulation result;
  result.finished.assign(frames, 0);
  auto isDone = [&](const Port &sink) { return sink.moved == sink.items * frames; };
  // The first items are written in cycle -1, so that they can be read in cycle 0.
  for (int64_t cycle = -1; !llvm::all_of(sinks, isDone); ++cycle) {
    bool moved = runPorts(cycle, result);
    if (cycle >= 0)
      for (Process &process : processes)
        moved |= process.run(cycle);
    for (Fifo &fifo : fifos)
      moved |= fifo.tick();
    if (!moved) {
      result.isDeadlocked = true;
      break;
    }
  }
  for (const Fifo &fifo : fifos)
    result.occupancy.push_back(fifo.most);
  return result;
}

StreamSimulation sumac::simulateStream(NetworkOp network, int64_t frames, ArrayRef<int64_t> depths) {
  return Simulator(network, frames, depths).run();
}
