//===- Epilogue.cpp - Integer operations on lanes ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// requantize, combine, clamp and table in integer arithmetic. Every operation
// computes in the narrowest lanes that hold all intermediate values for the
// range that the input really has.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "sumac/Support/Channels.h"
#include "sumac/Support/Rational.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

/// The narrowest of 32, 64 and 128-bit lanes that hold `low` and `high`.
static unsigned getBitsFor(const Integer &low, const Integer &high) {
  unsigned bits = std::max(low.signedBits(), high.signedBits());
  return bits <= 32 ? 32 : bits <= 64 ? 64 : 128;
}

static std::pair<Integer, Integer> scaleRange(IntegerRange x, int64_t factor) {
  Integer a = Integer(x.min) * Integer(factor), b = Integer(x.max) * Integer(factor);
  return a < b ? std::pair(a, b) : std::pair(b, a);
}

/// Lanes that hold x * multiply, x * multiply + add and `half` more in every
/// channel.
static unsigned getProductBits(ArrayRef<IntegerRange> x, ArrayRef<int64_t> multiply, ArrayRef<int64_t> add,
                               const Integer &half) {
  size_t channels = std::max({x.size(), multiply.size(), add.size()});
  Integer low, high;
  for (size_t c = 0; c < channels; ++c) {
    auto [a, b] = scaleRange(atChannel(x, c), atChannel(multiply, c));
    Integer offset(atChannel(add, c));
    for (const Integer &value : {a, b, a + offset, b + offset, offset, Integer(atChannel(multiply, c))}) {
      low = std::min(low, value);
      high = std::max(high, value + half);
    }
  }
  return getBitsFor(low, high);
}

/// Parameters in lanes of up to 128 bits.
static Value getParameters(Emitter &emitter, Code &code, ArrayRef<int64_t> values, Position at, unsigned bits, StringRef name) {
  bool isNarrow = llvm::all_of(values, [](int64_t value) { return llvm::isInt<32>(value); });
  return code.resize(emitter.parameters(code, values, at, isNarrow ? 32 : std::min(bits, 64u), name), bits);
}

Value sumac::emitRequantize(Emitter &emitter, Code &code, RequantizeOp op, Value x, Position at) {
  if (Value codes = emitStepForm(emitter, code, op, x, at))
    return codes;
  ArrayRef<IntegerRange> range = emitter.getRanges().get(op.getInput());
  // What rounding to nearest adds needs room, too.
  Integer half = op.getHalfEven() ? Integer(Int128(1) << (*llvm::max_element(op.getShift()) - 1)) : Integer(0);
  unsigned bits = std::max(getProductBits(range, op.getMultiply(), op.getAdd(), half), getBits(x));
  Value product = code.make<arith::MulIOp>(code.resize(x, bits), getParameters(emitter, code, op.getMultiply(), at, bits, "multiply"));
  Value sum = product;
  if (llvm::any_of(op.getAdd(), [](int64_t value) { return value != 0; }))
    sum = code.plus(product, getParameters(emitter, code, op.getAdd(), at, bits, "add"));
  // Shifting by the width or more is the same as shifting by the width less one.
  SmallVector<int64_t> shifts;
  for (int64_t shift : op.getShift())
    shifts.push_back(std::min<int64_t>(shift, bits - 1));
  Value amount = getParameters(emitter, code, shifts, at, bits, "shift");
  if (op.getHalfEven()) {
    // Just below a half, and the last unit where the code is odd: a tie goes up
    // then.
    SmallVector<int64_t> belowHalf;
    for (int64_t shift : shifts)
      belowHalf.push_back((int64_t(1) << (shift - 1)) - 1);
    Value code0 = code.make<arith::ShRSIOp>(sum, amount);
    Value isOdd = code.make<arith::AndIOp>(code0, code.constant(code0.getType(), 1));
    sum = code.plus(code.plus(sum, getParameters(emitter, code, belowHalf, at, bits, "below_half")), isOdd);
  }
  Value shifted = code.make<arith::ShRSIOp>(sum, amount);
  auto lanes = shifted.getType();
  Value low = code.constant(lanes, op.getMin()), high = code.constant(lanes, op.getMax());
  return code.resize(code.clamp(shifted, low, high), emitter.getLaneBits(op.getResult()));
}

Value sumac::emitCombine(Emitter &emitter, Code &code, CombineOp op, ValueRange inputs, Position at) {
  SmallVector<int64_t> multiply = readIntegers(op.getMultiply()), add = readIntegers(op.getAdd());
  size_t columns = multiply.size() / inputs.size();
  // Modulo 2^bits is exact: the result fits its lanes.
  unsigned bits = emitter.getLaneBits(op.getResult());
  Value sum = emitter.parameters(code, add, at, bits, "add");
  for (auto [branch, x] : llvm::enumerate(inputs)) {
    ArrayRef<int64_t> factors = ArrayRef(multiply).slice(branch * columns, columns);
    Value term = code.resize(x, bits);
    if (llvm::any_of(factors, [](int64_t factor) { return factor != 1; }))
      term = code.make<arith::MulIOp>(term, getParameters(emitter, code, factors, at, bits, "multiply"));
    sum = code.plus(sum, term);
  }
  return sum;
}

Value sumac::emitClamp(Emitter &emitter, Code &code, ClampOp op, Value x, Position at) {
  unsigned bits = getBits(x);
  // A bound that 32 bits do not hold bounds nothing there.
  auto saturate = [&](ArrayRef<int64_t> bounds) {
    SmallVector<int64_t> result(bounds);
    for (int64_t &bound : result)
      bound = bits == 32 ? std::clamp<int64_t>(bound, INT32_MIN, INT32_MAX) : bound;
    return result;
  };
  Value low = emitter.parameters(code, saturate(op.getMin()), at, bits, "min");
  Value high = emitter.parameters(code, saturate(op.getMax()), at, bits, "max");
  return code.resize(code.clamp(x, low, high), emitter.getLaneBits(op.getResult()));
}

Value sumac::emitTable(Emitter &emitter, Code &code, TableOp op, Value x, Position at) {
  ElementsAttr table = op.getTable();
  int64_t size = table.getShapedType().getShape().back();
  int64_t channels = table.getNumElements() / std::max<int64_t>(size, 1);
  Value index = code.plus(code.resize(x, 64), -op.getFirst());
  if (channels > 1) {
    Value channel = code.plus(code.splat(at.channel), code.laneNumbers());
    // Lanes behind the last channel read the last channel's table.
    channel = code.make<arith::MinSIOp>(channel, code.constant(channel.getType(), channels - 1));
    index = code.plus(index, code.make<arith::MulIOp>(channel, code.constant(channel.getType(), size)));
  }
  // ... and what they hold is no value of the range.
  Value zero = code.constant(index.getType(), 0), last = code.constant(index.getType(), table.getNumElements() - 1);
  index = code.clamp(index, zero, last);
  if (auto type = dyn_cast<FloatType>(table.getElementType())) {
    Value base = emitter.getConstants().getFloats(code, readFloats(table), type, "table");
    if (type.getWidth() >= 32)
      return code.gather(type, base, index);
    return code.bitcast(code.lanes(type), code.gather(code.i(16), base, index));
  }
  unsigned bits = emitter.getLaneBits(op.getResult());
  Value base = emitter.getConstants().getIntegers(code, readIntegers(table), bits, "table");
  return code.gather(code.i(bits), base, index);
}
