//===- Rows.cpp - Functions on rows of a batch -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/Rows.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

bool sumac::isReshape(Operation *op) {
  return isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op);
}

Value sumac::skipReshapes(Value value) {
  while (isReshape(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

bool sumac::isIndexOp(Operation *op) {
  return op->getNumResults() > 0 && op->getNumRegions() == 0 &&
         llvm::all_of(op->getResultTypes(), [](Type type) { return type.isIndex(); });
}

std::optional<int64_t> sumac::getRowElements(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < 1 || !isa<IntegerType>(type.getElementType()))
    return std::nullopt;
  int64_t size = 1;
  for (int64_t dim : type.getShape().drop_front())
    if (ShapedType::isDynamic(dim) || llvm::MulOverflow(size, dim, size))
      return std::nullopt;
  return size > 0 && size <= kMaxRowElements ? std::optional(size) : std::nullopt;
}

/// The dimension of an operation's constants that is the channel.
static unsigned getChannelDim(Operation *op, NamedAttribute attribute) {
  return isa<CombineOp>(op) && attribute.getName() == "multiply" ? 1 : 0;
}

bool sumac::hasConstantsByElement(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (type.getDimSize(type.getRank() - 1) == getRowElements(op->getResult(0)))
    return true;
  return llvm::none_of(op->getAttrs(), [&](NamedAttribute attribute) {
    if (auto elements = dyn_cast<ElementsAttr>(attribute.getValue()))
      return elements.getNumElements() > 1 && elements.getShapedType().getDimSize(getChannelDim(op, attribute)) > 1;
    if (auto flags = dyn_cast<DenseBoolArrayAttr>(attribute.getValue()))
      return flags.size() > 1;
    auto array = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
    return array && array.size() > 1;
  });
}
