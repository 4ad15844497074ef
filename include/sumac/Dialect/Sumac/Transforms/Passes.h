//===- Passes.h - Passes on the sumac dialect -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES_H
#define SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace sumac {

#define GEN_PASS_DECL
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"

/// A unit attribute beside a form or a storage that was chosen for all layers: a
/// target that has no code for it takes another.
constexpr llvm::StringLiteral kIfPossibleAttr = "sumac.if_possible";

/// The operations at the end of a function, last first, that make a float `result`
/// of integers, element by element or row by row: sumac.decode, and what is
/// computed without a quantizer behind it. Empty where there are none.
llvm::SmallVector<mlir::Operation *> getFloatTail(mlir::Value result);

/// On a function: clones that use fewer bit planes of activations, of one plane,
/// two and so on; the function itself uses one more than the last.
constexpr llvm::StringLiteral kPlanesAttr = "sumac.planes";

#define GEN_PASS_REGISTRATION
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES_H
