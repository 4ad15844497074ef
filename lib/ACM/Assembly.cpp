//===- Assembly.cpp - Programs as text ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Assembly.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sumac::acm;

//===----------------------------------------------------------------------===//
// Disassembler
//===----------------------------------------------------------------------===//

static void printValue(raw_ostream &os, const Field &field, int64_t value) {
  if (!field.values.empty())
    os << field.values[value];
  else if (field.member == &Instruction::dram)
    os << "0x" << utohexstr(value);
  else
    os << value;
}

static void printInstruction(raw_ostream &os, const Instruction &instruction) {
  os << stringifyOpcode(instruction.getOpcode());
  StringRef separator = " ";
  for (const Field &field : getFields().drop_front()) {
    int64_t value = instruction.*field.member;
    // Flags that are not set would hide those that are.
    if (!field.isIn(instruction.getOpcode()) || (field.bits == 1 && value == 0))
      continue;
    os << separator << field.name << " = ";
    printValue(os, field, value);
    separator = ", ";
  }
}

std::string sumac::acm::stringifyInstruction(const Instruction &instruction) {
  std::string text;
  raw_string_ostream os(text);
  printInstruction(os, instruction);
  return text;
}

/// A name from a file on one line.
static std::string makePrintable(StringRef name) {
  std::string text = name.str();
  for (char &c : text)
    if (!isPrint(c))
      c = '?';
  return text;
}

static bool isPreset(const Machine &machine) {
  if (!is_contained(Machine::getPresetNames(), machine.name))
    return false;
  Expected<Machine> preset = Machine::getPreset(machine.name);
  if (preset)
    return *preset == machine;
  consumeError(preset.takeError());
  return false;
}

std::string sumac::acm::disassemble(const Program &program) {
  return disassemble(program, [](size_t) { return std::string(); });
}

std::string sumac::acm::disassemble(const Program &program,
                                    function_ref<std::string(size_t)> getName) {
  std::string text;
  raw_string_ostream os(text);
  const Machine &machine = program.machine;
  os << "machine "
     << (isPreset(machine) ? machine.name : machine.getCanonicalJSON()) << "\n";
  std::string last;
  for (const auto &[number, instruction] : enumerate(program.instructions)) {
    std::string name = getName(number);
    if (!name.empty() && name != last)
      os << "// " << makePrintable(name) << "\n";
    last = std::move(name);
    printInstruction(os, instruction);
    os << "\n";
  }
  return text;
}

//===----------------------------------------------------------------------===//
// Assembler
//===----------------------------------------------------------------------===//

namespace {

/// Reads one line; `line` counts from 1, columns do, too.
class LineParser {
public:
  LineParser(StringRef text, size_t line)
      : text(text.split("//").first.rtrim()), line(line) {
    skip();
  }

  bool isAtEnd() const { return at == text.size(); }
  Expected<Machine> parseMachine();
  Expected<Instruction> parseInstruction(const Machine &machine);

private:
  Error fail(size_t position, const Twine &message) const {
    return createStringError(Twine(line) + ":" + Twine(position + 1) + ": " +
                             message);
  }
  void skip() {
    while (at < text.size() && isSpace(text[at]))
      ++at;
  }
  /// What comes next of letters, digits, '_' and a sign; and spaces behind it.
  StringRef takeWord() {
    StringRef word = text.substr(at).take_while(
        [](char c) { return isAlnum(c) || c == '_' || c == '-'; });
    at += word.size();
    skip();
    return word;
  }
  bool take(char c) {
    if (isAtEnd() || text[at] != c)
      return false;
    ++at;
    skip();
    return true;
  }
  Error parseField(const Machine &machine, Instruction &instruction);
  Expected<int64_t> parseValue(const Field &field, const Machine &machine);

  StringRef text;
  size_t line, at = 0;
  /// The fields that were there, to refuse them a second time.
  SmallVector<const Field *> seen;
};

} // namespace

Expected<Machine> LineParser::parseMachine() {
  if (takeWord() != "machine")
    return fail(0, "the first line must be 'machine' with a preset's name or "
                   "a description");
  Expected<Machine> machine = text.substr(at).starts_with("{")
                                  ? Machine::read(text.substr(at))
                                  : Machine::getPreset(text.substr(at));
  if (!machine)
    return fail(at, toString(machine.takeError()));
  return machine;
}

Expected<int64_t> LineParser::parseValue(const Field &field,
                                         const Machine &machine) {
  size_t begin = at;
  StringRef word = takeWord();
  if (!field.values.empty()) {
    const StringRef *found = find(field.values, word);
    if (found == field.values.end())
      return fail(begin, "'" + field.name + "' must be one of " +
                             join(field.values, ", "));
    return found - field.values.begin();
  }
  int64_t value = 0;
  if (word.getAsInteger(0, value) || value < field.getLow(machine) ||
      value > field.getHigh(machine))
    return fail(begin, "'" + field.name + "' must be an integer of " +
                           Twine(field.getLow(machine)) + " to " +
                           Twine(field.getHigh(machine)));
  return value;
}

Error LineParser::parseField(const Machine &machine, Instruction &instruction) {
  size_t begin = at;
  StringRef name = takeWord();
  // The opcode stands in front.
  for (const Field &field : getFields().drop_front()) {
    if (field.name != name)
      continue;
    if (!field.isIn(instruction.getOpcode()))
      break;
    if (is_contained(seen, &field))
      return fail(begin, "'" + name + "' is there twice");
    seen.push_back(&field);
    if (!take('='))
      return fail(at, "there must be a '=' behind '" + name + "'");
    Expected<int64_t> value = parseValue(field, machine);
    if (!value)
      return value.takeError();
    instruction.*field.member = *value;
    return Error::success();
  }
  return fail(begin, "'" + name + "' is no field of " +
                         stringifyOpcode(instruction.getOpcode()));
}

Expected<Instruction> LineParser::parseInstruction(const Machine &machine) {
  size_t begin = at;
  std::optional<Opcode> opcode = parseOpcode(takeWord());
  if (!opcode)
    return fail(begin, "there must be finish, load, store or execute");
  Instruction instruction(*opcode);
  if (isAtEnd())
    return instruction;
  do {
    if (Error error = parseField(machine, instruction))
      return std::move(error);
  } while (take(','));
  if (!isAtEnd())
    return fail(at, "there must be a ',' between fields");
  return instruction;
}

Expected<Program> sumac::acm::assemble(StringRef text) {
  Program program;
  bool hasMachine = false;
  for (size_t number = 1; !text.empty(); ++number) {
    auto [line, rest] = text.split('\n');
    text = rest;
    LineParser parser(line, number);
    if (parser.isAtEnd())
      continue;
    if (!hasMachine) {
      Expected<Machine> machine = parser.parseMachine();
      if (!machine)
        return machine.takeError();
      program.machine = std::move(*machine);
      hasMachine = true;
      continue;
    }
    Expected<Instruction> instruction =
        parser.parseInstruction(program.machine);
    if (!instruction)
      return instruction.takeError();
    program.instructions.push_back(*instruction);
  }
  if (!hasMachine)
    return createStringError("1:1: there is no line 'machine'");
  return program;
}
