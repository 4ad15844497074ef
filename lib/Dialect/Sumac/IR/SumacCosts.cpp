//===- SumacCosts.cpp - Work and storage of operations --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CostOpInterface of every operation. Dimension 0 of a tensor of rank 2 and
// more is the batch; other dimensions of unknown size count as 1.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace sumac;

/// Products that would overflow stay at the largest number.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return llvm::MulOverflow(a, b, product) ? INT64_MAX : product;
}

static int64_t getElementsPerRow(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  int64_t count = 1;
  for (int64_t size : shape.drop_front(shape.size() >= 2 ? 1 : 0))
    count = multiply(count, ShapedType::isDynamic(size) ? 1 : size);
  return count;
}

/// Bits of an array's entries in the narrowest two's complement form.
static int64_t getArrayBits(ArrayRef<int64_t> values) {
  int64_t bits = 1;
  for (int64_t value : values)
    bits = std::max<int64_t>(bits, 1 + llvm::bit_width(static_cast<uint64_t>(
                                           value < 0 ? ~value : value)));
  return bits * static_cast<int64_t>(values.size());
}

static int64_t getElementBits(Type type) {
  return getElementTypeOrSelf(type).getIntOrFloatBitWidth();
}

OperationCount ConstantOp::getOperationCount() { return {}; }
int64_t ConstantOp::getStoredBits() { return getValue().getStoredBits(); }

OperationCount EncodeOp::getOperationCount() {
  int64_t elements = getElementsPerRow(getType());
  OperationCount count;
  count.multiplications = elements;
  count.additions = elements;
  count.comparisons = multiply(elements, 2);
  return count;
}

OperationCount DecodeOp::getOperationCount() {
  int64_t elements = getElementsPerRow(getType());
  OperationCount count;
  count.multiplications = elements;
  count.additions = multiply(elements, getOffset() ? 2 : 1);
  return count;
}

OperationCount LinearOp::getOperationCount() {
  int64_t outputs = getElementsPerRow(getType());
  int64_t features = getWeights().getType().getDimSize(1);
  OperationCount count;
  count.multiplyAdds =
      multiply(outputs, ShapedType::isDynamic(features) ? 1 : features);
  count.additions = getBias() ? outputs : 0;
  return count;
}

OperationCount ThresholdOp::getOperationCount() {
  OperationCount count;
  count.comparisons = multiply(getElementsPerRow(getType()),
                               getThresholds().getShapedType().getDimSize(1));
  return count;
}
int64_t ThresholdOp::getStoredBits() {
  return multiply(getThresholds().getNumElements(),
                  getElementBits(getInput().getType()));
}

OperationCount RequantizeOp::getOperationCount() {
  int64_t elements = getElementsPerRow(getType());
  OperationCount count;
  count.multiplications = elements;
  count.additions = elements;
  count.comparisons = multiply(elements, 2);
  return count;
}
int64_t RequantizeOp::getStoredBits() {
  return getArrayBits(getMultiply()) + getArrayBits(getAdd()) +
         getArrayBits(getShift());
}

OperationCount TableOp::getOperationCount() {
  OperationCount count;
  count.lookups = getElementsPerRow(getType());
  return count;
}
int64_t TableOp::getStoredBits() {
  return multiply(getTable().getNumElements(), getElementBits(getType()));
}

OperationCount CombineOp::getOperationCount() {
  int64_t elements = getElementsPerRow(getType());
  auto branches = static_cast<int64_t>(getInputs().size());
  OperationCount count;
  count.multiplications = multiply(elements, branches);
  count.additions = multiply(elements, branches);
  return count;
}
int64_t CombineOp::getStoredBits() {
  return multiply(getMultiply().getNumElements() + getAdd().getNumElements(),
                  64);
}

OperationCount ClampOp::getOperationCount() {
  OperationCount count;
  count.comparisons = multiply(getElementsPerRow(getType()), 2);
  return count;
}
int64_t ClampOp::getStoredBits() {
  return getArrayBits(getMin()) + getArrayBits(getMax());
}

// Planes that are cleared are not computed with; none needs work.
OperationCount TruncatePlanesOp::getOperationCount() { return {}; }
int64_t TruncatePlanesOp::getStoredBits() { return 0; }

OperationCount ArgMaxOp::getOperationCount() {
  OperationCount count;
  count.comparisons = getElementsPerRow(getInput().getType());
  return count;
}

OperationCount ReduceMaxOp::getOperationCount() {
  OperationCount count;
  count.comparisons = getElementsPerRow(getInput().getType());
  return count;
}
