//===- Compile.h - From the LLVM dialect to object code ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Object code, shared libraries and code in memory from modules that
// buildCPUPipeline has lowered.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_COMPILE_H
#define SUMAC_TARGET_CPU_COMPILE_H

#include "sumac/Target/Backend.h"
#include "sumac/Target/CPU/CPUTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MemoryBuffer.h"

namespace sumac {

/// What a lowered module offers besides its code.
struct CPUInterface {
  ModulePorts ports;
  /// Whether the leading dimension of all ports is the rows; otherwise a "row"
  /// is one whole evaluation.
  bool isBatched = true;
  /// The number of rows must be a multiple of this.
  int64_t rowMultiple = 1;
  /// The most bit planes of activations that the functions' last argument asks
  /// for; 0 where there is no such argument.
  int64_t mostPlanes = 0;

  llvm::json::Object toJSON() const;
  static llvm::Expected<CPUInterface> parse(const llvm::json::Object &object);
  /// The interface in the module's attribute; failure with a diagnostic.
  static mlir::FailureOr<CPUInterface> read(mlir::ModuleOp module);
  void write(mlir::ModuleOp module) const;
};

/// `name` as part of a C identifier.
std::string makeIdentifier(llvm::StringRef name);

/// Optimizes and compiles; functions are exported as <prefix>_run,
/// <prefix>_run_raw and <prefix>_run_array, <prefix>_run_raw_array.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> compileToObject(mlir::ModuleOp module, llvm::StringRef prefix,
                                                                    const CPUTarget &target);

/// Makes a shared library of an object file with the linker of this machine.
llvm::Error linkSharedLibrary(llvm::StringRef object, llvm::StringRef library, llvm::StringRef soname,
                              const CPUTarget &target);

/// A C header that declares and documents the exported functions.
std::string printCHeader(const CPUInterface &interface, llvm::StringRef prefix, const CPUTarget &target);

/// Code in this process.
llvm::Expected<std::unique_ptr<Executable>> loadObject(std::unique_ptr<llvm::MemoryBuffer> object, llvm::StringRef prefix,
                                                       CPUInterface interface);
llvm::Expected<std::unique_ptr<Executable>> loadLibrary(llvm::StringRef library, llvm::StringRef prefix,
                                                        CPUInterface interface);

} // namespace sumac

#endif // SUMAC_TARGET_CPU_COMPILE_H
