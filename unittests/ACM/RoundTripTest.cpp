//===- RoundTripTest.cpp - Encoder, assembler, container, and back --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/RandomProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

/// Instructions that checkInstruction() accepts, in programs of one to twenty.
static Program makeInstructions(Random &random) {
  Program program;
  const char *presets[] = {"tiny", "edge", "fantastic4"};
  int64_t kind = pick(random, 0, 3);
  program.machine = kind == 3 ? makeRandomMachine(random)
                              : cantFail(Machine::getPreset(presets[kind]));
  int64_t dram = int64_t(1) << 22;
  int64_t count = pick(random, 1, 20);
  for (int64_t i = 0; i < count; ++i) {
    program.instructions.push_back(
        makeRandomInstruction(program.machine, dram, random));
    EXPECT_EQ(toString(checkInstruction(program.machine,
                                        program.instructions.back(), dram)),
              "")
        << stringifyInstruction(program.instructions.back());
  }
  return program;
}

/// Field by field anything that fits, which no check has to accept.
static Instruction makeAnything(const Machine &machine, Random &random) {
  Instruction instruction;
  for (const Field &field : getFields())
    if (field.isIn(instruction.getOpcode()))
      instruction.*field.member =
          pick(random, field.getLow(machine), field.getHigh(machine));
  return instruction;
}

static void checkRoundTrip(const Program &program) {
  std::vector<uint8_t> bytes = cantFail(encode(program));
  std::string text = disassemble(program);
  Program assembled = cantFail(assemble(text));
  ASSERT_EQ(assembled.machine, program.machine);
  ASSERT_EQ(assembled.instructions, program.instructions) << text;
  ASSERT_EQ(cantFail(encode(assembled)), bytes);
  ASSERT_EQ(disassemble(assembled), text);
  size_t size = program.machine.getInstructionBytes();
  for (size_t i = 0; i < program.instructions.size(); ++i)
    ASSERT_EQ(cantFail(decode(program.machine,
                              ArrayRef(bytes).slice(i * size, size))),
              program.instructions[i]);
}

TEST(ACMRoundTrip, Programs) {
  // Of ten instructions on average.
  for (uint64_t seed = 0; seed < 100000 && !::testing::Test::HasFailure();
       ++seed) {
    Random random(seed);
    checkRoundTrip(makeInstructions(random));
  }
}

TEST(ACMRoundTrip, AnyFields) {
  for (uint64_t seed = 0; seed < 20000 && !::testing::Test::HasFailure();
       ++seed) {
    Random random(seed);
    Program program;
    program.machine = makeRandomMachine(random);
    program.instructions.push_back(makeAnything(program.machine, random));
    checkRoundTrip(program);
  }
}

/// Any bits: an error, or an instruction that is encoded as the same bits.
TEST(ACMRoundTrip, AnyBits) {
  Machine machine = cantFail(Machine::getPreset("tiny"));
  std::vector<uint8_t> bytes(machine.getInstructionBytes());
  unsigned decoded = 0;
  for (uint64_t seed = 0; seed < 50000; ++seed) {
    Random random(seed);
    // Zeros behind, so that some are instructions.
    size_t used = pick(random, 1, bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = i < used ? static_cast<uint8_t>(random()) : 0;
    Expected<Instruction> instruction = decode(machine, bytes);
    if (!instruction) {
      consumeError(instruction.takeError());
      continue;
    }
    ++decoded;
    std::vector<uint8_t> again;
    cantFail(encode(machine, *instruction, again));
    ASSERT_EQ(again, bytes);
  }
  EXPECT_GT(decoded, 5000u);
}

TEST(ACMRoundTrip, Containers) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Machine machine = makeRandomMachine(random);
    Container container = makeRandomProgram(machine, random);
    container.names = json::Object{{"layers", json::Array{"a", "b"}}};
    Port port;
    port.name = "x";
    port.elements = 3;
    port.metadata = json::Object{{"scale", 0.5}};
    container.entry.outputs.push_back(port);
    ASSERT_EQ(toString(check(container)), "") << seed;
    std::vector<uint8_t> bytes = cantFail(writeContainer(container));
    MemoryBufferRef buffer(toStringRef(bytes), "");
    Container read = cantFail(readContainer(buffer));
    ASSERT_EQ(read.program.instructions, container.program.instructions);
    ASSERT_EQ(read.data, container.data);
    ASSERT_EQ(cantFail(writeContainer(read)), bytes);
  }
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

static std::string refuse(StringRef text) {
  Expected<Program> program = assemble(text);
  return program ? "" : toString(program.takeError());
}

TEST(ACMAssembly, Errors) {
  EXPECT_EQ(refuse(""), "1:1: there is no line 'machine'");
  EXPECT_EQ(refuse("finish"), "1:1: the first line must be 'machine' with a "
                              "preset's name or a description");
  EXPECT_EQ(refuse("// x\nmachine no"),
            "2:9: there is no machine 'no'; there are tiny, edge, fantastic4");
  EXPECT_EQ(refuse("machine {}"),
            "1:9: machine description: 'name' is missing");
  auto refuseLine = [](StringRef line) {
    return refuse(("machine tiny\n" + line).str());
  };
  EXPECT_EQ(refuseLine("halt"),
            "2:1: there must be finish, load, store or execute");
  EXPECT_EQ(refuseLine("  load wordz = 1"), "2:8: 'wordz' is no field of load");
  EXPECT_EQ(refuseLine("load steps = 1"), "2:6: 'steps' is no field of load");
  EXPECT_EQ(refuseLine("load words 1"),
            "2:12: there must be a '=' behind 'words'");
  EXPECT_EQ(refuseLine("load words = 1024"),
            "2:14: 'words' must be an integer of 0 to 1023");
  EXPECT_EQ(refuseLine("load words = x"),
            "2:14: 'words' must be an integer of 0 to 1023");
  EXPECT_EQ(refuseLine("execute low = -65537"),
            "2:15: 'low' must be an integer of -65536 to 65535");
  EXPECT_EQ(refuseLine("execute format = sparse"),
            "2:18: 'format' must be one of dense, bitmask, csr");
  EXPECT_EQ(refuseLine("load words = 1, words = 1"),
            "2:17: 'words' is there twice");
  EXPECT_EQ(refuseLine("load words = 1 rows = 1"),
            "2:16: there must be a ',' between fields");
  EXPECT_EQ(refuseLine("load words = 1,"), "2:16: '' is no field of load");
}

TEST(ACMAssembly, Text) {
  StringRef text = "// A comment\n"
                   "machine tiny // the preset\n"
                   "\n"
                   "\tload dram=0x40,words=3 , rows = 1, signal_next = 1\r\n"
                   "finish";
  Program program = cantFail(assemble(text));
  ASSERT_EQ(program.instructions.size(), 2u);
  EXPECT_EQ(program.instructions[0].dram, 64);
  EXPECT_EQ(disassemble(program),
            "machine tiny\n"
            "load signal_next = 1, memory = codes, address = 0, stride = 0, "
            "words = 3, rows = 1, dram = 0x40, dram_stride = 0\n"
            "finish\n");
}

TEST(ACMEncoding, Errors) {
  Machine machine = cantFail(Machine::getPreset("tiny"));
  std::vector<uint8_t> bytes(machine.getInstructionBytes());
  auto refuseBytes = [&] {
    Expected<Instruction> decoded = decode(machine, bytes);
    return decoded ? "" : toString(decoded.takeError());
  };
  EXPECT_EQ(refuseBytes(), "");
  bytes[0] = 4;
  EXPECT_EQ(refuseBytes(), "'opcode' 4 is reserved");
  bytes[0] = 0;
  bytes.back() = 0x80;
  EXPECT_EQ(refuseBytes(), "bits behind the fields of finish are not 0");
  EXPECT_EQ(toString(decode(machine, {}).takeError()),
            "the instruction is cut off");

  Program program;
  program.machine = machine;
  Instruction load(Opcode::Load);
  load.words = 1024;
  program.instructions = {load};
  EXPECT_EQ(toString(encode(program).takeError()),
            "instruction 0: 'words' is 1024, which is not in 0 ... 1023");
  load.words = 1;
  load.steps = 1;
  program.instructions = {load};
  EXPECT_EQ(toString(encode(program).takeError()),
            "instruction 0: 'steps' is no field of load");
}
