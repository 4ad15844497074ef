//===- SumacTypes.td - Types of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACTYPES
#define SUMAC_DIALECT_SUMAC_IR_SUMACTYPES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"
include "sumac/Dialect/Sumac/IR/SumacDialect.td"

def Sumac_RealType : TypeDef<Sumac_Dialect, "Real"> {
  let mnemonic = "real";
  let summary = "an exact real number";
  let description = [{
    The element type of model-level tensors. It is not a float: no upstream
    float fold applies to it, and no operation on it rounds unless its
    definition says so.
  }];
}

// Ranges and decoded weights are int64, so integers have at most 64 bits (a ui64
// holds values up to 2^63 - 1 only).
def Sumac_Integer : Type<And<[
    Or<[AnySignedInteger.predicate, AnyUnsignedInteger.predicate]>,
    CPred<"::llvm::cast<::mlir::IntegerType>($_self).getWidth() >= 1">,
    CPred<"::llvm::cast<::mlir::IntegerType>($_self).getWidth() <= 64">]>,
  "signed or unsigned integer of 1 to 64 bits">;

def Sumac_RealTensor : RankedTensorOf<[Sumac_RealType]>;
def Sumac_IntegerTensor : RankedTensorOf<[Sumac_Integer]>;
def Sumac_FloatTensor : RankedTensorOf<[F16, BF16, F32, F64]>;
def Sumac_RealOrIntegerTensor : RankedTensorOf<[Sumac_RealType, Sumac_Integer]>;
def Sumac_RealOrFloatTensor : RankedTensorOf<[Sumac_RealType, F16, BF16, F32, F64]>;
def Sumac_IntegerOrFloatTensor : RankedTensorOf<[Sumac_Integer, F16, BF16, F32, F64]>;
def Sumac_Tensor : RankedTensorOf<[Sumac_RealType, Sumac_Integer, F16, BF16, F32, F64]>;

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACTYPES
