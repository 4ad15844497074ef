//===- PoolCoding.cpp - Indices into a table of vectors -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

constexpr int64_t kMaxEntries = 256;

LogicalResult
PoolCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       ElementsAttr indices, ElementsAttr table,
                       ArrayRef<int64_t> shape) {
  if (!indices.getElementType().isUnsignedInteger(8))
    return emitError() << "indices of a pool coding must have ui8 elements";
  if (failed(verifyPayload(emitError, indices)) ||
      failed(verifyPayload(emitError, table)))
    return failure();
  ShapedType type = table.getShapedType();
  if (!type.getElementType().isSignedInteger(8) || type.getRank() != 2 ||
      type.getDimSize(1) != kGroup)
    return emitError() << "the table of a pool coding must have rows of "
                       << kGroup << " si8 elements";
  if (type.getDimSize(0) < 1 || type.getDimSize(0) > kMaxEntries)
    return emitError() << "the table of a pool coding has 1 to " << kMaxEntries
                       << " rows, got " << type.getDimSize(0);
  if (shape.size() != 2 || shape[0] < 0 || shape[1] < 0 ||
      shape[1] > INT64_MAX - kGroup)
    return emitError() << "the shape of a pool coding has two dimensions";
  if (indices.getShapedType().getShape() !=
      ArrayRef<int64_t>({shape[0], static_cast<int64_t>(llvm::divideCeil(
                                       shape[1], kGroup))}))
    return emitError() << "indices of a pool coding must have a row for each "
                          "output channel and a column for each "
                       << kGroup << " inputs";
  return success();
}

LogicalResult PoolCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getIndices())) ||
      failed(verifyPayloadContents(emitError, getTable())))
    return failure();
  int64_t most = getPayloadRange(getIndices()).max;
  if (most >= getTable().getShapedType().getDimSize(0))
    return emitError() << "index " << most << " is beyond the table of "
                       << getTable().getShapedType().getDimSize(0) << " rows";
  return success();
}

ArrayRef<int64_t> PoolCodingAttr::getShape() const { return getWeightShape(); }

void PoolCodingAttr::decodeIntegers(int64_t first,
                                    MutableArrayRef<int64_t> out) const {
  int64_t inputs = getWeightShape()[1], rows = getTable().getShapedType().getDimSize(0);
  int64_t groups = llvm::divideCeil(inputs, kGroup);
  SmallVector<int64_t> table = readPayloadIntegers(getTable());
  SmallVector<int64_t> indices(groups);
  int64_t loaded = -1;
  for (auto [i, value] : llvm::enumerate(out)) {
    int64_t position = first + static_cast<int64_t>(i);
    int64_t n = position / inputs, k = position % inputs;
    if (n != loaded) {
      readPayload(getIndices(), n * groups, indices);
      loaded = n;
    }
    int64_t index = indices[k / kGroup];
    value = index < rows ? table[index * kGroup + k % kGroup] : 0;
  }
}

unsigned PoolCodingAttr::getElementBits() const {
  // Groups have codes, not elements; these are an element's bits in the table.
  return 8;
}

static unsigned getIndexBits(PoolCodingAttr coding) {
  int64_t rows = coding.getTable().getShapedType().getDimSize(0);
  return std::max(1u, llvm::Log2_64_Ceil(rows));
}

int64_t PoolCodingAttr::getStoredBits() const {
  return getIndices().getNumElements() * getIndexBits(*this) +
         getTableBits(getTable());
}

ArrayRef<int64_t> PoolCodingAttr::getCodeShape() const {
  return getIndices().getShapedType().getShape();
}

void PoolCodingAttr::visitCodes(VisitCodes visit) const {
  visitPayloadCodes(getIndices(), getIndexBits(*this), visit);
}

int64_t PoolCodingAttr::getGroupSize() const { return kGroup; }

int64_t PoolCodingAttr::getNumGroups() const {
  return getTable().getShapedType().getDimSize(0);
}

void PoolCodingAttr::decodeGroup(int64_t group,
                                 MutableArrayRef<int64_t> out) const {
  readPayload(getTable(), group * kGroup, out);
}

std::optional<uint64_t> PoolCodingAttr::getZeroCode() const {
  SmallVector<int64_t> table = readPayloadIntegers(getTable());
  for (size_t row = 0; row < table.size() / kGroup; ++row)
    if (llvm::all_of(ArrayRef(table).slice(row * kGroup, kGroup),
                     [](int64_t value) { return value == 0; }))
      return row;
  return std::nullopt;
}

std::string PoolCodingAttr::getCodingName() const {
  return "pool" + std::to_string(getTable().getShapedType().getDimSize(0));
}
