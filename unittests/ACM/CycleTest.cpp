//===- CycleTest.cpp - Cycles counted by hand -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Little programs on the test machine (queues of 4, 8 bytes of DMA with a
// latency of 20, 8 rows of 4 lanes, 4 outputs a beat), with cycles from section
// 4 of the specification.
//
//===----------------------------------------------------------------------===//

#include "TestMachine.h"
#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/Energy.h"
#include "sumac/Simulator/ACM/Trace.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

static Program read(const Twine &text, StringRef machine = testMachineText) {
  Program program = cantFail(
      assemble(("machine " + machine + "\n" + text + "finish\n").str()));
  EXPECT_EQ(toString(checkInstructions(program, 1 << 20)), "");
  return program;
}

static CycleReport simulate(const Twine &text,
                            StringRef machine = testMachineText) {
  return cantFail(simulateCycles(read(text, machine)));
}

/// An execute of one of all, and what is set besides.
static std::string execute(const Twine &fields) {
  std::string text = ("execute " + fields).str();
  for (StringRef name : {"blocks", "images", "passes", "windows", "steps"})
    if (!StringRef(text).contains((name + " =").str()))
      text += (", " + name + " = 1").str();
  return text + "\n";
}

static constexpr StringLiteral loadWord =
    "load memory = activations, rows = 1, words = 1";

static void expectTimes(const CycleReport &report, size_t number,
                        int64_t fetched, int64_t begun, int64_t completed) {
  EXPECT_EQ(report.instructions[number].fetched, fetched);
  EXPECT_EQ(report.instructions[number].begun, begun);
  EXPECT_EQ(report.instructions[number].completed, completed);
}

TEST(ACMCycles, Finish) { EXPECT_EQ(simulate("").cycles, 1); }

TEST(ACMCycles, Load) {
  CycleReport report =
      simulate("load memory = activations, rows = 1, words = 3\n");
  // Taken in 1, 20 of latency, 3 transfers.
  expectTimes(report, 0, 0, 1, 24);
  EXPECT_EQ(report.cycles, 25);
  EXPECT_EQ(report.load.busy, 23);
  EXPECT_EQ(report.load.empty, 2);
  EXPECT_EQ(report.activity.dramBytesRead, 24);
}

TEST(ACMCycles, Store) {
  // A word of 4 x 48 bits is three transfers.
  CycleReport report =
      simulate("store memory = results, rows = 2, words = 1\n");
  expectTimes(report, 0, 0, 1, 27);
  EXPECT_EQ(report.cycles, 28);
}

TEST(ACMCycles, Execute) {
  CycleReport report = simulate(execute("mode = sums, steps = 4"));
  // Steps in 2 to 5, two beats in O1 in 7 and 8.
  expectTimes(report, 0, 0, 1, 11);
  EXPECT_EQ(report.cycles, 12);
  EXPECT_EQ(report.getCycles(Activeness::Step), 4);
  EXPECT_EQ(report.getCycles(Activeness::Begin), 1);
  EXPECT_EQ(report.getCycles(Activeness::Empty), 7);
  EXPECT_DOUBLE_EQ(report.getUtilization(), 4.0 / 12);
}

TEST(ACMCycles, Fold) {
  // Of two rows an output: one beat.
  EXPECT_EQ(simulate(execute("mode = sums, steps = 4, fold = 1")).cycles, 11);
}

TEST(ACMCycles, Thresholds) {
  // Two beats of four micro-beats: in O1 in 4 to 11.
  CycleReport report =
      simulate(execute("mode = steps, count = 3, output = 32"));
  expectTimes(report, 0, 0, 1, 14);
}

TEST(ACMCycles, PassesShareTheOutputStage) {
  // Steps in 2 and 3; O1 has the first pass in 4, 5, the second in 6, 7.
  CycleReport report = simulate(execute("mode = sums, passes = 2"));
  expectTimes(report, 0, 0, 1, 10);
}

TEST(ACMCycles, PendingInput) {
  // The first's word is in O4 in 7: the second's step is in 8, and the next one
  // in 9, when the second beat has been written.
  CycleReport report = simulate(execute("mode = codes, output = 32") +
                                execute("mode = sums, input = 8, steps = 2"));
  EXPECT_EQ(report.getCycles(Activeness::PendingInput), 5);
  expectTimes(report, 0, 0, 1, 8);
  expectTimes(report, 1, 1, 2, 15);
  EXPECT_EQ(report.cycles, 16);
}

TEST(ACMCycles, PendingLine) {
  // Formats that read a line wait for all of its words, here until 8.
  CycleReport report =
      simulate(execute("mode = codes, output = 32") +
               execute("mode = sums, input = 8, format = csr"));
  EXPECT_EQ(report.getCycles(Activeness::PendingInput), 6);
}

TEST(ACMCycles, AccumulatorsTaken) {
  // The third image waits until the first's last micro-beat is in O1, in 11.
  CycleReport report = simulate(execute(
      "mode = steps, count = 3, images = 3, output = 32, output_stride = 4"));
  EXPECT_EQ(report.getCycles(Activeness::AccumulatorsTaken), 7);
  expectTimes(report, 0, 0, 1, 30);
  EXPECT_EQ(report.cycles, 31);
}

TEST(ACMCycles, PendingOutput) {
  // The second image writes what the first writes.
  CycleReport report =
      simulate(execute("mode = codes, images = 2, output = 32"));
  EXPECT_EQ(report.getCycles(Activeness::PendingOutput), 6);
  EXPECT_EQ(report.cycles, 16);
}

TEST(ACMCycles, OutputsShareALine) {
  // The second image writes the other two words of the line.
  CycleReport report = simulate(
      execute("mode = codes, images = 2, output = 32, output_stride = 2"));
  EXPECT_EQ(report.getCycles(Activeness::PendingOutput), 0);
  EXPECT_EQ(report.cycles, 11);
}

TEST(ACMCycles, PartialBeats) {
  std::string machine = getPartialMachineText();
  // One micro-beat, and three of thresholds: in O1 in 4 to 7.
  CycleReport report = simulate(
      execute("mode = steps, count = 3, fold = 1, output = 33"), machine);
  expectTimes(report, 0, 0, 1, 10);

  // Word 33 is written in 7, by the only beat of the block: the step that reads
  // it is issued in 8.
  report = simulate(execute("mode = codes, fold = 1, output = 33") +
                        execute("mode = sums, input = 8, steps = 2"),
                    machine);
  EXPECT_EQ(report.getCycles(Activeness::PendingInput), 4);
  expectTimes(report, 0, 0, 1, 7);
  expectTimes(report, 1, 1, 2, 13);

  // Blocks write a word each, of activations or a half of results.
  Activity activity = getActivity(read(
      execute("mode = codes, fold = 1, blocks = 3, output = 33"), machine));
  EXPECT_EQ(activity.writes[static_cast<unsigned>(Memory::Activations)], 3);
  EXPECT_EQ(activity.reads[static_cast<unsigned>(Memory::Parameters)], 3);
  activity =
      getActivity(read(execute("mode = sums, fold = 1, blocks = 3"), machine));
  EXPECT_EQ(activity.writes[static_cast<unsigned>(Memory::Results)], 3);
  EXPECT_EQ(activity.outputs, 12);
}

TEST(ACMCycles, Tokens) {
  CycleReport report = simulate(loadWord + ", signal_next = 1\n" +
                                execute("mode = sums, wait_previous = 1"));
  expectTimes(report, 0, 0, 1, 22);
  // Its step is in 24, its beats in O1 in 26 and 27.
  expectTimes(report, 1, 1, 23, 30);
  EXPECT_EQ(report.getCycles(Activeness::WaitPrevious), 21);
  EXPECT_EQ(report.cycles, 31);
}

TEST(ACMCycles, FetchWaits) {
  std::string text;
  for (unsigned i = 0; i < 6; ++i)
    text += loadWord.str() + "\n";
  CycleReport report = simulate(text);
  // The queue is full from 5 until the second is taken in 23.
  expectTimes(report, 5, 24, 111, 132);
  EXPECT_EQ(report.fetchStalls, 19);
  EXPECT_EQ(report.cycles, 133);
}

TEST(ACMCycles, Deadlock) {
  Program program = read(execute("mode = sums, wait_next = 1") +
                         "store memory = results, rows = 1, words = 1, "
                         "wait_previous = 1, signal_previous = 1\n");
  std::string text = toString(simulateCycles(program).takeError());
  EXPECT_TRUE(StringRef(text).starts_with("deadlock in cycle "));
  EXPECT_TRUE(
      StringRef(text).ends_with("execute waits for a token at "
                                "instruction 0, store waits for a token "
                                "at instruction 1"));
}

TEST(ACMCycles, TooManyTokens) {
  std::string text;
  for (unsigned i = 0; i < 256; ++i)
    text += loadWord.str() + ", signal_next = 1\n";
  EXPECT_EQ(toString(simulateCycles(read(text)).takeError()),
            "cycle 5632: the tokens from load to execute become more than 255");
}

TEST(ACMCycles, Limit) {
  CycleOptions options;
  options.maxCycles = 24;
  Program program = read("load memory = activations, rows = 1, words = 3\n");
  EXPECT_EQ(toString(simulateCycles(program, options).takeError()),
            "the program takes more than 24 cycles");
  options.maxCycles = 25;
  EXPECT_EQ(cantFail(simulateCycles(program, options)).cycles, 25);
}

TEST(ACMCycles, Traces) {
  Program program = read(loadWord + ", signal_next = 1\n" +
                         execute("mode = sums, wait_previous = 1"));
  std::string waves, slices;
  raw_string_ostream wavesStream(waves), slicesStream(slices);
  CycleOptions options;
  auto writer = createVCDWriter(program.machine, wavesStream);
  options.observer = writer.get();
  CycleReport report = cantFail(simulateCycles(program, options));
  writer.reset();
  EXPECT_TRUE(
      StringRef(waves).contains("$var wire 8 % tokens_load_to_execute $end"));
  // The token is there in cycle 23 alone, of 10 ns each.
  EXPECT_TRUE(StringRef(waves).contains("#230000\nb00000001 %\n"));
  EXPECT_TRUE(StringRef(waves).ends_with("#310000\n"));

  writePerfetto(program, report, slicesStream,
                [](size_t number) { return number == 1 ? "layer" : ""; });
  json::Value trace = cantFail(json::parse(slices));
  const json::Array &events = *trace.getAsObject()->getArray("traceEvents");
  ASSERT_EQ(events.size(), 6u);
  const json::Object &last = *events.back().getAsObject();
  EXPECT_EQ(last.getString("name"), "layer");
  EXPECT_EQ(last.getNumber("ts"), 0.23);
  EXPECT_EQ(last.getObject("args")->getInteger("completed"), 30);
}

//===----------------------------------------------------------------------===//
// Activity and energy
//===----------------------------------------------------------------------===//

TEST(ACMActivity, Formats) {
  Machine machine = getTestMachine();
  Activity dense = getActivity(
      read(execute("steps = 3, fold = 1, blocks = 2, images = 5, mode = codes, "
                   "output = 32, output_stride = 1, input_stride = 2")));
  EXPECT_EQ(dense.steps, 30);
  EXPECT_EQ(dense.denseSlots, 30 * 32);
  EXPECT_EQ(dense.reads[static_cast<unsigned>(Memory::Activations)], 60);
  EXPECT_EQ(dense.writes[static_cast<unsigned>(Memory::Activations)], 10);
  EXPECT_EQ(dense.reads[static_cast<unsigned>(Memory::Parameters)], 10);
  // A line has 16 elements: 8 rows of them, or, folded, halves of them.
  Activity csr = getActivity(
      read(execute("format = csr, windows = 2, mode = sums, steps = 1")));
  EXPECT_EQ(csr.denseSlots, 2 * 8 * 16);
  Activity folded = getActivity(read(
      execute("format = csr, windows = 2, mode = sums, steps = 1, fold = 1")));
  EXPECT_EQ(folded.denseSlots, 2 * 8 * 8);
  Activity mask = getActivity(read(execute(
      "format = bitmask, windows = 2, mode = sums, steps = 1, span = 1")));
  EXPECT_EQ(mask.denseSlots, 2 * 8 * 8);
}

TEST(ACMEnergy, Table) {
  EnergyTable table;
  EXPECT_DOUBLE_EQ(table.getAccess(8 * 1024), 10);
  EXPECT_NEAR(table.getAccess(32 * 1024), 20, 1e-9);
  EXPECT_NEAR(table.getAccess(1024 * 1024), 100, 1e-9);
  // A straight line through the logarithms.
  EXPECT_NEAR(table.getAccess(16 * 1024), std::sqrt(200.0), 1e-9);
  EXPECT_NEAR(table.getAccess(2 * 1024), 5, 1e-9);
  EXPECT_NEAR(8 * table.addPerBit, 0.03, 0.006);
  EXPECT_NEAR(64 * table.multiplyPerBits, 0.2, 0.007);
}

TEST(ACMEnergy, Report) {
  Machine machine = getTestMachine();
  Activity activity = getActivity(read(execute("mode = sums, steps = 4")));
  EnergyReport report = estimateEnergy(machine, activity, 100);
  EXPECT_DOUBLE_EQ(report.accumulate, 100 * 20 * 0.1 / 32);
  EXPECT_DOUBLE_EQ(report.executedOperations, 2 * 4 * 32);
  EXPECT_DOUBLE_EQ(report.dram, 0);
  // Four words of codes: two SRAMs of 512 x 64 bits, 4 KB each.
  EXPECT_NEAR(report.memories[0], 4 * 2 * 10 / std::sqrt(2.0), 1e-9);
  EnergyTable scaled;
  scaled.scale = 0.5;
  EXPECT_DOUBLE_EQ(estimateEnergy(machine, activity, 100, scaled).getTotal(),
                   report.getTotal() / 2);
  std::string text;
  raw_string_ostream os(text);
  printJSON(report, 2, 0, EnergyTable(), os);
  json::Value value = cantFail(json::parse(text));
  EXPECT_DOUBLE_EQ(*value.getAsObject()->getNumber("picojoules_per_image"),
                   report.getTotal() / 2);
}
