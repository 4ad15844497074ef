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
/// byte positions[n] behind the start of its first line.
struct Placement {
  std::vector<int64_t> positions;
  int64_t lines = 0;
};

/// How the steps of a branch go over its weights.
struct Schedule {
  Format format = Format::Dense;
  int64_t fold = 0, span = 0; ///< log2
  int64_t blocks = 1, passes = 1, windows = 1, steps = 1;

  int64_t getWords() const { return blocks * passes * windows * steps; }
  /// Cycles for one image, the output stage's where it is slower.
  int64_t getCycles(const Machine &machine) const;
  /// Cycles of transfers of the words from DRAM.
  int64_t getLoadCycles(const Machine &machine) const;
  /// Bits of memories that the words take.
  int64_t getBits(const Machine &machine) const;
};

/// Bits of a layer's codes by the paper's rule (papers.md, F4, "Storage").
struct PaperBits {
  int64_t dense = 0, bitmask = 0, csr = 0;
};
PaperBits getPaperBits(const Branch &branch, int64_t outputs);

/// All schedules of a format that a machine can have; `allowed` restricts formats.
std::vector<Schedule> getSchedules(const Machine &machine, const Branch &branch, int64_t outputs,
                                   const Placement &placement, llvm::ArrayRef<Format> allowed);

/// The words of codes and indices of blocks first ... first + count, each at its pitch
/// in DRAM. Indices are empty for dense codes.
struct PackedWords {
  std::vector<uint8_t> codes, indices;
};
PackedWords pack(const Machine &machine, const Branch &branch, int64_t outputs, const Placement &placement,
                 const Schedule &schedule, int64_t first, int64_t count);

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_FORMATS_H
