//===- SumacCodings.td - Weight codings of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACCODINGS
#define SUMAC_DIALECT_SUMAC_IR_SUMACCODINGS

include "sumac/Dialect/Sumac/IR/SumacAttributes.td"

/// `methods` are those of the interface's methods with a default that the coding
/// has an implementation of its own for.
class Sumac_CodingAttr<string name, list<string> methods> : Sumac_Attr<name,
    [DeclareAttrInterfaceMethods<Sumac_CodingAttrInterface, methods # ["verifyContents"]>]> {
  let genVerifyDecl = 1;
}

def Sumac_DenseCodingAttr : Sumac_CodingAttr<"DenseCoding",
    ["isIntegral", "decodeDoubles", "getNumMasks", "getMaskCoefficient"]> {
  let mnemonic = "dense";
  let summary = "weights as they are: floats, or integers of any width";
  let parameters = (ins "::mlir::ElementsAttr":$payload);
  let assemblyFormat = "`<` $payload `>`";
}

def Sumac_UniformCodingAttr : Sumac_CodingAttr<"UniformCoding",
    ["decodeDoubles", "getNumMasks", "getMaskCoefficient"]> {
  let mnemonic = "uniform";
  let summary = "integers of 1 to 8 bits";
  let description = [{
    The payload has one `si8` or `ui8` element per weight, whatever `bits` is,
    so that it can be read without unpacking; targets pack to the true width.
    Signed weights are two's complement: a signed 1-bit weight is 0 or -1.
  }];
  let parameters = (ins "::mlir::ElementsAttr":$payload, "unsigned":$bits);
  let assemblyFormat = "`<` $payload `,` `bits` `=` $bits `>`";
}

def Sumac_BipolarCodingAttr : Sumac_CodingAttr<"BipolarCoding",
    ["decodeDoubles", "visitCodes", "getZeroCode", "getNumMasks", "getMaskCoefficient", "decodeMasks"]> {
  let mnemonic = "bipolar";
  let summary = "weights of one bit: -1 or +1";
  let description = [{
    The payload has one `si8` element per weight, -1 or +1.
  }];
  let parameters = (ins "::mlir::ElementsAttr":$payload);
  let assemblyFormat = "`<` $payload `>`";
}

def Sumac_BasisCodingAttr : Sumac_CodingAttr<"BasisCoding",
    ["visitCodes", "getNumMasks", "getMaskCoefficient", "decodeMasks"]> {
  let mnemonic = "basis";
  let summary = "sums of up to 8 coefficients (papers.md, F4)";
  let description = [{
    w[n, k] = sum over the set bits m of codes[n, k] of coefficients[n, m].
    `codes` has one `ui8` element per weight, of as many bits as there are
    coefficients (1 to 8); `coefficients` is [1, m] for the layer or [N, m] for
    each output channel, si64. Code 0 is zero. FantastIC4 is m = 4.

    Example:

    ```mlir
    #sumac.basis<dense<[[0, 3], [5, 15]]> : tensor<2x2xui8>,
                 coefficients = dense<[[3, -7, 11, 40]]> : tensor<1x4xsi64>>
    ```
  }];
  let parameters = (ins "::mlir::ElementsAttr":$codes, "::mlir::ElementsAttr":$coefficients);
  let assemblyFormat = "`<` $codes `,` `coefficients` `=` $coefficients `>`";
}

def Sumac_ShiftCodingAttr : Sumac_CodingAttr<"ShiftCoding", ["visitCodes"]> {
  let mnemonic = "shift";
  let summary = "sums of up to 4 signed powers of two (papers.md, FL)";
  let description = [{
    w[n, k] = sum over t of term(terms[t, n, k]), where term(0) = 0 and
    term(+-(e + 1)) = +-2^e for an exponent e from 0 to 62. `terms` is
    [T, N, K] of si8 elements, T from 1 to 4. Output channel n counts as k_n
    terms: the number of t with a term in row n; a channel of no terms is pruned.

    Example:

    ```mlir
    #sumac.shift<dense<[[[1, -3], [0, 0]], [[0, 1], [0, 0]]]> : tensor<2x2x2xsi8>>  // [[1, -4 + 1], [0, 0]]
    ```
  }];
  let parameters = (ins "::mlir::ElementsAttr":$terms);
  let assemblyFormat = "`<` $terms `>`";
}

def Sumac_PoolCodingAttr : Sumac_CodingAttr<"PoolCoding",
    ["getCodeShape", "visitCodes", "getZeroCode", "getGroupSize", "getNumGroups", "decodeGroup"]> {
  let mnemonic = "pool";
  let summary = "indices into a table of 8-vectors that layers share (papers.md, WP)";
  let description = [{
    w[n, 8 g + j] = table[indices[n, g], j] for weights of `shape` [N, K] and
    8 g + j < K: every 8 neighbouring inputs of an output channel are a row of
    the table; what the last group has beyond K is not there. `indices` is
    [N, ceil(K / 8)] of ui8 elements, `table` is [P, 8] of si8 elements, P from 1
    to 256. Layers of a network share a table by naming the same attribute.

    Example:

    ```mlir
    #sumac.pool<dense<[[0, 1]]> : tensor<1x2xui8>,
                table = dense_resource<pool> : tensor<64x8xsi8>, shape = [1, 13]>
    ```
  }];
  let parameters = (ins "::mlir::ElementsAttr":$indices, "::mlir::ElementsAttr":$table,
    ArrayRefParameter<"int64_t">:$weightShape);
  let assemblyFormat = "`<` $indices `,` `table` `=` $table `,` `shape` `=` `[` $weightShape `]` `>`";
  let extraClassDeclaration = [{
    /// Weights in one entry of the table.
    static constexpr int64_t kGroup = 8;
  }];
}

def Sumac_CodebookCodingAttr : Sumac_CodingAttr<"CodebookCoding", ["visitCodes", "getZeroCode"]> {
  let mnemonic = "codebook";
  let summary = "indices into up to 256 values";
  let description = [{
    w[n, k] = values[indices[n, k]]. `indices` has one `ui8` element per weight,
    `values` is [V] of si64 elements, V from 1 to 256, without duplicates.
  }];
  let parameters = (ins "::mlir::ElementsAttr":$indices, "::mlir::ElementsAttr":$values);
  let assemblyFormat = "`<` $indices `,` `values` `=` $values `>`";
}

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACCODINGS
