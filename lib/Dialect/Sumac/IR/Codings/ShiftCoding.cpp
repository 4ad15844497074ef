//===- ShiftCoding.cpp - Sums of signed powers of two ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

constexpr int64_t kMaxTerms = 4;
constexpr int64_t kMaxExponent = 62;

LogicalResult
ShiftCodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        ElementsAttr terms) {
  if (!terms.getElementType().isSignedInteger(8))
    return emitError() << "terms of a shift coding must have si8 elements";
  if (failed(verifyPayload(emitError, terms)))
    return failure();
  ArrayRef<int64_t> shape = terms.getShapedType().getShape();
  if (shape.size() < 2 || shape[0] < 1 || shape[0] > kMaxTerms)
    return emitError() << "terms of a shift coding must have a first dimension "
                          "of 1 to "
                       << kMaxTerms << " and one for each of the weights'";
  return success();
}

LogicalResult ShiftCodingAttr::verifyContents(
    function_ref<InFlightDiagnostic()> emitError) const {
  if (failed(verifyPayloadContents(emitError, getTerms())))
    return failure();
  IntegerRange range = getPayloadRange(getTerms());
  int64_t most = std::max(-range.min, range.max);
  if (most > kMaxExponent + 1)
    return emitError() << "the exponent " << most - 1
                       << " of a term is beyond " << kMaxExponent;
  // 4 terms of 2^61 are 2^63.
  if (most > kMaxExponent - 1 && getTerms().getShapedType().getDimSize(0) > 1)
    return emitError() << "sums of terms with the exponent " << most - 1
                       << " may not fit 64 bits";
  return success();
}

ArrayRef<int64_t> ShiftCodingAttr::getShape() const {
  return getTerms().getShapedType().getShape().drop_front();
}

static int64_t getTerm(int64_t code) {
  if (code == 0)
    return 0;
  // A code beyond the verifier's bounds must not shift by more than 63.
  int64_t power = int64_t(1) << std::min(std::abs(code) - 1, kMaxExponent);
  return code < 0 ? -power : power;
}

void ShiftCodingAttr::decodeIntegers(int64_t first,
                                     MutableArrayRef<int64_t> out) const {
  int64_t count = ShapedType::getNumElements(getShape());
  llvm::fill(out, 0);
  SmallVector<int64_t> codes(out.size());
  for (int64_t t = 0; t < getTerms().getShapedType().getDimSize(0); ++t) {
    readPayload(getTerms(), t * count + first, codes);
    for (auto [value, code] : llvm::zip_equal(out, codes))
      value += getTerm(code);
  }
}

/// Bits of one term: its sign and its exponent, which may also say "none".
static unsigned getTermBits(ElementsAttr terms) {
  IntegerRange all = getPayloadRange(terms);
  int64_t most = std::max(-all.min, all.max), least = most;
  SmallVector<int64_t> codes = readPayloadIntegers(terms);
  for (int64_t code : codes)
    if (code != 0)
      least = std::min(least, std::abs(code));
  return 1 + llvm::Log2_64_Ceil(static_cast<uint64_t>(most - least + 2));
}

/// Terms of all channels together: k_n is how many of the T planes have a term
/// in row n.
static int64_t countTerms(ShiftCodingAttr coding) {
  ArrayRef<int64_t> shape = coding.getTerms().getShapedType().getShape();
  int64_t rows = shape[1];
  int64_t perRow = rows == 0 ? 0
                             : ShapedType::getNumElements(coding.getShape()) /
                                   rows;
  SmallVector<int64_t> row(perRow);
  int64_t terms = 0;
  for (int64_t i = 0; i < shape[0] * rows; ++i) {
    readPayload(coding.getTerms(), i * perRow, row);
    if (llvm::any_of(row, [](int64_t code) { return code != 0; }))
      terms += perRow;
  }
  return terms;
}

unsigned ShiftCodingAttr::getElementBits() const {
  return getTermBits(getTerms()) *
         static_cast<unsigned>(getTerms().getShapedType().getDimSize(0));
}

int64_t ShiftCodingAttr::getStoredBits() const {
  // Each channel says how many terms it has: 0 to 4.
  return countTerms(*this) * getTermBits(getTerms()) +
         3 * getTerms().getShapedType().getDimSize(1);
}

std::string ShiftCodingAttr::getCodingName() const {
  return "shift" + std::to_string(getTerms().getShapedType().getDimSize(0));
}
