//===- SumacIntegerOps.td - Operations on exact-width integers -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Included by SumacOps.td. Semantics and constraints: docs/spec.md. "Channel"
// is the index in the last dimension.
//
//===----------------------------------------------------------------------===//

class Sumac_IntegerOp<string mnemonic, list<Trait> traits = []> : Sumac_TileableOp<mnemonic, !listconcat([
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface, ["getStoredBits"]>], traits)>;

def Sumac_ThresholdOp : Sumac_IntegerOp<"threshold", [SameOperandsAndResultShape]> {
  let summary = "count the integer thresholds reached";
  let description = [{
    code = base + step * #{t : x >= thresholds[c, t]} for channel c; in a channel
    with `decreasing[c]` set, code = base + step * #{t : x < thresholds[c, t]}.
    `thresholds` is [channels, steps] or [1, steps], each row sorted; a float
    input compares with float thresholds of its own type, and a NaN is taken as
    minus infinity; a threshold that is NaN is never reached. An absent `decreasing` is all false.
  }];
  let arguments = (ins Sumac_IntegerOrFloatTensor:$input, ElementsAttr:$thresholds,
    OptionalAttr<DenseBoolArrayAttr>:$decreasing,
    DefaultValuedAttr<I64Attr, "0">:$base, DefaultValuedAttr<I64Attr, "1">:$step);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = [{
    $input `,` $thresholds (`decreasing` $decreasing^)? (`base` $base^)? (`step` $step^)? attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Sumac_RequantizeOp : Sumac_IntegerOp<"requantize", [SameOperandsAndResultShape]> {
  let summary = "multiply, add, shift and clamp";
  let description = [{
    code = clamp(round((x * multiply[c] + add[c]) / 2^shift[c]), min, max) for channel
    c. Everything is exact but `round`, which rounds down (an arithmetic shift) or,
    with `half_even`, to the nearest integer, ties to even. Arrays have one entry per
    channel or one for all.
  }];
  let arguments = (ins Sumac_IntegerTensor:$input, DenseI64ArrayAttr:$multiply,
    DenseI64ArrayAttr:$add, DenseI64ArrayAttr:$shift, I64Attr:$min, I64Attr:$max,
    UnitAttr:$half_even);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = [{
    $input `,` `multiply` $multiply `add` $add `shift` $shift (`half_even` $half_even^)? `clamp` `[` $min `,` $max `]` attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Sumac_TableOp : Sumac_IntegerOp<"table", [SameOperandsAndResultShape]> {
  let summary = "look codes up in a table";
  let description = [{
    y = table[c, x - first] for channel c. `table` is [channels, size] or [1, size];
    every value of the input's range must be a position in it.
  }];
  let arguments = (ins Sumac_IntegerTensor:$input, ElementsAttr:$table, I64Attr:$first);
  let results = (outs Sumac_IntegerOrFloatTensor:$result);
  let assemblyFormat = "$input `,` $table `first` $first attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Sumac_CombineOp : Sumac_IntegerOp<"combine"> {
  let summary = "add branches on a common grid";
  let description = [{
    y = sum over branches b of multiply[b][c] * x_b + add[c] for channel c.
    `multiply` is [branches, channels] or [branches, 1], `add` [channels] or [1],
    both si64.
  }];
  let arguments = (ins Variadic<Sumac_IntegerTensor>:$inputs, ElementsAttr:$multiply, ElementsAttr:$add);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = [{
    $inputs `multiply` $multiply `add` $add attr-dict `:` functional-type($inputs, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sumac_ClampOp : Sumac_IntegerOp<"clamp", [SameOperandsAndResultShape]> {
  let summary = "min(max(x, min[c]), max[c])";
  let description = [{ Arrays have one entry per channel or one for all. }];
  let arguments = (ins Sumac_IntegerTensor:$input, DenseI64ArrayAttr:$min, DenseI64ArrayAttr:$max);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = "$input `min` $min `max` $max attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Sumac_TruncatePlanesOp : Sumac_IntegerOp<"truncate_planes", [SameOperandsAndResultType]> {
  let summary = "keep the highest bit planes of codes";
  let description = [{
    y = x with all bits but the highest `keep` of its type cleared, which rounds
    down, negative codes too: y = (x >> s) << s for s = max(bits - keep, 0).

    What a layer computes from fewer bit planes of its activations is what it
    computes from truncated codes (papers.md, WP); `sumac-truncate-planes` writes
    it so.

    ```mlir
    %y = sumac.truncate_planes %x keep 3 : tensor<?x64xui8>
    ```
  }];
  let arguments = (ins Sumac_IntegerTensor:$input, I64Attr:$keep);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = "$input `keep` $keep attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Low bits that are cleared.
    unsigned getShift();
  }];
}
