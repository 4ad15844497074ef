//===- ExecuteUnit.h - When execute does what -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The issue of steps, the two sets of accumulators, the output stage and the
// marks of activation words that are yet to be written.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SIMULATOR_ACM_EXECUTEUNIT_H
#define SUMAC_LIB_SIMULATOR_ACM_EXECUTEUNIT_H

#include "sumac/Simulator/ACM/CycleSimulator.h"

#include <deque>

namespace sumac::acm {

class ExecuteUnit {
public:
  explicit ExecuteUnit(const Program &program);

  /// Makes `number` the current instruction at the end of this cycle. There is
  /// none, or it has issued its last step.
  void begin(size_t number);

  // In this order, once a cycle:
  /// The output stage goes on; the next micro-beat comes to O1.
  void runO1(int64_t cycle);
  /// The current instruction's next step, if it can be.
  Activeness issue(int64_t cycle);
  /// What O4 does at the end of the cycle; an instruction that is complete.
  std::optional<size_t> runO4();

  /// Whether there is a current instruction with steps to issue.
  bool isIssuing() const { return hasCurrent; }
  /// Whether steps or micro-beats are on their way that nothing can stop.
  bool isOnItsWay() const;
  /// Whether nothing is there to do.
  bool isIdle() const;
  int64_t getCurrent() const {
    return hasCurrent ? static_cast<int64_t>(current) : CycleState::none;
  }
  /// Fills in accumulators and marks.
  void describe(CycleState &state) const;
  /// Instructions of the micro-beats in O1 to O4.
  std::array<int64_t, 4> getStages() const;

private:
  /// A sweep from its first step until its last micro-beat is in O1.
  struct Sweep {
    size_t instruction = 0;
    int64_t ready = 0; ///< the first cycle in which it can be in O1
    bool isIssued = false;
    unsigned set = 0;
    int64_t beats = 0, beatOutputs = 0, perBeat = 1;
    bool completes = false; ///< the instruction's last
    bool clears = false;    ///< it writes activations
    int64_t output = 0;     ///< the first word that it writes
  };
  /// One in O1 to O4.
  struct MicroBeat {
    int64_t instruction = CycleState::none;
    bool completes = false;
    /// Words whose last byte it writes.
    int64_t firstWord = 0, words = 0;
  };

  Activeness findStall() const;
  bool readsPending() const;
  bool writesPending() const;
  void startSweep();
  void endSweep(int64_t cycle);
  bool isPending(int64_t begin, int64_t size) const;
  void advance();
  /// The first word that (b, i) writes.
  int64_t getOutput() const;
  bool isLastPass() const { return pass == instruction->passes - 1; }

  const Program &program;
  const Machine &machine;

  bool hasCurrent = false;
  size_t current = 0;
  const Instruction *instruction = nullptr;
  ExecuteGeometry geometry;
  // The next step.
  int64_t block = 0, image = 0, pass = 0, window = 0, step = 0;

  unsigned nextSet = 0;
  std::array<bool, 2> isTaken = {};
  std::deque<Sweep> sweeps;
  int64_t microBeat = 0; ///< of the first sweep, the next one
  /// O1 to O4.
  std::array<MicroBeat, 4> stages;

  /// Activation words that are yet to be written.
  std::vector<uint8_t> pending;
  int64_t numPending = 0;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_SIMULATOR_ACM_EXECUTEUNIT_H
