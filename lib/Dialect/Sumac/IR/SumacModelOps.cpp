//===- SumacModelOps.cpp - Operations on exact reals ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers, folders and interfaces of the model-level operations.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Traits.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace sumac;

static IntegerRange getGridRange(GridAttr grid) { return {grid.getMin(), grid.getMax()}; }

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

LogicalResult ConstantOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (type.getShape() != getValue().getShape())
    return emitOpError("result shape differs from the coding's");
  return success();
}

std::optional<ChannelRanges> ConstantOp::inferResultRanges(ArrayRef<std::optional<ChannelRanges>>) {
  if (!getValue().isIntegral())
    return std::nullopt;
  return ChannelRanges{getValue().getRange(0, cast<RankedTensorType>(getType()).getNumElements())};
}
OperationCount ConstantOp::getOperationCount() { return {}; }
int64_t ConstantOp::getStoredBits() { return getValue().getStoredBits(); }

//===----------------------------------------------------------------------===//
// EncodeOp, DecodeOp, QuantizeOp
//===----------------------------------------------------------------------===//

LogicalResult EncodeOp::verify() { return success(); }
OpFoldResult EncodeOp::fold(FoldAdaptor) { return {}; }
GridAttr EncodeOp::getResultGrid() { return getGrid(); }
std::optional<ChannelRanges> EncodeOp::inferResultRanges(ArrayRef<std::optional<ChannelRanges>>) {
  return ChannelRanges{getGridRange(getGrid())};
}
OperationCount EncodeOp::getOperationCount() { return {}; }

LogicalResult DecodeOp::verify() { return success(); }
GridAttr DecodeOp::getResultGrid() { return getOffset() ? GridAttr() : getGrid(); }
OperationCount DecodeOp::getOperationCount() { return {}; }
void DecodeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {}

LogicalResult QuantizeOp::verify() { return success(); }
OpFoldResult QuantizeOp::fold(FoldAdaptor) { return {}; }
GridAttr QuantizeOp::getResultGrid() { return getGrid(); }

//===----------------------------------------------------------------------===//
// LinearOp
//===----------------------------------------------------------------------===//

LogicalResult LinearOp::verify() { return success(); }
std::optional<ChannelRanges> LinearOp::inferResultRanges(ArrayRef<std::optional<ChannelRanges>> operands) {
  return std::nullopt;
}
OperationCount LinearOp::getOperationCount() { return {}; }

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::verify() { return success(); }

static LogicalResult inferBroadcast(MLIRContext *context, std::optional<Location> location, ValueRange operands,
                                    SmallVectorImpl<Type> &types) {
  auto lhs = cast<RankedTensorType>(operands[0].getType());
  auto rhs = cast<RankedTensorType>(operands[1].getType());
  SmallVector<int64_t> shape;
  if (!OpTrait::util::getBroadcastedShape(lhs.getShape(), rhs.getShape(), shape))
    return emitOptionalError(location, "operand shapes do not broadcast");
  types.push_back(RankedTensorType::get(shape, RealType::get(context)));
  return success();
}

#define SUMAC_BINARY_OP(OP)                                                                        \
  LogicalResult OP::inferReturnTypes(MLIRContext *context, std::optional<Location> location,       \
                                     ValueRange operands, DictionaryAttr, OpaqueProperties,        \
                                     RegionRange, SmallVectorImpl<Type> &types) {                  \
    return inferBroadcast(context, location, operands, types);                                     \
  }
SUMAC_BINARY_OP(AddOp)
SUMAC_BINARY_OP(SubOp)
SUMAC_BINARY_OP(MulOp)
SUMAC_BINARY_OP(DivOp)
#undef SUMAC_BINARY_OP

OpFoldResult ReluOp::fold(FoldAdaptor) { return {}; }
LogicalResult LeakyReluOp::verify() { return success(); }
LogicalResult ClipOp::verify() { return success(); }
LogicalResult PowerOp::verify() { return success(); }
LogicalResult MultiThresholdOp::verify() { return success(); }
LogicalResult SoftmaxOp::verify() { return success(); }
LogicalResult ArgMaxOp::verify() { return success(); }
OperationCount ArgMaxOp::getOperationCount() { return {}; }
LogicalResult ReduceMaxOp::verify() { return success(); }
std::optional<ChannelRanges> ReduceMaxOp::inferResultRanges(ArrayRef<std::optional<ChannelRanges>> operands) {
  return std::nullopt;
}
OperationCount ReduceMaxOp::getOperationCount() { return {}; }
