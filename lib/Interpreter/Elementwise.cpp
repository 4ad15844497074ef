//===- Elementwise.cpp - Functions of elements ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Broadcasting of operands.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"

using namespace sumac;
using namespace sumac::interpreter;

BroadcastOperands::BroadcastOperands(llvm::ArrayRef<int64_t> shape, Operands operands)
    : tensors(operands.begin(), operands.end()) {
  for (const TensorRef &tensor : tensors)
    positions.push_back(tensor->getShape() == shape ? std::vector<int64_t>()
                                                    : getBroadcastPositions(shape, tensor->getShape()));
}

unsigned BroadcastOperands::getDepth() const {
  unsigned depth = 0;
  for (const TensorRef &tensor : tensors)
    depth = std::max(depth, tensor->getDepth());
  return depth;
}
