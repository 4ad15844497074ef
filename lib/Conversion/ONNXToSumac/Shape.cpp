//===- Shape.cpp - Sizes that may depend on the batch ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic of sizes, and broadcasting.
//
//===----------------------------------------------------------------------===//

#include "Shape.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sumac::onnx;

std::optional<Dim> sumac::onnx::multiply(Dim a, Dim b) {
  Dim result;
  if ((!a.isStatic() && !b.isStatic()) || llvm::MulOverflow(a.factor, b.factor, result.factor))
    return std::nullopt;
  result.symbol = a.isStatic() ? b.symbol : a.symbol;
  return result;
}

std::optional<Dim> sumac::onnx::getProduct(ArrayRef<Dim> dims) {
  std::optional<Dim> product = Dim(1);
  for (Dim dim : dims)
    if (product = multiply(*product, dim); !product)
      return std::nullopt;
  return product;
}

std::optional<Dim> sumac::onnx::divideExactly(Dim a, Dim b) {
  if (b.factor == 0 || a.factor % b.factor != 0)
    return std::nullopt;
  if (b.isStatic())
    return Dim(a.factor / b.factor, a.symbol);
  if (a.symbol == b.symbol)
    return Dim(a.factor / b.factor);
  return std::nullopt;
}

bool sumac::onnx::isStatic(ArrayRef<Dim> shape) {
  return llvm::all_of(shape, [](Dim dim) { return dim.isStatic(); });
}

std::optional<int64_t> sumac::onnx::getStaticCount(ArrayRef<Dim> shape) {
  std::optional<Dim> product = getProduct(shape);
  if (!product || !product->isStatic())
    return std::nullopt;
  return product->factor;
}

SmallVector<int64_t> sumac::onnx::getSizes(ArrayRef<Dim> shape) {
  return llvm::map_to_vector(
      shape, [](Dim dim) { return dim.isStatic() ? dim.factor : ShapedType::kDynamic; });
}

RankedTensorType sumac::onnx::getTensorType(ArrayRef<Dim> shape, Type element) {
  return RankedTensorType::get(getSizes(shape), element);
}

std::string sumac::onnx::toString(Dim dim) {
  if (dim.isStatic())
    return std::to_string(dim.factor);
  return dim.factor == 1 ? "?" : std::to_string(dim.factor) + " * ?";
}

std::string sumac::onnx::toString(ArrayRef<Dim> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os, [&](Dim dim) { os << toString(dim); });
  os << ']';
  return text;
}

std::optional<Shape> sumac::onnx::broadcast(ArrayRef<Dim> a, ArrayRef<Dim> b) {
  Shape result(std::max(a.size(), b.size()));
  for (size_t i = 0; i < result.size(); ++i) {
    Dim x = i < a.size() ? a[a.size() - 1 - i] : Dim(1);
    Dim y = i < b.size() ? b[b.size() - 1 - i] : Dim(1);
    if (x != y && !x.isOne() && !y.isOne())
      return std::nullopt;
    result[result.size() - 1 - i] = x.isOne() ? y : x;
  }
  return result;
}

SmallVector<int64_t> sumac::onnx::getStrides(ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i > 1; --i)
    strides[i - 2] = strides[i - 1] * sizes[i - 1];
  return strides;
}
