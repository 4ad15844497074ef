//===- DenseNetwork.cpp - Layers of random weights ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DenseNetwork.h"

#include "sumac/ACM/Bits.h"
#include "sumac/ACM/Geometry.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace llvm;
using namespace sumac::acm;

namespace {

class NetworkMaker {
public:
  NetworkMaker(const Machine &machine, int64_t images, double density)
      : machine(machine), images(images), density(density) {}

  Container make(ArrayRef<int64_t> sizes);

private:
  int64_t getLines(int64_t elements) const {
    return divideCeil(elements, machine.getLineElements());
  }
  /// Appends random words to DRAM, and a load of them.
  void load(Memory memory, int64_t address, int64_t words);
  void addLayer(int64_t inputs, int64_t outputs, bool isLast);
  void pickShape(Instruction &layer, int64_t inputs, int64_t outputs) const;
  /// A port of vectors, with the bytes that it takes.
  Port makePort(StringRef name, Memory memory, int64_t elements);
  void fillRecords(size_t begin);

  const Machine &machine;
  int64_t images;
  double density;
  Random random{1};
  Container container;
  int64_t codes = 0, parameters = 0, line = 0;
};

} // namespace

void NetworkMaker::load(Memory memory, int64_t address, int64_t words) {
  Instruction load(Opcode::Load);
  load.memory = static_cast<int64_t>(memory);
  load.address = address;
  load.words = words;
  load.rows = 1;
  load.dram = container.data.size();
  container.data.resize(load.dram + words * machine.getPitch(memory));
  for (size_t i = load.dram; i < container.data.size(); ++i)
    container.data[i] = static_cast<uint8_t>(random());
  container.program.instructions.push_back(load);
}

/// Multipliers and shifts that make codes of sums of a layer's size.
void NetworkMaker::fillRecords(size_t begin) {
  RecordLayout layout = machine.getRecordLayout();
  int64_t pitch = machine.getPitch(Memory::Parameters);
  for (size_t at = begin; at < container.data.size(); at += pitch) {
    auto word = MutableArrayRef(container.data).slice(at, pitch);
    for (int64_t lane = 0; lane < machine.outputs; ++lane) {
      int64_t bit = lane * layout.bits;
      for (unsigned k = 0; k < 4; ++k)
        setBits(word, bit + k * machine.coefficientBits,
                machine.coefficientBits, pick(random, 0, 1023) - 512);
      setBits(word, bit + layout.bias, machine.sumBits, 1 << 12);
      setBits(word, bit + layout.multiplier, machine.multiplierBits, 3);
      setBits(word, bit + layout.shift, 6, 16);
    }
  }
}

/// The fold with the fewest steps.
void NetworkMaker::pickShape(Instruction &layer, int64_t inputs,
                             int64_t outputs) const {
  layer.passes = layer.windows = 1;
  int64_t best = INT64_MAX;
  for (int64_t fold = 0; (1 << fold) <= machine.fold; ++fold) {
    int64_t blocks = divideCeil(outputs, machine.rows >> fold);
    int64_t steps = divideCeil(inputs, machine.lanes << fold);
    if (layer.getFormat() == Format::CSR) {
      // A line of a group's share of weights, in steps of L.
      double weights = density * machine.getLineElements() / (1 << fold);
      steps = getLines(inputs) *
              static_cast<int64_t>(std::ceil(weights / machine.lanes));
    }
    if (blocks * steps >= best)
      continue;
    best = blocks * steps;
    layer.fold = fold;
    layer.blocks = blocks;
    layer.steps = steps;
  }
  if (layer.getFormat() != Format::CSR)
    return;
  layer.windows = getLines(inputs);
  layer.steps /= layer.windows;
}

void NetworkMaker::addLayer(int64_t inputs, int64_t outputs, bool isLast) {
  Instruction layer(Opcode::Execute);
  layer.format =
      static_cast<int64_t>(density < 1 ? Format::CSR : Format::Dense);
  layer.mode = static_cast<int64_t>(isLast ? Mode::Sums : Mode::Codes);
  layer.waitPrevious = 1;
  layer.signalNext = isLast ? 1 : 0;
  pickShape(layer, inputs, outputs);
  layer.halfEven = 1;
  layer.high = 255;
  layer.images = images;
  layer.codes = codes;
  layer.indices = density < 1 ? codes : 0;
  layer.parameters = parameters;
  layer.input = line;
  layer.inputStride = getLines(inputs);
  line += images * layer.inputStride;
  ExecuteGeometry geometry(machine, layer);
  layer.output = isLast ? 0 : line * machine.banks;
  layer.outputStride =
      isLast ? geometry.resultWords : getLines(outputs) * machine.banks;

  load(Memory::Codes, codes, geometry.codeWords);
  if (density < 1)
    load(Memory::Indices, codes, geometry.codeWords);
  size_t begin = container.data.size();
  load(Memory::Parameters, parameters, geometry.parameters * layer.blocks);
  fillRecords(begin);
  container.program.instructions.back().signalNext = 1;
  codes += geometry.codeWords;
  parameters += geometry.parameters * layer.blocks;
  container.program.instructions.push_back(layer);
}

Port NetworkMaker::makePort(StringRef name, Memory memory, int64_t elements) {
  Port port;
  port.name = name.str();
  port.memory = memory;
  port.elements = elements;
  port.address = container.data.size();
  // Whole lines of activations.
  int64_t words = memory == Memory::Results
                      ? divideCeil(elements, machine.outputs)
                      : getLines(elements) * machine.banks;
  port.stride = words * machine.getPitch(memory);
  container.data.resize(port.address + images * port.stride);
  return port;
}

Container NetworkMaker::make(ArrayRef<int64_t> sizes) {
  auto &program = container.program.instructions;
  container.program.machine = machine;
  container.entry.images = images;
  Port input = makePort("input", Memory::Activations, sizes.front());
  Instruction load(Opcode::Load);
  load.memory = static_cast<int64_t>(Memory::Activations);
  load.words = images * getLines(sizes.front()) * machine.banks;
  load.rows = 1;
  load.dram = input.address;
  program.push_back(load);
  for (size_t i = 1; i < sizes.size(); ++i)
    addLayer(sizes[i - 1], sizes[i], i + 1 == sizes.size());
  Port output = makePort("output", Memory::Results, sizes.back());
  output.isSigned = true;
  const Instruction last = program.back();
  Instruction store(Opcode::Store);
  store.waitPrevious = 1;
  store.memory = static_cast<int64_t>(Memory::Results);
  store.stride = last.outputStride;
  store.words = divideCeil(sizes.back(), machine.outputs);
  store.rows = images;
  store.dram = output.address;
  store.dramStride = output.stride;
  program.push_back(store);
  program.emplace_back(Opcode::Finish);
  container.entry.inputs.push_back(std::move(input));
  container.entry.outputs.push_back(std::move(output));
  container.entry.dram = container.data.size();
  return std::move(container);
}

Container sumac::acm::makeDenseNetwork(const Machine &machine,
                                       ArrayRef<int64_t> sizes, int64_t images,
                                       double density) {
  return NetworkMaker(machine, images, density).make(sizes);
}
