//===- sumac-import-fuzzer.cpp - Random bytes as ONNX models --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Imports any bytes as a model and converts it to the model level. Errors are
// fine; crashes, sanitizer reports and conversions whose result does not verify
// are not.
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/ONNXToSumac/ONNXToSumac.h"
#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Import/ONNX/Import.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

static void convert(MLIRContext &context, llvm::StringRef bytes) {
  OwningOpRef<ModuleOp> module =
      sumac::importONNX(llvm::MemoryBufferRef(bytes, "fuzz.onnx"), context);
  if (!module)
    return;
  if (failed(verify(*module))) {
    llvm::errs() << "the imported module does not verify\n";
    abort();
  }
  PassManager manager(&context);
  manager.addPass(sumac::createConvertONNXToSumac());
  manager.enableVerifier(false);
  if (failed(manager.run(*module)))
    return;
  if (failed(verify(*module))) {
    llvm::errs() << "the converted module does not verify\n";
    module->dump();
    abort();
  }
}

/// libMLIR is not instrumented: memory that inline functions of its headers
/// poison here is not unpoisoned there.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_container_overflow=0:detect_odr_violation=0";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const DialectRegistry *registry = [] {
    auto *all = new DialectRegistry;
    all->insert<func::FuncDialect, sumac::onnx::ONNXDialect, sumac::SumacDialect>();
    return all;
  }();
  MLIRContext context(*registry, MLIRContext::Threading::DISABLED);
  // What verifiers say is shown where it ends the run.
  std::string messages;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    messages.clear();
    llvm::raw_string_ostream(messages) << diagnostic;
    return success();
  });
  convert(context, llvm::StringRef(reinterpret_cast<const char *>(data), size));
  return 0;
}
