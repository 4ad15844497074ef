//===- sumac-translate.cpp - The translation driver -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-translate with Sumac's importers and emitters.
//
//===----------------------------------------------------------------------===//

#include "sumac/Import/ONNX/Import.h"
#include "sumac/Support/OutputFile.h"
#include "sumac/Target/ACM/Translation.h"

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  sumac::checkStandardOutputAtExit();
  mlir::registerAllTranslations();
  sumac::registerACMTranslations();
  sumac::registerONNXImport();
  return mlir::failed(mlir::mlirTranslateMain(argc, argv, "Sumac translation driver"));
}
