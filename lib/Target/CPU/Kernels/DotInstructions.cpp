//===- DotInstructions.cpp - Byte dot products of processors ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of instruction sets and the intrinsics that they are called by.
//
//===----------------------------------------------------------------------===//

#include "DotInstructions.h"

using namespace mlir;
using namespace sumac;

ArrayRef<DotInstructions> sumac::getDotInstructions() {
  // x86 multiplies unsigned with signed bytes: either operand may be the
  // unsigned one. AArch64's dotprod wants equal signs.
  static const DotSigns mixed[] = {{false, true}, {true, false}};
  static const DotSigns equal[] = {{false, false}, {true, true}};
  static const DotInstructions table[] = {
      {"vnni", {"avx512vnni", "avx512bw", "avx512vl"}, 512, {mixed[0], mixed[1]}, false, false, 32, 1.0, 0.0},
      {"vbmi", {"avx512vnni", "avx512bw", "avx512vbmi"}, 512, {mixed[0], mixed[1]}, false, true, 32, 1.0, 1.4},
      {"vbmi_lookup", {"avx512vnni", "avx512bw", "avx512vbmi"}, 512, {mixed[0]}, false, false, 32, 1.0, 0.35, true, true},
      {"vnni_lookup", {"avx512vnni", "avx512bw", "avx512vl"}, 512, {mixed[0]}, false, false, 32, 1.0, 0.6, true},
      {"avxvnni", {"avxvnni"}, 256, {mixed[0], mixed[1]}, false, false, 16, 0.5, 0.1},
      {"avx512", {"avx512bw", "avx512vl"}, 512, {mixed[0], mixed[1]}, true, false, 32, 1.3, 0.45},
      {"avx2", {"avx2"}, 256, {mixed[0], mixed[1]}, true, false, 16, 0.72, 0.25},
      {"ssse3", {"ssse3"}, 128, {mixed[0], mixed[1]}, true, false, 16, 0.65, 0.5},
      {"dotprod", {"dotprod"}, 128, {equal[0], equal[1]}, false, false, 32, 0.5, 0.25},
  };
  return table;
}

bool DotInstructions::isAvailable(const CPUTarget &target) const {
  if (target.isX86() ? name == "dotprod" : !target.isAArch64() || name != "dotprod")
    return false;
  return llvm::all_of(features, [&](StringRef feature) { return target.hasFeature(feature); });
}

/// Bits of a vector: kernels may use narrower ones than the widest.
static unsigned getBits(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  return type.getDimSize(0) * type.getElementTypeBitWidth();
}

Value DotInstructions::emitDot(KernelEmitter &e, Value accumulator, Value input, Value weights,
                               const WeightEncoding &encoding) const {
  if (name == "dotprod")
    return e.intrinsic(encoding.signedInput ? "llvm.aarch64.neon.sdot" : "llvm.aarch64.neon.udot",
                       accumulator.getType(), {accumulator, input, weights});
  // vpdpbusd takes the unsigned operand first.
  if (encoding.signedInput)
    std::swap(input, weights);
  unsigned width = getBits(input);
  StringRef intrinsic = width == 512   ? "llvm.x86.avx512.vpdpbusd.512"
                        : width == 256 ? "llvm.x86.avx512.vpdpbusd.256"
                                       : "llvm.x86.avx512.vpdpbusd.128";
  return e.intrinsic(intrinsic, accumulator.getType(), {accumulator, input, weights});
}

Value DotInstructions::emitExtract(KernelEmitter &e, Value packed, unsigned bits) const {
  // Every quadword gets its group's bytes, then every byte its 8 bits from bit
  // bits * i of the quadword on.
  SmallVector<int8_t> positions, shifts;
  for (int i = 0; i < 64; ++i) {
    positions.push_back(i / 8 * bits + std::min<int>(i % 8, bits - 1));
    shifts.push_back(i % 8 * bits);
  }
  auto bytes = e.vectorType(64, 8);
  auto makeConstant = [&](ArrayRef<int8_t> values) -> Value {
    return arith::ConstantOp::create(e.getBuilder(), e.getLoc(), DenseElementsAttr::get(bytes, values));
  };
  Value groups = e.intrinsic("llvm.x86.avx512.permvar.qi.512", bytes, {packed, makeConstant(positions)});
  Value codes = e.intrinsic("llvm.x86.avx512.pmultishift.qb.512", bytes, {makeConstant(shifts), groups});
  return e.bitAnd(codes, (1 << bits) - 1);
}

Value DotInstructions::emitPositions(KernelEmitter &e, Value packed, int64_t slot,
                                     const WeightEncoding &encoding) const {
  auto bytes = e.vectorType(64, 8);
  // There is no shift of bytes: shift words, then mask.
  if (slot != 0)
    packed = e.bitcast(bytes, e.shiftRightLogical(e.bitcast(e.vectorType(32, 16), packed), slot * encoding.bits));
  return permutes ? packed : e.bitAnd(packed, (1 << encoding.bits) - 1);
}

Value DotInstructions::emitLookup(KernelEmitter &e, Value codes, int64_t plane,
                                  const WeightEncoding &encoding) const {
  auto bytes = e.vectorType(64, 8);
  // The shuffle looks up within each 16 bytes, or in all 64: the table repeats.
  SmallVector<int8_t> table(64, 0);
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = encoding.getTableByte(std::min(i % 16, encoding.table.size() - 1), plane);
  Value values = arith::ConstantOp::create(e.getBuilder(), e.getLoc(), DenseElementsAttr::get(bytes, ArrayRef(table)));
  return e.intrinsic(permutes ? "llvm.x86.avx512.permvar.qi.512" : "llvm.x86.avx512.pshuf.b.512", bytes, {values, codes});
}

Value DotInstructions::emitPairs(KernelEmitter &e, Value input, Value weights, const WeightEncoding &encoding) const {
  if (encoding.signedInput)
    std::swap(input, weights);
  unsigned width = getBits(input);
  StringRef intrinsic = width == 512   ? "llvm.x86.avx512.pmaddubs.w.512"
                        : width == 256 ? "llvm.x86.avx2.pmadd.ub.sw"
                                       : "llvm.x86.ssse3.pmadd.ub.sw.128";
  return e.intrinsic(intrinsic, e.vectorType(width / 16, 16), {input, weights});
}

Value DotInstructions::emitWiden(KernelEmitter &e, Value accumulator, Value pairs) const {
  unsigned width = getBits(pairs);
  StringRef intrinsic = width == 512   ? "llvm.x86.avx512.pmaddw.d.512"
                        : width == 256 ? "llvm.x86.avx2.pmadd.wd"
                                       : "llvm.x86.sse2.pmadd.wd";
  Value ones = e.constant(pairs.getType(), 1);
  return e.add(accumulator, e.intrinsic(intrinsic, accumulator.getType(), {pairs, ones}));
}
