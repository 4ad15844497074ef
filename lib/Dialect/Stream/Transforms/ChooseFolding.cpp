//===- ChooseFolding.cpp - Units within a budget -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `stream-choose-folding`.
//
//===----------------------------------------------------------------------===//

#include "FoldingSearch.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

namespace sumac {
#define GEN_PASS_DEF_STREAMCHOOSEFOLDING
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

using Units = llvm::StringMap<UnitAttrInterface>;

/// Reads the units that a folding file gives, by the names of processes.
static FailureOr<Units> readFile(NetworkOp network, StringRef path) {
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
  Units units;
  for (const auto &entry : *object) {
    std::string name = entry.first.str();
    auto found = processes.find(name);
    if (found == processes.end())
      return fail("names '" + name + "', which this model does not have; is it for another model?");
    const llvm::json::Object *parameters = entry.second.getAsObject();
    if (!parameters)
      return fail("'" + name + "' is no JSON object");
    auto unit = found->second.getUnit().withParameters(*parameters);
    if (!unit)
      return fail("'" + name + "': " + llvm::toString(unit.takeError()));
    auto given = cast<UnitAttrInterface>(*unit);
    if (failed(verifyUnit(found->second, given)))
      return failure();
    units[name] = given;
  }
  return units;
}

/// All units that each process may have, one or more.
static FailureOr<std::vector<FoldingChoice>> getChoices(NetworkOp network, const Units &given) {
  std::vector<FoldingChoice> choices;
  for (auto process : network.getBody().getOps<ProcessOp>()) {
    FoldingChoice choice{process, {}};
    auto found = given.find(process.getName());
    SmallVector<Attribute> units = found == given.end() ? process.getUnit().getCandidates(process)
                                                        : SmallVector<Attribute>{found->second};
    for (Attribute attribute : units) {
      auto unit = cast<UnitAttrInterface>(attribute);
      choice.candidates.push_back({unit, unit.getSchedule(process).steps, unit.getResources(process)});
    }
    if (choice.candidates.empty())
      return process.emitOpError("has no unit to choose from: the items of all of them are too wide; give it one in a "
                                 "folding file");
    choices.push_back(std::move(choice));
  }
  return choices;
}

/// "1200 LUTs, 3 DSPs, 0 BRAMs and 0 URAMs", "any number of" where negative.
static std::string printAmounts(const std::array<double, 4> &amounts) {
  static constexpr StringLiteral names[] = {"LUTs", "DSPs", "BRAMs", "URAMs"};
  std::string text;
  for (auto [i, amount] : llvm::enumerate(amounts)) {
    text += i == 0 ? "" : i == 3 ? " and " : ", ";
    text += amount < 0 ? "any number of" : std::to_string(static_cast<int64_t>(std::ceil(amount)));
    text += " " + names[i].str();
  }
  return text;
}

/// Says what the smallest design takes, and which layer the most.
static LogicalResult reportTooSmall(NetworkOp network, ArrayRef<const FoldingCandidate *> units, const Budget &budget,
                                    StringRef what) {
  Resources need;
  size_t largest = 0;
  for (auto [i, unit] : llvm::enumerate(units)) {
    need += unit->resources;
    if (budget.getShare(unit->resources) > budget.getShare(units[largest]->resources))
      largest = i;
  }
  auto processes = llvm::to_vector(network.getBody().getOps<ProcessOp>());
  return network.emitError() << "the design does not fit" << what << ": the smallest takes about "
                             << printAmounts(Budget::getNeeds(need)) << ", the budget is "
                             << printAmounts(budget.limits) << "; layer '" << processes[largest].getName()
                             << "' takes the most";
}

/// Sets the units that the search finds.
static LogicalResult choose(NetworkOp network, const FoldingSearch &search, const Budget &budget, int64_t interval) {
  auto processes = llvm::to_vector(network.getBody().getOps<ProcessOp>());
  if (processes.empty())
    return success();
  auto [fastest, slowest] = search.getFastest();
  if (interval > 0 && fastest > interval)
    return network.emitError() << "layer '" << processes[slowest].getName()
                               << "' cannot take a frame in less than " << fastest << " cycles; " << interval
                               << " are wanted";
  if (interval == 0) {
    std::optional<int64_t> found = search.findInterval();
    if (!found)
      return reportTooSmall(network, search.getSmallest(), budget, "");
    interval = *found;
  }
  auto units = search.solve(interval);
  if (!units)
    return reportTooSmall(network, search.getSmallest(interval), budget,
                          (" at an interval of " + Twine(interval) + " cycles").str());
  for (auto [process, candidate] : llvm::zip(processes, *units))
    process.setUnitAttr(candidate->unit);
  return success();
}

namespace {
struct StreamChooseFolding : public sumac::impl::StreamChooseFoldingBase<StreamChooseFolding> {
  using StreamChooseFoldingBase::StreamChooseFoldingBase;

  void runOnOperation() override {
    NetworkOp network = getOperation();
    Units given;
    if (!file.empty()) {
      FailureOr<Units> read = readFile(network, file);
      if (failed(read))
        return signalPassFailure();
      given = std::move(*read);
    }
    Budget budget{{static_cast<double>(lut), static_cast<double>(dsp), static_cast<double>(bram),
                   static_cast<double>(uram)}};
    auto choices = getChoices(network, given);
    if (failed(choices))
      return signalPassFailure();
    FoldingSearch search(std::move(*choices), budget);
    if (failed(choose(network, search, budget, interval)))
      return signalPassFailure();
    matchLanes(network);
  }
};
} // namespace
