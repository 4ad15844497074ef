//===- Reduction.cpp - argmax and reduce_max ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions along one dimension, one element after the other.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sumac;

bool sumac::isReduction(Operation *op) { return isa<ArgMaxOp, ReduceMaxOp>(op); }

LogicalResult sumac::emitReduction(Emitter &emitter, Code &code, Operation *op, const Buffer &result) {
  Value input = op->getOperand(0);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  auto argMax = dyn_cast<ArgMaxOp>(op);
  int64_t axis = argMax ? argMax.getAxis() : cast<ReduceMaxOp>(op).getAxis();
  if (axis < 0)
    axis += shape.size();
  int64_t outer = 1, inner = 1;
  for (auto [d, size] : llvm::enumerate(shape)) {
    outer *= static_cast<int64_t>(d) < axis ? size : 1;
    inner *= static_cast<int64_t>(d) > axis ? size : 1;
  }
  int64_t size = shape[axis];
  if (size == 0)
    return op->emitOpError("reduces an empty dimension");
  Buffer from = emitter.getBuffer(input);
  unsigned bits = emitter.getLaneBits(input), resultBits = emitter.getLaneBits(op->getResult(0));
  auto place = [](Code &code, const Buffer &buffer, Value number) -> std::pair<Value, Value> {
    Value channels = code.index(buffer.channels);
    return {code.b.createOrFold<arith::DivUIOp>(code.loc, number, channels),
            code.b.createOrFold<arith::RemUIOp>(code.loc, number, channels)};
  };
  auto predicate = argMax && argMax.getSelectLast() ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sgt;

  code.loop(outer, 1, [&](Code &code, Value o) {
    code.loop(inner, 1, [&](Code &code, Value i) {
      Value start = code.add(code.multiply(o, size * inner), i);
      auto [row, channel] = place(code, from, start);
      Value first = emitter.loadElement(code, from, row, channel, bits);
      Value zero = code.index(0);
      auto search = code.make<scf::ForOp>(
          code.index(1), code.index(size), code.index(1), ValueRange{first, zero},
          [&](OpBuilder &builder, Location loc, Value k, ValueRange best) {
            Code body(builder, loc);
            auto [row, channel] = place(body, from, body.add(start, body.multiply(k, inner)));
            Value x = emitter.loadElement(body, from, row, channel, bits);
            Value better = body.compare(predicate, x, best[0]);
            body.make<scf::YieldOp>(ValueRange{body.select(better, x, best[0]), body.select(better, k, best[1])});
          });
      auto [toRow, toChannel] = place(code, result, code.add(code.multiply(o, inner), i));
      Value value = code.resize(search.getResult(argMax ? 1 : 0), resultBits);
      emitter.storeElement(code, result, toRow, toChannel, value);
    });
  });
  return success();
}
