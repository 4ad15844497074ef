//===- Code.h - Shorthand for generated loops and vectors -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A builder with a location, and the few shapes of code that the conversion to
// vectors is made of: 64-bit index arithmetic, loops, loads and stores of
// vectors through pointers, constants of vectors.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CODE_H
#define SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CODE_H

#include "sumac/Target/CPU/LinearKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace sumac {

/// Emits code at one place.
class Code {
public:
  Code(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  template <typename OpTy, typename... Args>
  auto make(Args &&...args) {
    return OpTy::create(b, loc, std::forward<Args>(args)...);
  }

  //===--- Types -----------------------------------------------------------===//
  mlir::Type i(unsigned bits) { return b.getIntegerType(bits); }
  mlir::VectorType lanes(mlir::Type element) { return mlir::VectorType::get(kChannelVector, element); }
  mlir::VectorType lanes(unsigned bits) { return lanes(i(bits)); }
  mlir::Type pointer() { return mlir::LLVM::LLVMPointerType::get(b.getContext()); }

  //===--- Index arithmetic, in i64 ----------------------------------------===//
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value add(mlir::Value x, int64_t y) { return y == 0 ? x : add(x, index(y)); }
  mlir::Value multiply(mlir::Value x, int64_t y);
  /// Calls body for 0, step, 2 * step, ... below end. A single pass is inlined.
  void loop(int64_t end, int64_t step, llvm::function_ref<void(Code &, mlir::Value)> body);

  //===--- Constants -------------------------------------------------------===//
  /// `value` of an integer or vector of integers type (its low bits).
  mlir::Value constant(mlir::Type type, int64_t value);
  mlir::Value constantFloat(mlir::Type type, const llvm::APFloat &value);
  mlir::Value constantFloat(mlir::Type type, double value);
  /// 0, 1, ..., 15 as i64.
  mlir::Value laneNumbers();

  //===--- Memory ----------------------------------------------------------===//
  mlir::Value offset(mlir::Value base, mlir::Value bytes);
  mlir::Value offset(mlir::Value base, int64_t bytes) { return bytes == 0 ? base : offset(base, index(bytes)); }
  mlir::Value load(mlir::Type type, mlir::Value from, unsigned alignment);
  void store(mlir::Value value, mlir::Value to, unsigned alignment);
  mlir::Value maskedLoad(mlir::VectorType type, mlir::Value from, mlir::Value mask, unsigned alignment);
  void maskedStore(mlir::Value value, mlir::Value to, mlir::Value mask, unsigned alignment);
  /// Elements of `type` at table + element size * indices (i32 or i64 lanes).
  mlir::Value gather(mlir::Type element, mlir::Value table, mlir::Value indices);

  //===--- Lanes -----------------------------------------------------------===//
  mlir::Value splat(mlir::Value scalar);
  /// Integer lanes with another width: sign- or zero-extended, or truncated.
  mlir::Value resize(mlir::Value value, unsigned bits, bool isSigned = true);
  mlir::Value plus(mlir::Value x, mlir::Value y) { return make<mlir::arith::AddIOp>(x, y); }
  mlir::Value plus(mlir::Value x, int64_t y) { return y == 0 ? x : plus(x, constant(x.getType(), y)); }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value x, mlir::Value y) {
    return make<mlir::arith::CmpIOp>(predicate, x, y);
  }
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y) {
    return make<mlir::arith::SelectOp>(condition, x, y);
  }
  mlir::Value clamp(mlir::Value x, mlir::Value low, mlir::Value high);
  mlir::Value bitcast(mlir::Type type, mlir::Value x) { return make<mlir::LLVM::BitcastOp>(type, x); }

  mlir::OpBuilder &b;
  mlir::Location loc;
};

/// Bits of an integer type or vector of integers.
inline unsigned getBits(mlir::Value value) {
  return mlir::getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
}

} // namespace sumac

#endif // SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CODE_H
