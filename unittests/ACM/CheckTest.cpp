//===- CheckTest.cpp - Programs that break the rules ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/Check.h"
#include "TestMachine.h"
#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/RandomProgram.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

static constexpr int64_t dramBytes = 4096;

/// What is wrong with single instructions of a program on the test machine.
static std::string refuse(const Twine &text,
                          StringRef machine = testMachineText) {
  Program program =
      cantFail(assemble(("machine " + machine + "\n" + text).str()));
  return toString(checkInstructions(program, dramBytes));
}

/// What is wrong with one line.
static std::string refuseLine(const Twine &line,
                              StringRef machine = testMachineText) {
  std::string error = refuse(line + "\nfinish", machine);
  StringRef message = error;
  message.consume_front("instruction 0: ");
  return message.str();
}

TEST(ACMCheck, Program) {
  EXPECT_EQ(refuse(""), "the last instruction must be finish");
  EXPECT_EQ(refuse("load words = 1, rows = 1"),
            "the last instruction must be finish");
  EXPECT_EQ(refuse("finish\nfinish"),
            "instruction 0: there are instructions behind finish");
  std::string many;
  for (unsigned i = 0; i < 513; ++i)
    many += "finish\n";
  EXPECT_EQ(refuse(many),
            "there are 513 instructions, but their memory has 512 words");
}

TEST(ACMCheck, Transfers) {
  EXPECT_EQ(refuseLine("load words = 1, rows = 1"), "");
  EXPECT_EQ(refuseLine("load words = 0, rows = 1"),
            "'words' must be at least 1");
  EXPECT_EQ(refuseLine("load words = 1"), "'rows' must be at least 1");
  EXPECT_EQ(refuseLine("load memory = results, words = 1, rows = 1"),
            "'memory' results is not possible in a load");
  EXPECT_EQ(refuseLine("store memory = codes, words = 1, rows = 1"),
            "'memory' codes is not possible in a store");
  EXPECT_EQ(refuseLine("load words = 1, rows = 1, dram = 4"),
            "'dram' must be a multiple of dma.bytes");
  EXPECT_EQ(refuseLine("load words = 1, rows = 1, dram_stride = 4"),
            "'dram_stride' must be a multiple of dma.bytes");
  EXPECT_EQ(refuseLine("load words = 1, rows = 1, wait_previous = 1"),
            "load has no previous neighbour");
  EXPECT_EQ(refuseLine("store memory = results, words = 1, rows = 1, "
                       "signal_next = 1"),
            "store has no next neighbour");
  EXPECT_EQ(refuse("finish signal_next = 1"),
            "instruction 0: finish has no next neighbour");
  EXPECT_EQ(refuseLine("load address = 512, words = 1, rows = 1"),
            "it writes codes up to word 512, but there are 512");
  EXPECT_EQ(refuseLine("load words = 2, stride = 256, rows = 3"),
            "it writes codes up to word 513, but there are 512");
  EXPECT_EQ(refuseLine("load words = 1, rows = 1, dram = 4088"),
            "it reads DRAM up to byte 4103, but there are 4096");
  EXPECT_EQ(
      refuseLine("load words = 1, rows = 65535, dram_stride = 4294967288"),
      "it reads DRAM up to byte 281466386251807, but there are 4096");
  EXPECT_EQ(refuseLine("store memory = activations, words = 4, rows = 2, "
                       "dram = 4064, dram_stride = 8"),
            "it writes DRAM up to byte 4103, but there are 4096");
}

static std::string refuseExecute(const Twine &fields,
                                 StringRef machine = testMachineText) {
  return refuseLine("execute windows = 1, steps = 1, passes = 1, " + fields,
                    machine);
}

TEST(ACMCheck, Execute) {
  EXPECT_EQ(refuseExecute("blocks = 1, images = 1"), "");
  EXPECT_EQ(refuseExecute("blocks = 0, images = 1"),
            "'blocks' must be at least 1");
  StringRef one = "blocks = 1, images = 1, ";
  auto refuseOne = [&](const Twine &fields) {
    return refuseExecute(one + fields);
  };
  EXPECT_EQ(refuseOne("fold = 2"),
            "'fold' shares more rows than the machine's fold of 2");
  EXPECT_EQ(refuseOne("span = 1"), "'span' must be 0 but with bitmasks");
  EXPECT_EQ(refuseOne("indices = 1"), "'indices' must be 0 if dense");
  // 4 bits of an index and 4 words of a line: up to 4 words of a mask.
  EXPECT_EQ(refuseOne("format = bitmask, span = 2"), "");
  EXPECT_NE(refuseOne("format = bitmask, span = 3"), "");
  EXPECT_NE(refuseOne("format = bitmask, span = 2, fold = 1"), "");
  EXPECT_EQ(refuseOne("mode = sums, count = 1"),
            "'count' must be 0 but in mode steps");
  EXPECT_EQ(refuseOne("mode = codes, low = 1, output = 1"),
            "'low' must be at most 'high'");
  EXPECT_EQ(refuseOne("mode = steps, count = 2, falls = 3"),
            "'falls' must be at most 'count'");
  EXPECT_EQ(refuseOne("mode = sums, plane = 1"),
            "'plane' must be 0 but in modes codes and steps");
  EXPECT_EQ(refuseOne("mode = sums, resume = 1"),
            "'resume' needs an execute before it with mode keep and this fold");
  EXPECT_EQ(refuseOne("codes = 512"),
            "it reads codes up to word 512, but there are 512");
  EXPECT_EQ(refuseOne("format = csr, indices = 512"),
            "it reads indices up to word 512, but there are 512");
  EXPECT_EQ(refuseOne("parameters = 511"),
            "it reads parameters up to word 512, but there are 512");
  EXPECT_EQ(refuseOne("input = 64"),
            "it reads activations up to word 256, but there are 256");
  EXPECT_EQ(refuseOne("mode = codes, output = 254"), "");
  EXPECT_EQ(refuseOne("mode = codes, output = 255"),
            "it writes activations up to word 256, but there are 256");
  EXPECT_EQ(refuseOne("mode = sums, output = 255"),
            "it writes results up to word 256, but there are 256");
  EXPECT_EQ(refuseExecute("mode = sums, blocks = 1, images = 3, "
                          "output_stride = 127"),
            "");
  EXPECT_EQ(refuseExecute("mode = sums, blocks = 1, images = 3, "
                          "output_stride = 128"),
            "it writes results up to word 257, but there are 256");
  EXPECT_EQ(refuseExecute("blocks = 2, images = 1, mode = keep"),
            "'blocks' and 'images' must be 1 with resume or mode keep");
  EXPECT_EQ(refuseLine("execute format = csr, mode = sums, blocks = 65535, "
                       "images = 1, passes = 31, windows = 1023, steps = 1023"),
            "it reads codes up to word 2126112618464, but there are 512");
}

TEST(ACMCheck, OutputsOfABeat) {
  std::string machine = getPartialMachineText();
  auto refuseImages = [&](const Twine &fields) {
    return refuseExecute("blocks = 1, images = 2, " + fields, machine);
  };
  // A beat of eight is two words.
  EXPECT_EQ(refuseImages("mode = codes, output = 6, output_stride = 2"), "");
  EXPECT_EQ(refuseImages("mode = codes, output = 7, output_stride = 2"),
            "'output' must be a multiple of 2, the words of a beat");
  EXPECT_EQ(refuseImages("mode = steps, output = 6, output_stride = 3"),
            "'output_stride' must be a multiple of 2, the words of a beat");
  // Of four outputs it is one; words of results are addressed one by one.
  EXPECT_EQ(refuseImages("mode = codes, output = 7, output_stride = 3, "
                         "fold = 1"),
            "");
  EXPECT_EQ(refuseImages("mode = sums, output = 7, output_stride = 3"), "");
  // Three blocks of four outputs are two words of results.
  auto refuseBlocks = [&](const Twine &fields) {
    return refuseExecute(
        "mode = sums, fold = 1, blocks = 3, images = 1, " + fields, machine);
  };
  EXPECT_EQ(refuseBlocks("output = 254"), "");
  EXPECT_EQ(refuseBlocks("output = 255"),
            "it writes results up to word 256, but there are 256");
}

TEST(ACMCheck, Resume) {
  StringRef keep = "execute mode = keep, windows = 1, steps = 1, passes = 1, "
                   "blocks = 1, images = 1";
  StringRef resume = "execute mode = sums, resume = 1, windows = 1, steps = 1, "
                     "passes = 1, blocks = 1, images = 1";
  EXPECT_EQ(refuse(keep + "\n" + resume + "\nfinish"), "");
  // Transfers between them do no harm.
  EXPECT_EQ(refuse(keep + "\nload words = 1, rows = 1\n" + resume + "\nfinish"),
            "");
  EXPECT_NE(refuse(keep + "\n" + resume + ", fold = 1\nfinish"), "");
  EXPECT_NE(refuse(keep + "\n" + resume + "\n" + resume + "\nfinish"), "");
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

static std::string refuseOrder(const Twine &text) {
  Program program = cantFail(assemble(
      ("machine " + testMachineText + "\n" + text + "finish\n").str()));
  EXPECT_EQ(toString(checkInstructions(program, dramBytes)), "");
  return toString(checkOrder(program));
}

static std::string load(StringRef memory, unsigned address,
                        const Twine &fields = "") {
  return ("load memory = " + memory +
          ", rows = 1, words = 4, address = " + Twine(address) + fields + "\n")
      .str();
}

/// Reads the activations of line 0 and 1, and writes results 0 and 1.
static std::string execute(const Twine &fields = "") {
  return ("execute mode = sums, blocks = 1, images = 1, passes = 1, windows = "
          "1, "
          "steps = 8, codes = 100, parameters = 100" +
          fields + "\n")
      .str();
}

static std::string store(const Twine &fields = "") {
  return ("store memory = results, rows = 1, words = 2, dram = 0x800" + fields +
          "\n")
      .str();
}

/// Later runs keep to the rules, too.
TEST(ACMCheck, Repeat) {
  Container container;
  container.program = cantFail(assemble(
      ("machine " + StringRef(testMachineText) + "\n" +
       load("codes", 100, ", signal_next = 1") +
       load("activations", 0, ", signal_next = 1") +
       execute(", wait_previous = 1") + "finish")
          .str()));
  container.entry.dram = dramBytes;
  auto refuseRepeat = [&](int64_t repeat) {
    container.entry.repeat = repeat;
    return toString(check(container));
  };
  EXPECT_EQ(refuseRepeat(0), "instructions 1 and 2 race: no token orders their "
                             "accesses to activations at word 0");
  container.program.instructions[0].signalNext = 0;
  EXPECT_EQ(refuseRepeat(0), "");
  EXPECT_EQ(refuseRepeat(1), "");
  EXPECT_TRUE(StringRef(refuseRepeat(2)).starts_with(
      "runs from instruction 2 on, counted from there: deadlock"));
  EXPECT_EQ(refuseRepeat(4), "runs from instruction 4 on, counted from there: "
                             "the last instruction must be finish");
}

TEST(ACMOrder, ReadAfterWrite) {
  EXPECT_EQ(refuseOrder(load("activations", 0) + execute()),
            "instructions 0 and 1 race: no token orders their accesses to "
            "activations at word 0");
  EXPECT_EQ(refuseOrder(load("activations", 0, ", signal_next = 1") +
                        execute(", wait_previous = 1")),
            "");
  // Words that are not read.
  EXPECT_EQ(refuseOrder(load("activations", 8) + execute()), "");
  EXPECT_EQ(refuseOrder(load("codes", 98) + execute()),
            "instructions 0 and 1 race: no token orders their accesses to "
            "codes at word 100");
  EXPECT_EQ(refuseOrder(load("parameters", 98) + execute()),
            "instructions 0 and 1 race: no token orders their accesses to "
            "parameters at word 100");
}

TEST(ACMOrder, WriteAfterRead) {
  EXPECT_EQ(refuseOrder(execute() + load("activations", 4)),
            "instructions 0 and 1 race: no token orders their accesses to "
            "activations at word 4");
  EXPECT_EQ(refuseOrder(execute(", signal_previous = 1") +
                        load("activations", 4, ", wait_next = 1")),
            "");
}

/// The token of the first load says nothing about the second.
TEST(ACMOrder, EarlierToken) {
  EXPECT_EQ(refuseOrder(load("activations", 8, ", signal_next = 1") +
                        load("activations", 4) +
                        execute(", wait_previous = 1")),
            "instructions 1 and 2 race: no token orders their accesses to "
            "activations at word 4");
  // That of the second orders the first, too: load runs in order.
  EXPECT_EQ(refuseOrder(load("activations", 0) +
                        load("activations", 4, ", signal_next = 1") +
                        execute(", wait_previous = 1")),
            "");
}

/// An execute begins before the one before it is complete.
TEST(ACMOrder, ExecutesOverlap) {
  EXPECT_EQ(refuseOrder(execute() +
                        execute(", signal_previous = 1, input = 4") +
                        load("activations", 4, ", wait_next = 1")),
            "");
  EXPECT_EQ(refuseOrder(execute(", signal_previous = 1") + execute() +
                        load("activations", 4, ", wait_next = 1")),
            "instructions 1 and 2 race: no token orders their accesses to "
            "activations at word 4");
}

/// From load to store through execute.
TEST(ACMOrder, Transitive) {
  std::string write = "store memory = activations, rows = 1, words = 4, "
                      "dram = 0x800";
  EXPECT_EQ(refuseOrder(load("activations", 0, ", signal_next = 1") +
                        execute(", wait_previous = 1, signal_next = 1") +
                        write + ", wait_previous = 1\n"),
            "");
  EXPECT_EQ(refuseOrder(load("activations", 0, ", signal_next = 1") +
                        execute(", wait_previous = 1") + write + "\n"),
            "instructions 0 and 2 race: no token orders their accesses to "
            "activations at word 0");
}

TEST(ACMOrder, DRAM) {
  EXPECT_EQ(refuseOrder(store() + load("activations", 0, ", dram = 0x808")),
            "instructions 0 and 1 race: no token orders their accesses to DRAM "
            "at byte 2056");
  EXPECT_EQ(refuseOrder(store() + load("activations", 0, ", dram = 0x900")),
            "");
}

/// Rows with gaps are seen as such.
TEST(ACMOrder, Strides) {
  // The execute reads words 16 to 23.
  StringRef rows =
      "load memory = activations, words = 1, rows = 4, stride = 9, address = ";
  EXPECT_EQ(refuseOrder(rows + "6\n" + execute(", input = 4")), "");
  EXPECT_EQ(refuseOrder(rows + "5\n" + execute(", input = 4")),
            "instructions 0 and 1 race: no token orders their accesses to "
            "activations at word 23");
}

TEST(ACMOrder, Deadlock) {
  EXPECT_EQ(refuseOrder(execute(", wait_next = 1") +
                        store(", wait_previous = 1, signal_previous = 1")),
            "deadlock: execute waits for a token at instruction 0, store waits "
            "for a token at instruction 1");
  // The queue of four is full of what waits for a token that is behind it.
  std::string text = execute(", wait_previous = 1");
  for (unsigned i = 0; i < 4; ++i)
    text += execute();
  EXPECT_EQ(refuseOrder(text + load("activations", 32, ", signal_next = 1")),
            "deadlock: execute waits for a token at instruction 0, fetch waits "
            "for room at instruction 4");
}

TEST(ACMOrder, TooManyTokens) {
  std::string text;
  for (unsigned i = 0; i < 256; ++i)
    text += load("activations", 32, ", signal_next = 1");
  EXPECT_EQ(refuseOrder(text), "instruction 255: the tokens from load to "
                               "execute can become more than 255");
}

TEST(ACMOrder, Limit) {
  Random random(3);
  Container container =
      makeRandomProgram(cantFail(Machine::getPreset("tiny")), random);
  OrderOptions options;
  options.maxIntervals = 3;
  EXPECT_TRUE(StringRef(toString(checkOrder(container.program, options)))
                  .contains("the search for races was given up"));
}

/// Without one of its tokens a program has a race, or waits for ever, or the
/// token was one of those that are not needed.
TEST(ACMOrder, WithoutAToken) {
  unsigned races = 0, deadlocks = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Container container =
        makeRandomProgram(cantFail(Machine::getPreset("tiny")), random);
    ASSERT_EQ(toString(check(container)), "") << seed;
    auto &instructions = container.program.instructions;
    int64_t Instruction::*flags[] = {
        &Instruction::waitPrevious, &Instruction::waitNext,
        &Instruction::signalPrevious, &Instruction::signalNext};
    Instruction &changed =
        instructions[pick(random, 0, instructions.size() - 1)];
    changed.*flags[pick(random, 0, 3)] = 0;
    std::string text = toString(checkOrder(container.program));
    races += StringRef(text).contains("race") ? 1 : 0;
    bool isDeadlock = StringRef(text).starts_with("deadlock");
    deadlocks += isDeadlock ? 1 : 0;
    // The cycle simulator sees the same deadlocks.
    Expected<CycleReport> report = simulateCycles(container.program);
    ASSERT_EQ(!report, isDeadlock) << seed;
    if (!report)
      consumeError(report.takeError());
  }
  EXPECT_GT(races, 20u);
  EXPECT_GT(deadlocks, 20u);
}
