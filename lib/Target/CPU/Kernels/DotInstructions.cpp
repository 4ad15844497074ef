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
      {"vnni", {"avx512vnni", "avx512bw", "avx512vl"}, 512, {mixed[0], mixed[1]}, false, 32, 1.0},
      {"avxvnni", {"avxvnni"}, 256, {mixed[0], mixed[1]}, false, 16, 2.0},
      {"avx512", {"avx512bw", "avx512vl"}, 512, {mixed[0], mixed[1]}, true, 32, 0.5},
      {"avx2", {"avx2"}, 256, {mixed[0], mixed[1]}, true, 16, 1.0},
      {"dotprod", {"dotprod"}, 128, {equal[0], equal[1]}, false, 32, 2.0},
  };
  return table;
}

bool DotInstructions::isAvailable(const CPUTarget &target) const {
  if (target.isX86() ? name == "dotprod" : !target.isAArch64() || name != "dotprod")
    return false;
  return llvm::all_of(features, [&](StringRef feature) { return target.hasFeature(feature); });
}

Value DotInstructions::emitDot(KernelEmitter &e, Value accumulator, Value input, Value weights,
                               const WeightEncoding &encoding) const {
  if (name == "dotprod")
    return e.intrinsic(encoding.signedInput ? "llvm.aarch64.neon.sdot" : "llvm.aarch64.neon.udot",
                       accumulator.getType(), {accumulator, input, weights});
  // vpdpbusd takes the unsigned operand first.
  if (encoding.signedInput)
    std::swap(input, weights);
  StringRef intrinsic = vectorBits == 512 ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256";
  return e.intrinsic(intrinsic, accumulator.getType(), {accumulator, input, weights});
}

Value DotInstructions::emitPairs(KernelEmitter &e, Value input, Value weights, const WeightEncoding &encoding) const {
  if (encoding.signedInput)
    std::swap(input, weights);
  StringRef intrinsic = vectorBits == 512 ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw";
  return e.intrinsic(intrinsic, e.vectorType(vectorBits / 16, 16), {input, weights});
}

Value DotInstructions::emitWiden(KernelEmitter &e, Value accumulator, Value pairs) const {
  StringRef intrinsic = vectorBits == 512 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
  Value ones = e.constant(pairs.getType(), 1);
  return e.add(accumulator, e.intrinsic(intrinsic, accumulator.getType(), {pairs, ones}));
}
