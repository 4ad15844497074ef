//===- IntegerConverter.h - Reals to integers, op by op ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of `sumac-to-integer`: what each value has become, and one method
// per kind of operation. Files: Layers.cpp, Elementwise.cpp, Quantizers.cpp,
// Joins.cpp, Shapes.cpp, Outputs.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_INTEGERCONVERTER_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_INTEGERCONVERTER_H

#include "Constants.h"
#include "Expression.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace sumac {

/// Choices of the pass; see Passes.td.
struct IntegerConversionOptions {
  int64_t maxThresholds = 15;
  unsigned requantizeBits = 63;
};

class IntegerConverter {
public:
  IntegerConverter(mlir::func::FuncOp function,
                   const IntegerConversionOptions &options)
      : function(function), builder(function.getContext()), options(options) {}

  /// Converts the whole function; errors are reported at the operations.
  mlir::LogicalResult run();

private:
  using Value = mlir::Value;
  using Operation = mlir::Operation;
  using LogicalResult = mlir::LogicalResult;
  using Location = mlir::Location;

  LogicalResult convert(Operation *op);

  //===--- Values
  //----------------------------------------------------------===//

  /// What a real or integer value has become, or null with an error that says
  /// why it cannot be used by `user`.
  const Expression *lookup(Value value, Operation *user);
  /// The expression of a value that has one, to be extended. It is moved out
  /// where nothing else needs it, so that long chains of operations between two
  /// quantizers take linear time and memory.
  Expression take(Value value);
  void define(Value value, Expression expression) {
    expressions[value] = std::move(expression);
  }
  /// The expression of an integer tensor as it is.
  Expression makeSource(Value source, ChannelRanges ranges = {});

  //===--- Elementwise (Elementwise.cpp)
  //-------------------------------------===//

  LogicalResult convertBatchNorm(BatchNormOp op);
  LogicalResult convertBinary(Operation *op);
  LogicalResult convertUnary(Operation *op);
  LogicalResult convertMultiThreshold(MultiThresholdOp op);
  /// Applies x * multiply[i] + add[i], arrays of `shape` aligned with the
  /// value's trailing dimensions.
  LogicalResult applyAffine(Expression &expression,
                            llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<Affine> maps, Operation *op);
  /// All functions get the same further operation.
  template <typename Append>
  LogicalResult appendUniform(Value result, Value input, Operation *op,
                              Append append);

  //===--- Quantizers (Quantizers.cpp)
  //---------------------------------------===//

  LogicalResult convertEncode(EncodeOp op);
  LogicalResult convertQuantize(QuantizeOp op);
  LogicalResult convertDecode(DecodeOp op);
  /// Codes of `expression` under a quantizer, as new integer operations.
  mlir::FailureOr<Expression> quantize(const Expression &expression,
                                       GridAttr grid, RoundingMode rounding,
                                       bool zeroPointFirst, Operation *op);
  /// Turns functions that give codes into integer operations on the source.
  mlir::FailureOr<Expression> emitCodes(Expression expression,
                                        IntegerRange codes, Operation *op);
  mlir::FailureOr<Value> emitFloatCodes(const Expression &expression,
                                        IntegerRange codes, Operation *op);
  /// The functions (code - zero point) * scale of a grid.
  LogicalResult applyGrid(Expression &codes, GridAttr grid,
                          ExactArrayAttr offset, Operation *op);

  //===--- Layers (Layers.cpp)
  //-----------------------------------------------===//

  LogicalResult convertLinear(LinearOp op);

  //===--- Branches (Joins.cpp)
  //----------------------------------------------===//

  LogicalResult addBranches(Operation *op, Value lhs, Value rhs, bool subtract);
  LogicalResult convertConcat(mlir::tensor::ConcatOp op);
  /// The same value with integers on one grid: functions become one affine map.
  mlir::FailureOr<Expression> toCommonGrid(const Expression &expression,
                                           Operation *op);
  /// Sum of branches on their finest common grid; adds per channel.
  mlir::FailureOr<Expression> combine(llvm::ArrayRef<Expression> branches,
                                      Operation *op);
  /// Piecewise linear functions (relu, clip, leaky relu) become affine ones of
  /// new integers.
  mlir::FailureOr<Expression> toAffine(const Expression &expression,
                                       Operation *op);

  //===--- Shapes (Shapes.cpp)
  //-----------------------------------------------===//

  LogicalResult convertReshape(Operation *op);
  LogicalResult convertTranspose(mlir::linalg::TransposeOp op);
  LogicalResult convertSlice(mlir::tensor::ExtractSliceOp op);
  /// Trailing dimensions collapsed into one, so that every function array is
  /// per last dimension.
  mlir::FailureOr<Expression> collapseChannels(const Expression &expression,
                                               Operation *op);

  //===--- Outputs (Outputs.cpp)
  //---------------------------------------------===//

  LogicalResult convertToFloat(ToFloatOp op);
  LogicalResult convertArgMax(ArgMaxOp op);
  LogicalResult convertReduceMax(ReduceMaxOp op);
  LogicalResult convertReturn(mlir::func::ReturnOp op);
  /// Keeps a real operation at the end of the model, on decoded values.
  LogicalResult keepTail(Operation *op);
  /// sumac.decode of an affine expression to `type`.
  mlir::FailureOr<Value> decode(const Expression &expression,
                                mlir::Type elementType, Operation *op);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  IntegerConversionOptions options;
  llvm::DenseMap<Value, Expression> expressions;
  /// Real operations that stay at the end of the model.
  llvm::DenseSet<Operation *> tail;
};

} // namespace sumac

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_INTEGERCONVERTER_H
