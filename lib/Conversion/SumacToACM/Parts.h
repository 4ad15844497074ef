//===- Parts.h - Blocks of a layer's outputs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts the outputs of a layer into parts of blocks, and, where its weights are too many
// for the memories, its inputs into tiles (docs/ACM/compiler.md).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOACM_PARTS_H
#define SUMAC_LIB_CONVERSION_SUMACTOACM_PARTS_H

#include "Formats.h"

#include <array>

namespace sumac::acm {

/// Words of the memories that loads fill before an execute.
struct Words {
  int64_t codes = 0, indices = 0, parameters = 0;

  Words &operator+=(const Words &other);
  Words operator*(int64_t times) const { return {codes * times, indices * times, parameters * times}; }
  /// How many times these words fit in `room`; at most `most`.
  int64_t countIn(const Words &room, int64_t most) const;
};

/// Outputs of a layer that blocks of one fold compute, all in a row.
struct Part {
  OutputRange range;
  int64_t fold = 0; ///< log2
  llvm::SmallVector<Schedule, 1> schedules; ///< of each branch

  int64_t getBlocks(const Machine &machine) const;
};

/// Words of a block for branches first ... end - 1.
Words getBlockWords(const Machine &machine, const Layer &layer, const Part &part, size_t first, size_t end);
/// For all branches.
Words getBlockWords(const Machine &machine, const Layer &layer, const Part &part);

/// Blocks that come together, so that they begin at a word of results: those of mode
/// sums may have less outputs than it.
int64_t getBlocksOfUnit(const Machine &machine, const Layer &layer, int64_t fold);

/// What a choice of schedules is for.
enum class Aim {
  Cycles,  ///< of execute, then of load: words stay where they are for many runs
  Size,    ///< bits, then cycles of execute
  Overlap, ///< the greater of execute and load, which run side by side, then their sum
};

/// What decides between parts, the greatest first. Cycles of execute are those of
/// `images`.
using Cost = std::array<int64_t, 3>;
Cost getCost(const Machine &machine, const Part &part, Aim aim, int64_t images);

/// What a choice of parts has to keep to.
struct PartLimits {
  llvm::ArrayRef<Format> formats;
  Aim aim = Aim::Overlap;
  int64_t images = 1;
  /// Words that blocks have room in: if `together`, for all branches of a unit of blocks,
  /// else for each branch of a block.
  const Words *room = nullptr;
  bool together = true;
  /// Lines of an input of the function that a tile may have; 0: all.
  int64_t tileLines = 0;
};

using Placements = llvm::DenseMap<mlir::Value, Placement>;

/// The parts of a layer that cost least: one, or one of few rows an output and one of
/// more for the outputs that do not fill a block of the first. None if no block has room.
llvm::SmallVector<Part, 2> chooseParts(const Machine &machine, const Layer &layer, const Placements &placements,
                                       const PartLimits &limits);

/// Cuts the branches of a layer along lines of inputs and passes until each has room by
/// itself. What cannot be cut any more stays as it is.
void tileBranches(const Machine &machine, Layer &layer, const Placements &placements, const PartLimits &limits);

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_PARTS_H
