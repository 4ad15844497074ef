//===- TestMachine.h - A machine with known numbers -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small machine for tests that depend on its numbers: presets may change.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_ACM_TESTMACHINE_H
#define SUMAC_UNITTESTS_ACM_TESTMACHINE_H

#include "sumac/ACM/Machine.h"

namespace sumac::acm {

/// Its description, canonical.
inline constexpr llvm::StringLiteral testMachineText =
    "{\"accumulator_bits\":20,\"activation_bits\":8,\"banks\":4,"
    "\"clock_mhz\":100,\"coefficient_bits\":24,\"dma\":{\"bytes\":8,"
    "\"latency\":20},\"fold\":2,\"lanes\":4,\"memories\":{"
    "\"activations\":256,\"codes\":512,\"indices\":512,"
    "\"instructions\":512,\"parameters\":512,\"results\":256},"
    "\"multiplier_bits\":24,\"name\":\"test\",\"outputs\":4,"
    "\"queue\":4,\"rows\":8,\"sum_bits\":48}";

inline Machine getTestMachine() {
  return llvm::cantFail(Machine::read(testMachineText));
}

/// The same with a lane for each row: blocks that are folded have four outputs
/// of a beat's eight.
inline std::string getPartialMachineText() {
  llvm::StringRef from = "\"outputs\":4";
  std::string text = testMachineText.str();
  return text.replace(text.find(from.str()), from.size(), "\"outputs\":8");
}

} // namespace sumac::acm

#endif // SUMAC_UNITTESTS_ACM_TESTMACHINE_H
