//===- Geometry.cpp - What instructions go over ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Geometry.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;
using namespace sumac::acm;

/// Products and sums of numbers that are not negative; what leaves 63 bits is
/// 2^63 - 1, so that it fails every comparison with a size.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return MulOverflow(a, b, product) ? INT64_MAX : product;
}

static int64_t add(int64_t a, int64_t b) {
  int64_t sum;
  return AddOverflow(a, b, sum) ? INT64_MAX : sum;
}

ExecuteGeometry::ExecuteGeometry(const Machine &machine,
                                 const Instruction &instruction) {
  // Folds that the machine has not are refused later; nothing may become 0.
  fold = int64_t(1) << instruction.fold;
  outputs = std::max<int64_t>(1, machine.rows / fold);
  beatOutputs = std::min(machine.outputs, outputs);
  beats = outputs / beatOutputs;
  sweepSteps = instruction.windows * instruction.steps;
  blockWords = multiply(sweepSteps, instruction.passes);
  codeWords = multiply(blockWords, instruction.blocks);
  int64_t thresholds =
      instruction.getMode() == Mode::Steps ? instruction.count : 0;
  parameters = beats * (instruction.passes + thresholds);
  lastBeats = beats * (1 + thresholds);
  writesActivations = instruction.getMode() == Mode::Codes ||
                      instruction.getMode() == Mode::Steps;
  if (writesActivations)
    outputWords = std::max<int64_t>(1, outputs / machine.lanes);
  else if (instruction.getMode() == Mode::Sums)
    resultWords = static_cast<int64_t>(divideCeil(
        multiply(outputs, instruction.blocks), machine.outputs));
}

StringRef sumac::acm::stringifySpace(unsigned space) {
  return space == dramSpace ? "DRAM"
                            : stringifyMemory(static_cast<Memory>(space));
}

int64_t Access::getEnd() const {
  return add(add(begin, multiply(rows - 1, stride)), size);
}

static void addTransfer(const Machine &machine, const Instruction &instruction,
                        SmallVectorImpl<Access> &accesses) {
  int64_t pitch = machine.getPitch(instruction.getMemory());
  bool isLoad = instruction.is(Opcode::Load);
  accesses.push_back({static_cast<unsigned>(instruction.memory), isLoad,
                      instruction.address, instruction.words, instruction.rows,
                      instruction.stride});
  accesses.push_back({dramSpace, !isLoad, instruction.dram,
                      multiply(instruction.words, pitch), instruction.rows,
                      instruction.dramStride});
}

static void addExecute(const Machine &machine, const Instruction &instruction,
                       SmallVectorImpl<Access> &accesses) {
  ExecuteGeometry geometry(machine, instruction);
  auto addRows = [&](Memory memory, bool isWrite, int64_t begin, int64_t size,
                     int64_t rows = 1, int64_t stride = 0) {
    accesses.push_back(
        {static_cast<unsigned>(memory), isWrite, begin, size, rows, stride});
  };
  bool isDense = instruction.getFormat() == Format::Dense;
  int64_t banks = machine.banks, images = instruction.images;
  addRows(Memory::Codes, false, instruction.codes, geometry.codeWords);
  if (!isDense)
    addRows(Memory::Indices, false, instruction.indices, geometry.codeWords);
  addRows(Memory::Parameters, false, instruction.parameters,
          multiply(geometry.parameters, instruction.blocks));
  addRows(Memory::Activations, false, instruction.input * banks,
          isDense ? instruction.steps * geometry.fold
                  : instruction.windows * banks,
          images, instruction.inputStride * banks);
  if (geometry.writesActivations)
    addRows(Memory::Activations, true, instruction.output,
            geometry.outputWords * instruction.blocks, images,
            instruction.outputStride);
  else if (instruction.getMode() == Mode::Sums)
    addRows(Memory::Results, true, instruction.output, geometry.resultWords,
            images, instruction.outputStride);
}

SmallVector<Access, 4> sumac::acm::getAccesses(const Machine &machine,
                                               const Instruction &instruction) {
  SmallVector<Access, 4> accesses;
  if (instruction.is(Opcode::Execute))
    addExecute(machine, instruction, accesses);
  else if (!instruction.is(Opcode::Finish))
    addTransfer(machine, instruction, accesses);
  return accesses;
}

//===----------------------------------------------------------------------===//
// Activity
//===----------------------------------------------------------------------===//

static constexpr unsigned indexOf(Memory memory) {
  return static_cast<unsigned>(memory);
}

Activity &Activity::operator+=(const Activity &other) {
  for (unsigned i = 0; i < numMemories; ++i) {
    reads[i] = add(reads[i], other.reads[i]);
    writes[i] = add(writes[i], other.writes[i]);
  }
  for (int64_t Activity::*member :
       {&Activity::dramBytesRead, &Activity::dramBytesWritten, &Activity::steps,
        &Activity::denseSlots, &Activity::sums, &Activity::outputs,
        &Activity::comparisons})
    this->*member = add(this->*member, other.*member);
  return *this;
}

/// Elements that a row's weights of a sweep stand for.
static int64_t getCoveredElements(const Machine &machine,
                                  const Instruction &instruction) {
  int64_t fold = int64_t(1) << instruction.fold;
  switch (instruction.getFormat()) {
  case Format::Dense:
    break;
  case Format::Bitmask:
    return instruction.windows *
           std::min((instruction.steps * machine.lanes) << instruction.span,
                    machine.getLineElements() / fold);
  case Format::CSR:
    return instruction.windows * (machine.getLineElements() / fold);
  }
  return instruction.steps * machine.lanes;
}

static Activity getTransferActivity(const Machine &machine,
                                    const Instruction &instruction) {
  Activity activity;
  int64_t words = instruction.rows * instruction.words;
  int64_t bytes = words * machine.getPitch(instruction.getMemory());
  if (instruction.is(Opcode::Load)) {
    activity.writes[instruction.memory] = words;
    activity.dramBytesRead = bytes;
  } else {
    activity.reads[instruction.memory] = words;
    activity.dramBytesWritten = bytes;
  }
  return activity;
}

static Activity getExecuteActivity(const Machine &machine,
                                   const Instruction &instruction) {
  Activity activity;
  ExecuteGeometry geometry(machine, instruction);
  bool isDense = instruction.getFormat() == Format::Dense;
  int64_t vectors = instruction.blocks * instruction.images;
  int64_t sweeps = vectors * instruction.passes;
  activity.steps = sweeps * geometry.sweepSteps;
  activity.denseSlots =
      sweeps * machine.rows * getCoveredElements(machine, instruction);
  activity.reads[indexOf(Memory::Codes)] = activity.steps;
  if (!isDense)
    activity.reads[indexOf(Memory::Indices)] = activity.steps;
  activity.reads[indexOf(Memory::Activations)] =
      activity.steps * (isDense ? geometry.fold : machine.banks);
  activity.reads[indexOf(Memory::Parameters)] = vectors * geometry.parameters;
  activity.sums = sweeps * geometry.outputs;
  if (instruction.getMode() == Mode::Keep)
    return activity;
  activity.outputs = vectors * geometry.outputs;
  // A beat that is less than a word writes a part of it: a write.
  if (geometry.writesActivations)
    activity.writes[indexOf(Memory::Activations)] =
        vectors * std::max(geometry.beats, geometry.outputWords);
  else
    activity.writes[indexOf(Memory::Results)] = vectors * geometry.beats;
  if (instruction.getMode() == Mode::Steps)
    activity.comparisons = activity.outputs * instruction.count;
  return activity;
}

Activity sumac::acm::getActivity(const Machine &machine,
                                 const Instruction &instruction) {
  if (instruction.is(Opcode::Finish))
    return {};
  return instruction.is(Opcode::Execute)
             ? getExecuteActivity(machine, instruction)
             : getTransferActivity(machine, instruction);
}

Activity sumac::acm::getActivity(const Program &program) {
  Activity all;
  for (const Instruction &instruction : program.instructions)
    all += getActivity(program.machine, instruction);
  return all;
}
