//===- DotInstructions.h - Byte dot products of processors ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What dot product kernels know about the instructions that multiply bytes and
// add groups of four: one table row per instruction set.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_DOTINSTRUCTIONS_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_DOTINSTRUCTIONS_H

#include "KernelEmitter.h"
#include "WeightEncoding.h"

namespace sumac {

struct DotInstructions {
  /// First part of the kernels' names.
  llvm::StringRef name;
  /// LLVM's names of the features that all must be there.
  llvm::SmallVector<llvm::StringRef, 3> features;
  unsigned vectorBits;
  llvm::SmallVector<DotSigns, 2> signs;
  /// Whether products of bytes are summed in 16 bits that saturate, so that
  /// ranges must rule saturation out (vpmaddubsw), else exactly in 32 bits.
  bool saturating;
  /// Whether codes of any width are extracted from dense groups.
  bool extracting;
  unsigned registers;
  /// Cycles of one dot product (with its share of widening, where it takes
  /// several instructions), and of masking and shifting one vector of codes;
  /// measured on Zen 4 with SumacKernelBench, for AArch64 from Neoverse N1's
  /// guide.
  double dotCycles, decodeCycles;
  /// Whether codes are positions in a table that a byte shuffle looks up.
  bool lookup = false;
  /// Whether that shuffle looks at 6 bits of a position and ignores others, so
  /// that a table that repeats needs no masks (vpermb), or at 4 bits and the sign
  /// (pshufb).
  bool permutes = false;

  CodeAccess getAccess() const {
    return lookup ? CodeAccess::Lookup : extracting ? CodeAccess::Dense : saturating ? CodeAccess::Shifted : CodeAccess::InPlace;
  }
  bool isAvailable(const CPUTarget &target) const;
  int64_t getLanes() const { return vectorBits / 32; }
  /// Vectors of registers in one vector of 16 channels.
  int64_t getParts() const { return kChannelVector / getLanes(); }

  /// accumulator + sums of four products; operands in bytes.
  mlir::Value emitDot(KernelEmitter &e, mlir::Value accumulator, mlir::Value input, mlir::Value weights,
                      const WeightEncoding &encoding) const;
  /// 64 codes of `bits` bits each in bytes, from 8 * bits bytes at the start of
  /// `packed` (extracting instructions only).
  mlir::Value emitExtract(KernelEmitter &e, mlir::Value packed, unsigned bits) const;
  /// The codes of 4 bits that the bytes hold in the slot, and a byte of table[code]
  /// for them (lookup instructions only).
  mlir::Value emitPositions(KernelEmitter &e, mlir::Value packed, int64_t slot, const WeightEncoding &encoding) const;
  mlir::Value emitLookup(KernelEmitter &e, mlir::Value codes, int64_t plane, const WeightEncoding &encoding) const;
  /// Sums of two products in 16 bits each (saturating instructions only).
  mlir::Value emitPairs(KernelEmitter &e, mlir::Value input, mlir::Value weights,
                        const WeightEncoding &encoding) const;
  /// accumulator + sums of two neighbouring 16-bit lanes of `pairs`.
  mlir::Value emitWiden(KernelEmitter &e, mlir::Value accumulator, mlir::Value pairs) const;
};

/// All instruction sets, widest first.
llvm::ArrayRef<DotInstructions> getDotInstructions();

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_DOTINSTRUCTIONS_H
