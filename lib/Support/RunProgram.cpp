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

Error sumac::runProgram(ArrayRef<std::string> arguments) {
  SmallVector<StringRef> references(arguments.begin(), arguments.end());
  SmallString<128> log;
  if (std::error_code error = sys::fs::createTemporaryFile("sumac-run", "log", log))
    return createStringError(error, "cannot make a temporary file");
  std::string message;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(""), log.str()};
  int status = sys::ExecuteAndWait(arguments[0], references, std::nullopt, redirects, 0, 0, &message);
  auto output = MemoryBuffer::getFile(log);
  (void)sys::fs::remove(log);
  if (status == 0)
    return Error::success();
  if (output)
    message += (*output)->getBuffer().take_front(2000).str();
  return createStringError("'" + arguments[0] + "' failed: " + message);
}
