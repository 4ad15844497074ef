//===- Floats.cpp - Conversions between codes and floats ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// encode and decode on lanes. Proofs: sumac/Target/CPU/Epilogues.h.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"
#include "Thresholds.h"

#include "sumac/Target/CPU/Epilogues.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sumac;

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

Value sumac::emitEncode(Emitter &emitter, Code &code, EncodeOp op, Value x, Position at) {
  if (Value codes = emitEncodeForms(emitter, code, op, x, at))
    return codes;
  auto steps = computeEncodeSteps(op);
  if (failed(steps))
    return {};
  ThresholdTable table;
  table.isFloat = true;
  table.channels = steps->thresholds.size();
  table.steps = steps->thresholds.front().size();
  for (const std::vector<double> &channel : steps->thresholds)
    table.floats.append(channel.begin(), channel.end());
  Value count = countThresholds(emitter, code, table, x, at);
  unsigned bits = emitter.getLaneBits(op.getResult());
  Value result = code.resize(count, bits);
  if (steps->step != 1)
    result = code.make<arith::MulIOp>(result, code.constant(result.getType(), steps->step));
  return code.plus(result, steps->base);
}

//===----------------------------------------------------------------------===//
// Decode
//===----------------------------------------------------------------------===//

namespace {

/// What a decode needs on the way.
struct DecodeEmission {
  Emitter &emitter;
  Code &code;
  const std::vector<AffineChannel> &channels;
  Position at;
  Value input; ///< the codes in the IR, for their range

  /// A float parameter per channel.
  Value parameter(llvm::function_ref<double(const AffineChannel &)> get, FloatType type, StringRef name) {
    SmallVector<double> values;
    for (const AffineChannel &channel : channels)
      values.push_back(get(channel));
    return emitter.parametersFloat(code, values, at, type, name);
  }
  bool isZero(llvm::function_ref<double(const AffineChannel &)> get) {
    return llvm::all_of(channels, [&](const AffineChannel &channel) { return get(channel) == 0; });
  }
  Value emitF32(Value x);
  Value emitF64(Value x, FloatType result);
  Value emitInteger(Value x);
};

} // namespace

static double getMultiply(const AffineChannel &channel) {
  return channel.multiply.toDouble().value_or(channel.multiply.approx());
}
static double getAdd(const AffineChannel &channel) { return channel.add.toDouble().value_or(channel.add.approx()); }

Value DecodeEmission::emitF32(Value x) {
  SmallVector<int64_t> zeroPoints;
  for (const AffineChannel &channel : channels)
    zeroPoints.push_back((channel.add.asRational() / channel.multiply.asRational()).numerator().toInt64Saturated());
  if (llvm::any_of(zeroPoints, [](int64_t value) { return value != 0; })) {
    // x - z has at most 25 bits, so arithmetic modulo 2^32 is enough.
    x = code.resize(x, 32);
    x = code.plus(x, emitter.parameters(code, zeroPoints, at, 32, "zero_point"));
  }
  auto type = code.b.getF32Type();
  Value number = code.make<arith::SIToFPOp>(code.lanes(type), x);
  return code.make<arith::MulFOp>(number, parameter(getMultiply, type, "scale"));
}

/// f64 lanes, no NaN among them, as f16 or bf16, rounded once to nearest even, without
/// the library calls that most processors need. Adding 3 * 2^51 units in the last place
/// of the result rounds to such units; then f32 holds the number, of which bf16 is the
/// upper half. The exponent of f16 is 112 less.
static Value narrowFloat(Code &code, Value y, FloatType result) {
  bool isBF16 = result.isBF16();
  unsigned stored = result.getFPMantissaWidth() - 1;
  int leastNormal = isBF16 ? -126 : -14;
  auto f64 = code.lanes(code.b.getF64Type()), f32 = code.lanes(code.b.getF32Type());
  auto i64 = code.lanes(64), i32 = code.lanes(32);
  Value exponent = code.make<arith::AndIOp>(code.bitcast(i64, y), code.constant(i64, 0x7ff0000000000000));
  exponent = code.make<arith::MaxSIOp>(exponent, code.constant(i64, static_cast<int64_t>(1023 + leastNormal) << 52));
  Value unit = code.bitcast(f64, code.plus(exponent, static_cast<int64_t>(52 - stored) << 52));
  Value rounder = code.make<arith::MulFOp>(unit, code.constantFloat(f64, 1.5));
  y = code.make<arith::SubFOp>(code.make<arith::AddFOp>(y, rounder), rounder);
  Value number = code.make<arith::TruncFOp>(f32, y);
  Value bits = code.bitcast(i32, number);
  auto shiftDown = [&](Value value, int64_t by) { return code.make<arith::ShRUIOp>(value, code.constant(i32, by)); };
  Value pattern;
  if (isBF16) {
    pattern = shiftDown(bits, 16);
  } else {
    Value magnitude = code.bitcast(f32, code.make<arith::AndIOp>(bits, code.constant(i32, 0x7fffffff)));
    // 2^16 is where infinity is.
    magnitude = code.make<arith::MinimumFOp>(magnitude, code.constantFloat(f32, 65536.0));
    Value scaled = code.make<arith::MulFOp>(magnitude, code.constantFloat(f32, 0x1p-112));
    Value sign = code.make<arith::AndIOp>(bits, code.constant(i32, static_cast<int64_t>(INT32_MIN)));
    pattern = code.make<arith::OrIOp>(shiftDown(code.bitcast(i32, scaled), 13), shiftDown(sign, 16));
  }
  return code.bitcast(code.lanes(result), code.resize(pattern, 16));
}

Value DecodeEmission::emitF64(Value x, FloatType result) {
  auto type = code.b.getF64Type();
  Value number = code.make<arith::SIToFPOp>(code.lanes(type), x);
  Value multiply = parameter(getMultiply, type, "scale");
  Value y;
  if (isZero(getAdd))
    y = code.make<arith::MulFOp>(number, multiply);
  else if (hasFusedMultiplyAdd(emitter.getTarget()))
    y = code.make<LLVM::FMAOp>(number, multiply, parameter(getAdd, type, "offset"));
  else
    y = code.make<arith::AddFOp>(code.make<arith::MulFOp>(number, multiply), parameter(getAdd, type, "offset"));
  if (result.isF64())
    return y;
  return result.getWidth() == 16 ? narrowFloat(code, y, result) : code.make<arith::TruncFOp>(code.lanes(result), y);
}

/// |n| < 2^limit.
static Value isBelow(Code &code, Value n, unsigned limit) {
  Value bound = code.make<arith::ShLIOp>(code.constant(n.getType(), 1), code.constant(n.getType(), limit));
  Value negative = code.make<arith::SubIOp>(code.constant(n.getType(), 0), bound);
  return code.make<arith::AndIOp>(code.compare(arith::CmpIPredicate::slt, n, bound),
                                  code.compare(arith::CmpIPredicate::sgt, n, negative));
}

/// n 2^e with integers n of up to 126 bits: n is cut to 53 bits in tiers of 27
/// bits, so that at least 26 bits stay, the last one sticky.
Value DecodeEmission::emitInteger(Value x) {
  SmallVector<int64_t> multiply, addLow, addHigh;
  SmallVector<double> power;
  unsigned bits = 0;
  IntegerRange range = emitter.getRanges().getAll(input);
  for (const AffineChannel &channel : channels) {
    DyadicChannel dyadic = *getDyadic(channel);
    multiply.push_back(dyadic.multiply.toInt64Saturated());
    Integer high = dyadic.add.shr(63);
    addHigh.push_back(high.toInt64Saturated());
    addLow.push_back((dyadic.add - high.shl(63)).toInt64Saturated());
    power.push_back(std::ldexp(1.0, static_cast<int>(dyadic.exponent)));
    for (int64_t end : {range.min, range.max})
      bits = std::max({bits, (dyadic.multiply * Integer(end) + dyadic.add).bitLength(), dyadic.add.bitLength()});
  }
  unsigned width = bits < 63 ? 64 : 128;
  Value n = code.make<arith::MulIOp>(code.resize(x, width), code.resize(emitter.parameters(code, multiply, at, 64, "multiply"), width));
  Value low = code.resize(emitter.parameters(code, addLow, at, 64, "add"), width, /*isSigned=*/false);
  n = code.plus(n, low);
  if (llvm::any_of(addHigh, [](int64_t value) { return value != 0; })) {
    Value high = code.resize(emitter.parameters(code, addHigh, at, 64, "add"), width);
    n = code.plus(n, code.make<arith::ShLIOp>(high, code.constant(n.getType(), 63)));
  }
  auto f64 = code.b.getF64Type();
  Value y = code.make<arith::SIToFPOp>(code.lanes(f64), code.resize(n, 64));
  for (unsigned cut = 27; bits > cut + 26; cut += 27) {
    Value shift = code.constant(n.getType(), cut);
    Value kept = code.make<arith::ShRSIOp>(n, shift);
    Value isExact = code.compare(arith::CmpIPredicate::eq, code.make<arith::ShLIOp>(kept, shift), n);
    Value sticky = code.make<arith::ExtUIOp>(n.getType(), code.make<arith::XOrIOp>(isExact, code.constant(isExact.getType(), 1)));
    Value odd = code.resize(code.make<arith::OrIOp>(kept, sticky), 64);
    Value scaled = code.make<arith::MulFOp>(code.make<arith::SIToFPOp>(code.lanes(f64), odd),
                                            code.constantFloat(code.lanes(f64), std::ldexp(1.0, cut)));
    y = code.select(isBelow(code, n, cut + 26), y, scaled);
  }
  y = code.make<arith::MulFOp>(y, emitter.parametersFloat(code, power, at, f64, "power"));
  return code.make<arith::TruncFOp>(code.lanes(code.b.getF32Type()), y);
}

Value sumac::emitDecode(Emitter &emitter, Code &code, DecodeOp op, Value x, Position at) {
  auto channels = getDecodeChannels(op);
  if (failed(channels))
    return {};
  auto attr = op->getAttrOfType<StringAttr>(cpu::kEpilogueAttr);
  std::optional<DecodeForm> form = attr ? parseDecodeForm(attr.getValue()) : std::nullopt;
  if (!form) {
    auto chosen = chooseDecodeForm(op, emitter.getRanges(), emitter.getTarget());
    if (failed(chosen))
      return {};
    form.emplace(*chosen);
  }
  DecodeEmission emission{emitter, code, *channels, at, op.getInput()};
  switch (*form) {
  case DecodeForm::F32:
    return emission.emitF32(x);
  case DecodeForm::F64:
    return emission.emitF64(x, cast<FloatType>(getElementTypeOrSelf(op.getResult().getType())));
  case DecodeForm::Integer:
    return emission.emitInteger(x);
  }
  return {};
}
