//===- Fuzz.cpp - Hostile containers --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"

#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/Energy.h"
#include "sumac/Simulator/ACM/FunctionalSimulator.h"
#include "sumac/Simulator/ACM/Trace.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace llvm::support;
using namespace sumac::acm;

static void require(bool condition, const Twine &what) {
  if (condition)
    return;
  errs() << what << "\n";
  abort();
}

//===----------------------------------------------------------------------===//
// What is tried
//===----------------------------------------------------------------------===//

static void fuzzText(StringRef text) {
  consumeError(Machine::read(text).takeError());
  Expected<Program> program = assemble(text);
  if (!program)
    return consumeError(program.takeError());
  std::string again = disassemble(*program);
  require(cantFail(assemble(again)).instructions == program->instructions,
          "assembly is not stable");
}

static void fuzzRoundTrips(const Container &container) {
  const Program &program = container.program;
  Expected<Program> assembled = assemble(disassemble(program));
  require(static_cast<bool>(assembled), "assembly is refused");
  require(assembled->instructions == program.instructions &&
              assembled->machine == program.machine,
          "assembly differs");
  std::vector<uint8_t> bytes = cantFail(writeContainer(container));
  Expected<Container> again =
      readContainer(MemoryBufferRef(toStringRef(bytes), ""));
  require(static_cast<bool>(again), "a written container is refused");
  require(cantFail(writeContainer(*again)) == bytes, "containers differ");
}

/// Whether it ran to its end.
static bool fuzzCycles(const Container &container, bool isOrdered) {
  CycleOptions options;
  options.maxCycles = 20000;
  raw_null_ostream nowhere;
  auto writer = createVCDWriter(container.program.machine, nowhere);
  options.observer = writer.get();
  Expected<CycleReport> report = simulateCycles(container.program, options);
  if (!report) {
    std::string text = toString(report.takeError());
    require(!isOrdered || StringRef(text).starts_with("the program takes more"),
            "a program that passed the checks fails: " + text);
    return false;
  }
  int64_t sum = 0;
  for (int64_t cycles : report->execute)
    sum += cycles;
  require(sum == report->cycles, "cycles of execute do not add up");
  const Machine &machine = container.program.machine;
  printJSON(*report, machine, nowhere);
  writePerfetto(container.program, *report, nowhere);
  printJSON(estimateEnergy(machine, report->activity, 1), 1, 0, EnergyTable(),
            nowhere);
  return true;
}

static void fuzzFunctional(const Container &container) {
  FunctionalOptions options;
  options.maxBytes = 1 << 24;
  options.maxWork = 1 << 20;
  auto simulator = FunctionalSimulator::create(container.program,
                                               container.entry.dram, options);
  if (!simulator)
    return consumeError(simulator.takeError());
  llvm::copy(container.data, (*simulator)->getDram().begin());
  for (unsigned run = 0; run < 2; ++run)
    consumeError((*simulator)->run());
}

FuzzResult sumac::acm::fuzzContainer(ArrayRef<uint8_t> bytes) {
  fuzzText(toStringRef(bytes));
  Expected<Container> container =
      readContainer(MemoryBufferRef(toStringRef(bytes), "fuzz.acm"));
  if (!container) {
    consumeError(container.takeError());
    return FuzzResult::Refused;
  }
  fuzzRoundTrips(*container);
  disassemble(container->program,
              [&](size_t number) { return container->getName(number); });
  OrderOptions options;
  options.maxIntervals = 1 << 16;
  Error error = checkInstructions(container->program, container->entry.dram);
  if (error) {
    consumeError(std::move(error));
    return FuzzResult::Read;
  }
  error = checkOrder(container->program, options);
  bool isOrdered = !error;
  consumeError(std::move(error));
  bool hasRun = fuzzCycles(*container, isOrdered);
  fuzzFunctional(*container);
  if (!isOrdered)
    return FuzzResult::Valid;
  return hasRun ? FuzzResult::Ran : FuzzResult::Ordered;
}

//===----------------------------------------------------------------------===//
// Mutations
//===----------------------------------------------------------------------===//

std::vector<uint8_t> sumac::acm::makeFuzzSeed(Random &random) {
  Machine machine = pick(random, 0, 1) != 0
                        ? makeRandomMachine(random, 96)
                        : cantFail(Machine::getPreset("tiny"));
  Container container = makeRandomProgram(machine, random, {1, 12, 12, 20});
  Port port;
  port.name = "x";
  port.elements = 3;
  container.entry.inputs.push_back(port);
  container.names = json::Object{{"layers", json::Array{"a"}}};
  return cantFail(writeContainer(container));
}

/// A number of a field: near what it was, or one that is at an edge.
static int64_t mutateNumber(int64_t value, int64_t low, int64_t high,
                            Random &random) {
  int64_t choices[] = {value + 1,
                       value - 1,
                       low,
                       high,
                       value * 2,
                       pick(random, low, high),
                       pick(random, low, std::min<int64_t>(high, low + 7)),
                       int64_t(1) << pick(random, 0, 20)};
  return std::clamp(choices[pick(random, 0, 7)], low, high);
}

static void mutateInstruction(const Machine &machine, Instruction &instruction,
                              Random &random) {
  auto fields = getFields();
  const Field &field = fields[pick(random, 1, fields.size() - 1)];
  if (field.isIn(instruction.getOpcode()))
    instruction.*field.member =
        mutateNumber(instruction.*field.member, field.getLow(machine),
                     field.getHigh(machine), random);
}

static void mutateProgram(std::vector<Instruction> &instructions,
                          const Machine &machine, Random &random) {
  if (instructions.empty())
    return;
  size_t at = pick(random, 0, instructions.size() - 1);
  size_t other = pick(random, 0, instructions.size() - 1);
  switch (pick(random, 0, 9)) {
  case 0:
    instructions.erase(instructions.begin() + at);
    break;
  case 1:
    instructions.insert(instructions.begin() + at, instructions[other]);
    break;
  case 2:
    std::swap(instructions[at], instructions[other]);
    break;
  default:
    mutateInstruction(machine, instructions[at], random);
  }
}

static void mutateMachine(Machine &machine, Random &random) {
  int64_t Machine::*members[] = {
      &Machine::rows,           &Machine::lanes,
      &Machine::banks,          &Machine::outputs,
      &Machine::fold,           &Machine::accumulatorBits,
      &Machine::sumBits,        &Machine::coefficientBits,
      &Machine::multiplierBits, &Machine::queue,
      &Machine::dmaBytes,       &Machine::dmaLatency,
      &Machine::instructions};
  constexpr int64_t most = 1 << 20;
  if (pick(random, 0, 1) != 0) {
    int64_t &words = machine.memories[pick(random, 0, numMemories - 1)];
    words = mutateNumber(words, 0, most, random);
    return;
  }
  int64_t &value = machine.*members[pick(random, 0, std::size(members) - 1)];
  value = pick(random, 0, 1) != 0 ? value * 2 : value / 2;
}

/// Makes checksums of a container's table and sections right again.
static void seal(std::vector<uint8_t> &bytes) {
  if (bytes.size() < 64)
    return;
  uint64_t count = std::min<uint64_t>(endian::read32le(&bytes[16]),
                                      (bytes.size() - 64) / 64);
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t *entry = &bytes[64 + i * 64];
    uint64_t offset = endian::read64le(entry + 8);
    uint64_t size = endian::read64le(entry + 16);
    if (offset <= bytes.size() && size <= bytes.size() - offset)
      endian::write32le(entry + 24, crc32(ArrayRef(bytes).slice(offset, size)));
  }
  endian::write32le(&bytes[20], crc32(ArrayRef(bytes).slice(64, count * 64)));
}

static std::vector<uint8_t> mutateBytes(ArrayRef<uint8_t> bytes,
                                        Random &random) {
  std::vector<uint8_t> changed = bytes.vec();
  int64_t changes = pick(random, 1, 4);
  for (int64_t i = 0; i < changes && !changed.empty(); ++i) {
    // Header and table more often.
    size_t end = pick(random, 0, 1) != 0
                     ? changed.size()
                     : std::min<size_t>(changed.size(), 384);
    size_t at = pick(random, 0, end - 1);
    switch (pick(random, 0, 4)) {
    case 0:
      changed[at] = static_cast<uint8_t>(random());
      break;
    case 1:
      changed[at] ^= 1u << pick(random, 0, 7);
      break;
    case 2:
      changed[at] += pick(random, -2, 2);
      break;
    case 3:
      changed.erase(changed.begin() + at,
                    changed.begin() + std::min<size_t>(at + pick(random, 1, 64),
                                                       changed.size()));
      break;
    default:
      changed.insert(changed.begin() + at, pick(random, 1, 64), 0);
    }
  }
  if (pick(random, 0, 7) != 0)
    seal(changed);
  return changed;
}

std::vector<uint8_t> sumac::acm::mutateContainer(ArrayRef<uint8_t> bytes,
                                                 Random &random) {
  if (pick(random, 0, 2) == 0)
    return mutateBytes(bytes, random);
  Expected<Container> container =
      readContainer(MemoryBufferRef(toStringRef(bytes), ""));
  if (!container) {
    consumeError(container.takeError());
    return mutateBytes(bytes, random);
  }
  if (pick(random, 0, 9) == 0)
    mutateMachine(container->program.machine, random);
  else if (pick(random, 0, 9) == 0)
    container->entry.dram = pick(random, 0, int64_t(1) << 17);
  else
    mutateProgram(container->program.instructions, container->program.machine,
                  random);
  auto written = writeContainer(*container);
  if (written)
    return std::move(*written);
  consumeError(written.takeError());
  return mutateBytes(bytes, random);
}
