//===- SumacPayload.cpp - Arrays held by attributes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks and reads of dense arrays and resource blobs.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace sumac;

/// More elements than this are refused: no constant of a network is as large,
/// and byte counts stay far from overflow.
static constexpr int64_t kMaxElements = int64_t(1) << 32;

/// Elements that are read at a time where all are looked at.
static constexpr int64_t kChunk = 4096;

/// The bytes of a dense array (one element for a splat) or a resource; empty
/// where the resource is missing.
static ArrayRef<char> getRawBytes(ElementsAttr payload) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  if (auto dense = dyn_cast<DenseIntOrFPElementsAttr>(payload))
    return dense.getRawData();
  return {};
}

static int64_t getElementBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

static bool isSplat(ElementsAttr payload) {
  auto dense = dyn_cast<DenseElementsAttr>(payload);
  return dense && dense.isSplat();
}

static bool isPayloadElement(Type type) {
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSignless() &&
         llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth());
}

/// Number of elements, or nullopt where it is beyond kMaxElements.
static std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || size > kMaxElements / count)
      return std::nullopt;
    count *= size;
  }
  return count;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// What is wrong with a payload's kind, type or size; empty if nothing is.
static std::string findTypeProblem(ElementsAttr payload) {
  std::string problem;
  llvm::raw_string_ostream os(problem);
  auto type = dyn_cast<RankedTensorType>(payload.getType());
  std::optional<int64_t> count =
      type ? countElements(type.getShape()) : std::nullopt;
  if (!isa<DenseIntOrFPElementsAttr, DenseResourceElementsAttr>(payload))
    os << "payload must be dense numbers or a dense resource";
  else if (!type || !type.hasStaticShape())
    os << "payload must be a tensor of static shape, got '" << payload.getType()
       << "'";
  else if (!isPayloadElement(type.getElementType()))
    os << "payload elements must be f16, bf16, f32, f64 or signed or unsigned "
          "integers of 8, 16, "
          "32 or 64 bits, got '"
       << type.getElementType() << "'";
  else if (!count)
    os << "payload of type '" << type << "' has more than 2^32 elements";
  // A resource may be declared after its use in the text; its size is checked
  // when there is a blob.
  if (!problem.empty() || !isa<DenseResourceElementsAttr>(payload) ||
      !isPayloadPresent(payload))
    return problem;
  auto bytes = static_cast<int64_t>(getRawBytes(payload).size());
  int64_t expected = *count * getElementBytes(type.getElementType());
  if (bytes != expected)
    os << "resource has " << bytes << " bytes, expected " << expected;
  return problem;
}

/// A value of a payload of good type that it must not have; empty if none.
static std::string findValueProblem(ElementsAttr payload, bool allowInfinite,
                                    bool allowNaN) {
  if (payload.getElementType().isUnsignedInteger(64)) {
    for (int64_t value : readPayloadIntegers(payload))
      if (value < 0)
        return "payload has an integer beyond 2^63 - 1";
    return "";
  }
  if (!isa<FloatType>(payload.getElementType()))
    return "";
  int64_t count = isSplat(payload) ? 1 : payload.getNumElements();
  SmallVector<double> values;
  for (int64_t first = 0; first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    readPayload(payload, first, MutableArrayRef<double>(values));
    for (double value : values) {
      if (std::isnan(value) && !allowNaN)
        return "payload has a NaN";
      if (std::isinf(value) && !allowInfinite)
        return "payload has an infinity";
    }
  }
  return "";
}

static std::string findProblem(ElementsAttr payload, bool allowInfinite,
                               bool allowNaN = false) {
  std::string problem = findTypeProblem(payload);
  if (!problem.empty())
    return problem;
  if (isPayloadPresent(payload))
    return findValueProblem(payload, allowInfinite, allowNaN);
  StringRef key =
      cast<DenseResourceElementsAttr>(payload).getRawHandle().getKey();
  return ("resource '" + key + "' is missing; was it elided?").str();
}

static LogicalResult report(function_ref<InFlightDiagnostic()> emitError,
                            const std::string &problem) {
  return problem.empty() ? success() : LogicalResult(emitError() << problem);
}

LogicalResult sumac::verifyPayload(function_ref<InFlightDiagnostic()> emitError,
                                   ElementsAttr payload) {
  return report(emitError, findTypeProblem(payload));
}

LogicalResult
sumac::verifyPayloadContents(function_ref<InFlightDiagnostic()> emitError,
                             ElementsAttr payload, bool allowInfinite,
                             bool allowNaN) {
  return report(emitError, findProblem(payload, allowInfinite, allowNaN));
}

bool sumac::isPayloadValid(ElementsAttr payload) {
  return findProblem(payload, /*allowInfinite=*/false).empty();
}

bool sumac::isPayloadPresent(ElementsAttr payload) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(payload);
  return !resource || resource.getRawHandle().getBlob();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

template <typename T, typename Out>
static void copyAs(ArrayRef<char> bytes, int64_t first, bool splat,
                   MutableArrayRef<Out> out) {
  if (splat) {
    T element;
    std::memcpy(&element, bytes.data(), sizeof(T));
    return std::fill(out.begin(), out.end(), static_cast<Out>(element));
  }
  const char *data = bytes.data() + first * sizeof(T);
  for (size_t i = 0, e = out.size(); i != e; ++i) {
    T element;
    std::memcpy(&element, data + i * sizeof(T), sizeof(T));
    // NOLINTNEXTLINE(bugprone-signed-char-misuse): an int8_t is a number here.
    out[i] = static_cast<Out>(element);
  }
}

static void copyHalves(FloatType type, ArrayRef<char> bytes, int64_t first,
                       bool splat, MutableArrayRef<double> out) {
  SmallVector<uint16_t> patterns(out.size());
  copyAs<uint16_t>(bytes, first, splat, MutableArrayRef<uint16_t>(patterns));
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  for (auto [value, pattern] : llvm::zip_equal(out, patterns))
    value = APFloat(semantics, APInt(16, pattern)).convertToDouble();
}

template <typename Out>
static void copyIntegers(IntegerType type, ArrayRef<char> bytes, int64_t first,
                         bool splat, MutableArrayRef<Out> out) {
  bool isUnsigned = type.isUnsigned();
  switch (getElementBytes(type)) {
  case 1:
    return isUnsigned ? copyAs<uint8_t>(bytes, first, splat, out)
                      : copyAs<int8_t>(bytes, first, splat, out);
  case 2:
    return isUnsigned ? copyAs<uint16_t>(bytes, first, splat, out)
                      : copyAs<int16_t>(bytes, first, splat, out);
  case 4:
    return isUnsigned ? copyAs<uint32_t>(bytes, first, splat, out)
                      : copyAs<int32_t>(bytes, first, splat, out);
  default:
    return copyAs<int64_t>(bytes, first, splat, out);
  }
}

void sumac::readPayload(ElementsAttr payload, int64_t first,
                        MutableArrayRef<double> out) {
  if (out.empty())
    return;
  ArrayRef<char> bytes = getRawBytes(payload);
  Type type = payload.getElementType();
  bool splat = isSplat(payload);
  if (bytes.empty())
    return std::fill(out.begin(), out.end(), 0.0);
  if (isa<Float32Type>(type))
    return copyAs<float>(bytes, first, splat, out);
  if (isa<Float64Type>(type))
    return copyAs<double>(bytes, first, splat, out);
  if (auto floatType = dyn_cast<FloatType>(type))
    return copyHalves(floatType, bytes, first, splat, out);
  copyIntegers(cast<IntegerType>(type), bytes, first, splat, out);
}

void sumac::readPayload(ElementsAttr payload, int64_t first,
                        MutableArrayRef<int64_t> out) {
  ArrayRef<char> bytes = getRawBytes(payload);
  auto type = dyn_cast<IntegerType>(payload.getElementType());
  if (bytes.empty() || out.empty() || !type)
    return std::fill(out.begin(), out.end(), 0);
  copyIntegers(type, bytes, first, isSplat(payload), out);
}

SmallVector<int64_t> sumac::readPayloadIntegers(ElementsAttr payload) {
  SmallVector<int64_t> values(payload.getNumElements());
  readPayload(payload, 0, MutableArrayRef<int64_t>(values));
  return values;
}

SmallVector<double> sumac::readPayloadDoubles(ElementsAttr payload) {
  SmallVector<double> values(payload.getNumElements());
  readPayload(payload, 0, MutableArrayRef<double>(values));
  return values;
}

ElementsAttr sumac::selectPayload(ElementsAttr payload, unsigned dim,
                                  ArrayRef<int64_t> indices) {
  auto type = cast<RankedTensorType>(payload.getType());
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<int64_t> sliceShape(shape);
  sliceShape[dim] = static_cast<int64_t>(indices.size());
  auto sliceType = type.clone(sliceShape);
  ArrayRef<char> bytes = getRawBytes(payload);
  if (isSplat(payload))
    return DenseElementsAttr::getFromRawBuffer(sliceType, bytes);
  int64_t outer = 1, inner = getElementBytes(type.getElementType());
  for (auto [i, length] : llvm::enumerate(shape))
    (i < dim ? outer : inner) *= i == dim ? 1 : length;
  SmallVector<char> slice;
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t index : indices)
      llvm::append_range(slice,
                         bytes.slice((i * shape[dim] + index) * inner, inner));
  return DenseElementsAttr::getFromRawBuffer(sliceType, slice);
}

ElementsAttr sumac::slicePayload(ElementsAttr payload, unsigned dim,
                                 int64_t offset, int64_t size) {
  return selectPayload(payload, dim,
                       llvm::to_vector(llvm::seq(offset, offset + size)));
}

void sumac::visitPayloadCodes(ElementsAttr payload, unsigned bits,
                              VisitCodes visit,
                              function_ref<uint64_t(uint64_t)> code) {
  ArrayRef<int64_t> shape = payload.getShapedType().getShape();
  int64_t rows = shape.empty() ? 1 : shape.front();
  int64_t columns = rows == 0 ? 0 : payload.getNumElements() / rows;
  SmallVector<int64_t> integers(columns);
  SmallVector<uint64_t> codes(columns);
  for (int64_t row = 0; row < rows; ++row) {
    readPayload(payload, row * columns, integers);
    llvm::copy(integers, codes.begin());
    if (code)
      llvm::transform(codes, codes.begin(), code);
    visit(row, bits, codes);
  }
}

IntegerRange sumac::getPayloadRange(ElementsAttr payload) {
  constexpr int64_t kChunk = 4096;
  int64_t count = payload.getNumElements();
  IntegerRange range{count ? INT64_MAX : 0, count ? INT64_MIN : 0};
  SmallVector<int64_t> values;
  for (int64_t first = 0; first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    readPayload(payload, first, values);
    for (int64_t value : values)
      range = {std::min(range.min, value), std::max(range.max, value)};
  }
  return range;
}

int64_t sumac::getTableBits(ElementsAttr table) {
  IntegerRange range = getPayloadRange(table);
  unsigned width = 1;
  while (width < 64 &&
         (range.min < llvm::minIntN(width) || range.max > llvm::maxIntN(width)))
    ++width;
  return table.getNumElements() * width;
}
