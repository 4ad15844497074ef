//===- FunctionalSimulator.cpp - What programs compute --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/FunctionalSimulator.h"

#include "Memories.h"
#include "Weights.h"
#include "sumac/ACM/Bits.h"
#include "sumac/Simulator/ACM/Check.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac::acm;

/// t has up to 97 bits.
using Wide = __int128;

struct FunctionalSimulator::Impl {
  Impl(Program program, int64_t dramBytes, const FunctionalOptions &options)
      : program(std::move(program)), options(options),
        memories(this->program.machine, dramBytes),
        weights(this->program.instructions.size()),
        sums(this->program.machine.rows), v(this->program.machine.rows) {}

  Error execute(size_t number);
  Expected<const Weights *> getWeights(size_t number);
  void addToSums(ArrayRef<ParameterRecord> records, int64_t fold);
  void finishBlock(const Instruction &instruction, const Weights &ready,
                   int64_t block, int64_t image);

  Program program;
  FunctionalOptions options;
  Memories memories;
  /// Of each instruction, where they are made; together they take `bytes`.
  std::vector<std::unique_ptr<Weights>> weights;
  int64_t bytes = 0;
  std::vector<Weights::Sums> sums; ///< a, of each row
  std::vector<uint64_t> v;         ///< of each output; high bits may be wrong
  int64_t additions = 0;
};

FunctionalSimulator::FunctionalSimulator(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
FunctionalSimulator::~FunctionalSimulator() = default;

MutableArrayRef<uint8_t> FunctionalSimulator::getDram() {
  return impl->memories.getDram();
}

ArrayRef<uint8_t> FunctionalSimulator::getMemory(Memory memory) const {
  return const_cast<const Memories &>(impl->memories).getAll(memory);
}

int64_t FunctionalSimulator::getNumAdditions() const { return impl->additions; }

Expected<std::unique_ptr<FunctionalSimulator>>
FunctionalSimulator::create(Program program, int64_t dramBytes,
                            const FunctionalOptions &options) {
  if (Error error = checkInstructions(program, dramBytes))
    return std::move(error);
  const Machine &machine = program.machine;
  int64_t bytes = Memories::getBytes(machine) + dramBytes;
  if (bytes > options.maxBytes)
    return createStringError("memories and DRAM take " + Twine(bytes) +
                             " bytes, more than " + Twine(options.maxBytes));
  Activity activity = getActivity(program);
  uint64_t slots = SaturatingMultiply<uint64_t>(activity.steps,
                                                machine.rows * machine.lanes);
  uint64_t work = SaturatingAdd<uint64_t>(slots, activity.dramBytesRead,
                                          activity.dramBytesWritten);
  if (work > static_cast<uint64_t>(options.maxWork))
    return createStringError("a run goes over more than " +
                             Twine(options.maxWork) +
                             " weights and bytes of DRAM");
  return std::unique_ptr<FunctionalSimulator>(new FunctionalSimulator(
      std::make_unique<Impl>(std::move(program), dramBytes, options)));
}

Error FunctionalSimulator::run(size_t first) {
  for (size_t number = first; number < impl->program.instructions.size();
       ++number) {
    const Instruction &instruction = impl->program.instructions[number];
    switch (instruction.getOpcode()) {
    case Opcode::Finish:
      break;
    case Opcode::Load:
      impl->memories.load(instruction);
      break;
    case Opcode::Store:
      impl->memories.store(instruction);
      break;
    case Opcode::Execute:
      if (Error error = impl->execute(number))
        return error;
    }
  }
  return Error::success();
}

/// The weights of an execute, made again where words have changed.
Expected<const Weights *> FunctionalSimulator::Impl::getWeights(size_t number) {
  std::unique_ptr<Weights> &ready = weights[number];
  if (ready && !ready->isStale(memories))
    return ready.get();
  const Instruction &instruction = program.instructions[number];
  int64_t needed = Weights::getBytes(program.machine, instruction);
  if (ready)
    bytes -= needed;
  ready.reset();
  if (needed > options.maxBytes)
    return createStringError("instruction " + Twine(number) +
                             ": its weights take " + Twine(needed) +
                             " bytes, more than " + Twine(options.maxBytes));
  if (bytes + needed > options.maxBytes) {
    for (std::unique_ptr<Weights> &other : weights)
      other.reset();
    bytes = 0;
  }
  bytes += needed;
  ready = std::make_unique<Weights>(program.machine, instruction, memories);
  return ready.get();
}

Error FunctionalSimulator::Impl::execute(size_t number) {
  Expected<const Weights *> ready = getWeights(number);
  if (!ready)
    return ready.takeError();
  const Instruction &instruction = program.instructions[number];
  int64_t fold = int64_t(1) << instruction.fold;
  for (int64_t block = 0; block < instruction.blocks; ++block)
    for (int64_t image = 0; image < instruction.images; ++image) {
      Weights::Inputs inputs = (*ready)->getInputs(memories, image);
      if (instruction.resume == 0)
        std::fill(v.begin(), v.end(), 0);
      for (int64_t pass = 0; pass < instruction.passes; ++pass) {
        int64_t sweep = block * instruction.passes + pass;
        (*ready)->accumulate(sweep, inputs, sums);
        additions += (*ready)->getNumAdditions(sweep);
        addToSums((*ready)->getRecords(sweep), fold);
      }
      if (instruction.getMode() != Mode::Keep)
        finishBlock(instruction, **ready, block, image);
    }
  return Error::success();
}

void FunctionalSimulator::Impl::addToSums(ArrayRef<ParameterRecord> records,
                                          int64_t fold) {
  unsigned width = program.machine.accumulatorBits;
  for (const auto &[n, record] : enumerate(records))
    for (unsigned k = 0; k < 4; ++k) {
      int64_t sum = 0;
      for (int64_t group = 0; group < fold; ++group)
        sum += SignExtend64(sums[group * records.size() + n][k], width);
      // Wraps at 64 bits, so at sum_bits, too.
      v[n] += static_cast<uint64_t>(record.coefficients[k]) *
              static_cast<uint64_t>(sum);
    }
}

/// t, shifted to the next integer below, or to the nearest, and clamped.
static int64_t requantize(Wide t, const ParameterRecord &record,
                          const Instruction &instruction) {
  Wide q = t >> record.shift;
  if (instruction.halfEven != 0 && record.shift != 0) {
    Wide half = Wide(1) << (record.shift - 1);
    Wide rest = t & ((half << 1) - 1);
    if (rest > half || (rest == half && (q & 1) != 0))
      ++q;
  }
  if (q < instruction.low)
    q = instruction.low;
  if (q > instruction.high)
    q = instruction.high;
  return static_cast<int64_t>(q);
}

static int64_t countSteps(Wide t, ArrayRef<int64_t> thresholds,
                          const Instruction &instruction) {
  if (t < INT64_MIN)
    return instruction.low;
  // Thresholds have 64 bits at most.
  int64_t clamped = t > INT64_MAX ? INT64_MAX : static_cast<int64_t>(t);
  int64_t code = instruction.low;
  for (int64_t threshold : thresholds.drop_back(instruction.falls))
    code += clamped >= threshold ? 1 : 0;
  for (int64_t threshold : thresholds.take_back(instruction.falls))
    code -= clamped >= threshold ? 1 : 0;
  return code;
}

void FunctionalSimulator::Impl::finishBlock(const Instruction &instruction,
                                            const Weights &ready, int64_t block,
                                            int64_t image) {
  const Machine &machine = program.machine;
  unsigned width = machine.sumBits;
  ArrayRef<ParameterRecord> records =
      ready.getRecords(block * instruction.passes + instruction.passes - 1);
  int64_t word = instruction.output + image * instruction.outputStride;
  int64_t first = block * static_cast<int64_t>(records.size());
  for (const auto &[n, record] : enumerate(records)) {
    Wide t = Wide(SignExtend64(v[n], width)) * record.multiplier + record.bias;
    int64_t element = first + static_cast<int64_t>(n);
    if (instruction.getMode() == Mode::Sums) {
      setBits(memories.getWord(Memory::Results,
                               word + element / machine.outputs),
              element % machine.outputs * width, width,
              static_cast<uint64_t>(t));
      continue;
    }
    uint8_t &to = memories.getAll(
        Memory::Activations)[word * machine.lanes + element];
    int64_t code =
        instruction.getMode() == Mode::Codes
            ? requantize(t, record, instruction)
            : countSteps(t, ready.getThresholds(block, n), instruction);
    to = static_cast<uint8_t>(code >> (8 * instruction.plane));
  }
}
