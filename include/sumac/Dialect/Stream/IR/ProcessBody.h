//===- ProcessBody.h - What a process computes -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of a process's body that units, resource models and emitters ask for.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_PROCESSBODY_H
#define SUMAC_DIALECT_STREAM_IR_PROCESSBODY_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

namespace sumac::stream {

/// A body is at most one layer, whose input is the process's first operand, and
/// elementwise operations behind it.
struct ProcessBody {
  LinearOp linear; ///< or null
  /// In order; each takes results of those before it, of the layer, or (without
  /// a layer) arguments.
  llvm::SmallVector<mlir::Operation *> elementwise;

  static ProcessBody get(ProcessOp process);
};

/// Whether every element of the integer result depends on the elements of the
/// operands at the same place alone.
bool isElementwise(mlir::Operation *op);

/// Bits of an item that AP_INT_MAX_W of the generated code allows.
constexpr int64_t kMaxItemBits = 8192;

/// Elements of a frame: analyses keep times for all its items.
constexpr int64_t kMaxFrameElements = int64_t(1) << 24;

/// Whether a process can have a unit: what the unit says, and the width of the
/// channels that it reads and writes.
mlir::LogicalResult verifyUnit(ProcessOp process, UnitAttrInterface unit);

/// The weights of a layer in a process.
CodingAttrInterface getWeights(LinearOp linear);

/// The bias of a layer, [outputs] or [1]; empty without one.
llvm::SmallVector<int64_t> readBias(LinearOp linear);

/// Inputs of which a folded unit takes a multiple each step for the layer's form;
/// 0 where folded units do not have the form.
int64_t getInputMultiple(LinearOp linear);

/// Signed powers of two that weights are sums of: how many each weight has at most,
/// and the bits of an exponent, all ones being none. A code is terms times
/// (exponentBits + 1) bits.
struct TermFields {
  unsigned terms = 1, exponentBits = 1;
  unsigned getBits() const { return terms * (exponentBits + 1); }
};
TermFields getTermFields(CodingAttrInterface weights);

/// Whether folded units compute the layer in its form.
bool hasFoldedForm(LinearOp linear);

/// Bits of any sum of an adder graph. Their bounds are computed in 64 bits.
constexpr int64_t kMaxAdderBits = 60;

/// Whether unrolled units compute the layer: whether kMaxAdderBits are enough.
bool hasUnrolledForm(LinearOp linear);

/// The elements of a tensor of integers, or such an element alone.
mlir::IntegerType getElementType(mlir::Value value);
/// Their bits.
unsigned getElementBits(mlir::Value value);

} // namespace sumac::stream

#endif // SUMAC_DIALECT_STREAM_IR_PROCESSBODY_H
