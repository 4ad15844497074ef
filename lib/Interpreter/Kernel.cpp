//===- Kernel.cpp - One operation, ready to run -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses the preparation of an operation, and says whether it keeps the rows of
// a batch apart.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

FailureOr<Kernel> interpreter::prepareKernel(Operation *op, const Settings &settings) {
  if (op->getNumResults() != 1)
    return op->emitOpError("cannot be interpreted");
  if (std::optional<FailureOr<Kernel>> kernel = prepareUpstream(op))
    return *kernel;
  return llvm::TypeSwitch<Operation *, FailureOr<Kernel>>(op)
      .Case<ConstantOp, FromFloatOp, ToFloatOp, EncodeOp, DecodeOp, QuantizeOp, LinearOp, BatchNormOp, AddOp, SubOp,
            MulOp, DivOp, ReluOp, LeakyReluOp, ClipOp, SigmoidOp, TanhOp, PowerOp, MultiThresholdOp, SoftmaxOp,
            ArgMaxOp, ReduceMaxOp, ThresholdOp, RequantizeOp, TableOp, CombineOp, ClampOp, TruncatePlanesOp>(
          [&](auto op) { return prepare(op, settings); })
      .Default([](Operation *op) -> FailureOr<Kernel> { return op->emitOpError("cannot be interpreted"); });
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

static int64_t getRank(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.hasRank() ? type.getRank() : 0;
}

/// Operands that are not batched must broadcast along the rows.
static bool broadcastsAlongRows(Operation *op, ArrayRef<bool> batched) {
  int64_t rank = getRank(op->getResult(0));
  for (auto [operand, isBatched] : llvm::zip_equal(op->getOperands(), batched)) {
    int64_t operandRank = getRank(operand);
    if (isBatched && operandRank != rank)
      return false;
    if (!isBatched && operandRank == rank && cast<ShapedType>(operand.getType()).getDimSize(0) != 1)
      return false;
  }
  return true;
}

/// Parameters per element of dimension 0 tie a function to its rows.
static bool gridDependsOnRow(GridAttr grid, int64_t rank) {
  return static_cast<int64_t>(grid.getShape().size()) >= rank && grid.getScale().getValues().size() > 1 &&
         grid.getBlock().front() != 0;
}

/// Whether a size is that of dimension 0 of some value.
static bool isRowCount(OpFoldResult size) {
  auto dim = dyn_cast_if_present<tensor::DimOp>(
      isa<Value>(size) ? cast<Value>(size).getDefiningOp() : nullptr);
  return dim && dim.getConstantIndex() == 0;
}

template <typename Op>
static bool takesAllRows(Op op) {
  return isConstantIntValue(op.getMixedOffsets().front(), 0) && isConstantIntValue(op.getMixedStrides().front(), 1) &&
         isRowCount(op.getMixedSizes().front()) && !op.getDroppedDims().test(0);
}

/// Whether an operation with a batched operand keeps rows apart.
static bool keepsRows(Operation *op, ArrayRef<bool> batched) {
  int64_t rank = getRank(op->getOperand(0));
  auto alongOther = [&](int64_t axis) { return normalizeAxis(axis, rank).value_or(0) != 0; };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<FromFloatOp, ToFloatOp, ReluOp, LeakyReluOp, ClipOp, SigmoidOp, TanhOp, PowerOp, TruncatePlanesOp,
            tensor::CastOp, tensor::CollapseShapeOp>([](auto) { return true; })
      .Case<AddOp, SubOp, MulOp, DivOp>([&](auto op) { return broadcastsAlongRows(op, batched); })
      .Case<EncodeOp, QuantizeOp>([&](auto op) { return !gridDependsOnRow(op.getGrid(), rank); })
      .Case([&](DecodeOp op) {
        return !gridDependsOnRow(op.getGrid(), rank) && (rank >= 2 || !op.getOffset());
      })
      .Case([&](LinearOp op) { return rank >= 2 && !llvm::is_contained(batched.drop_front(), true); })
      .Case<BatchNormOp, SoftmaxOp, ArgMaxOp, ReduceMaxOp>([&](auto op) { return alongOther(op.getAxis()); })
      .Case([&](MultiThresholdOp op) {
        return (rank > 0 && alongOther(op.getAxis())) || op.getThresholds().getShapedType().getDimSize(0) == 1;
      })
      .Case<ThresholdOp, RequantizeOp, TableOp, ClampOp>([&](auto) { return rank >= 2; })
      .Case([&](CombineOp) { return rank >= 2 && !llvm::is_contained(batched, false); })
      .Case([&](tensor::ExpandShapeOp op) {
        ArrayRef<int64_t> shape = op.getStaticOutputShape();
        return llvm::none_of(shape.drop_front(), ShapedType::isDynamic);
      })
      .Case([&](tensor::ReshapeOp op) {
        ArrayRef<int64_t> shape = op.getType().getShape();
        return !shape.empty() && llvm::none_of(shape.drop_front(), ShapedType::isDynamic);
      })
      .Case([&](tensor::ConcatOp op) { return op.getDim() != 0 && !llvm::is_contained(batched, false); })
      .Case([&](tensor::ExtractSliceOp op) { return takesAllRows(op); })
      .Case([&](tensor::InsertSliceOp op) { return batched[0] && batched[1] && takesAllRows(op); })
      .Case([&](tensor::PadOp op) {
        return isConstantIntValue(op.getMixedLowPad().front(), 0) && isConstantIntValue(op.getMixedHighPad().front(), 0);
      })
      .Case([&](linalg::TransposeOp op) { return op.getPermutation().front() == 0; })
      .Default([](Operation *) { return false; });
}

std::optional<bool> interpreter::isBatched(Operation *op, ArrayRef<bool> operandIsBatched) {
  if (isa<tensor::EmptyOp>(op)) {
    ArrayRef<int64_t> shape = cast<ShapedType>(op->getResult(0).getType()).getShape();
    return !shape.empty() && ShapedType::isDynamic(shape.front());
  }
  if (!llvm::is_contained(operandIsBatched, true) || isa<tensor::DimOp>(op))
    return false;
  if (getRank(op->getResult(0)) == 0 || !keepsRows(op, operandIsBatched))
    return std::nullopt;
  return true;
}
