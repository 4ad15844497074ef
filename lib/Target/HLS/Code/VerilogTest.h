//===- VerilogTest.h - Self-checking test benches in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_VERILOGTEST_H
#define SUMAC_LIB_TARGET_HLS_CODE_VERILOGTEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace sumac::hls {

/// Integers of so many bits at one port.
struct VerilogPort {
  std::string name;
  int64_t elements;
  int64_t bits;
};

/// A module NAME_test that gives the module NAME inputs, compares its outputs with
/// what is expected, prints how many differ, and stops.
struct VerilogTest {
  std::string name;
  std::vector<VerilogPort> inputs, outputs;
  bool hasClock = false;
  int64_t registers = 0; ///< on every path from inputs to outputs

  /// For each vector the elements of all inputs, then of all outputs.
  void print(llvm::raw_ostream &os, llvm::ArrayRef<std::vector<int64_t>> vectors) const;
};

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_VERILOGTEST_H
