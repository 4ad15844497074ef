//===- SumacDialect.td - The sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT
#define SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT

include "mlir/IR/DialectBase.td"

def Sumac_Dialect : Dialect {
  let name = "sumac";
  let cppNamespace = "::sumac";
  let summary = "quantized layers on exact reals, then on exact-width integers";
  let description = [{
    The dialect says what a quantized network computes, at two levels.

    At the *model level* values are tensors of `!sumac.real`: exact real
    numbers, not floats. A constant means the rational number that its float
    or integer payload is.

    At the *integer level* values are tensors of integers of exact width
    (`ui8`, `si20`); no real is left between `sumac.encode` and
    `sumac.decode`.

    docs/spec.md gives each operation's semantics as formulas, with the
    numbered constraints that the verifiers check.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACDIALECT
