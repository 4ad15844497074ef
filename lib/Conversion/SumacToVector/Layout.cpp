//===- Layout.cpp - Moving elements ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes, slices, concatenations and transposes copy element by element
// between buffers, whose rows may be padded. (Reshapes that keep the last
// dimension copy nothing: see Plan.cpp.)
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

namespace {

/// Copies between two tensors along maps of indices.
class LayoutEmitter {
public:
  LayoutEmitter(Emitter &emitter, Code &code, Operation *op, const Buffer &result)
      : emitter(emitter), code(code), op(op), result(result) {}

  LogicalResult emit();

private:
  /// An element: dimension d of the loop nest adds strides[d] to `start` in
  /// row-major numbering of the whole tensor.
  struct Walk {
    int64_t start = 0;
    SmallVector<int64_t> strides;
  };

  void emitReshape(Value input);
  LogicalResult emitSlice(tensor::ExtractSliceOp op);
  void emitConcat(tensor::ConcatOp op);
  void emitTranspose(linalg::TransposeOp op);
  void copy(Value input, ArrayRef<int64_t> shape, const Walk &from, const Walk &to);
  void copyElement(Code &code, const Buffer &input, Value from, Value to);

  Emitter &emitter;
  Code &code;
  Operation *op;
  const Buffer &result;
};

} // namespace

static SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// Row and channel of element `number` in row-major order.
static std::pair<Value, Value> getPlace(Code &code, const Buffer &buffer, Value number) {
  if (buffer.rows == 1)
    return {code.index(0), number};
  Value channels = code.index(buffer.channels);
  return {code.b.createOrFold<arith::DivUIOp>(code.loc, number, channels),
          code.b.createOrFold<arith::RemUIOp>(code.loc, number, channels)};
}

void LayoutEmitter::copyElement(Code &code, const Buffer &input, Value from, Value to) {
  unsigned bits = emitter.getLaneBits(op->getResult(0));
  auto [fromRow, fromChannel] = getPlace(code, input, from);
  auto [toRow, toChannel] = getPlace(code, result, to);
  emitter.storeElement(code, result, toRow, toChannel, emitter.loadElement(code, input, fromRow, fromChannel, bits));
}

/// One loop per dimension of `shape`.
void LayoutEmitter::copy(Value input, ArrayRef<int64_t> shape, const Walk &from, const Walk &to) {
  Buffer buffer = emitter.getBuffer(input);
  std::function<void(Code &, size_t, Value, Value)> nest = [&](Code &code, size_t d, Value at, Value target) {
    if (d == shape.size())
      return copyElement(code, buffer, at, target);
    code.loop(shape[d], 1, [&](Code &inner, Value i) {
      nest(inner, d + 1, inner.add(at, inner.multiply(i, from.strides[d])), inner.add(target, inner.multiply(i, to.strides[d])));
    });
  };
  nest(code, 0, code.index(from.start), code.index(to.start));
}

void LayoutEmitter::emitReshape(Value input) {
  int64_t count = cast<RankedTensorType>(input.getType()).getNumElements();
  copy(input, {count}, {0, {1}}, {0, {1}});
}

LogicalResult LayoutEmitter::emitSlice(tensor::ExtractSliceOp op) {
  if (!llvm::all_of(op.getMixedOffsets(), llvm::IsaPred<Attribute>) || !llvm::all_of(op.getMixedStrides(), llvm::IsaPred<Attribute>))
    return op.emitOpError("has offsets or strides that are not constant");
  ArrayRef<int64_t> inputShape = getShape(op.getSource());
  SmallVector<int64_t> inputStrides = getStrides(inputShape);
  llvm::SmallBitVector dropped = op.getDroppedDims();
  Walk from;
  SmallVector<int64_t> shape;
  for (size_t d = 0; d < inputShape.size(); ++d) {
    from.start += op.getStaticOffsets()[d] * inputStrides[d];
    if (dropped.test(d))
      continue;
    from.strides.push_back(op.getStaticStrides()[d] * inputStrides[d]);
  }
  copy(op.getSource(), getShape(op.getResult()), from, {0, getStrides(getShape(op.getResult()))});
  return success();
}

void LayoutEmitter::emitConcat(tensor::ConcatOp op) {
  SmallVector<int64_t> strides = getStrides(getShape(op.getResult()));
  int64_t at = 0;
  for (Value input : op.getInputs()) {
    copy(input, getShape(input), {0, getStrides(getShape(input))}, {at * strides[op.getDim()], strides});
    at += getShape(input)[op.getDim()];
  }
}

void LayoutEmitter::emitTranspose(linalg::TransposeOp op) {
  SmallVector<int64_t> inputStrides = getStrides(getShape(op.getInput()));
  ArrayRef<int64_t> shape = getShape(op->getResult(0));
  Walk from;
  for (int64_t dim : op.getPermutation())
    from.strides.push_back(inputStrides[dim]);
  copy(op.getInput(), shape, from, {0, getStrides(shape)});
}

LogicalResult LayoutEmitter::emit() {
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return emitSlice(slice);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    emitConcat(concat);
  else if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
    emitTranspose(transpose);
  else
    emitReshape(op->getOperand(0));
  return success();
}

LogicalResult sumac::emitLayout(Emitter &emitter, Code &code, Operation *op, const Buffer &result) {
  return LayoutEmitter(emitter, code, op, result).emit();
}
