//===- FunctionalTest.cpp - What programs compute -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NaiveSimulator.h"
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
