//===- Attributes.cpp - Reading attributes ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Payloads, exact numbers and grids as kernels want them.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APFloat.h"

#include <cstring>

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

FailureOr<int64_t> interpreter::checkShape(ArrayRef<int64_t> shape, Error &error) {
  std::optional<int64_t> count = getNumElements(shape);
  if (!count)
    return error.set("result has a negative or too large shape");
  if (*count > kMaxElements)
    return error.set("result has " + Twine(*count) + " elements, more than the " +
                     Twine(kMaxElements) + " that the interpreter holds");
  return *count;
}

//===----------------------------------------------------------------------===//
// Payloads
//===----------------------------------------------------------------------===//

static double floatFromBits(FloatType type, uint64_t bits) {
  return APFloat(type.getFloatSemantics(), APInt(type.getWidth(), bits)).convertToDouble();
}

static int64_t integerFromBits(Type type, uint64_t bits, unsigned width) {
  return type.isUnsignedInteger() || type.isSignlessInteger(1) ? static_cast<int64_t>(bits) : llvm::SignExtend64(bits, width);
}

/// Calls `take(bits)` with the pattern of every element of a resource.
static LogicalResult readResource(Operation *op, DenseResourceElementsAttr payload, unsigned width,
                                  function_ref<void(uint64_t)> take) {
  AsmResourceBlob *blob = payload.getRawHandle().getBlob();
  if (!blob)
    return op->emitOpError("payload resource is missing");
  ArrayRef<char> bytes = blob->getData();
  size_t step = width / 8;
  if (width % 8 != 0 || bytes.size() != payload.getNumElements() * step)
    return op->emitOpError("payload resource has ") << bytes.size() << " bytes, which do not fit " << payload.getType();
  for (size_t offset = 0; offset < bytes.size(); offset += step) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + offset, step);
    take(bits);
  }
  return success();
}

static LogicalResult checkPayload(Operation *op, ElementsAttr payload) {
  if (payload.getNumElements() > kMaxElements)
    return op->emitOpError("payload has too many elements for the interpreter");
  if (!isa<DenseElementsAttr, DenseResourceElementsAttr>(payload))
    return op->emitOpError("payload must be dense or a dense resource");
  return success();
}

FailureOr<std::vector<int64_t>> interpreter::readIntegers(Operation *op, ElementsAttr payload) {
  Type type = payload.getElementType();
  if (!type.isIntOrIndex() || (type.isInteger() && type.getIntOrFloatBitWidth() > 64))
    return op->emitOpError("expected a payload of integers of at most 64 bits, got ") << type;
  if (failed(checkPayload(op, payload)))
    return failure();
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  std::vector<int64_t> values;
  values.reserve(payload.getNumElements());
  bool tooLarge = false;
  auto take = [&](uint64_t bits) {
    values.push_back(integerFromBits(type, bits, width));
    tooLarge |= type.isUnsignedInteger() && values.back() < 0;
  };
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    if (failed(readResource(op, resource, width, take)))
      return failure();
  } else {
    for (const APInt &value : cast<DenseElementsAttr>(payload).getValues<APInt>())
      take(value.getZExtValue());
  }
  if (tooLarge)
    return op->emitOpError("payload has an integer beyond 63 bits");
  return values;
}

FailureOr<std::vector<double>> interpreter::readDoubles(Operation *op, ElementsAttr payload) {
  auto type = dyn_cast<FloatType>(payload.getElementType());
  if (!type) {
    FailureOr<std::vector<int64_t>> integers = readIntegers(op, payload);
    if (failed(integers))
      return failure();
    for (int64_t value : *integers)
      if (!Enclosure::ofInteger(value).isPoint())
        return op->emitOpError("payload has an integer beyond 53 bits");
    return std::vector<double>(integers->begin(), integers->end());
  }
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type))
    return op->emitOpError("payload must be f16, bf16, f32, f64 or integers, got ") << type;
  if (failed(checkPayload(op, payload)))
    return failure();
  std::vector<double> values;
  values.reserve(payload.getNumElements());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    auto take = [&](uint64_t bits) { values.push_back(floatFromBits(type, bits)); };
    if (failed(readResource(op, resource, type.getWidth(), take)))
      return failure();
    return values;
  }
  for (const APFloat &value : cast<DenseElementsAttr>(payload).getValues<APFloat>())
    values.push_back(value.convertToDouble());
  return values;
}

FailureOr<std::vector<Real>> interpreter::readExact(Operation *op, ExactArrayAttr attribute) {
  std::vector<Real> values;
  for (StringAttr text : attribute.getValues()) {
    std::optional<Real> value = Real::parse(text.getValue());
    if (!value)
      return op->emitOpError("'") << text.getValue() << "' is not an exact number";
    values.push_back(std::move(*value));
  }
  return values;
}

FailureOr<Real> interpreter::readOneExact(Operation *op, ExactArrayAttr attribute) {
  FailureOr<std::vector<Real>> values = readExact(op, attribute);
  if (failed(values))
    return failure();
  if (values->size() != 1)
    return op->emitOpError("expected one exact number, got ") << values->size();
  return values->front();
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

FailureOr<PreparedGrid> PreparedGrid::read(Operation *op, GridAttr grid, bool isQuantizer) {
  PreparedGrid result;
  result.min = grid.getMin();
  result.max = grid.getMax();
  result.bipolar = grid.getBipolar();
  result.shape.assign(grid.getShape().begin(), grid.getShape().end());
  result.block.assign(grid.getBlock().begin(), grid.getBlock().end());
  FailureOr<std::vector<Real>> scales = readExact(op, grid.getScale());
  FailureOr<std::vector<Real>> zeroPoints = readExact(op, grid.getZeroPoint());
  if (failed(scales) || failed(zeroPoints))
    return failure();
  for (const Real &scale : *scales) {
    // Decoding takes any slope.
    if (isQuantizer && scale.sign().value_or(0) <= 0)
      return op->emitOpError("scale ") << scale.toString() << " is not positive";
    result.scales.emplace_back(scale);
  }
  if (scales->empty() || zeroPoints->empty() || (zeroPoints->size() != 1 && zeroPoints->size() != scales->size()))
    return op->emitOpError("expected one zero point, or one per scale");
  for (size_t i = 0; i < scales->size(); ++i)
    result.zeroPoints.emplace_back((*zeroPoints)[zeroPoints->size() == 1 ? 0 : i]);
  return result;
}

FailureOr<std::vector<uint32_t>> PreparedGrid::getPositions(ArrayRef<int64_t> tensorShape, Error &error) const {
  if (scales.size() == 1)
    return std::vector<uint32_t>();
  if (shape.size() > tensorShape.size())
    return error.set("grid has more dimensions than the tensor");
  ArrayRef<int64_t> trailing = tensorShape.take_back(shape.size());
  for (auto [size, step, dim] : llvm::zip_equal(shape, block, trailing))
    if (step != 0 && dim > size * step)
      return error.set("grid covers " + Twine(size * step) + " indices of a dimension of size " + Twine(dim));
  FailureOr<int64_t> count = checkShape(tensorShape, error);
  if (failed(count))
    return failure();
  std::vector<uint32_t> positions(*count);
  SmallVector<int64_t> index(trailing.size(), 0);
  for (uint32_t &out : positions) {
    int64_t position = 0;
    for (size_t dim = 0; dim < index.size(); ++dim)
      position = position * shape[dim] + (block[dim] == 0 ? 0 : index[dim] / block[dim]);
    out = position;
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < trailing[dim])
        break;
      index[dim] = 0;
    }
  }
  return positions;
}

//===----------------------------------------------------------------------===//
// Integers of exact width
//===----------------------------------------------------------------------===//

bool interpreter::fits(Type type, Int128 value) {
  auto integer = dyn_cast<IntegerType>(type);
  unsigned width = integer ? std::min(integer.getWidth(), 64u) : 64;
  if (type.isUnsignedInteger() || type.isSignlessInteger(1))
    return value >= 0 && value < (Int128(1) << std::min(width, 63u));
  return value >= -(Int128(1) << (width - 1)) && value < (Int128(1) << (width - 1));
}

static LogicalResult reportWidth(Type type, Int128 value, Error &error) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return error.set("value " + Integer(value).toString() + " does not fit " + name);
}

FailureOr<TensorRef> interpreter::makeIntegers(Type type, Shape shape, ArrayRef<Int128> values, Error &error) {
  std::vector<int64_t> narrow;
  narrow.reserve(values.size());
  for (Int128 value : values) {
    if (!fits(type, value))
      return reportWidth(type, value, error);
    narrow.push_back(static_cast<int64_t>(value));
  }
  return Tensor::integers(type, std::move(shape), std::move(narrow));
}

FailureOr<TensorRef> interpreter::makeIntegers(Type type, Shape shape, std::vector<int64_t> values, Error &error) {
  for (int64_t value : values)
    if (!fits(type, value))
      return reportWidth(type, value, error);
  return Tensor::integers(type, std::move(shape), std::move(values));
}

std::optional<int64_t> interpreter::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

Type interpreter::getElementType(Value value) { return getElementTypeOrSelf(value.getType()); }
