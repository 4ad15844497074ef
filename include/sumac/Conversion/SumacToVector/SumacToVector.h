//===- SumacToVector.h - Integer level to vectors ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion from integer-level functions of constant shape to loops over
// vectors, for CPUs.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOVECTOR_SUMACTOVECTOR_H
#define SUMAC_CONVERSION_SUMACTOVECTOR_SUMACTOVECTOR_H

#include "mlir/Pass/Pass.h"

namespace sumac {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sumac/Conversion/SumacToVector/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_CONVERSION_SUMACTOVECTOR_SUMACTOVECTOR_H
