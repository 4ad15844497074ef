//===- Unrolled.h - Layers as adder graphs, in C++ and Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_UNROLLED_H
#define SUMAC_LIB_TARGET_HLS_CODE_UNROLLED_H

#include "CodeWriter.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"

namespace sumac::hls {

/// The layer as a function `NAME_sums(const T (&x)[K], S (&y)[N])` of additions
/// and shifts, without the bias.
void printAdderGraph(CodeWriter &code, const std::string &name, LinearOp linear);

/// The same as a Verilog module `NAME` with ports `x` and `y`, elements one behind
/// the other, the first in the lowest bits, and registers behind every
/// `addersPerStage` additions that `clock` moves on; none for 0.
void printVerilog(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage);

/// A module NAME_test that gives NAME random inputs, compares its outputs with the
/// products of the weights, prints how many differ and stops.
void printVerilogTest(llvm::raw_ostream &os, const std::string &name, LinearOp linear, int64_t addersPerStage);

/// Registers on every path through the module.
int64_t getRegisters(LinearOp linear, int64_t addersPerStage);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_UNROLLED_H
