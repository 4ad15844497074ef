//===- Parts.cpp - Blocks of a layer's outputs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parts.h"

#include "llvm/Support/MathExtras.h"

using namespace sumac;
using namespace sumac::acm;
using llvm::ArrayRef;
using llvm::divideCeil;
using llvm::SmallVector;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

Words &Words::operator+=(const Words &other) {
  codes += other.codes;
  indices += other.indices;
  parameters += other.parameters;
  return *this;
}

int64_t Words::countIn(const Words &room, int64_t most) const {
  for (int64_t Words::*member : {&Words::codes, &Words::indices, &Words::parameters})
    if (this->*member != 0)
      most = std::min(most, room.*member / (this->*member));
  return most;
}

int64_t Part::getBlocks(const Machine &machine) const {
  return static_cast<int64_t>(divideCeil(range.count, getBlockOutputs(machine, fold)));
}

/// Words of a block for one branch; the last one has the thresholds.
static Words getWords(const Machine &machine, const Schedule &schedule, int64_t thresholds) {
  Words words;
  words.codes = schedule.getWords();
  words.indices = schedule.format == Format::Dense ? 0 : words.codes;
  words.parameters = (schedule.passes + thresholds) * getBeats(machine, schedule.fold);
  return words;
}

Words acm::getBlockWords(const Machine &machine, const Layer &layer, const Part &part, size_t first, size_t end) {
  Words words;
  for (size_t j = first; j < end; ++j)
    words += getWords(machine, part.schedules[j], j + 1 == layer.branches.size() ? layer.count : 0);
  return words;
}

Words acm::getBlockWords(const Machine &machine, const Layer &layer, const Part &part) {
  return getBlockWords(machine, layer, part, 0, layer.branches.size());
}

int64_t acm::getBlocksOfUnit(const Machine &machine, const Layer &layer, int64_t fold) {
  return layer.mode == Mode::Sums ? machine.outputs / getBeatOutputs(machine, fold) : 1;
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

static Cost getCost(const Machine &machine, ArrayRef<Schedule> schedules, int64_t blocks, Aim aim, int64_t images) {
  int64_t execute = 0, load = 0, bits = 0;
  for (const Schedule &schedule : schedules) {
    execute += images * blocks * schedule.getCycles(machine);
    load += blocks * schedule.getLoadCycles(machine);
    bits += blocks * schedule.getBits(machine);
  }
  switch (aim) {
  case Aim::Cycles:
    return {execute, load, bits};
  case Aim::Size:
    return {bits, execute, load};
  case Aim::Overlap:
    return {std::max(execute, load), execute + load, bits};
  }
  return {};
}

Cost acm::getCost(const Machine &machine, const Part &part, Aim aim, int64_t images) {
  return ::getCost(machine, part.schedules, part.getBlocks(machine), aim, images);
}

namespace {

class PartChooser {
public:
  PartChooser(const Machine &machine, const Layer &layer, const Placements &placements, const PartLimits &limits)
      : machine(machine), layer(layer), placements(placements), limits(limits) {}

  SmallVector<Part, 2> choose();

private:
  using Schedulers = std::vector<Scheduler>;
  Schedulers makeSchedulers(OutputRange range) const;
  bool hasRoom(const Part &part) const;
  std::optional<Part> makePart(const Schedulers &schedulers, OutputRange range, int64_t fold) const;
  Cost getCost(const Part &part) const { return acm::getCost(machine, part, limits.aim, limits.images); }
  Cost getSum(const Part &a, const Part &b) const;
  /// How many blocks of `first` come before one or more of `second`, and what both cost.
  std::pair<int64_t, Cost> join(const Part &first, const Part &second) const;

  const Machine &machine;
  const Layer &layer;
  const Placements &placements;
  const PartLimits &limits;
};

} // namespace

PartChooser::Schedulers PartChooser::makeSchedulers(OutputRange range) const {
  Schedulers schedulers;
  for (const Branch &branch : layer.branches)
    schedulers.emplace_back(machine, branch, placements.find(branch.input)->second, layer.outputs, range, limits.formats);
  return schedulers;
}

bool PartChooser::hasRoom(const Part &part) const {
  if (!limits.room)
    return true;
  if (limits.together)
    return (getBlockWords(machine, layer, part) * getBlocksOfUnit(machine, layer, part.fold)).countIn(*limits.room, 1) != 0;
  for (size_t j = 0; j < layer.branches.size(); ++j)
    if (getBlockWords(machine, layer, part, j, j + 1).countIn(*limits.room, 1) == 0)
      return false;
  return true;
}

/// A part of the cheapest schedules of a fold, if there is room for it.
std::optional<Part> PartChooser::makePart(const Schedulers &schedulers, OutputRange range, int64_t fold) const {
  // Sums of branches and of tiles are executes of single blocks, which begin at a word.
  if ((layer.branches.size() > 1 || !limits.together) && getBlocksOfUnit(machine, layer, fold) > 1)
    return std::nullopt;
  auto makeOf = [&](auto getOrder) -> std::optional<Part> {
    Part part;
    part.range = range;
    part.fold = fold;
    for (const Scheduler &scheduler : schedulers) {
      std::vector<Schedule> all = scheduler.getSchedules(fold);
      if (all.empty())
        return std::nullopt;
      part.schedules.push_back(*std::min_element(all.begin(), all.end(), [&](const Schedule &a, const Schedule &b) {
        return getOrder(a) < getOrder(b);
      }));
    }
    return part;
  };
  int64_t blocks = static_cast<int64_t>(divideCeil(range.count, getBlockOutputs(machine, fold)));
  std::optional<Part> part =
      makeOf([&](const Schedule &schedule) { return ::getCost(machine, schedule, blocks, limits.aim, limits.images); });
  // The cheapest may take more words than others.
  if (part && !hasRoom(*part))
    part = makeOf([](const Schedule &schedule) { return std::pair(schedule.getWords(), schedule.format); });
  return part && hasRoom(*part) ? part : std::nullopt;
}

Cost PartChooser::getSum(const Part &a, const Part &b) const {
  Cost sum = getCost(a);
  for (auto [total, cost] : llvm::zip(sum, getCost(b)))
    total += cost;
  return sum;
}

std::pair<int64_t, Cost> PartChooser::join(const Part &first, const Part &second) const {
  std::pair<int64_t, Cost> best = {0, Cost()};
  int64_t inFirst = getBlockOutputs(machine, first.fold), outputs = layer.outputs;
  Part head = first, tail = second;
  for (int64_t blocks = 1; blocks * inFirst < outputs; ++blocks) {
    head.range = {0, blocks * inFirst};
    tail.range = {blocks * inFirst, outputs - blocks * inFirst};
    // The second part begins at a word of results, too.
    if (layer.mode == Mode::Sums && tail.range.first % machine.outputs != 0)
      continue;
    Cost cost = getSum(head, tail);
    if (best.first == 0 || cost < best.second)
      best = {blocks, cost};
  }
  return best;
}

SmallVector<Part, 2> PartChooser::choose() {
  OutputRange all = {0, layer.outputs};
  Schedulers schedulers = makeSchedulers(all);
  SmallVector<Part, 4> folds;
  for (int64_t fold = 0; (int64_t(1) << fold) <= machine.fold; ++fold)
    if (std::optional<Part> part = makePart(schedulers, all, fold))
      folds.push_back(*part);
  if (folds.empty())
    return {};
  const Part *single = std::min_element(folds.begin(), folds.end(), [&](const Part &a, const Part &b) {
    return getCost(a) < getCost(b);
  });
  SmallVector<Part, 2> best = {*single};
  Cost cost = getCost(*single);
  for (const Part &first : folds)
    for (const Part &second : folds) {
      if (first.fold >= second.fold)
        continue;
      auto [blocks, joined] = join(first, second);
      if (blocks == 0 || !(joined < cost))
        continue;
      OutputRange head = {0, blocks * getBlockOutputs(machine, first.fold)};
      OutputRange tail = {head.count, layer.outputs - head.count};
      // Of the outputs of a part alone, sparse formats may need fewer steps.
      std::optional<Part> a = makePart(makeSchedulers(head), head, first.fold);
      std::optional<Part> b = makePart(makeSchedulers(tail), tail, second.fold);
      if (!a || !b)
        continue;
      best = {*a, *b};
      cost = joined;
    }
  return best;
}

SmallVector<Part, 2> acm::chooseParts(const Machine &machine, const Layer &layer, const Placements &placements,
                                      const PartLimits &limits) {
  return PartChooser(machine, layer, placements, limits).choose();
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Some passes and inputs of a branch.
static Branch getTile(const Branch &branch, int64_t outputs, unsigned firstPass, unsigned passes, int64_t first,
                      int64_t inputs) {
  Branch tile;
  tile.input = branch.input;
  tile.code = branch.code;
  tile.plane = branch.plane;
  tile.source = branch.source;
  tile.firstInput = branch.firstInput + first;
  tile.inputs = inputs;
  tile.passes = passes;
  for (unsigned pass = firstPass; pass < firstPass + passes; ++pass)
    for (int64_t n = 0; n < outputs; ++n)
      llvm::append_range(tile.codes, branch.getRow(pass, outputs, n).slice(first, inputs));
  llvm::append_range(tile.coefficients,
                     ArrayRef(branch.coefficients).slice(firstPass * outputs * 4, passes * outputs * 4));
  return tile;
}

/// Two halves, of lines if there are several, else of passes; none if there is one pass
/// of one line.
static SmallVector<Branch, 2> halve(const Machine &machine, const Branch &branch, int64_t outputs,
                                    const Placement &placement) {
  BranchInputs inputs(machine, branch, placement);
  if (inputs.lines > 1) {
    int64_t end = inputs.lines / 2 * machine.getLineElements(), first = 0;
    while (inputs.getPosition(first) < end)
      ++first;
    return {getTile(branch, outputs, 0, branch.passes, 0, first),
            getTile(branch, outputs, 0, branch.passes, first, branch.inputs - first)};
  }
  if (branch.passes == 1)
    return {};
  unsigned half = branch.passes / 2;
  return {getTile(branch, outputs, 0, half, 0, branch.inputs),
          getTile(branch, outputs, half, branch.passes - half, 0, branch.inputs)};
}

void acm::tileBranches(const Machine &machine, Layer &layer, const Placements &placements, const PartLimits &limits) {
  // The greatest fold takes the fewest words of a block.
  int64_t fold = llvm::Log2_64(machine.fold);
  while (fold > 0 && getBlocksOfUnit(machine, layer, fold) > 1)
    --fold;
  SmallVector<Branch, 1> tiles;
  std::vector<Branch> waiting(layer.branches.rbegin(), layer.branches.rend());
  while (!waiting.empty()) {
    Branch branch = std::move(waiting.back());
    waiting.pop_back();
    const Placement &placement = placements.find(branch.input)->second;
    Scheduler scheduler(machine, branch, placement, layer.outputs, {0, layer.outputs}, limits.formats);
    int64_t thresholds = waiting.empty() ? layer.count : 0;
    bool hasRoom = llvm::any_of(scheduler.getSchedules(fold), [&](const Schedule &schedule) {
      return getWords(machine, schedule, thresholds).countIn(*limits.room, 1) != 0;
    });
    if (limits.tileLines != 0 && llvm::isa<mlir::BlockArgument>(branch.input))
      hasRoom &= BranchInputs(machine, branch, placement).lines <= limits.tileLines;
    SmallVector<Branch, 2> halves;
    if (!hasRoom)
      halves = halve(machine, branch, layer.outputs, placement);
    if (halves.empty())
      tiles.push_back(std::move(branch));
    while (!halves.empty())
      waiting.push_back(halves.pop_back_val());
  }
  layer.branches = std::move(tiles);
}
