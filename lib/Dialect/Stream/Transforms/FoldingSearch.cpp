//===- FoldingSearch.cpp - Units for all processes within a budget -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A multiple-choice knapsack with four kinds of resources, solved process by
// process over the sums that are not worse in everything than another.
//
//===----------------------------------------------------------------------===//

#include "FoldingSearch.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <algorithm>

using namespace sumac::stream;
using llvm::SmallVector;

bool Budget::holds(const Resources &need) const {
  for (auto [need, limit] : llvm::zip(getNeeds(need), limits))
    if (limit >= 0 && need > limit)
      return false;
  return true;
}

double Budget::getShare(const Resources &need) const {
  static constexpr double kLuts[] = {1, 64, 128, 1024};
  bool hasLimits = llvm::any_of(limits, [](double limit) { return limit >= 0; });
  double share = 0;
  for (auto [need, limit, luts] : llvm::zip(getNeeds(need), limits, kLuts)) {
    if (!hasLimits)
      share += need * luts;
    else if (limit < 0)
      share += need * luts * 1e-9; // decides between equals
    else if (limit > 0)
      share += need / limit;
    else if (limit == 0 && need > 0)
      share += 1e6; // what there is none of
  }
  return share;
}

namespace {
/// Resources of one candidate for each process so far.
struct Sum {
  Resources resources;
  double share;
  size_t previous, candidate; ///< what it was made of
};
} // namespace

static bool isNoBetter(const Resources &a, const Resources &b) {
  return a.lut >= b.lut && a.dsp >= b.dsp && a.bram >= b.bram && a.uram >= b.uram;
}

/// Keeps what is better than all others in something, the cheapest first.
static void keepBest(std::vector<Sum> &sums, size_t most) {
  llvm::sort(sums, [](const Sum &a, const Sum &b) {
    return std::tie(a.share, a.previous, a.candidate) < std::tie(b.share, b.previous, b.candidate);
  });
  std::vector<Sum> best;
  for (const Sum &sum : sums) {
    if (best.size() == most)
      break;
    if (!llvm::any_of(best, [&](const Sum &other) { return isNoBetter(sum.resources, other.resources); }))
      best.push_back(sum);
  }
  sums = std::move(best);
}

FoldingSearch::FoldingSearch(std::vector<FoldingChoice> given, Budget budget)
    : choices(std::move(given)), budget(budget) {
  // A candidate that is no faster than another and no better is of no use.
  for (FoldingChoice &choice : choices) {
    std::vector<FoldingCandidate> useful;
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, choice.candidates.size()));
    llvm::sort(order, [&](size_t a, size_t b) {
      const FoldingCandidate &first = choice.candidates[a], &second = choice.candidates[b];
      return std::tuple(first.steps, Budget::getNeeds(first.resources), a) <
             std::tuple(second.steps, Budget::getNeeds(second.resources), b);
    });
    for (size_t index : order) {
      const FoldingCandidate &candidate = choice.candidates[index];
      bool isUseless = llvm::any_of(useful, [&](const FoldingCandidate &other) {
        return isNoBetter(candidate.resources, other.resources);
      });
      if (!isUseless)
        useful.push_back(candidate);
    }
    choice.candidates = std::move(useful);
  }
}

std::pair<int64_t, size_t> FoldingSearch::getFastest() const {
  std::pair<int64_t, size_t> fastest{1, 0};
  for (auto [i, choice] : llvm::enumerate(choices))
    if (choice.candidates.front().steps > fastest.first)
      fastest = {choice.candidates.front().steps, i};
  return fastest;
}

std::optional<std::vector<const FoldingCandidate *>> FoldingSearch::solve(int64_t interval) const {
  std::vector<std::vector<Sum>> levels{{Sum{{}, 0, 0, 0}}};
  for (const FoldingChoice &choice : choices) {
    std::vector<Sum> own, next;
    for (auto [i, candidate] : llvm::enumerate(choice.candidates))
      if (candidate.steps <= interval)
        own.push_back({candidate.resources, budget.getShare(candidate.resources), 0, i});
    keepBest(own, kMaxSums);
    for (auto [p, sum] : llvm::enumerate(levels.back()))
      for (const Sum &candidate : own) {
        Resources resources = sum.resources;
        resources += candidate.resources;
        if (budget.holds(resources))
          next.push_back({resources, sum.share + candidate.share, p, candidate.candidate});
      }
    keepBest(next, kMaxSums);
    if (next.empty())
      return std::nullopt;
    levels.push_back(std::move(next));
  }
  // Sums are in the order of their shares.
  std::vector<const FoldingCandidate *> units(choices.size());
  size_t at = 0;
  for (size_t i = choices.size(); i-- > 0;) {
    units[i] = &choices[i].candidates[levels[i + 1][at].candidate];
    at = levels[i + 1][at].previous;
  }
  return units;
}

std::optional<int64_t> FoldingSearch::findInterval() const {
  std::vector<int64_t> intervals;
  for (const FoldingChoice &choice : choices)
    for (const FoldingCandidate &candidate : choice.candidates)
      intervals.push_back(candidate.steps);
  llvm::sort(intervals);
  intervals.erase(std::unique(intervals.begin(), intervals.end()), intervals.end());
  // Faster than the process whose fastest unit is slowest makes no sense.
  intervals.erase(intervals.begin(), llvm::lower_bound(intervals, getFastest().first));
  auto found = std::partition_point(intervals.begin(), intervals.end(),
                                    [&](int64_t interval) { return !solve(interval); });
  if (found == intervals.end())
    return std::nullopt;
  return *found;
}

std::vector<const FoldingCandidate *> FoldingSearch::getSmallest(int64_t interval) const {
  std::vector<const FoldingCandidate *> units;
  for (const FoldingChoice &choice : choices) {
    const FoldingCandidate *best = &choice.candidates.front();
    for (const FoldingCandidate &candidate : choice.candidates)
      if (candidate.steps <= interval && budget.getShare(candidate.resources) < budget.getShare(best->resources))
        best = &candidate;
    units.push_back(best);
  }
  return units;
}
