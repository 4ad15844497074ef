//===- Code.cpp - Shorthand for generated loops and vectors ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The builders of Code.h.
//
//===----------------------------------------------------------------------===//

#include "Code.h"

#include "mlir/IR/TypeUtilities.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sumac;

Value Code::index(int64_t value) { return make<arith::ConstantOp>(b.getI64IntegerAttr(value)); }

Value Code::add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }

Value Code::multiply(Value x, int64_t y) {
  if (y == 1)
    return x;
  return b.createOrFold<arith::MulIOp>(loc, x, index(y));
}

void Code::loop(int64_t end, int64_t step, function_ref<void(Code &, Value)> body) {
  if (end <= 0)
    return;
  if (end <= step)
    return body(*this, index(0));
  auto loop = make<scf::ForOp>(index(0), index(end), index(step));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  Code code(inner, loc);
  body(code, loop.getInductionVar());
}

Value Code::constant(Type type, int64_t value) {
  auto element = cast<IntegerType>(getElementTypeOrSelf(type));
  APInt bits(element.getWidth(), static_cast<uint64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true);
  TypedAttr attr = IntegerAttr::get(element, bits);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, ArrayRef<Attribute>(attr));
  return make<arith::ConstantOp>(attr);
}

Value Code::constantFloat(Type type, const APFloat &value) {
  TypedAttr attr = FloatAttr::get(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, ArrayRef<Attribute>(attr));
  return make<arith::ConstantOp>(attr);
}

Value Code::constantFloat(Type type, double value) {
  APFloat converted(value);
  bool lost;
  converted.convert(cast<FloatType>(getElementTypeOrSelf(type)).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  return constantFloat(type, converted);
}

Value Code::laneNumbers() {
  SmallVector<int64_t> numbers = llvm::to_vector(llvm::seq<int64_t>(0, kChannelVector));
  return make<arith::ConstantOp>(DenseElementsAttr::get(lanes(64), ArrayRef<int64_t>(numbers)));
}

Value Code::offset(Value base, Value bytes) {
  APInt value;
  if (matchPattern(bytes, m_ConstantInt(&value))) {
    if (value.isZero())
      return base;
    return make<LLVM::GEPOp>(base.getType(), b.getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  return make<LLVM::GEPOp>(base.getType(), b.getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
}

/// The integers that 16-bit floats of a type are in memory, or nothing for other
/// types. Processors without such floats would load them as f32, and call a library to
/// get their bits back.
static Type getMemoryType(Type type) {
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  if (!element || element.getWidth() != 16)
    return {};
  Type bits = IntegerType::get(type.getContext(), 16);
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(bits)) : bits;
}

Value Code::load(Type type, Value from, unsigned alignment) {
  if (Type bits = getMemoryType(type))
    return bitcast(type, load(bits, from, alignment));
  return make<LLVM::LoadOp>(type, from, alignment);
}

void Code::store(Value value, Value to, unsigned alignment) {
  if (Type bits = getMemoryType(value.getType()))
    value = bitcast(bits, value);
  make<LLVM::StoreOp>(value, to, alignment);
}

Value Code::maskedLoad(VectorType type, Value from, Value mask, unsigned alignment) {
  if (Type bits = getMemoryType(type))
    return bitcast(type, maskedLoad(cast<VectorType>(bits), from, mask, alignment));
  Value zero = isa<FloatType>(type.getElementType()) ? constantFloat(type, 0.0) : constant(type, 0);
  return make<LLVM::MaskedLoadOp>(type, from, mask, zero, b.getI32IntegerAttr(alignment), UnitAttr());
}

void Code::maskedStore(Value value, Value to, Value mask, unsigned alignment) {
  if (Type bits = getMemoryType(value.getType()))
    value = bitcast(bits, value);
  make<LLVM::MaskedStoreOp>(value, to, mask, alignment);
}

Value Code::gather(Type element, Value table, Value indices) {
  auto pointers = VectorType::get(kChannelVector, pointer());
  Value addresses = make<LLVM::GEPOp>(pointers, element, table, ArrayRef<LLVM::GEPArg>{indices});
  Value all = constant(lanes(1), 1);
  unsigned bytes = element.getIntOrFloatBitWidth() / 8;
  return make<LLVM::masked_gather>(lanes(element), addresses, all, ValueRange{}, b.getI32IntegerAttr(bytes));
}

Value Code::splat(Value scalar) { return make<vector::BroadcastOp>(lanes(scalar.getType()), scalar); }

Value Code::resize(Value value, unsigned bits, bool isSigned) {
  unsigned from = getBits(value);
  if (from == bits)
    return value;
  Type type = i(bits);
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  if (from > bits)
    return make<arith::TruncIOp>(type, value);
  if (isSigned)
    return make<arith::ExtSIOp>(type, value);
  return make<arith::ExtUIOp>(type, value);
}

Value Code::clamp(Value x, Value low, Value high) {
  return make<arith::MinSIOp>(make<arith::MaxSIOp>(x, low), high);
}
