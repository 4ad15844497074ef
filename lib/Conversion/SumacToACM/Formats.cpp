//===- Formats.cpp - Weights as words of the core's memories -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"

#include "sumac/ACM/Bits.h"

#include "llvm/Support/MathExtras.h"

using namespace sumac;
using namespace sumac::acm;
using llvm::ArrayRef;
using llvm::divideCeil;

int64_t Schedule::getCycles(const Machine &machine) const {
  int64_t beats = (machine.rows >> fold) / machine.outputs;
  return blocks * passes * std::max(windows * steps, beats);
}

int64_t Schedule::getLoadCycles(const Machine &machine) const {
  int64_t bytes = machine.getPitch(Memory::Codes);
  if (format != Format::Dense)
    bytes += machine.getPitch(Memory::Indices);
  return getWords() * bytes / machine.dmaBytes;
}

int64_t Schedule::getBits(const Machine &machine) const {
  int64_t bits = machine.getWordBits(Memory::Codes);
  if (format != Format::Dense)
    bits += machine.getWordBits(Memory::Indices);
  return getWords() * bits;
}

PaperBits acm::getPaperBits(const Branch &branch, int64_t outputs) {
  PaperBits bits;
  int64_t weights = outputs * branch.inputs;
  for (unsigned pass = 0; pass < branch.passes; ++pass) {
    int64_t nonzeros = weights - llvm::count(ArrayRef(branch.codes).slice(pass * weights, weights), 0);
    int64_t index = llvm::Log2_64_Ceil(branch.inputs), pointer = llvm::Log2_64_Ceil(nonzeros + 1);
    bits.dense += 4 * weights;
    bits.bitmask += weights + 4 * nonzeros;
    bits.csr += nonzeros * (4 + index) + (outputs + 1) * pointer;
  }
  return bits;
}

namespace {

/// A code that is not 0, where the activation memory has its input.
struct Weight {
  int64_t position;
  uint8_t code;
};

} // namespace

/// The weights of an output that are not 0, by position. Identity matrices and other
/// sparse ones have few.
static std::vector<Weight> getWeights(const Branch &branch, int64_t outputs, const Placement &placement, unsigned pass,
                                      int64_t output) {
  std::vector<Weight> weights;
  ArrayRef<uint8_t> row = branch.getRow(pass, outputs, output);
  for (int64_t k = 0; k < branch.inputs; ++k)
    if (row[k] != 0)
      weights.push_back({placement.positions[k], row[k]});
  auto isBefore = [](const Weight &a, const Weight &b) { return a.position < b.position; };
  if (!llvm::is_sorted(weights, isBefore))
    llvm::sort(weights, isBefore);
  return weights;
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

/// The most weights of any output in a part of `size` elements.
static int64_t getMost(const Branch &branch, int64_t outputs, const Placement &placement, int64_t size) {
  int64_t most = 0;
  for (unsigned pass = 0; pass < branch.passes; ++pass)
    for (int64_t n = 0; n < outputs; ++n) {
      int64_t count = 0, part = -1;
      for (const Weight &weight : getWeights(branch, outputs, placement, pass, n)) {
        if (weight.position / size != part) {
          part = weight.position / size;
          count = 0;
        }
        most = std::max(most, ++count);
      }
    }
  return most;
}

std::vector<Schedule> acm::getSchedules(const Machine &machine, const Branch &branch, int64_t outputs,
                                        const Placement &placement, ArrayRef<Format> allowed) {
  std::vector<Schedule> schedules;
  int64_t lines = placement.lines, line = machine.getLineElements();
  int64_t words = 1 + *llvm::max_element(placement.positions) / machine.lanes;
  int64_t mostInLine = getMost(branch, outputs, placement, line);
  for (int64_t fold = 0; (int64_t(1) << fold) <= machine.fold; ++fold) {
    Schedule schedule;
    schedule.fold = fold;
    int64_t f = int64_t(1) << fold;
    schedule.blocks = static_cast<int64_t>(divideCeil(outputs, machine.rows >> fold));
    schedule.passes = branch.passes;
    if (llvm::is_contained(allowed, Format::Dense)) {
      schedule.steps = static_cast<int64_t>(divideCeil(words, f));
      schedules.push_back(schedule);
    }
    schedule.windows = lines;
    if (llvm::is_contained(allowed, Format::CSR)) {
      schedule.format = Format::CSR;
      schedule.steps = std::max<int64_t>(1, static_cast<int64_t>(divideCeil(mostInLine, f * machine.lanes)));
      schedules.push_back(schedule);
    }
    if (!llvm::is_contained(allowed, Format::Bitmask))
      continue;
    schedule.format = Format::Bitmask;
    for (int64_t span = 0; (int64_t(1) << span) <= std::min<int64_t>(machine.getIndexBits(), machine.banks >> fold);
         ++span) {
      int64_t part = machine.lanes << span;
      if (getMost(branch, outputs, placement, part) > machine.lanes)
        break;
      schedule.span = span;
      schedule.steps = machine.banks >> (span + fold);
      schedules.push_back(schedule);
    }
  }
  return schedules;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

namespace {

/// Puts weights into the slots of one sweep of one block.
class SweepPacker {
public:
  SweepPacker(const Machine &machine, const Schedule &schedule, llvm::MutableArrayRef<uint8_t> codes,
              llvm::MutableArrayRef<uint8_t> indices)
      : machine(machine), schedule(schedule), codes(codes), indices(indices) {}

  /// The weights of output `n` of the block.
  void put(int64_t n, ArrayRef<Weight> weights);

private:
  void putCode(int64_t word, int64_t row, int64_t lane, uint8_t code) {
    setBits(codes.drop_front(word * machine.getPitch(Memory::Codes)), (row * machine.lanes + lane) * 4, 4, code);
  }
  llvm::MutableArrayRef<uint8_t> getIndices(int64_t word) {
    return indices.drop_front(word * machine.getPitch(Memory::Indices));
  }
  void putDense(int64_t n, ArrayRef<Weight> weights);
  void putCSR(int64_t n, ArrayRef<Weight> weights);
  void putBitmask(int64_t n, ArrayRef<Weight> weights);

  const Machine &machine;
  const Schedule &schedule;
  llvm::MutableArrayRef<uint8_t> codes, indices;
};

} // namespace

void SweepPacker::putDense(int64_t n, ArrayRef<Weight> weights) {
  int64_t f = int64_t(1) << schedule.fold, rows = machine.rows >> schedule.fold;
  for (const Weight &weight : weights) {
    int64_t word = weight.position / machine.lanes;
    putCode(word / f, word % f * rows + n, weight.position % machine.lanes, weight.code);
  }
}

void SweepPacker::putCSR(int64_t n, ArrayRef<Weight> weights) {
  int64_t f = int64_t(1) << schedule.fold, rows = machine.rows >> schedule.fold, line = machine.getLineElements();
  unsigned bits = machine.getIndexBits();
  int64_t window = -1, slot = 0;
  for (const Weight &weight : weights) {
    if (weight.position / line != window) {
      window = weight.position / line;
      slot = 0;
    }
    int64_t word = window * schedule.steps + slot / (f * machine.lanes);
    int64_t row = slot / machine.lanes % f * rows + n, lane = slot % machine.lanes;
    putCode(word, row, lane, weight.code);
    setBits(getIndices(word), (row * machine.lanes + lane) * bits, bits, weight.position % line);
    ++slot;
  }
}

void SweepPacker::putBitmask(int64_t n, ArrayRef<Weight> weights) {
  int64_t f = int64_t(1) << schedule.fold, rows = machine.rows >> schedule.fold, line = machine.getLineElements();
  int64_t part = machine.lanes << schedule.span, bits = machine.lanes * machine.getIndexBits();
  int64_t last = -1, lane = 0;
  for (const Weight &weight : weights) {
    if (weight.position / part != last) {
      last = weight.position / part;
      lane = 0;
    }
    int64_t inLine = weight.position % line / part;
    int64_t word = weight.position / line * schedule.steps + inLine / f, row = inLine % f * rows + n;
    putCode(word, row, lane++, weight.code);
    setBits(getIndices(word), row * bits + weight.position % part, 1, 1);
  }
}

void SweepPacker::put(int64_t n, ArrayRef<Weight> weights) {
  switch (schedule.format) {
  case Format::Dense:
    return putDense(n, weights);
  case Format::CSR:
    return putCSR(n, weights);
  case Format::Bitmask:
    return putBitmask(n, weights);
  }
}

PackedWords acm::pack(const Machine &machine, const Branch &branch, int64_t outputs, const Placement &placement,
                      const Schedule &schedule, int64_t first, int64_t count) {
  PackedWords words;
  int64_t sweep = schedule.windows * schedule.steps, total = count * schedule.passes * sweep;
  int64_t codePitch = machine.getPitch(Memory::Codes), indexPitch = machine.getPitch(Memory::Indices);
  words.codes.assign(total * codePitch, 0);
  if (schedule.format != Format::Dense)
    words.indices.assign(total * indexPitch, 0);
  int64_t inBlock = machine.rows >> schedule.fold;
  for (int64_t b = 0; b < count; ++b)
    for (unsigned pass = 0; pass < branch.passes; ++pass) {
      int64_t word = (b * schedule.passes + pass) * sweep;
      SweepPacker packer(machine, schedule, llvm::MutableArrayRef(words.codes).drop_front(word * codePitch),
                         words.indices.empty() ? llvm::MutableArrayRef<uint8_t>()
                                               : llvm::MutableArrayRef(words.indices).drop_front(word * indexPitch));
      for (int64_t n = 0; n < inBlock && (first + b) * inBlock + n < outputs; ++n)
        packer.put(n, getWeights(branch, outputs, placement, pass, (first + b) * inBlock + n));
    }
  return words;
}
