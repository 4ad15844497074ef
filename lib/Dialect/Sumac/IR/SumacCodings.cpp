//===- SumacCodings.cpp - Weight codings of the sumac dialect ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense, uniform and bipolar codings behind CodingAttrInterface.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace sumac;

/// The payload's bytes where they are stored plainly: a blob, or a dense array
/// that is no splat. Null otherwise.
static ArrayRef<char> getRawBytes(ElementsAttr payload) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(payload))
    return dense.getRawData();
  return {};
}

/// Bytes that one element takes in a payload.
static int64_t getElementBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

static bool isSplat(ElementsAttr payload) {
  auto dense = dyn_cast<DenseElementsAttr>(payload);
  return dense && dense.isSplat();
}

template <typename T, typename Out>
static void copyAs(ArrayRef<char> bytes, int64_t first, bool splat, MutableArrayRef<Out> out) {
  for (auto [i, value] : llvm::enumerate(out)) {
    T element;
    std::memcpy(&element, bytes.data() + (splat ? 0 : (first + i) * sizeof(T)), sizeof(T));
    value = static_cast<Out>(element);
  }
}

/// Copies integer or float elements [first, first + out.size()) of a verified
/// payload.
template <typename Out>
static void readPayload(ElementsAttr payload, int64_t first, MutableArrayRef<Out> out) {
  ArrayRef<char> bytes = getRawBytes(payload);
  Type type = payload.getElementType();
  bool splat = isSplat(payload);
  if (isa<Float32Type>(type))
    return copyAs<float>(bytes, first, splat, out);
  if (isa<Float64Type>(type))
    return copyAs<double>(bytes, first, splat, out);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    SmallVector<uint16_t> bits(out.size());
    copyAs<uint16_t>(bytes, first, splat, MutableArrayRef<uint16_t>(bits));
    for (auto [value, pattern] : llvm::zip_equal(out, bits))
      value = static_cast<Out>(
          APFloat(floatType.getFloatSemantics(), APInt(16, pattern)).convertToDouble());
    return;
  }
  bool isUnsigned = cast<IntegerType>(type).isUnsigned();
  switch (getElementBytes(type)) {
  case 1:
    return isUnsigned ? copyAs<uint8_t>(bytes, first, splat, out) : copyAs<int8_t>(bytes, first, splat, out);
  case 2:
    return isUnsigned ? copyAs<uint16_t>(bytes, first, splat, out) : copyAs<int16_t>(bytes, first, splat, out);
  case 4:
    return isUnsigned ? copyAs<uint32_t>(bytes, first, splat, out) : copyAs<int32_t>(bytes, first, splat, out);
  default:
    return copyAs<int64_t>(bytes, first, splat, out);
  }
}

/// A payload must be dense or an existing resource of the right size, with
/// elements that readPayload knows.
static LogicalResult verifyPayload(function_ref<InFlightDiagnostic()> emitError, ElementsAttr payload) {
  ShapedType type = payload.getShapedType();
  Type element = type.getElementType();
  auto integer = dyn_cast<IntegerType>(element);
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(element) &&
      !(integer && !integer.isSignless() && llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth())))
    return emitError() << "payload elements must be f16, bf16, f32, f64 or signed or unsigned integers of 8, 16, 32 or 64 bits, got " << element;
  if (!isa<DenseElementsAttr, DenseResourceElementsAttr>(payload))
    return emitError() << "payload must be dense or a dense resource";
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    // A resource may be declared after its use in the text; its size is
    // checked when there is a blob.
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (blob && static_cast<int64_t>(blob->getData().size()) != type.getNumElements() * getElementBytes(element))
      return emitError() << "resource has " << blob->getData().size() << " bytes, expected "
                         << type.getNumElements() * getElementBytes(element);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// DenseCodingAttr
//===----------------------------------------------------------------------===//

LogicalResult DenseCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError, ElementsAttr payload) {
  return verifyPayload(emitError, payload);
}
ArrayRef<int64_t> DenseCodingAttr::getShape() const { return getPayload().getShapedType().getShape(); }
bool DenseCodingAttr::isIntegral() const { return isa<IntegerType>(getPayload().getElementType()); }
void DenseCodingAttr::decodeIntegers(int64_t first, MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void DenseCodingAttr::decodeDoubles(int64_t first, MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned DenseCodingAttr::getElementBits() const { return getPayload().getElementType().getIntOrFloatBitWidth(); }
int64_t DenseCodingAttr::getStoredBits() const { return getPayload().getNumElements() * getElementBits(); }
unsigned DenseCodingAttr::getNumMasks() const { return isIntegral() ? getElementBits() : 0; }
int64_t DenseCodingAttr::getMaskCoefficient(unsigned mask) const {
  bool isSigned = cast<IntegerType>(getPayload().getElementType()).isSigned();
  auto value = static_cast<int64_t>(uint64_t(1) << mask);
  return isSigned && mask + 1 == getElementBits() ? -value : value;
}
std::string DenseCodingAttr::getCodingName() const {
  std::string name;
  llvm::raw_string_ostream(name) << getPayload().getElementType();
  return name;
}

//===----------------------------------------------------------------------===//
// UniformCodingAttr
//===----------------------------------------------------------------------===//

LogicalResult UniformCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError, ElementsAttr payload,
                                        unsigned bits) {
  auto type = dyn_cast<IntegerType>(payload.getElementType());
  if (!type || type.isSignless() || type.getWidth() != 8)
    return emitError() << "payload of a uniform coding must have si8 or ui8 elements";
  if (bits < 1 || bits > 8)
    return emitError() << "a uniform coding has 1 to 8 bits, got " << bits;
  if (failed(verifyPayload(emitError, payload)))
    return failure();
  if (getRawBytes(payload).empty())
    return success();
  SmallVector<int64_t> values(isSplat(payload) ? 1 : payload.getNumElements());
  readPayload(payload, 0, MutableArrayRef<int64_t>(values));
  int64_t min = type.isUnsigned() ? 0 : llvm::minIntN(bits);
  int64_t max = type.isUnsigned() ? llvm::maxUIntN(bits) : llvm::maxIntN(bits);
  for (int64_t value : values)
    if (value < min || value > max)
      return emitError() << "weight " << value << " does not fit " << bits << (type.isUnsigned() ? " unsigned" : " signed") << " bits";
  return success();
}
ArrayRef<int64_t> UniformCodingAttr::getShape() const { return getPayload().getShapedType().getShape(); }
bool UniformCodingAttr::isIntegral() const { return true; }
void UniformCodingAttr::decodeIntegers(int64_t first, MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void UniformCodingAttr::decodeDoubles(int64_t first, MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned UniformCodingAttr::getElementBits() const { return getBits(); }
int64_t UniformCodingAttr::getStoredBits() const { return getPayload().getNumElements() * getBits(); }
unsigned UniformCodingAttr::getNumMasks() const { return getBits(); }
int64_t UniformCodingAttr::getMaskCoefficient(unsigned mask) const {
  bool isSigned = cast<IntegerType>(getPayload().getElementType()).isSigned();
  int64_t value = int64_t(1) << mask;
  return isSigned && mask + 1 == getBits() ? -value : value;
}
std::string UniformCodingAttr::getCodingName() const { return "uniform" + std::to_string(getBits()); }

//===----------------------------------------------------------------------===//
// BipolarCodingAttr
//===----------------------------------------------------------------------===//

LogicalResult BipolarCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError, ElementsAttr payload) {
  if (!payload.getElementType().isSignedInteger(8))
    return emitError() << "payload of a bipolar coding must have si8 elements";
  if (failed(verifyPayload(emitError, payload)))
    return failure();
  ArrayRef<char> bytes = getRawBytes(payload);
  if (llvm::any_of(bytes, [](char value) { return value != 1 && value != -1; }))
    return emitError() << "weights of a bipolar coding must be -1 or +1";
  return success();
}
ArrayRef<int64_t> BipolarCodingAttr::getShape() const { return getPayload().getShapedType().getShape(); }
bool BipolarCodingAttr::isIntegral() const { return true; }
void BipolarCodingAttr::decodeIntegers(int64_t first, MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void BipolarCodingAttr::decodeDoubles(int64_t first, MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned BipolarCodingAttr::getElementBits() const { return 1; }
int64_t BipolarCodingAttr::getStoredBits() const { return getPayload().getNumElements(); }
// w = 2 b - 1: the bit mask counts twice, the mask of ones is subtracted.
unsigned BipolarCodingAttr::getNumMasks() const { return 2; }
int64_t BipolarCodingAttr::getMaskCoefficient(unsigned mask) const { return mask == 0 ? 2 : -1; }
std::string BipolarCodingAttr::getCodingName() const { return "bipolar"; }
