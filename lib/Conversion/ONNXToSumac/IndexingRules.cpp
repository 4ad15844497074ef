//===- IndexingRules.cpp - Slice, Split, Concat, Gather -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parts of tensors with constant positions, and joining tensors. The batch is
// never cut or joined.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

namespace {
/// Indices start, start + step, ... of one dimension.
struct Cut {
  int64_t start = 0, size = 0, step = 1;
};
} // namespace

/// What operations on values work on: integers stay integers.
static Value getValue(Node &node, Tensor &tensor) {
  return tensor.isInteger() ? node.integer(tensor) : node.real(tensor);
}

/// The part of `x` in which dimension d is cut as `cuts[d]` says, if it does.
static std::optional<Tensor> extract(Node &node, Tensor &x, ArrayRef<std::optional<Cut>> cuts) {
  Shape shape = x.shape;
  for (auto [dim, cut] : llvm::zip_equal(shape, cuts))
    if (cut)
      dim = Dim(cut->size);
  if (Node::isComputable(x)) {
    SmallVector<int64_t> strides = getStrides(getSizes(x.shape));
    SmallVector<int64_t> sizes = getSizes(shape), newStrides = getStrides(sizes), positions;
    for (int64_t i = 0, count = *getStaticCount(shape); i < count; ++i) {
      int64_t position = 0;
      for (size_t d = 0; d < sizes.size(); ++d) {
        int64_t index = (i / newStrides[d]) % sizes[d];
        position += (cuts[d] ? cuts[d]->start + index * cuts[d]->step : index) * strides[d];
      }
      positions.push_back(position);
    }
    return node.pick(x, shape, positions);
  }
  Value value = getValue(node, x);
  if (!value)
    return std::nullopt;
  SmallVector<OpFoldResult> offsets, sizes, strides;
  Builder &b = node.builder;
  for (auto [d, cut] : llvm::enumerate(cuts)) {
    if (cut && (cut->step < 1 || cut->size < 1)) {
      (void)node.unsupported(cut->size < 1 ? "its result has no elements"
                                           : "it walks activations backwards");
      return std::nullopt;
    }
    offsets.push_back(b.getIndexAttr(cut ? cut->start : 0));
    strides.push_back(b.getIndexAttr(cut ? cut->step : 1));
    if (shape[d].isStatic())
      sizes.push_back(b.getIndexAttr(shape[d].factor));
    else
      sizes.push_back(tensor::DimOp::create(node.builder, node.loc, value, d).getResult());
  }
  Value part = tensor::ExtractSliceOp::create(node.builder, node.loc, value, offsets, sizes, strides);
  Tensor result = node.makeTensor(part, shape, x.elementType);
  result.constant = x.constant;
  return result;
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// The cut of a dimension of `size`, by ONNX's rules for negative and too large
/// numbers.
static Cut getCut(int64_t size, int64_t start, int64_t end, int64_t step) {
  auto wrap = [&](int64_t index) { return index < 0 ? index + size : index; };
  start = std::clamp<int64_t>(wrap(std::max(start, -size - 1)), step > 0 ? 0 : 0, step > 0 ? size : size - 1);
  // For a negative step the end -1 (after wrapping) is before the first element.
  end = std::clamp<int64_t>(wrap(std::max(end, -size - 1)), step > 0 ? 0 : -1, step > 0 ? size : size - 1);
  int64_t distance = step > 0 ? end - start : start - end;
  auto stride = static_cast<int64_t>(llvm::AbsoluteValue(step));
  int64_t count = distance <= 0 ? 0 : (distance - 1) / stride + 1;
  return {start, count, step};
}

static LogicalResult convertSlice(Node &node) {
  bool old = node.getVersion() < 10;
  if (failed(node.checkInputs(old ? 1 : 3, old ? 1 : 5)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> starts = node.getIntsFrom("starts", 1);
  std::optional<SmallVector<Dim>> ends;
  if (node.hasInput(2)) {
    ends = node.getSizesOf(node.in(2), "ends");
  } else if (std::optional<SmallVector<int64_t>> list = node.getInts("ends")) {
    ends = SmallVector<Dim>(list->begin(), list->end());
  }
  if (!starts || !ends)
    return node.hasFailed() ? failure() : node.invalid("its starts or ends are missing");
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(starts->size())));
  SmallVector<int64_t> axes = node.getIntsFrom("axes", 3).value_or(all);
  SmallVector<int64_t> steps = node.hasInput(4) ? node.getIntsOf(node.in(4), "steps").value_or(all)
                                                : SmallVector<int64_t>(starts->size(), 1);
  if (node.hasFailed())
    return failure();
  if (starts->size() != ends->size() || starts->size() != axes.size() || starts->size() != steps.size())
    return node.invalid("its starts, ends, axes and steps differ in number");

  SmallVector<std::optional<Cut>> cuts(x.shape.size());
  for (auto [start, end, given, step] : llvm::zip_equal(*starts, *ends, axes, steps)) {
    FailureOr<int64_t> axis = node.getAxis(given, x.rank());
    if (failed(axis))
      return failure();
    if (step == 0 || step == INT64_MIN)
      return node.invalid("its step is " + Twine(step));
    Dim size = x.shape[*axis];
    if (!size.isStatic()) {
      bool whole = start == 0 && step == 1 && (end == size || (end.isStatic() && end.factor >= INT32_MAX));
      if (!whole)
        return node.unsupported("it takes some rows of the batch only");
      continue;
    }
    if (!end.isStatic())
      return node.unsupported("its ends must not depend on the batch");
    cuts[*axis] = getCut(size.factor, start, end.factor, step);
  }
  std::optional<Tensor> result = extract(node, x, cuts);
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

static LogicalResult convertSplit(Node &node) {
  if (failed(node.checkInputs(1, 2)))
    return failure();
  Tensor &x = node.in(0);
  FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", 0), x.rank());
  if (failed(axis))
    return failure();
  Dim size = x.shape[*axis];
  if (!size.isStatic())
    return node.unsupported("it splits the batch");
  auto count = static_cast<int64_t>(node.op.getNumResults() + node.op.getAbsentOutputs().size());
  std::optional<SmallVector<int64_t>> parts = node.getIntsFrom("split", 1);
  if (node.hasFailed())
    return failure();
  if (!parts) {
    int64_t number = node.getInt("num_outputs", count);
    if (number != count || number < 1)
      return node.invalid("num_outputs differs from its number of outputs");
    auto each = static_cast<int64_t>(llvm::divideCeil(static_cast<uint64_t>(size.factor), static_cast<uint64_t>(number)));
    parts.emplace();
    for (int64_t left = size.factor, i = 0; i < number; ++i) {
      parts->push_back(std::min(each, left));
      left -= parts->back();
    }
  }
  if (static_cast<int64_t>(parts->size()) != count)
    return node.invalid("it has " + Twine(count) + " outputs, but splits into " + Twine(parts->size()));
  int64_t start = 0;
  for (auto [i, part] : llvm::enumerate(*parts)) {
    if (part < 0 || part > size.factor - start)
      return node.invalid("its parts do not fit the size " + Twine(size.factor));
    SmallVector<std::optional<Cut>> cuts(x.shape.size());
    cuts[*axis] = Cut{start, part, 1};
    std::optional<Tensor> result = extract(node, x, cuts);
    if (!result)
      return failure();
    node.setOutput(static_cast<unsigned>(i), std::move(*result));
    start += part;
  }
  if (start != size.factor)
    return node.invalid("its parts do not fill the size " + Twine(size.factor));
  return success();
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

/// Constants: integers one by one, so that sizes stay known, and floats exactly.
static std::optional<Tensor> concatComputed(Node &node, ArrayRef<Dim> shape, int64_t axis) {
  SmallVector<SmallVector<Dim>> sizes;
  SmallVector<SmallVector<Real>> reals;
  bool integers = node.in(0).isInteger();
  for (unsigned i = 0; i < node.getNumInputs(); ++i) {
    if (integers) {
      std::optional<SmallVector<Dim>> elements = node.getSizesOf(node.in(i), "operand");
      if (!elements)
        return std::nullopt;
      sizes.push_back(std::move(*elements));
    } else {
      std::optional<SmallVector<Real>> elements = node.getExact(node.in(i), "operand");
      if (!elements)
        return std::nullopt;
      reals.push_back(std::move(*elements));
    }
  }
  // Runs of each operand follow one another.
  int64_t outer = *getStaticCount(shape.take_front(axis)), inner = *getStaticCount(shape.drop_front(axis + 1));
  SmallVector<Dim> sizeResult;
  SmallVector<Real> realResult;
  for (int64_t o = 0; o < outer; ++o)
    for (unsigned i = 0; i < node.getNumInputs(); ++i) {
      int64_t run = node.in(i).shape[axis].factor * inner;
      for (int64_t e = o * run; e < (o + 1) * run; ++e) {
        if (integers)
          sizeResult.push_back(sizes[i][e]);
        else
          realResult.push_back(reals[i][e]);
      }
    }
  Type type = node.in(0).elementType;
  return integers ? node.makeSizes(shape, type, std::move(sizeResult))
                  : node.makeExact(shape, type, std::move(realResult));
}

static LogicalResult convertConcat(Node &node) {
  unsigned count = node.getNumInputs();
  if (failed(node.checkInputs(std::max(count, 1u), count)))
    return failure();
  Tensor &first = node.in(0);
  if (node.getVersion() >= 4 && !node.hasAttr("axis"))
    return node.invalid("its axis is missing");
  FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", 1), first.rank());
  if (failed(axis))
    return failure();
  Shape shape = first.shape;
  Dim &joined = shape[*axis];
  if (!joined.isStatic() && count > 1)
    return node.unsupported("it joins batches");
  bool computable = Node::isComputable(first);
  for (unsigned i = 1; i < count; ++i) {
    Tensor &next = node.in(i);
    bool fits = next.rank() == first.rank() && next.elementType == first.elementType &&
                next.shape[*axis].isStatic();
    for (int64_t d = 0; fits && d < first.rank(); ++d)
      fits = d == *axis || next.shape[d] == shape[d];
    if (!fits || llvm::AddOverflow(joined.factor, next.shape[*axis].factor, joined.factor))
      return node.invalid("tensors of shapes " + toString(first.shape) + " and " + toString(next.shape) +
                          " do not join along axis " + Twine(*axis));
    computable &= Node::isComputable(next);
  }
  if (computable && getStaticCount(shape).value_or(INT64_MAX) <= kMaxComputedElements) {
    if (std::optional<Tensor> result = concatComputed(node, shape, *axis)) {
      node.setResult(std::move(*result));
      return success();
    }
    if (node.hasFailed())
      return failure();
  }
  SmallVector<Value> values;
  for (unsigned i = 0; i < count; ++i) {
    values.push_back(getValue(node, node.in(i)));
    if (!values.back())
      return failure();
  }
  Type element = cast<RankedTensorType>(values.front().getType()).getElementType();
  Value result = tensor::ConcatOp::create(node.builder, node.loc, getTensorType(shape, element), *axis, values);
  node.setResult(result, shape, first.elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

static LogicalResult convertGather(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Tensor &x = node.in(0), &indices = node.in(1);
  FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", 0), x.rank());
  if (failed(axis))
    return failure();
  Dim size = x.shape[*axis];
  if (!size.isStatic())
    return node.unsupported("it takes some rows of the batch only");
  std::optional<SmallVector<int64_t>> list = node.getIntsOf(indices, "indices");
  if (!list)
    return failure();
  for (int64_t &index : *list) {
    if (index < -size.factor || index >= size.factor)
      return node.invalid("index " + Twine(index) + " is out of range for the size " + Twine(size.factor));
    index += index < 0 ? size.factor : 0;
  }
  Shape shape(x.shape.begin(), x.shape.begin() + *axis);
  shape.append(indices.shape.begin(), indices.shape.end());
  shape.append(x.shape.begin() + *axis + 1, x.shape.end());

  // One index after the other at a constant distance is a slice.
  int64_t step = list->size() > 1 ? (*list)[1] - (*list)[0] : 1;
  bool regular = !list->empty();
  for (size_t i = 1; i < list->size(); ++i)
    regular &= (*list)[i] - (*list)[i - 1] == step;
  std::optional<Tensor> part;
  if (regular) {
    SmallVector<std::optional<Cut>> cuts(x.shape.size());
    cuts[*axis] = Cut{list->front(), static_cast<int64_t>(list->size()), step};
    part = extract(node, x, cuts);
  } else if (Node::isComputable(x) && getStaticCount(shape).value_or(INT64_MAX) <= kMaxComputedElements) {
    int64_t inner = *getStaticCount(ArrayRef<Dim>(x.shape).drop_front(*axis + 1));
    int64_t outer = *getStaticCount(ArrayRef<Dim>(x.shape).take_front(*axis));
    SmallVector<int64_t> positions;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t index : *list)
        for (int64_t i = 0; i < inner; ++i)
          positions.push_back((o * size.factor + index) * inner + i);
    part = node.pick(x, shape, positions);
  } else {
    return node.unsupported("it gathers activations in no regular order");
  }
  std::optional<Tensor> result = part ? node.reshape(*part, shape) : std::nullopt;
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

void sumac::onnx::addIndexingRules(RuleRegistry &registry) {
  registry.add("", "Slice", convertSlice);
  registry.add("", "Split", convertSplit);
  registry.add("", "Concat", convertConcat);
  registry.add("", "Gather", convertGather);
}
