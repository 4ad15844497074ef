//===- OutputFile.h - Files written whole or not at all ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In place of llvm::writeToOutput, which ends the program with a partial file where the
// disk is full, and replaces a device by a file.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_OUTPUTFILE_H
#define SUMAC_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace sumac {

/// Writes a file aside and moves it into place; the error names it, and leaves what was
/// there. Devices and pipes are written to as they are, and links to files followed; "-"
/// is the standard output.
llvm::Error writeFile(llvm::StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> writer);
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef contents);

/// `prefix`, a dot and something random. Unlike in LLVM's patterns, '%' is itself.
std::string makeUniqueName(llvm::StringRef prefix);

/// Writes out what the stream holds back. The error that it has is returned and
/// forgotten: a stream that goes with an error ends the program.
llvm::Error finishStream(llvm::raw_fd_ostream &os, llvm::StringRef name);

/// For the beginning of main(): where the standard output cannot be written, the program
/// says so at its end, whatever ends it, with exit status 1.
void checkStandardOutputAtExit();

} // namespace sumac

#endif // SUMAC_SUPPORT_OUTPUTFILE_H
