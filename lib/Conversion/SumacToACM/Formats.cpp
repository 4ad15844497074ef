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

BranchInputs::BranchInputs(const Machine &machine, const Branch &branch, const Placement &placement)
    : positions(ArrayRef(placement.positions).slice(branch.firstInput, branch.inputs)), line(machine.getLineElements()) {
  firstLine = positions.front() / line;
  lines = positions.back() / line + 1 - firstLine;
  words = getPosition(branch.inputs - 1) / machine.lanes + 1;
}

int64_t Schedule::getCycles(const Machine &machine) const {
  return passes * std::max(windows * steps, getBeats(machine, fold));
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
static std::vector<Weight> getWeights(const Branch &branch, const BranchInputs &inputs, int64_t outputs, unsigned pass,
                                      int64_t output) {
  std::vector<Weight> weights;
  ArrayRef<uint8_t> row = branch.getRow(pass, outputs, output);
  for (int64_t k = 0; k < branch.inputs; ++k)
    if (row[k] != 0)
      weights.push_back({inputs.getPosition(k), row[k]});
  return weights;
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

Scheduler::Scheduler(const Machine &machine, const Branch &branch, const Placement &placement, int64_t outputs,
                     OutputRange range, ArrayRef<Format> allowed)
    : machine(machine), branch(branch), inputs(machine, branch, placement), outputs(outputs), range(range),
      allowed(allowed) {
  if (llvm::is_contained(allowed, Format::CSR))
    mostInLine = getMost(machine.getLineElements());
  if (!llvm::is_contained(allowed, Format::Bitmask))
    return;
  for (int64_t span = 0; (int64_t(1) << span) <= std::min<int64_t>(machine.getIndexBits(), machine.banks); ++span) {
    mostInMask.push_back(getMost(machine.lanes << span));
    if (mostInMask.back() > machine.lanes)
      break;
  }
}

/// The most weights of any output in a part of `size` elements.
int64_t Scheduler::getMost(int64_t size) const {
  int64_t most = 0;
  for (unsigned pass = 0; pass < branch.passes; ++pass)
    for (int64_t n = range.first; n < range.first + range.count; ++n) {
      int64_t count = 0, part = -1;
      for (const Weight &weight : getWeights(branch, inputs, outputs, pass, n)) {
        if (weight.position / size != part) {
          part = weight.position / size;
          count = 0;
        }
        most = std::max(most, ++count);
      }
    }
  return most;
}

std::vector<Schedule> Scheduler::getSchedules(int64_t fold) const {
  std::vector<Schedule> schedules;
  Schedule schedule;
  schedule.fold = fold;
  schedule.passes = branch.passes;
  int64_t f = int64_t(1) << fold;
  if (llvm::is_contained(allowed, Format::Dense)) {
    schedule.steps = static_cast<int64_t>(divideCeil(inputs.words, f));
    schedules.push_back(schedule);
  }
  schedule.windows = inputs.lines;
  if (llvm::is_contained(allowed, Format::CSR)) {
    schedule.format = Format::CSR;
    schedule.steps = std::max<int64_t>(1, static_cast<int64_t>(divideCeil(mostInLine, f * machine.lanes)));
    schedules.push_back(schedule);
  }
  schedule.format = Format::Bitmask;
  for (auto [span, most] : llvm::enumerate(mostInMask)) {
    if (most > machine.lanes || f << span > machine.banks)
      break;
    schedule.span = static_cast<int64_t>(span);
    schedule.steps = machine.banks >> (span + fold);
    schedules.push_back(schedule);
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

PackedWords acm::pack(const Machine &machine, const Branch &branch, const Placement &placement, int64_t outputs,
                      const Schedule &schedule, OutputRange range) {
  PackedWords words;
  BranchInputs inputs(machine, branch, placement);
  int64_t inBlock = getBlockOutputs(machine, schedule.fold), sweep = schedule.windows * schedule.steps;
  auto blocks = static_cast<int64_t>(divideCeil(range.count, inBlock));
  int64_t total = blocks * schedule.getWords();
  int64_t codePitch = machine.getPitch(Memory::Codes), indexPitch = machine.getPitch(Memory::Indices);
  words.codes.assign(total * codePitch, 0);
  if (schedule.format != Format::Dense)
    words.indices.assign(total * indexPitch, 0);
  for (int64_t b = 0; b < blocks; ++b)
    for (unsigned pass = 0; pass < branch.passes; ++pass) {
      int64_t word = (b * schedule.passes + pass) * sweep;
      SweepPacker packer(machine, schedule, llvm::MutableArrayRef(words.codes).drop_front(word * codePitch),
                         words.indices.empty() ? llvm::MutableArrayRef<uint8_t>()
                                               : llvm::MutableArrayRef(words.indices).drop_front(word * indexPitch));
      for (int64_t n = 0; n < inBlock && b * inBlock + n < range.count; ++n)
        packer.put(n, getWeights(branch, inputs, outputs, pass, range.first + b * inBlock + n));
    }
  return words;
}
