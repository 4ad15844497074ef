//===- Instruction.h - Instructions of the core -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions of the accumulate-multiply core as structs, and the one table of
// their fields that encoder, decoder, assembler, disassembler and checks walk
// (docs/ACM/specification.md, section 2): a new field is a member and a row.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_INSTRUCTION_H
#define SUMAC_ACM_INSTRUCTION_H

#include "sumac/ACM/Machine.h"

namespace sumac::acm {

enum class Opcode : uint8_t { Finish, Load, Store, Execute };
constexpr unsigned numOpcodes = 4;

/// How codes lie in memory: formats of execute.
enum class Format : uint8_t { Dense, Bitmask, CSR };
/// What becomes of the sums of an execute.
enum class Mode : uint8_t { Keep, Codes, Steps, Sums };

/// The units, in the order of their neighbourhood.
enum class Unit : uint8_t { Load, Execute, Store };
constexpr unsigned numUnits = 3;
/// "load", "execute", "store".
llvm::StringRef stringifyUnit(Unit unit);

/// An instruction: every field of every opcode. Those that the opcode has not
/// are 0. All fields are unsigned but `low` and `high`.
struct Instruction {
  int64_t opcode = 0;
  int64_t waitPrevious = 0, waitNext = 0, signalPrevious = 0, signalNext = 0;
  // load, store
  int64_t memory = 0, address = 0, stride = 0, words = 0, rows = 0;
  int64_t dram = 0, dramStride = 0;
  // execute
  int64_t format = 0, mode = 0, resume = 0, isSigned = 0, halfEven = 0;
  int64_t fold = 0; ///< log2 of the rows that share an output
  int64_t span = 0; ///< log2 of the words that a mask covers
  int64_t codes = 0, indices = 0, parameters = 0;
  int64_t input = 0, inputStride = 0, output = 0, outputStride = 0;
  int64_t blocks = 0, images = 0, passes = 0, windows = 0, steps = 0;
  int64_t low = 0, high = 0, count = 0, falls = 0, plane = 0;

  Instruction() = default;
  explicit Instruction(Opcode opcode) : opcode(static_cast<int64_t>(opcode)) {}

  Opcode getOpcode() const { return static_cast<Opcode>(opcode); }
  bool is(Opcode other) const { return getOpcode() == other; }
  Memory getMemory() const { return static_cast<Memory>(memory); }
  Format getFormat() const { return static_cast<Format>(format); }
  Mode getMode() const { return static_cast<Mode>(mode); }
  /// The unit of a load, store or execute.
  Unit getUnit() const;

  bool operator==(const Instruction &other) const;
  bool operator!=(const Instruction &other) const { return !(*this == other); }
};

/// A field: its name in assembly text, and where it is to be found.
struct Field {
  llvm::StringRef name;
  int64_t Instruction::*member;
  /// Bits of the field; 0: as many as an address of the machine.
  unsigned bits;
  /// A bit for each opcode that has the field.
  unsigned opcodes;
  bool isSigned;
  /// Names of values from 0 on, if values have names.
  llvm::ArrayRef<llvm::StringRef> values;

  constexpr Field(llvm::StringRef name, int64_t Instruction::*member,
                  unsigned bits, unsigned opcodes, bool isSigned = false,
                  llvm::ArrayRef<llvm::StringRef> values = {})
      : name(name), member(member), bits(bits), opcodes(opcodes),
        isSigned(isSigned), values(values) {}

  bool isIn(Opcode opcode) const {
    return (opcodes >> static_cast<unsigned>(opcode) & 1) != 0;
  }
  unsigned getBits(const Machine &machine) const {
    return bits != 0 ? bits : machine.getAddressBits();
  }
  /// The least and the greatest value that fits.
  int64_t getLow(const Machine &machine) const;
  int64_t getHigh(const Machine &machine) const;
};

/// All fields, in the order of the encoding. The first is the opcode.
llvm::ArrayRef<Field> getFields();
/// Bits of the opcode with the longest encoding.
int64_t getLongestEncoding(const Machine &machine);
/// The name of an opcode, and the opcode of a name.
llvm::StringRef stringifyOpcode(Opcode opcode);
std::optional<Opcode> parseOpcode(llvm::StringRef name);

/// A machine's instructions in program order.
struct Program {
  Machine machine;
  std::vector<Instruction> instructions;
};

/// Appends the encoding of `instruction`, instruction_bits / 8 bytes. The error
/// names a field whose value does not fit its bits.
llvm::Error encode(const Machine &machine, const Instruction &instruction,
                   std::vector<uint8_t> &bytes);
/// All instructions of a program. The error gives the instruction's number.
llvm::Expected<std::vector<uint8_t>> encode(const Program &program);

/// The instruction in `bytes`, which are instruction_bits / 8. Errors: reserved
/// opcodes and values, bits behind the fields that are not 0.
llvm::Expected<Instruction> decode(const Machine &machine,
                                   llvm::ArrayRef<uint8_t> bytes);

} // namespace sumac::acm

#endif // SUMAC_ACM_INSTRUCTION_H
