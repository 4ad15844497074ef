//===- KernelHarness.h - Run linear kernels on their own --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes random layers, compiles single kernels just in time and runs them, for
// the differential test and the kernel benchmark.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_TARGET_CPU_KERNELS_KERNELHARNESS_H
#define SUMAC_UNITTESTS_TARGET_CPU_KERNELS_KERNELHARNESS_H

#include "sumac/Target/CPU/LinearKernel.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace sumac::test {

/// Memory aligned at 64 bytes with a guard that shows writes behind its end.
class Buffer {
public:
  explicit Buffer(int64_t bytes);
  int64_t size() const { return bytes; }
  char *data() { return reinterpret_cast<char *>((reinterpret_cast<uintptr_t>(storage.data()) + 63) & ~uintptr_t(63)); }
  bool isGuardIntact();

private:
  int64_t bytes;
  std::vector<char> storage;
};

/// What random layers look like.
struct LayerShape {
  int64_t rows, inputs, outputs;
  unsigned activationBits;
  bool signedActivation;
  unsigned weightBits; ///< 1..16
  bool signedWeights;
  bool bipolarWeights = false;
  bool bipolarActivation = false;
  /// How many values weights have; 0 for any number.
  unsigned distinctWeights = 0;
  /// Of a hundred weights, how many are 0.
  unsigned zeroPercent = 0;
  /// Vectors of 8 weights in a pool that all channels share; 0 for none.
  unsigned pool = 0;
  /// Weights and activations at the ends of their ranges only.
  bool extreme = false;
};

/// A layer with the integers behind it.
struct TestLayer {
  LinearLayer layer;
  std::vector<int64_t> weights, inputs; ///< [N, K], [M, K]

  std::vector<int64_t> evaluate() const;
};

/// Registers the dialects that kernels emit and their translation.
std::unique_ptr<mlir::MLIRContext> createContext();

TestLayer makeLayer(mlir::MLIRContext &context, const LayerShape &shape, std::mt19937 &random);
std::string describe(const LayerShape &shape);

/// Many kernels in one module, compiled together.
class KernelModule {
public:
  KernelModule(mlir::MLIRContext &context, const CPUTarget &target);

  /// Adds the kernel's code for the layer; both must outlive the module.
  int add(const LinearKernel &kernel, const TestLayer &layer);
  /// Compiles just in time at this LLVM optimization level.
  llvm::Error compile(unsigned optimization = 0);
  /// Writes an object file for the target instead.
  llvm::Error emitObject(llvm::StringRef file);
  /// Prepares the buffers of function `id`.
  void prepare(int id);
  /// Writes the prepared buffers and the size of the others to `out`, for a
  /// program that calls the function elsewhere; reads what it wrote.
  void writeBuffers(llvm::raw_ostream &out);
  void readOutput(llvm::StringRef &bytes);
  void call() { function(packed->data(), input->data(), scratch->data(), output->data()); }
  /// The accumulators, [M, N]; empty if memory behind a buffer was written.
  std::vector<int64_t> getResults();
  /// Object code, for looking at.
  void dumpObject(llvm::StringRef file) { engine->dumpToObjectFile(file); }

private:
  llvm::Error lower();

  struct Entry {
    const LinearKernel *kernel;
    const TestLayer *layer;
  };

  mlir::MLIRContext &context;
  const CPUTarget &target;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<mlir::ExecutionEngine> engine;
  std::vector<Entry> entries;
  Entry current;
  std::unique_ptr<Buffer> packed, input, scratch, output;
  void (*function)(void *, void *, void *, void *) = nullptr;
};

} // namespace sumac::test

#endif // SUMAC_UNITTESTS_TARGET_CPU_KERNELS_KERNELHARNESS_H
