//===- Weights.h - Codes made ready for an execute --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an execute reads besides activations, in forms that are quick to go
// through: it stays valid until words change from which it was made.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SIMULATOR_ACM_WEIGHTS_H
#define SUMAC_LIB_SIMULATOR_ACM_WEIGHTS_H

#include "Memories.h"
#include "sumac/ACM/Geometry.h"

namespace sumac::acm {

/// A record of parameters.
struct ParameterRecord {
  int64_t coefficients[4];
  int64_t bias, multiplier;
  unsigned shift;
};

class Weights {
public:
  /// The sums of the four masks of a row, wrapped to 32 bits.
  using Sums = std::array<uint32_t, 4>;
  /// The words of a row's group: dense, from word 0 on, without those of other
  /// groups; else the lines. Its elements are sign extended.
  using Inputs = std::vector<std::vector<int16_t>>;

  /// Bytes that the weights of an instruction will take.
  static int64_t getBytes(const Machine &machine,
                          const Instruction &instruction);

  Weights(const Machine &machine, const Instruction &instruction,
          Memories &memories);

  /// Whether words have changed since.
  bool isStale(const Memories &memories) const;

  /// The elements that an image's sweeps read.
  Inputs getInputs(const Memories &memories, int64_t image) const;
  /// The sums of all rows in a sweep.
  void accumulate(int64_t sweep, const Inputs &inputs,
                  std::vector<Sums> &sums) const;
  /// Additions of a sweep.
  int64_t getNumAdditions(int64_t sweep) const { return additions[sweep]; }

  /// The records of a sweep, one an output.
  llvm::ArrayRef<ParameterRecord> getRecords(int64_t sweep) const {
    return llvm::ArrayRef(records).slice(sweep * geometry.outputs,
                                         geometry.outputs);
  }
  /// Thresholds of an output of a block.
  llvm::ArrayRef<int64_t> getThresholds(int64_t block, int64_t output) const {
    int64_t count = instruction.count;
    return llvm::ArrayRef(thresholds)
        .slice((block * geometry.outputs + output) * count, count);
  }

private:
  /// A weight that is not 0: the element that it is for, and its four bits.
  struct Entry {
    uint32_t position;
    uint32_t code;
  };

  void makePlanes(int64_t sweep, Memories &memories);
  void makeEntries(int64_t sweep, Memories &memories);
  void makeRow(int64_t word, int64_t row, Memories &memories);
  void makeParameters(Memories &memories);
  ParameterRecord readRecord(llvm::ArrayRef<uint8_t> word, int64_t lane) const;
  void addPlanes(int64_t sweep, const Inputs &inputs,
                 std::vector<Sums> &sums) const;
  void addEntries(int64_t sweep, const Inputs &inputs,
                  std::vector<Sums> &sums) const;

  const Machine &machine;
  Instruction instruction;
  ExecuteGeometry geometry;
  bool isDense;
  uint64_t time;
  /// Dense: for each sweep, row and mask its bits, 0 or 1, one an element.
  std::vector<int16_t> planes;
  /// Else: entries of all rows of all sweeps, and where each row's begin.
  std::vector<Entry> entries;
  std::vector<size_t> begins;
  std::vector<int64_t> additions; ///< of each sweep
  std::vector<ParameterRecord> records;
  std::vector<int64_t> thresholds;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_SIMULATOR_ACM_WEIGHTS_H
