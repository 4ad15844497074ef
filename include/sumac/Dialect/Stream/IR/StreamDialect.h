//===- StreamDialect.h - The stream dialect -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMDIALECT_H
#define SUMAC_DIALECT_STREAM_IR_STREAMDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "sumac/Dialect/Stream/IR/Schedule.h"
#include "llvm/Support/JSON.h"

namespace sumac {
class LinearOp;
} // namespace sumac

namespace sumac::stream {
class OutputOp;
class ProcessOp;
} // namespace sumac::stream

#include "sumac/Dialect/Stream/IR/StreamDialect.h.inc"
#include "sumac/Dialect/Stream/IR/StreamEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/Stream/IR/StreamTypes.h.inc"

#include "sumac/Dialect/Stream/IR/StreamAttrInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sumac/Dialect/Stream/IR/StreamAttributes.h.inc"

#include "sumac/Dialect/Stream/IR/StreamOpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/Stream/IR/StreamOps.h.inc"

namespace sumac::stream {

/// The type of a channel.
inline ChannelType getChannelType(mlir::Value channel) { return llvm::cast<ChannelType>(channel.getType()); }

} // namespace sumac::stream

#endif // SUMAC_DIALECT_STREAM_IR_STREAMDIALECT_H
