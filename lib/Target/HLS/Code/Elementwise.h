//===- Elementwise.h - Elementwise operations in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_ELEMENTWISE_H
#define SUMAC_LIB_TARGET_HLS_CODE_ELEMENTWISE_H

#include "CodeWriter.h"
#include "mlir/IR/Operation.h"

namespace sumac::hls {

/// Elementwise operations of a process as a function
/// `static TYPE NAME(int channel, TYPE0 x0, ...)` of one element of each of
/// `inputs`, with its constants in front of it.
class ElementFunction {
public:
  ElementFunction(std::string name, llvm::ArrayRef<mlir::Operation *> ops, llvm::ArrayRef<mlir::Value> inputs)
      : name(std::move(name)), ops(ops), inputs(inputs.begin(), inputs.end()) {}

  void printConstants(CodeWriter &code);
  void print(CodeWriter &code) const;
  /// Pragmas that let `lanes` channels be read at once.
  void printPragmas(CodeWriter &code, int64_t lanes) const;
  const std::string &getName() const { return name; }

private:
  std::string name;
  llvm::ArrayRef<mlir::Operation *> ops;
  llvm::SmallVector<mlir::Value> inputs;
  /// Names of arrays with an entry or row for each channel.
  std::vector<std::string> arrays;
};

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_ELEMENTWISE_H
