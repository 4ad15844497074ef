//===- VerilogElements.h - Elementwise operations in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_VERILOGELEMENTS_H
#define SUMAC_LIB_TARGET_HLS_CODE_VERILOGELEMENTS_H

#include "sumac/Dialect/Stream/IR/ProcessBody.h"

#include "llvm/Support/raw_ostream.h"

namespace sumac::hls {

/// Whether all elementwise operations of the process can be printed.
bool hasVerilogElements(stream::ProcessOp process);

/// Bits of a wire that holds an integer type's values as signed numbers.
int64_t getSignedBits(mlir::IntegerType type);

/// A combinational module NAME of what a process does behind its layer's sums
/// (the bias included), or of an elementwise process. Ports `x0`, `x1`, ... have
/// the elements of the sums or of the operands, `y` those of the result, one behind the
/// other, the first in the lowest bits. Every channel has logic of its own, with its
/// constants in it.
void printVerilogElements(llvm::raw_ostream &os, const std::string &name, stream::ProcessOp process);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_VERILOGELEMENTS_H
