//===- NaiveSimulator.h - Section 3 of the specification, to the letter ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What programs compute, written from docs/ACM/specification.md alone and as
// plainly as it is there: nothing of the simulators is used but the structs of
// machines and instructions.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_ACM_NAIVESIMULATOR_H
#define SUMAC_UNITTESTS_ACM_NAIVESIMULATOR_H

#include "sumac/ACM/Container.h"

namespace sumac::acm {

class NaiveSimulator {
public:
  explicit NaiveSimulator(const Container &container);

  /// Runs the program once, in program order.
  void run();

  using Bits = std::vector<bool>;
  std::vector<uint8_t> dram;
  /// Words of memories, each a string of bits.
  std::vector<Bits> memories[numMemories];

private:
  using Wide = __int128;

  void transfer(const Instruction &instruction);
  void execute(const Instruction &instruction);
  void sweep(const Instruction &instruction, int64_t b, int64_t i, int64_t p);
  Wide getInput(const Instruction &instruction, int64_t i, int64_t w, int64_t s,
                int64_t r, int64_t l, const Bits &v) const;
  Wide getElement(const Instruction &instruction, int64_t line,
                  int64_t element) const;
  void output(const Instruction &instruction, int64_t b, int64_t i);
  /// The record of an output in a pass: C, D, M, S.
  std::array<Wide, 7> getRecord(const Instruction &instruction, int64_t b,
                                int64_t p, int64_t n) const;
  std::vector<Wide> getThresholds(const Instruction &instruction, int64_t b,
                                  int64_t n) const;
  int64_t getWidth(unsigned memory) const;

  const Program &program;
  const Machine &m;
  std::vector<std::array<Wide, 4>> a; ///< of each row
  std::vector<Wide> v;                ///< of each output
};

} // namespace sumac::acm

#endif // SUMAC_UNITTESTS_ACM_NAIVESIMULATOR_H
