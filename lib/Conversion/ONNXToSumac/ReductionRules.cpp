//===- ReductionRules.cpp - ArgMax, TopK(1), ReduceMax --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The largest element along a dimension, and its position.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

/// The axis to reduce; the batch cannot be reduced.
static FailureOr<int64_t> getReducedAxis(Node &node, int64_t given) {
  FailureOr<int64_t> axis = node.getAxis(given, node.in(0).rank());
  if (succeeded(axis) && !node.in(0).shape[*axis].isStatic())
    return node.unsupported("it reduces over the batch");
  return axis;
}

/// Codes compare like the reals that they stand for, so integers stay integers.
static Value getOrdered(Node &node, Tensor &tensor, bool negate) {
  Value value = tensor.isInteger() && !negate ? node.integer(tensor) : node.real(tensor);
  if (value && negate)
    value = MulOp::create(node.builder, node.loc, value, node.makeScalar(-1.0));
  return value;
}

static Value emitArgMax(Node &node, Value value, ArrayRef<Dim> shape, int64_t axis, bool keepDims,
                        bool selectLast) {
  Type si64 = node.builder.getIntegerType(64, /*isSigned=*/true);
  return ArgMaxOp::create(node.builder, node.loc, getTensorType(shape, si64), value, axis, keepDims,
                          selectLast);
}

template <bool isMin>
static LogicalResult convertArgMax(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  FailureOr<int64_t> axis = getReducedAxis(node, node.getInt("axis", 0));
  if (failed(axis))
    return failure();
  bool keepDims = node.getInt("keepdims", 1) != 0, last = node.getInt("select_last_index", 0) != 0;
  Value value = getOrdered(node, node.in(0), isMin);
  if (!value)
    return failure();
  Shape shape = node.in(0).shape;
  if (keepDims)
    shape[*axis] = Dim(1);
  else
    shape.erase(shape.begin() + *axis);
  Value result = emitArgMax(node, value, shape, *axis, keepDims, last);
  node.setResult(result, shape, node.builder.getIntegerType(64, true));
  return success();
}

/// The k = 1 largest (or smallest) element and its position.
static LogicalResult convertTopK(Node &node) {
  bool old = node.getVersion() < 10;
  if (failed(node.checkInputs(old ? 1 : 2, old ? 1 : 2)))
    return failure();
  std::optional<int64_t> k = old ? node.getInt("k", 0) : node.getIntScalar(node.in(1), "k");
  if (!k)
    return failure();
  if (*k != 1)
    return node.unsupported("k is " + Twine(*k) + "; Sumac takes k = 1");
  FailureOr<int64_t> axis = getReducedAxis(node, node.getInt("axis", -1));
  if (failed(axis))
    return failure();
  Tensor &x = node.in(0);
  bool negate = node.getInt("largest", 1) == 0;
  Value value = getOrdered(node, x, negate);
  if (!value)
    return failure();
  Shape shape = x.shape;
  shape[*axis] = Dim(1);
  if (node.isOutputUsed(0)) {
    Type element = cast<RankedTensorType>(value.getType()).getElementType();
    Value largest = ReduceMaxOp::create(node.builder, node.loc, getTensorType(shape, element), value, *axis);
    if (negate)
      largest = MulOp::create(node.builder, node.loc, largest, node.makeScalar(-1.0));
    node.setOutput(0, node.makeTensor(largest, shape, x.elementType));
  }
  Value position = emitArgMax(node, value, shape, *axis, /*keepDims=*/true, /*selectLast=*/false);
  node.setOutput(1, node.makeTensor(position, shape, node.builder.getIntegerType(64, true)));
  return success();
}

/// Max over one axis; min through negation.
template <bool isMin>
static LogicalResult convertReduceMax(Node &node) {
  if (failed(node.checkInputs(1, 2)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = node.getIntsFrom("axes", 1);
  if (node.hasFailed())
    return failure();
  if (!axes || axes->empty()) {
    if (node.getInt("noop_with_empty_axes", 0) != 0) {
      node.setResult(x);
      return success();
    }
    return node.unsupported("it reduces over all axes, the batch among them");
  }
  Value value = getOrdered(node, x, isMin);
  if (!value)
    return failure();
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  Shape kept = x.shape, dropped;
  for (int64_t given : *axes) {
    FailureOr<int64_t> axis = getReducedAxis(node, given);
    if (failed(axis))
      return failure();
    kept[*axis] = Dim(0); // marks it for the shape below
    Shape shape = x.shape;
    for (auto [dim, mark] : llvm::zip_equal(shape, kept))
      dim = mark == Dim(0) ? Dim(1) : dim;
    value = ReduceMaxOp::create(node.builder, node.loc, getTensorType(shape, element), value, *axis);
  }
  for (Dim &dim : kept) {
    if (dim != Dim(0))
      dropped.push_back(dim);
    else
      dim = Dim(1);
  }
  if (isMin)
    value = MulOp::create(node.builder, node.loc, value, node.makeScalar(-1.0));
  bool keepDims = node.getInt("keepdims", 1) != 0;
  if (!keepDims)
    value = node.emitReshape(value, kept, dropped);
  if (!value)
    return failure();
  node.setResult(value, keepDims ? kept : dropped, x.elementType);
  return success();
}

void sumac::onnx::addReductionRules(RuleRegistry &registry) {
  registry.add("", "ArgMax", convertArgMax<false>);
  registry.add("", "ArgMin", convertArgMax<true>);
  registry.add("", "TopK", convertTopK);
  registry.add("", "ReduceMax", convertReduceMax<false>);
  registry.add("", "ReduceMin", convertReduceMax<true>);
}
