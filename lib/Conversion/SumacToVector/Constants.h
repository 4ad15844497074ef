//===- Constants.h - Constant bytes of the generated module -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights and parameters become constant byte arrays of the module. Equal ones
// are shared. Big ones are resource blobs, so they are neither copied into nor
// hashed by the context.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CONSTANTS_H
#define SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CONSTANTS_H

#include "Code.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include <unordered_map>

namespace sumac {

class Constants {
public:
  explicit Constants(mlir::ModuleOp module) : module(module), symbols(module) {}

  /// A pointer to constant bytes; `name` is a hint.
  mlir::Value get(Code &code, PackedWeights &&bytes, llvm::StringRef name);
  /// A pointer to integers of `bits` bits, padded with zeros to a multiple of
  /// 64 elements.
  mlir::Value getIntegers(Code &code, llvm::ArrayRef<int64_t> values, unsigned bits, llvm::StringRef name);
  /// The same for floats.
  mlir::Value getFloats(Code &code, llvm::ArrayRef<double> values, mlir::FloatType type, llvm::StringRef name);

  /// A pointer to the weights that `kernel` packs; packed once for all functions.
  mlir::Value getWeights(Code &code, const LinearKernel &kernel, const LinearLayer &layer, const CPUTarget &target);

private:
  /// Weights that are packed already: pack() depends on nothing else.
  struct Packed {
    const LinearKernel *kernel;
    mlir::Attribute weights;
    llvm::SmallVector<int64_t> bias;
    mlir::Type activation;
    IntegerRange activationRange;
    bool fitsInt32;
    mlir::LLVM::GlobalOp global;
  };

  mlir::LLVM::GlobalOp find(PackedWeights &&bytes, llvm::StringRef name);
  mlir::LLVM::GlobalOp create(PackedWeights &&bytes, llvm::StringRef name);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  std::vector<Packed> packed;
  std::unordered_multimap<size_t, mlir::LLVM::GlobalOp> known;
};

} // namespace sumac

#endif // SUMAC_LIB_CONVERSION_SUMACTOVECTOR_CONSTANTS_H
