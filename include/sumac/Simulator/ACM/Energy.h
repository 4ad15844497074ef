//===- Energy.h - What a run costs ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Energy of a run: counted operations and accesses, each times a figure of a
// table. It is an estimate of the arithmetic, the memories and the DRAM alone:
// the clock, registers, wires, multiplexers of the gather, control and leakage
// are not in it.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_ENERGY_H
#define SUMAC_SIMULATOR_ACM_ENERGY_H

#include "sumac/ACM/Geometry.h"

#include "llvm/Support/raw_ostream.h"

namespace sumac::acm {

/// Energies in pJ at one technology node. The figures are those of M. Horowitz,
/// "Computing's energy problem (and what we can do about it)", ISSCC 2014, as
/// later papers cite them.
struct EnergyTable {
  llvm::StringRef node = "45 nm, 0.9 V";
  /// Integer addition: 0.1 pJ for 32 bits; in proportion to bits (0.03 pJ for 8
  /// bits, as published, agrees).
  double addPerBit = 0.1 / 32;
  /// Integer multiplication: 3.1 pJ for 32 x 32 bits; in proportion to the
  /// product of the widths (0.2 pJ for 8 x 8 bits, as published, agrees).
  double multiplyPerBits = 3.1 / (32 * 32);
  /// A 64-bit access of an SRAM: 10 pJ of 8 KB, 20 pJ of 32 KB, 100 pJ of 1 MB.
  /// Between, and outside, straight lines through the logarithms.
  struct Memory {
    double bytes, energy;
  };
  std::array<Memory, 3> memories = {
      {{8 * 1024, 10}, {32 * 1024, 20}, {1024 * 1024, 100}}};
  /// 64 bits of DRAM: 1.3 to 2.6 nJ; the middle.
  double dramPerByte = 1950.0 / 8;
  /// What all of it is multiplied by, to model another node.
  double scale = 1;

  /// pJ of a 64-bit access of an SRAM of as many bytes.
  double getAccess(double bytes) const;
};

/// Energies in pJ, and what they were spent on.
struct EnergyReport {
  double accumulate = 0; ///< additions of activations
  double output = 0;     ///< multiplications, additions, comparisons behind
  std::array<double, numMemories> memories = {};
  double dram = 0;
  /// 2 for each weight slot that a dense format would take, zeros and padding
  /// of rows and steps among them: dense-equivalent operations.
  double denseOperations = 0;
  /// 2 for each weight slot that steps had: executed operations.
  double executedOperations = 0;

  /// All but DRAM.
  double getOnChip() const;
  double getTotal() const { return getOnChip() + dram; }
};

/// The energy of what was done. `additions` are those that the functional
/// simulator counted: bits of codes that are 1.
///
/// A memory's word is read from SRAMs of 64 bits side by side, each as deep as
/// the memory (the activations': as a bank). Additions of activations have
/// accumulator_bits.
EnergyReport estimateEnergy(const Machine &machine, const Activity &activity,
                            int64_t additions, const EnergyTable &table = {});

/// The report as JSON, one object: pJ by part and for each of `images` images,
/// and TOPS/W, which is operations per pJ, dense-equivalent and executed, on
/// chip and with DRAM. `denseOperations`, if it is not 0, is what the model's
/// layers have without padding.
void printJSON(const EnergyReport &report, int64_t images,
               double denseOperations, const EnergyTable &table,
               llvm::raw_ostream &os);

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_ENERGY_H
