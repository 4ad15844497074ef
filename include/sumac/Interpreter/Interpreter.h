//===- Interpreter.h - The exact meaning, executable ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a function of the sumac dialect, at model level, at integer level or any
// mix of the two, and returns exactly the integers and the once-rounded floats
// that its arithmetic gives. All tests compare with it; it shares no code with
// the lowerings.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_INTERPRETER_INTERPRETER_H
#define SUMAC_INTERPRETER_INTERPRETER_H

#include "sumac/Support/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/LogicalResult.h"

#include <functional>
#include <memory>

namespace sumac {

/// A value that an operation gave, for InterpreterOptions::trace.
struct TracedValue {
  mlir::Value value;
  /// First row of the batch that `tensor` holds; its dimension 0 counts on from
  /// there. Always 0 for values that do not depend on the inputs.
  int64_t firstRow = 0;
  /// Integers as they are; reals as doubles near them.
  HostTensor tensor;
};

struct InterpreterOptions {
  /// Threads that share the rows of the batch; 0 takes all cores.
  unsigned threads = 1;
  /// Decide by intervals of doubles where these suffice and compute layers in
  /// machine integers. Without it every element is an exact number, as the
  /// definition says, and the run takes thousands of times longer.
  bool fast = true;
  /// Rows that are computed together; 0 lets the interpreter choose.
  int64_t chunkRows = 0;
  /// Called with every result of every operation, constants first, then in the
  /// order of rows. A run with a trace has one thread.
  std::function<void(const TracedValue &)> trace;
  /// Called with the rows done and the rows to do, from one thread at a time.
  std::function<void(int64_t done, int64_t total)> progress;
};

/// A function made ready to run: constants decoded, weights arranged.
class Interpreter {
public:
  /// Reports what it cannot run as errors at the operations in question.
  static llvm::FailureOr<std::unique_ptr<Interpreter>>
  create(mlir::func::FuncOp function, InterpreterOptions options = {});
  ~Interpreter();

  /// Runs the function. Where an argument declares its leading dimension, inputs
  /// may have any multiple of it. Errors are reported at the operation, or at
  /// the function for inputs that do not fit.
  llvm::LogicalResult run(llvm::ArrayRef<HostTensor> inputs,
                          llvm::SmallVectorImpl<HostTensor> &results) const;

private:
  struct Impl;
  explicit Interpreter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// Creates an interpreter for `function` and runs it once.
llvm::LogicalResult interpret(mlir::func::FuncOp function,
                              llvm::ArrayRef<HostTensor> inputs,
                              llvm::SmallVectorImpl<HostTensor> &results,
                              const InterpreterOptions &options = {});

} // namespace sumac

#endif // SUMAC_INTERPRETER_INTERPRETER_H
