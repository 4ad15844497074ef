//===- Trace.cpp - Cycles to look at --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/Trace.h"

#include "sumac/ACM/Assembly.h"

#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace sumac::acm;

//===----------------------------------------------------------------------===//
// Perfetto
//===----------------------------------------------------------------------===//

static void writeThreadName(json::OStream &json, int64_t thread,
                            StringRef name) {
  json.object([&] {
    json.attribute("ph", "M");
    json.attribute("pid", 0);
    json.attribute("tid", thread);
    json.attribute("name", "thread_name");
    json.attributeObject("args", [&] { json.attribute("name", name); });
  });
}

void sumac::acm::writePerfetto(
    const Program &program, const CycleReport &report, raw_ostream &os,
    const std::function<std::string(size_t)> &getName) {
  double cycle = 1.0 / program.machine.clockMHz; // in microseconds
  json::OStream json(os);
  auto writeSlice = [&](size_t number, const InstructionTimes &times) {
    const Instruction &instruction = program.instructions[number];
    // The next execute begins before this one is complete: two rows in turn.
    int64_t thread = static_cast<int64_t>(instruction.getUnit()) * 2;
    if (instruction.is(Opcode::Execute))
      thread += static_cast<int64_t>(number % 2);
    std::string name = getName ? getName(number) : std::string();
    if (name.empty())
      name = stringifyOpcode(instruction.getOpcode()).str();
    json.object([&] {
      json.attribute("ph", "X");
      json.attribute("pid", 0);
      json.attribute("tid", thread);
      json.attribute("name", name);
      json.attribute("ts", times.begun * cycle);
      json.attribute("dur", (times.completed - times.begun + 1) * cycle);
      json.attributeObject("args", [&] {
        json.attribute("number", static_cast<int64_t>(number));
        json.attribute("fetched", times.fetched);
        json.attribute("begun", times.begun);
        json.attribute("completed", times.completed);
        json.attribute("instruction", stringifyInstruction(instruction));
      });
    });
  };
  json.object([&] {
    json.attributeArray("traceEvents", [&] {
      for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store})
        for (int64_t row = 0; row < (unit == Unit::Execute ? 2 : 1); ++row)
          writeThreadName(json, static_cast<int64_t>(unit) * 2 + row,
                          stringifyUnit(unit));
      for (const auto &[number, times] : enumerate(report.instructions))
        if (!program.instructions[number].is(Opcode::Finish))
          writeSlice(number, times);
    });
  });
}

//===----------------------------------------------------------------------===//
// Waveforms
//===----------------------------------------------------------------------===//

namespace {

class VCDWriter : public CycleObserver {
public:
  VCDWriter(const Machine &machine, raw_ostream &os);
  ~VCDWriter() override;
  void observe(const CycleState &state) override;

private:
  struct Signal {
    std::string id;
    unsigned width;
    std::optional<uint64_t> value; ///< as it was written last
  };
  void declare(const Twine &name, unsigned width);
  /// Writes the value of the next signal, if it has changed.
  void write(uint64_t value);

  raw_ostream &os;
  int64_t period; ///< of the clock, in picoseconds
  std::vector<Signal> signals;
  size_t next = 0;
  int64_t cycle = -1;
};

} // namespace

/// Bits that numbers of instructions have; all ones are none.
static constexpr unsigned numberBits = 24;

VCDWriter::VCDWriter(const Machine &machine, raw_ostream &os)
    : os(os), period(1000000 / machine.clockMHz) {
  os << "$timescale 1ps $end\n$scope module " << machine.name << " $end\n";
  static const StringRef channels[] = {"load_to_execute", "execute_to_load",
                                       "execute_to_store", "store_to_execute"};
  for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store})
    declare(stringifyUnit(unit) + "_queued", 7);
  for (StringRef channel : channels)
    declare("tokens_" + channel, 8);
  for (Unit unit : {Unit::Load, Unit::Execute, Unit::Store})
    declare(stringifyUnit(unit) + "_instruction", numberBits);
  for (unsigned i = 0; i < numActivenesses; ++i)
    declare("execute_" + stringifyActiveness(static_cast<Activeness>(i)), 1);
  for (unsigned stage = 1; stage <= 4; ++stage)
    declare("O" + Twine(stage) + "_instruction", numberBits);
  declare("accumulators_taken_sets", 2);
  declare("pending_words", numberBits);
  os << "$upscope $end\n$enddefinitions $end\n";
}

VCDWriter::~VCDWriter() { os << "#" << (cycle + 1) * period << "\n"; }

void VCDWriter::declare(const Twine &name, unsigned width) {
  // Short names of printable characters.
  std::string id;
  for (size_t number = signals.size() + 1; number != 0; number /= 90)
    id += static_cast<char>('!' + number % 90);
  os << "$var wire " << width << " " << id << " " << name << " $end\n";
  signals.push_back({id, width, std::nullopt});
}

void VCDWriter::write(uint64_t value) {
  Signal &signal = signals[next++];
  value &= (uint64_t(1) << signal.width) - 1;
  if (signal.value == value)
    return;
  signal.value = value;
  if (signal.width == 1) {
    os << value << signal.id << "\n";
    return;
  }
  os << "b";
  for (unsigned bit = signal.width; bit-- > 0;)
    os << (value >> bit & 1);
  os << " " << signal.id << "\n";
}

void VCDWriter::observe(const CycleState &state) {
  cycle = state.cycle;
  os << "#" << cycle * period << "\n";
  next = 0;
  for (unsigned queued : state.queued)
    write(queued);
  for (unsigned tokens : state.tokens)
    write(tokens);
  for (int64_t number : state.current)
    write(number);
  for (unsigned i = 0; i < numActivenesses; ++i)
    write(state.execute == static_cast<Activeness>(i) ? 1 : 0);
  for (int64_t number : state.stages)
    write(number);
  write(state.setsTaken);
  write(state.pendingWords);
}

std::unique_ptr<CycleObserver>
sumac::acm::createVCDWriter(const Machine &machine, raw_ostream &os) {
  return std::make_unique<VCDWriter>(machine, os);
}
