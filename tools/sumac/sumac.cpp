//===- sumac.cpp - The compiler's command line ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the command and runs it. The exit status is 0 for success, 1 for bad
// input or a difference found, 2 for wrong usage.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Support/OutputFile.h"

#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>

using namespace sumac;
namespace cl = llvm::cl;

static constexpr llvm::StringRef overview =
    "Sumac compiles quantized neural networks in ONNX to code and hardware "
    "that add\n"
    "instead of multiply. 'sumac COMMAND --help' shows a command's options.\n";

/// Loads the back ends of `--plugin FILE` before their options are declared,
/// and takes these arguments away.
static llvm::Error loadPlugins(std::vector<const char *> &arguments) {
  for (size_t i = 1; i < arguments.size();) {
    llvm::StringRef argument = arguments[i];
    if (!argument.consume_front("--plugin")) {
      ++i;
      continue;
    }
    size_t used = 1;
    if (!argument.consume_front("=")) {
      if (!argument.empty() || i + 1 == arguments.size())
        return llvm::createStringError("--plugin takes a shared library");
      argument = arguments[i + 1];
      used = 2;
    }
    std::string message;
    if (llvm::sys::DynamicLibrary::LoadLibraryPermanently(
            argument.str().c_str(), &message))
      return llvm::createStringError("cannot load plugin: " + message);
    arguments.erase(arguments.begin() + i, arguments.begin() + i + used);
  }
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  checkStandardOutputAtExit();
  // A file that must not grow further is an error of the write, as a full disk
  // is. LLVM takes it for a crash.
  std::signal(SIGXFSZ, SIG_IGN);
  std::vector<const char *> arguments(argv, argv + argc);
  if (llvm::Error error = loadPlugins(arguments))
    return reportUsage(llvm::toString(std::move(error)));

  // Python parses the arguments of this one; here it is only listed.
  static cl::SubCommand quantize(
      "quantize", "Quantize a float model: sums in place of multiplications");
  if (arguments.size() > 1 && quantize.getName() == arguments[1])
    return runQuantize(arguments);

  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(createCompileCommand());
  commands.push_back(createRunCommand());
  commands.push_back(createVerifyCommand());
  commands.push_back(createInspectCommand());

  // Only the command at hand shows its examples.
  for (const std::unique_ptr<Command> &command : commands) {
    CommonFlags &flags = command->getFlags();
    cl::HideUnrelatedOptions({&flags.category, &flags.targetCategory},
                             command->subCommand);
    if (arguments.size() > 1 && command->subCommand.getName() == arguments[1])
      static cl::extrahelp help(command->examples);
  }
  static cl::OptionCategory none("General options");
  cl::HideUnrelatedOptions(none);
  cl::SetVersionPrinter(
      [](llvm::raw_ostream &os) { os << "Sumac " SUMAC_VERSION "\n"; });
  if (arguments.size() == 1) {
    cl::ParseCommandLineOptions(1, arguments.data(), overview, &llvm::errs());
    cl::PrintHelpMessage();
    return ExitStatus::Usage;
  }
  if (!cl::ParseCommandLineOptions(static_cast<int>(arguments.size()),
                                   arguments.data(), overview, &llvm::errs()))
    return ExitStatus::Usage;
  for (const std::unique_ptr<Command> &command : commands)
    if (command->subCommand)
      return command->run();
  return reportUsage("no command is given; 'sumac --help' lists them");
}
