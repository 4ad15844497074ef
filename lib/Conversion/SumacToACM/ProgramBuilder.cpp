//===- ProgramBuilder.cpp - Layers to a program -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramBuilder.h"

#include "sumac/Conversion/Rows.h"
#include "sumac/ACM/Bits.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

void ProgramBuilder::add(const Instruction &instruction, const std::string &name) {
  container.program.instructions.push_back(instruction);
  names.push_back(name);
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

void ProgramBuilder::addData(ArrayRef<uint8_t> bytes, Instruction &load) {
  load.dram = static_cast<int64_t>(container.data.size());
  container.data.insert(container.data.end(), bytes.begin(), bytes.end());
  container.data.resize(llvm::alignTo(container.data.size(), machine.dmaBytes));
}

void ProgramBuilder::loadWords(Memory memory, int64_t address, int64_t words, std::vector<Instruction> &loads) {
  if (words == 0)
    return;
  Instruction load(Opcode::Load);
  load.memory = static_cast<int64_t>(memory);
  load.address = address;
  load.words = words;
  load.rows = 1;
  loads.push_back(load);
}

void ProgramBuilder::packRecords(const Layer &layer, const Branch &branch, unsigned pass, OutputRange range,
                                 llvm::MutableArrayRef<uint8_t> word) {
  RecordLayout layout = machine.getRecordLayout();
  for (int64_t o = 0; o < range.count; ++o) {
    int64_t n = range.first + o, base = o * layout.bits;
    for (int64_t k = 0; k < 4; ++k)
      setBits(word, base + layout.coefficients + k * machine.coefficientBits, machine.coefficientBits,
              branch.coefficients[(pass * layer.outputs + n) * 4 + k]);
    setBits(word, base + layout.bias, machine.sumBits, layer.records[n].addend);
    setBits(word, base + layout.multiplier, machine.multiplierBits, layer.records[n].multiplier);
    setBits(word, base + layout.shift, 6, layer.records[n].shift);
  }
}

/// A threshold that no sum reaches, or that all do, stays one in fewer bits:
/// checkNumbers() keeps sums away from the ends.
static int64_t saturate(int64_t threshold, int64_t bits) {
  return std::clamp(threshold, llvm::minIntN(bits), llvm::maxIntN(bits));
}

/// The outputs that some blocks of a part have.
static OutputRange getBlockRange(const Machine &machine, const Part &part, int64_t first, int64_t count) {
  int64_t inBlock = getBlockOutputs(machine, part.fold);
  return {part.range.first + first * inBlock, std::min(count * inBlock, part.range.count - first * inBlock)};
}

std::vector<uint8_t> ProgramBuilder::packParameters(const Chunk &chunk, size_t index) {
  const Layer &layer = layers[chunk.layer];
  const Part &part = plans[chunk.layer][chunk.part];
  const Branch &branch = layer.branches[index];
  bool isLast = index + 1 == layer.branches.size();
  int64_t beats = getBeats(machine, part.fold), inBeat = getBeatOutputs(machine, part.fold);
  int64_t pitch = machine.getPitch(Memory::Parameters);
  std::vector<uint8_t> bytes;
  auto addWord = [&] {
    bytes.resize(bytes.size() + pitch, 0);
    return llvm::MutableArrayRef(bytes).take_back(pitch);
  };
  for (int64_t b = 0; b < chunk.count; ++b)
    for (unsigned pass = 0; pass < branch.passes; ++pass)
      for (int64_t beat = 0; beat < beats; ++beat) {
        OutputRange range = getBlockRange(machine, part, chunk.first + b, 1);
        range = {range.first + beat * inBeat, std::clamp<int64_t>(range.count - beat * inBeat, 0, inBeat)};
        packRecords(layer, branch, pass, range, addWord());
        if (!isLast || pass + 1 < branch.passes)
          continue;
        for (int64_t c = 0; c < layer.count; ++c) {
          llvm::MutableArrayRef<uint8_t> word = addWord();
          for (int64_t o = 0; o < range.count; ++o)
            setBits(word, o * machine.sumBits, machine.sumBits,
                    saturate(layer.thresholds[(range.first + o) * layer.count + c], machine.sumBits));
        }
      }
  return bytes;
}

/// What the loads of a chunk bring, branch by branch in each memory.
void ProgramBuilder::addChunkData(const Chunk &chunk, std::vector<Instruction> &loads) {
  const Layer &layer = layers[chunk.layer];
  const Part &part = plans[chunk.layer][chunk.part];
  std::vector<uint8_t> codes, indices, parameters;
  for (size_t j = chunk.branch; j < chunk.branch + chunk.branches; ++j) {
    const Branch &branch = layer.branches[j];
    PackedWords words = pack(machine, branch, placements[branch.input], layer.outputs, part.schedules[j],
                             getBlockRange(machine, part, chunk.first, chunk.count));
    llvm::append_range(codes, words.codes);
    llvm::append_range(indices, words.indices);
    llvm::append_range(parameters, packParameters(chunk, j));
  }
  for (Instruction &load : loads)
    addData(load.getMemory() == Memory::Codes ? codes : load.getMemory() == Memory::Indices ? indices : parameters, load);
}

void ProgramBuilder::loadChunk(size_t number, bool waits, bool signals) {
  const Chunk &chunk = chunks[number];
  std::vector<Instruction> loads;
  loadWords(Memory::Codes, chunk.start.codes, chunk.words.codes, loads);
  loadWords(Memory::Indices, chunk.start.indices, chunk.words.indices, loads);
  loadWords(Memory::Parameters, chunk.start.parameters, chunk.words.parameters, loads);
  if (chunk.data == number)
    addChunkData(chunk, loads);
  else
    for (auto [load, dram] : llvm::zip(loads, chunkData[chunk.data]))
      load.dram = dram;
  chunkData.emplace_back();
  for (const Instruction &load : loads)
    chunkData.back().push_back(load.dram);
  if (isStreamed(layers[chunk.layer].branches[chunk.branch].input))
    loads.insert(loads.begin(), loadTile(chunk));
  loads.front().waitNext = waits;
  loads.back().signalNext = signals;
  for (const Instruction &load : loads)
    add(load, layers[chunk.layer].name);
}

//===----------------------------------------------------------------------===//
// Executes
//===----------------------------------------------------------------------===//

/// A branch, from a block of the chunk on and an image on, for a plane of the result.
Instruction ProgramBuilder::makeExecute(const Chunk &chunk, size_t index, int64_t block, int64_t image,
                                        int64_t plane) {
  const Layer &layer = layers[chunk.layer];
  const Part &part = plans[chunk.layer][chunk.part];
  const Branch &branch = layer.branches[index];
  const Schedule &schedule = part.schedules[index];
  Instruction execute(Opcode::Execute);
  execute.format = static_cast<int64_t>(schedule.format);
  execute.mode = static_cast<int64_t>(layer.mode);
  execute.isSigned = branch.code.isSigned();
  execute.fold = schedule.fold;
  execute.span = schedule.span;
  Words start = chunk.start;
  start += getBlockWords(machine, layer, part, chunk.branch, index) * chunk.count;
  start += getBlockWords(machine, layer, part, index, index + 1) * block;
  execute.codes = start.codes;
  execute.indices = schedule.format == Format::Dense ? 0 : start.indices;
  execute.parameters = start.parameters;
  const Placement &input = placements[branch.input], &result = placements[layer.result];
  execute.inputStride = input.getImageLines();
  execute.input = regions[branch.input].first;
  if (isStreamed(branch.input))
    execute.input += chunk.half * tileLines;
  else
    execute.input += image * execute.inputStride + branch.plane * input.lines + BranchInputs(machine, branch, input).firstLine;
  int64_t first = getBlockRange(machine, part, chunk.first + block, 1).first;
  if (layer.mode == Mode::Sums) {
    execute.outputStride = getResultWords(chunk.layer);
    execute.output = results[layer.result] + image * execute.outputStride + first / machine.outputs;
  } else {
    execute.outputStride = result.getImageLines() * machine.banks;
    execute.output = (regions[layer.result].first + plane * result.lines) * machine.banks + image * execute.outputStride +
                     first / machine.lanes;
    execute.halfEven = layer.isHalfEven;
    execute.low = layer.low;
    execute.high = layer.high;
    execute.count = layer.count;
    execute.falls = layer.falls;
    execute.plane = plane;
  }
  execute.blocks = execute.images = 1;
  execute.passes = schedule.passes;
  execute.windows = schedule.windows;
  execute.steps = schedule.steps;
  return execute;
}

/// An execute for each branch of a block and image; all but the last keep their sums.
void ProgramBuilder::executeBranches(const Chunk &chunk, std::vector<Instruction> &executes) {
  size_t last = layers[chunk.layer].branches.size() - 1;
  for (int64_t b = 0; b < chunk.count; ++b)
    for (int64_t i = chunk.image; i < chunk.image + chunk.images; ++i)
      for (int64_t plane = chunk.plane; plane < chunk.plane + chunk.planes; ++plane)
        for (size_t j = chunk.branch; j < chunk.branch + chunk.branches; ++j) {
          Instruction execute = makeExecute(chunk, j, b, i, plane);
          execute.inputStride = execute.outputStride = 0;
          execute.resume = j > 0;
          if (j != last) {
            execute.mode = static_cast<int64_t>(Mode::Keep);
            execute.output = execute.low = execute.high = execute.halfEven = 0;
            execute.count = execute.falls = execute.plane = 0;
          }
          executes.push_back(execute);
        }
}

void ProgramBuilder::executeChunk(const Chunk &chunk, bool waits, bool signalsLoad, bool signalsStore) {
  const Layer &layer = layers[chunk.layer];
  std::vector<Instruction> executes;
  if (!isOneExecute(chunk)) {
    executeBranches(chunk, executes);
  } else {
    for (int64_t plane = 0; plane < chunk.planes; ++plane) {
      executes.push_back(makeExecute(chunk, 0, 0, 0, plane));
      executes.back().blocks = chunk.count;
      executes.back().images = images;
    }
  }
  executes.front().waitPrevious = waits;
  executes.back().signalPrevious = signalsLoad;
  executes.back().signalNext = signalsStore;
  for (const Instruction &execute : executes)
    add(execute, layer.name);
}

//===----------------------------------------------------------------------===//
// Ports
//===----------------------------------------------------------------------===//

static bool isSigned(Value value) { return cast<IntegerType>(getElementTypeOrSelf(value)).isSigned(); }

void ProgramBuilder::loadInputs(const PortNames &portNames) {
  int64_t pitch = machine.getPitch(Memory::Activations);
  for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
    if (!regions.count(argument))
      continue;
    const Placement &placement = placements[argument];
    int64_t words = placement.lines * machine.banks; // of a plane
    Instruction load(Opcode::Load);
    load.memory = static_cast<int64_t>(Memory::Activations);
    load.address = regions[argument].first * machine.banks;
    load.words = images * placement.planes * words;
    load.rows = 1;
    load.dram = container.entry.dram;
    if (spreadsInputs && placement.lines > 1) {
      // In DRAM the words of an image have no gaps.
      load.words = getSpreadWords(argument);
      load.rows = images * placement.getImageLines();
      load.stride = machine.banks;
      load.dramStride = load.words * pitch;
      words = placement.lines * load.words;
    }
    Port port;
    port.name = portNames.inputs[i];
    port.memory = Memory::Activations;
    port.address = container.entry.dram;
    port.stride = placement.planes * words * pitch;
    port.planeStride = placement.planes > 1 ? words * pitch : 0;
    port.elements = *getRowElements(argument);
    port.isSigned = isSigned(argument);
    container.entry.dram += images * port.stride;
    container.entry.inputs.push_back(std::move(port));
    if (!isStreamed(argument))
      add(load, portNames.inputs[i]);
  }
}

/// The lines of an image's input that a chunk's tile reads.
Instruction ProgramBuilder::loadTile(const Chunk &chunk) {
  const Branch &branch = layers[chunk.layer].branches[chunk.branch];
  const Port &port = container.entry.inputs[cast<BlockArgument>(branch.input).getArgNumber()];
  BranchInputs inputs(machine, branch, placements[branch.input]);
  Instruction load(Opcode::Load);
  load.memory = static_cast<int64_t>(Memory::Activations);
  load.address = (regions[branch.input].first + chunk.half * tileLines) * machine.banks;
  load.words = inputs.lines * machine.banks;
  load.rows = 1;
  load.dram = port.address + chunk.image * port.stride + branch.plane * port.planeStride +
              inputs.firstLine * machine.banks * machine.getPitch(Memory::Activations);
  return load;
}

/// Layers of outputs that signal store. A counter holds 255 tokens: of more layers only
/// the last ones signal, and the first token stands for all before them.
std::vector<size_t> ProgramBuilder::getSignallingLayers() {
  constexpr size_t kMostTokens = 255;
  DenseSet<Value> outputs;
  for (Value output : function.getBody().front().getTerminator()->getOperands())
    outputs.insert(skipReshapes(output));
  std::vector<size_t> signals;
  for (auto [l, layer] : llvm::enumerate(layers))
    if (outputs.contains(layer.result))
      signals.push_back(l);
  if (signals.size() > kMostTokens)
    signals.erase(signals.begin(), signals.end() - kMostTokens);
  return signals;
}

LogicalResult ProgramBuilder::storeOutputs(const PortNames &portNames) {
  // By layers: tokens have no names, so stores wait in the order in which layers signal.
  std::multimap<size_t, Instruction> stores;
  for (auto [i, output] : llvm::enumerate(function.getBody().front().getTerminator()->getOperands())) {
    Value value = skipReshapes(output);
    auto layer = llvm::find_if(layers, [&](const Layer &candidate) { return candidate.result == value; });
    if (layer == layers.end())
      return function.emitError() << "output '" << portNames.outputs[i] << "' is an input or a constant, which the core does not copy";
    Memory memory = layer->mode == Mode::Sums ? Memory::Results : Memory::Activations;
    int64_t planes = memory == Memory::Results ? 1 : placements[value].planes;
    int64_t words = // of a plane
        memory == Memory::Results ? getResultWords(layer - layers.begin()) : placements[value].lines * machine.banks;
    Instruction store(Opcode::Store);
    store.memory = static_cast<int64_t>(memory);
    store.address = memory == Memory::Results ? results[value] : regions[value].first * machine.banks;
    store.words = images * planes * words;
    store.rows = 1;
    store.dram = container.entry.dram;
    Port port;
    port.name = portNames.outputs[i];
    port.memory = memory;
    port.address = container.entry.dram;
    port.stride = planes * words * machine.getPitch(memory);
    port.planeStride = planes > 1 ? words * machine.getPitch(memory) : 0;
    port.elements = layer->outputs;
    port.isSigned = memory == Memory::Results || layer->low < 0;
    // What elements stand for: value = step * element + base.
    if (memory == Memory::Activations && (layer->code.step != 1 || layer->code.base != 0))
      port.metadata = llvm::json::Object{{"step", layer->code.step}, {"base", layer->code.base}};
    container.entry.dram += images * port.stride;
    container.entry.outputs.push_back(std::move(port));
    stores.emplace(layer - layers.begin(), store);
  }
  std::vector<size_t> signals = getSignallingLayers();
  std::optional<size_t> last;
  for (auto &[layer, store] : stores) {
    store.waitPrevious = !last || (layer != *last && layer > signals.front());
    last = layer;
    add(store, layers[layer].name);
  }
  return success();
}

/// What reports say about layers: an entry for each branch, before any is tiled.
void ProgramBuilder::describeLayers() {
  for (Layer &layer : layers)
    for (auto [j, branch] : llvm::enumerate(layer.branches)) {
      // Both planes of an input have the same weights.
      branch.source = descriptions.size() - (branch.plane != 0 ? 1 : 0);
      if (branch.plane != 0)
        continue;
      PaperBits bits = getPaperBits(branch, layer.outputs);
      descriptions.push_back(llvm::json::Object{
          {"name", llvm::json::fixUTF8(layer.name)},
          {"inputs", branch.inputs},
          {"outputs", layer.outputs},
          {"passes", branch.passes},
          {"paper_bits", llvm::json::Object{{"dense", bits.dense}, {"bitmask", bits.bitmask}, {"csr", bits.csr}}}});
    }
}

/// Appends to the text of a key, if it is not there yet: "1+4".
static void note(llvm::json::Object &entry, StringRef key, const std::string &what) {
  std::string text = entry.getString(key).value_or("").str();
  SmallVector<StringRef> parts;
  StringRef(text).split(parts, '+', -1, /*KeepEmpty=*/false);
  if (!llvm::is_contained(parts, what))
    entry[key] = text.empty() ? what : text + "+" + what;
}

/// The entries with their parts, an entry for each part of outputs and tile of inputs.
llvm::json::Array ProgramBuilder::describeParts() {
  static constexpr StringLiteral kFormats[] = {"dense", "bitmask", "csr"};
  for (auto [layer, parts] : llvm::zip(layers, plans))
    for (const Part &part : parts)
      for (auto [branch, schedule] : llvm::zip(layer.branches, part.schedules)) {
        llvm::json::Object &entry = *descriptions[branch.source].getAsObject();
        int64_t blocks = part.getBlocks(machine), words = blocks * schedule.getWords();
        int64_t bits = blocks * schedule.getBits(machine), cycles = blocks * schedule.getCycles(machine);
        llvm::json::Object description{{"inputs", branch.inputs}, {"outputs", part.range.count},
                                       {"passes", branch.passes}, {"format", kFormats[static_cast<size_t>(schedule.format)]},
                                       {"fold", int64_t(1) << schedule.fold}, {"words", words},
                                       {"stored_bits", bits}, {"cycles", cycles}};
        note(entry, "format", kFormats[static_cast<size_t>(schedule.format)].str());
        note(entry, "fold", std::to_string(int64_t(1) << schedule.fold));
        for (auto [key, number] : {std::pair("words", words), {"stored_bits", bits}, {"cycles", cycles}})
          entry[key] = entry.getInteger(key).value_or(0) + number;
        llvm::json::Array &all = *entry.try_emplace("parts", llvm::json::Array()).first->second.getAsArray();
        all.push_back(std::move(description));
      }
  return std::move(descriptions);
}

/// Loads of all words; runs after the first one begin behind them.
void ProgramBuilder::preloadChunks() {
  for (size_t c = 0; c < chunks.size(); ++c)
    loadChunk(c, /*waits=*/false, /*signals=*/false);
  container.entry.repeat = static_cast<int64_t>(container.program.instructions.size());
}

void ProgramBuilder::addChunks(bool isPreloaded) {
  std::vector<size_t> signals = getSignallingLayers();
  for (auto [c, chunk] : llvm::enumerate(chunks)) {
    // Loads run ahead: the next words come while these are in use.
    if (!isPreloaded)
      loadChunk(c, !isResident && c >= 2, /*signals=*/true);
    bool isLast = c + 1 == chunks.size() || chunks[c + 1].layer != chunk.layer;
    executeChunk(chunk, !isPreloaded || c == 0, !isResident && c + 2 < chunks.size(),
                 isLast && llvm::binary_search(signals, chunk.layer));
  }
}

FailureOr<Container> ProgramBuilder::build(const PortNames &portNames) {
  for (const Layer &layer : layers)
    if (failed(checkNumbers(layer)))
      return failure();
  describeLayers();
  if (failed(place()))
    return failure();
  container.program.machine = machine;
  container.entry.images = images;
  // Data come first in DRAM: how many bytes they are is known before they are made.
  int64_t bytes = 0;
  for (auto [c, chunk] : llvm::enumerate(chunks))
    if (chunk.data == c)
      for (auto [memory, words] : {std::pair(Memory::Codes, chunk.words.codes), {Memory::Indices, chunk.words.indices},
                                   {Memory::Parameters, chunk.words.parameters}})
        bytes += words * machine.getPitch(memory);
  container.entry.dram = bytes;
  bool isPreloaded = options.preloads && isResident && function.getNumArguments() != 0;
  if (isPreloaded)
    preloadChunks();
  loadInputs(portNames);
  // Loads are in order: the last one's token stands for all.
  if (isPreloaded)
    container.program.instructions.back().signalNext = 1;
  addChunks(isPreloaded);
  if (failed(storeOutputs(portNames)))
    return failure();
  add(Instruction(Opcode::Finish), "");
  container.names = llvm::json::Object{{"instructions", llvm::json::Array(names)}, {"layers", describeParts()}};
  return std::move(container);
}
