//===- HostTensor.h - Tensors outside of the IR -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor that a model is run on: element type, shape and bytes, row-major and
// contiguous. What .npy files, the interpreter and compiled code exchange.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_HOSTTENSOR_H
#define SUMAC_SUPPORT_HOSTTENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class Type;
} // namespace mlir

namespace sumac {

/// Element types of host tensors.
enum class HostType : uint8_t {
  Bool,
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  U64,
  I64,
  F16,
  BF16,
  F32,
  F64
};

/// Bytes of one element.
unsigned getByteWidth(HostType type);

/// "bool", "uint8", ..., "float16", "bfloat16", "float32", "float64".
llvm::StringRef stringifyHostType(HostType type);

/// The type that `text` (as written by stringifyHostType) names.
std::optional<HostType> parseHostType(llvm::StringRef text);

/// The smallest host type that holds values of the IR's element type `type`:
/// integers are rounded up to 8, 16, 32 or 64 bits (signless ones count as
/// signed, i1 as bool), floats stay. Nothing for other types and wider
/// integers.
std::optional<HostType> getHostType(mlir::Type type);

inline bool isFloat(HostType type) { return type >= HostType::F16; }
inline bool isInteger(HostType type) {
  return type > HostType::Bool && type < HostType::F16;
}

/// The number of elements of `shape`, or nothing where a dimension is negative
/// or the product leaves 63 bits.
std::optional<int64_t> getNumElements(llvm::ArrayRef<int64_t> shape);

/// "2x3xfloat32".
std::string stringifyShape(llvm::ArrayRef<int64_t> shape, HostType type);

/// A tensor in host memory.
struct HostTensor {
  HostType type = HostType::F32;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<uint8_t> bytes;

  HostTensor() = default;
  /// A tensor of zeros. `shape` must be one that getNumElements() counts.
  HostTensor(HostType type, llvm::ArrayRef<int64_t> shape);

  int64_t getNumElements() const;

  /// The elements as `T`, which must be as wide as the element type.
  template <typename T> llvm::ArrayRef<T> getData() const {
    return {reinterpret_cast<const T *>(bytes.data()),
            bytes.size() / sizeof(T)};
  }
  template <typename T> llvm::MutableArrayRef<T> getData() {
    return {reinterpret_cast<T *>(bytes.data()), bytes.size() / sizeof(T)};
  }

  /// Element `index` of a bool or integer tensor; 64-bit unsigned values wrap.
  int64_t getInteger(int64_t index) const;
  void setInteger(int64_t index, int64_t value);

  /// Element `index` of any tensor as a double: exact but for 64-bit integers.
  double getDouble(int64_t index) const;

  /// Element `index` as text, floats in the shortest form that reads back.
  std::string stringifyElement(int64_t index) const;

  bool operator==(const HostTensor &other) const {
    return type == other.type && shape == other.shape && bytes == other.bytes;
  }
};

} // namespace sumac

#endif // SUMAC_SUPPORT_HOSTTENSOR_H
