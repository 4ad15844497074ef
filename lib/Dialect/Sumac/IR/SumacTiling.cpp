//===- SumacTiling.cpp - TilingInterface of the integer operations ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How integer-level operations are cut into tiles.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace sumac;

#define SUMAC_TODO(OP)                                                                             \
  SmallVector<Range> OP::getIterationDomain(OpBuilder &) { return {}; }                            \
  SmallVector<utils::IteratorType> OP::getLoopIteratorTypes() { return {}; }                       \
  FailureOr<TilingResult> OP::getTiledImplementation(OpBuilder &, ArrayRef<OpFoldResult>,          \
                                                     ArrayRef<OpFoldResult>) {                     \
    return failure();                                                                              \
  }                                                                                                \
  LogicalResult OP::getResultTilePosition(OpBuilder &, unsigned, ArrayRef<OpFoldResult>,           \
                                          ArrayRef<OpFoldResult>, SmallVector<OpFoldResult> &,     \
                                          SmallVector<OpFoldResult> &) {                           \
    return failure();                                                                              \
  }                                                                                                \
  FailureOr<TilingResult> OP::generateResultTileValue(OpBuilder &, unsigned,                       \
                                                      ArrayRef<OpFoldResult>,                      \
                                                      ArrayRef<OpFoldResult>) {                    \
    return failure();                                                                              \
  }
SUMAC_TODO(LinearOp)
SUMAC_TODO(ThresholdOp)
SUMAC_TODO(RequantizeOp)
SUMAC_TODO(TableOp)
SUMAC_TODO(CombineOp)
SUMAC_TODO(ClampOp)
#undef SUMAC_TODO
