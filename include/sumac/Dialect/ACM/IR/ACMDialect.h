//===- ACMDialect.h - The acm dialect -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs of the accumulate-multiply core as IR, and as containers.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ACM_IR_ACMDIALECT_H
#define SUMAC_DIALECT_ACM_IR_ACMDIALECT_H

#include "sumac/ACM/Container.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"

namespace sumac::acm {
/// Whether the attributes are fields of the operation's opcode.
llvm::LogicalResult verifyInstruction(mlir::Operation *op);
} // namespace sumac::acm

#include "sumac/Dialect/ACM/IR/ACMDialect.h.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/ACM/IR/ACMOps.h.inc"

namespace sumac::acm {

/// The instruction that an operation is; the location of `op` has errors.
mlir::FailureOr<Instruction> getInstruction(mlir::Operation *op);
/// The operation that an instruction is.
mlir::Operation *buildInstruction(mlir::OpBuilder &builder, mlir::Location location, const Instruction &instruction);

/// The container that a program is. Names of layers come from the instructions'
/// locations.
mlir::FailureOr<Container> getContainer(ProgramOp program);
/// The program that a container is.
ProgramOp buildProgram(mlir::OpBuilder &builder, mlir::Location location, llvm::StringRef name,
                       const Container &container);

} // namespace sumac::acm

#endif // SUMAC_DIALECT_ACM_IR_ACMDIALECT_H
