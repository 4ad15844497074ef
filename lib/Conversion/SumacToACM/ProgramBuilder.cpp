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
using llvm::divideCeil;

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

void ProgramBuilder::loadWords(Memory memory, int64_t address, ArrayRef<uint8_t> bytes,
                               std::vector<Instruction> &loads) {
  if (bytes.empty())
    return;
  Instruction load(Opcode::Load);
  load.memory = static_cast<int64_t>(memory);
  load.address = address;
  load.words = static_cast<int64_t>(bytes.size()) / machine.getPitch(memory);
  load.rows = 1;
  addData(bytes, load);
  loads.push_back(load);
}

void ProgramBuilder::packRecords(const Layer &layer, const Branch &branch, unsigned pass, int64_t firstOutput,
                                 llvm::MutableArrayRef<uint8_t> word) {
  RecordLayout layout = machine.getRecordLayout();
  for (int64_t o = 0; o < machine.outputs && firstOutput + o < layer.outputs; ++o) {
    int64_t n = firstOutput + o, base = o * layout.bits;
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

std::vector<uint8_t> ProgramBuilder::packParameters(const Chunk &chunk, size_t index) {
  const Layer &layer = layers[chunk.layer];
  const LayerPlan &plan = plans[chunk.layer];
  const Branch &branch = layer.branches[index];
  bool isLast = index + 1 == layer.branches.size();
  int64_t beats = getBeats(plan), inBlock = beats * machine.outputs, pitch = machine.getPitch(Memory::Parameters);
  std::vector<uint8_t> bytes;
  auto addWord = [&] {
    bytes.resize(bytes.size() + pitch, 0);
    return llvm::MutableArrayRef(bytes).take_back(pitch);
  };
  for (int64_t b = 0; b < chunk.count; ++b)
    for (unsigned pass = 0; pass < branch.passes; ++pass)
      for (int64_t beat = 0; beat < beats; ++beat) {
        int64_t first = (chunk.first + b) * inBlock + beat * machine.outputs;
        packRecords(layer, branch, pass, first, addWord());
        if (!isLast || pass + 1 < branch.passes)
          continue;
        for (int64_t c = 0; c < layer.count; ++c) {
          llvm::MutableArrayRef<uint8_t> word = addWord();
          for (int64_t o = 0; o < machine.outputs && first + o < layer.outputs; ++o)
            setBits(word, o * machine.sumBits, machine.sumBits,
                    saturate(layer.thresholds[(first + o) * layer.count + c], machine.sumBits));
        }
      }
  return bytes;
}

void ProgramBuilder::loadChunk(const Chunk &chunk, bool waits, bool signals) {
  const Layer &layer = layers[chunk.layer];
  std::vector<Instruction> loads;
  std::vector<uint8_t> codes, indices, parameters;
  for (auto [j, branch] : llvm::enumerate(layer.branches)) {
    PackedWords words = pack(machine, branch, layer.outputs, placements[branch.input],
                             plans[chunk.layer].schedules[j], chunk.first, chunk.count);
    llvm::append_range(codes, words.codes);
    llvm::append_range(indices, words.indices);
    llvm::append_range(parameters, packParameters(chunk, j));
  }
  loadWords(Memory::Codes, chunk.codes, codes, loads);
  loadWords(Memory::Indices, chunk.indices, indices, loads);
  loadWords(Memory::Parameters, chunk.parameters, parameters, loads);
  loads.front().waitNext = waits;
  loads.back().signalNext = signals;
  for (const Instruction &load : loads)
    add(load, layer.name);
}

//===----------------------------------------------------------------------===//
// Executes
//===----------------------------------------------------------------------===//

/// What all instructions of a branch have in common; the words are those of the
/// chunk's first block.
Instruction ProgramBuilder::makeExecute(const Chunk &chunk, size_t index) {
  const Layer &layer = layers[chunk.layer];
  const LayerPlan &plan = plans[chunk.layer];
  const Branch &branch = layer.branches[index];
  const Schedule &schedule = plan.schedules[index];
  Instruction execute(Opcode::Execute);
  execute.format = static_cast<int64_t>(schedule.format);
  execute.mode = static_cast<int64_t>(layer.mode);
  execute.isSigned = branch.code.isSigned();
  execute.halfEven = layer.isHalfEven;
  execute.fold = schedule.fold;
  execute.span = schedule.span;
  execute.codes = chunk.codes;
  execute.indices = schedule.format == Format::Dense ? 0 : chunk.indices;
  execute.parameters = chunk.parameters;
  for (size_t j = 0; j < index; ++j) {
    const Schedule &before = plan.schedules[j];
    execute.codes += before.getWords() / before.blocks * chunk.count;
    if (before.format != Format::Dense && schedule.format != Format::Dense)
      execute.indices += before.getWords() / before.blocks * chunk.count;
    execute.parameters += before.passes * getBeats(plan) * chunk.count;
  }
  execute.input = regions[branch.input].first;
  execute.inputStride = placements[branch.input].lines;
  int64_t inBlock = machine.rows >> schedule.fold;
  if (layer.mode == Mode::Sums) {
    execute.output = results[layer.result] + chunk.first * getBeats(plan);
    execute.outputStride = getResultWords(layer, plan);
  } else {
    execute.output = regions[layer.result].first +
                     placements[layer.result].positions[chunk.first * inBlock] / machine.getLineElements();
    execute.outputStride = placements[layer.result].lines;
  }
  execute.blocks = chunk.count;
  execute.images = images;
  execute.passes = schedule.passes;
  execute.windows = schedule.windows;
  execute.steps = schedule.steps;
  if (layer.mode != Mode::Sums) {
    execute.low = layer.low;
    execute.high = layer.high;
    execute.count = layer.count;
  }
  return execute;
}

/// Several branches: their sums stay in the output stage, one block of one image at a
/// time.
void ProgramBuilder::executeBranches(const Chunk &chunk, std::vector<Instruction> &executes) {
  const Layer &layer = layers[chunk.layer];
  const LayerPlan &plan = plans[chunk.layer];
  size_t last = layer.branches.size() - 1;
  int64_t beats = getBeats(plan), inBlock = beats * machine.outputs;
  for (int64_t b = 0; b < chunk.count; ++b)
    for (int64_t i = 0; i < images; ++i)
      for (size_t j = 0; j <= last; ++j) {
        const Schedule &schedule = plan.schedules[j];
        Instruction execute = makeExecute(chunk, j);
        int64_t words = schedule.getWords() / schedule.blocks;
        execute.codes += b * words;
        execute.indices += schedule.format == Format::Dense ? 0 : b * words;
        execute.parameters += b * (schedule.passes * beats + (j == last ? layer.count * beats : 0));
        execute.input += i * execute.inputStride;
        execute.output += i * execute.outputStride;
        if (layer.mode == Mode::Sums)
          execute.output += b * beats;
        else
          execute.output += placements[layer.result].positions[(chunk.first + b) * inBlock] / machine.getLineElements() -
                            placements[layer.result].positions[chunk.first * inBlock] / machine.getLineElements();
        execute.blocks = execute.images = 1;
        execute.inputStride = execute.outputStride = 0;
        execute.resume = j > 0;
        if (j != last) {
          execute.mode = static_cast<int64_t>(Mode::Keep);
          execute.output = execute.low = execute.high = execute.count = execute.halfEven = 0;
        }
        executes.push_back(execute);
      }
}

void ProgramBuilder::executeChunk(const Chunk &chunk, bool waits, bool signalsLoad, bool signalsStore) {
  const Layer &layer = layers[chunk.layer];
  std::vector<Instruction> executes;
  if (layer.branches.size() > 1) {
    executeBranches(chunk, executes);
  } else if (!hasBlockLines(chunk.layer)) {
    executes.push_back(makeExecute(chunk, 0));
  } else {
    const LayerPlan &plan = plans[chunk.layer];
    for (int64_t b = 0; b < chunk.count; ++b) {
      Chunk block = chunk;
      block.first += b;
      block.count = 1;
      block.codes += b * plan.codeWords;
      block.indices += b * plan.indexWords;
      block.parameters += b * plan.parameterWords;
      executes.push_back(makeExecute(block, 0));
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
    int64_t lines = placements[argument].lines, words = lines * machine.banks;
    Instruction load(Opcode::Load);
    load.memory = static_cast<int64_t>(Memory::Activations);
    load.address = regions[argument].first * machine.banks;
    load.words = images * words;
    load.rows = 1;
    load.dram = container.entry.dram;
    if (spreadsInputs && lines > 1) {
      // In DRAM the words of an image have no gaps.
      load.words = getSpreadWords(argument);
      load.rows = images * lines;
      load.stride = machine.banks;
      load.dramStride = load.words * pitch;
      words = lines * load.words;
    }
    Port port;
    port.name = portNames.inputs[i];
    port.memory = Memory::Activations;
    port.address = container.entry.dram;
    port.stride = words * pitch;
    port.elements = *getRowElements(argument);
    port.isSigned = isSigned(argument);
    container.entry.inputs.push_back(std::move(port));
    container.entry.dram += images * words * pitch;
    add(load, portNames.inputs[i]);
  }
}

LogicalResult ProgramBuilder::storeOutputs(const PortNames &portNames) {
  DenseSet<Value> stored;
  for (auto [i, output] : llvm::enumerate(function.getBody().front().getTerminator()->getOperands())) {
    Value value = skipReshapes(output);
    auto layer = llvm::find_if(layers, [&](const Layer &candidate) { return candidate.result == value; });
    if (layer == layers.end())
      return function.emitError() << "output '" << portNames.outputs[i] << "' is an input or a constant, which the core does not copy";
    Memory memory = layer->mode == Mode::Sums ? Memory::Results : Memory::Activations;
    const LayerPlan &plan = plans[layer - layers.begin()];
    int64_t words = memory == Memory::Results ? getResultWords(*layer, plan) : placements[value].lines * machine.banks;
    if (memory == Memory::Activations && placements[value].positions.back() + 1 != layer->outputs)
      return emitError(layer->location, "has blocks at lines of their own, which cannot leave the core as codes yet");
    Instruction store(Opcode::Store);
    store.memory = static_cast<int64_t>(memory);
    store.address = memory == Memory::Results ? results[value] : regions[value].first * machine.banks;
    store.words = images * words;
    store.rows = 1;
    store.dram = container.entry.dram;
    store.waitPrevious = stored.insert(value).second;
    Port port;
    port.name = portNames.outputs[i];
    port.memory = memory;
    port.address = container.entry.dram;
    port.stride = words * machine.getPitch(memory);
    port.elements = layer->outputs;
    port.isSigned = memory == Memory::Results || layer->low < 0;
    // What elements stand for: value = step * element + base.
    if (memory == Memory::Activations && (layer->code.step != 1 || layer->code.base != 0))
      port.metadata = llvm::json::Object{{"step", layer->code.step}, {"base", layer->code.base}};
    container.entry.outputs.push_back(std::move(port));
    container.entry.dram += images * words * machine.getPitch(memory);
    add(store, layer->name);
  }
  return success();
}

/// What reports say about layers: an entry for each branch.
llvm::json::Array ProgramBuilder::describeLayers() const {
  static constexpr StringLiteral kFormats[] = {"dense", "bitmask", "csr"};
  llvm::json::Array entries;
  for (auto [layer, plan] : llvm::zip(layers, plans))
    for (auto [branch, schedule] : llvm::zip(layer.branches, plan.schedules)) {
      PaperBits bits = getPaperBits(branch, layer.outputs);
      entries.push_back(llvm::json::Object{
          {"name", llvm::json::fixUTF8(layer.name)},
          {"inputs", branch.inputs},
          {"outputs", layer.outputs},
          {"passes", branch.passes},
          {"format", kFormats[static_cast<size_t>(schedule.format)]},
          {"fold", int64_t(1) << schedule.fold},
          {"words", schedule.getWords()},
          {"stored_bits", schedule.getBits(machine)},
          {"cycles", schedule.getCycles(machine)},
          {"paper_bits", llvm::json::Object{{"dense", bits.dense}, {"bitmask", bits.bitmask}, {"csr", bits.csr}}}});
    }
  return entries;
}

void ProgramBuilder::addChunks() {
  DenseSet<Value> outputs;
  for (Value output : function.getBody().front().getTerminator()->getOperands())
    outputs.insert(skipReshapes(output));
  bool isFirst = options.preloads && isResident;
  if (isFirst)
    for (auto [c, chunk] : llvm::enumerate(chunks))
      loadChunk(chunk, /*waits=*/false, /*signals=*/c + 1 == chunks.size());
  for (auto [c, chunk] : llvm::enumerate(chunks)) {
    // Loads run ahead: the next words come while these are in use.
    if (!isFirst)
      loadChunk(chunk, !isResident && c >= 2, /*signals=*/true);
    bool isLast = c + 1 == chunks.size() || chunks[c + 1].layer != chunk.layer;
    executeChunk(chunk, !isFirst || c == 0, !isResident && c + 2 < chunks.size(),
                 isLast && outputs.contains(layers[chunk.layer].result));
  }
}

FailureOr<Container> ProgramBuilder::build(const PortNames &portNames) {
  for (const Layer &layer : layers)
    if (failed(checkNumbers(layer)))
      return failure();
  if (failed(chooseInputs()) || failed(makeChunks()) || failed(placeActivations()))
    return failure();
  container.program.machine = machine;
  container.entry.images = images;
  // Data come first in DRAM: how many bytes they are is known before they are made.
  int64_t bytes = 0;
  for (const Chunk &chunk : chunks)
    for (auto [memory, words] : {std::pair(Memory::Codes, chunk.codeWords), {Memory::Indices, chunk.indexWords},
                                 {Memory::Parameters, chunk.parameterWords}})
      bytes += words * machine.getPitch(memory);
  container.entry.dram = bytes;
  loadInputs(portNames);
  addChunks();
  if (failed(storeOutputs(portNames)))
    return failure();
  add(Instruction(Opcode::Finish), "");
  if (static_cast<int64_t>(container.program.instructions.size()) > machine.instructions)
    return function.emitError() << "takes " << container.program.instructions.size() << " instructions; the machine '"
                                << machine.name << "' has room for " << machine.instructions;
  container.names = llvm::json::Object{{"instructions", llvm::json::Array(names)}, {"layers", describeLayers()}};
  return std::move(container);
}
