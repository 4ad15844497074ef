//===- sumac-opt.cpp - The pass driver ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with Sumac's dialects, passes and pipelines.
//
//===----------------------------------------------------------------------===//

#include "sumac/InitAll.h"
#include "sumac/Support/OutputFile.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  sumac::checkStandardOutputAtExit();
  mlir::registerAllPasses();
  sumac::registerAllPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  sumac::registerAllDialects(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Sumac pass driver\n", registry));
}
