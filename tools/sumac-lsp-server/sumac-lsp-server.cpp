//===- sumac-lsp-server.cpp - The language server ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-lsp-server with Sumac's dialects: completion, hover and diagnostics for
// .mlir files in editors.
//
//===----------------------------------------------------------------------===//

#include "sumac/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  sumac::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
