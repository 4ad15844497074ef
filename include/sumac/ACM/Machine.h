//===- Machine.h - What an accumulate-multiply core has ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The description of an accumulate-multiply core that the compiler, the
// simulators and the RTL share (docs/ACM/specification.md, section 1), and the
// numbers that follow from it. A `Machine` that read() or getPreset() returned
// keeps to all limits of that section.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_MACHINE_H
#define SUMAC_ACM_MACHINE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace llvm::json {
class Value;
} // namespace llvm::json

namespace sumac::acm {

/// Memories that instructions name, with the numbers they have there.
enum class Memory : uint8_t {
  Codes,
  Indices,
  Activations,
  Parameters,
  Results,
};
constexpr unsigned numMemories = 5;

/// "codes", "indices", "activations", "parameters", "results".
llvm::StringRef stringifyMemory(Memory memory);

/// Where the parts of a record lie in it, in bits (section 3).
struct RecordLayout {
  int64_t coefficients = 0; ///< C[0] ... C[3], each coefficient_bits
  int64_t bias = 0;         ///< D, sum_bits
  int64_t multiplier = 0;   ///< M, multiplier_bits
  int64_t shift = 0;        ///< S, 6 bits
  int64_t bits = 0;         ///< all of it
};

/// A description, and what follows from it. Members have the names of the keys.
struct Machine {
  std::string name;
  int64_t rows = 0, lanes = 0, banks = 0, outputs = 0, fold = 0;
  int64_t activationBits = 8, accumulatorBits = 0, coefficientBits = 0;
  int64_t multiplierBits = 0, sumBits = 0;
  /// Words of each memory, by `Memory`.
  std::array<int64_t, numMemories> memories = {};
  int64_t instructions = 0; ///< words of the instruction memory
  int64_t queue = 0;
  int64_t clockMHz = 0;
  int64_t dmaBytes = 0, dmaLatency = 0;

  /// Reads a description. The error names the key.
  static llvm::Expected<Machine> read(llvm::StringRef json);
  static llvm::Expected<Machine> fromJSON(const llvm::json::Value &json);

  /// The preset called `name`; the error lists those there are.
  static llvm::Expected<Machine> getPreset(llvm::StringRef name);
  static llvm::ArrayRef<llvm::StringRef> getPresetNames();
  /// The text of a preset's file, or nothing.
  static llvm::StringRef getPresetText(llvm::StringRef name);

  /// The limits of section 1. The error names the key.
  llvm::Error check() const;

  /// Keys sorted, no spaces: what containers hold and the hash is of.
  std::string getCanonicalJSON() const;
  /// xxh3-64 of the canonical JSON.
  uint64_t getHash() const;

  /// Bits of an index: I = log2(B L).
  unsigned getIndexBits() const;
  /// A: bits of addresses and counts of words.
  unsigned getAddressBits() const;
  int64_t getInstructionBits() const;
  int64_t getInstructionBytes() const { return getInstructionBits() / 8; }

  int64_t getWords(Memory memory) const {
    return memories[static_cast<unsigned>(memory)];
  }
  int64_t getWordBits(Memory memory) const;
  /// Bits rounded up to whole bytes.
  int64_t getWordBytes(Memory memory) const {
    return (getWordBits(memory) + 7) / 8;
  }
  /// Bytes that a word takes in DRAM.
  int64_t getPitch(Memory memory) const;

  /// Lines of the activation memory, of B words each.
  int64_t getLines() const { return getWords(Memory::Activations) / banks; }
  /// Bytes, so elements, of a line.
  int64_t getLineElements() const { return banks * lanes; }
  RecordLayout getRecordLayout() const;

  bool operator==(const Machine &other) const;
  bool operator!=(const Machine &other) const { return !(*this == other); }
};

} // namespace sumac::acm

#endif // SUMAC_ACM_MACHINE_H
