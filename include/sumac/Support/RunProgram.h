//===- RunProgram.h - Other programs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_RUNPROGRAM_H
#define SUMAC_SUPPORT_RUNPROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sumac {

/// Runs a program, by its path and its arguments, and waits for it. The error of one
/// that fails has the first words of what it said.
llvm::Error runProgram(llvm::ArrayRef<std::string> arguments);
/// The same, for what it writes to its output.
llvm::Expected<std::string> runForOutput(llvm::ArrayRef<std::string> arguments);

} // namespace sumac

#endif // SUMAC_SUPPORT_RUNPROGRAM_H
