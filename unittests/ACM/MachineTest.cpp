//===- MachineTest.cpp - Descriptions of machines -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"
#include "sumac/Simulator/ACM/RandomProgram.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

/// The error for the test machine with `from` replaced.
static std::string refuse(StringRef from, StringRef to) {
  std::string text = testMachineText.str();
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  text.replace(at, from.size(), to.str());
  Expected<Machine> machine = Machine::read(text);
  return machine ? "" : toString(machine.takeError());
}

TEST(ACMMachine, Presets) {
  for (StringRef name : Machine::getPresetNames()) {
    Machine machine = cantFail(Machine::getPreset(name));
    EXPECT_EQ(machine.name, name);
    EXPECT_EQ(cantFail(Machine::read(machine.getCanonicalJSON())), machine);
    EXPECT_EQ(machine.getInstructionBits() % 32, 0);
  }
  EXPECT_EQ(toString(Machine::getPreset("huge").takeError()),
            "there is no machine 'huge'; there are tiny, edge, fantastic4");
}

TEST(ACMMachine, DerivedNumbers) {
  Machine tiny = getTestMachine();
  EXPECT_EQ(tiny.getIndexBits(), 4u);
  EXPECT_EQ(tiny.getAddressBits(), 10u); // 512 words
  EXPECT_EQ(tiny.getWordBits(Memory::Codes), 128);
  EXPECT_EQ(tiny.getWordBits(Memory::Indices), 128);
  EXPECT_EQ(tiny.getWordBits(Memory::Activations), 32);
  EXPECT_EQ(tiny.getWordBits(Memory::Parameters), 4 * (4 * 24 + 48 + 24 + 6));
  EXPECT_EQ(tiny.getWordBits(Memory::Results), 192);
  EXPECT_EQ(tiny.getPitch(Memory::Activations), 8); // 4 bytes, DMA of 8
  EXPECT_EQ(tiny.getPitch(Memory::Parameters), 88); // 87 bytes
  // 7 of all, 2 2 1 1 1 3 3 and nine addresses, 16 16 5, 17 17 8 8 1.
  EXPECT_EQ(tiny.getInstructionBits(), 224);
  EXPECT_EQ(tiny.getLines(), 64);

  // More outputs than folded blocks have are no error.
  EXPECT_EQ(cantFail(Machine::read(getPartialMachineText())).outputs, 8);

  // The rate that the paper states: 2.45 TOPS.
  Machine paper = cantFail(Machine::getPreset("fantastic4"));
  EXPECT_EQ(2 * paper.rows * paper.lanes, 16384);
}

TEST(ACMMachine, Canonical) {
  EXPECT_EQ(getTestMachine().getCanonicalJSON(), testMachineText);
}

TEST(ACMMachine, Errors) {
  StringRef prefix = "machine description: ";
  auto expect = [&](StringRef from, StringRef to, StringRef message) {
    EXPECT_EQ(refuse(from, to), (prefix + message).str());
  };
  expect("\"rows\":8", "\"rows\":7", "'rows' must be a power of two");
  expect("\"rows\":8", "\"rows\":2048",
         "'rows' must be an integer of 2 to 1024");
  expect("\"rows\":8,", "", "'rows' is missing");
  expect("\"rows\":8", "\"rows\":8.5",
         "'rows' must be an integer of 2 to 1024");
  expect("\"rows\"", "\"row\":1,\"rows\"", "'row' is no known key");
  expect("\"codes\":512", "\"codes\":0",
         "'memories.codes' must be an integer of 1 to 1048576");
  expect("\"codes\"", "\"code\":1,\"codes\"",
         "'memories.code' is no known key");
  expect("\"activations\":256", "\"activations\":254",
         "'memories.activations' must be a multiple of 'banks'");
  expect("\"latency\":20", "\"latency\":-1",
         "'dma.latency' must be an integer of 0 to 10000");
  expect("{\"bytes\":8,\"latency\":20}", "8", "'dma' must be an object");
  expect("\"test\"", "\"a b\"",
         "'name' must be an identifier of at most 64 characters");
  expect("\"test\"", "3", "'name' must be a string");
  expect("\"fold\":2", "\"fold\":8", "'fold' must be at most 'banks'");
  expect("\"fold\":2", "\"fold\":4",
         "'fold' must be so small that 'rows' / 'fold' is at least 'lanes'");
  expect("\"outputs\":4", "\"outputs\":16",
         "'outputs' must be at most 'rows' and at most 'banks' x 'lanes'");
  EXPECT_EQ(toString(Machine::read("[1]").takeError()),
            (prefix + "it must be a JSON object").str());
  EXPECT_EQ(toString(Machine::read(std::string(100000, '[')).takeError()),
            (prefix + "JSON nests more than 64 levels deep").str());
}

TEST(ACMMachine, Random) {
  unsigned partial = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    Machine machine = makeRandomMachine(random);
    EXPECT_EQ(toString(machine.check()), "") << seed;
    Machine again = cantFail(Machine::read(machine.getCanonicalJSON()));
    EXPECT_EQ(again, machine);
    EXPECT_EQ(again.getHash(), machine.getHash());
    partial += machine.rows / machine.fold < machine.outputs ? 1 : 0;
  }
  // Enough that have blocks of less than a beat.
  EXPECT_GT(partial, 200u);
}
