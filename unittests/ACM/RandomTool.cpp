//===- RandomTool.cpp - Write a random container --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   SumacACMRandom --machine tiny --seed N -o program.acm
//                  [--max-instructions N] [--max-words N] [--max-steps N]
//
// `--machine` is a preset, a description's file, or `random`.
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/RandomProgram.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sumac::acm;

static cl::opt<std::string> machineName("machine", cl::init("tiny"));
static cl::opt<uint64_t> seed("seed", cl::init(1));
static cl::opt<std::string> outputPath("o", cl::Required);
static cl::opt<int64_t> maxInstructions("max-instructions", cl::init(40));
static cl::opt<int64_t> maxWords("max-words", cl::init(96));
static cl::opt<int64_t> maxSteps("max-steps", cl::init(400));

static ExitOnError exitOnError("error: ");

static Machine readMachine(Random &random) {
  if (machineName == "random")
    return makeRandomMachine(random);
  if (!StringRef(machineName).ends_with(".json"))
    return exitOnError(Machine::getPreset(machineName));
  auto buffer =
      exitOnError(errorOrToExpected(MemoryBuffer::getFile(machineName)));
  return exitOnError(Machine::read(buffer->getBuffer()));
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv);
  Random random(seed);
  Machine machine = readMachine(random);
  exitOnError(machine.check());
  RandomOptions options;
  options.maxInstructions = maxInstructions;
  options.maxWords = maxWords;
  options.maxSteps = maxSteps;
  Container container = makeRandomProgram(machine, random, options);
  exitOnError(check(container));
  std::vector<uint8_t> bytes = exitOnError(writeContainer(container));
  std::error_code code;
  raw_fd_ostream os(outputPath, code);
  exitOnError(errorCodeToError(code));
  os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  return 0;
}
