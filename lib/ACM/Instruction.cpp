//===- Instruction.cpp - Instructions of the core -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Instruction.h"

#include "sumac/Support/BitStream.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;
using namespace sumac;
using namespace sumac::acm;

static constexpr StringRef opcodeNames[numOpcodes] = {"finish", "load", "store",
                                                      "execute"};
static constexpr StringRef memoryValues[] = {"codes", "indices", "activations",
                                             "parameters", "results"};
static constexpr StringRef formatValues[] = {"dense", "bitmask", "csr"};
static constexpr StringRef modeValues[] = {"keep", "codes", "steps", "sums"};

// Bits of `Field::opcodes`.
static constexpr unsigned every = 0b1111, transfer = 0b0110, execute = 0b1000;

static constexpr Field fields[] = {
    {"opcode", &Instruction::opcode, 3, every, false, opcodeNames},
    {"wait_previous", &Instruction::waitPrevious, 1, every},
    {"wait_next", &Instruction::waitNext, 1, every},
    {"signal_previous", &Instruction::signalPrevious, 1, every},
    {"signal_next", &Instruction::signalNext, 1, every},
    {"memory", &Instruction::memory, 3, transfer, false, memoryValues},
    {"address", &Instruction::address, 0, transfer},
    {"stride", &Instruction::stride, 0, transfer},
    {"words", &Instruction::words, 0, transfer},
    {"rows", &Instruction::rows, 16, transfer},
    {"dram", &Instruction::dram, 32, transfer},
    {"dram_stride", &Instruction::dramStride, 32, transfer},
    {"format", &Instruction::format, 2, execute, false, formatValues},
    {"mode", &Instruction::mode, 2, execute, false, modeValues},
    {"resume", &Instruction::resume, 1, execute},
    {"is_signed", &Instruction::isSigned, 1, execute},
    {"half_even", &Instruction::halfEven, 1, execute},
    {"fold", &Instruction::fold, 3, execute},
    {"span", &Instruction::span, 3, execute},
    {"codes", &Instruction::codes, 0, execute},
    {"indices", &Instruction::indices, 0, execute},
    {"parameters", &Instruction::parameters, 0, execute},
    {"input", &Instruction::input, 0, execute},
    {"input_stride", &Instruction::inputStride, 0, execute},
    {"output", &Instruction::output, 0, execute},
    {"output_stride", &Instruction::outputStride, 0, execute},
    {"blocks", &Instruction::blocks, 16, execute},
    {"images", &Instruction::images, 16, execute},
    {"passes", &Instruction::passes, 5, execute},
    {"windows", &Instruction::windows, 0, execute},
    {"steps", &Instruction::steps, 0, execute},
    {"low", &Instruction::low, 17, execute, true},
    {"high", &Instruction::high, 17, execute, true},
    {"count", &Instruction::count, 8, execute},
    {"falls", &Instruction::falls, 8, execute},
    {"plane", &Instruction::plane, 1, execute},
};

ArrayRef<Field> sumac::acm::getFields() { return fields; }

StringRef sumac::acm::stringifyOpcode(Opcode opcode) {
  return opcodeNames[static_cast<unsigned>(opcode)];
}

std::optional<Opcode> sumac::acm::parseOpcode(StringRef name) {
  const StringRef *found = find(opcodeNames, name);
  if (found == std::end(opcodeNames))
    return std::nullopt;
  return static_cast<Opcode>(found - opcodeNames);
}

StringRef sumac::acm::stringifyUnit(Unit unit) {
  static const StringRef names[] = {"load", "execute", "store"};
  return names[static_cast<unsigned>(unit)];
}

Unit Instruction::getUnit() const {
  if (is(Opcode::Load))
    return Unit::Load;
  return is(Opcode::Store) ? Unit::Store : Unit::Execute;
}

bool Instruction::operator==(const Instruction &other) const {
  return all_of(fields, [&](const Field &field) {
    return this->*field.member == other.*field.member;
  });
}

int64_t Field::getLow(const Machine &machine) const {
  return isSigned ? minIntN(getBits(machine)) : 0;
}

int64_t Field::getHigh(const Machine &machine) const {
  // Values without a name are reserved.
  if (!values.empty())
    return static_cast<int64_t>(values.size()) - 1;
  unsigned width = getBits(machine);
  return isSigned ? maxIntN(width) : static_cast<int64_t>(maxUIntN(width));
}

int64_t sumac::acm::getLongestEncoding(const Machine &machine) {
  int64_t longest = 0;
  for (unsigned opcode = 0; opcode < numOpcodes; ++opcode) {
    int64_t bits = 0;
    for (const Field &field : fields)
      if (field.isIn(static_cast<Opcode>(opcode)))
        bits += field.getBits(machine);
    longest = std::max(longest, bits);
  }
  return longest;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

static Error failField(const Machine &machine, const Field &field,
                       int64_t value) {
  return createStringError("'" + field.name + "' is " + Twine(value) +
                           ", which is not in " + Twine(field.getLow(machine)) +
                           " ... " + Twine(field.getHigh(machine)));
}

Error sumac::acm::encode(const Machine &machine, const Instruction &instruction,
                         std::vector<uint8_t> &bytes) {
  BitWriter writer;
  // The opcode is the first field: the others are asked for one that exists.
  for (const Field &field : fields) {
    int64_t value = instruction.*field.member;
    if (field.member != &Instruction::opcode &&
        !field.isIn(instruction.getOpcode())) {
      if (value != 0)
        return createStringError("'" + field.name + "' is no field of " +
                                 stringifyOpcode(instruction.getOpcode()));
      continue;
    }
    if (value < field.getLow(machine) || value > field.getHigh(machine))
      return failField(machine, field, value);
    writer.write(static_cast<uint64_t>(value), field.getBits(machine));
  }
  size_t begin = bytes.size();
  bytes.insert(bytes.end(), writer.getBytes().begin(), writer.getBytes().end());
  bytes.resize(begin + machine.getInstructionBytes());
  return Error::success();
}

Expected<std::vector<uint8_t>> sumac::acm::encode(const Program &program) {
  std::vector<uint8_t> bytes;
  for (const auto &[number, instruction] : enumerate(program.instructions))
    if (Error error = encode(program.machine, instruction, bytes))
      return createStringError("instruction " + Twine(number) + ": " +
                               toString(std::move(error)));
  return bytes;
}

Expected<Instruction> sumac::acm::decode(const Machine &machine,
                                         ArrayRef<uint8_t> bytes) {
  Instruction instruction;
  BitReader reader(bytes, machine.getInstructionBits());
  for (const Field &field : fields) {
    if (!field.isIn(instruction.getOpcode()))
      continue;
    unsigned bits = field.getBits(machine);
    std::optional<uint64_t> code = reader.read(bits);
    if (!code)
      return createStringError("the instruction is cut off");
    int64_t value = field.isSigned ? SignExtend64(*code, bits)
                                   : static_cast<int64_t>(*code);
    if (value > field.getHigh(machine))
      return createStringError("'" + field.name + "' " + Twine(value) +
                               " is reserved");
    instruction.*field.member = value;
  }
  while (reader.getNumBitsLeft() > 0)
    if (reader.read(1) != 0u)
      return createStringError("bits behind the fields of " +
                               stringifyOpcode(instruction.getOpcode()) +
                               " are not 0");
  return instruction;
}
