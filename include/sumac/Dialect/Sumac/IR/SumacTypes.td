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

def Sumac_RealTensor : TensorOf<[Sumac_RealType]>;
def Sumac_Integer : AnyTypeOf<[AnySignedInteger, AnyUnsignedInteger]>;
def Sumac_IntegerTensor : TensorOf<[AnySignedInteger, AnyUnsignedInteger]>;
def Sumac_FloatTensor : TensorOf<[F16, BF16, F32, F64]>;
def Sumac_RealOrIntegerTensor : TensorOf<[Sumac_RealType, AnySignedInteger, AnyUnsignedInteger]>;
def Sumac_RealOrFloatTensor : TensorOf<[Sumac_RealType, F16, BF16, F32, F64]>;
def Sumac_IntegerOrFloatTensor : TensorOf<[AnySignedInteger, AnyUnsignedInteger, F16, BF16, F32, F64]>;
def Sumac_Tensor : TensorOf<[Sumac_RealType, AnySignedInteger, AnyUnsignedInteger, F16, BF16, F32, F64]>;

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACTYPES
