//===- Assembly.h - Programs as text ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembly text of programs:
//
//   machine tiny
//   load memory = codes, address = 0, stride = 0, words = 8, rows = 1,
//       dram = 0x0, dram_stride = 0, signal_next = 1   // one line, in truth
//   finish
//
// The first line names a preset, or holds the description's JSON. Then comes an
// instruction a line, its fields in any order; those that are not there are 0.
// Comments begin with two slashes.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_ASSEMBLY_H
#define SUMAC_ACM_ASSEMBLY_H

#include "sumac/ACM/Instruction.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace sumac::acm {

/// The text of one instruction, without a line's end.
std::string stringifyInstruction(const Instruction &instruction);

/// The text of a program whose fields fit its machine. assemble() makes the
/// same program of it.
std::string disassemble(const Program &program);
/// The same with a comment before each instruction for which `getName` says
/// another name than for the one before: `Container::getName`, for one.
std::string disassemble(const Program &program,
                        llvm::function_ref<std::string(size_t)> getName);

/// The program that `text` says. The error begins with "line:column: ".
llvm::Expected<Program> assemble(llvm::StringRef text);

} // namespace sumac::acm

#endif // SUMAC_ACM_ASSEMBLY_H
