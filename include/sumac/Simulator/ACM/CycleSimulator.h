//===- CycleSimulator.h - Programs cycle by cycle ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// When things happen in the core (docs/ACM/specification.md, section 4). No
// cycle depends on a value, so this computes times alone; the values are those
// of the functional simulator, as programs that pass check() are free of races.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_CYCLESIMULATOR_H
#define SUMAC_SIMULATOR_ACM_CYCLESIMULATOR_H

#include "sumac/ACM/Geometry.h"

#include "llvm/Support/raw_ostream.h"

#include <limits>

namespace sumac::acm {

/// What execute does in a cycle: a step, or why there is none. The first three
/// stalls are those of section 4, in its order.
enum class Activeness : uint8_t {
  Step,
  PendingInput,      ///< 1: an activation that it reads is not yet written
  AccumulatorsTaken, ///< 2: both sets wait for the output stage
  PendingOutput,     ///< 3: an activation that it writes is not yet written
  WaitPrevious,      ///< no current instruction; the next waits for load
  WaitNext,          ///< the same, for store
  Begin,             ///< no current instruction; it takes one
  Empty,             ///< no current instruction, none in the queue
};
constexpr unsigned numActivenesses = 8;
llvm::StringRef stringifyActiveness(Activeness activeness);

/// Cycles of load or store. They add up to the cycle count.
struct TransferCycles {
  int64_t busy = 0;
  int64_t wait = 0;  ///< for a token
  int64_t empty = 0; ///< no instruction in the queue, or it takes one
};

/// The cycles of one instruction.
struct InstructionTimes {
  int64_t fetched = -1;   ///< in which it went to its queue
  int64_t begun = -1;     ///< in which its unit took it and its tokens
  int64_t completed = -1; ///< at whose end it gave its signals
};

struct CycleReport {
  int64_t cycles = 0;
  /// Cycles of execute by what it did. They add up to the cycle count.
  std::array<int64_t, numActivenesses> execute = {};
  TransferCycles load, store;
  /// Cycles in which fetch found a queue full.
  int64_t fetchStalls = 0;
  /// Of each instruction of the program.
  std::vector<InstructionTimes> instructions;
  Activity activity;

  int64_t getCycles(Activeness activeness) const {
    return execute[static_cast<unsigned>(activeness)];
  }
  /// Weight slots that steps had of those that R L in each cycle would be:
  /// steps / cycles. 1 is the peak.
  double getUtilization() const;
  /// The same of the weight slots that a dense format would take. It can
  /// pass 1.
  double getDenseUtilization(const Machine &machine) const;
};

/// What can be seen in a cycle: queues, tokens and marks as they were when it
/// began, and what is done in it.
struct CycleState {
  static constexpr int64_t none = -1;
  int64_t cycle = 0;
  std::array<unsigned, numUnits> queued = {};
  /// Load to execute, execute to load, execute to store, store to execute.
  std::array<unsigned, 4> tokens = {};
  /// Numbers of the current instructions, or `none`.
  std::array<int64_t, numUnits> current = {none, none, none};
  Activeness execute = Activeness::Empty;
  /// Instructions of the micro-beats in O1 to O4, or `none`.
  std::array<int64_t, 4> stages = {none, none, none, none};
  unsigned setsTaken = 0;   ///< accumulators: a bit each
  int64_t pendingWords = 0; ///< activations
};

/// Sees each cycle.
class CycleObserver {
public:
  virtual ~CycleObserver() = default;
  virtual void observe(const CycleState &state) = 0;
};

struct CycleOptions {
  /// More cycles are an error.
  int64_t maxCycles = std::numeric_limits<int64_t>::max();
  CycleObserver *observer = nullptr;
};

/// Runs a program that checkInstructions() accepts. Errors: a deadlock, with
/// the instruction that each unit waits at; a counter of tokens that passes
/// 255; more cycles than `maxCycles`. Time and memory: in proportion to cycles
/// and instructions.
llvm::Expected<CycleReport> simulateCycles(const Program &program,
                                           const CycleOptions &options = {});

/// The report as JSON, one object: cycles, stalls, traffic, utilization.
void printJSON(const CycleReport &report, const Machine &machine,
               llvm::raw_ostream &os);

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_CYCLESIMULATOR_H
