//===- Formats.h - Weights as words of the core's memories -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOACM_FORMATS_H
#define SUMAC_LIB_CONVERSION_SUMACTOACM_FORMATS_H

#include "Layers.h"

namespace sumac::acm {

/// Where the activation memory has the elements of a value: element n of a row is
/// byte positions[n] behind the start of its first line. Positions rise.
struct Placement {
  std::vector<int64_t> positions;
  int64_t lines = 0; ///< of a plane
  int64_t planes = 1; ///< one behind the other; 2: of low and high bytes

  int64_t getImageLines() const { return lines * planes; }
};

/// The elements that a branch reads, in the lines of its value.
class BranchInputs {
public:
  BranchInputs(const Machine &machine, const Branch &branch, const Placement &placement);

  /// Of element k, in bytes behind the start of `firstLine`.
  int64_t getPosition(int64_t k) const { return positions[k] - firstLine * line; }

  int64_t firstLine = 0;
  int64_t lines = 0; ///< from the first line to that of the last element
  int64_t words = 0; ///< likewise

private:
  llvm::ArrayRef<int64_t> positions;
  int64_t line; ///< its bytes
};

/// Outputs of a layer.
struct OutputRange {
  int64_t first = 0, count = 0;
};

/// How the steps of a branch go over its weights.
struct Schedule {
  Format format = Format::Dense;
  int64_t fold = 0, span = 0; ///< log2
  int64_t passes = 1, windows = 1, steps = 1;

  /// Words of codes of a block, and of indices if the format has them.
  int64_t getWords() const { return passes * windows * steps; }
  /// Cycles of a block for one image, the output stage's where it is slower.
  int64_t getCycles(const Machine &machine) const;
  /// Cycles of transfers of a block's words from DRAM.
  int64_t getLoadCycles(const Machine &machine) const;
  /// Bits of memories that a block's words take.
  int64_t getBits(const Machine &machine) const;
};

/// Outputs that blocks of a fold have, and that the output stage takes at once.
inline int64_t getBlockOutputs(const Machine &machine, int64_t fold) { return machine.rows >> fold; }
inline int64_t getBeatOutputs(const Machine &machine, int64_t fold) {
  return std::min(machine.outputs, getBlockOutputs(machine, fold));
}
inline int64_t getBeats(const Machine &machine, int64_t fold) {
  return getBlockOutputs(machine, fold) / getBeatOutputs(machine, fold);
}

/// Bits of a layer's codes by the paper's rule (papers.md, F4, "Storage").
struct PaperBits {
  int64_t dense = 0, bitmask = 0, csr = 0;
};
PaperBits getPaperBits(const Branch &branch, int64_t outputs);

/// Schedules of some outputs of a branch.
class Scheduler {
public:
  Scheduler(const Machine &machine, const Branch &branch, const Placement &placement, int64_t outputs,
            OutputRange range, llvm::ArrayRef<Format> allowed);

  /// All that a machine can have.
  std::vector<Schedule> getSchedules(int64_t fold) const;

private:
  int64_t getMost(int64_t size) const;

  const Machine &machine;
  const Branch &branch;
  BranchInputs inputs;
  int64_t outputs;
  OutputRange range;
  llvm::ArrayRef<Format> allowed;
  /// The most weights of an output in a line, and in masks of each span.
  int64_t mostInLine = 0;
  llvm::SmallVector<int64_t, 6> mostInMask;
};

/// The words of codes and indices of blocks of outputs from `range.first` on, each at its
/// pitch in DRAM. Indices are empty for dense codes.
struct PackedWords {
  std::vector<uint8_t> codes, indices;
};
PackedWords pack(const Machine &machine, const Branch &branch, const Placement &placement, int64_t outputs,
                 const Schedule &schedule, OutputRange range);

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_FORMATS_H
