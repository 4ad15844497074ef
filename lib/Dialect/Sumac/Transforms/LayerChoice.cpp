//===- LayerChoice.cpp - Choices that the user names -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers by the names of their ONNX nodes.
//
//===----------------------------------------------------------------------===//

#include "LayerChoice.h"

#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/IR/Location.h"

using namespace mlir;
using namespace sumac;

static bool isNamed(Operation *op, StringRef name) {
  auto location = op->getLoc()->findInstanceOf<NameLoc>();
  return location && location.getName() == name;
}

LogicalResult sumac::applyToLayers(Operation *root, StringRef name,
                                   const Twine &what,
                                   function_ref<Operation *(LinearOp)> apply) {
  bool isFound = name == "*";
  WalkResult result = root->walk([&](LinearOp layer) {
    bool isThis = isNamed(layer, name);
    if (!isThis && name != "*")
      return WalkResult::advance();
    isFound = true;
    Operation *chosen = apply(layer);
    if (chosen && name == "*")
      chosen->setAttr(kIfPossibleAttr, UnitAttr::get(chosen->getContext()));
    else if (chosen)
      chosen->removeAttr(kIfPossibleAttr);
    if (chosen || !isThis)
      return WalkResult::advance();
    layer.emitError("the ") << what << " does not support this layer's weights";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();
  if (isFound)
    return success();
  return root->emitError("no layer is named '") << name << "'";
}
