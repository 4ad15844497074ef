//===- FoldingSearch.h - Units for all processes within a budget -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_STREAM_TRANSFORMS_FOLDINGSEARCH_H
#define SUMAC_LIB_DIALECT_STREAM_TRANSFORMS_FOLDINGSEARCH_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"

#include <array>
#include <optional>

namespace sumac::stream {

/// What a network may take: LUTs, DSPs, BRAMs, URAMs; negative for any number.
struct Budget {
  std::array<double, 4> limits;

  static std::array<double, 4> getNeeds(const Resources &need) { return {need.lut, need.dsp, need.bram, need.uram}; }
  bool holds(const Resources &need) const;
  /// The needs' shares of the limits, added up; without limits, in LUTs, a DSP
  /// being 64, a BRAM 128 and a URAM 1024 of them.
  double getShare(const Resources &need) const;
};

/// A unit that a process may have.
struct FoldingCandidate {
  UnitAttrInterface unit;
  int64_t steps;
  Resources resources;
};

/// One process with all its candidates, one or more.
struct FoldingChoice {
  ProcessOp process;
  std::vector<FoldingCandidate> candidates;
};

/// Chooses a candidate for each process.
class FoldingSearch {
public:
  FoldingSearch(std::vector<FoldingChoice> choices, Budget budget);

  /// Steps of the process whose fastest unit is the slowest, and its number.
  std::pair<int64_t, size_t> getFastest() const;

  /// The cheapest units with which a frame takes `interval` steps at most and the
  /// budget holds; nothing where there are none. Exact as long as no more than
  /// kMaxSums sums of resources are of use at once; beyond, the cheapest sums go
  /// on.
  std::optional<std::vector<const FoldingCandidate *>> solve(int64_t interval) const;

  /// The smallest interval that solve() has an answer for.
  std::optional<int64_t> findInterval() const;

  /// For each process the unit of the smallest share that takes `interval` steps
  /// at most, whether the budget holds them or not.
  std::vector<const FoldingCandidate *> getSmallest(int64_t interval = INT64_MAX) const;

private:
  static constexpr size_t kMaxSums = 400;

  std::vector<FoldingChoice> choices;
  Budget budget;
};

} // namespace sumac::stream

#endif // SUMAC_LIB_DIALECT_STREAM_TRANSFORMS_FOLDINGSEARCH_H
