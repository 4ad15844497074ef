//===- Movement.cpp - Reshapes and transpositions -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves elements of literals at once, of other tensors by tensor.collapse_shape,
// tensor.expand_shape and linalg.transpose.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

namespace {
/// Dimensions [fromBegin, fromEnd) become [toBegin, toEnd).
struct Group {
  int64_t fromBegin, fromEnd, toBegin, toEnd;
  Dim product;
};
} // namespace

/// Whether size `a` must grow before it can equal `b`.
static bool isLess(Dim a, Dim b) {
  if (a.symbol != b.symbol)
    return a.isStatic();
  return a.factor < b.factor;
}

/// The finest split of both shapes into groups of equal products.
static std::optional<SmallVector<Group>> matchShapes(ArrayRef<Dim> from, ArrayRef<Dim> to) {
  SmallVector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    Group group{static_cast<int64_t>(i), 0, static_cast<int64_t>(j), 0, Dim()};
    Dim a = from[i++], b = to[j++];
    while (a != b) {
      bool growA = isLess(a, b);
      std::optional<Dim> grown;
      if (growA && i < from.size())
        grown = a = multiply(a, from[i++]).value_or(Dim(0));
      else if (!growA && j < to.size())
        grown = b = multiply(b, to[j++]).value_or(Dim(0));
      if (!grown || grown->factor == 0)
        return std::nullopt;
    }
    group.fromEnd = static_cast<int64_t>(i);
    group.toEnd = static_cast<int64_t>(j);
    group.product = a;
    groups.push_back(group);
  }
  auto allOnes = [](ArrayRef<Dim> rest) {
    return llvm::all_of(rest, [](Dim dim) { return dim.isOne(); });
  };
  if (!allOnes(from.drop_front(i)) || !allOnes(to.drop_front(j)))
    return std::nullopt;
  if (!groups.empty()) {
    groups.back().fromEnd = static_cast<int64_t>(from.size());
    groups.back().toEnd = static_cast<int64_t>(to.size());
  }
  return groups;
}

static ReassociationIndices getIndices(int64_t begin, int64_t end) {
  return llvm::to_vector<2>(llvm::seq(begin, end));
}

/// Sizes of the expanded shape; a dynamic one is its group's size over the
/// static rest of the group.
static SmallVector<OpFoldResult> getExpandedSizes(Node &node, Value collapsed, ArrayRef<Group> groups,
                                                  ArrayRef<Dim> to) {
  SmallVector<OpFoldResult> sizes;
  for (auto [index, group] : llvm::enumerate(groups))
    for (Dim dim : to.slice(group.toBegin, group.toEnd - group.toBegin)) {
      if (dim.isStatic()) {
        sizes.push_back(node.builder.getIndexAttr(dim.factor));
        continue;
      }
      Value size = tensor::DimOp::create(node.builder, node.loc, collapsed, index);
      if (int64_t ratio = group.product.factor / dim.factor; ratio != 1)
        size = arith::DivUIOp::create(
            node.builder, node.loc, size,
            arith::ConstantIndexOp::create(node.builder, node.loc, ratio));
      sizes.push_back(size);
    }
  return sizes;
}

Value Node::emitReshape(Value value, ArrayRef<Dim> from, ArrayRef<Dim> to) {
  if (from == to)
    return value;
  std::optional<SmallVector<Group>> groups = matchShapes(from, to);
  if (!groups) {
    (void)unsupported("a reshape from " + toString(from) + " to " + toString(to) +
                      " does not keep rows apart");
    return nullptr;
  }
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  Shape middle;
  SmallVector<ReassociationIndices> collapse, expand;
  for (const Group &group : *groups) {
    middle.push_back(group.product);
    collapse.push_back(getIndices(group.fromBegin, group.fromEnd));
    expand.push_back(getIndices(group.toBegin, group.toEnd));
  }
  if (middle.size() != from.size() || (middle.empty() && !from.empty()))
    value = tensor::CollapseShapeOp::create(builder, loc, getTensorType(middle, element), value, collapse);
  if (middle.size() != to.size()) {
    SmallVector<OpFoldResult> sizes =
        middle.empty() ? SmallVector<OpFoldResult>(to.size(), builder.getIndexAttr(1))
                       : getExpandedSizes(*this, value, *groups, to);
    value = tensor::ExpandShapeOp::create(builder, loc, getTensorType(to, element), value, expand, sizes);
  }
  return value;
}

std::optional<Tensor> Node::reshape(Tensor &tensor, ArrayRef<Dim> shape) {
  Tensor result = tensor;
  result.shape.assign(shape.begin(), shape.end());
  if (result.payload)
    result.payload = reshapePayload(result.payload, getSizes(shape));
  if (result.value) {
    result.value = nullptr;
    if (!result.payload && !result.sizes) {
      result.value = emitReshape(tensor.value, tensor.shape, shape);
      if (!result.value)
        return std::nullopt;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

Value Node::emitTranspose(Value value, ArrayRef<Dim> from, ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return value;
  if (auto earlier = value.getDefiningOp<linalg::TransposeOp>()) {
    SmallVector<int64_t> composed = llvm::map_to_vector(
        permutation, [&](int64_t axis) { return earlier.getPermutation()[axis]; });
    if (llvm::is_sorted(composed))
      return earlier.getInput();
  }
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis : permutation) {
    if (from[axis].isStatic())
      sizes.push_back(builder.getIndexAttr(from[axis].factor));
    else
      sizes.push_back(tensor::DimOp::create(builder, loc, value, axis).getResult());
  }
  Value init = tensor::EmptyOp::create(builder, loc, sizes, element);
  return linalg::TransposeOp::create(builder, loc, value, init, permutation)->getResult(0);
}

std::optional<Tensor> Node::transpose(Tensor &tensor, ArrayRef<int64_t> permutation) {
  Tensor result = tensor;
  for (auto [dim, axis] : llvm::zip_equal(result.shape, permutation))
    dim = tensor.shape[axis];
  bool small = tensor.payload && tensor.payload.getNumElements() <= kMaxComputedElements;
  if (tensor.rank() < 2 || llvm::is_sorted(permutation))
    return result;

  // Big literals are transposed when it is known that they are needed so: a
  // following MatMul often wants them as they were.
  if (tensor.payload && !small && !real(tensor) && !tensor.value)
    return std::nullopt;
  result.payload = small ? transposePayload(tensor.payload, permutation) : ElementsAttr();
  if (tensor.sizes || tensor.exact) {
    SmallVector<int64_t> strides = getStrides(getSizes(tensor.shape));
    SmallVector<int64_t> newSizes = getSizes(result.shape), newStrides = getStrides(newSizes);
    int64_t count = *getStaticCount(tensor.shape);
    for (int64_t i = 0; i < count; ++i) {
      int64_t position = 0;
      for (size_t d = 0; d < newSizes.size(); ++d)
        position += (i / newStrides[d]) % newSizes[d] * strides[permutation[d]];
      if (tensor.sizes)
        (*result.sizes)[i] = (*tensor.sizes)[position];
      if (tensor.exact)
        (*result.exact)[i] = (*tensor.exact)[position];
    }
  }
  bool literal = result.payload || result.sizes;
  result.value = literal || !tensor.value ? Value() : emitTranspose(tensor.value, tensor.shape, permutation);
  return result;
}

/// A grid for the transposed matrix.
static GridAttr transposeGrid(GridAttr grid) {
  SmallVector<int64_t> shape(grid.getShape()), block(grid.getBlock());
  if (shape.empty())
    return grid;
  shape.insert(shape.begin(), 2 - shape.size(), 1);
  block.insert(block.begin(), 2 - block.size(), 0);
  auto permute = [&](ExactArrayAttr array) {
    ArrayRef<StringAttr> from = array.getValues();
    if (from.size() == 1 || shape[0] == 1 || shape[1] == 1)
      return array;
    SmallVector<StringAttr> to;
    for (int64_t column = 0; column < shape[1]; ++column)
      for (int64_t row = 0; row < shape[0]; ++row)
        to.push_back(from[row * shape[1] + column]);
    return ExactArrayAttr::get(grid.getContext(), to);
  };
  ExactArrayAttr scale = permute(grid.getScale()), zeroPoint = permute(grid.getZeroPoint());
  std::swap(shape[0], shape[1]);
  std::swap(block[0], block[1]);
  if (shape[0] == 1) {
    shape.erase(shape.begin());
    block.erase(block.begin());
  }
  return GridAttr::get(grid.getContext(), grid.getStorage(), grid.getMin(), grid.getMax(),
                       grid.getBipolar(), scale, zeroPoint, shape, block);
}

Value Node::transposeMatrix(Value value, ArrayRef<Dim> shape, bool constant) {
  if (!constant)
    return emitTranspose(value, shape, {1, 0});

  // Down through quantizers to the constant, then rebuild what was passed.
  SmallVector<Operation *> passed;
  Value root = value;
  while (Operation *def = root.getDefiningOp()) {
    if (!isa<QuantizeOp, EncodeOp, DecodeOp>(def))
      break;
    passed.push_back(def);
    root = def->getOperand(0);
  }
  if (auto literal = root.getDefiningOp<ConstantOp>()) {
    ElementsAttr payload;
    if (auto dense = dyn_cast<DenseCodingAttr>(literal.getValue()))
      payload = dense.getPayload();
    else if (auto uniform = dyn_cast<UniformCodingAttr>(literal.getValue()))
      payload = uniform.getPayload();
    if (!payload)
      return emitTranspose(value, shape, {1, 0});
    payload = transposePayload(payload, {1, 0});
    CodingAttrInterface coding = DenseCodingAttr::get(op.getContext(), payload);
    if (auto uniform = dyn_cast<UniformCodingAttr>(literal.getValue()))
      coding = UniformCodingAttr::get(op.getContext(), payload, uniform.getBits());
    Type element = cast<RankedTensorType>(literal.getType()).getElementType();
    root = ConstantOp::create(builder, literal.getLoc(),
                              RankedTensorType::get(coding.getShape(), element), coding);
  } else {
    root = emitTranspose(root, shape, {1, 0});
  }
  SmallVector<int64_t> sizes = getSizes({shape[1], shape[0]});
  for (Operation *def : llvm::reverse(passed)) {
    Type type = RankedTensorType::get(
        sizes, cast<RankedTensorType>(def->getResult(0).getType()).getElementType());
    IRMapping mapping;
    mapping.map(def->getOperand(0), root);
    Operation *copy = builder.clone(*def, mapping);
    copy->getResult(0).setType(cast<RankedTensorType>(type));
    auto grid = cast<GridAttr>(*copy->getInherentAttr("grid"));
    copy->setInherentAttr(builder.getStringAttr("grid"), transposeGrid(grid));
    root = copy->getResult(0);
  }
  return root;
}
