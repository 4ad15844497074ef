//===- Machine.cpp - What an accumulate-multiply core has -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Machine.h"

#include "JSON.h"
#include "sumac/ACM/Instruction.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

using namespace llvm;
using namespace sumac::acm;

namespace {

/// A key of the description with its limits; reading, checking and writing go
/// through the table.
struct Key {
  StringRef name;
  int64_t Machine::*member;
  int64_t low, high;
  bool isPowerOfTwo;
};

constexpr int64_t maxWords = int64_t(1) << 20;

} // namespace

static constexpr Key keys[] = {
    {"rows", &Machine::rows, 2, 1024, true},
    {"lanes", &Machine::lanes, 2, 256, true},
    {"banks", &Machine::banks, 2, 64, true},
    {"outputs", &Machine::outputs, 1, 1024, true},
    {"fold", &Machine::fold, 1, 64, true},
    {"activation_bits", &Machine::activationBits, 8, 8, false},
    {"accumulator_bits", &Machine::accumulatorBits, 8, 32, false},
    {"coefficient_bits", &Machine::coefficientBits, 2, 32, false},
    {"multiplier_bits", &Machine::multiplierBits, 2, 32, false},
    {"sum_bits", &Machine::sumBits, 16, 64, false},
    {"queue", &Machine::queue, 1, 64, false},
    {"clock_mhz", &Machine::clockMHz, 1, 5000, false},
};

static constexpr Key dmaKeys[] = {
    {"bytes", &Machine::dmaBytes, 1, 1024, true},
    {"latency", &Machine::dmaLatency, 0, 10000, false},
};

static constexpr StringLiteral memoryNames[numMemories] = {
    "codes", "indices", "activations", "parameters", "results"};

namespace {
struct Preset {
  StringRef name, text;
};
} // namespace

static constexpr Preset presets[] = {
#include "Presets.inc"
};

StringRef sumac::acm::stringifyMemory(Memory memory) {
  return memoryNames[static_cast<unsigned>(memory)];
}

//===----------------------------------------------------------------------===//
// Reading and writing
//===----------------------------------------------------------------------===//

static void readKeys(ObjectReader &reader, ArrayRef<Key> table,
                     Machine &machine) {
  for (const Key &key : table)
    machine.*key.member = reader.getInteger(key.name, key.low, key.high);
}

Expected<Machine> Machine::fromJSON(const json::Value &json) {
  Machine machine;
  ObjectReader reader(json);
  machine.name = reader.getString("name");
  readKeys(reader, keys, machine);
  if (const json::Value *value = reader.get("memories")) {
    ObjectReader memories(*value, "memories.");
    for (unsigned i = 0; i < numMemories; ++i)
      machine.memories[i] = memories.getInteger(memoryNames[i], 1, maxWords);
    machine.instructions = memories.getInteger("instructions", 1, maxWords);
    reader.fail(memories.finish());
  }
  if (const json::Value *value = reader.get("dma")) {
    ObjectReader dma(*value, "dma.");
    readKeys(dma, dmaKeys, machine);
    reader.fail(dma.finish());
  }
  Error error = reader.finish();
  if (!error)
    error = machine.check();
  if (error)
    return createStringError("machine description: " +
                             toString(std::move(error)));
  return machine;
}

Expected<Machine> Machine::read(StringRef text) {
  Expected<json::Value> value = parseJSON(text);
  if (!value)
    return createStringError("machine description: " +
                             toString(value.takeError()));
  return fromJSON(*value);
}

std::string Machine::getCanonicalJSON() const {
  json::Object object, words, dma;
  object["name"] = name;
  for (const Key &key : keys)
    object[key.name] = this->*key.member;
  for (unsigned i = 0; i < numMemories; ++i)
    words[memoryNames[i]] = memories[i];
  words["instructions"] = instructions;
  for (const Key &key : dmaKeys)
    dma[key.name] = this->*key.member;
  object["memories"] = std::move(words);
  object["dma"] = std::move(dma);
  // LLVM's printer sorts keys and, without an indentation, writes no spaces.
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(object));
  return text;
}

uint64_t Machine::getHash() const { return xxh3_64bits(getCanonicalJSON()); }

bool Machine::operator==(const Machine &other) const {
  auto isEqual = [&](const Key &key) {
    return this->*key.member == other.*key.member;
  };
  return name == other.name && memories == other.memories &&
         instructions == other.instructions && all_of(keys, isEqual) &&
         all_of(dmaKeys, isEqual);
}

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

static Error failKey(const Twine &key, const Twine &message) {
  return createStringError("'" + key + "' must be " + message);
}

static Error checkKeys(ArrayRef<Key> table, const Twine &where,
                       const Machine &machine) {
  for (const Key &key : table) {
    int64_t value = machine.*key.member;
    if (value < key.low || value > key.high)
      return failKey(where + key.name, "an integer of " + Twine(key.low) +
                                           " to " + Twine(key.high));
    if (key.isPowerOfTwo && !isPowerOf2_64(value))
      return failKey(where + key.name, "a power of two");
  }
  return Error::success();
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && name.size() <= 64 && !isDigit(name[0]) &&
         all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

static Error checkMemories(const Machine &machine) {
  for (unsigned i = 0; i < numMemories; ++i)
    if (machine.memories[i] < 1 || machine.memories[i] > maxWords)
      return failKey(Twine("memories.") + memoryNames[i],
                     "an integer of 1 to " + Twine(maxWords));
  if (machine.instructions < 1 || machine.instructions > maxWords)
    return failKey("memories.instructions",
                   "an integer of 1 to " + Twine(maxWords));
  if (machine.getWords(Memory::Activations) % machine.banks != 0)
    return failKey("memories.activations", "a multiple of 'banks'");
  return Error::success();
}

Error Machine::check() const {
  if (!isIdentifier(name))
    return failKey("name", "an identifier of at most 64 characters");
  if (Error error = checkKeys(keys, "", *this))
    return error;
  if (Error error = checkKeys(dmaKeys, "dma.", *this))
    return error;
  if (outputs > rows || outputs > banks * lanes)
    return failKey("outputs", "at most 'rows' and at most 'banks' x 'lanes'");
  if (fold > banks)
    return failKey("fold", "at most 'banks'");
  if (rows / fold < lanes)
    return failKey("fold", "so small that 'rows' / 'fold' is at least 'lanes'");
  return checkMemories(*this);
}

//===----------------------------------------------------------------------===//
// Presets
//===----------------------------------------------------------------------===//

ArrayRef<StringRef> Machine::getPresetNames() {
  static const std::vector<StringRef> names = [] {
    std::vector<StringRef> all;
    for (const Preset &preset : presets)
      all.push_back(preset.name);
    return all;
  }();
  return names;
}

StringRef Machine::getPresetText(StringRef name) {
  for (const Preset &preset : presets)
    if (preset.name == name)
      return preset.text;
  return {};
}

Expected<Machine> Machine::getPreset(StringRef name) {
  StringRef text = getPresetText(name);
  if (text.empty())
    return createStringError("there is no machine '" + name + "'; there are " +
                             join(getPresetNames(), ", "));
  return read(text);
}

//===----------------------------------------------------------------------===//
// Derived numbers
//===----------------------------------------------------------------------===//

unsigned Machine::getIndexBits() const { return Log2_64(banks * lanes); }

unsigned Machine::getAddressBits() const {
  int64_t most = *std::max_element(memories.begin(), memories.end());
  return Log2_64(std::max(most, instructions)) + 1;
}

int64_t Machine::getInstructionBits() const {
  return alignTo(getLongestEncoding(*this), 32);
}

RecordLayout Machine::getRecordLayout() const {
  RecordLayout layout;
  layout.bias = 4 * coefficientBits;
  layout.multiplier = layout.bias + sumBits;
  layout.shift = layout.multiplier + multiplierBits;
  layout.bits = layout.shift + 6;
  return layout;
}

int64_t Machine::getWordBits(Memory memory) const {
  switch (memory) {
  case Memory::Codes:
    return 4 * rows * lanes;
  case Memory::Indices:
    return rows * lanes * getIndexBits();
  case Memory::Activations:
    return 8 * lanes;
  case Memory::Parameters:
    return outputs * getRecordLayout().bits;
  case Memory::Results:
    break;
  }
  return outputs * sumBits;
}

int64_t Machine::getPitch(Memory memory) const {
  return alignTo(getWordBytes(memory), dmaBytes);
}
