//===- ExecuteUnit.cpp - When execute does what ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExecuteUnit.h"

using namespace llvm;
using namespace sumac::acm;

ExecuteUnit::ExecuteUnit(const Program &program)
    : program(program), machine(program.machine),
      geometry(program.machine, Instruction(Opcode::Execute)),
      pending(program.machine.getWords(Memory::Activations)) {}

void ExecuteUnit::begin(size_t number) {
  hasCurrent = true;
  current = number;
  instruction = &program.instructions[number];
  geometry = ExecuteGeometry(machine, *instruction);
  block = image = pass = window = step = 0;
}

//===----------------------------------------------------------------------===//
// Issue
//===----------------------------------------------------------------------===//

bool ExecuteUnit::isPending(int64_t begin, int64_t size) const {
  if (numPending == 0)
    return false;
  for (int64_t word = begin; word < begin + size; ++word)
    if (pending[word] != 0)
      return true;
  return false;
}

bool ExecuteUnit::readsPending() const {
  int64_t line = instruction->input + image * instruction->inputStride;
  if (instruction->getFormat() == Format::Dense)
    return isPending(line * machine.banks + step * geometry.fold,
                     geometry.fold);
  return isPending((line + window) * machine.banks, machine.banks);
}

int64_t ExecuteUnit::getOutput() const {
  return instruction->output + image * instruction->outputStride +
         block * geometry.outputWords;
}

bool ExecuteUnit::writesPending() const {
  return isPending(getOutput(), geometry.outputWords);
}

Activeness ExecuteUnit::findStall() const {
  if (readsPending())
    return Activeness::PendingInput;
  if (window == 0 && step == 0 && isTaken[nextSet])
    return Activeness::AccumulatorsTaken;
  bool isLast = window == instruction->windows - 1 &&
                step == instruction->steps - 1 && isLastPass();
  if (isLast && geometry.writesActivations && writesPending())
    return Activeness::PendingOutput;
  return Activeness::Step;
}

void ExecuteUnit::startSweep() {
  Sweep sweep;
  sweep.instruction = current;
  sweep.set = nextSet;
  isTaken[nextSet] = true;
  nextSet ^= 1;
  sweep.beats = geometry.beats;
  sweep.beatOutputs = geometry.beatOutputs;
  if (isLastPass()) {
    sweep.perBeat = geometry.lastBeats / geometry.beats;
    sweep.clears = geometry.writesActivations;
    sweep.output = getOutput();
    sweep.completes =
        block == instruction->blocks - 1 && image == instruction->images - 1;
  }
  sweeps.push_back(sweep);
}

void ExecuteUnit::endSweep(int64_t cycle) {
  Sweep &sweep = sweeps.back();
  sweep.isIssued = true;
  sweep.ready = cycle + 2;
  if (!sweep.clears)
    return;
  std::fill_n(pending.begin() + sweep.output, geometry.outputWords, 1);
  numPending += geometry.outputWords;
}

/// To the next step, from the innermost loop to the outermost.
void ExecuteUnit::advance() {
  if (++step < instruction->steps)
    return;
  step = 0;
  if (++window < instruction->windows)
    return;
  window = 0;
  if (++pass < instruction->passes)
    return;
  pass = 0;
  if (++image < instruction->images)
    return;
  image = 0;
  hasCurrent = ++block < instruction->blocks;
}

Activeness ExecuteUnit::issue(int64_t cycle) {
  if (!hasCurrent)
    return Activeness::Empty;
  Activeness stall = findStall();
  if (stall != Activeness::Step)
    return stall;
  if (window == 0 && step == 0)
    startSweep();
  if (window == instruction->windows - 1 && step == instruction->steps - 1)
    endSweep(cycle);
  advance();
  return Activeness::Step;
}

//===----------------------------------------------------------------------===//
// Output stage
//===----------------------------------------------------------------------===//

void ExecuteUnit::runO1(int64_t cycle) {
  for (unsigned stage = 3; stage > 0; --stage)
    stages[stage] = stages[stage - 1];
  stages[0] = MicroBeat();
  if (sweeps.empty() || !sweeps.front().isIssued ||
      sweeps.front().ready > cycle)
    return;

  const Sweep &sweep = sweeps.front();
  MicroBeat &entered = stages[0];
  entered.instruction = sweep.instruction;
  int64_t beat = microBeat / sweep.perBeat;
  bool isLastOfBeat = ++microBeat % sweep.perBeat == 0;
  if (sweep.clears && isLastOfBeat) {
    // A beat may be several words, or a part of one.
    int64_t lanes = machine.lanes, outputs = sweep.beatOutputs;
    int64_t before = beat * outputs / lanes;
    entered.firstWord = sweep.output + before;
    entered.words = (beat + 1) * outputs / lanes - before;
  }
  if (microBeat < sweep.beats * sweep.perBeat)
    return;
  entered.completes = sweep.completes;
  isTaken[sweep.set] = false;
  microBeat = 0;
  sweeps.pop_front();
}

std::optional<size_t> ExecuteUnit::runO4() {
  const MicroBeat &leaving = stages[3];
  std::fill_n(pending.begin() + leaving.firstWord, leaving.words, 0);
  numPending -= leaving.words;
  if (!leaving.completes)
    return std::nullopt;
  return leaving.instruction;
}

bool ExecuteUnit::isOnItsWay() const {
  if (!sweeps.empty() && sweeps.front().isIssued)
    return true;
  for (const MicroBeat &stage : stages)
    if (stage.instruction != CycleState::none)
      return true;
  return false;
}

/// O4's micro-beat leaves at the end of its cycle.
bool ExecuteUnit::isIdle() const {
  if (hasCurrent || !sweeps.empty())
    return false;
  for (unsigned stage = 0; stage < 3; ++stage)
    if (stages[stage].instruction != CycleState::none)
      return false;
  return true;
}

void ExecuteUnit::describe(CycleState &state) const {
  state.setsTaken = (isTaken[0] ? 1 : 0) | (isTaken[1] ? 2 : 0);
  state.pendingWords = numPending;
}

std::array<int64_t, 4> ExecuteUnit::getStages() const {
  std::array<int64_t, 4> numbers;
  for (unsigned stage = 0; stage < 4; ++stage)
    numbers[stage] = stages[stage].instruction;
  return numbers;
}
