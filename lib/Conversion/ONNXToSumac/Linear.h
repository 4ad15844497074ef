//===- Linear.h - What float and integer layers share -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Building sumac.linear from the many forms of a matrix product in ONNX.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_ONNXTOSUMAC_LINEAR_H
#define SUMAC_LIB_CONVERSION_ONNXTOSUMAC_LINEAR_H

#include "Converter.h"

namespace sumac::onnx {

/// A tensor of reals with its shape.
struct Matrix {
  mlir::Value value;
  Shape shape;
  bool constant = false;
};

/// Weights [outputs, inputs] from `value`, the reals of `tensor`: a matrix
/// [inputs, outputs] unless `transposed`, or a vector.
std::optional<Matrix> getWeights(Node &node, Tensor &tensor, mlir::Value value, bool transposed);

std::optional<Matrix> emitLinear(Node &node, mlir::Value input, llvm::ArrayRef<Dim> shape,
                                 const Matrix &weights, mlir::Value bias);

/// alpha * A * B + beta * C of the node's first three inputs.
mlir::LogicalResult convertGemmWith(Node &node, double alpha, double beta, bool transA, bool transB);

} // namespace sumac::onnx

#endif // SUMAC_LIB_CONVERSION_ONNXTOSUMAC_LINEAR_H
