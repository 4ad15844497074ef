//===- SumacToACM.h - Integer level to the accumulate-multiply core -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOACM_SUMACTOACM_H
#define SUMAC_CONVERSION_SUMACTOACM_SUMACTOACM_H

#include "sumac/ACM/Machine.h"

#include "mlir/Pass/Pass.h"

namespace sumac {

namespace acm {
/// The name of the program that convert-sumac-to-acm makes.
constexpr llvm::StringLiteral kProgramName = "design";

/// The machine of a preset, or of a file. The error says what is wrong with it.
llvm::Expected<Machine> readMachine(llvm::StringRef presetOrFile);
} // namespace acm

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sumac/Conversion/SumacToACM/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_CONVERSION_SUMACTOACM_SUMACTOACM_H
