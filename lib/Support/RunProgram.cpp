//===- RunProgram.cpp - Other programs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/RunProgram.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace llvm;

/// Runs a program, with its output in a file where one is named.
static Error runInto(ArrayRef<std::string> arguments, StringRef output) {
  SmallVector<StringRef> references(arguments.begin(), arguments.end());
  SmallString<128> log;
  if (std::error_code error = sys::fs::createTemporaryFile("sumac-run", "log", log))
    return createStringError(error, "cannot make a temporary file");
  std::string message;
  std::optional<StringRef> redirects[] = {StringRef(""), output, log.str()};
  int status = sys::ExecuteAndWait(arguments[0], references, std::nullopt, redirects, 0, 0, &message);
  auto errors = MemoryBuffer::getFile(log);
  (void)sys::fs::remove(log);
  if (status == 0)
    return Error::success();
  if (errors)
    message += (*errors)->getBuffer().take_front(2000).str();
  return createStringError("'" + arguments[0] + "' failed: " + message);
}

Error sumac::runProgram(ArrayRef<std::string> arguments) { return runInto(arguments, ""); }

Expected<std::string> sumac::runForOutput(ArrayRef<std::string> arguments) {
  SmallString<128> path;
  if (std::error_code error = sys::fs::createTemporaryFile("sumac-run", "out", path))
    return createStringError(error, "cannot make a temporary file");
  Error error = runInto(arguments, path);
  auto output = MemoryBuffer::getFile(path);
  (void)sys::fs::remove(path);
  if (error)
    return std::move(error);
  return output ? (*output)->getBuffer().str() : std::string();
}
