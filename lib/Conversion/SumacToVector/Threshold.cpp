//===- Threshold.cpp - Counting thresholds on lanes ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A few thresholds are compared one by one and the comparisons counted; many
// are searched by bisection, without branches.
//
//   count = #{t : x >= thresholds[c, t]},  code = A[c] + S[c] * count
//
// with A = base, S = step, or for a decreasing channel A = base + step * steps,
// S = -step.
//
//===----------------------------------------------------------------------===//

#include "Thresholds.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

/// Up to so many thresholds are compared one by one.
static constexpr int64_t kMaxCompared = 15;

/// Threshold `step` of every channel.
Value ThresholdTable::getColumn(Emitter &emitter, Code &code, int64_t step, Type element, Position at) const {
  if (isFloat) {
    SmallVector<double> column;
    for (int64_t c = 0; c < channels; ++c)
      column.push_back(floats[c * steps + step]);
    return emitter.parametersFloat(code, column, at, cast<FloatType>(element), "threshold");
  }
  SmallVector<int64_t> column;
  for (int64_t c = 0; c < channels; ++c)
    column.push_back(integers[c * steps + step]);
  return emitter.parameters(code, column, at, element.getIntOrFloatBitWidth(), "threshold");
}

/// Lanes where x >= t.
static Value isReached(Code &code, Value x, Value t) {
  if (isa<FloatType>(getElementTypeOrSelf(x.getType())))
    return code.make<arith::CmpFOp>(arith::CmpFPredicate::OGE, x, t);
  return code.compare(arith::CmpIPredicate::sge, x, t);
}

/// Counts thresholds one by one, in 32-bit lanes.
static Value countByComparing(Emitter &emitter, Code &code, const ThresholdTable &table, Value x, Position at) {
  Type element = getElementTypeOrSelf(x.getType());
  auto lanes = code.lanes(32);
  Value count = code.constant(lanes, 0);
  for (int64_t step = 0; step < table.steps; ++step) {
    Value reached = isReached(code, x, table.getColumn(emitter, code, step, element, at));
    count = code.make<arith::SubIOp>(count, code.make<arith::ExtSIOp>(lanes, reached));
  }
  return count;
}

/// Counts thresholds by bisection: `count` thresholds are known to be reached,
/// and the next `jump` are skipped if the last of them is. Rows are filled up
/// to 2^k - 1 entries that count as not reached: the count is cut to `steps`.
static Value countByBisection(Emitter &emitter, Code &code, const ThresholdTable &table, Value x, Position at) {
  Type element = getElementTypeOrSelf(x.getType());
  int64_t size = llvm::PowerOf2Ceil(table.steps + 1);
  Value base;
  if (table.isFloat) {
    SmallVector<double> filled(table.channels * size, std::numeric_limits<double>::infinity());
    for (int64_t c = 0; c < table.channels; ++c)
      llvm::copy(ArrayRef(table.floats).slice(c * table.steps, table.steps), filled.begin() + c * size);
    base = emitter.getConstants().getFloats(code, filled, cast<FloatType>(element), "thresholds");
  } else {
    unsigned bits = element.getIntOrFloatBitWidth();
    SmallVector<int64_t> filled(table.channels * size, llvm::maxIntN(bits));
    for (int64_t c = 0; c < table.channels; ++c)
      llvm::copy(ArrayRef(table.integers).slice(c * table.steps, table.steps), filled.begin() + c * size);
    base = emitter.getConstants().getIntegers(code, filled, bits, "thresholds");
  }
  auto lanes = code.lanes(64);
  Value start = code.constant(lanes, 0);
  if (table.channels > 1) {
    Value channel = code.plus(code.splat(at.channel), code.laneNumbers());
    channel = code.make<arith::MinSIOp>(channel, code.constant(lanes, table.channels - 1));
    start = code.make<arith::MulIOp>(channel, code.constant(lanes, size));
  }
  Value position = start;
  for (int64_t jump = size / 2; jump > 0; jump /= 2) {
    Value threshold = code.gather(element, base, code.plus(position, jump - 1));
    Value reached = isReached(code, x, threshold);
    position = code.plus(position, code.select(reached, code.constant(lanes, jump), code.constant(lanes, 0)));
  }
  Value count = code.make<arith::SubIOp>(position, start);
  return code.resize(code.make<arith::MinSIOp>(count, code.constant(lanes, table.steps)), 32);
}

/// A NaN counts as minus infinity.
static Value replaceNaN(Code &code, Value x) {
  Value isNaN = code.make<arith::CmpFOp>(arith::CmpFPredicate::UNO, x, x);
  auto type = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  return code.select(isNaN, code.constantFloat(x.getType(), APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true)), x);
}

/// Halves as f32, without the library call that some processors need: the
/// pattern's exponent is 112 too small for f32, and the product is exact.
static Value extendHalf(Code &code, Value x) {
  auto f32 = code.lanes(code.b.getF32Type()), i32 = code.lanes(32);
  bool isBF16 = getElementTypeOrSelf(x.getType()).isBF16();
  Value bits = code.resize(code.bitcast(code.lanes(16), x), 32, /*isSigned=*/false);
  auto shift = [&](Value value, int64_t by) { return code.make<arith::ShLIOp>(value, code.constant(i32, by)); };
  if (isBF16)
    return code.bitcast(f32, shift(bits, 16));
  Value magnitude = shift(code.make<arith::AndIOp>(bits, code.constant(i32, 0x7fff)), 13);
  Value number = code.make<arith::MulFOp>(code.bitcast(f32, magnitude), code.constantFloat(f32, 0x1p112));
  Value isFinite = code.compare(arith::CmpIPredicate::ult, magnitude, code.constant(i32, 0x0f800000));
  Value special = code.make<arith::OrIOp>(magnitude, code.constant(i32, 0x7f800000));
  Value pattern = code.select(isFinite, code.bitcast(i32, number), special);
  Value sign = shift(code.make<arith::AndIOp>(bits, code.constant(i32, 0x8000)), 16);
  return code.bitcast(f32, code.make<arith::OrIOp>(pattern, sign));
}

Value sumac::extendFloat(Code &code, Value x) {
  return getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth() < 32 ? extendHalf(code, x) : x;
}

Value sumac::countThresholds(Emitter &emitter, Code &code, const ThresholdTable &table, Value x, Position at) {
  if (table.isFloat)
    x = replaceNaN(code, extendFloat(code, x));
  return table.steps <= kMaxCompared ? countByComparing(emitter, code, table, x, at)
                                     : countByBisection(emitter, code, table, x, at);
}

Value sumac::emitThreshold(Emitter &emitter, Code &code, ThresholdOp op, Value x, Position at) {
  if (Value codes = emitStepForm(emitter, code, op, x, at))
    return codes;
  ElementsAttr thresholds = op.getThresholds();
  ThresholdTable table;
  table.steps = thresholds.getShapedType().getShape().back();
  table.channels = thresholds.getShapedType().getShape().front();
  table.isFloat = isa<FloatType>(thresholds.getElementType());
  if (table.isFloat) {
    table.floats = readFloats(thresholds);
  } else {
    table.integers = readIntegers(thresholds);
    IntegerRange range = emitter.getRanges().getAll(op.getInput());
    // A threshold above the range is never reached, one below it always.
    if (range.max == INT32_MAX && getBits(x) == 32)
      x = code.resize(x, 64);
    for (int64_t &threshold : table.integers)
      threshold = range.max == INT64_MAX ? threshold : std::clamp(threshold, range.min, range.max + 1);
  }
  Value count = countThresholds(emitter, code, table, x, at);

  SmallVector<int64_t> add, multiply;
  ArrayRef<bool> decreasing = op.getDecreasing().value_or(ArrayRef<bool>());
  int64_t channels = std::max<int64_t>(table.channels, decreasing.size());
  for (int64_t c = 0; c < channels; ++c) {
    bool isDecreasing = !decreasing.empty() && decreasing[decreasing.size() == 1 ? 0 : c];
    add.push_back(op.getBase() + (isDecreasing ? op.getStep() * table.steps : 0));
    multiply.push_back(isDecreasing ? -op.getStep() : op.getStep());
  }
  unsigned bits = emitter.getLaneBits(op.getResult());
  Value result = code.resize(count, bits);
  if (llvm::any_of(multiply, [](int64_t value) { return value != 1; }))
    result = code.make<arith::MulIOp>(result, emitter.parameters(code, multiply, at, bits, "step"));
  if (llvm::any_of(add, [](int64_t value) { return value != 0; }))
    result = code.plus(result, emitter.parameters(code, add, at, bits, "base"));
  return result;
}
