//===- Geometry.h - What instructions go over -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers that follow from an instruction and its machine: sizes of sweeps and
// beats, the words that the instruction touches, how much it does.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_GEOMETRY_H
#define SUMAC_ACM_GEOMETRY_H

#include "sumac/ACM/Instruction.h"

#include "llvm/ADT/SmallVector.h"

namespace sumac::acm {

/// Sizes of an execute whose fields fit their bits.
struct ExecuteGeometry {
  ExecuteGeometry(const Machine &machine, const Instruction &instruction);

  int64_t fold = 1;        ///< f: rows that share an output
  int64_t outputs = 0;     ///< R / f: outputs of a block
  int64_t beatOutputs = 0; ///< E = min(O, R / f): outputs of a beat
  int64_t beats = 0;       ///< of a sweep: R / (f E)
  int64_t sweepSteps = 0;  ///< steps of a sweep: windows x steps
  int64_t blockWords = 0;  ///< words of codes of a block; saturates
  int64_t codeWords = 0;   ///< words of codes of all blocks; saturates
  int64_t parameters = 0;  ///< P: words of parameters of a block
  int64_t lastBeats = 0;   ///< micro-beats of the last pass
  int64_t outputWords = 0; ///< words of activations that a block writes for an image
  int64_t resultWords = 0; ///< words of results that all blocks write for an image
  /// Whether activations are written.
  bool writesActivations = false;
};

/// What an access is to: a memory, by its number, or DRAM.
constexpr unsigned dramSpace = numMemories;
constexpr unsigned numSpaces = numMemories + 1;
/// "codes", ..., "results", "DRAM".
llvm::StringRef stringifySpace(unsigned space);

/// Words of a memory, or bytes of DRAM, that an instruction reads or writes:
/// `rows` rows of `size`, `stride` apart. Numbers saturate at 2^63 - 1.
struct Access {
  unsigned space = 0;
  bool isWrite = false;
  int64_t begin = 0, size = 0, rows = 1, stride = 0;

  /// Behind the last word.
  int64_t getEnd() const;
};

/// All accesses of an instruction whose fields fit their bits.
llvm::SmallVector<Access, 4> getAccesses(const Machine &machine,
                                         const Instruction &instruction);

/// How much instructions do: what follows from them without a run.
struct Activity {
  /// Words of memories that are read and written, by `Memory`.
  std::array<int64_t, numMemories> reads = {}, writes = {};
  int64_t dramBytesRead = 0, dramBytesWritten = 0;
  /// Steps of all sweeps. A step has R L weight slots.
  int64_t steps = 0;
  /// Weight slots that a dense format would take for the same: those of all
  /// elements that masks and lines of indices cover.
  int64_t denseSlots = 0;
  /// Outputs of beats that O1 took (micro-beats of thresholds not among them),
  /// that are final, and comparisons with thresholds.
  int64_t sums = 0, outputs = 0, comparisons = 0;

  Activity &operator+=(const Activity &other);
};

/// What an instruction that checkInstructions() accepts does.
Activity getActivity(const Machine &machine, const Instruction &instruction);
Activity getActivity(const Program &program);

} // namespace sumac::acm

#endif // SUMAC_ACM_GEOMETRY_H
