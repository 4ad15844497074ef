//===- RandomProgram.h - Programs to test with ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random machines, instructions and programs that keep to
// docs/ACM/specification.md: for tests, and to compare simulators with the RTL.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_RANDOMPROGRAM_H
#define SUMAC_SIMULATOR_ACM_RANDOMPROGRAM_H

#include "sumac/ACM/Container.h"

#include <random>

namespace sumac::acm {

using Random = std::mt19937_64;

/// A number of `low` to `high`, the same on every platform.
int64_t pick(Random &random, int64_t low, int64_t high);

/// A description within all limits; memories have at most `maxWords` words,
/// which are 64 at least.
Machine makeRandomMachine(Random &random, int64_t maxWords = 512);

/// An instruction that checkInstruction() accepts with `dramBytes`, a multiple
/// of dma.bytes and at least the pitch of every memory. It reads what may never
/// have been written.
Instruction makeRandomInstruction(const Machine &machine, int64_t dramBytes,
                                  Random &random);

struct RandomOptions {
  /// Instructions behind those that fill memories.
  int64_t minInstructions = 1, maxInstructions = 40;
  /// Words of each memory that are used, at most.
  int64_t maxWords = 96;
  /// Steps of an execute, at most.
  int64_t maxSteps = 400;
};

/// A container that check() accepts, for any machine that a compiler could use:
/// its instruction memory has 32 words at least. Its program first fills what
/// it will read, then does anything, with tokens where accesses conflict and
/// some where they do not, and at last stores all activations. No word is read
/// that was not written, at least in part (results of blocks that are less than
/// a beat). DRAM holds random bytes.
Container makeRandomProgram(const Machine &machine, Random &random,
                            const RandomOptions &options = {});

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_RANDOMPROGRAM_H
