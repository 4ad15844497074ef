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
namespace {
/// How terms are stored: the sign, then 0 for none or 1 + the exponent above
/// the least one.
struct TermFormat {
  unsigned bits = 1;
  int64_t least = 0;

  explicit TermFormat(ElementsAttr terms) {
    IntegerRange all = getPayloadRange(terms);
    int64_t most = std::max(-all.min, all.max);
    least = most;
    constexpr int64_t kChunk = 4096;
    SmallVector<int64_t> chunk;
    for (int64_t first = 0, count = terms.getNumElements(); first < count;
         first += kChunk) {
      chunk.resize(std::min(kChunk, count - first));
      readPayload(terms, first, chunk);
      for (int64_t term : chunk)
        if (term != 0)
          least = std::min(least, std::abs(term));
    }
    bits = 1 + llvm::Log2_64_Ceil(static_cast<uint64_t>(most - least + 2));
  }

  uint64_t getCode(int64_t term) const {
    if (term == 0)
      return 0;
    auto sign = static_cast<uint64_t>(term < 0) << (bits - 1);
    return sign | static_cast<uint64_t>(std::abs(term) - least + 1);
  }
};
} // namespace

static int64_t getNumTerms(ShiftCodingAttr coding) {
  return coding.getTerms().getShapedType().getDimSize(0);
}

/// Elements of one output channel.
static int64_t getRowSize(ShiftCodingAttr coding) {
  int64_t rows = coding.getShape()[0];
  return rows == 0 ? 0 : ShapedType::getNumElements(coding.getShape()) / rows;
}

/// Which of the terms a channel has: others take no bits in it.
static SmallVector<int64_t> getUsedTerms(ShiftCodingAttr coding,
                                         int64_t channel) {
  int64_t size = getRowSize(coding);
  SmallVector<int64_t> row(size), used;
  for (int64_t t = 0; t < getNumTerms(coding); ++t) {
    readPayload(coding.getTerms(),
                (t * coding.getShape()[0] + channel) * size, row);
    if (llvm::any_of(row, [](int64_t term) { return term != 0; }))
      used.push_back(t);
  }
  return used;
}

unsigned ShiftCodingAttr::getElementBits() const {
  return TermFormat(getTerms()).bits * static_cast<unsigned>(getNumTerms(*this));
}

int64_t ShiftCodingAttr::getStoredBits() const {
  int64_t terms = 0;
  for (int64_t n = 0; n < getShape()[0]; ++n)
    terms += getUsedTerms(*this, n).size();
  // Each channel says how many terms it has: 0 to 4.
  return terms * getRowSize(*this) * TermFormat(getTerms()).bits +
         3 * getShape()[0];
}

void ShiftCodingAttr::visitCodes(VisitCodes visit) const {
  TermFormat format(getTerms());
  int64_t rows = getShape()[0], columns = getRowSize(*this);
  SmallVector<int64_t> terms(columns);
  SmallVector<uint64_t> codes(columns);
  for (int64_t row = 0; row < rows; ++row) {
    llvm::fill(codes, 0);
    SmallVector<int64_t> used = getUsedTerms(*this, row);
    for (auto [i, t] : llvm::enumerate(used)) {
      readPayload(getTerms(), (t * rows + row) * columns, terms);
      for (auto [code, term] : llvm::zip_equal(codes, terms))
        code |= format.getCode(term) << (i * format.bits);
    }
    visit(row, format.bits * static_cast<unsigned>(used.size()), codes);
  }
}

std::string ShiftCodingAttr::getCodingName() const {
  return "shift" + std::to_string(getNumTerms(*this));
}
