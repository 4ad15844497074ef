//===- SumacIntegerOps.cpp - Operations on exact-width integers ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers and interfaces of the integer-level operations.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

using namespace mlir;
using namespace sumac;

#define SUMAC_TODO(OP)                                                                             \
  LogicalResult OP::verify() { return success(); }                                                 \
  std::optional<ChannelRanges> OP::inferResultRanges(ArrayRef<std::optional<ChannelRanges>>) {     \
    return std::nullopt;                                                                           \
  }                                                                                                \
  OperationCount OP::getOperationCount() { return {}; }                                            \
  int64_t OP::getStoredBits() { return 0; }
SUMAC_TODO(ThresholdOp)
SUMAC_TODO(RequantizeOp)
SUMAC_TODO(TableOp)
SUMAC_TODO(CombineOp)
SUMAC_TODO(ClampOp)
#undef SUMAC_TODO
