//===- SumacEnums.td - Enumerations of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACENUMS
#define SUMAC_DIALECT_SUMAC_IR_SUMACENUMS

include "mlir/IR/EnumAttr.td"

// The seven rounding modes of QONNX (ONNX has only half_even). None of them is
// "ties toward plus infinity", which is what floor(x + 0.5) does.
def Sumac_RoundingMode : I32Enum<"RoundingMode", "how a real number becomes an integer", [
    I32EnumCase<"HalfEven", 0, "half_even">,   // ties to the even neighbour
    I32EnumCase<"HalfUp", 1, "half_up">,       // ties away from zero
    I32EnumCase<"HalfDown", 2, "half_down">,   // ties toward zero
    I32EnumCase<"Floor", 3, "floor">,
    I32EnumCase<"Ceil", 4, "ceil">,
    I32EnumCase<"Up", 5, "up">,                // away from zero
    I32EnumCase<"Down", 6, "down">]> {         // toward zero
  let cppNamespace = "::sumac";
}

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACENUMS
