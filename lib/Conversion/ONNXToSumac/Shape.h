//===- Shape.h - Sizes that may depend on the batch -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes during the conversion: a number, or a number times a symbol such as the
// batch. The same class serves as the elements of shape tensors, so that chains
// of Shape, Gather, Concat, ... carry the symbols through.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_ONNXTOSUMAC_SHAPE_H
#define SUMAC_LIB_CONVERSION_ONNXTOSUMAC_SHAPE_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace sumac::onnx {

/// factor * symbol, or the number `factor` where there is no symbol.
struct Dim {
  int64_t factor = 1;
  int symbol = -1;

  Dim() = default;
  Dim(int64_t number) : factor(number) {}
  Dim(int64_t factor, int symbol) : factor(factor), symbol(symbol) {}

  bool isStatic() const { return symbol < 0; }
  bool isOne() const { return isStatic() && factor == 1; }
  bool operator==(const Dim &other) const {
    return factor == other.factor && symbol == other.symbol;
  }
  bool operator!=(const Dim &other) const { return !(*this == other); }
};

using Shape = llvm::SmallVector<Dim, 4>;

/// Nothing where the result overflows or would need two symbols.
std::optional<Dim> multiply(Dim a, Dim b);
std::optional<Dim> getProduct(llvm::ArrayRef<Dim> dims);
/// Nothing where the quotient is not such a size.
std::optional<Dim> divideExactly(Dim a, Dim b);

bool isStatic(llvm::ArrayRef<Dim> shape);
/// The number of elements of a static shape; nothing for others.
std::optional<int64_t> getStaticCount(llvm::ArrayRef<Dim> shape);
/// Sizes with ShapedType::kDynamic for symbols.
llvm::SmallVector<int64_t> getSizes(llvm::ArrayRef<Dim> shape);
mlir::RankedTensorType getTensorType(llvm::ArrayRef<Dim> shape, mlir::Type element);
/// "784", or "?" for the batch.
std::string toString(Dim dim);
/// "[?, 784]".
std::string toString(llvm::ArrayRef<Dim> shape);

/// NumPy's broadcast; nothing where sizes do not fit.
std::optional<Shape> broadcast(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b);

/// Row-major strides of a static shape.
llvm::SmallVector<int64_t> getStrides(llvm::ArrayRef<int64_t> sizes);

} // namespace sumac::onnx

#endif // SUMAC_LIB_CONVERSION_ONNXTOSUMAC_SHAPE_H
