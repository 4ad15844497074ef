//===- Translation.cpp - sumac-translate --import-onnx --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the importer as a translation to MLIR.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "sumac/Import/ONNX/Import.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

void sumac::registerONNXImport() {
  static TranslateToMLIRRegistration registration(
      "import-onnx", "ONNX model to the onnx dialect",
      [](llvm::SourceMgr &sourceMgr, MLIRContext *context) -> OwningOpRef<Operation *> {
        const llvm::MemoryBuffer *buffer = sourceMgr.getMemoryBuffer(sourceMgr.getMainFileID());
        ONNXImportOptions options;
        StringRef path = buffer->getBufferIdentifier();
        if (path != "<stdin>") {
          options.externalDataFolder = llvm::sys::path::parent_path(path).str();
          if (options.externalDataFolder.empty())
            options.externalDataFolder = ".";
        }
        return importONNX(buffer->getMemBufferRef(), *context, options);
      },
      [](DialectRegistry &) {});
}
