//===- ONNXDialect.h - The onnx dialect -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The onnx dialect: one operation that holds any ONNX node.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ONNX_IR_ONNXDIALECT_H
#define SUMAC_DIALECT_ONNX_IR_ONNXDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "sumac/Dialect/ONNX/IR/ONNXOpsDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/ONNX/IR/ONNXTypes.h.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/ONNX/IR/ONNXOps.h.inc"

#endif // SUMAC_DIALECT_ONNX_IR_ONNXDIALECT_H
