//===- HostTensor.cpp - Tensors outside of the IR ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element access and names of types of host tensors.
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/HostTensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <charconv>
#include <cstring>

using namespace sumac;

namespace {
struct TypeInfo {
  HostType type;
  const char *name;
  unsigned bytes;
};
} // namespace

static constexpr TypeInfo infos[] = {
    {HostType::Bool, "bool", 1},     {HostType::U8, "uint8", 1},
    {HostType::I8, "int8", 1},       {HostType::U16, "uint16", 2},
    {HostType::I16, "int16", 2},     {HostType::U32, "uint32", 4},
    {HostType::I32, "int32", 4},     {HostType::U64, "uint64", 8},
    {HostType::I64, "int64", 8},     {HostType::F16, "float16", 2},
    {HostType::BF16, "bfloat16", 2}, {HostType::F32, "float32", 4},
    {HostType::F64, "float64", 8}};

unsigned sumac::getByteWidth(HostType type) {
  return infos[static_cast<unsigned>(type)].bytes;
}

llvm::StringRef sumac::stringifyHostType(HostType type) {
  return infos[static_cast<unsigned>(type)].name;
}

std::optional<HostType> sumac::parseHostType(llvm::StringRef text) {
  for (const TypeInfo &info : infos)
    if (text == info.name)
      return info.type;
  return std::nullopt;
}

static std::optional<HostType> getIntegerHostType(unsigned width,
                                                  bool isUnsigned) {
  if (width > 64)
    return std::nullopt;
  if (width <= 8)
    return isUnsigned ? HostType::U8 : HostType::I8;
  if (width <= 16)
    return isUnsigned ? HostType::U16 : HostType::I16;
  if (width <= 32)
    return isUnsigned ? HostType::U32 : HostType::I32;
  return isUnsigned ? HostType::U64 : HostType::I64;
}

std::optional<HostType> sumac::getHostType(mlir::Type type) {
  if (auto integer = llvm::dyn_cast<mlir::IntegerType>(type)) {
    if (integer.isSignlessInteger(1))
      return HostType::Bool;
    return getIntegerHostType(integer.getWidth(), integer.isUnsigned());
  }
  if (type.isF16())
    return HostType::F16;
  if (type.isBF16())
    return HostType::BF16;
  if (type.isF32())
    return HostType::F32;
  if (type.isF64())
    return HostType::F64;
  return std::nullopt;
}

std::optional<int64_t> sumac::getNumElements(llvm::ArrayRef<int64_t> shape) {
  // A zero anywhere makes the tensor empty, whatever the other sizes are.
  bool isEmpty = llvm::is_contained(shape, 0);
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    if (!isEmpty && llvm::MulOverflow(count, size, count))
      return std::nullopt;
  }
  return isEmpty ? 0 : count;
}

std::string sumac::stringifyShape(llvm::ArrayRef<int64_t> shape,
                                  HostType type) {
  std::string text;
  for (int64_t size : shape)
    text +=
        (mlir::ShapedType::isDynamic(size) ? "?" : std::to_string(size)) + "x";
  return text + stringifyHostType(type).str();
}

HostTensor::HostTensor(HostType type, llvm::ArrayRef<int64_t> shape)
    : type(type), shape(shape.begin(), shape.end()),
      bytes(static_cast<size_t>(sumac::getNumElements(shape).value_or(0)) *
            getByteWidth(type)) {}

int64_t HostTensor::getNumElements() const {
  return bytes.size() / getByteWidth(type);
}

template <typename T>
static T loadElement(const HostTensor &tensor, int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

int64_t HostTensor::getInteger(int64_t index) const {
  switch (type) {
  case HostType::Bool:
  case HostType::U8:
    return loadElement<uint8_t>(*this, index);
  case HostType::I8:
    return loadElement<int8_t>(*this, index);
  case HostType::U16:
    return loadElement<uint16_t>(*this, index);
  case HostType::I16:
    return loadElement<int16_t>(*this, index);
  case HostType::U32:
    return loadElement<uint32_t>(*this, index);
  case HostType::I32:
    return loadElement<int32_t>(*this, index);
  case HostType::U64:
  case HostType::I64:
    return loadElement<int64_t>(*this, index);
  default:
    return static_cast<int64_t>(getDouble(index));
  }
}

void HostTensor::setInteger(int64_t index, int64_t value) {
  // Two's complement: the low bytes are the value in every integer type (the
  // host is little-endian, as is every target that runs here).
  unsigned width = getByteWidth(type);
  std::memcpy(bytes.data() + index * width, &value, width);
}

double HostTensor::getDouble(int64_t index) const {
  switch (type) {
  case HostType::F64:
    return loadElement<double>(*this, index);
  case HostType::F32:
    return loadElement<float>(*this, index);
  case HostType::BF16:
    return llvm::bit_cast<float>(uint32_t(loadElement<uint16_t>(*this, index))
                                 << 16);
  case HostType::F16: {
    llvm::APFloat value(llvm::APFloat::IEEEhalf(),
                        llvm::APInt(16, loadElement<uint16_t>(*this, index)));
    return value.convertToFloat();
  }
  case HostType::U64:
    return static_cast<double>(loadElement<uint64_t>(*this, index));
  default:
    return static_cast<double>(getInteger(index));
  }
}

std::string HostTensor::stringifyElement(int64_t index) const {
  if (type == HostType::U64)
    return std::to_string(loadElement<uint64_t>(*this, index));
  if (!isFloat(type))
    return std::to_string(getInteger(index));
  char buffer[64];
  // Shortest text that reads back in the element's own precision.
  std::to_chars_result end =
      type == HostType::F64
          ? std::to_chars(buffer, buffer + sizeof(buffer), getDouble(index))
          : std::to_chars(buffer, buffer + sizeof(buffer),
                          static_cast<float>(getDouble(index)));
  return std::string(buffer, end.ptr);
}
