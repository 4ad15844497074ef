//===- SimulateTool.cpp - Run a container, without MLIR -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   SumacACMSimulate CONTAINER [--trace FILE] [--vcd FILE] [--dram FILE]
//                    [--results FILE] [--times FILE] [--no-check]
//                    [--disassemble]
//
// Checks and runs a container once, on the DRAM that it holds, and prints
// cycles, stalls and traffic as JSON. For comparisons with the RTL.
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/Run.h"
#include "sumac/Simulator/ACM/Trace.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sumac::acm;

static cl::opt<std::string> containerPath(cl::Positional, cl::Required,
                                          cl::desc("CONTAINER"));
static cl::opt<std::string> tracePath("trace", cl::desc("Perfetto trace"));
static cl::opt<std::string> vcdPath("vcd", cl::desc("waveforms"));
static cl::opt<std::string> dramPath("dram", cl::desc("DRAM at the end"));
static cl::opt<std::string>
    resultsPath("results",
                cl::desc("result memory at the end, words in bytes"));
static cl::opt<std::string>
    timesPath("times", cl::desc("fetched, begun, completed of instructions"));
static cl::opt<bool> noCheck("no-check", cl::desc("do not look for races"));
static cl::opt<bool> disassembles("disassemble", cl::desc("print assembly"));
static cl::opt<int64_t> maxCycles("max-cycles", cl::init(1000000000));

static ExitOnError exitOnError("error: ");

static std::unique_ptr<raw_fd_ostream> open(StringRef path) {
  std::error_code code;
  auto os = std::make_unique<raw_fd_ostream>(path, code);
  exitOnError(errorCodeToError(code));
  return os;
}

static void write(StringRef path, ArrayRef<uint8_t> bytes) {
  if (!path.empty())
    open(path)->write(reinterpret_cast<const char *>(bytes.data()),
                      bytes.size());
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv);
  auto buffer =
      exitOnError(errorOrToExpected(MemoryBuffer::getFile(containerPath)));
  Container container = exitOnError(readContainer(buffer->getMemBufferRef()));
  auto getName = [&](size_t number) { return container.getName(number); };
  if (disassembles) {
    outs() << disassemble(container.program, getName);
    return 0;
  }
  const Program program = container.program;
  RunOptions options;
  options.checksOrder = !noCheck;
  Runner runner = exitOnError(Runner::create(container, options));
  exitOnError(runner.getSimulator().run());

  CycleOptions cycleOptions;
  cycleOptions.maxCycles = maxCycles;
  std::unique_ptr<raw_fd_ostream> vcd;
  std::unique_ptr<CycleObserver> writer;
  if (!vcdPath.empty()) {
    vcd = open(vcdPath);
    writer = createVCDWriter(program.machine, *vcd);
    cycleOptions.observer = writer.get();
  }
  CycleReport report = exitOnError(simulateCycles(program, cycleOptions));
  printJSON(report, program.machine, outs());
  if (!tracePath.empty())
    writePerfetto(program, report, *open(tracePath), getName);
  if (!timesPath.empty()) {
    auto os = open(timesPath);
    for (const InstructionTimes &times : report.instructions)
      *os << times.fetched << " " << times.begun << " " << times.completed
          << "\n";
  }
  write(dramPath, runner.getDram());
  write(resultsPath, runner.getSimulator().getMemory(Memory::Results));
  return 0;
}
