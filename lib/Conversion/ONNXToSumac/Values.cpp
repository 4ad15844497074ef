//===- Values.cpp - Constants and values of nodes -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads constants exactly, and makes the tensors of reals and integers that
// rules compute with.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

//===----------------------------------------------------------------------===//
// Reading literals
//===----------------------------------------------------------------------===//

static bool isPlainFloat(Type type) {
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type);
}

/// A payload as a coding, through which its elements are read.
static CodingAttrInterface getCoding(ElementsAttr payload) {
  return DenseCodingAttr::get(payload.getContext(), payload);
}

static bool isReadable(ElementsAttr payload) {
  Type element = payload.getElementType();
  if (!isPlainFloat(element) && !isa<IntegerType>(element))
    return false;
  // A resource can be missing where IR is read from text.
  auto resource = dyn_cast<DenseResourceElementsAttr>(payload);
  return !resource || resource.getRawHandle().getBlob();
}

static bool allFinite(ElementsAttr payload) {
  int64_t count = payload.getNumElements();
  CodingAttrInterface coding = getCoding(payload);
  SmallVector<double> values(std::min<int64_t>(count, 4096));
  for (int64_t first = 0; first < count; first += 4096) {
    auto chunk = MutableArrayRef(values).take_front(std::min<int64_t>(4096, count - first));
    coding.decodeDoubles(first, chunk);
    if (!llvm::all_of(chunk, [](double value) { return std::isfinite(value); }))
      return false;
  }
  return true;
}

std::optional<SmallVector<Real>> Node::getExact(Tensor &tensor, StringRef what) {
  if (tensor.exact)
    return tensor.exact;
  SmallVector<Real> elements;
  if (tensor.payload && isReadable(tensor.payload)) {
    CodingAttrInterface coding = getCoding(tensor.payload);
    int64_t count = tensor.payload.getNumElements();
    elements.reserve(count);
    if (coding.isIntegral()) {
      SmallVector<int64_t> values(count);
      coding.decodeIntegers(0, values);
      bool isUnsigned64 = tensor.elementType.isUnsignedInteger(64);
      for (int64_t value : values)
        elements.push_back(isUnsigned64 ? Real(static_cast<uint64_t>(value)) : Real(value));
      return elements;
    }
    if (!allFinite(tensor.payload)) {
      (void)invalid("its " + what + " has a value that is infinite or not a number");
      return std::nullopt;
    }
    SmallVector<double> values(count);
    coding.decodeDoubles(0, values);
    for (double value : values)
      elements.push_back(Real::exactly(value));
    return elements;
  }
  if (tensor.sizes && onnx::isStatic(*tensor.sizes)) {
    for (Dim size : *tensor.sizes)
      elements.push_back(Real(size.factor));
    return elements;
  }
  (void)unsupported("its " + what + " must be a constant" +
                    (tensor.constant ? " that Sumac can compute" : ""));
  return std::nullopt;
}

std::optional<Real> Node::getExactScalar(Tensor &tensor, StringRef what) {
  std::optional<int64_t> count = getStaticCount(tensor.shape);
  if (!count || *count != 1) {
    (void)unsupported("its " + what + " must be a constant of one element");
    return std::nullopt;
  }
  std::optional<SmallVector<Real>> elements = getExact(tensor, what);
  if (!elements)
    return std::nullopt;
  return elements->front();
}

std::optional<int64_t> Node::getIntScalar(Tensor &tensor, StringRef what) {
  std::optional<Real> number = getExactScalar(tensor, what);
  if (!number)
    return std::nullopt;
  if (number->isRational() && number->asRational().isInteger())
    if (std::optional<int64_t> integer = number->asRational().numerator().toInt64())
      return integer;
  (void)invalid("its " + what + " must be an integer, not " + getNumberText(*number));
  return std::nullopt;
}

std::optional<SmallVector<Dim>> Node::getSizesOf(Tensor &tensor, StringRef what) {
  if (tensor.sizes)
    return tensor.sizes;
  if (tensor.isInteger() && tensor.payload && isReadable(tensor.payload) &&
      tensor.payload.getNumElements() <= kMaxComputedElements) {
    SmallVector<int64_t> values(tensor.payload.getNumElements());
    getCoding(tensor.payload).decodeIntegers(0, values);
    return SmallVector<Dim>(values.begin(), values.end());
  }
  (void)unsupported("its " + what + " must be constant integers");
  return std::nullopt;
}

std::optional<SmallVector<int64_t>> Node::getIntsOf(Tensor &tensor, StringRef what) {
  std::optional<SmallVector<Dim>> sizes = getSizesOf(tensor, what);
  if (!sizes)
    return std::nullopt;
  if (!onnx::isStatic(*sizes)) {
    (void)unsupported("its " + what + " must not depend on the batch");
    return std::nullopt;
  }
  return llvm::map_to_vector(*sizes, [](Dim dim) { return dim.factor; });
}

//===----------------------------------------------------------------------===//
// Making literals
//===----------------------------------------------------------------------===//

/// Doubles, if all numbers are exactly doubles.
static std::optional<SmallVector<double>> asDoubles(ArrayRef<Real> numbers) {
  SmallVector<double> doubles;
  for (const Real &number : numbers) {
    if (!number.isRational() || !number.asRational().isDouble())
      return std::nullopt;
    doubles.push_back(number.asRational().toDoubleNearest());
  }
  return doubles;
}

/// Floats of the least size that holds all numbers exactly.
static ElementsAttr makeFloats(ArrayRef<int64_t> shape, ArrayRef<double> numbers,
                               MLIRContext *context) {
  bool allSingle = llvm::all_of(numbers, [](double number) {
    return static_cast<double>(static_cast<float>(number)) == number;
  });
  if (!allSingle)
    return DenseElementsAttr::get(RankedTensorType::get(shape, Float64Type::get(context)), numbers);
  SmallVector<float> singles(numbers.begin(), numbers.end());
  return DenseElementsAttr::get(RankedTensorType::get(shape, Float32Type::get(context)),
                                ArrayRef<float>(singles));
}

ElementsAttr Node::getFloatElements(Tensor &tensor, StringRef what) {
  if (tensor.payload && isReadable(tensor.payload) &&
      isPlainFloat(tensor.payload.getElementType()) && allFinite(tensor.payload))
    return tensor.payload;
  std::optional<SmallVector<Real>> elements = getExact(tensor, what);
  if (!elements)
    return nullptr;
  std::optional<SmallVector<double>> doubles = asDoubles(*elements);
  if (!doubles) {
    (void)unsupported("its " + what + " is a computed constant that no float holds exactly");
    return nullptr;
  }
  return makeFloats(getSizes(tensor.shape), *doubles, op.getContext());
}

bool Node::isComputable(Tensor &tensor) {
  std::optional<int64_t> count = getStaticCount(tensor.shape);
  bool known = (tensor.payload && isReadable(tensor.payload)) || tensor.exact || tensor.sizes;
  return tensor.constant && known && count && *count <= kMaxComputedElements;
}

std::optional<Tensor> Node::pick(Tensor &tensor, ArrayRef<Dim> shape, ArrayRef<int64_t> positions) {
  Tensor result = tensor;
  result.shape.assign(shape.begin(), shape.end());
  result.value = nullptr;
  if (tensor.sizes)
    result.sizes = llvm::map_to_vector(positions, [&](int64_t i) { return (*tensor.sizes)[i]; });
  if (tensor.payload)
    result.payload = gatherPayload(tensor.payload, getSizes(shape), positions);
  if (tensor.payload || tensor.sizes)
    return result;
  SmallVector<Real> elements =
      llvm::map_to_vector(positions, [&](int64_t i) { return (*tensor.exact)[i]; });
  return makeExact(shape, tensor.elementType, std::move(elements));
}

ExactArrayAttr Node::makeExactArray(ArrayRef<Real> numbers) {
  MLIRContext *context = op.getContext();
  SmallVector<StringAttr> texts;
  texts.reserve(numbers.size());
  for (const Real &number : numbers)
    texts.push_back(StringAttr::get(context, number.toString()));
  return ExactArrayAttr::get(context, texts);
}

Tensor Node::makeSizes(ArrayRef<Dim> shape, Type elementType, SmallVector<Dim> elements) {
  Tensor tensor;
  tensor.known = true;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.elementType = elementType;
  tensor.sizes = std::move(elements);
  tensor.constant = true;
  return tensor;
}

std::optional<Tensor> Node::makeExact(ArrayRef<Dim> shape, Type elementType,
                                      SmallVector<Real> elements) {
  Tensor tensor;
  tensor.known = true;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.elementType = elementType;
  tensor.constant = true;
  if (std::optional<SmallVector<double>> doubles = asDoubles(elements)) {
    tensor.payload = makeFloats(getSizes(shape), *doubles, op.getContext());
    return tensor;
  }
  // Only algebraic numbers have a text.
  if (!llvm::all_of(elements, [](const Real &number) { return number.isAlgebraic(); }))
    return std::nullopt;
  tensor.exact = std::move(elements);
  return tensor;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

RankedTensorType Node::realType(ArrayRef<Dim> shape) {
  return getTensorType(shape, RealType::get(op.getContext()));
}

Value Node::makeScalar(double number) {
  ElementsAttr payload = makeFloats({}, number, op.getContext());
  return ConstantOp::create(builder, loc, realType({}),
                            DenseCodingAttr::get(op.getContext(), payload));
}

/// Integers as a coded constant of their ONNX type.
static Value makeIntegerConstant(Node &node, Tensor &tensor) {
  MLIRContext *context = node.op.getContext();
  auto type = cast<IntegerType>(tensor.elementType);
  CodingAttrInterface coding = DenseCodingAttr::get(context, tensor.payload);
  if (type.getWidth() <= 8)
    coding = UniformCodingAttr::get(context, tensor.payload, type.getWidth());
  return ConstantOp::create(node.builder, node.loc, getTensorType(tensor.shape, type), coding);
}

Value Node::integer(Tensor &tensor) {
  auto type = dyn_cast_or_null<IntegerType>(tensor.elementType);
  if (!type || type.isSignless()) {
    (void)unsupported("it needs integers, but an input has elements of type " +
                      getTypeName(tensor.elementType));
    return nullptr;
  }
  if (tensor.value && isa<IntegerType>(cast<RankedTensorType>(tensor.value.getType()).getElementType()))
    return tensor.value;
  if (!tensor.value && tensor.sizes) {
    std::optional<SmallVector<int64_t>> values = getIntsOf(tensor, "integer operand");
    if (!values)
      return nullptr;
    Type wide = builder.getIntegerType(64, true);
    tensor.payload = DenseElementsAttr::get(
        RankedTensorType::get(getSizes(tensor.shape), wide), ArrayRef<int64_t>(*values));
    return ConstantOp::create(builder, loc, getTensorType(tensor.shape, wide),
                              DenseCodingAttr::get(op.getContext(), tensor.payload));
  }
  if (!tensor.value && tensor.payload && isReadable(tensor.payload)) {
    tensor.value = makeIntegerConstant(*this, tensor);
    return tensor.value;
  }
  // Reals that are integers: their own codes on the unit grid.
  Value value = real(tensor);
  if (!value)
    return nullptr;
  return EncodeOp::create(builder, loc, getTensorType(tensor.shape, type), value, makeUnitGrid(type),
                          RoundingMode::HalfEven, /*zero_point_first=*/false);
}

Value Node::real(Tensor &tensor) {
  if (tensor.value && isa<RealType>(cast<RankedTensorType>(tensor.value.getType()).getElementType()))
    return tensor.value;
  if (tensor.isInteger()) {
    Value codes = integer(tensor);
    if (!codes)
      return nullptr;
    auto type = cast<IntegerType>(cast<RankedTensorType>(codes.getType()).getElementType());
    return DecodeOp::create(builder, loc, realType(tensor.shape), codes, makeUnitGrid(type),
                            ExactArrayAttr());
  }
  if (!tensor.payload || !isReadable(tensor.payload) || !isPlainFloat(tensor.payload.getElementType())) {
    (void)unsupported("an operand has elements of type " +
                      (tensor.elementType ? getTypeName(tensor.elementType) : "unknown") +
                      ", which have no exact arithmetic here");
    return nullptr;
  }
  if (!allFinite(tensor.payload)) {
    (void)invalid("a constant operand has a value that is infinite or not a number");
    return nullptr;
  }
  tensor.value = ConstantOp::create(builder, loc, realType(tensor.shape),
                                    DenseCodingAttr::get(op.getContext(), tensor.payload));
  return tensor.value;
}
