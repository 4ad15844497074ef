//===- Passes.h - Passes that report analyses -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations generated from Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_PASSES_H
#define SUMAC_ANALYSIS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace sumac {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sumac/Analysis/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_ANALYSIS_PASSES_H
