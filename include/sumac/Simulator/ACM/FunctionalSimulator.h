//===- FunctionalSimulator.h - What programs compute ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the instructions of a program in program order
// (docs/ACM/specification.md, section 3). All runs of a program that passes
// check() compute the same, however their units overlap.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_FUNCTIONALSIMULATOR_H
#define SUMAC_SIMULATOR_ACM_FUNCTIONALSIMULATOR_H

#include "sumac/ACM/Geometry.h"

#include <memory>

namespace sumac::acm {

struct FunctionalOptions {
  /// The most bytes that memories, DRAM and what is made of codes may take.
  int64_t maxBytes = int64_t(1) << 32;
  /// The most weight slots and DRAM bytes that a run may go over. A run of more
  /// is refused before it begins.
  int64_t maxWork = int64_t(1) << 50;
};

class FunctionalSimulator {
public:
  /// A simulator of `program` with `dramBytes` of DRAM. Memories are 0. Errors:
  /// what checkInstructions() does not accept, and what passes the options'
  /// limits.
  static llvm::Expected<std::unique_ptr<FunctionalSimulator>>
  create(Program program, int64_t dramBytes,
         const FunctionalOptions &options = {});
  ~FunctionalSimulator();

  llvm::MutableArrayRef<uint8_t> getDram();
  /// A memory's words, each in whole bytes.
  llvm::ArrayRef<uint8_t> getMemory(Memory memory) const;

  /// Runs all instructions from `first` on; memories and DRAM are as the last
  /// run left them. The error: what is made of codes would take more than
  /// `maxBytes`.
  llvm::Error run(size_t first = 0);

  /// Additions of all runs: bits of codes that were 1 and for which there was
  /// an activation, 0 or not.
  int64_t getNumAdditions() const;

private:
  struct Impl;
  explicit FunctionalSimulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_FUNCTIONALSIMULATOR_H
