//===- Shapes.cpp - Reshapes of the integer conversion --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes, transposes and slices move codes; the functions move along.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace sumac;

/// Whether the leading dimension (the batch) stays the same.
static bool keepsRows(RankedTensorType from, RankedTensorType to) {
  return from.getRank() > 0 && to.getRank() > 0 &&
         from.getDimSize(0) == to.getDimSize(0) &&
         from.getNumDynamicDims() <= 1 && to.getNumDynamicDims() <= 1;
}

/// Gives every element of a row its own function; fails where functions differ
/// from row to row.
static LogicalResult spreadFunctions(Expression &expression) {
  if (static_cast<int64_t>(expression.functionShape.size()) ==
          expression.getType().getRank() &&
      expression.functionShape.front() != 1)
    return failure();
  return expression.broadcastFunctions(
      expression.getType().getShape().drop_front());
}

/// A constant with its elements in another shape and order: element i of the
/// result is element order(i) of the source.
template <typename Order>
static Value rebuildConstant(OpBuilder &builder, CodingAttrInterface coding,
                             RankedTensorType type, Order order,
                             Location location) {
  int64_t count = type.getNumElements();
  if (coding.isIntegral()) {
    SmallVector<int64_t> from(count), to(count);
    coding.decodeIntegers(0, from);
    for (int64_t i = 0; i < count; ++i)
      to[i] = from[order(i)];
    return makeIntegerConstant(builder, location, type.getShape(), to);
  }
  SmallVector<double> from(count), to(count);
  coding.decodeDoubles(0, from);
  for (int64_t i = 0; i < count; ++i)
    to[i] = from[order(i)];
  auto payloadType =
      RankedTensorType::get(type.getShape(), builder.getF64Type());
  ElementsAttr payload =
      count <= 64 ? ElementsAttr(DenseElementsAttr::get(payloadType,
                                                        ArrayRef<double>(to)))
                  : ElementsAttr(DenseResourceElementsAttr::get(
                        payloadType, "constant",
                        HeapAsmResourceBlob::allocateAndCopyInferAlign(
                            ArrayRef<double>(to))));
  return ConstantOp::create(
      builder, location,
      RankedTensorType::get(type.getShape(),
                            RealType::get(builder.getContext())),
      DenseCodingAttr::get(builder.getContext(), payload));
}

LogicalResult IntegerConverter::convertReshape(Operation *op) {
  auto it = expressions.find(op->getOperand(0));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (it == expressions.end()) {
    if (isa<RealType>(type.getElementType()))
      return lookup(op->getOperand(0), op) ? success() : failure();
    return success(); // floats
  }
  Expression result = it->second;
  if (CodingAttrInterface constant = result.getConstant()) {
    if (!result.isUniform())
      return op->emitError("reshapes a constant with a scale per channel, "
                           "which is not supported");
    result.source = rebuildConstant(
        builder, constant, type, [](int64_t i) { return i; }, op->getLoc());
    define(op->getResult(0), std::move(result));
    return success();
  }
  if (!result.isUniform() || result.ranges.size() != 1) {
    if (!keepsRows(result.getType(), type) || failed(spreadFunctions(result)))
      return op->emitError("reshapes a tensor with a scale per channel across "
                           "its rows, which is not supported");
    result.functionShape.assign(type.getShape().drop_front().begin(),
                                type.getShape().drop_front().end());
    // Bounds per channel lose their place: one for all.
    IntegerRange all = result.ranges.front();
    for (const IntegerRange &range : result.ranges)
      all = {std::min(all.min, range.min), std::max(all.max, range.max)};
    result.ranges = {all};
  }
  Operation *reshape = builder.clone(*op);
  reshape->setOperand(0, result.source);
  reshape->getResult(0).setType(type.clone(result.getType().getElementType()));
  result.source = reshape->getResult(0);
  define(op->getResult(0), std::move(result));
  return success();
}

FailureOr<Expression>
IntegerConverter::collapseChannels(const Expression &expression,
                                   Operation *op) {
  RankedTensorType type = expression.getType();
  Expression result = expression;
  if (type.getRank() < 2 || type.getNumDynamicDims() > 1 ||
      (type.getNumDynamicDims() == 1 && !type.isDynamicDim(0)) ||
      failed(spreadFunctions(result)))
    return op->emitError(
        "has a scale that varies along the rows, which is not supported");
  SmallVector<ReassociationIndices> groups(2);
  groups[0] = {0};
  int64_t size = 1;
  for (int64_t dim = 1; dim < type.getRank(); ++dim) {
    groups[1].push_back(dim);
    size *= type.getDimSize(dim);
  }
  auto flat =
      RankedTensorType::get({type.getDimSize(0), size}, type.getElementType());
  result.source = tensor::CollapseShapeOp::create(builder, op->getLoc(), flat,
                                                  expression.source, groups);
  result.functionShape = {size};
  IntegerRange all =
      result.ranges.empty() ? IntegerRange() : result.ranges.front();
  for (const IntegerRange &range : result.ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  if (!result.ranges.empty())
    result.ranges = {all};
  return result;
}

LogicalResult IntegerConverter::convertTranspose(linalg::TransposeOp op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (isa<FloatType>(type.getElementType()))
    return success();
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  Expression result = *input;
  ArrayRef<int64_t> permutation = op.getPermutation();
  // Functions: as many dimensions as the tensor has, permuted like it.
  SmallVector<int64_t> shape(type.getRank(), 1);
  llvm::copy(result.functionShape, shape.end() - result.functionShape.size());
  SmallVector<int64_t> permuted;
  for (int64_t dim : permutation)
    permuted.push_back(shape[dim]);
  std::vector<ScalarFunction> functions;
  SmallVector<int64_t> index(type.getRank(), 0), from(type.getRank(), 0);
  for (size_t i = 0; i < result.functions.size();
       ++i, advanceIndex(permuted, index)) {
    for (auto [to, dim] : llvm::enumerate(permutation))
      from[dim] = index[to];
    functions.push_back(result.functions[getBroadcastIndex(shape, from)]);
  }
  result.functions = std::move(functions);
  result.functionShape =
      result.functions.size() == 1 ? SmallVector<int64_t>() : permuted;
  IntegerRange all =
      result.ranges.empty() ? IntegerRange() : result.ranges.front();
  for (const IntegerRange &range : result.ranges)
    all = {std::min(all.min, range.min), std::max(all.max, range.max)};
  if (!result.ranges.empty())
    result.ranges = {all};

  if (CodingAttrInterface constant = result.getConstant()) {
    ArrayRef<int64_t> source = constant.getShape();
    SmallVector<int64_t> position(type.getRank(), 0),
        sourceIndex(type.getRank(), 0);
    result.source = rebuildConstant(
        builder, constant, type,
        [&](int64_t) {
          for (auto [to, dim] : llvm::enumerate(permutation))
            sourceIndex[dim] = position[to];
          advanceIndex(type.getShape(), position);
          return getBroadcastIndex(source, sourceIndex);
        },
        op->getLoc());
  } else {
    SmallVector<OpFoldResult> sizes;
    for (int64_t dim : permutation)
      sizes.push_back(
          tensor::getMixedSize(builder, op->getLoc(), result.source, dim));
    Value empty = tensor::EmptyOp::create(builder, op->getLoc(), sizes,
                                          result.getType().getElementType());
    result.source =
        linalg::TransposeOp::create(builder, op->getLoc(), result.source, empty,
                                    permutation)
            ->getResult(0);
  }
  define(op->getResult(0), std::move(result));
  return success();
}

LogicalResult IntegerConverter::convertSlice(tensor::ExtractSliceOp op) {
  if (isa<FloatType>(op.getType().getElementType()))
    return success();
  const Expression *input = lookup(op.getSource(), op);
  if (!input)
    return failure();
  Expression result = *input;
  if (!result.isUniform() || result.ranges.size() > 1) {
    int64_t last = op.getSourceType().getRank() - 1;
    if (!result.isPerLastDim() || op.isDynamicOffset(last) ||
        op.isDynamicSize(last) || op.getStaticStride(last) != 1 ||
        op.getType().getRank() != op.getSourceType().getRank())
      return op.emitError("slices a tensor with a scale per channel in a way "
                          "that is not supported");
    int64_t first = op.getStaticOffset(last), size = op.getStaticSize(last);
    if (!result.isUniform()) {
      result.functions =
          std::vector<ScalarFunction>(result.functions.begin() + first,
                                      result.functions.begin() + first + size);
      result.functionShape = {size};
      if (size == 1)
        result.functionShape.clear();
    }
    if (result.ranges.size() > 1)
      result.ranges = ChannelRanges(result.ranges.begin() + first,
                                    result.ranges.begin() + first + size);
  }
  result.source = tensor::ExtractSliceOp::create(
      builder, op.getLoc(),
      op.getType().clone(result.getType().getElementType()), result.source,
      op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides());
  define(op.getResult(), std::move(result));
  return success();
}
