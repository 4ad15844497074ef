//===- OutputFile.cpp - Files written whole or not at all -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

#include <cstdlib>

using namespace sumac;
using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static Error makeError(StringRef name, std::error_code code) {
  return llvm::createStringError(code, "cannot write '" + name + "': " + code.message());
}

std::string sumac::makeUniqueName(StringRef prefix) {
  return (prefix + "." + llvm::utohexstr(llvm::sys::Process::GetRandomNumber(), /*LowerCase=*/true, /*Width=*/8)).str();
}

/// Of a stream, which forgets it.
static std::error_code takeError(llvm::raw_fd_ostream &os) {
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

Error sumac::finishStream(llvm::raw_fd_ostream &os, StringRef name) {
  std::error_code code = takeError(os);
  return code ? makeError(name, code) : Error::success();
}

static Error finishStandardOutput() {
  if (std::error_code code = takeError(llvm::outs()))
    return llvm::createStringError(code, "cannot write to the standard output: " + code.message());
  return Error::success();
}

/// Of what is no file: nothing can be moved there.
static Error writeInPlace(StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> writer) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, fs::CD_OpenExisting, fs::FA_Write, fs::OF_None);
  if (code)
    return makeError(path, code);
  writer(os);
  os.close();
  return finishStream(os, path);
}

/// To a new file beside `target`, which it then becomes; errors name `path`.
static Error writeAside(StringRef path, StringRef target, llvm::function_ref<void(llvm::raw_ostream &)> writer) {
  std::string aside;
  std::error_code code = std::make_error_code(std::errc::file_exists);
  int fd = -1;
  for (int attempt = 0; attempt < 16 && code == std::errc::file_exists; ++attempt) {
    aside = makeUniqueName(target);
    code = fs::openFileForWrite(aside, fd, fs::CD_CreateNew, fs::OF_None);
  }
  if (code)
    return makeError(path, code);
  llvm::sys::RemoveFileOnSignal(aside);
  {
    llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
    writer(os);
    os.close();
    code = takeError(os);
  }
  if (!code)
    code = fs::rename(aside, target);
  if (code)
    (void)fs::remove(aside);
  llvm::sys::DontRemoveFileOnSignal(aside);
  return code ? makeError(path, code) : Error::success();
}

Error sumac::writeFile(StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> writer) {
  if (path == "-") {
    writer(llvm::outs());
    return finishStandardOutput();
  }
  fs::file_status status;
  bool exists = !fs::status(path, status);
  if (exists && fs::is_directory(status))
    return makeError(path, std::make_error_code(std::errc::is_a_directory));
  if (exists && !fs::is_regular_file(status))
    return writeInPlace(path, writer);
  llvm::SmallString<128> target(path);
  if (exists)
    if (std::error_code code = fs::real_path(path, target))
      return makeError(path, code);
  return writeAside(path, target, writer);
}

Error sumac::writeFile(StringRef path, StringRef contents) {
  return writeFile(path, [&](llvm::raw_ostream &os) { os << contents; });
}

void sumac::checkStandardOutputAtExit() {
  // The streams are made first, so that they still are there when this runs.
  (void)llvm::outs();
  (void)llvm::errs();
  (void)std::atexit([] {
    if (Error error = finishStandardOutput()) {
      llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
      llvm::errs().flush();
      std::_Exit(1);
    }
  });
}
