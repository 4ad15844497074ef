//===- SumacToStream.h - Integer level to streams -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOSTREAM_SUMACTOSTREAM_H
#define SUMAC_CONVERSION_SUMACTOSTREAM_SUMACTOSTREAM_H

#include "mlir/Pass/Pass.h"

namespace sumac {

/// The name of the network that convert-sumac-to-stream makes.
constexpr llvm::StringLiteral kDesignName = "design";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "sumac/Conversion/SumacToStream/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_CONVERSION_SUMACTOSTREAM_SUMACTOSTREAM_H
