//===- Grids.cpp - Quantization grids from scales and zero points ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds #sumac.grid attributes: QONNX's scales broadcast as in NumPy, ONNX's
// are per tensor, along an axis, or in blocks along an axis.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

Node::Codes Node::getAllCodes(IntegerType storage) {
  return {storage, GridAttr::getStorageMin(storage), GridAttr::getStorageMax(storage)};
}

GridAttr Node::makeUnitGrid(IntegerType storage) {
  Codes codes = getAllCodes(storage);
  return GridAttr::getPerTensor(storage, codes.min, codes.max, "0x1p+0", "0x0p+0");
}

/// Scales must be positive.
static LogicalResult checkScales(Node &node, ArrayRef<Real> scales) {
  for (const Real &scale : scales)
    if (scale.sign().value_or(1) <= 0)
      return node.invalid("its scale is " + getNumberText(scale) + "; scales must be positive");
  return success();
}

static bool allEqual(ArrayRef<Real> numbers) {
  return llvm::all_of(numbers, [&](const Real &number) {
    return number.equals(numbers.front()).value_or(false);
  });
}

/// Elements repeated from shape `from` to shape `to`, to which it broadcasts.
static SmallVector<Real> expand(ArrayRef<Real> elements, ArrayRef<int64_t> from,
                                ArrayRef<int64_t> to) {
  if (from == to)
    return SmallVector<Real>(elements);
  SmallVector<int64_t> fromStrides = getStrides(from), toStrides = getStrides(to);
  int64_t count = 1;
  for (int64_t size : to)
    count *= size;
  SmallVector<Real> result;
  result.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = 0;
    for (size_t d = 0; d < from.size(); ++d) {
      size_t e = d + to.size() - from.size();
      int64_t index = (i / toStrides[e]) % to[e];
      position += from[d] == 1 ? 0 : index * fromStrides[d];
    }
    result.push_back(elements[position]);
  }
  return result;
}

GridAttr Node::makeGrid(const Codes &codes, ArrayRef<Dim> x, Tensor *scale, Tensor *zeroPoint) {
  SmallVector<Real> scales = {Real(1)}, zeroPoints = {Real(0)};
  Shape scaleShape, zeroShape;
  if (scale) {
    std::optional<SmallVector<Real>> elements = getExact(*scale, "scale");
    if (!elements)
      return nullptr;
    scales = std::move(*elements);
    scaleShape = scale->shape;
  }
  if (zeroPoint) {
    std::optional<SmallVector<Real>> elements = getExact(*zeroPoint, "zero point");
    if (!elements)
      return nullptr;
    zeroPoints = std::move(*elements);
    zeroShape = zeroPoint->shape;
  }
  if (scales.empty() || zeroPoints.empty()) {
    (void)invalid("its scale or zero point has no elements");
    return nullptr;
  }
  if (failed(checkScales(*this, scales)))
    return nullptr;
  // One zero point serves all scales; otherwise there is one per scale.
  if (allEqual(zeroPoints)) {
    zeroPoints.resize(1);
    zeroShape.clear();
  }
  std::optional<Shape> shape = broadcast(scaleShape, zeroShape);
  if (!shape) {
    (void)invalid("shapes of scale " + toString(scaleShape) + " and zero point " +
                  toString(zeroShape) + " do not fit each other");
    return nullptr;
  }
  scales = expand(scales, getSizes(scaleShape), getSizes(*shape));
  if (zeroPoints.size() > 1)
    zeroPoints = expand(zeroPoints, getSizes(zeroShape), getSizes(*shape));

  auto sizes = ArrayRef<Dim>(*shape);
  while (!sizes.empty() && sizes.front().isOne())
    sizes = sizes.drop_front();
  SmallVector<int64_t> gridShape = getSizes(sizes), block;
  if (sizes.size() > x.size()) {
    (void)unsupported("its scale has a higher rank than its input");
    return nullptr;
  }
  for (auto [size, dim] : llvm::zip_equal(sizes, x.take_back(sizes.size()))) {
    if (!size.isOne() && size != dim) {
      (void)(dim.isStatic() ? invalid("a scale of shape " + toString(*shape) +
                                      " does not fit the input's shape " + toString(x))
                            : unsupported("its scale differs from row to row of the batch"));
      return nullptr;
    }
    block.push_back(size.isOne() ? 0 : 1);
  }
  return GridAttr::get(op.getContext(), codes.storage, codes.min, codes.max, codes.bipolar,
                       makeExactArray(scales), makeExactArray(zeroPoints), gridShape, block);
}

GridAttr Node::makeAxisGrid(const Codes &codes, ArrayRef<Dim> x, Tensor *scale, Tensor *zeroPoint,
                            int64_t axis, int64_t blockSize) {
  bool perTensor = getStaticCount(scale->shape) == 1 && blockSize == 0;
  if (zeroPoint && getStaticCount(zeroPoint->shape) != getStaticCount(scale->shape)) {
    (void)invalid("shapes of scale " + toString(scale->shape) + " and zero point " +
                  toString(zeroPoint->shape) + " differ");
    return nullptr;
  }
  // Tensors of one element may have any rank.
  Tensor flatScale = *scale, flatZero = zeroPoint ? *zeroPoint : Tensor();
  if (perTensor) {
    flatScale.shape.clear();
    flatZero.shape.clear();
    return makeGrid(codes, x, &flatScale, zeroPoint ? &flatZero : nullptr);
  }
  FailureOr<int64_t> dimension = getAxis(axis, static_cast<int64_t>(x.size()));
  if (failed(dimension))
    return nullptr;
  if (blockSize == 0) {
    if (scale->rank() != 1) {
      (void)invalid("a scale along an axis must have rank 1, not the shape " + toString(scale->shape));
      return nullptr;
    }
    flatScale.shape.append(x.size() - *dimension - 1, Dim(1));
    flatZero.shape = flatScale.shape;
    return makeGrid(codes, x, &flatScale, zeroPoint ? &flatZero : nullptr);
  }

  // Blocks: the scale has the input's shape, but for one size.
  std::optional<SmallVector<Real>> scales = getExact(*scale, "scale");
  if (!scales || failed(checkScales(*this, *scales)))
    return nullptr;
  SmallVector<Real> zeroPoints = {Real(0)};
  if (zeroPoint) {
    std::optional<SmallVector<Real>> elements = getExact(*zeroPoint, "zero point");
    if (!elements)
      return nullptr;
    zeroPoints = std::move(*elements);
    if (allEqual(zeroPoints))
      zeroPoints.resize(1);
  }
  SmallVector<int64_t> block;
  bool fits = scale->shape.size() == x.size();
  for (size_t i = 0; fits && i < x.size(); ++i) {
    bool blocked = static_cast<int64_t>(i) == *dimension;
    block.push_back(blocked ? blockSize : 1);
    fits = x[i].isStatic() && scale->shape[i].isStatic() &&
           (blocked ? scale->shape[i].factor == static_cast<int64_t>(llvm::divideCeil(x[i].factor, blockSize))
                    : scale->shape[i] == x[i]);
  }
  if (!fits) {
    (void)invalid("a scale of shape " + toString(scale->shape) + " does not fit blocks of " +
                  Twine(blockSize) + " along axis " + Twine(*dimension) + " of the shape " + toString(x));
    return nullptr;
  }
  return GridAttr::get(op.getContext(), codes.storage, codes.min, codes.max, codes.bipolar,
                       makeExactArray(*scales), makeExactArray(zeroPoints),
                       getSizes(scale->shape), block);
}
