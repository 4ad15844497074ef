//===- FunctionalTest.cpp - What programs compute -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NaiveSimulator.h"
#include "TestMachine.h"
#include "sumac/ACM/Assembly.h"
#include "sumac/ACM/Bits.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/RandomProgram.h"
#include "sumac/Simulator/ACM/Run.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

/// Where two runs of `container` differ, or nothing.
static std::string compare(const Container &container) {
  NaiveSimulator expected(container);
  expected.run();
  Expected<Runner> runner = Runner::create(container);
  if (!runner)
    return toString(runner.takeError());
  if (Error error = runner->getSimulator().run())
    return toString(std::move(error));
  if (runner->getDram() != ArrayRef(expected.dram))
    return "DRAM differs";
  const Machine &machine = container.program.machine;
  for (unsigned i = 0; i < numMemories; ++i) {
    auto memory = static_cast<Memory>(i);
    ArrayRef<uint8_t> bytes = runner->getSimulator().getMemory(memory);
    int64_t size = machine.getWordBytes(memory);
    for (int64_t word = 0; word < machine.getWords(memory); ++word)
      for (int64_t bit = 0; bit < machine.getWordBits(memory); ++bit)
        if ((getBits(bytes.slice(word * size, size), bit, 1) != 0) !=
            expected.memories[i][word][bit])
          return (stringifyMemory(memory) + " differ at word " + Twine(word) +
                  ", bit " + Twine(bit))
              .str();
  }
  return "";
}

static void testMachine(function_ref<Machine(Random &)> getMachine,
                        uint64_t programs, RandomOptions options = {}) {
  for (uint64_t seed = 0; seed < programs; ++seed) {
    Random random(seed);
    Machine machine = getMachine(random);
    Container container = makeRandomProgram(machine, random, options);
    ASSERT_EQ(compare(container), "") << machine.name << ", seed " << seed;
    Expected<CycleReport> report = simulateCycles(container.program);
    ASSERT_TRUE(static_cast<bool>(report)) << toString(report.takeError());
  }
}

TEST(ACMFunctional, TinyAgainstNaive) {
  testMachine([](Random &) { return cantFail(Machine::getPreset("tiny")); },
              400);
}

TEST(ACMFunctional, RandomMachinesAgainstNaive) {
  testMachine([](Random &random) { return makeRandomMachine(random); }, 600,
              {1, 20, 64, 100});
}

TEST(ACMFunctional, EdgeAgainstNaive) {
  testMachine([](Random &) { return cantFail(Machine::getPreset("edge")); }, 20,
              {1, 20, 64, 100});
}

TEST(ACMFunctional, PartialBeatsAgainstNaive) {
  testMachine(
      [](Random &) { return cantFail(Machine::read(getPartialMachineText())); },
      200);
}

//===----------------------------------------------------------------------===//
// Partial beats, by hand
//===----------------------------------------------------------------------===//

/// A container that loads words of parameters whose lanes have the outputs 1,
/// 2, ... one after the other (word p begins with 1 + 8 p), and then does
/// `text`.
static Container makeOutputs(int64_t words, const Twine &text) {
  Container container;
  container.program = cantFail(
      assemble(("machine " + getPartialMachineText() +
                "\nload memory = parameters, rows = 1, signal_next = 1, words "
                "= " +
                Twine(words) + "\n" + text + "finish\n")
                   .str()));
  const Machine &machine = container.program.machine;
  RecordLayout layout = machine.getRecordLayout();
  int64_t pitch = machine.getPitch(Memory::Parameters);
  container.data.resize(words * pitch);
  for (int64_t word = 0; word < words; ++word)
    for (int64_t lane = 0; lane < machine.outputs; ++lane)
      setBits(MutableArrayRef(container.data).slice(word * pitch, pitch),
              lane * layout.bits + layout.bias, machine.sumBits,
              1 + word * machine.outputs + lane);
  container.entry.dram = container.data.size();
  return container;
}

/// The first elements of a memory behind a run.
static std::vector<int64_t> runOutputs(Container container, Memory memory,
                                       int64_t word, int64_t elements) {
  Runner runner = cantFail(Runner::create(std::move(container)));
  cantFail(runner.getSimulator().run());
  const Machine &machine = runner.getContainer().program.machine;
  bool isResults = memory == Memory::Results;
  int64_t inWord = isResults ? machine.outputs : machine.lanes;
  unsigned bits = isResults ? machine.sumBits : 8;
  ArrayRef<uint8_t> bytes = runner.getSimulator().getMemory(memory);
  std::vector<int64_t> values;
  for (int64_t i = word * inWord; i < word * inWord + elements; ++i)
    values.push_back(
        getBits(bytes.drop_front(i / inWord * machine.getWordBytes(memory)),
                i % inWord * bits, bits));
  return values;
}

static constexpr StringLiteral step =
    "execute windows = 1, steps = 1, passes = 1, high = 255, ";

TEST(ACMFunctional, PartialSums) {
  // Eight outputs in word 1; then four over its first half, and three blocks
  // of four in words 2 and 3.
  Container container = makeOutputs(
      4, step +
             "wait_previous = 1, mode = sums, blocks = 1, images = 1, "
             "output = 1\n" +
             step +
             "mode = sums, fold = 1, blocks = 1, images = 1, parameters = 1, "
             "output = 1\n" +
             step +
             "mode = sums, fold = 1, blocks = 3, images = 1, parameters = 1, "
             "output = 2\n");
  EXPECT_EQ(runOutputs(std::move(container), Memory::Results, 0, 32),
            (std::vector<int64_t>{0,  0,  0,  0,  0,  0,  0,  0,  //
                                  9,  10, 11, 12, 5,  6,  7,  8,  //
                                  9,  10, 11, 12, 17, 18, 19, 20, //
                                  25, 26, 27, 28, 0,  0,  0,  0}));
}

TEST(ACMFunctional, PartialCodes) {
  // Eight outputs in words 8 and 9; then four in word 9, where another image's
  // are in word 12, and two blocks of four in words 10 and 11.
  Container container = makeOutputs(
      3, step +
             "wait_previous = 1, mode = codes, blocks = 1, images = 1, "
             "output = 8\n" +
             step +
             "mode = codes, fold = 1, blocks = 1, images = 2, parameters = 1, "
             "output = 9, output_stride = 3\n" +
             step +
             "mode = codes, fold = 1, blocks = 2, images = 1, parameters = 1, "
             "output = 10\n");
  EXPECT_EQ(runOutputs(std::move(container), Memory::Activations, 8, 24),
            (std::vector<int64_t>{1, 2,  3,  4,  9,  10, 11, 12, //
                                  9, 10, 11, 12, 17, 18, 19, 20, //
                                  9, 10, 11, 12, 0,  0,  0,  0}));
}

/// A second run begins with what the first left.
TEST(ACMFunctional, RunTwice) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Container container =
        makeRandomProgram(cantFail(Machine::getPreset("tiny")), random);
    NaiveSimulator expected(container);
    Runner runner = cantFail(Runner::create(container));
    for (unsigned run = 0; run < 2; ++run) {
      expected.run();
      cantFail(runner.getSimulator().run());
      ASSERT_EQ(runner.getDram(), ArrayRef(expected.dram)) << seed;
    }
  }
}

/// Later runs of a container begin where it says, and find the memories.
TEST(ACMFunctional, Repeat) {
  Container container;
  container.program = cantFail(assemble(
      "machine tiny\n"
      "load memory = parameters, words = 1, rows = 1\n"
      "load memory = codes, words = 1, rows = 1, signal_next = 1\n"
      "execute mode = sums, wait_previous = 1, blocks = 1, images = 1, "
      "passes = 1, windows = 1, steps = 1, signal_next = 1, fold = 1\n"
      "store memory = results, wait_previous = 1, words = 1, rows = 1, "
      "dram = 0x100\n"
      "finish"));
  container.entry.dram = 512;
  container.data.assign(512, 0);
  // The record of lane 0: its D, behind four coefficients, is 5.
  container.data[16] = 5;
  // M, behind 56 bits of D, is 0: t = D.
  container.entry.repeat = 1;
  Runner runner = cantFail(Runner::create(std::move(container)));
  EXPECT_TRUE(cantFail(runner.run(1, {})).empty());
  EXPECT_EQ(runner.getDram()[0x100], 5);
  // The record is not loaded again.
  runner.getSimulator().getDram()[16] = 9;
  runner.getSimulator().getDram()[0x100] = 0;
  EXPECT_TRUE(cantFail(runner.run(1, {})).empty());
  EXPECT_EQ(runner.getDram()[0x100], 5);
  cantFail(runner.getSimulator().run());
  EXPECT_EQ(runner.getDram()[0x100], 9);
}

TEST(ACMFunctional, Limits) {
  Random random(1);
  Container container =
      makeRandomProgram(cantFail(Machine::getPreset("tiny")), random);
  FunctionalOptions options;
  options.maxBytes = 1000;
  auto refused = FunctionalSimulator::create(container.program,
                                             container.entry.dram, options);
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_TRUE(StringRef(toString(refused.takeError()))
                  .starts_with("memories and DRAM take "));
  options = FunctionalOptions();
  options.maxWork = 100;
  refused = FunctionalSimulator::create(container.program, container.entry.dram,
                                        options);
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_EQ(toString(refused.takeError()),
            "a run goes over more than 100 weights and bytes of DRAM");
}
