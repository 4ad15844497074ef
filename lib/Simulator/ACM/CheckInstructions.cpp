//===- CheckInstructions.cpp - Instructions within their machine ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Geometry.h"
#include "sumac/Simulator/ACM/Check.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac::acm;

static Error failField(StringRef field, const Twine &message) {
  return createStringError("'" + field + "' " + message);
}

/// Values fit their bits and are not reserved; fields of other opcodes are 0.
static Error checkFields(const Machine &machine,
                         const Instruction &instruction) {
  for (const Field &field : getFields()) {
    int64_t value = instruction.*field.member;
    bool isOpcode = field.member == &Instruction::opcode;
    if (!isOpcode && !field.isIn(instruction.getOpcode())) {
      if (value != 0)
        return failField(field.name, "is no field of the opcode");
    } else if (value < field.getLow(machine) ||
               value > field.getHigh(machine)) {
      return failField(field.name, "is " + Twine(value) + ", which is not in " +
                                       Twine(field.getLow(machine)) + " ... " +
                                       Twine(field.getHigh(machine)));
    }
  }
  return Error::success();
}

/// Fields of which each thing needs one at least.
static Error checkPositive(const Instruction &instruction,
                           ArrayRef<int64_t Instruction::*> members) {
  for (const Field &field : getFields())
    if (is_contained(members, field.member) && instruction.*field.member < 1)
      return failField(field.name, "must be at least 1");
  return Error::success();
}

static Error checkTokens(const Instruction &instruction) {
  bool isFinish = instruction.is(Opcode::Finish);
  if (isFinish || instruction.is(Opcode::Load)) {
    if (instruction.waitPrevious != 0 || instruction.signalPrevious != 0)
      return createStringError(stringifyOpcode(instruction.getOpcode()) +
                               " has no previous neighbour");
  }
  if (isFinish || instruction.is(Opcode::Store)) {
    if (instruction.waitNext != 0 || instruction.signalNext != 0)
      return createStringError(stringifyOpcode(instruction.getOpcode()) +
                               " has no next neighbour");
  }
  return Error::success();
}

static Error checkTransfer(const Machine &machine,
                           const Instruction &instruction) {
  Memory memory = instruction.getMemory();
  bool isPossible =
      instruction.is(Opcode::Load)
          ? memory != Memory::Results
          : memory == Memory::Activations || memory == Memory::Results;
  if (!isPossible)
    return failField("memory", Twine(stringifyMemory(memory)) +
                                   " is not possible in a " +
                                   stringifyOpcode(instruction.getOpcode()));
  if (Error error =
          checkPositive(instruction, {&Instruction::words, &Instruction::rows}))
    return error;
  if (instruction.dram % machine.dmaBytes != 0)
    return failField("dram", "must be a multiple of dma.bytes");
  if (instruction.dramStride % machine.dmaBytes != 0)
    return failField("dram_stride", "must be a multiple of dma.bytes");
  return Error::success();
}

static Error checkFormat(const Machine &machine,
                         const Instruction &instruction) {
  int64_t fold = int64_t(1) << instruction.fold;
  if (fold > machine.fold)
    return failField("fold", "shares more rows than the machine's fold of " +
                                 Twine(machine.fold));
  if (instruction.getFormat() == Format::Dense) {
    if (instruction.windows != 1)
      return failField("windows", "must be 1 if dense");
    if (instruction.indices != 0)
      return failField("indices", "must be 0 if dense");
  }
  if (instruction.getFormat() != Format::Bitmask) {
    if (instruction.span != 0)
      return failField("span", "must be 0 but with bitmasks");
    return Error::success();
  }
  int64_t words = int64_t(1) << instruction.span;
  if (words > machine.getIndexBits() || words * fold > machine.banks)
    return failField("span", "covers more words than a mask has bits for, or "
                             "than the line has for the groups of rows");
  return Error::success();
}

/// A beat writes bytes of a line that it is aligned to.
static Error checkOutput(const Machine &machine,
                         const Instruction &instruction) {
  ExecuteGeometry geometry(machine, instruction);
  if (!geometry.writesActivations)
    return Error::success();
  int64_t words = std::max<int64_t>(1, geometry.beatOutputs / machine.lanes);
  for (auto [name, value] :
       {std::pair("output", instruction.output),
        std::pair("output_stride", instruction.outputStride)})
    if (value % words != 0)
      return failField(name, "must be a multiple of " + Twine(words) +
                                 ", the words of a beat");
  return Error::success();
}

static Error checkMode(const Instruction &instruction) {
  bool isSteps = instruction.getMode() == Mode::Steps;
  if (!isSteps && instruction.count != 0)
    return failField("count", "must be 0 but in mode steps");
  if (instruction.falls > instruction.count)
    return failField("falls", "must be at most 'count'");
  if (!isSteps && instruction.getMode() != Mode::Codes &&
      instruction.plane != 0)
    return failField("plane", "must be 0 but in modes codes and steps");
  if (instruction.getMode() == Mode::Codes &&
      instruction.low > instruction.high)
    return failField("low", "must be at most 'high'");
  if (instruction.resume == 0 && instruction.getMode() != Mode::Keep)
    return Error::success();
  if (instruction.blocks != 1 || instruction.images != 1)
    return createStringError(
        "'blocks' and 'images' must be 1 with resume or mode keep");
  return Error::success();
}

static Error checkExecute(const Machine &machine,
                          const Instruction &instruction) {
  if (Error error = checkPositive(instruction,
                                  {&Instruction::blocks, &Instruction::images,
                                   &Instruction::passes, &Instruction::windows,
                                   &Instruction::steps}))
    return error;
  if (Error error = checkFormat(machine, instruction))
    return error;
  if (Error error = checkOutput(machine, instruction))
    return error;
  return checkMode(instruction);
}

static Error checkAccesses(const Machine &machine,
                           const Instruction &instruction, int64_t dramBytes) {
  for (const Access &access : getAccesses(machine, instruction)) {
    bool isDram = access.space == dramSpace;
    int64_t size = isDram ? dramBytes : machine.memories[access.space];
    if (access.getEnd() > size)
      return createStringError(
          "it " + Twine(access.isWrite ? "writes" : "reads") + " " +
          stringifySpace(access.space) + " up to " +
          Twine(isDram ? "byte " : "word ") + Twine(access.getEnd() - 1) +
          ", but there are " + Twine(size));
  }
  return Error::success();
}

Error sumac::acm::checkInstruction(const Machine &machine,
                                   const Instruction &instruction,
                                   int64_t dramBytes) {
  if (Error error = checkFields(machine, instruction))
    return error;
  if (Error error = checkTokens(instruction))
    return error;
  if (instruction.is(Opcode::Finish))
    return Error::success();
  Error error = instruction.is(Opcode::Execute)
                    ? checkExecute(machine, instruction)
                    : checkTransfer(machine, instruction);
  if (error)
    return error;
  return checkAccesses(machine, instruction, dramBytes);
}

/// `resume` needs sums that the execute before it left. `kept` is its fold, or
/// nothing; it becomes what this instruction leaves.
static Error checkResume(const Instruction &instruction,
                         std::optional<int64_t> &kept) {
  if (instruction.resume != 0 && kept != instruction.fold)
    return failField("resume",
                     "needs an execute before it with mode keep and this fold");
  kept = std::nullopt;
  if (instruction.getMode() == Mode::Keep)
    kept = instruction.fold;
  return Error::success();
}

Error sumac::acm::checkInstructions(const Program &program, int64_t dramBytes) {
  auto fail = [](size_t number, Error error) {
    return createStringError("instruction " + Twine(number) + ": " +
                             toString(std::move(error)));
  };
  size_t count = program.instructions.size();
  if (count > static_cast<size_t>(program.machine.instructions))
    return createStringError("there are " + Twine(count) +
                             " instructions, but their memory has " +
                             Twine(program.machine.instructions) + " words");
  if (count == 0 || !program.instructions.back().is(Opcode::Finish))
    return createStringError("the last instruction must be finish");
  std::optional<int64_t> kept;
  for (const auto &[number, instruction] : enumerate(program.instructions)) {
    if (Error error = checkInstruction(program.machine, instruction, dramBytes))
      return fail(number, std::move(error));
    if (instruction.is(Opcode::Finish) && number + 1 != count)
      return fail(number,
                  createStringError("there are instructions behind finish"));
    if (!instruction.is(Opcode::Execute))
      continue;
    if (Error error = checkResume(instruction, kept))
      return fail(number, std::move(error));
  }
  return Error::success();
}

Error sumac::acm::check(const Container &container,
                        const OrderOptions &options) {
  if (Error error = checkInstructions(container.program, container.entry.dram))
    return error;
  if (Error error = checkOrder(container.program, options))
    return error;
  if (container.entry.repeat == 0)
    return Error::success();
  auto fail = [&](Error error) {
    return createStringError("runs from instruction " +
                             Twine(container.entry.repeat) +
                             " on, counted from there: " +
                             toString(std::move(error)));
  };
  Program repeated = container.getRepeated();
  if (Error error = checkInstructions(repeated, container.entry.dram))
    return fail(std::move(error));
  if (Error error = checkOrder(repeated, options))
    return fail(std::move(error));
  return Error::success();
}
