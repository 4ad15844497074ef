//===- Placement.cpp - Schedules and places of values -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramBuilder.h"

#include "sumac/Conversion/Rows.h"
#include "sumac/Support/Rational.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;
using llvm::divideCeil;

/// The most images of a run, where nothing else is asked for.
static constexpr int64_t kMostImages = 64;

//===----------------------------------------------------------------------===//
// Widths
//===----------------------------------------------------------------------===//

static bool fits(int64_t value, int64_t bits) { return llvm::isIntN(static_cast<unsigned>(bits), value); }

LogicalResult ProgramBuilder::checkNumbers(const Layer &layer) {
  auto fail = [&](StringRef what, int64_t bits) {
    return emitError(layer.location) << what << " does not fit the " << bits << " bits that the machine '" << machine.name
                                     << "' has; take a greater machine, or weights of fewer bits";
  };
  if (layer.mode != Mode::Sums && (layer.low < -128 || layer.high > 255 || (layer.low < 0 && layer.high > 127)))
    return fail("a code", machine.activationBits);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    Int128 reach = 0;
    for (const Branch &branch : layer.branches)
      for (unsigned pass = 0; pass < branch.passes; ++pass)
        for (int64_t k = 0; k < 4; ++k) {
          int64_t coefficient = branch.coefficients[(pass * layer.outputs + n) * 4 + k];
          int64_t count = llvm::count_if(branch.getRow(pass, layer.outputs, n),
                                         [&](uint8_t code) { return (code >> k & 1) != 0; });
          if (count == 0)
            continue;
          if (!fits(coefficient, machine.coefficientBits))
            return fail("a coefficient", machine.coefficientBits);
          if (!fits(count * branch.code.getGreatest(), machine.accumulatorBits))
            return fail("a mask sum", machine.accumulatorBits);
          reach += Int128(count * branch.code.getGreatest()) * (coefficient < 0 ? -Int128(coefficient) : coefficient);
        }
    const Record &record = layer.records[n];
    if (!fits(record.multiplier, machine.multiplierBits))
      return fail("a multiplier of the requantization", machine.multiplierBits);
    // In all modes the sum, in mode sums also what is added.
    if (layer.mode != Mode::Codes)
      reach += record.addend < 0 ? -Int128(record.addend) : record.addend;
    // No sum is at an end: thresholds that none reaches, or that all do, are there.
    if (!fits(record.addend, machine.sumBits) || reach >= llvm::maxIntN(machine.sumBits))
      return fail("a sum", machine.sumBits);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Words in each line of an input that is spread over its lines.
int64_t ProgramBuilder::getSpreadWords(Value input) const {
  int64_t elements = *getRowElements(input);
  int64_t lines = static_cast<int64_t>(divideCeil(elements, machine.getLineElements()));
  return static_cast<int64_t>(divideCeil(divideCeil(elements, machine.lanes), lines));
}

void ProgramBuilder::placeValues() {
  int64_t line = machine.getLineElements();
  auto place = [&](Value value, int64_t elements, int64_t block) {
    Placement &placement = placements[value];
    // `block` elements begin at a line of their own.
    int64_t stride = static_cast<int64_t>(llvm::alignTo(block, line));
    for (int64_t n = 0; n < elements; ++n)
      placement.positions.push_back(n / block * stride + n % block);
    placement.lines = placement.positions.back() / line + 1;
  };
  placements.clear();
  for (Value argument : function.getArguments())
    place(argument, *getRowElements(argument),
          spreadsInputs ? getSpreadWords(argument) * machine.lanes : *getRowElements(argument));
  for (auto [l, layer] : llvm::enumerate(layers))
    if (layer.mode != Mode::Sums)
      place(layer.result, layer.outputs, hasBlockLines(l) ? machine.rows : layer.outputs);
}

/// What decides between schedules, the greatest first. Words are loaded once in a run,
/// beside the executes of all its images.
ProgramBuilder::Cost ProgramBuilder::getCost(const Schedule &schedule) const {
  int64_t rows = options.images == 0 ? kMostImages : options.images;
  int64_t execute = rows * schedule.getCycles(machine), load = schedule.getLoadCycles(machine);
  return {std::max(execute, load), execute + load, schedule.getBits(machine)};
}

LogicalResult ProgramBuilder::schedule() {
  plans.clear();
  for (auto [l, layer] : llvm::enumerate(layers)) {
    LayerPlan &plan = plans.emplace_back();
    for (const Branch &branch : layer.branches) {
      auto placement = placements.find(branch.input);
      if (placement == placements.end())
        return emitError(layer.location, "takes sums that leave the program as inputs, too; quantize them first");
      std::vector<Schedule> all = getSchedules(machine, branch, layer.outputs, placement->second, options.formats);
      // A block is as many outputs as there are rows.
      if (hasBlockLines(l))
        llvm::erase_if(all, [](const Schedule &schedule) { return schedule.fold != 0; });
      if (all.empty())
        return emitError(layer.location, "has weights that none of the allowed formats holds");
      const auto *best = std::min_element(all.data(), all.data() + all.size(), [&](const Schedule &a, const Schedule &b) {
        return getCost(a) < getCost(b);
      });
      plan.schedules.push_back(*best);
      int64_t words = best->getWords() / best->blocks;
      plan.codeWords += words;
      plan.indexWords += best->format == Format::Dense ? 0 : words;
      plan.parameterWords += best->passes * getBeats(plan);
    }
    plan.parameterWords += layer.count * getBeats(plan);
  }
  return success();
}

/// That of all layers.
ProgramBuilder::Cost ProgramBuilder::getCost() const {
  Cost sum = {0, 0, 0};
  for (const LayerPlan &plan : plans)
    for (const Schedule &schedule : plan.schedules)
      for (auto [total, cost] : llvm::zip(sum, getCost(schedule)))
        total += cost;
  return sum;
}

/// Sparse formats take as many steps for every line as the fullest one needs, so that an
/// input of a line and a half had better be three quarters in each.
LogicalResult ProgramBuilder::chooseInputs() {
  placeValues();
  if (failed(schedule()))
    return failure();
  Cost cost = getCost();
  auto hasLines = [&](Value argument) { return placements[argument].lines > 1; };
  // A load has a row for each line of each image: 16 bits.
  if (machine.getLines() >= 1 << 16 || llvm::none_of(function.getArguments(), hasLines))
    return success();
  spreadsInputs = true;
  placeValues();
  if (failed(schedule()))
    return failure();
  if (getCost() < cost)
    return success();
  spreadsInputs = false;
  placeValues();
  return schedule();
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

int64_t ProgramBuilder::getResultWords(const Layer &layer, const LayerPlan &plan) const {
  return plan.schedules[0].blocks * getBeats(plan);
}

bool ProgramBuilder::fitsMemories() const {
  int64_t codes = 0, indices = 0, parameters = 0;
  for (const LayerPlan &plan : plans) {
    int64_t blocks = plan.schedules[0].blocks;
    codes += blocks * plan.codeWords;
    indices += blocks * plan.indexWords;
    parameters += blocks * plan.parameterWords;
  }
  return codes <= machine.getWords(Memory::Codes) && indices <= machine.getWords(Memory::Indices) &&
         parameters <= machine.getWords(Memory::Parameters);
}

/// How many blocks of a layer half of each memory holds.
FailureOr<int64_t> ProgramBuilder::getChunkBlocks(size_t index) {
  const Layer &layer = layers[index];
  const LayerPlan &plan = plans[index];
  int64_t blocks = plan.schedules[0].blocks, count = blocks;
  auto limit = [&](Memory memory, int64_t words) {
    if (words != 0)
      count = std::min(count, machine.getWords(memory) / 2 / words);
  };
  limit(Memory::Codes, plan.codeWords);
  limit(Memory::Indices, plan.indexWords);
  limit(Memory::Parameters, plan.parameterWords);
  if (count < 1)
    return emitError(layer.location) << "has blocks of " << plan.codeWords << " words of codes, " << plan.indexWords
                                     << " of indices and " << plan.parameterWords << " of parameters, and half a memory of '"
                                     << machine.name << "' must hold one; take a greater machine";
  // What a chunk writes begins at a line.
  int64_t aligned = std::max<int64_t>(1, machine.getLineElements() / (machine.rows >> plan.schedules[0].fold));
  if (count < blocks && layer.mode != Mode::Sums && !hasBlockLines(index))
    count -= count % aligned;
  return count;
}

/// All words stay where they are if there is room for all of them; else they come in
/// turn to two halves of each memory.
LogicalResult ProgramBuilder::makeChunks() {
  isResident = fitsMemories();
  chunks.clear();
  int64_t codes = 0, indices = 0, parameters = 0;
  for (auto [l, plan] : llvm::enumerate(plans)) {
    int64_t blocks = plan.schedules[0].blocks, count = blocks;
    if (!isResident) {
      FailureOr<int64_t> most = getChunkBlocks(l);
      if (failed(most))
        return failure();
      if (*most == 0) {
        // Not as many blocks as a line has: give every block lines of its own.
        paddedLayers.insert(l);
        placeValues();
        return failed(schedule()) ? failure() : makeChunks();
      }
      count = *most;
    }
    for (int64_t first = 0; first < blocks; first += count) {
      Chunk chunk;
      chunk.layer = l;
      chunk.first = first;
      chunk.count = std::min(count, blocks - first);
      chunk.codeWords = chunk.count * plan.codeWords;
      chunk.indexWords = chunk.count * plan.indexWords;
      chunk.parameterWords = chunk.count * plan.parameterWords;
      bool isOdd = chunks.size() % 2 != 0;
      auto getStart = [&](Memory memory, int64_t &used, int64_t words) {
        int64_t start = isResident ? used : isOdd ? machine.getWords(memory) / 2 : 0;
        used += words;
        return start;
      };
      chunk.codes = getStart(Memory::Codes, codes, chunk.codeWords);
      chunk.indices = getStart(Memory::Indices, indices, chunk.indexWords);
      chunk.parameters = getStart(Memory::Parameters, parameters, chunk.parameterWords);
      chunks.push_back(chunk);
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// First fit, by the layers between which values are in use; false if there is no
/// room.
bool ProgramBuilder::placeLines(int64_t images) {
  std::vector<std::pair<Value, Region *>> placed;
  auto place = [&](Value value, Region &region) {
    int64_t size = placements[value].lines * images, first = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (auto &[other, place] : placed) {
        int64_t otherSize = placements[other].lines * images;
        bool lives = region.begin <= place->end && place->begin <= region.end;
        if (lives && first < place->first + otherSize && place->first < first + size) {
          first = place->first + otherSize;
          moved = true;
        }
      }
    }
    region.first = first;
    placed.emplace_back(value, &region);
    return first + size <= machine.getLines();
  };
  for (Value argument : function.getArguments())
    if (auto region = regions.find(argument); region != regions.end() && !place(argument, region->second))
      return false;
  for (const Layer &layer : layers)
    if (auto region = regions.find(layer.result); region != regions.end() && !place(layer.result, region->second))
      return false;
  int64_t words = 0;
  for (auto [layer, plan] : llvm::zip(layers, plans))
    if (layer.mode == Mode::Sums) {
      results[layer.result] = words;
      words += images * getResultWords(layer, plan);
    }
  return words <= machine.getWords(Memory::Results);
}

LogicalResult ProgramBuilder::placeActivations() {
  // Inputs are there before the first layer.
  for (Value argument : function.getArguments())
    regions[argument] = {0, 0, 0};
  for (auto [l, layer] : llvm::enumerate(layers)) {
    if (layer.mode != Mode::Sums)
      regions[layer.result] = {0, l, l};
    for (const Branch &branch : layer.branches)
      regions[branch.input].end = std::max<size_t>(regions[branch.input].end, l);
  }
  // Outputs stay until they are stored, at the end.
  for (Value output : function.getBody().front().getTerminator()->getOperands())
    if (auto region = regions.find(skipReshapes(output)); region != regions.end())
      region->second.end = layers.size();
  images = options.images == 0 ? kMostImages : options.images;
  while (!placeLines(images)) {
    if (options.images != 0 || images == 1)
      return function.emitError() << "needs more activation or result memory for " << images << " image" << (images == 1 ? "" : "s")
                                  << " than the machine '" << machine.name << "' has; take a greater machine or fewer images";
    images /= 2;
  }
  return success();
}
