//===- Quantize.cpp - sumac quantize --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands the command over to the Python package, which onnxruntime, scikit-learn
// and NumPy do the work for: `python -m sumac.quantize`.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

#include <cstdlib>

using namespace sumac;

/// The folder of the Python package: of the checkout that the program was built
/// in, else where `cmake --install` puts it beside the program.
static std::string findPackage(llvm::StringRef program) {
  if (llvm::sys::fs::is_directory(SUMAC_PYTHON_PACKAGE "/sumac/quantize"))
    return SUMAC_PYTHON_PACKAGE;
  llvm::SmallString<256> path(program);
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, "..", "share", "sumac", "python");
  if (llvm::sys::fs::is_directory(path))
    return path.str().str();
  return {};
}

/// $SUMAC_PYTHON, the checkout's virtual environment, or python3.
static llvm::ErrorOr<std::string> findPython() {
  if (auto name = llvm::sys::Process::GetEnv("SUMAC_PYTHON"))
    return llvm::sys::findProgramByName(*name);
  if (llvm::sys::fs::can_execute(SUMAC_PYTHON_PROGRAM))
    return std::string(SUMAC_PYTHON_PROGRAM);
  return llvm::sys::findProgramByName("python3");
}

int sumac::runQuantize(llvm::ArrayRef<const char *> arguments) {
  static int anchor;
  std::string program =
      llvm::sys::fs::getMainExecutable(arguments[0], &anchor);
  std::string package = findPackage(program);
  if (package.empty())
    return reportError("the Python package of sumac quantize is not installed "
                       "beside '" +
                       program + "'");
  llvm::ErrorOr<std::string> python = findPython();
  if (!python)
    return reportError(
        "sumac quantize needs Python 3 with the packages of "
        "python/requirements.txt; set SUMAC_PYTHON to one that has them");
  if (auto own = llvm::sys::Process::GetEnv("PYTHONPATH"); own && !own->empty())
    package += ":" + *own;
  setenv("PYTHONPATH", package.c_str(), /*overwrite=*/1);
  llvm::SmallVector<llvm::StringRef> command{*python, "-m", "sumac.quantize"};
  for (const char *argument : arguments.drop_front(2))
    command.push_back(argument);
  std::string message;
  int status = llvm::sys::ExecuteAndWait(*python, command, std::nullopt, {}, 0,
                                         0, &message);
  if (status < 0)
    return reportError("cannot run '" + *python + "': " + message);
  return status;
}
