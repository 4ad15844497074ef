//===- BasisCoding.cpp - Sums of coefficients -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

constexpr unsigned kMaxCoefficients = 8;

static unsigned getCount(BasisCodingAttr coding) {
  return coding.getCoefficients().getShapedType().getDimSize(1);
}
static int64_t getChannels(BasisCodingAttr coding) {
  return coding.getCoefficients().getShapedType().getDimSize(0);
}

LogicalResult
BasisCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        ElementsAttr codes, ElementsAttr coefficients) {
  if (!codes.getElementType().isUnsignedInteger(8))
    return emitError() << "codes of a basis coding must have ui8 elements";
  if (failed(verifyPayload(emitError, codes)) ||
      failed(verifyPayload(emitError, coefficients)))
    return failure();
  ShapedType type = coefficients.getShapedType();
  if (!type.getElementType().isSignedInteger(64) || type.getRank() != 2)
    return emitError() << "coefficients of a basis coding must be a matrix of "
                          "si64 elements";
  int64_t rows = type.getDimSize(0), count = type.getDimSize(1);
  if (count < 1 || count > kMaxCoefficients)
    return emitError() << "a basis coding has 1 to " << kMaxCoefficients
                       << " coefficients, got " << count;
  ArrayRef<int64_t> shape = codes.getShapedType().getShape();
  if (rows < 1 || (rows != 1 && (shape.empty() || rows != shape.front())))
    return emitError() << "coefficients must have one row, or one for each "
                          "output channel";
  return success();
}

/// Sums of every subset of one channel's coefficients, or nothing where one
/// needs more than 64 bits.
static std::optional<SmallVector<int64_t>>
getSubsetSums(ArrayRef<int64_t> coefficients) {
  SmallVector<int64_t> sums{0};
  for (int64_t coefficient : coefficients)
    for (size_t i = 0, e = sums.size(); i != e; ++i) {
      int64_t sum;
      if (llvm::AddOverflow(sums[i], coefficient, sum))
        return std::nullopt;
      sums.push_back(sum);
    }
  return sums;
}

LogicalResult BasisCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getCodes())) ||
      failed(verifyPayloadContents(emitError, getCoefficients())))
    return failure();
  unsigned count = getCount(*this);
  SmallVector<int64_t> coefficients = readPayloadIntegers(getCoefficients());
  for (int64_t row = 0; row < getChannels(*this); ++row)
    if (!getSubsetSums(ArrayRef(coefficients).slice(row * count, count)))
      return emitError() << "sums of the coefficients do not fit 64 bits";
  IntegerRange codes = getPayloadRange(getCodes());
  if (codes.max >= int64_t(1) << count)
    return emitError() << "code " << codes.max << " needs more than " << count
                       << " coefficients";
  return success();
}

ArrayRef<int64_t> BasisCodingAttr::getShape() const {
  return getCodes().getShapedType().getShape();
}

void BasisCodingAttr::decodeMasks(int64_t first,
                                  MutableArrayRef<uint8_t> out) const {
  SmallVector<int64_t> codes(out.size());
  readPayload(getCodes(), first, codes);
  llvm::copy(codes, out.begin());
}

void BasisCodingAttr::decodeIntegers(int64_t first,
                                     MutableArrayRef<int64_t> out) const {
  unsigned count = getCount(*this);
  int64_t rows = getChannels(*this);
  int64_t perRow = rows == 1 ? INT64_MAX : getCodes().getNumElements() / rows;
  readPayload(getCodes(), first, out);
  SmallVector<int64_t> coefficients(count), sums;
  int64_t row = -1;
  for (auto [i, value] : llvm::enumerate(out)) {
    if (int64_t next = (first + static_cast<int64_t>(i)) / perRow;
        next != row) {
      row = next;
      readPayload(getCoefficients(), row * count, coefficients);
      sums = getSubsetSums(coefficients).value_or(SmallVector<int64_t>());
    }
    value = static_cast<size_t>(value) < sums.size() ? sums[value] : 0;
  }
}

unsigned BasisCodingAttr::getElementBits() const { return getCount(*this); }

int64_t BasisCodingAttr::getStoredBits() const {
  return getCodes().getNumElements() * getElementBits() +
         getTableBits(getCoefficients());
}

void BasisCodingAttr::visitCodes(VisitCodes visit) const {
  visitPayloadCodes(getCodes(), getElementBits(), visit);
}

unsigned BasisCodingAttr::getNumMasks() const { return getCount(*this); }

int64_t BasisCodingAttr::getMaskCoefficient(unsigned mask,
                                            int64_t channel) const {
  int64_t value;
  readPayload(getCoefficients(),
              (getChannels(*this) == 1 ? 0 : channel) * getCount(*this) + mask,
              MutableArrayRef(value));
  return value;
}

std::string BasisCodingAttr::getCodingName() const {
  return "basis" + std::to_string(getCount(*this));
}
