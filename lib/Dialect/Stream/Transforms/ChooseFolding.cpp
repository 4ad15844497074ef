//===- ChooseFolding.cpp - Units within a budget -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `stream-choose-folding`.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"

#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

namespace sumac {
#define GEN_PASS_DEF_STREAMCHOOSEFOLDING
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

namespace {

/// A unit that a process may have.
struct Candidate {
  UnitAttrInterface unit;
  int64_t steps;
  Resources resources;
  double share; ///< of the budget
  size_t index; ///< decides where all else is equal
};

/// What there is on the device.
struct Budget {
  double lut, dsp, bram; ///< 0: any number

  static double getShare(double need, double have) { return have > 0 ? need / have : 0; }
  /// Without a budget a DSP counts as 64 LUTs and a block memory as 128.
  double getShare(const Resources &need) const {
    if (lut <= 0 && dsp <= 0 && bram <= 0)
      return need.lut + 64 * need.dsp + 128 * need.bram;
    return getShare(need.lut, lut) + getShare(need.dsp, dsp) + getShare(need.bram, bram);
  }
  bool holds(const Resources &need) const {
    return getShare(need.lut, lut) <= 1 && getShare(need.dsp, dsp) <= 1 && getShare(need.bram, bram) <= 1;
  }
};

/// A process with all its units, the fastest first, each cheaper than all that
/// are faster.
struct Choice {
  ProcessOp process;
  std::vector<Candidate> candidates;

  /// The cheapest unit that takes at most `interval` steps, or null.
  const Candidate *get(int64_t interval) const {
    const Candidate *best = nullptr;
    for (const Candidate &candidate : candidates)
      if (candidate.steps <= interval)
        best = &candidate;
    return best;
  }
};

class Search {
public:
  Search(NetworkOp network, Budget budget) : network(network), budget(budget) {}

  LogicalResult readFile(StringRef path);
  void addCandidates();
  LogicalResult choose(int64_t wanted);

private:
  Resources getResources(int64_t interval, Choice const **largest = nullptr) const;
  LogicalResult reportTooSmall(int64_t interval) const;

  NetworkOp network;
  Budget budget;
  llvm::StringMap<UnitAttrInterface> given;
  std::vector<Choice> choices;
};

} // namespace

LogicalResult Search::readFile(StringRef path) {
  auto fail = [&](const Twine &what) { return network.emitError() << "folding file '" << path << "': " << what; };
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return fail("cannot be read: " + buffer.getError().message());
  auto value = llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return fail(llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return fail("is no JSON object");
  llvm::StringMap<ProcessOp> processes;
  for (auto process : network.getBody().getOps<ProcessOp>())
    processes[process.getName()] = process;
  for (const auto &entry : *object) {
    auto found = processes.find(StringRef(entry.first));
    if (found == processes.end())
      return fail("names '" + entry.first.str() + "', which this model does not have; is it for another model?");
    const llvm::json::Object *parameters = entry.second.getAsObject();
    if (!parameters)
      return fail("'" + entry.first.str() + "' is no JSON object");
    auto unit = found->second.getUnit().withParameters(*parameters);
    if (!unit)
      return fail("'" + entry.first.str() + "': " + llvm::toString(unit.takeError()));
    auto given = cast<UnitAttrInterface>(*unit);
    if (failed(given.verifyProcess(found->second)))
      return failure();
    this->given[found->second.getName()] = given;
  }
  return success();
}

void Search::addCandidates() {
  for (auto process : network.getBody().getOps<ProcessOp>()) {
    Choice choice{process, {}};
    auto found = given.find(process.getName());
    SmallVector<Attribute> units = found == given.end() ? process.getUnit().getCandidates(process)
                                                        : SmallVector<Attribute>{found->second};
    std::vector<Candidate> all;
    for (Attribute attribute : units) {
      auto unit = cast<UnitAttrInterface>(attribute);
      Resources resources = unit.getResources(process);
      all.push_back({unit, unit.getSchedule(process).steps, resources, budget.getShare(resources), all.size()});
    }
    // In the order of steps, then of cost; what costs no less than something
    // faster is of no use.
    llvm::sort(all, [](const Candidate &a, const Candidate &b) {
      return std::tie(a.steps, a.share, a.index) < std::tie(b.steps, b.share, b.index);
    });
    for (const Candidate &candidate : all)
      if (choice.candidates.empty() || candidate.share < choice.candidates.back().share)
        choice.candidates.push_back(candidate);
    choices.push_back(std::move(choice));
  }
}

Resources Search::getResources(int64_t interval, Choice const **largest) const {
  Resources sum;
  double most = -1;
  for (const Choice &choice : choices) {
    const Candidate *candidate = choice.get(interval);
    if (!candidate)
      candidate = &choice.candidates.front();
    sum += candidate->resources;
    if (largest && candidate->share > most) {
      most = candidate->share;
      *largest = &choice;
    }
  }
  return sum;
}

LogicalResult Search::reportTooSmall(int64_t interval) const {
  const Choice *largest = nullptr;
  Resources need = getResources(interval, &largest);
  auto round = [](double value) { return static_cast<int64_t>(std::ceil(value)); };
  InFlightDiagnostic diagnostic = NetworkOp(network).emitError()
                                  << "the design does not fit: at an interval of " << interval
                                  << " cycles it takes about " << round(need.lut) << " LUTs, " << round(need.dsp)
                                  << " DSPs and " << round(need.bram) << " block memories (budget: " << round(budget.lut)
                                  << ", " << round(budget.dsp) << " and " << round(budget.bram)
                                  << ", 0 being any number)";
  if (largest)
    diagnostic << "; layer '" << ProcessOp(largest->process).getName() << "' takes the most";
  return diagnostic;
}

LogicalResult Search::choose(int64_t wanted) {
  std::vector<int64_t> intervals;
  int64_t fastest = 1;
  for (const Choice &choice : choices) {
    for (const Candidate &candidate : choice.candidates)
      intervals.push_back(candidate.steps);
    if (!choice.candidates.empty())
      fastest = std::max(fastest, choice.candidates.front().steps);
  }
  llvm::sort(intervals);
  intervals.erase(std::unique(intervals.begin(), intervals.end()), intervals.end());
  // Faster than the process whose fastest unit is slowest makes no sense.
  intervals.erase(intervals.begin(), llvm::lower_bound(intervals, fastest));
  int64_t interval = wanted;
  if (wanted > 0) {
    if (fastest > wanted) {
      for (const Choice &choice : choices)
        if (choice.candidates.front().steps == fastest)
          return network.emitError() << "layer '" << ProcessOp(choice.process).getName() << "' cannot take a frame in less than "
                                     << fastest << " cycles; " << wanted << " are wanted";
    }
    if (!budget.holds(getResources(wanted)))
      return reportTooSmall(wanted);
  } else {
    auto fits = [&](int64_t candidate) { return budget.holds(getResources(candidate)); };
    auto found = std::partition_point(intervals.begin(), intervals.end(), [&](int64_t i) { return !fits(i); });
    if (found == intervals.end())
      return intervals.empty() ? success() : reportTooSmall(intervals.back());
    interval = *found;
  }
  for (const Choice &choice : choices)
    ProcessOp(choice.process).setUnitAttr(choice.get(interval)->unit);
  return success();
}

namespace {
struct StreamChooseFolding : public sumac::impl::StreamChooseFoldingBase<StreamChooseFolding> {
  using StreamChooseFoldingBase::StreamChooseFoldingBase;

  void runOnOperation() override {
    Search search(getOperation(),
                  {static_cast<double>(lut), static_cast<double>(dsp), static_cast<double>(bram)});
    if (!file.empty() && failed(search.readFile(file)))
      return signalPassFailure();
    search.addCandidates();
    if (failed(search.choose(interval)))
      return signalPassFailure();
    matchLanes(getOperation());
  }
};
} // namespace
