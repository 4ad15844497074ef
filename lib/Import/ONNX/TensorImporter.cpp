//===- TensorImporter.cpp - ONNX tensors to elements attributes -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads initializers in every representation: raw bytes, typed fields, packed
// 4-bit and 2-bit elements, external files. A payload has whole-byte elements
// (si8 for INT4), the value's type tells the true width. Big payloads become
// resource blobs that own the very bytes that protobuf read.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac::onnx;

/// Tensors of more elements become resource blobs, which the printer elides
/// and which are not uniqued.
constexpr int64_t kMaxInlineElements = 64;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

ElementType sumac::onnx::getElementType(int32_t dataType, MLIRContext *context) {
  using proto::TensorProto;
  Builder b(context);
  auto plain = [](Type type) { return ElementType{type, type, type.getIntOrFloatBitWidth()}; };
  auto integer = [&](unsigned width, bool isSigned) {
    Type type = b.getIntegerType(width, isSigned);
    return ElementType{type, b.getIntegerType(std::max(width, 8u), isSigned), width};
  };
  switch (dataType) {
  case TensorProto::FLOAT:
    return plain(b.getF32Type());
  case TensorProto::DOUBLE:
    return plain(b.getF64Type());
  case TensorProto::FLOAT16:
    return plain(b.getF16Type());
  case TensorProto::BFLOAT16:
    return plain(b.getBF16Type());
  case TensorProto::FLOAT8E4M3FN:
    return plain(Float8E4M3FNType::get(context));
  case TensorProto::FLOAT8E4M3FNUZ:
    return plain(Float8E4M3FNUZType::get(context));
  case TensorProto::FLOAT8E5M2:
    return plain(Float8E5M2Type::get(context));
  case TensorProto::FLOAT8E5M2FNUZ:
    return plain(Float8E5M2FNUZType::get(context));
  case TensorProto::FLOAT8E8M0:
    return plain(Float8E8M0FNUType::get(context));
  case TensorProto::FLOAT4E2M1:
    return {Float4E2M1FNType::get(context), b.getIntegerType(8, false), 4};
  case TensorProto::BOOL:
    return {b.getI1Type(), b.getIntegerType(8, false), 8};
  case TensorProto::UINT2:
    return integer(2, false);
  case TensorProto::INT2:
    return integer(2, true);
  case TensorProto::UINT4:
    return integer(4, false);
  case TensorProto::INT4:
    return integer(4, true);
  case TensorProto::UINT8:
    return integer(8, false);
  case TensorProto::INT8:
    return integer(8, true);
  case TensorProto::UINT16:
    return integer(16, false);
  case TensorProto::INT16:
    return integer(16, true);
  case TensorProto::UINT32:
    return integer(32, false);
  case TensorProto::INT32:
    return integer(32, true);
  case TensorProto::UINT64:
    return integer(64, false);
  case TensorProto::INT64:
    return integer(64, true);
  default:
    return {};
  }
}

std::string sumac::onnx::getDataTypeName(int32_t dataType) {
  if (proto::TensorProto::DataType_IsValid(dataType))
    return proto::TensorProto::DataType_Name(static_cast<proto::TensorProto::DataType>(dataType));
  return "unknown type " + std::to_string(dataType);
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

FailureOr<int64_t> sumac::onnx::checkDims(ArrayRef<int64_t> dims, Location loc, StringRef what) {
  int64_t count = 1;
  for (int64_t dim : dims) {
    if (ShapedType::isDynamic(dim))
      continue;
    if (dim < 0)
      return emitError(loc) << what << " has the negative dimension " << dim;
    if (dim > kMaxDimension)
      return emitError(loc) << what << " has a dimension of " << dim << "; the largest is "
                            << kMaxDimension;
    // A zero makes the product zero; the others are still checked.
    if (count != 0 && dim > kMaxElements / count)
      return emitError(loc) << what << " has more than " << kMaxElements << " elements";
    count *= dim;
  }
  return count;
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// Unpacks elements of 2 or 4 bits, lowest bits first, to one byte each.
static std::string unpack(StringRef packed, int64_t count, unsigned bits, bool isSigned) {
  std::string out(count, '\0');
  unsigned perByte = 8 / bits;
  for (int64_t i = 0; i < count; ++i) {
    unsigned shift = static_cast<unsigned>(i % perByte) * bits;
    auto code = static_cast<uint8_t>(static_cast<uint8_t>(packed[i / perByte]) >> shift);
    code &= static_cast<uint8_t>((1u << bits) - 1);
    out[i] = static_cast<char>(isSigned ? llvm::SignExtend64(code, bits) : code);
  }
  return out;
}

/// Writes the low `T` of each entry of a typed field.
template <typename T, typename Field>
static std::string narrow(const Field &field) {
  std::string out(field.size() * sizeof(T), '\0');
  for (int i = 0; i < field.size(); ++i) {
    T element = static_cast<T>(field.Get(i));
    std::memcpy(out.data() + i * sizeof(T), &element, sizeof(T));
  }
  return out;
}

/// The typed field that `tensor`'s data type uses, as raw_data would hold it.
/// Fails where an entry does not fit the type.
static FailureOr<std::string> flattenTypedField(const proto::TensorProto &tensor,
                                                const ElementType &element, Location loc) {
  using proto::TensorProto;
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return narrow<float>(tensor.float_data());
  case TensorProto::DOUBLE:
    return narrow<double>(tensor.double_data());
  case TensorProto::INT64:
    return narrow<int64_t>(tensor.int64_data());
  case TensorProto::UINT64:
    return narrow<uint64_t>(tensor.uint64_data());
  case TensorProto::UINT32:
    return narrow<uint32_t>(tensor.uint64_data());
  case TensorProto::INT32:
    return narrow<int32_t>(tensor.int32_data());
  default:
    break;
  }
  unsigned width = std::max(element.bits, 8u);
  for (int32_t value : tensor.int32_data())
    if (!llvm::isIntN(width, value) && !llvm::isUIntN(width, static_cast<uint32_t>(value)))
      return emitError(loc) << "the value " << value << " does not fit "
                            << getDataTypeName(tensor.data_type());
  if (width == 8)
    return narrow<uint8_t>(tensor.int32_data());
  return narrow<uint16_t>(tensor.int32_data());
}

FailureOr<std::string> TensorImporter::takeBytes(proto::TensorProto &tensor,
                                                 const ElementType &element, int64_t count,
                                                 Location loc) {
  // count * bits cannot overflow: checkDims bounds the count.
  uint64_t size = llvm::divideCeil(static_cast<uint64_t>(count) * element.bits, 8);
  std::string bytes;
  if (tensor.data_location() == proto::TensorProto::EXTERNAL) {
    FailureOr<std::string> data = external.read(tensor, size, loc);
    if (failed(data))
      return failure();
    bytes = std::move(*data);
  } else if (tensor.has_raw_data()) {
    std::unique_ptr<std::string> raw(tensor.release_raw_data());
    bytes = std::move(*raw);
  } else {
    FailureOr<std::string> data = flattenTypedField(tensor, element, loc);
    if (failed(data))
      return failure();
    bytes = std::move(*data);
    tensor.clear_float_data();
    tensor.clear_int32_data();
    tensor.clear_int64_data();
  }
  if (bytes.size() != size)
    return emitError(loc) << "has " << bytes.size() << " bytes of data, but its shape and type "
                          << getDataTypeName(tensor.data_type()) << " need " << size;

  if (element.bits < 8)
    return unpack(bytes, count, element.bits, element.payload.isSignedInteger());
  if (element.type.isInteger(1))
    for (char &byte : bytes)
      byte = byte != 0;
  return bytes;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static ElementsAttr makePayload(RankedTensorType type, std::string bytes, StringRef name) {
  if (type.getNumElements() <= kMaxInlineElements)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  auto *owner = new std::string(std::move(bytes));
  AsmResourceBlob blob(ArrayRef<char>(owner->data(), owner->size()), /*dataAlignment=*/8,
                       [owner](void *, size_t, size_t) { delete owner; },
                       /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, name.empty() ? "constant" : name, std::move(blob));
}

FailureOr<ImportedTensor> TensorImporter::import(proto::TensorProto &tensor, StringRef name,
                                                 Location loc) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  if (llvm::is_contained(dims, ShapedType::kDynamic))
    return emitError(loc) << "the tensor has the negative dimension " << ShapedType::kDynamic;
  FailureOr<int64_t> count = checkDims(dims, loc, "the tensor");
  if (failed(count))
    return failure();
  if (tensor.has_segment())
    return emitError(loc) << "tensors in segments are not supported";

  ElementType element = getElementType(tensor.data_type(), context);
  if (!element.type) {
    ImportedTensor opaque;
    opaque.type = ValueType::get(context);
    opaque.description = getDataTypeName(tensor.data_type());
    return opaque;
  }
  FailureOr<std::string> bytes = takeBytes(tensor, element, *count, loc);
  if (failed(bytes))
    return failure();
  ImportedTensor result;
  result.type = RankedTensorType::get(dims, element.type);
  result.payload =
      makePayload(RankedTensorType::get(dims, element.payload), std::move(*bytes), name);
  return result;
}
