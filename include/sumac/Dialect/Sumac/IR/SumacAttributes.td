//===- SumacAttributes.td - Attributes of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACATTRIBUTES
#define SUMAC_DIALECT_SUMAC_IR_SUMACATTRIBUTES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "sumac/Dialect/Sumac/IR/SumacDialect.td"
include "sumac/Dialect/Sumac/IR/SumacEnums.td"
include "sumac/Dialect/Sumac/IR/SumacInterfaces.td"

class Sumac_Attr<string name, list<Trait> traits = []> : AttrDef<Sumac_Dialect, name, traits>;

def Sumac_RoundingModeAttr : EnumAttr<Sumac_Dialect, Sumac_RoundingMode, "rounding">;

def Sumac_ExactArrayAttr : Sumac_Attr<"ExactArray"> {
  let mnemonic = "exact";
  let summary = "an array of exact numbers";
  let description = [{
    Each element is the canonical text of a real number: a dyadic number as a
    hexadecimal float (`"0x1.8p-3"`), another rational as a quotient (`"1/3"`),
    an irrational one as a sum of square roots (`"0x1p+0*sqrt(0x1.4p+1)"`); see
    sumac/Support/Real.h.
  }];
  let parameters = (ins OptionalArrayRefParameter<"::mlir::StringAttr">:$values);
  let assemblyFormat = "`<` `[` (`]`) : ($values^ `]`)? `>`";
  let genVerifyDecl = 1;
}

def Sumac_GridAttr : Sumac_Attr<"Grid"> {
  let mnemonic = "grid";
  let summary = "the points (code - zero point) * scale for integer codes within bounds";
  let description = [{
    `storage` is the codes' type; `min` and `max` bound them within it (narrow
    ranges, Clip between quantize and dequantize). `scale` and `zero_point`
    are exact numbers (scale > 0), stored as an array of shape `shape`, which is
    aligned with the tensor's trailing dimensions. Along each dimension of
    `shape`, entry i of the array serves the tensor's indices
    [i * block, (i + 1) * block); a block of 0 means that one entry serves the
    whole dimension. An empty shape is a scale per tensor. A zero point array
    of one entry serves all.

    A `bipolar` grid has the two codes -1 and +1.

    Example:

    ```mlir
    #sumac.grid<ui8, scale = <["0x1.01p-8"]>, zero_point = <["0x0p+0"]>>
    #sumac.grid<si4, min = -7, scale = <["0x1p-3", "0x1p-4"]>, zero_point = <["0x0p+0"]>, shape = [2, 1], block = [1, 0]>
    ```
  }];
  let parameters = (ins
    "::mlir::IntegerType":$storage,
    "int64_t":$min,
    "int64_t":$max,
    "bool":$bipolar,
    "::sumac::ExactArrayAttr":$scale,
    "::sumac::ExactArrayAttr":$zeroPoint,
    OptionalArrayRefParameter<"int64_t">:$shape,
    OptionalArrayRefParameter<"int64_t">:$block);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// A grid with one scale and one zero point for the whole tensor.
    static GridAttr getPerTensor(::mlir::IntegerType storage, int64_t min, int64_t max,
                                 ::llvm::StringRef scale, ::llvm::StringRef zeroPoint);
    bool isPerTensor() const { return getScale().getValues().size() == 1 && getZeroPoint().getValues().size() == 1; }
    /// Whether the scale varies at most along the tensor's last dimension.
    bool isPerTensorOrLastDim() const;
    /// Position in the scale array for the tensor element at `index`.
    int64_t getScaleIndex(::llvm::ArrayRef<int64_t> index) const;
    /// Smallest and largest value that `type` can hold (up to 64 bits).
    static int64_t getStorageMin(::mlir::IntegerType type);
    static int64_t getStorageMax(::mlir::IntegerType type);
  }];
}

//===----------------------------------------------------------------------===//
// Sum forms
//===----------------------------------------------------------------------===//

class Sumac_FormAttr<string name> : Sumac_Attr<name,
    [DeclareAttrInterfaceMethods<Sumac_FormAttrInterface>]>;

def Sumac_MultiplyAccumulateAttr : Sumac_FormAttr<"MultiplyAccumulate"> {
  let mnemonic = "multiply_accumulate";
  let summary = "one multiplication and one addition per weight";
}

def Sumac_BitPlanesAttr : Sumac_FormAttr<"BitPlanes"> {
  let mnemonic = "bit_planes";
  let summary = "AND and popcount over pairs of weight and activation bit planes (papers.md, BS)";
}

def Sumac_MaskedSumsAttr : Sumac_FormAttr<"MaskedSums"> {
  let mnemonic = "masked_sums";
  let summary = "a sum of activations per mask, then one multiplication per mask (papers.md, F4: ACM)";
  let description = [{
    With w[n, k] = sum_m c[n, m] B_m[n, k], B_m being 0 or 1:
    y[n] = sum_m c[n, m] * (sum_k B_m[n, k] x[k]). `sumac-expand-forms` writes
    it as one sumac.linear with the masks below each other and a sumac.combine
    with the coefficients.
  }];
}

def Sumac_ShiftedSumsAttr : Sumac_FormAttr<"ShiftedSums"> {
  let mnemonic = "shifted_sums";
  let summary = "a signed sum of activations per power of two, then shifts (papers.md, FL)";
  let description = [{
    With w[n, k] = sum_e 2^e T_e[n, k], T_e being -1, 0 or 1:
    y[n] = sum_e (sum_k T_e[n, k] x[k]) << e. `sumac-expand-forms` writes it as
    one sumac.linear with the ternary matrices below each other and a
    sumac.combine with the powers of two.
  }];
}

def Sumac_PooledSumsAttr : Sumac_FormAttr<"PooledSums"> {
  let mnemonic = "pooled_sums";
  let summary = "a sum for each vector of a pool, which output channels look up (papers.md, WP: precomputed)";
  let description = [{
    With w[n, 8 g + j] = table[indices[n, g], j]:
    s[g, p] = sum_j table[p, j] x[8 g + j] is computed once for all channels;
    y[n] = sum_g s[g, indices[n, g]].
  }];
}

def Sumac_CachedSumsAttr : Sumac_FormAttr<"CachedSums"> {
  let mnemonic = "cached_sums";
  let summary = "bit planes of activations look sums of a pool's vectors up (papers.md, WP: cached)";
  let description = [{
    lut[r, p] = sum of table[p, j] over the bits j that r has, for r in 0..255, is
    a constant. With r_i(g) made of bit i of x[8 g] to x[8 g + 7]:
    y[n] = sum_i sum_g lut[r_i(g), indices[n, g]] << i; the highest bit of signed
    activations is subtracted.
  }];
}

def Sumac_LookupSumsAttr : Sumac_FormAttr<"LookupSums"> {
  let mnemonic = "lookup_sums";
  let summary = "all sums of four neighbouring activations, which masks of weights look up";
  let description = [{
    With w[n, k] = sum_m c[n, m] B_m[n, k], B_m being 0 or 1: the table
    t[g, r] = sum of x[4 g + j] over the bits j that r has, for r in 0..15, is
    computed once for all channels;
    y[n] = sum_m c[n, m] * sum_g t[g, B_m[n, 4 g .. 4 g + 3]].
  }];
}

def Sumac_AdderGraphAttr : Sumac_FormAttr<"AdderGraph"> {
  let mnemonic = "adder_graph";
  let summary = "additions and subtractions of shifted terms, common subexpressions shared";
  let description = [{
    Every weight in canonical signed digits; pairs of terms that occur more than
    once are computed once (sumac/Analysis/AdderGraph.h). No multiplication is
    left.
  }];
}

//===----------------------------------------------------------------------===//
// Storages
//===----------------------------------------------------------------------===//

class Sumac_StorageAttr<string name> : Sumac_Attr<name # "Storage",
    [DeclareAttrInterfaceMethods<Sumac_StorageAttrInterface>]>;

def Sumac_PackedStorageAttr : Sumac_StorageAttr<"Packed"> {
  let mnemonic = "packed";
  let summary = "every code, one behind the other";
}

def Sumac_BitmaskStorageAttr : Sumac_StorageAttr<"Bitmask"> {
  let mnemonic = "bitmask";
  let summary = "a bit for each code that says whether it is not zero, and the codes that are not";
}

def Sumac_CSRStorageAttr : Sumac_StorageAttr<"CSR"> {
  let mnemonic = "csr";
  let summary = "compressed sparse rows: codes that are not zero with their columns, and where rows begin";
}

def Sumac_HuffmanStorageAttr : Sumac_StorageAttr<"Huffman"> {
  let mnemonic = "huffman";
  let summary = "a canonical Huffman code, for files; no target computes with it";
}

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACATTRIBUTES
