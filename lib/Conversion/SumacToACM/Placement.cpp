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
  if (layer.mode != Mode::Sums && (layer.low < INT16_MIN || layer.high > (layer.low < 0 ? INT16_MAX : UINT16_MAX)))
    return fail("a code", 2 * machine.activationBits);
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
  auto place = [&](Value value, int64_t elements, int64_t perLine) {
    Placement &placement = placements[value];
    for (int64_t n = 0; n < elements; ++n)
      placement.positions.push_back(n / perLine * line + n % perLine);
    placement.lines = placement.positions.back() / line + 1;
  };
  placements.clear();
  for (Value argument : function.getArguments()) {
    place(argument, *getRowElements(argument), spreadsInputs ? getSpreadWords(argument) * machine.lanes : line);
    placements[argument].planes = getElementTypeOrSelf(argument).getIntOrFloatBitWidth() > 8 ? 2 : 1;
  }
  for (const Layer &layer : layers)
    if (layer.mode != Mode::Sums) {
      place(layer.result, layer.outputs, line);
      // The last block is written whole.
      int64_t written = static_cast<int64_t>(llvm::alignTo(layer.outputs, machine.rows));
      placements[layer.result].lines = static_cast<int64_t>(divideCeil(written, line));
      placements[layer.result].planes = layer.code.getPlanes();
    }
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

int64_t ProgramBuilder::getMostImages() const { return options.images == 0 ? kMostImages : options.images; }

LogicalResult ProgramBuilder::chooseResidentParts(Aim aim) {
  plans.clear();
  for (const Layer &layer : layers) {
    for (const Branch &branch : layer.branches)
      if (!placements.count(branch.input))
        return emitError(layer.location, "takes sums as inputs; quantize them first");
    plans.push_back(chooseParts(machine, layer, placements, {options.formats, aim, getMostImages()}));
    if (plans.back().empty())
      return emitError(layer.location, "has weights that none of the allowed formats holds");
  }
  return success();
}

/// Sparse formats take as many steps for every line as the fullest one needs, so that an
/// input of a line and a half had better be three quarters in each.
LogicalResult ProgramBuilder::chooseInputs(Aim aim) {
  auto getSum = [&] {
    Cost sum = {0, 0, 0};
    for (ArrayRef<Part> parts : plans)
      for (const Part &part : parts)
        for (auto [total, cost] : llvm::zip(sum, getCost(machine, part, aim, getMostImages())))
          total += cost;
    return sum;
  };
  spreadsInputs = false;
  placeValues();
  if (failed(chooseResidentParts(aim)))
    return failure();
  Cost cost = getSum();
  auto hasLines = [&](Value argument) { return placements[argument].lines > 1; };
  // A load has a row for each line of each image: 16 bits.
  if (machine.getLines() >= 1 << 16 || llvm::none_of(function.getArguments(), hasLines))
    return success();
  spreadsInputs = true;
  placeValues();
  if (failed(chooseResidentParts(aim)))
    return failure();
  if (getSum() < cost)
    return success();
  spreadsInputs = false;
  placeValues();
  return chooseResidentParts(aim);
}

bool ProgramBuilder::fitsMemories() const {
  Words words;
  for (auto [layer, parts] : llvm::zip(layers, plans))
    for (const Part &part : parts)
      words += getBlockWords(machine, layer, part) * part.getBlocks(machine);
  Words room = {machine.getWords(Memory::Codes), machine.getWords(Memory::Indices), machine.getWords(Memory::Parameters)};
  return words.countIn(room, 1) != 0;
}

/// Half of each memory.
Words ProgramBuilder::getHalves() const {
  return {machine.getWords(Memory::Codes) / 2, machine.getWords(Memory::Indices) / 2,
          machine.getWords(Memory::Parameters) / 2};
}

/// Parts of which a block has room in half of each memory, or, if there are none, tiles
/// of its inputs.
LogicalResult ProgramBuilder::chooseStreamedParts(size_t index) {
  Layer &layer = layers[index];
  Words halves = getHalves();
  PartLimits limits = {options.formats, Aim::Overlap, getMostImages(), &halves, /*together=*/true, tileLines};
  bool hasTiles = llvm::any_of(layer.branches, [&](const Branch &branch) { return isStreamed(branch.input); });
  plans[index].clear();
  if (!hasTiles)
    plans[index] = chooseParts(machine, layer, placements, limits);
  if (!plans[index].empty())
    return success();
  tiledLayers.insert(index);
  limits.together = false;
  tileBranches(machine, layer, placements, limits);
  plans[index] = chooseParts(machine, layer, placements, limits);
  if (plans[index].empty())
    return emitError(layer.location) << "has weights, or thresholds, of one line of inputs that half a memory of '" << machine.name
                                     << "' does not hold; take a greater machine";
  return success();
}

/// The parts of all layers: the fastest, if all of their words have room together; else
/// the smallest, if those have; else those that are best to come in turn.
LogicalResult ProgramBuilder::choosePlan() {
  for (Aim aim : {options.preloads ? Aim::Cycles : Aim::Overlap, Aim::Size}) {
    if (failed(chooseInputs(aim)))
      return failure();
    isResident = fitsMemories();
    if (isResident)
      return success();
  }
  return failed(chooseInputs(Aim::Overlap)) ? failure() : chooseStreamedPlan();
}

/// A plan with tiles of the function's inputs.
LogicalResult ProgramBuilder::chooseTiledPlan() {
  spreadsInputs = false;
  placeValues();
  return chooseStreamedPlan();
}

/// Parts and tiles of all layers, whose words come in turn.
LogicalResult ProgramBuilder::chooseStreamedPlan() {
  isResident = false;
  tiledLayers.clear();
  for (size_t l = 0; l < layers.size(); ++l)
    if (failed(chooseStreamedParts(l)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

/// Gives a chunk its words and their places: behind those before, or in turn in both
/// halves of the memories.
void ProgramBuilder::addChunk(Chunk chunk) {
  const Part &part = plans[chunk.layer][chunk.part];
  chunk.words =
      getBlockWords(machine, layers[chunk.layer], part, chunk.branch, chunk.branch + chunk.branches) * chunk.count;
  if (isResident && !chunks.empty()) {
    chunk.start = chunks.back().start;
    chunk.start += chunks.back().words;
  } else if (!isResident && chunks.size() % 2 != 0) {
    chunk.start = getHalves();
    chunk.half = 1;
  }
  chunks.push_back(chunk);
}

/// Chunks of a part whose blocks are tiled. Sums of an image stay in the output stage
/// meanwhile, so every image, and each plane of it, has the tiles anew.
void ProgramBuilder::addTiles(size_t layer, size_t partNumber) {
  const Part &part = plans[layer][partNumber];
  Words halves = getHalves();
  size_t all = part.schedules.size();
  for (int64_t block = 0; block < part.getBlocks(machine); ++block) {
    size_t begin = chunks.size();
    for (size_t branch = 0, end; branch < all; branch = end) {
      for (end = branch + 1; end < all && tileLines == 0; ++end)
        if (getBlockWords(machine, layers[layer], part, branch, end + 1).countIn(halves, 1) == 0)
          break;
      addChunk({layer, partNumber, block, 1, branch, end - branch, 0, 1, 0, 1, {}, {}, chunks.size(), 0});
    }
    size_t tiles = chunks.size() - begin;
    int64_t planes = layers[layer].code.getPlanes(), repetitions = images * planes;
    if (static_cast<int64_t>(chunks.size() + tiles * repetitions) > machine.instructions) {
      for (size_t tile = begin; tile < begin + tiles; ++tile)
        beyond += (repetitions - 1) * countInstructions(chunks[tile]);
      continue;
    }
    for (int64_t repetition = 1; repetition < repetitions; ++repetition)
      for (size_t tile = begin; tile < begin + tiles; ++tile) {
        Chunk chunk = chunks[tile];
        chunk.start = {};
        chunk.half = 0;
        chunk.image = repetition / planes;
        chunk.plane = repetition % planes;
        addChunk(chunk);
      }
  }
}

/// All words stay where they are if there is room for all of them; else they come in
/// turn to two halves of each memory.
void ProgramBuilder::makeChunks() {
  chunks.clear();
  beyond = 0;
  for (auto [l, layer] : llvm::enumerate(layers))
    for (auto [p, part] : llvm::enumerate(plans[l])) {
      if (tiledLayers.count(l) != 0) {
        addTiles(l, p);
        continue;
      }
      int64_t blocks = part.getBlocks(machine), count = blocks;
      int64_t unit = getBlocksOfUnit(machine, layer, part.fold);
      if (!isResident)
        count = unit * (getBlockWords(machine, layer, part) * unit).countIn(getHalves(), static_cast<int64_t>(divideCeil(blocks, unit)));
      // What the field of an execute holds.
      count = std::min(count, UINT16_MAX / unit * unit);
      for (int64_t first = 0; first < blocks; first += count)
        addChunk({l, p, first, std::min(count, blocks - first), 0, layer.branches.size(), 0, images, 0, layer.code.getPlanes(), {}, {}, chunks.size(), 0});
    }
}

int64_t ProgramBuilder::countInstructions(const Chunk &chunk) const {
  int64_t loads = (chunk.words.codes != 0) + (chunk.words.indices != 0) + (chunk.words.parameters != 0) +
                  isStreamed(layers[chunk.layer].branches[chunk.branch].input);
  return loads + chunk.planes * (isOneExecute(chunk) ? 1 : chunk.count * chunk.images * static_cast<int64_t>(chunk.branches));
}

/// Of the program that the chunks make.
int64_t ProgramBuilder::countInstructions() {
  int64_t count = static_cast<int64_t>(function.getNumArguments() + function.getNumResults()) + 1 + beyond;
  for (const Chunk &chunk : chunks)
    count += countInstructions(chunk);
  return count;
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// First fit, by the layers between which values are in use; false if there is no
/// room.
bool ProgramBuilder::placeLines() {
  auto getLines = [&](Value value) {
    return isStreamed(value) ? 2 * tileLines : placements[value].getImageLines() * images;
  };
  std::vector<std::pair<Value, Region *>> placed;
  auto place = [&](Value value, Region &region) {
    int64_t size = getLines(value), first = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (auto &[other, place] : placed) {
        int64_t otherSize = getLines(other);
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
  for (auto [l, layer] : llvm::enumerate(layers))
    if (layer.mode == Mode::Sums) {
      results[layer.result] = words;
      words += images * getResultWords(l);
    }
  return words <= machine.getWords(Memory::Results);
}

/// Of an image.
int64_t ProgramBuilder::getResultWords(size_t layer) const {
  const Part &last = plans[layer].back();
  int64_t outputs = last.range.first + last.getBlocks(machine) * getBlockOutputs(machine, last.fold);
  return static_cast<int64_t>(divideCeil(outputs, machine.outputs));
}

/// When values are in use.
void ProgramBuilder::findRegions() {
  regions.clear();
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
}

/// Places everything for as many images as fit, or for those that are asked for.
LogicalResult ProgramBuilder::placeActivations() {
  findRegions();
  for (images = getMostImages();; images /= 2) {
    bool hasRoom = placeLines();
    makeChunks();
    if (hasRoom && countInstructions() <= machine.instructions)
      return success();
    if (options.images != 0 || images == 1)
      return failure();
  }
}

/// Chooses parts, and places for everything: of all words if they fit, of words in turn
/// if they do not, and of tiles of the inputs if an image does not fit either.
LogicalResult ProgramBuilder::place() {
  std::vector<Layer> whole = layers;
  if (failed(choosePlan()))
    return failure();
  if (succeeded(placeActivations()))
    return success();
  bool hasRoom = placeLines();
  int64_t instructions = countInstructions(), most = 0;
  for (Value argument : function.getArguments())
    most = std::max(most, placements[argument].lines);
  for (tileLines = most / 2; tileLines > 0 && !hasRoom; tileLines /= 2) {
    layers = whole;
    if (failed(chooseTiledPlan()))
      return failure();
    if (succeeded(placeActivations()))
      return success();
    // Smaller tiles take more instructions.
    hasRoom = placeLines();
    instructions = countInstructions();
  }
  auto error = function.emitError();
  if (hasRoom)
    error << "takes " << instructions << " instructions for " << images << " image" << (images == 1 ? "" : "s")
          << "; the machine '" << machine.name << "' has room for " << machine.instructions;
  else
    error << "needs more activation or result memory for " << images << " image" << (images == 1 ? "" : "s")
          << " than the machine '" << machine.name << "' has";
  return error << "; take a greater machine or fewer images";
}
