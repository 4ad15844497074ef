//===- Memories.h - The words of a core -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memories and the DRAM of a core, and when words of memories last changed.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SIMULATOR_ACM_MEMORIES_H
#define SUMAC_LIB_SIMULATOR_ACM_MEMORIES_H

#include "sumac/ACM/Instruction.h"

namespace sumac::acm {

class Memories {
public:
  /// Bytes that the memories of a machine take here.
  static int64_t getBytes(const Machine &machine);

  Memories(const Machine &machine, int64_t dramBytes);

  llvm::MutableArrayRef<uint8_t> getWord(Memory memory, int64_t word) {
    size_t size = wordBytes[indexOf(memory)];
    return {&words[indexOf(memory)][word * size], size};
  }
  llvm::ArrayRef<uint8_t> getAll(Memory memory) const {
    return words[indexOf(memory)];
  }
  llvm::MutableArrayRef<uint8_t> getAll(Memory memory) {
    return words[indexOf(memory)];
  }
  llvm::MutableArrayRef<uint8_t> getDram() { return dram; }

  void load(const Instruction &instruction);
  void store(const Instruction &instruction);

  /// A number that grows with each load, and that of the last load that changed
  /// a word of [begin, begin + size) or of some around it.
  uint64_t getTime() const { return time; }
  uint64_t getLastChange(Memory memory, int64_t begin, int64_t size) const;

private:
  /// Changes are known for as many words together.
  static constexpr int64_t chunk = 64;
  static unsigned indexOf(Memory memory) {
    return static_cast<unsigned>(memory);
  }

  Machine machine;
  std::array<size_t, numMemories> wordBytes;
  std::array<std::vector<uint8_t>, numMemories> words;
  std::array<std::vector<uint64_t>, numMemories> changes;
  std::vector<uint8_t> dram;
  uint64_t time = 0;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_SIMULATOR_ACM_MEMORIES_H
