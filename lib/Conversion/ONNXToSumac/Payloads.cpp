//===- Payloads.cpp - Moving the elements of literals ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes, permutes and picks elements of literals byte by byte, so that
// nothing depends on their type. Big results are resource blobs.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace sumac::onnx;

constexpr int64_t kMaxInlineElements = 64;

static int64_t getElementSize(ElementsAttr payload) {
  return payload.getElementType().getIntOrFloatBitWidth() / 8;
}

static bool isSplat(ElementsAttr payload) {
  auto dense = dyn_cast<DenseElementsAttr>(payload);
  return dense && dense.isSplat();
}

ArrayRef<char> sumac::onnx::getPayloadBytes(ElementsAttr payload) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload))
    return resource.getRawHandle().getBlob()->getData();
  return cast<DenseElementsAttr>(payload).getRawData();
}

std::string sumac::onnx::getPayloadName(ElementsAttr payload, StringRef fallback) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload))
    return resource.getRawHandle().getKey().str();
  return fallback.str();
}

ElementsAttr sumac::onnx::makePayload(RankedTensorType type, std::string bytes, StringRef name) {
  if (type.getNumElements() <= kMaxInlineElements)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  auto *owner = new std::string(std::move(bytes));
  AsmResourceBlob blob(ArrayRef<char>(owner->data(), owner->size()), /*dataAlignment=*/8,
                       [owner](void *, size_t, size_t) { delete owner; },
                       /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, name.empty() ? "constant" : name, std::move(blob));
}

ElementsAttr sumac::onnx::reshapePayload(ElementsAttr payload, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, payload.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return cast<DenseElementsAttr>(payload).reshape(type);
}

ElementsAttr sumac::onnx::gatherPayload(ElementsAttr payload, ArrayRef<int64_t> shape,
                                        ArrayRef<int64_t> positions) {
  auto type = RankedTensorType::get(shape, payload.getElementType());
  if (isSplat(payload))
    return cast<DenseElementsAttr>(payload).resizeSplat(type);
  int64_t size = getElementSize(payload);
  ArrayRef<char> from = getPayloadBytes(payload);
  std::string to(positions.size() * size, '\0');
  for (auto [i, position] : llvm::enumerate(positions))
    std::memcpy(to.data() + i * size, from.data() + position * size, size);
  return makePayload(type, std::move(to), getPayloadName(payload, "constant"));
}

template <typename T>
static void clampBytes(ArrayRef<char> from, std::string &to, int64_t low, int64_t high) {
  for (size_t i = 0; i < from.size(); i += sizeof(T)) {
    T element;
    std::memcpy(&element, from.data() + i, sizeof(T));
    element = static_cast<T>(std::clamp(static_cast<int64_t>(element), low, high));
    std::memcpy(to.data() + i, &element, sizeof(T));
  }
}

ElementsAttr sumac::onnx::clampPayload(ElementsAttr payload, int64_t low, int64_t high) {
  auto element = dyn_cast<IntegerType>(payload.getElementType());
  if (!element || element.getWidth() % 8 != 0 || element.getWidth() > 32)
    return nullptr;
  auto type = RankedTensorType::get(payload.getShapedType().getShape(), element);
  bool isUnsigned = element.isUnsigned();
  // A splat's bytes are those of one element.
  ArrayRef<char> from = getPayloadBytes(payload);
  std::string to(from.size(), '\0');
  switch (element.getWidth()) {
  case 8:
    isUnsigned ? clampBytes<uint8_t>(from, to, low, high) : clampBytes<int8_t>(from, to, low, high);
    break;
  case 16:
    isUnsigned ? clampBytes<uint16_t>(from, to, low, high) : clampBytes<int16_t>(from, to, low, high);
    break;
  case 32:
    isUnsigned ? clampBytes<uint32_t>(from, to, low, high) : clampBytes<int32_t>(from, to, low, high);
    break;
  default:
    return nullptr;
  }
  if (isSplat(payload))
    return DenseElementsAttr::getFromRawBuffer(type, to);
  return makePayload(type, std::move(to), getPayloadName(payload, "constant"));
}

/// A matrix of elements of type T, in squares that fit the cache.
template <typename T>
static void transposeMatrixBytes(ArrayRef<char> from, std::string &to, int64_t rows, int64_t columns) {
  constexpr int64_t kSquare = 32;
  for (int64_t r0 = 0; r0 < rows; r0 += kSquare)
    for (int64_t c0 = 0; c0 < columns; c0 += kSquare)
      for (int64_t r = r0; r < std::min(rows, r0 + kSquare); ++r)
        for (int64_t c = c0; c < std::min(columns, c0 + kSquare); ++c)
          std::memcpy(to.data() + (c * rows + r) * sizeof(T),
                      from.data() + (r * columns + c) * sizeof(T), sizeof(T));
}

ElementsAttr sumac::onnx::transposePayload(ElementsAttr payload, ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> shape = payload.getShapedType().getShape();
  SmallVector<int64_t> newShape =
      llvm::map_to_vector(permutation, [&](int64_t axis) { return shape[axis]; });
  auto type = RankedTensorType::get(newShape, payload.getElementType());
  if (isSplat(payload))
    return cast<DenseElementsAttr>(payload).resizeSplat(type);

  ArrayRef<char> from = getPayloadBytes(payload);
  std::string to(from.size(), '\0');
  int64_t size = getElementSize(payload);
  if (permutation.size() == 2 && permutation[0] == 1) {
    switch (size) {
    case 1:
      transposeMatrixBytes<uint8_t>(from, to, shape[0], shape[1]);
      break;
    case 2:
      transposeMatrixBytes<uint16_t>(from, to, shape[0], shape[1]);
      break;
    case 4:
      transposeMatrixBytes<uint32_t>(from, to, shape[0], shape[1]);
      break;
    default:
      transposeMatrixBytes<uint64_t>(from, to, shape[0], shape[1]);
      break;
    }
  } else {
    SmallVector<int64_t> strides = getStrides(shape), newStrides = getStrides(newShape);
    for (int64_t i = 0, count = payload.getNumElements(); i < count; ++i) {
      int64_t position = 0;
      for (size_t d = 0; d < newShape.size(); ++d)
        position += (i / newStrides[d]) % newShape[d] * strides[permutation[d]];
      std::memcpy(to.data() + i * size, from.data() + position * size, size);
    }
  }
  return makePayload(type, std::move(to), getPayloadName(payload, "constant"));
}
