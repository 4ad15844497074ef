//===- Kernel.h - One operation, ready to run -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation is prepared once: its attributes are read, and what is wrong with
// them is reported. The kernel that this gives then runs on every chunk of rows.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_KERNEL_H
#define SUMAC_LIB_INTERPRETER_KERNEL_H

#include "Tensor.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"

namespace sumac::interpreter {

/// What kernels need to know of the options.
struct Settings {
  bool fast = true;
};

/// The message of a kernel that failed; the operation is added by the caller.
/// Kernels run in threads, diagnostics are emitted in one.
class Error {
public:
  llvm::LogicalResult set(const llvm::Twine &text) {
    message = text.str();
    return llvm::failure();
  }
  const std::string &getMessage() const { return message; }

private:
  std::string message;
};

using Operands = llvm::ArrayRef<TensorRef>;
/// Computes the operation's only result.
using Kernel = std::function<llvm::FailureOr<TensorRef>(Operands, Error &)>;

/// The kernel of an operation with one result, or an error at the operation.
llvm::FailureOr<Kernel> prepareKernel(mlir::Operation *op, const Settings &settings);

/// Whether rows may be computed apart: given which operands have the batch as
/// their dimension 0, whether the result has it too, each of its rows coming
/// from the same row of the operands. Nothing where rows mix.
std::optional<bool> isBatched(mlir::Operation *op, llvm::ArrayRef<bool> operandIsBatched);

//===----------------------------------------------------------------------===//
// Preparation, by group of operations
//===----------------------------------------------------------------------===//

llvm::FailureOr<Kernel> prepare(ConstantOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(FromFloatOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ToFloatOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(EncodeOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(DecodeOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(QuantizeOp op, const Settings &settings);

llvm::FailureOr<Kernel> prepare(LinearOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(BatchNormOp op, const Settings &settings);

llvm::FailureOr<Kernel> prepare(AddOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(SubOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(MulOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(DivOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ReluOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(LeakyReluOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ClipOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(SigmoidOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(TanhOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(PowerOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(MultiThresholdOp op, const Settings &settings);

llvm::FailureOr<Kernel> prepare(SoftmaxOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ArgMaxOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ReduceMaxOp op, const Settings &settings);

llvm::FailureOr<Kernel> prepare(ThresholdOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(RequantizeOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(TableOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(CombineOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(ClampOp op, const Settings &settings);
llvm::FailureOr<Kernel> prepare(TruncatePlanesOp op, const Settings &settings);

/// Operations of the tensor, linalg and arith dialects; nothing for those that
/// are not known.
std::optional<llvm::FailureOr<Kernel>> prepareUpstream(mlir::Operation *op);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_KERNEL_H
