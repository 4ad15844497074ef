//===- RandomProgram.cpp - Programs to test with --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs are made in program order. Where an instruction's accesses conflict
// with earlier ones of a neighbour, the neighbour's last instruction signals
// and the new one waits: tokens are given by earlier instructions than they are
// taken by, and all of them are taken, so no order of events can be a deadlock,
// and which token is which is known.
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/RandomProgram.h"

#include "Order.h"
#include "RandomInstruction.h"
#include "sumac/ACM/Bits.h"
#include "sumac/ACM/Geometry.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac::acm;

//===----------------------------------------------------------------------===//
// Machines and instructions
//===----------------------------------------------------------------------===//

Machine sumac::acm::makeRandomMachine(Random &random, int64_t maxWords) {
  Machine machine;
  auto pickPower = [&](int64_t low, int64_t high) {
    return int64_t(1) << pick(random, Log2_64(low), Log2_64(high));
  };
  machine.name = "random";
  machine.rows = pickPower(2, 64);
  machine.lanes = pickPower(2, std::min<int64_t>(machine.rows, 16));
  machine.banks = pickPower(2, 16);
  machine.fold =
      pickPower(1, std::min(machine.banks, machine.rows / machine.lanes));
  // Beats of folded blocks may be smaller.
  int64_t mostOutputs = std::min(machine.rows, machine.banks * machine.lanes);
  // Few beats: they are words of parameters.
  machine.outputs =
      pickPower(std::max<int64_t>(1, mostOutputs / 8), mostOutputs);
  machine.accumulatorBits = pick(random, 8, 32);
  machine.coefficientBits = pick(random, 2, 32);
  machine.multiplierBits = pick(random, 2, 32);
  machine.sumBits = pick(random, 16, 64);
  for (int64_t &words : machine.memories)
    words = pick(random, 64, maxWords);
  machine.memories[static_cast<unsigned>(Memory::Activations)] =
      machine.banks *
      pick(random, 4, std::max<int64_t>(4, maxWords / machine.banks));
  machine.instructions = pick(random, 64, std::max<int64_t>(64, maxWords));
  machine.queue = pick(random, 1, 8);
  machine.clockMHz = pick(random, 1, 1000);
  machine.dmaBytes = pickPower(1, 64);
  machine.dmaLatency = pick(random, 0, 40);
  return machine;
}

/// Tokens of any kind.
static void pickTokens(Instruction &instruction, Random &random) {
  auto flip = [&] { return pick(random, 0, 1); };
  if (!instruction.is(Opcode::Load)) {
    instruction.waitPrevious = flip();
    instruction.signalPrevious = flip();
  }
  if (!instruction.is(Opcode::Store)) {
    instruction.waitNext = flip();
    instruction.signalNext = flip();
  }
}

Instruction sumac::acm::makeRandomInstruction(const Machine &machine,
                                              int64_t dramBytes,
                                              Random &random) {
  Regions regions = getWholeMemories(machine);
  auto opcode = static_cast<Opcode>(pick(random, 0, 4) % numOpcodes);
  Instruction instruction(Opcode::Finish);
  if (opcode == Opcode::Execute) {
    constexpr int64_t mostSteps = int64_t(1) << 20;
    auto execute =
        makeRandomExecute(machine, regions, mostSteps, std::nullopt, random);
    if (!execute)
      return instruction;
    instruction = *execute;
  } else if (opcode != Opcode::Finish) {
    bool isLoad = opcode == Opcode::Load;
    auto memory = isLoad ? static_cast<Memory>(pick(random, 0, 3))
                         : (pick(random, 0, 1) != 0 ? Memory::Activations
                                                    : Memory::Results);
    instruction = makeRandomTransfer(machine, opcode, memory,
                                     regions[static_cast<unsigned>(memory)],
                                     dramBytes, random);
  }
  if (!instruction.is(Opcode::Finish))
    pickTokens(instruction, random);
  return instruction;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

namespace {

class ProgramMaker {
public:
  ProgramMaker(const Machine &machine, Random &random,
               const RandomOptions &options)
      : machine(machine), random(random), options(options) {}

  Container make();

private:
  /// What is known of the instructions of a unit.
  struct UnitState {
    std::vector<size_t> numbers;
    Clock begin, end; ///< of the last one
  };

  void pickRegions();
  void fillMemories();
  void makeAny();
  void makeStore();
  void storeAll();
  void emit(Instruction instruction, std::optional<Unit> waitFor = {});
  void emitBridge(Unit from);
  std::optional<uint32_t> findConflict(const Instruction &instruction,
                                       Unit other) const;
  void addToken(Unit from, Instruction &instruction, Clock &begin);
  void noteResults(const Instruction &instruction);
  void makeData(Container &container);
  void writeRandomRecords(MutableArrayRef<uint8_t> word);
  void writeRandomThresholds(MutableArrayRef<uint8_t> word);
  uint64_t pickNumber(unsigned bits);

  UnitState &getState(Unit unit) { return units[static_cast<unsigned>(unit)]; }
  const UnitState &getState(Unit unit) const {
    return units[static_cast<unsigned>(unit)];
  }
  Region &getRegion(Memory memory) {
    return regions[static_cast<unsigned>(memory)];
  }

  const Machine &machine;
  Random &random;
  const RandomOptions &options;
  Regions regions;
  /// Where in DRAM each memory's first words come from.
  std::array<int64_t, numMemories> sources = {};
  int64_t dramBytes = 0;
  std::vector<Instruction> program;
  std::array<UnitState, numUnits> units;
  std::optional<int64_t> kept;
  /// Words of results that were written.
  std::vector<Region> written;
};

} // namespace

/// Whether two accesses have a word in common and one is a write. Rows with
/// gaps count as one.
static bool isConflict(const Access &a, const Access &b) {
  return a.space == b.space && (a.isWrite || b.isWrite) &&
         a.begin < b.getEnd() && b.begin < a.getEnd();
}

/// The last instruction of `other` that `instruction` conflicts with.
std::optional<uint32_t>
ProgramMaker::findConflict(const Instruction &instruction, Unit other) const {
  auto accesses = getAccesses(machine, instruction);
  const std::vector<size_t> &numbers = getState(other).numbers;
  for (uint32_t index = numbers.size(); index-- > 0;)
    for (const Access &a : getAccesses(machine, program[numbers[index]]))
      for (const Access &b : accesses)
        if (isConflict(a, b))
          return index;
  return std::nullopt;
}

/// Lets `instruction` wait for the last one of a neighbour.
void ProgramMaker::addToken(Unit from, Instruction &instruction, Clock &begin) {
  const UnitState &giver = getState(from);
  Instruction &last = program[giver.numbers.back()];
  bool isDown = from < instruction.getUnit();
  int64_t &signal = isDown ? last.signalNext : last.signalPrevious;
  // A token that an earlier instruction took has ordered this one, too.
  if (signal != 0)
    return;
  signal = 1;
  (isDown ? instruction.waitPrevious : instruction.waitNext) = 1;
  begin.join(giver.end);
}

/// An execute behind `from` before a load or store of the other unit.
void ProgramMaker::emitBridge(Unit from) {
  if (auto execute = makeRandomExecute(machine, regions, 8, {}, random))
    emit(*execute, from);
}

void ProgramMaker::emit(Instruction instruction, std::optional<Unit> waitFor) {
  Unit unit = instruction.getUnit();
  unsigned number = static_cast<unsigned>(unit);
  if (unit != Unit::Execute) {
    Unit far = unit == Unit::Load ? Unit::Store : Unit::Load;
    auto conflict = findConflict(instruction, far);
    Clock known = getState(unit).end;
    known.join(getState(Unit::Execute).end);
    if (conflict && *conflict >= known.ended[static_cast<unsigned>(far)])
      emitBridge(far);
    if (conflict &&
        *conflict >= getState(unit).end.ended[static_cast<unsigned>(far)])
      waitFor = Unit::Execute;
  }
  UnitState &state = getState(unit);
  Clock begin = unit == Unit::Execute ? state.begin : state.end;
  for (Unit other : {Unit::Load, Unit::Execute, Unit::Store}) {
    bool isNeighbour =
        other != unit && (other == Unit::Execute || unit == Unit::Execute);
    if (!isNeighbour || getState(other).numbers.empty())
      continue;
    auto conflict = findConflict(instruction, other);
    bool isNeeded =
        conflict && *conflict >= begin.ended[static_cast<unsigned>(other)];
    // Some tokens more than are needed.
    if (isNeeded || waitFor == other || pick(random, 0, 9) == 0)
      addToken(other, instruction, begin);
  }
  begin.begun[number] = state.numbers.size() + 1;
  state.begin = begin;
  Clock end = begin;
  end.join(state.end);
  end.ended[number] = state.numbers.size() + 1;
  state.end = end;
  state.numbers.push_back(program.size());
  program.push_back(instruction);
  noteResults(instruction);
}

void ProgramMaker::noteResults(const Instruction &instruction) {
  if (!instruction.is(Opcode::Execute))
    return;
  kept = std::nullopt;
  if (instruction.getMode() == Mode::Keep)
    kept = instruction.fold;
  if (instruction.getMode() == Mode::Sums)
    for (int64_t image = 0; image < instruction.images; ++image)
      written.push_back({instruction.output + image * instruction.outputStride,
                         ExecuteGeometry(machine, instruction).resultWords});
}

//===----------------------------------------------------------------------===//
// What programs are made of
//===----------------------------------------------------------------------===//

void ProgramMaker::pickRegions() {
  for (unsigned i = 0; i < numMemories; ++i) {
    auto memory = static_cast<Memory>(i);
    int64_t unit = memory == Memory::Activations ? machine.banks : 1;
    int64_t words = machine.getWords(memory) / unit;
    // A block of outputs fits, if it can.
    int64_t least = std::min<int64_t>(
        words, memory == Memory::Activations
                   ? 2 + machine.rows / machine.getLineElements()
                   : 2 * machine.rows / machine.outputs);
    int64_t most = std::clamp(options.maxWords / unit, least, words);
    Region &region = regions[i];
    region.size = unit * pick(random, std::max<int64_t>(1, least), most);
    region.begin = unit * pick(random, 0, words - region.size / unit);
    sources[i] = dramBytes;
    dramBytes += region.size * machine.getPitch(memory);
  }
}

/// Loads what will be read, in one or two parts.
void ProgramMaker::fillMemories() {
  for (unsigned i = 0; i < numMemories; ++i) {
    auto memory = static_cast<Memory>(i);
    if (memory == Memory::Results)
      continue;
    const Region &region = regions[i];
    int64_t first = pick(random, 1, region.size);
    for (auto [begin, size] : {std::pair<int64_t, int64_t>(0, first),
                               std::pair(first, region.size - first)}) {
      if (size == 0)
        continue;
      Instruction load(Opcode::Load);
      load.memory = i;
      load.address = region.begin + begin;
      load.words = size;
      load.rows = 1;
      load.dram = sources[i] + begin * machine.getPitch(memory);
      emit(load);
    }
  }
}

void ProgramMaker::makeStore() {
  Memory memory = Memory::Activations;
  Region region = getRegion(memory);
  if (!written.empty() && pick(random, 0, 1) != 0) {
    memory = Memory::Results;
    region = written[pick(random, 0, written.size() - 1)];
  }
  emit(makeRandomTransfer(machine, Opcode::Store, memory, region, dramBytes,
                          random));
}

void ProgramMaker::makeAny() {
  int64_t kind = pick(random, 0, 9);
  if (kind < 3) {
    unsigned memory = pick(random, 0, 3);
    emit(makeRandomTransfer(machine, Opcode::Load, static_cast<Memory>(memory),
                            regions[memory], dramBytes, random));
  } else if (kind < 5) {
    makeStore();
  } else {
    bool resumes = kept && pick(random, 0, 3) != 0;
    if (auto execute = makeRandomExecute(
            machine, regions, options.maxSteps,
            resumes ? kept : std::optional<int64_t>(), random))
      emit(*execute);
  }
}

void ProgramMaker::storeAll() {
  const Region &region = getRegion(Memory::Activations);
  Instruction store(Opcode::Store);
  store.memory = static_cast<int64_t>(Memory::Activations);
  store.address = region.begin;
  store.words = region.size;
  store.rows = 1;
  store.dram = sources[store.memory];
  emit(store);
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

/// A signed number of up to `bits` bits, of each size as often.
uint64_t ProgramMaker::pickNumber(unsigned bits) {
  unsigned width = pick(random, 1, bits);
  return static_cast<uint64_t>(SignExtend64(random(), width));
}

void ProgramMaker::writeRandomRecords(MutableArrayRef<uint8_t> word) {
  RecordLayout layout = machine.getRecordLayout();
  for (int64_t lane = 0; lane < machine.outputs; ++lane) {
    int64_t at = lane * layout.bits;
    for (unsigned k = 0; k < 4; ++k)
      setBits(word, at + k * machine.coefficientBits, machine.coefficientBits,
              pickNumber(machine.coefficientBits));
    setBits(word, at + layout.bias, machine.sumBits,
            pickNumber(machine.sumBits));
    setBits(word, at + layout.multiplier, machine.multiplierBits,
            pickNumber(machine.multiplierBits));
    setBits(word, at + layout.shift, 6, pick(random, 0, 63));
  }
}

void ProgramMaker::writeRandomThresholds(MutableArrayRef<uint8_t> word) {
  for (int64_t lane = 0; lane < machine.outputs; ++lane)
    setBits(word, lane * machine.sumBits, machine.sumBits,
            pickNumber(machine.sumBits));
}

void ProgramMaker::makeData(Container &container) {
  container.data.resize(dramBytes);
  for (uint8_t &byte : container.data)
    byte = static_cast<uint8_t>(random());
  // Numbers of all bits at random would overflow and saturate alone.
  unsigned parameters = static_cast<unsigned>(Memory::Parameters);
  int64_t pitch = machine.getPitch(Memory::Parameters);
  for (int64_t i = 0; i < regions[parameters].size; ++i) {
    auto word = MutableArrayRef(container.data)
                    .slice(sources[parameters] + i * pitch, pitch);
    int64_t kind = pick(random, 0, 9);
    if (kind < 6)
      writeRandomRecords(word);
    else if (kind < 9)
      writeRandomThresholds(word);
  }
}

Container ProgramMaker::make() {
  pickRegions();
  fillMemories();
  // Bridges are not counted: there are as many as instructions at most.
  int64_t room = (machine.instructions - 16) / 2;
  int64_t most = std::min(options.maxInstructions, room);
  int64_t count = pick(random, std::min(options.minInstructions, most), most);
  for (int64_t i = 0; i < count; ++i)
    makeAny();
  storeAll();
  program.emplace_back(Opcode::Finish);

  Container container;
  container.program = {machine, std::move(program)};
  container.entry.dram = dramBytes;
  makeData(container);
  return container;
}

Container sumac::acm::makeRandomProgram(const Machine &machine, Random &random,
                                        const RandomOptions &options) {
  return ProgramMaker(machine, random, options).make();
}
