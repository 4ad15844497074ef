//===- StreamEnums.td - What units are bound to -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMENUMS
#define SUMAC_DIALECT_STREAM_IR_STREAMENUMS

include "mlir/IR/EnumAttr.td"

def Stream_Memory : I32Enum<"Memory", "where constants lie on the chip", [
    I32EnumCase<"LUT", 0, "lut">,
    I32EnumCase<"BRAM", 1, "bram">,
    I32EnumCase<"URAM", 2, "uram">]> {
  let cppNamespace = "::sumac::stream";
}

def Stream_Multiplier : I32Enum<"Multiplier", "what multiplies", [
    I32EnumCase<"LUT", 0, "lut">,
    I32EnumCase<"DSP", 1, "dsp">]> {
  let cppNamespace = "::sumac::stream";
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMENUMS
