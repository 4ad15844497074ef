//===- NaiveSimulator.cpp - Section 3 of the specification ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NaiveSimulator.h"

using namespace sumac::acm;

using Wide = __int128;

/// Memories by number, as in the specification.
enum {
  codesMemory,
  indicesMemory,
  activationsMemory,
  parametersMemory,
  resultsMemory
};

static int64_t log2Of(int64_t power) {
  int64_t log = 0;
  while ((int64_t(1) << log) < power)
    ++log;
  return log;
}

/// Bits [at, at + width) as an unsigned number.
static Wide getUnsigned(const NaiveSimulator::Bits &bits, int64_t at,
                        int64_t width) {
  Wide value = 0;
  for (int64_t i = 0; i < width; ++i)
    if (bits[at + i])
      value += Wide(1) << i;
  return value;
}

/// x mod 2^n of a signed register.
static Wide wrap(Wide value, int64_t bits) {
  Wide modulus = Wide(1) << bits;
  Wide rest = value % modulus;
  if (rest < 0)
    rest += modulus;
  return rest >= modulus / 2 ? rest - modulus : rest;
}

static Wide getSigned(const NaiveSimulator::Bits &bits, int64_t at,
                      int64_t width) {
  return wrap(getUnsigned(bits, at, width), width);
}

NaiveSimulator::NaiveSimulator(const Container &container)
    : dram(container.data), program(container.program), m(program.machine),
      a(m.rows), v(m.rows) {
  dram.resize(container.entry.dram);
  for (unsigned memory = 0; memory < numMemories; ++memory)
    memories[memory].assign(m.memories[memory], Bits(getWidth(memory)));
}

int64_t NaiveSimulator::getWidth(unsigned memory) const {
  int64_t record = 4 * m.coefficientBits + m.sumBits + m.multiplierBits + 6;
  int64_t widths[] = {4 * m.rows * m.lanes,
                      m.rows * m.lanes * log2Of(m.banks * m.lanes), 8 * m.lanes,
                      m.outputs * record, m.outputs * m.sumBits};
  return widths[memory];
}

void NaiveSimulator::transfer(const Instruction &x) {
  int64_t width = getWidth(x.memory);
  int64_t bytes = (width + 7) / 8;
  int64_t pitch = (bytes + m.dmaBytes - 1) / m.dmaBytes * m.dmaBytes;
  for (int64_t r = 0; r < x.rows; ++r)
    for (int64_t w = 0; w < x.words; ++w) {
      Bits &word = memories[x.memory][x.address + r * x.stride + w];
      int64_t at = x.dram + r * x.dramStride + w * pitch;
      for (int64_t bit = 0; bit < pitch * 8; ++bit) {
        uint8_t &byte = dram[at + bit / 8];
        uint8_t mask = 1 << (bit % 8);
        if (x.is(Opcode::Load)) {
          if (bit < width)
            word[bit] = (byte & mask) != 0;
        } else if (bit < width && word[bit]) {
          byte |= mask;
        } else {
          byte &= ~mask;
        }
      }
    }
}

Wide NaiveSimulator::getElement(const Instruction &x, int64_t line,
                                int64_t element) const {
  const Bits &word =
      memories[activationsMemory][line * m.banks + element / m.lanes];
  int64_t at = element % m.lanes * 8;
  return x.isSigned ? getSigned(word, at, 8) : getUnsigned(word, at, 8);
}

Wide NaiveSimulator::getInput(const Instruction &x, int64_t i, int64_t w,
                              int64_t s, int64_t r, int64_t l,
                              const Bits &indices) const {
  int64_t f = int64_t(1) << x.fold, g = r / (m.rows / f);
  int64_t line = x.input + i * x.inputStride;
  int64_t bits = log2Of(m.banks * m.lanes);
  if (x.getFormat() == Format::Dense)
    return getElement(x, line, (s * f + g) * m.lanes + l);
  if (x.getFormat() == Format::CSR)
    return getElement(x, line + w,
                      getUnsigned(indices, (r * m.lanes + l) * bits, bits));
  std::vector<int64_t> set;
  int64_t covered = (int64_t(1) << x.span) * m.lanes;
  for (int64_t bit = 0; bit < covered; ++bit)
    if (indices[r * m.lanes * bits + bit])
      set.push_back(bit);
  if (static_cast<int64_t>(set.size()) < l + 1)
    return 0;
  int64_t element = (s * f + g) * covered + set[l];
  return getElement(x, line + w, element % (m.banks * m.lanes));
}

void NaiveSimulator::sweep(const Instruction &x, int64_t b, int64_t i,
                           int64_t p) {
  for (auto &sums : a)
    sums = {0, 0, 0, 0};
  for (int64_t w = 0; w < x.windows; ++w)
    for (int64_t s = 0; s < x.steps; ++s) {
      int64_t number = ((b * x.passes + p) * x.windows + w) * x.steps + s;
      const Bits &codes = memories[codesMemory][x.codes + number];
      // Dense: never looked at.
      const Bits &indices =
          memories[indicesMemory]
                  [x.getFormat() == Format::Dense ? 0 : x.indices + number];
      for (int64_t r = 0; r < m.rows; ++r)
        for (int64_t l = 0; l < m.lanes; ++l) {
          Wide input = getInput(x, i, w, s, r, l, indices);
          for (int64_t k = 0; k < 4; ++k)
            if (codes[4 * (r * m.lanes + l) + k])
              a[r][k] = wrap(a[r][k] + input, m.accumulatorBits);
        }
    }
}

std::array<Wide, 7> NaiveSimulator::getRecord(const Instruction &x, int64_t b,
                                              int64_t p, int64_t n) const {
  int64_t outputs = m.rows >> x.fold, inBeat = std::min(outputs, m.outputs);
  int64_t beats = outputs / inBeat;
  int64_t count = x.getMode() == Mode::Steps ? x.count : 0;
  int64_t beat = n / inBeat, lane = n % inBeat;
  int64_t at = x.parameters + b * (x.passes * beats + beats * count);
  at += p * beats + (p == x.passes - 1 ? beat * (1 + count) : beat);
  const Bits &word = memories[parametersMemory][at];
  int64_t bit =
      lane * (4 * m.coefficientBits + m.sumBits + m.multiplierBits + 6);
  std::array<Wide, 7> record;
  for (int64_t k = 0; k < 4; ++k, bit += m.coefficientBits)
    record[k] = getSigned(word, bit, m.coefficientBits);
  record[4] = getSigned(word, bit, m.sumBits);
  record[5] = getSigned(word, bit + m.sumBits, m.multiplierBits);
  record[6] = getUnsigned(word, bit + m.sumBits + m.multiplierBits, 6);
  return record;
}

std::vector<Wide> NaiveSimulator::getThresholds(const Instruction &x, int64_t b,
                                                int64_t n) const {
  int64_t outputs = m.rows >> x.fold, inBeat = std::min(outputs, m.outputs);
  int64_t beats = outputs / inBeat;
  int64_t beat = n / inBeat, lane = n % inBeat;
  int64_t at = x.parameters + b * beats * (x.passes + x.count) +
               (x.passes - 1) * beats + beat * (1 + x.count) + 1;
  std::vector<Wide> thresholds;
  for (int64_t c = 0; c < x.count; ++c)
    thresholds.push_back(getSigned(memories[parametersMemory][at + c],
                                   lane * m.sumBits, m.sumBits));
  return thresholds;
}

void NaiveSimulator::output(const Instruction &x, int64_t b, int64_t i) {
  int64_t outputs = m.rows >> x.fold;
  for (int64_t n = 0; n < outputs; ++n) {
    auto record = getRecord(x, b, x.passes - 1, n);
    Wide t = v[n] * record[5] + record[4];
    int64_t element = b * outputs + n;
    int64_t first = x.output + i * x.outputStride;
    if (x.getMode() == Mode::Sums) {
      Bits &word = memories[resultsMemory][first + element / m.outputs];
      for (int64_t bit = 0; bit < m.sumBits; ++bit)
        word[element % m.outputs * m.sumBits + bit] = (t >> bit & 1) != 0;
      continue;
    }
    Wide activation = x.low;
    if (x.getMode() == Mode::Steps) {
      int64_t number = 0;
      for (Wide threshold : getThresholds(x, b, n))
        if (bool falls = number++ >= x.count - x.falls; t >= threshold)
          activation += falls ? -1 : 1;
    } else {
      // Floor, then up where the rest is more than a half, or a half and odd.
      Wide power = Wide(1) << static_cast<int>(record[6]);
      Wide q = t / power;
      if (q * power > t)
        --q;
      Wide rest = t - q * power;
      bool isUp = 2 * rest > power || (2 * rest == power && q % 2 != 0);
      if (x.halfEven != 0 && isUp)
        ++q;
      activation = std::min<Wide>(std::max<Wide>(q, x.low), x.high);
    }
    Bits &word = memories[activationsMemory][first + element / m.lanes];
    for (int64_t bit = 0; bit < 8; ++bit)
      word[element % m.lanes * 8 + bit] =
          (activation >> (8 * static_cast<int>(x.plane) + bit) & 1) != 0;
  }
}

void NaiveSimulator::execute(const Instruction &x) {
  int64_t f = int64_t(1) << x.fold, outputs = m.rows / f;
  for (int64_t b = 0; b < x.blocks; ++b)
    for (int64_t i = 0; i < x.images; ++i) {
      for (int64_t n = 0; n < outputs; ++n)
        if (x.resume == 0)
          v[n] = 0;
      for (int64_t p = 0; p < x.passes; ++p) {
        sweep(x, b, i, p);
        for (int64_t n = 0; n < outputs; ++n) {
          auto record = getRecord(x, b, p, n);
          for (int64_t k = 0; k < 4; ++k) {
            Wide sum = 0;
            for (int64_t g = 0; g < f; ++g)
              sum += a[g * outputs + n][k];
            v[n] = wrap(v[n] + record[k] * sum, m.sumBits);
          }
        }
      }
      if (x.getMode() != Mode::Keep)
        output(x, b, i);
    }
}

void NaiveSimulator::run() {
  for (const Instruction &instruction : program.instructions) {
    if (instruction.is(Opcode::Execute))
      execute(instruction);
    else if (!instruction.is(Opcode::Finish))
      transfer(instruction);
  }
}
