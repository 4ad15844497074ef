//===- PlainCodings.cpp - Codings without a table -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense, uniform and bipolar codings behind CodingAttrInterface.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

using namespace mlir;
using namespace sumac;

//===----------------------------------------------------------------------===//
// DenseCodingAttr
//===----------------------------------------------------------------------===//

LogicalResult
DenseCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        ElementsAttr payload) {
  return verifyPayload(emitError, payload);
}
LogicalResult DenseCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  return verifyPayloadContents(emitError, getPayload());
}
ArrayRef<int64_t> DenseCodingAttr::getShape() const {
  return getPayload().getShapedType().getShape();
}
bool DenseCodingAttr::isIntegral() const {
  return isa<IntegerType>(getPayload().getElementType());
}
void DenseCodingAttr::decodeIntegers(int64_t first,
                                     MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void DenseCodingAttr::decodeDoubles(int64_t first,
                                    MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned DenseCodingAttr::getElementBits() const {
  return getPayload().getElementType().getIntOrFloatBitWidth();
}
int64_t DenseCodingAttr::getStoredBits() const {
  return getPayload().getNumElements() * getElementBits();
}
unsigned DenseCodingAttr::getNumMasks() const {
  return isIntegral() ? getElementBits() : 0;
}
int64_t DenseCodingAttr::getMaskCoefficient(unsigned mask, int64_t /*channel*/) const {
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

LogicalResult
UniformCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          ElementsAttr payload, unsigned bits) {
  auto type = dyn_cast<IntegerType>(payload.getElementType());
  if (!type || type.isSignless() || type.getWidth() != 8)
    return emitError()
           << "payload of a uniform coding must have si8 or ui8 elements";
  if (bits < 1 || bits > 8)
    return emitError() << "a uniform coding has 1 to 8 bits, got " << bits;
  return verifyPayload(emitError, payload);
}
LogicalResult UniformCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getPayload())))
    return failure();
  bool isUnsigned = getPayload().getElementType().isUnsignedInteger();
  IntegerRange range = getRange(0, getPayload().getNumElements());
  int64_t min = isUnsigned ? 0 : llvm::minIntN(getBits());
  int64_t max =
      isUnsigned ? llvm::maxUIntN(getBits()) : llvm::maxIntN(getBits());
  if (range.min >= min && range.max <= max)
    return success();
  return emitError() << "weight " << (range.min < min ? range.min : range.max)
                     << " does not fit " << getBits()
                     << (isUnsigned ? " unsigned" : " signed") << " bits";
}
ArrayRef<int64_t> UniformCodingAttr::getShape() const {
  return getPayload().getShapedType().getShape();
}
void UniformCodingAttr::decodeIntegers(int64_t first,
                                       MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void UniformCodingAttr::decodeDoubles(int64_t first,
                                      MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned UniformCodingAttr::getElementBits() const { return getBits(); }
int64_t UniformCodingAttr::getStoredBits() const {
  return getPayload().getNumElements() * getBits();
}
unsigned UniformCodingAttr::getNumMasks() const { return getBits(); }
int64_t UniformCodingAttr::getMaskCoefficient(unsigned mask, int64_t /*channel*/) const {
  bool isSigned = cast<IntegerType>(getPayload().getElementType()).isSigned();
  int64_t value = int64_t(1) << mask;
  return isSigned && mask + 1 == getBits() ? -value : value;
}
std::string UniformCodingAttr::getCodingName() const {
  return "uniform" + std::to_string(getBits());
}

//===----------------------------------------------------------------------===//
// BipolarCodingAttr
//===----------------------------------------------------------------------===//

LogicalResult
BipolarCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          ElementsAttr payload) {
  if (!payload.getElementType().isSignedInteger(8))
    return emitError() << "payload of a bipolar coding must have si8 elements";
  return verifyPayload(emitError, payload);
}
LogicalResult BipolarCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getPayload())))
    return failure();
  constexpr int64_t kChunk = 4096;
  int64_t count = getPayload().getNumElements();
  SmallVector<int64_t> values;
  for (int64_t first = 0; first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    decodeIntegers(first, values);
    if (llvm::any_of(values,
                     [](int64_t value) { return value != 1 && value != -1; }))
      return emitError() << "weights of a bipolar coding must be -1 or +1";
  }
  return success();
}
ArrayRef<int64_t> BipolarCodingAttr::getShape() const {
  return getPayload().getShapedType().getShape();
}
void BipolarCodingAttr::decodeIntegers(int64_t first,
                                       MutableArrayRef<int64_t> out) const {
  readPayload(getPayload(), first, out);
}
void BipolarCodingAttr::decodeDoubles(int64_t first,
                                      MutableArrayRef<double> out) const {
  readPayload(getPayload(), first, out);
}
unsigned BipolarCodingAttr::getElementBits() const { return 1; }
int64_t BipolarCodingAttr::getStoredBits() const {
  return getPayload().getNumElements();
}
void BipolarCodingAttr::visitCodes(VisitCodes visit) const {
  // -1 is 0.
  visitPayloadCodes(getPayload(), 1, visit,
                    [](uint64_t value) -> uint64_t { return value == 1; });
}
std::optional<uint64_t> BipolarCodingAttr::getZeroCode() const {
  return std::nullopt;
}
// w = 2 b - 1: the bit mask counts twice, the mask of ones is subtracted.
unsigned BipolarCodingAttr::getNumMasks() const { return 2; }
int64_t BipolarCodingAttr::getMaskCoefficient(unsigned mask, int64_t /*channel*/) const {
  return mask == 0 ? 2 : -1;
}
void BipolarCodingAttr::decodeMasks(int64_t first,
                                    MutableArrayRef<uint8_t> out) const {
  SmallVector<int64_t> values(out.size());
  decodeIntegers(first, values);
  for (auto [mask, value] : llvm::zip_equal(out, values))
    mask = value > 0 ? 0b11 : 0b10;
}
std::string BipolarCodingAttr::getCodingName() const { return "bipolar"; }
