//===- Elements.h - Processing elements in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_ELEMENTS_H
#define SUMAC_LIB_TARGET_HLS_CODE_ELEMENTS_H

#include "CodeWriter.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"

#include <memory>

namespace sumac::hls {

/// The parts of a folded unit's code that depend on the sum form. Code may use
/// `group`, `part`, `p` (processing element), `tile` (a row of packed codes) and,
/// where the input is read, `item`.
class ElementCode {
public:
  ElementCode(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : name(std::move(name)), linear(linear), unit(unit), weights(stream::getWeights(linear)) {}
  virtual ~ElementCode();

  /// Constants in front of the process, `NAME_weights` among them.
  virtual void printConstants(CodeWriter &code) = 0;
  /// Buffers for the input and the sums, with their pragmas.
  virtual void printBuffers(CodeWriter &code);
  /// Keeps an item that was read.
  virtual void printRead(CodeWriter &code);
  /// Adds what element `p` computes in a step.
  virtual void printStep(CodeWriter &code) = 0;
  /// Prints what is needed for, and returns, the value of element `p`.
  virtual std::string printResult(CodeWriter &code);

protected:
  int64_t getRows() const { return weights.getShape()[0]; }
  int64_t getColumns() const { return weights.getShape()[1]; }
  int64_t getParts() const { return getColumns() / unit.getSimd(); }
  mlir::IntegerType getInputType();
  mlir::IntegerType getSumType();
  /// What sums of output `channel` begin with: the bias, or 0.
  std::string getStart();
  /// Declares `sum`, what element `p` has summed up before a step.
  void printSum(CodeWriter &code);

  std::string name;
  LinearOp linear;
  stream::FoldedUnitAttr unit;
  CodingAttrInterface weights;
};

/// The bias of a layer, if it has one, as constants `NAME_bias`.
void printBias(CodeWriter &code, const std::string &name, LinearOp linear);

/// The code for a layer's form; null where folded units do not have it.
std::unique_ptr<ElementCode> createElementCode(const std::string &name, LinearOp linear, stream::FoldedUnitAttr unit);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_ELEMENTS_H
