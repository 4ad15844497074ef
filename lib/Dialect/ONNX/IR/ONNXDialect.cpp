//===- ONNXDialect.cpp - The onnx dialect ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the onnx dialect's operation and type.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac::onnx;

#include "sumac/Dialect/ONNX/IR/ONNXOpsDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/ONNX/IR/ONNXTypes.cpp.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/ONNX/IR/ONNXOps.cpp.inc"

void ONNXDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "sumac/Dialect/ONNX/IR/ONNXTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "sumac/Dialect/ONNX/IR/ONNXOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// NodeOp
//===----------------------------------------------------------------------===//

/// Positions of absent operands or results: rising, each below the number of
/// all positions.
static bool arePositions(ArrayRef<int64_t> positions, size_t present) {
  auto count = static_cast<int64_t>(present + positions.size());
  int64_t previous = -1;
  for (int64_t position : positions) {
    if (position <= previous || position >= count)
      return false;
    previous = position;
  }
  return true;
}

LogicalResult NodeOp::verify() {
  if (getOpType().empty()) // C1
    return emitOpError("op_type is empty");
  auto since = static_cast<int64_t>(getSince());
  if (since < 0) // C2
    return emitOpError("since must not be negative, got ") << since;
  if (!arePositions(getAbsentInputs(), getInputs().size())) // C3
    return emitOpError(
        "absent_inputs must be rising positions among all inputs");
  if (!arePositions(getAbsentOutputs(), getOutputs().size())) // C3
    return emitOpError(
        "absent_outputs must be rising positions among all outputs");
  return success();
}
