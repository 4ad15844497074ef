//===- Memories.cpp - The words of a core ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memories.h"

#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;
using namespace sumac::acm;

int64_t Memories::getBytes(const Machine &machine) {
  int64_t bytes = 0;
  for (unsigned i = 0; i < numMemories; ++i) {
    auto memory = static_cast<Memory>(i);
    bytes += machine.getWords(memory) * machine.getWordBytes(memory);
  }
  return bytes;
}

Memories::Memories(const Machine &machine, int64_t dramBytes)
    : machine(machine), dram(dramBytes) {
  for (unsigned i = 0; i < numMemories; ++i) {
    auto memory = static_cast<Memory>(i);
    wordBytes[i] = machine.getWordBytes(memory);
    words[i].resize(machine.getWords(memory) * wordBytes[i]);
    changes[i].resize(divideCeil(machine.getWords(memory), chunk));
  }
}

void Memories::load(const Instruction &instruction) {
  Memory memory = instruction.getMemory();
  int64_t pitch = machine.getPitch(memory);
  // Bits of the last byte that are not of the word stay 0.
  unsigned lastBits = machine.getWordBits(memory) % 8;
  uint8_t lastMask = lastBits == 0 ? 0xff : (1u << lastBits) - 1;
  ++time;
  for (int64_t row = 0; row < instruction.rows; ++row)
    for (int64_t i = 0; i < instruction.words; ++i) {
      int64_t number = instruction.address + row * instruction.stride + i;
      const uint8_t *from =
          &dram[instruction.dram + row * instruction.dramStride + i * pitch];
      MutableArrayRef<uint8_t> word = getWord(memory, number);
      size_t whole = word.size() - 1;
      uint8_t last = from[whole] & lastMask;
      // Weights that are loaded again, for the next images, are no change.
      if (std::memcmp(word.data(), from, whole) == 0 && word[whole] == last)
        continue;
      std::memcpy(word.data(), from, whole);
      word[whole] = last;
      changes[indexOf(memory)][number / chunk] = time;
    }
}

void Memories::store(const Instruction &instruction) {
  Memory memory = instruction.getMemory();
  int64_t pitch = machine.getPitch(memory);
  for (int64_t row = 0; row < instruction.rows; ++row)
    for (int64_t i = 0; i < instruction.words; ++i) {
      int64_t number = instruction.address + row * instruction.stride + i;
      uint8_t *to =
          &dram[instruction.dram + row * instruction.dramStride + i * pitch];
      MutableArrayRef<uint8_t> word = getWord(memory, number);
      std::memcpy(to, word.data(), word.size());
      std::memset(to + word.size(), 0, pitch - word.size());
    }
}

uint64_t Memories::getLastChange(Memory memory, int64_t begin,
                                 int64_t size) const {
  uint64_t last = 0;
  for (int64_t i = begin / chunk; i <= (begin + size - 1) / chunk; ++i)
    last = std::max(last, changes[indexOf(memory)][i]);
  return last;
}
