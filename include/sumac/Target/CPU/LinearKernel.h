//===- LinearKernel.h - How the CPU computes a linear layer -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel generates code for one linear layer with constant weights and a
// constant number of rows. It says which layers it supports on which
// processors, estimates its cost, lays the weights out, and emits loops that
// hand finished accumulators to the layer's epilogue.
//
// Emitted code uses scf, arith, math, vector (values only) and llvm operations.
// All memory is reached through !llvm.ptr values with llvm.load, llvm.store and
// llvm.getelementptr; loop variables and offsets are i64.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_LINEARKERNEL_H
#define SUMAC_TARGET_CPU_LINEARKERNEL_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Target/CPU/CPUTarget.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>
#include <vector>

namespace sumac {

/// Channels in one vector of accumulators.
constexpr int64_t kChannelVector = 16;
/// Bytes that the rows of buffers are padded to, and aligned at.
constexpr int64_t kRowAlignment = 64;

/// y[r, n] = sum over k of x[r, k] * weights[n, k] + bias[n], for constant rows.
struct LinearLayer {
  int64_t rows = 1;    ///< M
  int64_t inputs = 0;  ///< K
  int64_t outputs = 0; ///< N
  CodingAttrInterface weights;              ///< [N, K], integral, exponent 0
  llvm::StringRef storage;                  ///< that the weights have to have; empty for any
  mlir::IntegerType activation;             ///< type of the codes x
  IntegerRange activationRange;             ///< codes that really occur
  /// All codes are activationRange.min modulo this (bipolar codes -1, +1: 2).
  int64_t activationStep = 1;
  IntegerRange weightRange;                 ///< of all weights
  int64_t nonZeros = 0;                     ///< weights other than 0
  llvm::SmallVector<int64_t> bias;          ///< one entry per output
  /// Bounds of y per output, bias included. For kernels: sums of any subset of
  /// the products may lie outside, but arithmetic modulo 2^32 is exact whenever
  /// the final values fit 32 bits.
  llvm::SmallVector<IntegerRange> accumulators;

  /// Whether y of all channels fits int32.
  bool fitsInt32() const;
};

/// How a kernel wants its input buffer: rows of elements of `bits` bits, each
/// holding code + offset (which must fit, as signed or unsigned: the kernel
/// knows which). Rows are padded to a multiple of 64 *elements*; padding
/// elements are zero (the element is 0, whatever `offset` is), rows start
/// 64-byte aligned.
struct InputFormat {
  unsigned bits = 8; ///< 8, 16, 32 or 64
  int64_t offset = 0;
  bool operator==(const InputFormat &other) const { return bits == other.bits && offset == other.offset; }
};

/// Weights as the kernel reads them: becomes one constant of the module.
struct PackedWeights {
  std::vector<char> bytes;
  unsigned alignment = kRowAlignment;
};

/// Called with finished accumulators, bias included: element j of
/// accumulators[i] is y[row, firstChannel + 16 * i + j]. `row` and
/// `firstChannel` are i64; firstChannel is a multiple of 16. Accumulators are
/// vector<16xi32>, or vector<16xi64> where the layer does not fit int32. Lanes
/// of channels >= outputs may hold anything. Every (row, channel) must be
/// handed over exactly once, in any order; channels past the last multiple of
/// 16 that covers `outputs` must not be.
using StoreAccumulators = llvm::function_ref<void(mlir::OpBuilder &, mlir::Location, mlir::Value row,
                                                  mlir::Value firstChannel, mlir::ValueRange accumulators)>;

/// What a kernel needs to emit its code.
struct LinearEmission {
  const LinearLayer &layer;
  const CPUTarget &target;
  mlir::Value weights;     ///< !llvm.ptr to the bytes of pack(), aligned as asked
  mlir::Value input;       ///< !llvm.ptr to row 0 in the kernel's InputFormat
  int64_t inputStride;     ///< bytes from one row to the next, a multiple of 64
  mlir::Value scratch;     ///< !llvm.ptr, 64-byte aligned, getScratchBytes() of them; null if 0
  StoreAccumulators store;
};

class LinearKernel {
public:
  virtual ~LinearKernel() = default;

  /// The name in the attribute `cpu.kernel`, e.g. "vnni_w4".
  virtual llvm::StringRef getName() const = 0;
  /// The sum form that the kernel computes, as FormAttrInterface names it.
  virtual llvm::StringRef getForm() const { return "multiply_accumulate"; }
  /// The storage that the kernel reads, as StorageAttrInterface names it.
  virtual llvm::StringRef getStorage() const { return "packed"; }
  /// Whether the kernel computes this layer exactly on this processor.
  virtual bool supports(const LinearLayer &layer, const CPUTarget &target) const = 0;
  /// Estimated cycles for all rows of the layer; the cheapest supported kernel
  /// is chosen. Memory: count weights beyond 32 KB at 50 bytes a cycle, beyond
  /// 1 MB at 30, beyond 16 MB at 10, where the kernel reads them once per call.
  virtual double getCycles(const LinearLayer &layer, const CPUTarget &target) const = 0;

  virtual InputFormat getInputFormat(const LinearLayer &layer, const CPUTarget &target) const;
  /// Bytes of stack that emitted code uses aside (unpacked panels, bit planes).
  virtual int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const { return 0; }

  /// Lays out weights and bias (with whatever correction the kernel's own
  /// encoding needs). The row count must not matter: calls with M rows and with
  /// one row share the constant if the bytes are equal.
  virtual PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const = 0;
  virtual void emit(mlir::OpBuilder &builder, mlir::Location loc, const LinearEmission &emission) const = 0;
};

/// The kernels that exist, in the order of registration (ties in cost go to the
/// first). Filled once, read-only afterwards.
class LinearKernelRegistry {
public:
  static const LinearKernelRegistry &get();

  void add(std::unique_ptr<LinearKernel> kernel) { kernels.push_back(std::move(kernel)); }
  llvm::ArrayRef<std::unique_ptr<LinearKernel>> getKernels() const { return kernels; }
  /// The kernel of that name, or null.
  const LinearKernel *lookup(llvm::StringRef name) const;
  /// The cheapest kernel that supports the layer, computes `form` and reads
  /// `storage` (any where they are empty), or null.
  const LinearKernel *choose(const LinearLayer &layer, const CPUTarget &target, llvm::StringRef form = "",
                             llvm::StringRef storage = "") const;

private:
  std::vector<std::unique_ptr<LinearKernel>> kernels;
};

/// Portable multiply-accumulate, any width (lib/Target/CPU/PortableKernels.cpp).
void addPortableLinearKernels(LinearKernelRegistry &registry);
/// Kernels for particular processors (lib/Target/CPU/Kernels).
void addFastLinearKernels(LinearKernelRegistry &registry);

} // namespace sumac

#endif // SUMAC_TARGET_CPU_LINEARKERNEL_H
