//===- KernelEmitter.h - Short words for emitting kernels -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A builder with the few operations that kernels are made of: byte addressing,
// vector loads and stores, broadcasts, intrinsics and counted loops.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_KERNELEMITTER_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_KERNELEMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace sumac {

class KernelEmitter {
public:
  using Values = llvm::SmallVector<mlir::Value>;

  KernelEmitter(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  mlir::OpBuilder &getBuilder() { return b; }
  mlir::Location getLoc() const { return loc; }
  mlir::VectorType vectorType(int64_t lanes, unsigned bits) {
    return mlir::VectorType::get(lanes, b.getIntegerType(bits));
  }

  /// A constant of type i64.
  mlir::Value index(int64_t value);
  /// A constant integer, or a vector with it in every lane.
  mlir::Value constant(mlir::Type type, int64_t value);
  /// `base` + `iv` * `scale` + `offset` bytes; `iv` may be null.
  mlir::Value address(mlir::Value base, mlir::Value iv, int64_t scale, int64_t offset = 0);
  mlir::Value load(mlir::Type type, mlir::Value pointer, unsigned alignment);
  void store(mlir::Value value, mlir::Value pointer, unsigned alignment);
  /// The i32 at `pointer` in every 4-byte group of a vector<bytes x i8>.
  mlir::Value broadcastWord(mlir::Value pointer, int64_t bytes);
  mlir::Value splat(mlir::VectorType type, mlir::Value scalar);
  mlir::Value bitcast(mlir::VectorType type, mlir::Value value);
  /// Extended to `type` (a scalar or a vector of integers), or cut to it.
  mlir::Value resize(mlir::Value value, mlir::Type type, bool isSigned);
  /// One vector of the lanes of `parts`, in order.
  mlir::Value concat(mlir::ValueRange parts);
  mlir::Value intrinsic(llvm::StringRef name, mlir::Type result, mlir::ValueRange arguments);

  mlir::Value add(mlir::Value lhs, mlir::Value rhs) { return mlir::arith::AddIOp::create(b, loc, lhs, rhs); }
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs) { return mlir::arith::MulIOp::create(b, loc, lhs, rhs); }
  mlir::Value bitAnd(mlir::Value lhs, mlir::Value rhs) { return mlir::arith::AndIOp::create(b, loc, lhs, rhs); }
  mlir::Value bitAnd(mlir::Value lhs, int64_t rhs) { return bitAnd(lhs, constant(lhs.getType(), rhs)); }
  mlir::Value add(mlir::Value lhs, int64_t rhs) { return rhs ? add(lhs, constant(lhs.getType(), rhs)) : lhs; }
  mlir::Value mul(mlir::Value lhs, int64_t rhs) { return rhs == 1 ? lhs : mul(lhs, constant(lhs.getType(), rhs)); }
  mlir::Value shiftLeft(mlir::Value value, int64_t bits);
  mlir::Value shiftRightLogical(mlir::Value value, int64_t bits);
  mlir::Value shiftRightArithmetic(mlir::Value value, int64_t bits);

  /// body(emitter, i, carried) for i in [0, count); returns the last carried
  /// values. A single iteration becomes straight code, none leaves `initial`.
  using Body = llvm::function_ref<Values(KernelEmitter &, mlir::Value, mlir::ValueRange)>;
  Values loop(int64_t count, mlir::ValueRange initial, Body body);
  /// The same for i in [begin, end), which are i64 and may be anything.
  Values loop(mlir::Value begin, mlir::Value end, mlir::ValueRange initial, Body body);

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_KERNELEMITTER_H
