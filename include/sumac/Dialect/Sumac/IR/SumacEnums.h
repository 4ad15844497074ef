//===- SumacEnums.h - Enumerations of the sumac dialect ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACENUMS_H
#define SUMAC_DIALECT_SUMAC_IR_SUMACENUMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <optional>

#include "sumac/Dialect/Sumac/IR/SumacEnums.h.inc"

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACENUMS_H
