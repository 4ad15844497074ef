//===- ShapeKernels.cpp - Upstream operations -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operations of the tensor, linalg and arith dialects that move elements or
// compute sizes. Scalars of index type are tensors without dimensions.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

//===----------------------------------------------------------------------===//
// Sizes and indices
//===----------------------------------------------------------------------===//

namespace {
/// Static integers with operands in the place of the dynamic ones.
struct MixedIntegers {
  SmallVector<int64_t> statics;
  unsigned firstOperand;

  SmallVector<int64_t> get(Operands operands) const {
    SmallVector<int64_t> values;
    unsigned next = firstOperand;
    for (int64_t value : statics)
      values.push_back(ShapedType::isDynamic(value) ? operands[next++]->getIntegers()[0] : value);
    return values;
  }
  unsigned getNextOperand() const { return firstOperand + llvm::count_if(statics, ShapedType::isDynamic); }
};

/// Walks over the elements of a box, row-major.
class BoxIterator {
public:
  explicit BoxIterator(ArrayRef<int64_t> sizes) : sizes(sizes), index(sizes.size(), 0) {}
  ArrayRef<int64_t> getIndex() const { return index; }
  void advance() {
    for (size_t dim = sizes.size(); dim-- > 0;) {
      if (++index[dim] < sizes[dim])
        return;
      index[dim] = 0;
    }
  }

private:
  ArrayRef<int64_t> sizes;
  SmallVector<int64_t> index;
};
} // namespace

static int64_t getPosition(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t position = 0;
  for (auto [size, i] : llvm::zip_equal(shape, index))
    position = position * size + i;
  return position;
}

static TensorRef makeIndex(Type type, int64_t value) { return Tensor::integers(type, {}, {value}); }

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

static FailureOr<TensorRef> reshapeChecked(const TensorRef &input, ArrayRef<int64_t> shape, Error &error) {
  std::optional<int64_t> count = getNumElements(shape);
  if (!count || *count != input->size())
    return error.set("result shape does not hold the " + Twine(input->size()) + " elements of the input");
  return reshape(input, Shape(shape));
}

static FailureOr<Kernel> prepareCollapse(tensor::CollapseShapeOp op) {
  SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape;
    for (const ReassociationIndices &group : groups) {
      int64_t size = 1;
      for (int64_t dim : group)
        size *= operands[0]->getShape()[dim];
      shape.push_back(size);
    }
    return reshapeChecked(operands[0], shape, error);
  });
}

static FailureOr<Kernel> prepareExpand(tensor::ExpandShapeOp op) {
  MixedIntegers sizes{llvm::to_vector(op.getStaticOutputShape()), 1};
  return Kernel([=](Operands operands, Error &error) { return reshapeChecked(operands[0], sizes.get(operands), error); });
}

static FailureOr<Kernel> prepareReshape(tensor::ReshapeOp op) {
  return Kernel(
      [](Operands operands, Error &error) { return reshapeChecked(operands[0], operands[1]->getIntegers(), error); });
}

//===----------------------------------------------------------------------===//
// Concatenation, slices, padding, transposition
//===----------------------------------------------------------------------===//

static FailureOr<Kernel> prepareConcat(tensor::ConcatOp op) {
  Type type = getElementType(op.getResult());
  int64_t axis = op.getDim();
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(operands[0]->getShape());
    shape[axis] = 0;
    for (const TensorRef &operand : operands) {
      for (auto [dim, size] : llvm::enumerate(operand->getShape()))
        if (static_cast<int64_t>(dim) != axis && size != shape[dim])
          return error.set("operands differ in dimension " + Twine(dim));
      shape[axis] += operand->getShape()[axis];
    }
    FailureOr<int64_t> count = checkShape(shape, error);
    if (failed(count))
      return failure();
    std::vector<uint32_t> which(*count);
    std::vector<int64_t> positions(*count);
    BoxIterator box(shape);
    for (int64_t i = 0; i < *count; ++i, box.advance()) {
      SmallVector<int64_t> index(box.getIndex());
      uint32_t source = 0;
      while (index[axis] >= operands[source]->getShape()[axis])
        index[axis] -= operands[source++]->getShape()[axis];
      which[i] = source;
      positions[i] = getPosition(operands[source]->getShape(), index);
    }
    return gather(type, shape, operands, which, positions);
  });
}

namespace {
/// A strided box within a tensor.
struct Slice {
  MixedIntegers offsets, sizes, strides;
  llvm::SmallBitVector dropped;

  template <typename Op>
  Slice(Op op, unsigned firstOperand) : dropped(op.getDroppedDims()) {
    offsets = {llvm::to_vector(op.getStaticOffsets()), firstOperand};
    sizes = {llvm::to_vector(op.getStaticSizes()), offsets.getNextOperand()};
    strides = {llvm::to_vector(op.getStaticStrides()), sizes.getNextOperand()};
  }
  /// Positions in a tensor of `shape` of the box's elements, and the box's
  /// shape without dropped dimensions.
  FailureOr<std::vector<int64_t>> getPositions(ArrayRef<int64_t> shape, Operands operands, Shape &box,
                                               Error &error) const;
};
} // namespace

FailureOr<std::vector<int64_t>> Slice::getPositions(ArrayRef<int64_t> shape, Operands operands, Shape &box,
                                                    Error &error) const {
  SmallVector<int64_t> from = offsets.get(operands), size = sizes.get(operands), step = strides.get(operands);
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    Int128 last = from[dim] + Int128(step[dim]) * (size[dim] - 1);
    if (size[dim] < 0 || from[dim] < 0 || (size[dim] > 0 && (from[dim] >= shape[dim] || last < 0 || last >= shape[dim])))
      return error.set("slice leaves dimension " + Twine(dim) + " of size " + Twine(shape[dim]));
    if (!dropped.test(dim))
      box.push_back(size[dim]);
  }
  FailureOr<int64_t> count = checkShape(size, error);
  if (failed(count))
    return failure();
  std::vector<int64_t> positions(*count);
  BoxIterator iterator(size);
  for (int64_t i = 0; i < *count; ++i, iterator.advance()) {
    SmallVector<int64_t> index;
    for (auto [offset, stride, k] : llvm::zip_equal(from, step, iterator.getIndex()))
      index.push_back(offset + stride * k);
    positions[i] = getPosition(shape, index);
  }
  return positions;
}

static FailureOr<Kernel> prepareExtractSlice(tensor::ExtractSliceOp op) {
  Slice slice(op, 1);
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape box;
    FailureOr<std::vector<int64_t>> positions = slice.getPositions(operands[0]->getShape(), operands, box, error);
    if (failed(positions))
      return failure();
    return gather(type, box, operands[0], {}, *positions);
  });
}

static FailureOr<Kernel> prepareInsertSlice(tensor::InsertSliceOp op) {
  Slice slice(op, 2);
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape box;
    FailureOr<std::vector<int64_t>> inserted = slice.getPositions(operands[1]->getShape(), operands, box, error);
    if (failed(inserted))
      return failure();
    if (ArrayRef<int64_t>(box) != operands[0]->getShape())
      return error.set("slice differs in shape from the tensor inserted");
    std::vector<uint32_t> which(operands[1]->size(), 1);
    std::vector<int64_t> positions(operands[1]->size());
    std::iota(positions.begin(), positions.end(), 0);
    for (auto [i, position] : llvm::enumerate(*inserted)) {
      which[position] = 0;
      positions[position] = i;
    }
    return gather(type, Shape(operands[1]->getShape()), operands.take_front(2), which, positions);
  });
}

static FailureOr<Kernel> preparePad(tensor::PadOp op) {
  MixedIntegers low{llvm::to_vector(op.getStaticLow()), 1};
  MixedIntegers high{llvm::to_vector(op.getStaticHigh()), low.getNextOperand()};
  Value padding = op.getConstantPaddingValue();
  auto constant = padding ? padding.getDefiningOp<arith::ConstantOp>() : nullptr;
  if (!constant)
    return op.emitOpError("is run by the interpreter only where it pads with an arith.constant");
  Type type = getElementType(op.getResult());
  TensorRef value;
  if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
    value = Tensor::integers(type, {}, {integer.getValue().getSExtValue()});
  else if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
    value = Tensor::floats(type, {}, {number.getValueAsDouble()});
  else
    return op.emitOpError("pads with a value that the interpreter does not know");
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    ArrayRef<int64_t> inner = operands[0]->getShape();
    SmallVector<int64_t> before = low.get(operands), after = high.get(operands);
    Shape shape;
    for (auto [size, lowPad, highPad] : llvm::zip_equal(inner, before, after)) {
      if (lowPad < 0 || highPad < 0 || lowPad > kMaxElements || highPad > kMaxElements)
        return error.set("padding is negative or too large");
      shape.push_back(size + lowPad + highPad);
    }
    FailureOr<int64_t> count = checkShape(shape, error);
    if (failed(count))
      return failure();
    std::vector<uint32_t> which(*count, 1);
    std::vector<int64_t> positions(*count, 0);
    BoxIterator box(inner);
    for (int64_t i = 0; i < operands[0]->size(); ++i, box.advance()) {
      SmallVector<int64_t> index;
      for (auto [offset, k] : llvm::zip_equal(before, box.getIndex()))
        index.push_back(offset + k);
      int64_t position = getPosition(shape, index);
      which[position] = 0;
      positions[position] = i;
    }
    return gather(type, shape, {operands[0], value}, which, positions);
  });
}

static FailureOr<Kernel> prepareTranspose(linalg::TransposeOp op) {
  if (op->getNumResults() != 1)
    return op.emitOpError("on buffers cannot be interpreted");
  SmallVector<int64_t> permutation = llvm::to_vector(op.getPermutation());
  Type type = getElementType(op->getResult(0));
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    ArrayRef<int64_t> source = operands[0]->getShape();
    Shape shape;
    for (int64_t dim : permutation)
      shape.push_back(source[dim]);
    std::vector<int64_t> positions(operands[0]->size());
    BoxIterator box(shape);
    for (int64_t &position : positions) {
      SmallVector<int64_t> index(source.size());
      for (auto [dim, k] : llvm::zip_equal(permutation, box.getIndex()))
        index[dim] = k;
      position = getPosition(source, index);
      box.advance();
    }
    return gather(type, shape, operands[0], {}, positions);
  });
}

//===----------------------------------------------------------------------===//
// New tensors, sizes and scalars
//===----------------------------------------------------------------------===//

/// The elements of an empty tensor do not matter; here they are zero.
static FailureOr<Kernel> prepareEmpty(tensor::EmptyOp op) {
  Type type = getElementType(op.getResult());
  MixedIntegers sizes{llvm::to_vector(op.getType().getShape()), 0};
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(sizes.get(operands));
    FailureOr<int64_t> count = checkShape(shape, error);
    if (failed(count))
      return failure();
    if (isa<FloatType>(type))
      return Tensor::floats(type, shape, std::vector<double>(*count));
    if (type.isIntOrIndex())
      return Tensor::integers(type, shape, std::vector<int64_t>(*count));
    return Tensor::grid(type, shape, {std::vector<int64_t>(*count), {}, {Real(1)}});
  });
}

static FailureOr<Kernel> prepareArithConstant(arith::ConstantOp op) {
  Type type = getElementType(op.getResult());
  TensorRef tensor;
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue())) {
    if (integer.getValue().getBitWidth() > 64)
      return op.emitOpError("has more than 64 bits");
    tensor = makeIndex(type, integer.getValue().getSExtValue());
  } else if (auto number = dyn_cast<FloatAttr>(op.getValue())) {
    tensor = Tensor::floats(type, {}, {number.getValueAsDouble()});
  } else if (auto elements = dyn_cast<ElementsAttr>(op.getValue())) {
    Shape shape(elements.getShapedType().getShape());
    if (isa<FloatType>(type)) {
      FailureOr<std::vector<double>> values = readDoubles(op, elements);
      if (failed(values))
        return failure();
      tensor = Tensor::floats(type, shape, std::move(*values));
    } else {
      FailureOr<std::vector<int64_t>> values = readIntegers(op, elements);
      if (failed(values))
        return failure();
      tensor = Tensor::integers(type, shape, std::move(*values));
    }
  } else {
    return op.emitOpError("has a value that the interpreter does not know");
  }
  return Kernel([=](Operands, Error &) { return tensor; });
}

static FailureOr<Kernel> prepareDim(tensor::DimOp op) {
  Type type = op.getType();
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    int64_t dim = operands[1]->getIntegers()[0];
    if (dim < 0 || dim >= static_cast<int64_t>(operands[0]->getShape().size()))
      return error.set("has no dimension " + Twine(dim));
    return makeIndex(type, operands[0]->getShape()[dim]);
  });
}

static FailureOr<Kernel> prepareFromElements(tensor::FromElementsOp op) {
  Type type = getElementType(op.getResult());
  Shape shape(op.getType().getShape());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    std::vector<uint32_t> which(operands.size());
    std::iota(which.begin(), which.end(), 0);
    if (operands.empty())
      return error.set("has no elements");
    return gather(type, shape, operands, which, std::vector<int64_t>(operands.size(), 0));
  });
}

/// A function of two index scalars that gives nothing on overflow or division
/// by zero.
static FailureOr<Kernel> prepareScalar(Operation *op, std::optional<int64_t> (*function)(int64_t, int64_t)) {
  Type type = op->getResult(0).getType();
  if (!type.isIndex())
    return op->emitOpError("is interpreted on the index type only");
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    std::optional<int64_t> value = function(operands[0]->getIntegers()[0], operands[1]->getIntegers()[0]);
    if (!value)
      return error.set("overflows or divides by zero");
    return makeIndex(type, *value);
  });
}

template <bool (*operation)(int64_t, int64_t, int64_t &)>
static std::optional<int64_t> checked(int64_t a, int64_t b) {
  int64_t result;
  return operation(a, b, result) ? std::nullopt : std::optional<int64_t>(result);
}
static bool addOverflows(int64_t a, int64_t b, int64_t &result) { return __builtin_add_overflow(a, b, &result); }
static bool subOverflows(int64_t a, int64_t b, int64_t &result) { return __builtin_sub_overflow(a, b, &result); }
static bool mulOverflows(int64_t a, int64_t b, int64_t &result) { return __builtin_mul_overflow(a, b, &result); }
static std::optional<int64_t> divide(int64_t a, int64_t b) {
  return b == 0 || (a == INT64_MIN && b == -1) ? std::nullopt : std::optional<int64_t>(a / b);
}

std::optional<FailureOr<Kernel>> interpreter::prepareUpstream(Operation *op) {
  using Result = std::optional<FailureOr<Kernel>>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([](tensor::CollapseShapeOp op) { return prepareCollapse(op); })
      .Case([](tensor::ExpandShapeOp op) { return prepareExpand(op); })
      .Case([](tensor::ReshapeOp op) { return prepareReshape(op); })
      .Case([](tensor::ConcatOp op) { return prepareConcat(op); })
      .Case([](tensor::ExtractSliceOp op) { return prepareExtractSlice(op); })
      .Case([](tensor::InsertSliceOp op) { return prepareInsertSlice(op); })
      .Case([](tensor::PadOp op) { return preparePad(op); })
      .Case([](linalg::TransposeOp op) { return prepareTranspose(op); })
      .Case([](tensor::CastOp op) { return Kernel([](Operands operands, Error &) { return operands[0]; }); })
      .Case([](tensor::EmptyOp op) { return prepareEmpty(op); })
      .Case([](tensor::DimOp op) { return prepareDim(op); })
      .Case([](tensor::FromElementsOp op) { return prepareFromElements(op); })
      .Case([](arith::ConstantOp op) { return prepareArithConstant(op); })
      .Case([](arith::AddIOp op) { return prepareScalar(op, checked<addOverflows>); })
      .Case([](arith::SubIOp op) { return prepareScalar(op, checked<subOverflows>); })
      .Case([](arith::MulIOp op) { return prepareScalar(op, checked<mulOverflows>); })
      .Case([](arith::DivSIOp op) { return prepareScalar(op, divide); })
      .Case([](arith::DivUIOp op) { return prepareScalar(op, divide); })
      .Default([](Operation *) { return std::nullopt; });
}
