//===- RandomInstruction.cpp - Instructions to test with ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomInstruction.h"

#include "sumac/ACM/Geometry.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac::acm;

int64_t sumac::acm::pick(Random &random, int64_t low, int64_t high) {
  // Distributions of the standard library differ between platforms.
  uint64_t count = static_cast<uint64_t>(high - low) + 1;
  uint64_t number = random();
  return low + static_cast<int64_t>(count == 0 ? number : number % count);
}

int64_t sumac::acm::pickSmall(Random &random, int64_t low, int64_t high) {
  int64_t most = pick(random, 0, Log2_64(high - low + 1));
  return std::min(high, low + pick(random, 0, (int64_t(1) << most) - 1));
}

Regions sumac::acm::getWholeMemories(const Machine &machine) {
  Regions regions;
  for (unsigned i = 0; i < numMemories; ++i)
    regions[i].size = machine.memories[i];
  return regions;
}

//===----------------------------------------------------------------------===//
// Transfers
//===----------------------------------------------------------------------===//

Instruction sumac::acm::makeRandomTransfer(const Machine &machine,
                                           Opcode opcode, Memory memory,
                                           Region region, int64_t dramBytes,
                                           Random &random) {
  Instruction instruction(opcode);
  instruction.memory = static_cast<int64_t>(memory);
  int64_t pitch = machine.getPitch(memory);
  int64_t unit = machine.dmaBytes;
  instruction.words =
      pickSmall(random, 1, std::min(region.size, dramBytes / pitch));
  instruction.rows = pickSmall(random, 1, 8);
  int64_t gaps = std::max<int64_t>(1, instruction.rows - 1);
  instruction.stride =
      pickSmall(random, 0, (region.size - instruction.words) / gaps);
  int64_t room = (dramBytes - instruction.words * pitch) / unit;
  instruction.dramStride = unit * pickSmall(random, 0, room / gaps);
  int64_t words =
      (instruction.rows - 1) * instruction.stride + instruction.words;
  instruction.address = region.begin + pick(random, 0, region.size - words);
  int64_t left = room - (instruction.rows - 1) * instruction.dramStride / unit;
  instruction.dram = unit * pick(random, 0, left);
  return instruction;
}

//===----------------------------------------------------------------------===//
// Execute
//===----------------------------------------------------------------------===//

namespace {

/// Makes one execute, the fields in an order in which each leaves room for the
/// next.
class ExecuteMaker {
public:
  ExecuteMaker(const Machine &machine, const Regions &regions, int64_t maxSteps,
               Random &random)
      : machine(machine), regions(regions), maxSteps(maxSteps), random(random) {
  }

  std::optional<Instruction> make(std::optional<int64_t> kept);

private:
  const Region &getRegion(Memory memory) const {
    return regions[static_cast<unsigned>(memory)];
  }
  /// Of activations, in lines.
  int64_t getLines() const {
    return getRegion(Memory::Activations).size / machine.banks;
  }
  int64_t flip() { return pick(random, 0, 1); }
  void pickKind(std::optional<int64_t> kept);
  bool pickSizes(bool isSingle);
  bool pickParameters();
  /// Rows of `size` of `images` in `room`: where the first is, and the stride.
  bool pickRows(int64_t begin, int64_t room, int64_t size, int64_t &first,
                int64_t &stride);
  bool pickPlaces();

  const Machine &machine;
  const Regions &regions;
  int64_t maxSteps;
  Random &random;
  Instruction result{Opcode::Execute};
};

} // namespace

void ExecuteMaker::pickKind(std::optional<int64_t> kept) {
  result.format = pick(random, 0, 2);
  result.mode = pick(random, 0, 5);
  // Codes and steps more often.
  if (result.mode > 3)
    result.mode -= 3;
  result.resume = kept ? 1 : 0;
  result.fold = kept ? *kept : pick(random, 0, Log2_64(machine.fold));
  result.isSigned = flip();
  result.halfEven = flip();
  if (result.getFormat() == Format::Bitmask)
    result.span = pick(
        random, 0,
        std::min(Log2_64(machine.getIndexBits()),
                 Log2_64(machine.banks) - static_cast<unsigned>(result.fold)));
  bool isWide = flip() != 0;
  int64_t most = isWide ? 65535 : 255;
  result.low = pick(random, -most - 1, most);
  result.high = pick(random, result.low, most);
  if (isWide && (result.getMode() == Mode::Codes ||
                 result.getMode() == Mode::Steps))
    result.plane = flip();
  if (result.getMode() == Mode::Codes && flip() != 0) {
    // What models have: all signed or unsigned codes.
    result.low = result.isSigned != 0 ? -(most + 1) / 2 : 0;
    result.high = result.low + most;
  }
}

/// Steps, windows, passes, blocks, images.
bool ExecuteMaker::pickSizes(bool isSingle) {
  bool isDense = result.getFormat() == Format::Dense;
  int64_t fold = int64_t(1) << result.fold;
  int64_t room = std::min(maxSteps, getRegion(Memory::Codes).size);
  int64_t words = getRegion(Memory::Activations).size;
  if (!isDense)
    room = std::min(room, getRegion(Memory::Indices).size);
  int64_t mostSteps = isDense ? words / fold : machine.banks;
  if (std::min({room, mostSteps, getLines()}) < 1)
    return false;
  result.steps = pickSmall(random, 1, std::min(room, mostSteps));
  room /= result.steps;
  result.windows = isDense ? 1 : pick(random, 1, std::min(room, getLines()));
  room /= result.windows;
  result.passes = pickSmall(random, 1, std::min<int64_t>(room, 4));
  room /= result.passes;
  result.blocks =
      isSingle ? 1 : pickSmall(random, 1, std::min<int64_t>(room, 8));
  int64_t steps = result.steps * result.windows * result.passes * result.blocks;
  result.images =
      isSingle ? 1
               : pickSmall(random, 1, std::min<int64_t>(maxSteps / steps, 8));
  return true;
}

/// Thresholds, and as many blocks and passes as there is room for.
bool ExecuteMaker::pickParameters() {
  int64_t room = getRegion(Memory::Parameters).size;
  int64_t beats = ExecuteGeometry(machine, result).beats;
  if (room < beats)
    return false;
  result.passes = std::min(result.passes, room / beats);
  int64_t free = room / beats - result.passes;
  if (result.getMode() == Mode::Steps)
    result.count = pickSmall(random, 0, std::min<int64_t>(free, 255));
  result.falls = flip() * pick(random, 0, result.count);
  int64_t perBlock = ExecuteGeometry(machine, result).parameters;
  result.blocks = std::min(result.blocks, room / perBlock);
  return true;
}

bool ExecuteMaker::pickRows(int64_t begin, int64_t room, int64_t size,
                            int64_t &first, int64_t &stride) {
  if (room < size)
    return false;
  int64_t gaps = std::max<int64_t>(1, result.images - 1);
  // Images that lie one in another are rare in programs, and allowed.
  int64_t most = (room - size) / gaps;
  stride =
      most >= size && pick(random, 0, 3) != 0 ? size : pick(random, 0, most);
  first = begin + pick(random, 0, room - size - (result.images - 1) * stride);
  return true;
}

/// Where everything lies.
bool ExecuteMaker::pickPlaces() {
  ExecuteGeometry geometry(machine, result);
  auto pickStart = [&](Memory memory, int64_t size) {
    const Region &region = getRegion(memory);
    return region.begin + pick(random, 0, region.size - size);
  };
  bool isDense = result.getFormat() == Format::Dense;
  int64_t banks = machine.banks;
  int64_t firstLine = getRegion(Memory::Activations).begin / banks;
  result.codes = pickStart(Memory::Codes, geometry.codeWords);
  if (!isDense)
    result.indices = pickStart(Memory::Indices, geometry.codeWords);
  result.parameters =
      pickStart(Memory::Parameters, geometry.parameters * result.blocks);
  int64_t lines = isDense ? divideCeil(result.steps * geometry.fold, banks)
                          : result.windows;
  if (!pickRows(firstLine, getLines(), lines, result.input, result.inputStride))
    return false;
  if (geometry.writesActivations) {
    // Beats are aligned in their lines.
    int64_t unit = std::max<int64_t>(1, geometry.beatOutputs / machine.lanes);
    int64_t written = geometry.outputWords * result.blocks;
    if (!pickRows(firstLine * banks / unit, getLines() * banks / unit,
                  written / unit, result.output, result.outputStride))
      return false;
    result.output *= unit;
    result.outputStride *= unit;
    return true;
  }
  const Region &results = getRegion(Memory::Results);
  return result.getMode() != Mode::Sums ||
         pickRows(results.begin, results.size, geometry.resultWords,
                  result.output, result.outputStride);
}

std::optional<Instruction> ExecuteMaker::make(std::optional<int64_t> kept) {
  // Most are possible at once.
  for (unsigned attempt = 0; attempt < 20; ++attempt) {
    result = Instruction(Opcode::Execute);
    pickKind(kept);
    bool isSingle = kept || result.getMode() == Mode::Keep;
    if (pickSizes(isSingle) && pickParameters() && pickPlaces())
      return result;
  }
  return std::nullopt;
}

std::optional<Instruction>
sumac::acm::makeRandomExecute(const Machine &machine, const Regions &regions,
                              int64_t maxSteps, std::optional<int64_t> kept,
                              Random &random) {
  return ExecuteMaker(machine, regions, maxSteps, random).make(kept);
}
