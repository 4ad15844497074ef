//===- KernelEmitter.cpp - Short words for emitting kernels -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The builder that kernels use.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

Value KernelEmitter::index(int64_t value) { return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value)); }

Value KernelEmitter::constant(Type type, int64_t value) {
  auto element = cast<IntegerType>(getElementTypeOrSelf(type));
  APInt bits(element.getWidth(), static_cast<uint64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true);
  auto scalar = IntegerAttr::get(element, bits);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, Attribute(scalar)));
  return arith::ConstantOp::create(b, loc, scalar);
}

Value KernelEmitter::address(Value base, Value iv, int64_t scale, int64_t offset) {
  SmallVector<LLVM::GEPArg> indices;
  if (iv || !llvm::isInt<32>(offset)) {
    Value bytes = iv ? add(mul(iv, scale), offset) : index(offset);
    return LLVM::GEPOp::create(b, loc, base.getType(), b.getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  if (offset == 0)
    return base;
  return LLVM::GEPOp::create(b, loc, base.getType(), b.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

Value KernelEmitter::load(Type type, Value pointer, unsigned alignment) {
  return LLVM::LoadOp::create(b, loc, type, pointer, alignment);
}

void KernelEmitter::store(Value value, Value pointer, unsigned alignment) {
  LLVM::StoreOp::create(b, loc, value, pointer, alignment);
}

Value KernelEmitter::broadcastWord(Value pointer, int64_t bytes) {
  Value word = load(b.getI32Type(), pointer, 4);
  return bitcast(vectorType(bytes, 8), splat(vectorType(bytes / 4, 32), word));
}

Value KernelEmitter::splat(VectorType type, Value scalar) {
  return vector::BroadcastOp::create(b, loc, type, scalar);
}

Value KernelEmitter::bitcast(VectorType type, Value value) {
  if (value.getType() == type)
    return value;
  return vector::BitCastOp::create(b, loc, type, value);
}

Value KernelEmitter::resize(Value value, Type type, bool isSigned) {
  unsigned from = getElementTypeOrSelf(value).getIntOrFloatBitWidth();
  unsigned to = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  if (from == to)
    return value;
  if (from > to)
    return arith::TruncIOp::create(b, loc, type, value);
  if (isSigned)
    return arith::ExtSIOp::create(b, loc, type, value);
  return arith::ExtUIOp::create(b, loc, type, value);
}

Value KernelEmitter::concat(ValueRange parts) {
  Values current(parts.begin(), parts.end());
  while (current.size() > 1) {
    Values joined;
    for (size_t i = 0; i + 1 < current.size(); i += 2) {
      int64_t lanes = cast<VectorType>(current[i].getType()).getDimSize(0) * 2;
      SmallVector<int64_t> mask = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
      joined.push_back(vector::ShuffleOp::create(b, loc, current[i], current[i + 1], mask));
    }
    current = joined;
  }
  return current.front();
}

Value KernelEmitter::intrinsic(StringRef name, Type result, ValueRange arguments) {
  return LLVM::CallIntrinsicOp::create(b, loc, result, b.getStringAttr(name), arguments)->getResult(0);
}

Value KernelEmitter::shiftLeft(Value value, int64_t bits) {
  return bits ? Value(arith::ShLIOp::create(b, loc, value, constant(value.getType(), bits))) : value;
}
Value KernelEmitter::shiftRightLogical(Value value, int64_t bits) {
  return bits ? Value(arith::ShRUIOp::create(b, loc, value, constant(value.getType(), bits))) : value;
}
Value KernelEmitter::shiftRightArithmetic(Value value, int64_t bits) {
  return bits ? Value(arith::ShRSIOp::create(b, loc, value, constant(value.getType(), bits))) : value;
}

KernelEmitter::Values KernelEmitter::loop(int64_t count, ValueRange initial, Body body) {
  if (count <= 0)
    return Values(initial.begin(), initial.end());
  if (count == 1)
    return body(*this, index(0), initial);
  return loop(index(0), index(count), initial, body);
}

KernelEmitter::Values KernelEmitter::loop(Value begin, Value end, ValueRange initial, Body body) {
  auto op = scf::ForOp::create(b, loc, begin, end, index(1), initial,
                               [&](OpBuilder &inner, Location innerLoc, Value iv, ValueRange carried) {
                                 KernelEmitter emitter(inner, innerLoc);
                                 Values results = body(emitter, iv, carried);
                                 scf::YieldOp::create(inner, innerLoc, results);
                               });
  return Values(op.getResults().begin(), op.getResults().end());
}
