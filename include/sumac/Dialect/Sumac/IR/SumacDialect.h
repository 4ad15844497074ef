//===- SumacDialect.h - The sumac dialect -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantized layers on exact reals, then on exact-width integers.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT_H
#define SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "sumac/Dialect/Sumac/IR/SumacEnums.h"
#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacAttributes.h.inc"

// The interfaces of operations name attributes, so they come after them.
#include "sumac/Dialect/Sumac/IR/SumacOpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacOps.h.inc"

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT_H
