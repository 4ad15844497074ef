//===- sumac-interpret.cpp - Runs functions without arguments ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tool for tests: runs every public function without arguments of an .mlir
// file and prints the results, one line each. Unless told otherwise it runs each
// function twice, fast and by the definition, and reports where the two differ.
//
//===----------------------------------------------------------------------===//

#include "sumac/InitAll.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Support/OutputFile.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/ToolUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace sumac;

namespace {
enum class Mode { Both, Fast, Definition };

struct Options {
  llvm::cl::opt<std::string> input{llvm::cl::Positional, llvm::cl::init("-"), llvm::cl::desc("<input file>")};
  llvm::cl::opt<Mode> mode{
      "mode", llvm::cl::init(Mode::Both), llvm::cl::desc("How to compute"),
      llvm::cl::values(clEnumValN(Mode::Both, "both", "fast and by the definition, which must agree"),
                       clEnumValN(Mode::Fast, "fast", "fast only"),
                       clEnumValN(Mode::Definition, "definition", "by the definition only"))};
  llvm::cl::opt<bool> verifyDiagnostics{"verify-diagnostics",
                                        llvm::cl::desc("Check emitted diagnostics against expected-* lines")};
  llvm::cl::opt<bool> split{"split-input-file", llvm::cl::desc("Process each part between lines of '// -----' apart")};
  llvm::cl::opt<bool> trace{"trace", llvm::cl::desc("Print the result of every operation")};
};
} // namespace

/// Prints elements as nested lists.
static void printElements(llvm::raw_ostream &os, const HostTensor &tensor, size_t dim, int64_t &element) {
  if (dim == tensor.shape.size()) {
    os << tensor.stringifyElement(element++);
    return;
  }
  os << '[';
  for (int64_t i = 0; i < tensor.shape[dim]; ++i) {
    os << (i == 0 ? "" : ", ");
    printElements(os, tensor, dim + 1, element);
  }
  os << ']';
}

static void printTensor(llvm::raw_ostream &os, const HostTensor &tensor) {
  int64_t element = 0;
  os << stringifyShape(tensor.shape, tensor.type) << ' ';
  printElements(os, tensor, 0, element);
  os << '\n';
}

static LogicalResult runFunction(func::FuncOp function, const Options &options, llvm::raw_ostream &os) {
  InterpreterOptions interpreterOptions;
  interpreterOptions.fast = options.mode != Mode::Definition;
  if (options.trace)
    interpreterOptions.trace = [&](const TracedValue &traced) {
      os << "  " << traced.value.getDefiningOp()->getName() << " = ";
      printTensor(os, traced.tensor);
    };
  os << '@' << function.getName() << '\n';
  SmallVector<HostTensor> results, defined;
  if (failed(interpret(function, {}, results, interpreterOptions)))
    return failure();
  for (const HostTensor &result : results)
    printTensor(os, result);
  if (options.mode != Mode::Both)
    return success();
  InterpreterOptions definition;
  definition.fast = false;
  if (failed(interpret(function, {}, defined, definition)))
    return failure();
  for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, defined)))
    if (!(std::get<0>(pair) == std::get<1>(pair)))
      return function.emitError("result ") << i << " differs from the definition's";
  return success();
}

static LogicalResult processModule(const Options &options, llvm::raw_ostream &os, MLIRContext &context,
                                   const std::shared_ptr<llvm::SourceMgr> &sources) {
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return failure();
  LogicalResult result = success();
  for (auto function : module->getOps<func::FuncOp>())
    if (function.isPublic() && function.getNumArguments() == 0 && failed(runFunction(function, options, os)))
      result = failure();
  return result;
}

static LogicalResult processBuffer(const Options &options, llvm::raw_ostream &os, const DialectRegistry &registry,
                                   std::unique_ptr<llvm::MemoryBuffer> buffer) {
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(buffer), SMLoc());
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  if (!options.verifyDiagnostics) {
    SourceMgrDiagnosticHandler handler(*sources, &context);
    return processModule(options, os, context, sources);
  }
  SourceMgrDiagnosticVerifierHandler handler(*sources, &context);
  (void)processModule(options, os, context, sources);
  return handler.verify();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  checkStandardOutputAtExit();
  Options options;
  llvm::cl::ParseCommandLineOptions(argc, argv, "Sumac interpreter for tests\n");
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  sumac::registerAllDialects(registry);
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(options.input, &error);
  if (!input) {
    llvm::errs() << error << '\n';
    return 1;
  }
  auto process = [&](std::unique_ptr<llvm::MemoryBuffer> buffer, llvm::raw_ostream &os) {
    return processBuffer(options, os, registry, std::move(buffer));
  };
  return failed(splitAndProcessBuffer(std::move(input), process, llvm::outs(),
                                      options.split ? kDefaultSplitMarker : ""));
}
