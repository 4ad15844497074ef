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
  unsigned registers;
  /// Dot products per cycle (or pairs of multiply and widening add), measured
  /// on Zen 4 and, for AArch64, taken from Neoverse N1's guide.
  double perCycle;

  bool isAvailable(const CPUTarget &target) const;
  int64_t getLanes() const { return vectorBits / 32; }
  /// Vectors of registers in one vector of 16 channels.
  int64_t getParts() const { return kChannelVector / getLanes(); }

  /// accumulator + sums of four products; operands in bytes.
  mlir::Value emitDot(KernelEmitter &e, mlir::Value accumulator, mlir::Value input, mlir::Value weights,
                      const WeightEncoding &encoding) const;
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
