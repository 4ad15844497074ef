//===- Weights.cpp - Codes made ready for an execute ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"

#include "sumac/ACM/Bits.h"

#include "llvm/ADT/bit.h"

using namespace llvm;
using namespace sumac::acm;

int64_t Weights::getBytes(const Machine &machine,
                          const Instruction &instruction) {
  ExecuteGeometry geometry(machine, instruction);
  // Four planes of 16 bits, or an entry of 8 bytes.
  int64_t codes = geometry.codeWords * machine.rows * machine.lanes * 8;
  int64_t outputs = instruction.blocks * geometry.outputs;
  return codes +
         outputs * (instruction.passes * static_cast<int64_t>(sizeof(ParameterRecord)) +
                    instruction.count * 8);
}

Weights::Weights(const Machine &machine, const Instruction &instruction,
                 Memories &memories)
    : machine(machine), instruction(instruction),
      geometry(machine, instruction),
      isDense(instruction.getFormat() == Format::Dense),
      time(memories.getTime()) {
  int64_t sweeps = instruction.blocks * instruction.passes;
  additions.resize(sweeps);
  if (isDense)
    planes.resize(geometry.codeWords * machine.rows * machine.lanes * 4);
  for (int64_t sweep = 0; sweep < sweeps; ++sweep)
    if (isDense)
      makePlanes(sweep, memories);
    else
      makeEntries(sweep, memories);
  begins.push_back(entries.size());
  makeParameters(memories);
}

bool Weights::isStale(const Memories &memories) const {
  auto hasChanged = [&](Memory memory, int64_t begin, int64_t size) {
    return memories.getLastChange(memory, begin, size) > time;
  };
  return hasChanged(Memory::Codes, instruction.codes, geometry.codeWords) ||
         (!isDense && hasChanged(Memory::Indices, instruction.indices,
                                 geometry.codeWords)) ||
         hasChanged(Memory::Parameters, instruction.parameters,
                    geometry.parameters * instruction.blocks);
}

//===----------------------------------------------------------------------===//
// Dense codes
//===----------------------------------------------------------------------===//

void Weights::makePlanes(int64_t sweep, Memories &memories) {
  int64_t steps = geometry.sweepSteps, lanes = machine.lanes;
  int64_t length = steps * lanes;
  for (int64_t step = 0; step < steps; ++step) {
    ArrayRef<uint8_t> word = memories.getWord(
        Memory::Codes, instruction.codes + sweep * steps + step);
    for (int64_t row = 0; row < machine.rows; ++row) {
      int16_t *to =
          &planes[(sweep * machine.rows + row) * 4 * length + step * lanes];
      for (int64_t lane = 0; lane < lanes; ++lane) {
        int64_t number = row * lanes + lane;
        unsigned code = word[number / 2] >> (number % 2 * 4) & 0xf;
        additions[sweep] += llvm::popcount(code);
        for (unsigned k = 0; k < 4; ++k)
          to[k * length + lane] = code >> k & 1;
      }
    }
  }
}

/// Products of 0 or 1 and 16 bits, which compilers make 8 at once of.
static uint32_t multiplyAdd(const int16_t *a, const int16_t *b,
                            int64_t length) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < length; ++i)
    sum += static_cast<uint32_t>(int32_t(a[i]) * int32_t(b[i]));
  return sum;
}

void Weights::addPlanes(int64_t sweep, const Inputs &inputs,
                        std::vector<Sums> &sums) const {
  int64_t length = geometry.sweepSteps * machine.lanes;
  const int16_t *plane = &planes[sweep * machine.rows * 4 * length];
  for (int64_t row = 0; row < machine.rows; ++row) {
    const int16_t *input = inputs[row / geometry.outputs].data();
    for (unsigned k = 0; k < 4; ++k, plane += length)
      sums[row][k] = multiplyAdd(plane, input, length);
  }
}

//===----------------------------------------------------------------------===//
// Bitmasks and indices
//===----------------------------------------------------------------------===//

void Weights::makeRow(int64_t word, int64_t row, Memories &memories) {
  ArrayRef<uint8_t> codes =
      memories.getWord(Memory::Codes, instruction.codes + word);
  ArrayRef<uint8_t> indices =
      memories.getWord(Memory::Indices, instruction.indices + word);
  int64_t lanes = machine.lanes, bits = machine.getIndexBits();
  int64_t inSweep = word % geometry.sweepSteps;
  int64_t window = inSweep / instruction.steps,
          step = inSweep % instruction.steps;
  uint32_t elements = machine.getLineElements();
  auto add = [&](int64_t lane, uint64_t element) {
    uint32_t code = getBits(codes, 4 * (row * lanes + lane), 4);
    // I bits address a line.
    uint32_t position = window * elements + element % elements;
    if (code != 0)
      entries.push_back({position, code});
    additions[word / geometry.sweepSteps] += llvm::popcount(code);
  };
  if (instruction.getFormat() == Format::CSR) {
    for (int64_t lane = 0; lane < lanes; ++lane)
      add(lane, getBits(indices, (row * lanes + lane) * bits, bits));
    return;
  }
  int64_t group = row / geometry.outputs;
  int64_t covered = lanes << instruction.span;
  int64_t first = (step * geometry.fold + group) * covered;
  int64_t lane = 0;
  for (int64_t bit = 0; bit < covered && lane < lanes; ++bit)
    if (getBits(indices, row * lanes * bits + bit, 1) != 0)
      add(lane++, first + bit);
}

void Weights::makeEntries(int64_t sweep, Memories &memories) {
  for (int64_t row = 0; row < machine.rows; ++row) {
    begins.push_back(entries.size());
    for (int64_t step = 0; step < geometry.sweepSteps; ++step)
      makeRow(sweep * geometry.sweepSteps + step, row, memories);
  }
}

void Weights::addEntries(int64_t sweep, const Inputs &inputs,
                         std::vector<Sums> &sums) const {
  const int16_t *input = inputs[0].data();
  for (int64_t row = 0; row < machine.rows; ++row) {
    size_t begin = begins[sweep * machine.rows + row];
    size_t end = begins[sweep * machine.rows + row + 1];
    Sums sum = {};
    for (size_t i = begin; i < end; ++i) {
      uint32_t value = static_cast<int32_t>(input[entries[i].position]);
      uint32_t code = entries[i].code;
      for (unsigned k = 0; k < 4; ++k)
        sum[k] += value & (0 - (code >> k & 1));
    }
    sums[row] = sum;
  }
}

//===----------------------------------------------------------------------===//
// Inputs and sums
//===----------------------------------------------------------------------===//

Weights::Inputs Weights::getInputs(const Memories &memories,
                                   int64_t image) const {
  int64_t lanes = machine.lanes;
  int64_t line = instruction.input + image * instruction.inputStride;
  const uint8_t *from = memories.getAll(Memory::Activations).data() +
                        line * machine.getLineElements();
  int64_t groups = isDense ? geometry.fold : 1;
  int64_t words =
      isDense ? instruction.steps : instruction.windows * machine.banks;
  Inputs inputs(groups);
  for (int64_t group = 0; group < groups; ++group) {
    inputs[group].resize(words * lanes);
    int16_t *to = inputs[group].data();
    for (int64_t word = 0; word < words; ++word, to += lanes) {
      const uint8_t *bytes = from + (word * groups + group) * lanes;
      for (int64_t lane = 0; lane < lanes; ++lane)
        to[lane] = instruction.isSigned != 0
                       ? static_cast<int16_t>(static_cast<int8_t>(bytes[lane]))
                       : static_cast<int16_t>(bytes[lane]);
    }
  }
  return inputs;
}

void Weights::accumulate(int64_t sweep, const Inputs &inputs,
                         std::vector<Sums> &sums) const {
  if (isDense)
    addPlanes(sweep, inputs, sums);
  else
    addEntries(sweep, inputs, sums);
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

ParameterRecord Weights::readRecord(ArrayRef<uint8_t> word, int64_t lane) const {
  RecordLayout layout = machine.getRecordLayout();
  int64_t at = lane * layout.bits;
  ParameterRecord record;
  for (unsigned k = 0; k < 4; ++k)
    record.coefficients[k] = getSignedBits(
        word, at + layout.coefficients + k * machine.coefficientBits,
        machine.coefficientBits);
  record.bias = getSignedBits(word, at + layout.bias, machine.sumBits);
  record.multiplier =
      getSignedBits(word, at + layout.multiplier, machine.multiplierBits);
  record.shift = getBits(word, at + layout.shift, 6);
  return record;
}

void Weights::makeParameters(Memories &memories) {
  int64_t count = instruction.count, width = machine.sumBits;
  int64_t at = instruction.parameters;
  thresholds.resize(instruction.blocks * geometry.outputs * count);
  for (int64_t block = 0; block < instruction.blocks; ++block)
    for (int64_t pass = 0; pass < instruction.passes; ++pass)
      for (int64_t beat = 0; beat < geometry.beats; ++beat) {
        ArrayRef<uint8_t> word = memories.getWord(Memory::Parameters, at++);
        for (int64_t lane = 0; lane < geometry.beatOutputs; ++lane)
          records.push_back(readRecord(word, lane));
        if (pass != instruction.passes - 1)
          continue;
        int64_t output = block * geometry.outputs + beat * geometry.beatOutputs;
        for (int64_t c = 0; c < count; ++c) {
          word = memories.getWord(Memory::Parameters, at++);
          for (int64_t lane = 0; lane < geometry.beatOutputs; ++lane)
            thresholds[(output + lane) * count + c] =
                getSignedBits(word, lane * width, width);
        }
      }
}
