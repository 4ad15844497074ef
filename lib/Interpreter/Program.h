//===- Program.h - A function, ready to run ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operations of a function and of those that it calls, as one list of steps
// on numbered slots.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_PROGRAM_H
#define SUMAC_LIB_INTERPRETER_PROGRAM_H

#include "Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace sumac::interpreter {

/// A message with the operation that it is about.
struct StepError {
  mlir::Operation *op = nullptr;
  Error error;
};

class Program {
public:
  using Trace = std::function<void(mlir::Value, const Tensor &)>;

  struct Step {
    mlir::Operation *op;
    Kernel kernel;
    llvm::SmallVector<unsigned, 4> operands;
    unsigned result;
    /// Slots that no later step reads.
    llvm::SmallVector<unsigned, 2> lastUses;
  };

  /// Prepares every operation and computes what does not depend on arguments.
  llvm::LogicalResult build(mlir::func::FuncOp function, const Settings &settings, const Trace &trace);

  /// Whether rows of the batch (dynamic leading dimensions) may be computed
  /// apart, in which case every result is a batch too.
  bool keepsRows() const { return rowsApart; }
  /// Elements of all results of one row, about.
  int64_t getElementsPerRow() const;

  llvm::LogicalResult run(llvm::ArrayRef<TensorRef> arguments, std::vector<TensorRef> &results, const Trace &trace,
                          StepError &error) const;

private:
  llvm::LogicalResult addBody(mlir::func::FuncOp function, llvm::ArrayRef<unsigned> arguments,
                              llvm::SmallVectorImpl<unsigned> &results);
  llvm::LogicalResult addOperation(mlir::Operation &op, llvm::DenseMap<mlir::Value, unsigned> &slots);
  llvm::LogicalResult addCall(mlir::func::CallOp call, llvm::ArrayRef<unsigned> operands,
                              llvm::DenseMap<mlir::Value, unsigned> &slots);
  llvm::LogicalResult addStep(mlir::Operation &op, llvm::ArrayRef<unsigned> operands, unsigned result);
  unsigned addSlot(bool batched, int64_t uses);
  void findLastUses();

  Settings settings;
  Trace constantTrace;
  std::vector<Step> steps;
  std::vector<TensorRef> constants; ///< By slot, null for values that vary.
  std::vector<bool> varies, batched;
  /// Uses by operations that were not constant, or are still to come.
  std::vector<int64_t> usesLeft;
  unsigned numArguments = 0;
  llvm::SmallVector<unsigned> resultSlots;
  bool rowsApart = true;
  llvm::SmallVector<mlir::func::FuncOp> callStack;
};

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_PROGRAM_H
