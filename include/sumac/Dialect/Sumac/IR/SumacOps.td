//===- SumacOps.td - Operations of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACOPS
#define SUMAC_DIALECT_SUMAC_IR_SUMACOPS

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"
include "sumac/Dialect/Sumac/IR/SumacAttributes.td"
include "sumac/Dialect/Sumac/IR/SumacCodings.td"
include "sumac/Dialect/Sumac/IR/SumacTypes.td"

class Sumac_Op<string mnemonic, list<Trait> traits = []>
    : Op<Sumac_Dialect, mnemonic, !listconcat([Pure], traits)>;

// An operation that can be cut along every dimension of its result. None carries
// an init operand: nothing accumulates in place, so destinations come from
// reified result shapes (docs/Dialects/Sumac/rationale.md).
class Sumac_TileableOp<string mnemonic, list<Trait> traits = []> : Sumac_Op<mnemonic, !listconcat([
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<TilingInterface, ["getIterationDomain", "getLoopIteratorTypes",
      "getTiledImplementation", "getResultTilePosition", "generateResultTileValue"]>], traits)>;

include "sumac/Dialect/Sumac/IR/SumacModelOps.td"
include "sumac/Dialect/Sumac/IR/SumacIntegerOps.td"

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACOPS
