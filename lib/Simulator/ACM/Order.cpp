//===- Order.cpp - What tokens order --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each counter has one unit that gives and one that takes, and both do so in
// program order: the n-th token taken is the n-th given, in every run. So the
// order is that of a marked graph, and one walk through it tells all runs.
//
//===----------------------------------------------------------------------===//

#include "Order.h"

using namespace llvm;
using namespace sumac::acm;

// Channels.
enum : unsigned {
  loadToExecute,
  executeToLoad,
  executeToStore,
  storeToExecute
};

Unit sumac::acm::getGiver(unsigned channel) {
  static const Unit givers[] = {Unit::Load, Unit::Execute, Unit::Execute,
                                Unit::Store};
  return givers[channel];
}

Unit sumac::acm::getTaker(unsigned channel) {
  static const Unit takers[] = {Unit::Execute, Unit::Load, Unit::Store,
                                Unit::Execute};
  return takers[channel];
}

SmallVector<unsigned, 2> sumac::acm::getWaits(const Instruction &instruction) {
  SmallVector<unsigned, 2> channels;
  bool isExecute = instruction.is(Opcode::Execute);
  if (instruction.waitPrevious != 0)
    channels.push_back(isExecute ? loadToExecute : executeToStore);
  if (instruction.waitNext != 0)
    channels.push_back(isExecute ? storeToExecute : executeToLoad);
  return channels;
}

SmallVector<unsigned, 2>
sumac::acm::getSignals(const Instruction &instruction) {
  SmallVector<unsigned, 2> channels;
  bool isExecute = instruction.is(Opcode::Execute);
  if (instruction.signalPrevious != 0)
    channels.push_back(isExecute ? executeToLoad : storeToExecute);
  if (instruction.signalNext != 0)
    channels.push_back(isExecute ? executeToStore : loadToExecute);
  return channels;
}

OrderWalk::OrderWalk(const Program &program) : program(program) {}

void OrderWalk::fetch() {
  while (fetched < program.instructions.size()) {
    const Instruction &instruction = program.instructions[fetched];
    if (instruction.is(Opcode::Finish)) {
      fetched = program.instructions.size();
      return;
    }
    UnitState &state = getState(instruction.getUnit());
    size_t position = state.instructions.size();
    size_t queue = program.machine.queue;
    if (position >= state.begins.size() + queue)
      return;
    // There is room since the instruction that many places before began.
    if (position >= queue)
      fetchClock.join(state.begins[position - queue]);
    state.instructions.push_back(fetched++);
  }
}

bool OrderWalk::canBegin(const UnitState &state) const {
  size_t index = state.begins.size();
  if (index == state.instructions.size())
    return false;
  const Instruction &instruction =
      program.instructions[state.instructions[index]];
  return all_of(getWaits(instruction),
                [&](unsigned channel) { return !channels[channel].empty(); });
}

void OrderWalk::give(unsigned channel, const Token &token, size_t instruction) {
  constexpr uint32_t most = 255;
  channels[channel].push_back(token);
  ++given[channel];
  const UnitState &taker = getState(getTaker(channel));
  // As many are taken for certain as those took that began before.
  uint32_t begun =
      token.bounded.begun[static_cast<unsigned>(getTaker(channel))];
  uint32_t taken = begun == 0 ? 0 : taker.taken[begun - 1][channel];
  if (given[channel] - taken <= most || !overflow.empty())
    return;
  overflow = ("instruction " + Twine(instruction) + ": the tokens from " +
              stringifyUnit(getGiver(channel)) + " to " +
              stringifyUnit(getTaker(channel)) + " can become more than 255")
                 .str();
}

OrderWalk::Event OrderWalk::begin(Unit unit) {
  UnitState &state = getState(unit);
  unsigned number = static_cast<unsigned>(unit);
  uint32_t index = state.begins.size();
  size_t at = state.instructions[index];
  const Instruction &instruction = program.instructions[at];

  Token begin = state.begin;
  begin.bounded.join(fetchClock);
  // Load and store end one instruction before they begin the next.
  if (unit != Unit::Execute) {
    begin.ordered.join(state.end.ordered);
    begin.bounded.join(state.end.bounded);
  }
  for (unsigned channel : getWaits(instruction)) {
    begin.ordered.join(channels[channel].front().ordered);
    begin.bounded.join(channels[channel].front().bounded);
    channels[channel].pop_front();
    ++state.takenNow[channel];
  }
  state.taken.push_back(state.takenNow);
  Event event = {at, unit, index, begin.ordered};

  for (Clock *clock : {&begin.ordered, &begin.bounded})
    clock->begun[number] = index + 1;
  state.begin = begin;
  state.begins.push_back(begin.bounded);
  // They end in order.
  Token end = begin;
  end.ordered.join(state.end.ordered);
  end.bounded.join(state.end.bounded);
  for (Clock *clock : {&end.ordered, &end.bounded})
    clock->ended[number] = index + 1;
  state.end = end;
  for (unsigned channel : getSignals(instruction))
    give(channel, end, at);
  return event;
}

std::optional<OrderWalk::Event> OrderWalk::next() {
  fetch();
  for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store})
    if (canBegin(getState(unit)))
      return begin(unit);
  return std::nullopt;
}

Error OrderWalk::finish() const {
  std::string text;
  for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store}) {
    const UnitState &state = getState(unit);
    if (state.begins.size() == state.instructions.size())
      continue;
    size_t at = state.instructions[state.begins.size()];
    text += (text.empty() ? "" : ", ") + stringifyUnit(unit).str() +
            " waits for a token at instruction " + std::to_string(at);
  }
  if (fetched != program.instructions.size())
    text += ", fetch waits for room at instruction " + std::to_string(fetched);
  if (!text.empty())
    return createStringError("deadlock: " + text);
  if (!overflow.empty())
    return createStringError(overflow);
  return Error::success();
}
