//===- Check.h - Programs that keep to the rules ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Proves that a program keeps to docs/ACM/specification.md: each instruction to
// the limits of sections 2 and 3, all of them to the order of section 5.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_CHECK_H
#define SUMAC_SIMULATOR_ACM_CHECK_H

#include "sumac/ACM/Container.h"

namespace sumac::acm {

/// Whether one instruction is within the machine and `dramBytes` of DRAM. The
/// error names the field. That `finish` is last and that `resume` follows
/// `keep` is not looked at.
llvm::Error checkInstruction(const Machine &machine,
                             const Instruction &instruction, int64_t dramBytes);

/// The same of all instructions, and what concerns several of them. The error
/// begins with the number of an instruction.
llvm::Error checkInstructions(const Program &program, int64_t dramBytes);

struct OrderOptions {
  /// Intervals of memory that the search for races may look at: its time is in
  /// proportion. A program that needs more is refused with an error that says
  /// so.
  int64_t maxIntervals = int64_t(1) << 28;
};

/// Whether the tokens of a program that checkInstructions() accepts let it end
/// and order all accesses, for every machine with the same memories and queues,
/// however fast its units are. Errors: a deadlock with the instruction that
/// each unit waits at, a counter of tokens that can pass 255, or the first race
/// with its two instructions, the memory and a word.
llvm::Error checkOrder(const Program &program,
                       const OrderOptions &options = {});

/// All of it.
llvm::Error check(const Container &container, const OrderOptions &options = {});

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_CHECK_H
