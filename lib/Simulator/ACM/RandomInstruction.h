//===- RandomInstruction.h - Instructions to test with ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random instructions within parts of memories.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SIMULATOR_ACM_RANDOMINSTRUCTION_H
#define SUMAC_LIB_SIMULATOR_ACM_RANDOMINSTRUCTION_H

#include "sumac/Simulator/ACM/RandomProgram.h"

namespace sumac::acm {

/// Words of a memory that instructions may use; of activations whole lines.
struct Region {
  int64_t begin = 0, size = 0;
};
using Regions = std::array<Region, numMemories>;

/// All of a machine's memories.
Regions getWholeMemories(const Machine &machine);

/// A number of `low` to `high`, small ones more often.
int64_t pickSmall(Random &random, int64_t low, int64_t high);

/// A load or a store of any memory that it can go to, within `region` and DRAM.
Instruction makeRandomTransfer(const Machine &machine, Opcode opcode,
                               Memory memory, Region region, int64_t dramBytes,
                               Random &random);

/// An execute of at most `maxSteps` steps. `kept`: it resumes the sums of a
/// keep with this fold. Nothing where the regions are too small for any.
std::optional<Instruction> makeRandomExecute(const Machine &machine,
                                             const Regions &regions,
                                             int64_t maxSteps,
                                             std::optional<int64_t> kept,
                                             Random &random);

} // namespace sumac::acm

#endif // SUMAC_LIB_SIMULATOR_ACM_RANDOMINSTRUCTION_H
