//===- Passes.td - Passes on the sumac dialect -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES
#define SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ApplyInputTypes : Pass<"sumac-apply-input-types", "::mlir::func::FuncOp"> {
  let summary = "give float inputs the types that the file or the user names";
  let description = [{
    A model without input quantizers multiplies real inputs. This pass puts a
    `sumac.quantize` behind each float argument that is not quantized at once,
    with the type that the option names or, without one, that the argument's
    attribute `sumac.input_type` names (from the file's quantization
    annotations).

    A type is `int8`, `uint4`, ... (scale 1), `bipolar`, or `fixed<W,I>` and
    `ufixed<W,I>`: W bits, I of them before the binary point. Values round to
    nearest, ties to even, and saturate.
  }];
  let options = [
    ListOption<"types", "types", "std::string",
      "a type for all inputs, or name=type for single ones">,
  ];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def ToInteger : Pass<"sumac-to-integer", "::mlir::func::FuncOp"> {
  let summary = "turn exact reals between quantizers into exact integers";
  let description = [{
    Every real tensor is followed as a function of integer codes, one function
    per channel. At a layer the scales and offsets of weights and activations
    leave the product; at a quantizer the whole chain between (scales, bias,
    batch norm, activation, rounding) is one step function of the accumulator,
    computed exactly, and becomes `sumac.threshold`, or `sumac.requantize`
    where a multiply-add-shift is proven to step at the same places, or
    `sumac.table`. Branches of unequal scales meet on the finest common grid
    (`sumac.combine`). At a float output `sumac.decode` rounds once.

    Errors name the layer and say what helps: inputs without a quantizer,
    irrational values that reach a layer without one, grids that need more
    than 63 bits.

    Before:

    ```mlir
    %q = sumac.quantize %x, <ui8, scale = <["0x1p-8"]>, zero_point = <["0x0p+0"]>>, half_even : ...
    %a = sumac.linear %q, %w : ...
    %r = sumac.relu %a : ...
    %h = sumac.quantize %r, <ui2, scale = <["0x1p-1"]>, zero_point = <["0x0p+0"]>>, half_even : ...
    ```

    After:

    ```mlir
    %c = sumac.encode %image, <ui8, ...>, half_even : tensor<?x784xf32> -> tensor<?x784xui8>
    %a = sumac.linear %c, %w : (tensor<?x784xui8>, tensor<300x784xsi4>) -> tensor<?x300xsi20>
    %h = sumac.threshold %a, ... : tensor<?x300xsi20> -> tensor<?x300xui2>
    ```
  }];
  let options = [
    Option<"maxThresholds", "max-thresholds", "int64_t", "15",
      "most steps for which thresholds are used without looking for a multiply-add-shift">,
    Option<"requantizeBits", "requantize-bits", "unsigned", "63",
      "most bits of x * multiply + add">,
  ];
  let dependentDialects = ["::sumac::SumacDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def DiscoverCodings : Pass<"sumac-discover-codings", "::mlir::func::FuncOp"> {
  let summary = "find the smallest coding of integer weights";
  let description = [{
    The values alone decide how a layer's weights are coded, whatever exported
    them: plain codings (`uniform`, `dense`) become the coding of the fewest
    stored bits, tables included, among

    - `bipolar`, and `uniform` of the fewest bits;
    - `basis`: all values are sums of subsets of up to 4 integers, found exactly
      whenever there are any;
    - `shift`: every value is a sum of up to 4 signed powers of two;
    - `pool`: every 8 neighbouring inputs are one of up to 256 vectors, counted
      over all layers of the function together;
    - `codebook`: up to 256 distinct values; against a basis or sums of powers of
      two, which tell more, only where it has less than half of their size.

    Of two codings of equal size the earlier one in this list is taken. Values do
    not change: a new coding decodes to the identical integers, which the pass
    checks.

    Before: `#sumac.uniform<dense<[[1, -1]]> : tensor<1x2xsi8>, bits = 8>`

    After: `#sumac.bipolar<dense<[[1, -1]]> : tensor<1x2xsi8>>`
  }];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def ChooseForms : Pass<"sumac-choose-forms", "::mlir::func::FuncOp"> {
  let summary = "write the sum form that the user names on layers";
  let description = [{
    `forms` is a list of LAYER=FORM, LAYER being a layer's name in the ONNX file,
    or * for all layers that support the form, where a target without code for
    it takes another; FORM is multiply_accumulate, bit_planes, masked_sums,
    shifted_sums, pooled_sums, cached_sums, lookup_sums or adder_graph. It is an
    error if a named layer is not there or its weights do not support the form.
  }];
  let options = [
    ListOption<"forms", "forms", "std::string", "LAYER=FORM">,
  ];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def RemoveChannels : Pass<"sumac-remove-channels", "::mlir::func::FuncOp"> {
  let summary = "remove channels that are constant or that nothing reads";
  let description = [{
    Between two layers with nothing but thresholds, requantizations, tables and
    clamps: a channel whose code is the same for all inputs (a pruned filter, one
    that always saturates) becomes a part of the second layer's bias, and a
    channel that all weights of the second layer multiply with 0 is not computed.
    One channel stays where all could go.

    Before, with a first filter that is pruned:

    ```mlir
    %w = sumac.constant #sumac.uniform<dense<[[0, 0], [1, -2]]> : tensor<2x2xsi8>, bits = 2> -> tensor<2x2xsi2>
    %v = sumac.constant #sumac.uniform<dense<[[3, 1]]> : tensor<1x2xsi8>, bits = 3> -> tensor<1x2xsi3>
    %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<2x2xsi2>) -> tensor<?x2xsi6>
    %h = sumac.requantize %a, multiply [1] add [32] shift [2] clamp [0, 15] : tensor<?x2xsi6> -> tensor<?x2xui4>
    %y = sumac.linear %h, %v : (tensor<?x2xui4>, tensor<1x2xsi3>) -> tensor<?x1xsi8>
    ```

    After, its code being 8:

    ```mlir
    %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 2> -> tensor<1x2xsi2>
    %v = sumac.constant #sumac.uniform<dense<1> : tensor<1x1xsi8>, bits = 2> -> tensor<1x1xsi2>
    %b = sumac.constant #sumac.uniform<dense<24> : tensor<1xsi8>, bits = 6> -> tensor<1xsi6>
    %a = sumac.linear %x, %w : (tensor<?x2xui4>, tensor<1x2xsi2>) -> tensor<?x1xsi6>
    %h = sumac.requantize %a, multiply [1] add [32] shift [2] clamp [0, 15] : tensor<?x1xsi6> -> tensor<?x1xui4>
    %y = sumac.linear %h, %v bias(%b) : (tensor<?x1xui4>, tensor<1x1xsi2>, tensor<1xsi6>) -> tensor<?x1xsi8>
    ```
  }];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def RoundCoefficients : Pass<"sumac-round-coefficients", "::mlir::func::FuncOp"> {
  let summary = "make weights that are almost sums of coefficients sums of coefficients of few bits";
  let description = [{
    At the model level: float weights of a layer that are sums of 1 to 4
    coefficients, to within 2^-20 of the largest, become exactly sums of
    coefficients that are integers of `bits` bits times a power of two. It changes
    what the model means, so nothing runs it unless the user asks; a remark for
    each layer bounds the change of its weights and of its results.
  }];
  let options = [
    Option<"bits", "bits", "unsigned", /*default=*/"12",
           "bits of a coefficient, sign included; 2 to 22">,
  ];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def ChooseStorage : Pass<"sumac-choose-storage", "::mlir::func::FuncOp"> {
  let summary = "write the storage that the user names on weights";
  let description = [{
    `storages` is a list of LAYER=STORAGE, LAYER being a layer's name in the ONNX
    file, or * for all layers whose weights can be stored so, where a target
    without code for it takes another; STORAGE is packed, bitmask, csr or huffman, or `smallest`, the smallest of those that targets
    compute with: packed, bitmask and csr (papers.md, F4, "Storage, one per
    layer, the smallest wins"). It is an error if a named layer is not there or
    its weights cannot be stored so. Weights that several layers use have one
    storage: the last that is named.
  }];
  let options = [
    ListOption<"storages", "storages", "std::string", "LAYER=STORAGE">,
  ];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def ExpandForms : Pass<"sumac-expand-forms", "::mlir::func::FuncOp"> {
  let summary = "write layers with masked or shifted sums as sums";
  let description = [{
    A `sumac.linear` with the form `masked_sums` or `shifted_sums` becomes one
    `sumac.linear` that sums activations for every binary mask, or every power of
    two, and a `sumac.combine` that multiplies each of these sums once. Other
    forms are a target's business and stay.

    Before:

    ```mlir
    %a = sumac.linear %x, %w form(#sumac.masked_sums) : (tensor<?x784xui8>, tensor<300x784xsi13>) -> tensor<?x300xsi24>
    ```

    After, for a basis of 2 coefficients 5 and -12:

    ```mlir
    %s = sumac.linear %x, %masks : (tensor<?x784xui8>, tensor<600x784xui1>) -> tensor<?x600xsi19>
    %s0 = tensor.extract_slice %s[0, 0] [%n, 300] [1, 1] : tensor<?x600xsi19> to tensor<?x300xsi19>
    %s1 = tensor.extract_slice %s[0, 300] [%n, 300] [1, 1] : tensor<?x600xsi19> to tensor<?x300xsi19>
    %a = sumac.combine %s0, %s1 multiply dense<[[5], [-12]]> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64> : ...
    ```
  }];
  let dependentDialects = ["::sumac::SumacDialect", "::mlir::tensor::TensorDialect"];
}

def TruncatePlanes : Pass<"sumac-truncate-planes", "::mlir::ModuleOp"> {
  let summary = "compute layers from the highest bit planes of their activations";
  let description = [{
    In front of every layer of the form `bit_planes`, `pooled_sums` or
    `cached_sums` whose input codes have more than `planes` bits, a
    `sumac.truncate_planes` keeps the highest `planes` of them. Other layers stay
    as they are.

    Truncated codes may be below the least code that occurs, so sums may leave the
    bounds that they had. The types of sums are widened then, up to where codes are
    made of them; where that cannot be done (a table has no entry for them), it is
    an error. So is a function without such a layer, or a number that is not in
    1 to the most bits that their codes have.

    Before:

    ```mlir
    %a = sumac.linear %x, %w form(#sumac.cached_sums) : (tensor<?x64xui8>, tensor<10x64xsi8>) -> tensor<?x10xsi22>
    ```

    After, with planes=3:

    ```mlir
    %t = sumac.truncate_planes %x keep 3 : tensor<?x64xui8>
    %a = sumac.linear %t, %w form(#sumac.cached_sums) : (tensor<?x64xui8>, tensor<10x64xsi8>) -> tensor<?x10xsi22>
    ```
  }];
  let options = [
    Option<"planes", "planes", "int64_t", "0", "bit planes to keep, 1 or more">,
  ];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def AddPlanesArgument : Pass<"sumac-add-planes-argument", "::mlir::ModuleOp"> {
  let summary = "let the caller choose the number of bit planes";
  let description = [{
    Every public function is cloned for each number of bit planes that is less
    than the most bits of codes that `sumac-truncate-planes` truncates, each clone
    being truncated so, and lists the clones in its attribute `sumac.planes`, that
    of one plane first. The function itself computes with all planes; its layers
    of these forms have a `sumac.truncate_planes` that keeps everything, so that a
    target lowers them as in the clones, whose constants are then the same. A
    target with the attribute gives its entry one more argument and calls what it
    names.

    Before:

    ```mlir
    func.func @main(%x: tensor<?x64xui2>) -> tensor<?x10xsi22>
    ```

    After:

    ```mlir
    func.func @main(%x: tensor<?x64xui2>) -> tensor<?x10xsi22> attributes {sumac.planes = [@main_planes1]}
    func.func @main_planes1(%x: tensor<?x64xui2>) -> tensor<?x10xsi22>
    ```
  }];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def ExpandPlanes : Pass<"sumac-expand-planes", "::mlir::func::FuncOp"> {
  let summary = "write layers of truncated codes as layers of short codes";
  let description = [{
    Truncating codes of b bits to P of them is a shift: W (x & mask) =
    (W (x >> s)) << s with s = b - P. A layer of truncated codes becomes a layer
    of codes of P bits, whose sums are shifted back by a `sumac.combine` that adds
    the bias too. Signed codes become unsigned ones, by adding 2^(b-1): the bias
    takes off what that adds, and the layer's constants do not depend on P.
    Wherever else truncated codes are used, they are shifted right and left.

    Before:

    ```mlir
    %t = sumac.truncate_planes %x keep 3 : tensor<?x64xui8>
    %a = sumac.linear %t, %w bias(%b) : (tensor<?x64xui8>, tensor<10x64xsi8>, tensor<10xsi8>) -> tensor<?x10xsi22>
    ```

    After:

    ```mlir
    %t = sumac.requantize %x, multiply [1] add [0] shift [5] clamp [0, 7] : tensor<?x64xui8> -> tensor<?x64xui3>
    %s = sumac.linear %t, %w : (tensor<?x64xui3>, tensor<10x64xsi8>) -> tensor<?x10xsi17>
    %a = sumac.combine %s multiply dense<32> : tensor<1x1xsi64> add dense<...> : tensor<10xsi64> : (tensor<?x10xsi17>) -> tensor<?x10xsi22>
    ```
  }];
  let dependentDialects = ["::sumac::SumacDialect"];
}

def AddRawEntry : Pass<"sumac-add-raw-entry", "::mlir::ModuleOp"> {
  let summary = "add a function with integers at its boundary";
  let description = [{
    Clones @main into @main_raw. A float argument that is only encoded becomes
    an argument of codes; a float result becomes a result of the codes or
    accumulators that it is decoded, or otherwise computed, from. Everything else stays. Where every element is encoded
    alike, @main encodes in front of reshapes.
  }];
  let dependentDialects = ["::sumac::SumacDialect"];
}

#endif // SUMAC_DIALECT_SUMAC_TRANSFORMS_PASSES
