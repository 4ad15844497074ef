//===- Layers.h - Layers as the accumulate-multiply core has them -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOACM_LAYERS_H
#define SUMAC_LIB_CONVERSION_SUMACTOACM_LAYERS_H

#include "sumac/ACM/Instruction.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace sumac::acm {

/// What the activation memory holds of a value: value = step * code + base, with codes
/// of `low` to `high`; codes that a byte does not hold are two planes of bytes.
struct StoredCode {
  int64_t step = 1, base = 0;
  int64_t low = 0, high = 0;
  int64_t getPlanes() const { return low >= -128 && high <= (low < 0 ? 127 : 255) ? 1 : 2; }
  /// The codes of a plane, with its step: those of the high bytes are signed if codes are.
  StoredCode getPlane(int64_t plane) const;
  bool isSigned() const { return low < 0; }
  /// The greatest magnitude.
  int64_t getGreatest() const { return std::max(-low, high); }
};

/// One input of a layer, or some of its elements, with its weights as masks of four
/// (papers.md, F4).
struct Branch {
  mlir::Value input;
  StoredCode code;   ///< of the input, of its plane
  int64_t plane = 0; ///< of the input
  int64_t firstInput = 0, inputs = 0;
  size_t source = 0; ///< number of the branch that this one is, or is a tile of
  unsigned passes = 1;
  /// Bit k of an entry: mask 4 pass + k has the weight. [pass][output][input]
  std::vector<uint8_t> codes;
  /// [pass][output][4]
  std::vector<int64_t> coefficients;

  llvm::ArrayRef<uint8_t> getRow(unsigned pass, int64_t outputs, int64_t output) const {
    return llvm::ArrayRef(codes).slice((pass * outputs + output) * inputs, inputs);
  }
};

/// t = v * multiplier + addend, and its shift.
struct Record {
  int64_t multiplier = 1, addend = 0, shift = 0;
};

/// Sums of branches and what becomes of them: an `execute`, or several.
struct Layer {
  std::string name;
  mlir::Location location;
  mlir::Value result; ///< without the reshapes behind it
  StoredCode code;    ///< of the result, in modes codes and steps
  int64_t outputs = 0;
  llvm::SmallVector<Branch, 1> branches;
  Mode mode = Mode::Sums;
  bool isHalfEven = false;
  int64_t low = 0, high = 0;
  std::vector<Record> records;     ///< [outputs]
  int64_t count = 0;               ///< thresholds of an output
  int64_t falls = 0;               ///< the last of them, which count down
  std::vector<int64_t> thresholds; ///< [outputs][count]

  explicit Layer(mlir::Location location) : location(location) {}
};

/// The layers of a function on integers, in order; all that has no place in them is
/// reported.
mlir::FailureOr<std::vector<Layer>> getLayers(mlir::func::FuncOp function);

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_LAYERS_H
