//===- Translation.cpp - Programs of the core in and out -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sumac-translate between assembly, containers and IR, and what it says of containers.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/ACM/Translation.h"

#include "sumac/ACM/Assembly.h"
#include "sumac/ACM/Geometry.h"
#include "sumac/Conversion/SumacToACM/SumacToACM.h"
#include "sumac/Dialect/ACM/IR/ACMDialect.h"
#include "sumac/InitAll.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/Trace.h"
#include "sumac/Support/OutputFile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

using SourceMgrPointer = std::shared_ptr<llvm::SourceMgr>;

static const llvm::MemoryBuffer &getMainBuffer(const llvm::SourceMgr &sources) {
  return *sources.getMemoryBuffer(sources.getMainFileID());
}

/// One line that says what is wrong with the input.
static LogicalResult fail(const llvm::MemoryBuffer &buffer, llvm::Error error) {
  // Containers' errors begin with the name already.
  std::string text = llvm::toString(std::move(error));
  StringRef name = buffer.getBufferIdentifier();
  llvm::errs() << (StringRef(text).starts_with(name) ? "" : name.str() + ": ") << "error: " << text << "\n";
  return failure();
}

/// The container in the input, or nothing and an error on the standard error.
static std::optional<Container> readInput(const llvm::SourceMgr &sources) {
  const llvm::MemoryBuffer &buffer = getMainBuffer(sources);
  auto container = readContainer(llvm::MemoryBufferRef(buffer.getBuffer(), ""));
  if (container)
    return std::move(*container);
  (void)fail(buffer, container.takeError());
  return std::nullopt;
}

static LogicalResult writeOutput(const llvm::MemoryBuffer &buffer, const Container &container, raw_ostream &os) {
  auto bytes = writeContainer(container);
  if (!bytes)
    return fail(buffer, bytes.takeError());
  os.write(reinterpret_cast<const char *>(bytes->data()), bytes->size());
  return success();
}

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// A container of instructions alone: a run of one image without ports, and DRAM up to
/// the last byte that they touch.
static llvm::Expected<Container> wrap(Program program) {
  Container container;
  container.program = std::move(program);
  for (const Instruction &instruction : container.program.instructions)
    for (const Access &access : getAccesses(container.program.machine, instruction))
      if (access.space == dramSpace)
        container.entry.dram = std::max(container.entry.dram, access.getEnd());
  if (container.entry.dram > (int64_t(1) << 32))
    return llvm::createStringError("the instructions reach beyond the 2^32 bytes that DRAM can have");
  return container;
}

static LogicalResult assembleInput(const SourceMgrPointer &sources, raw_ostream &os, MLIRContext *) {
  const llvm::MemoryBuffer &buffer = getMainBuffer(*sources);
  auto program = assemble(buffer.getBuffer());
  if (!program) {
    // The error begins with line and column.
    llvm::errs() << buffer.getBufferIdentifier() << ":" << llvm::toString(program.takeError()) << "\n";
    return failure();
  }
  auto container = wrap(std::move(*program));
  return container ? writeOutput(buffer, *container, os) : fail(buffer, container.takeError());
}

static LogicalResult disassembleInput(const SourceMgrPointer &sources, raw_ostream &os, MLIRContext *) {
  std::optional<Container> container = readInput(*sources);
  if (!container)
    return failure();
  os << disassemble(container->program, [&](size_t number) { return container->getName(number); });
  return success();
}

//===----------------------------------------------------------------------===//
// Checks, simulation
//===----------------------------------------------------------------------===//

static LogicalResult checkInput(const SourceMgrPointer &sources, raw_ostream &os, MLIRContext *) {
  std::optional<Container> container = readInput(*sources);
  if (!container)
    return failure();
  if (llvm::Error error = check(*container))
    return fail(getMainBuffer(*sources), std::move(error));
  os << "ok\n";
  return success();
}

namespace {

/// Flags of --acm-simulate.
struct SimulateOptions {
  llvm::cl::OptionCategory category{"Options of --acm-simulate"};
  llvm::cl::opt<std::string> trace{"trace", llvm::cl::desc("Write what units do, instruction by instruction, for Perfetto"),
                                   llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> vcd{"vcd", llvm::cl::desc("Write waveforms, cycle by cycle"), llvm::cl::value_desc("file"),
                                 llvm::cl::cat(category)};
  llvm::cl::opt<int64_t> maxCycles{"max-cycles", llvm::cl::desc("Give up a program that takes more"),
                                   llvm::cl::init(1000000000), llvm::cl::cat(category)};
};

/// A file that is kept only once all has gone well.
class SideFile {
public:
  SideFile() = default;
  SideFile(const SideFile &) = delete;
  SideFile &operator=(const SideFile &) = delete;
  ~SideFile() {
    // Another error than the file's own is reported.
    if (file)
      llvm::consumeError(finishStream(file->os(), path));
  }
  llvm::Error open(StringRef name) {
    if (name.empty())
      return llvm::Error::success();
    std::error_code code;
    file = std::make_unique<llvm::ToolOutputFile>(name, code, llvm::sys::fs::OF_None);
    if (code) {
      file.reset();
      return llvm::createStringError(code, "cannot write '" + name + "': " + code.message());
    }
    path = name.str();
    return llvm::Error::success();
  }
  raw_ostream *get() { return file ? &file->os() : nullptr; }
  llvm::Error keep() {
    if (!file)
      return llvm::Error::success();
    if (llvm::Error error = finishStream(file->os(), path))
      return error;
    file->keep();
    return llvm::Error::success();
  }

private:
  std::string path;
  std::unique_ptr<llvm::ToolOutputFile> file;
};

} // namespace

/// Writes the traces that are asked for and the report.
static llvm::Error simulate(const Container &container, const SimulateOptions &flags, raw_ostream &os) {
  if (llvm::Error error = check(container))
    return error;
  SideFile trace, vcd;
  if (llvm::Error error = trace.open(flags.trace))
    return error;
  if (llvm::Error error = vcd.open(flags.vcd))
    return error;
  const Program &program = container.program;
  std::unique_ptr<CycleObserver> writer;
  CycleOptions options;
  options.maxCycles = flags.maxCycles;
  if (vcd.get())
    writer = createVCDWriter(program.machine, *vcd.get());
  options.observer = writer.get();
  auto report = simulateCycles(program, options);
  if (!report)
    return report.takeError();
  writer.reset();
  if (trace.get())
    writePerfetto(program, *report, *trace.get(), [&](size_t number) { return container.getName(number); });
  if (llvm::Error error = trace.keep())
    return error;
  if (llvm::Error error = vcd.keep())
    return error;
  printJSON(*report, program.machine, os);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// IR
//===----------------------------------------------------------------------===//

/// Names of layers are locations, so these are printed.
static LogicalResult importContainer(const SourceMgrPointer &sources, raw_ostream &os, MLIRContext *context) {
  std::optional<Container> container = readInput(*sources);
  if (!container)
    return failure();
  context->loadDialect<ACMDialect>();
  Location location = UnknownLoc::get(context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  buildProgram(builder, location, kProgramName, *container);
  module->print(os, OpPrintingFlags().enableDebugInfo());
  os << "\n";
  return success();
}

static LogicalResult exportProgram(Operation *op, raw_ostream &os) {
  SmallVector<ProgramOp> programs;
  op->walk([&](ProgramOp program) { programs.push_back(program); });
  if (programs.size() != 1)
    return op->emitError() << "has " << programs.size() << " programs; a container holds one";
  FailureOr<Container> container = getContainer(programs.front());
  if (failed(container))
    return failure();
  auto bytes = writeContainer(*container);
  if (!bytes)
    return programs.front().emitError() << llvm::toString(bytes.takeError());
  os.write(reinterpret_cast<const char *>(bytes->data()), bytes->size());
  return success();
}

void sumac::registerACMTranslations() {
  static SimulateOptions flags;
  static TranslateRegistration assembler("acm-assemble", "assembly of the accumulate-multiply core to a container", assembleInput);
  static TranslateRegistration disassembler("acm-disassemble", "container to assembly", disassembleInput);
  static TranslateRegistration checker("acm-check", "say whether a container's program is free of mistakes, races and deadlocks",
                                       checkInput);
  static TranslateRegistration simulator(
      "acm-simulate", "cycles, stalls and traffic of a container's program as JSON",
      [](const SourceMgrPointer &sources, raw_ostream &os, MLIRContext *) -> LogicalResult {
        std::optional<Container> container = readInput(*sources);
        if (!container)
          return failure();
        if (llvm::Error error = simulate(*container, flags, os))
          return fail(getMainBuffer(*sources), std::move(error));
        return success();
      });
  static TranslateRegistration importer("acm-to-mlir", "container to the acm dialect", importContainer);
  static TranslateFromMLIRRegistration exporter("mlir-to-acm", "the acm dialect to a container", exportProgram,
                                                [](DialectRegistry &registry) { registerAllDialects(registry); });
}
