//===- CodebookCoding.cpp - Indices into a table of values ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

constexpr int64_t kMaxValues = 256;

static int64_t getCount(CodebookCodingAttr coding) {
  return coding.getValues().getShapedType().getDimSize(0);
}

LogicalResult
CodebookCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                           ElementsAttr indices, ElementsAttr values) {
  if (!indices.getElementType().isUnsignedInteger(8))
    return emitError() << "indices of a codebook must have ui8 elements";
  if (failed(verifyPayload(emitError, indices)) ||
      failed(verifyPayload(emitError, values)))
    return failure();
  ShapedType type = values.getShapedType();
  if (!type.getElementType().isSignedInteger(64) || type.getRank() != 1)
    return emitError() << "values of a codebook must be a list of si64 elements";
  if (type.getDimSize(0) < 1 || type.getDimSize(0) > kMaxValues)
    return emitError() << "a codebook has 1 to " << kMaxValues
                       << " values, got " << type.getDimSize(0);
  return success();
}

LogicalResult CodebookCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getIndices())) ||
      failed(verifyPayloadContents(emitError, getValues())))
    return failure();
  SmallVector<int64_t> values = readPayloadIntegers(getValues());
  llvm::sort(values);
  auto *duplicate = std::adjacent_find(values.begin(), values.end());
  if (duplicate != values.end())
    return emitError() << "a codebook has the value " << *duplicate << " twice";
  int64_t most = getPayloadRange(getIndices()).max;
  if (most >= getCount(*this))
    return emitError() << "index " << most << " is beyond the codebook of "
                       << getCount(*this) << " values";
  return success();
}

ArrayRef<int64_t> CodebookCodingAttr::getShape() const {
  return getIndices().getShapedType().getShape();
}

void CodebookCodingAttr::decodeIntegers(int64_t first,
                                        MutableArrayRef<int64_t> out) const {
  SmallVector<int64_t> values = readPayloadIntegers(getValues());
  readPayload(getIndices(), first, out);
  for (int64_t &value : out)
    value = static_cast<size_t>(value) < values.size() ? values[value] : 0;
}

unsigned CodebookCodingAttr::getElementBits() const {
  return std::max(1u, llvm::Log2_64_Ceil(getCount(*this)));
}

int64_t CodebookCodingAttr::getStoredBits() const {
  return getIndices().getNumElements() * getElementBits() +
         getTableBits(getValues());
}

void CodebookCodingAttr::visitCodes(VisitCodes visit) const {
  visitPayloadCodes(getIndices(), getElementBits(), visit);
}

std::optional<uint64_t> CodebookCodingAttr::getZeroCode() const {
  SmallVector<int64_t> values = readPayloadIntegers(getValues());
  const int64_t *zero = llvm::find(values, 0);
  if (zero == values.end())
    return std::nullopt;
  return zero - values.begin();
}

std::string CodebookCodingAttr::getCodingName() const {
  return "codebook" + std::to_string(getCount(*this));
}
