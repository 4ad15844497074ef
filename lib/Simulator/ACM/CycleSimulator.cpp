//===- CycleSimulator.cpp - Programs cycle by cycle -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every cycle, units look at the state as it was when the cycle began; what
// they change is applied at its end. Nothing is skipped: a cycle costs some ten
// nanoseconds.
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/CycleSimulator.h"

#include "ExecuteUnit.h"
#include "Order.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace sumac::acm;

namespace {

/// A unit's queue of instructions' numbers.
struct Queue {
  std::deque<size_t> numbers;
  /// As it was when the cycle began.
  size_t size = 0;
};

/// Load or store.
struct TransferUnit {
  int64_t current = CycleState::none;
  int64_t last = 0; ///< its last cycle

  bool isBusy() const { return current != CycleState::none; }
};

class Simulator {
public:
  Simulator(const Program &program, const CycleOptions &options);
  Expected<CycleReport> run();

private:
  bool hasEnded() const;
  void runTransfer(Unit unit, TransferUnit &transfer, TransferCycles &cycles);
  void runExecute();
  void runFetch();
  Error endCycle();
  CycleState describe() const;

  /// The first instruction of a queue, as it was when the cycle began.
  std::optional<size_t> getFirst(Unit unit) const;
  bool hasTokens(size_t number) const;
  /// Takes the first instruction of a queue and its tokens.
  size_t take(Unit unit);
  void complete(size_t number);
  Error failDeadlock() const;

  Queue &getQueue(Unit unit) { return queues[static_cast<unsigned>(unit)]; }
  const Queue &getQueue(Unit unit) const {
    return queues[static_cast<unsigned>(unit)];
  }

  const Program &program;
  const CycleOptions &options;
  CycleReport report;
  int64_t cycle = 0;
  /// Whether anything happened in this cycle that can lead to something.
  bool hasMoved = false;

  size_t fetched = 0;
  bool hasFetchEnded = false;
  std::array<Queue, numUnits> queues;
  std::array<int, numChannels> tokens = {}, changes = {};
  TransferUnit load, store;
  ExecuteUnit execute;
  Activeness activeness = Activeness::Empty;
};

} // namespace

Simulator::Simulator(const Program &program, const CycleOptions &options)
    : program(program), options(options), execute(program) {
  report.instructions.resize(program.instructions.size());
}

std::optional<size_t> Simulator::getFirst(Unit unit) const {
  const Queue &queue = getQueue(unit);
  if (queue.size == 0)
    return std::nullopt;
  return queue.numbers.front();
}

bool Simulator::hasTokens(size_t number) const {
  return all_of(getWaits(program.instructions[number]),
                [&](unsigned channel) { return tokens[channel] > 0; });
}

size_t Simulator::take(Unit unit) {
  size_t number = getQueue(unit).numbers.front();
  getQueue(unit).numbers.pop_front();
  for (unsigned channel : getWaits(program.instructions[number]))
    --changes[channel];
  report.instructions[number].begun = cycle;
  hasMoved = true;
  return number;
}

void Simulator::complete(size_t number) {
  for (unsigned channel : getSignals(program.instructions[number]))
    ++changes[channel];
  report.instructions[number].completed = cycle;
}

void Simulator::runTransfer(Unit unit, TransferUnit &transfer,
                            TransferCycles &cycles) {
  if (transfer.isBusy()) {
    ++cycles.busy;
    hasMoved = true;
    if (cycle == transfer.last) {
      complete(transfer.current);
      transfer.current = CycleState::none;
    }
    return;
  }
  std::optional<size_t> first = getFirst(unit);
  if (!first || hasTokens(*first))
    ++cycles.empty;
  else
    ++cycles.wait;
  if (!first || !hasTokens(*first))
    return;
  size_t number = take(unit);
  const Machine &machine = program.machine;
  const Instruction &instruction = program.instructions[number];
  int64_t transfers =
      instruction.rows * instruction.words *
      (machine.getPitch(instruction.getMemory()) / machine.dmaBytes);
  transfer.current = number;
  transfer.last = cycle + machine.dmaLatency + transfers;
}

void Simulator::runExecute() {
  bool isOnItsWay = execute.isOnItsWay();
  // O1 frees accumulators for a step of this cycle, O4 marks of words at its
  // end.
  execute.runO1(cycle);
  bool isIdle = !execute.isIssuing();
  activeness = execute.issue(cycle);
  if (std::optional<size_t> number = execute.runO4())
    complete(*number);
  if (isOnItsWay || activeness == Activeness::Step)
    hasMoved = true;
  if (!execute.isIssuing()) {
    std::optional<size_t> first = getFirst(Unit::Execute);
    bool isReady = first && hasTokens(*first);
    if (isIdle && first) {
      const Instruction &instruction = program.instructions[*first];
      bool isForLoad = instruction.waitPrevious != 0 && tokens[0] == 0;
      activeness = isReady     ? Activeness::Begin
                   : isForLoad ? Activeness::WaitPrevious
                               : Activeness::WaitNext;
    }
    if (isReady)
      execute.begin(take(Unit::Execute));
  }
  ++report.execute[static_cast<unsigned>(activeness)];
}

void Simulator::runFetch() {
  if (hasFetchEnded)
    return;
  const Instruction &instruction = program.instructions[fetched];
  if (instruction.is(Opcode::Finish)) {
    report.instructions[fetched] = {cycle, cycle, cycle};
    hasFetchEnded = hasMoved = true;
    return;
  }
  Queue &queue = getQueue(instruction.getUnit());
  if (queue.size >= static_cast<size_t>(program.machine.queue)) {
    ++report.fetchStalls;
    return;
  }
  report.instructions[fetched].fetched = cycle;
  queue.numbers.push_back(fetched++);
  hasMoved = true;
}

Error Simulator::endCycle() {
  for (unsigned channel = 0; channel < numChannels; ++channel) {
    tokens[channel] += changes[channel];
    changes[channel] = 0;
    if (tokens[channel] > 255)
      return createStringError("cycle " + Twine(cycle) + ": the tokens from " +
                               stringifyUnit(getGiver(channel)) + " to " +
                               stringifyUnit(getTaker(channel)) +
                               " become more than 255");
  }
  for (Queue &queue : queues)
    queue.size = queue.numbers.size();
  return Error::success();
}

bool Simulator::hasEnded() const {
  return hasFetchEnded && !load.isBusy() && !store.isBusy() &&
         execute.isIdle() &&
         all_of(queues, [](const Queue &queue) { return queue.size == 0; });
}

Error Simulator::failDeadlock() const {
  std::string text;
  for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store})
    if (std::optional<size_t> first = getFirst(unit))
      text += (text.empty() ? "" : ", ") + stringifyUnit(unit).str() +
              " waits for a token at instruction " + std::to_string(*first);
  if (!hasFetchEnded)
    text += ", fetch waits for room at instruction " + std::to_string(fetched);
  return createStringError("deadlock in cycle " + Twine(cycle) + ": " + text);
}

/// The state as it is before units run.
CycleState Simulator::describe() const {
  CycleState state;
  state.cycle = cycle;
  for (unsigned unit = 0; unit < numUnits; ++unit)
    state.queued[unit] = queues[unit].size;
  for (unsigned channel = 0; channel < numChannels; ++channel)
    state.tokens[channel] = tokens[channel];
  state.current = {load.current, execute.getCurrent(), store.current};
  execute.describe(state);
  return state;
}

Expected<CycleReport> Simulator::run() {
  CycleState state;
  for (; !hasEnded(); ++cycle) {
    if (cycle >= options.maxCycles)
      return createStringError("the program takes more than " +
                               Twine(options.maxCycles) + " cycles");
    if (options.observer)
      state = describe();
    hasMoved = false;
    runTransfer(Unit::Load, load, report.load);
    runExecute();
    runTransfer(Unit::Store, store, report.store);
    runFetch();
    if (options.observer) {
      state.execute = activeness;
      state.stages = execute.getStages();
      options.observer->observe(state);
    }
    if (!hasMoved)
      return failDeadlock();
    if (Error error = endCycle())
      return std::move(error);
  }
  report.cycles = cycle;
  report.activity = getActivity(program);
  return std::move(report);
}

Expected<CycleReport> sumac::acm::simulateCycles(const Program &program,
                                                 const CycleOptions &options) {
  return Simulator(program, options).run();
}
