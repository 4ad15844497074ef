//===- LayerChoice.h - Choices that the user names -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What options of the kind LAYER=CHOICE have in common.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_LAYERCHOICE_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_LAYERCHOICE_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

namespace sumac {

/// Calls `apply` for the layers that `name` is the name of, or for all where it
/// is "*". `apply` gives the operation that it wrote the choice on, or null where
/// the layer cannot have what is chosen; a layer that is named but cannot is an
/// error ("the WHAT does not support this layer's weights"), as is a name that
/// no layer has. Choices for all are marked with kIfPossibleAttr.
llvm::LogicalResult
applyToLayers(mlir::Operation *root, llvm::StringRef name,
              const llvm::Twine &what,
              llvm::function_ref<mlir::Operation *(LinearOp)> apply);

} // namespace sumac

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_LAYERCHOICE_H
