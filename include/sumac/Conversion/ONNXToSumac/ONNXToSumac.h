//===- ONNXToSumac.h - Conversion of ONNX to sumac --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass convert-onnx-to-sumac, and the list of operators that it converts.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_ONNXTOSUMAC_ONNXTOSUMAC_H
#define SUMAC_CONVERSION_ONNXTOSUMAC_ONNXTOSUMAC_H

#include "mlir/Pass/Pass.h"
#include <string>
#include <utility>
#include <vector>

namespace sumac {

#define GEN_PASS_DECL
#include "sumac/Conversion/ONNXToSumac/Passes.h.inc"

/// Domain and name of each operator that has a conversion, sorted.
std::vector<std::pair<std::string, std::string>> getConvertedONNXOperators();

#define GEN_PASS_REGISTRATION
#include "sumac/Conversion/ONNXToSumac/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_CONVERSION_ONNXTOSUMAC_ONNXTOSUMAC_H
