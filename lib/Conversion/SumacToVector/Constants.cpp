//===- Constants.cpp - Constant bytes of the generated module ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Creates and shares the module's constant arrays.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace sumac;

/// From this size on a constant is a resource.
static constexpr size_t kResourceBytes = 1024;

static ArrayRef<char> getBytes(LLVM::GlobalOp global) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(global.getValueAttr()))
    return resource.getRawHandle().getBlob()->getData();
  return cast<DenseElementsAttr>(global.getValueAttr()).getRawData();
}

static bool holds(LLVM::GlobalOp global, const PackedWeights &packed) {
  ArrayRef<char> bytes = getBytes(global);
  auto dense = dyn_cast<DenseElementsAttr>(global.getValueAttr());
  if (global.getAlignment().value_or(1) < packed.alignment)
    return false;
  if (dense && dense.isSplat())
    return packed.bytes.size() == static_cast<size_t>(dense.getNumElements()) &&
           llvm::all_of(packed.bytes, [&](char byte) { return byte == bytes[0]; });
  return bytes == ArrayRef<char>(packed.bytes);
}

LLVM::GlobalOp Constants::create(PackedWeights &&packed, StringRef name) {
  MLIRContext *context = module.getContext();
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto element = builder.getI8Type();
  auto tensor = RankedTensorType::get(packed.bytes.size(), element);
  auto type = LLVM::LLVMArrayType::get(element, packed.bytes.size());
  Attribute value;
  if (packed.bytes.size() >= kResourceBytes) {
    // The blob owns the vector: no copy.
    auto owner = std::make_shared<std::vector<char>>(std::move(packed.bytes));
    ArrayRef<char> data(*owner);
    AsmResourceBlob blob(data, packed.alignment, [owner](void *, size_t, size_t) mutable { owner.reset(); },
                         /*dataIsMutable=*/false);
    value = DenseResourceElementsAttr::get(tensor, name, std::move(blob));
  } else {
    value = DenseElementsAttr::getFromRawBuffer(tensor, packed.bytes);
  }
  auto global = LLVM::GlobalOp::create(builder, UnknownLoc::get(context), type, /*isConstant=*/true,
                                       LLVM::Linkage::Internal, name, value, packed.alignment);
  global.setUnnamedAddr(LLVM::UnnamedAddr::Global);
  symbols.insert(global, module.getBody()->begin());
  return global;
}

LLVM::GlobalOp Constants::find(PackedWeights &&packed, StringRef name) {
  if (packed.bytes.empty())
    packed.bytes.push_back(0);
  size_t hash = llvm::hash_value(StringRef(packed.bytes.data(), packed.bytes.size()));
  LLVM::GlobalOp global;
  auto [first, last] = known.equal_range(hash);
  for (auto it = first; it != last && !global; ++it)
    if (holds(it->second, packed))
      global = it->second;
  if (!global)
    known.emplace(hash, global = create(std::move(packed), name));
  return global;
}

Value Constants::get(Code &code, PackedWeights &&packed, StringRef name) {
  return code.make<LLVM::AddressOfOp>(find(std::move(packed), name));
}

Value Constants::getWeights(Code &code, const LinearKernel &kernel, const LinearLayer &layer, const CPUTarget &target) {
  auto isSame = [&](const Packed &other) {
    return other.kernel == &kernel && other.weights == layer.weights && other.bias == layer.bias &&
           other.activation == layer.activation && other.activationRange == layer.activationRange &&
           other.fitsInt32 == layer.fitsInt32();
  };
  auto known = llvm::find_if(packed, isSame);
  if (known == packed.end()) {
    packed.push_back({&kernel, layer.weights, layer.bias, layer.activation, layer.activationRange, layer.fitsInt32(),
                      find(kernel.pack(layer, target), "weights")});
    known = std::prev(packed.end());
  }
  return code.make<LLVM::AddressOfOp>(known->global);
}

template <typename T, typename From>
static void append(std::vector<char> &bytes, ArrayRef<From> values) {
  size_t padded = llvm::alignTo(values.size(), kRowAlignment);
  bytes.resize(padded * sizeof(T));
  for (auto [i, value] : llvm::enumerate(values)) {
    T element = static_cast<T>(value);
    std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
  }
}

Value Constants::getIntegers(Code &code, ArrayRef<int64_t> values, unsigned bits, StringRef name) {
  PackedWeights packed;
  if (bits == 8)
    append<int8_t>(packed.bytes, values);
  else if (bits == 16)
    append<int16_t>(packed.bytes, values);
  else if (bits == 32)
    append<int32_t>(packed.bytes, values);
  else
    append<int64_t>(packed.bytes, values);
  return get(code, std::move(packed), name);
}

Value Constants::getFloats(Code &code, ArrayRef<double> values, FloatType type, StringRef name) {
  PackedWeights packed;
  if (type.isF32()) {
    append<float>(packed.bytes, values);
  } else if (type.isF64()) {
    append<double>(packed.bytes, values);
  } else {
    SmallVector<int64_t> patterns;
    for (double value : values) {
      APFloat converted(value);
      bool lost;
      converted.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
      patterns.push_back(converted.bitcastToAPInt().getZExtValue());
    }
    append<uint16_t>(packed.bytes, ArrayRef<int64_t>(patterns));
  }
  return get(code, std::move(packed), name);
}
