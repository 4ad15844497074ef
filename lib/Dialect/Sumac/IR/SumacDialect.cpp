//===- SumacDialect.cpp - The sumac dialect -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration, enumerations and interfaces of the sumac dialect.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "Detail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

#include "sumac/Dialect/Sumac/IR/SumacDialect.cpp.inc"
#include "sumac/Dialect/Sumac/IR/SumacEnums.cpp.inc"

#include "sumac/Dialect/Sumac/IR/SumacAttrInterfaces.cpp.inc"
#include "sumac/Dialect/Sumac/IR/SumacOpInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacTypes.cpp.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacOps.cpp.inc"

void SumacDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "sumac/Dialect/Sumac/IR/SumacTypes.cpp.inc"
      >();
  registerAttributes();
  detail::registerBytecode(*this);
  addOperations<
#define GET_OP_LIST
#include "sumac/Dialect/Sumac/IR/SumacOps.cpp.inc"
      >();
}

Operation *SumacDialect::materializeConstant(OpBuilder &builder,
                                             Attribute value, Type type,
                                             Location loc) {
  if (auto coding = dyn_cast<CodingAttrInterface>(value))
    return ConstantOp::create(builder, loc, type, coding);
  return nullptr;
}

IntegerRange sumac::detail::scanRange(CodingAttrInterface coding, int64_t first,
                                      int64_t count) {
  constexpr int64_t kChunk = 4096;
  SmallVector<int64_t> values(std::min(kChunk, count));
  IntegerRange range{INT64_MAX, INT64_MIN};
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    MutableArrayRef<int64_t> out = MutableArrayRef<int64_t>(values).take_front(
        std::min(kChunk, count - begin));
    coding.decodeIntegers(first + begin, out);
    for (int64_t value : out) {
      range.min = std::min(range.min, value);
      range.max = std::max(range.max, value);
    }
  }
  return count ? range : IntegerRange{0, 0};
}

void sumac::detail::decodeAsDoubles(CodingAttrInterface coding, int64_t first,
                                    MutableArrayRef<double> out) {
  SmallVector<int64_t> integers(out.size());
  coding.decodeIntegers(first, integers);
  llvm::copy(integers, out.begin());
}

void sumac::detail::visitTwosComplementCodes(CodingAttrInterface coding,
                                             VisitCodes visit) {
  ArrayRef<int64_t> shape = coding.getShape();
  int64_t rows = shape.empty() ? 1 : shape.front();
  int64_t columns = rows == 0 ? 0 : ShapedType::getNumElements(shape) / rows;
  unsigned bits = coding.getElementBits();
  uint64_t mask = llvm::maskTrailingOnes<uint64_t>(bits);
  SmallVector<int64_t> integers(columns);
  SmallVector<uint64_t> codes(columns);
  for (int64_t row = 0; row < rows; ++row) {
    coding.decodeIntegers(row * columns, integers);
    for (auto [code, value] : llvm::zip_equal(codes, integers))
      code = static_cast<uint64_t>(value) & mask;
    visit(row, bits, codes);
  }
}

void sumac::detail::decodeTwosComplementMasks(CodingAttrInterface coding,
                                              int64_t first,
                                              MutableArrayRef<uint8_t> out) {
  SmallVector<int64_t> integers(out.size());
  coding.decodeIntegers(first, integers);
  auto bits = static_cast<uint8_t>((1u << std::min(8u, coding.getNumMasks())) - 1);
  for (auto [mask, value] : llvm::zip_equal(out, integers))
    mask = static_cast<uint8_t>(value) & bits;
}
