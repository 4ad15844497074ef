//===- Expression.h - Real tensors as functions of codes --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integer conversion follows each real tensor as a function of a tensor
// that stays: integer codes, or a float input. The function differs per
// channel at most, so scales, biases, batch norms and activations cost nothing
// until a quantizer or a layer asks for them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_EXPRESSION_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_EXPRESSION_H

#include "sumac/Analysis/ScalarFunction.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

namespace sumac {

/// value[i] = functions[channel(i)](source[i]).
struct Expression {
  /// A tensor of integers, or of floats (a model input).
  mlir::Value source;
  /// Bounds of the source where it is integer: per channel of the last
  /// dimension, or one entry.
  ChannelRanges ranges;
  /// Shape of `functions`, aligned with the trailing dimensions of the source;
  /// sizes are 1 or the dimension's. Empty: one function for all.
  llvm::SmallVector<int64_t> functionShape;
  std::vector<ScalarFunction> functions = std::vector<ScalarFunction>(1);

  bool isFloat() const {
    return llvm::isa<mlir::FloatType>(getType().getElementType());
  }
  mlir::RankedTensorType getType() const {
    return llvm::cast<mlir::RankedTensorType>(source.getType());
  }
  /// The coding behind a constant source, or null.
  CodingAttrInterface getConstant() const;

  bool isUniform() const { return functions.size() == 1; }
  /// Whether functions differ along the last dimension at most.
  bool isPerLastDim() const;
  /// The function of channel `c` of the last dimension.
  const ScalarFunction &at(int64_t channel) const {
    return isUniform() ? functions.front() : functions[channel];
  }
  IntegerRange rangeAt(int64_t channel) const {
    return ranges.size() == 1 ? ranges.front() : ranges[channel];
  }
  /// Widens the function array so that it has an entry for each element of
  /// `shape` after broadcasting with it; fails where shapes do not broadcast.
  mlir::LogicalResult broadcastFunctions(llvm::ArrayRef<int64_t> shape);
};

/// x -> a * x + b.
struct Affine {
  Real multiply = Real(1);
  Real add;
};

/// The function as one affine map, if it is one.
std::optional<Affine> getAffine(const ScalarFunction &function);
/// Whether all functions are affine maps.
bool isAffine(const Expression &expression);

/// Position in an array of `shape` (sizes 1 broadcast) of the element that
/// serves `index`, both aligned at their ends.
int64_t getBroadcastIndex(llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<int64_t> index);

/// Steps `index` through `shape` in row-major order.
void advanceIndex(llvm::ArrayRef<int64_t> shape,
                  llvm::MutableArrayRef<int64_t> index);

/// The exact numbers of an attribute; nothing if a text is no number.
std::optional<std::vector<Real>> parseExact(ExactArrayAttr attribute);

/// Canonical texts of exact numbers.
ExactArrayAttr makeExact(mlir::MLIRContext *context,
                         llvm::ArrayRef<Real> values);

} // namespace sumac

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_EXPRESSION_H
