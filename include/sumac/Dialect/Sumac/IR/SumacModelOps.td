//===- SumacModelOps.td - Operations on exact reals -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Included by SumacOps.td. Semantics and constraints: docs/spec.md.
//
//===----------------------------------------------------------------------===//

//===----------------------------------------------------------------------===//
// Constants and the boundary between floats, reals and integers
//===----------------------------------------------------------------------===//

def Sumac_ConstantOp : Sumac_Op<"constant", [ConstantLike,
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface, ["getStoredBits"]>]> {
  let summary = "hold a coded constant";
  let description = [{
    The value is what the coding decodes to: exact reals, or integers where the
    coding is integral and has exponent 0. `storage` says how the codes lie where
    the user or a target chose that.

    Example:

    ```mlir
    %w = sumac.constant #sumac.uniform<dense<[[1, -2]]> : tensor<1x2xsi8>, bits = 4> -> tensor<1x2xsi4>
    ```
  }];
  let arguments = (ins Sumac_CodingAttrInterface:$value,
    OptionalAttr<Sumac_StorageAttrInterface>:$storage);
  let results = (outs Sumac_RealOrIntegerTensor:$result);
  let assemblyFormat = "$value (`storage` `(` $storage^ `)`)? attr-dict `->` type($result)";
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "::sumac::CodingAttrInterface":$value), [{
    build($_builder, $_state, type, value, ::sumac::StorageAttrInterface());
  }]>];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Sumac_FromFloatOp : Sumac_Op<"from_float", [SameOperandsAndResultShape]> {
  let summary = "take floats as the exact reals that they are";
  let arguments = (ins Sumac_FloatTensor:$input);
  let results = (outs Sumac_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def Sumac_ToFloatOp : Sumac_Op<"to_float", [SameOperandsAndResultShape]> {
  let summary = "round reals to the nearest floats, ties to even";
  let arguments = (ins Sumac_RealTensor:$input);
  let results = (outs Sumac_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def Sumac_EncodeOp : Sumac_TileableOp<"encode", [SameOperandsAndResultShape,
    DeclareOpInterfaceMethods<Sumac_GridOpInterface>,
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface>]> {
  let summary = "give the codes of the nearest grid points";
  let description = [{
    code = clamp(round(x / scale) + zero_point, min, max), as ONNX
    QuantizeLinear does; with `zero_point_first`
    code = clamp(round(x / scale + zero_point), min, max), as QONNX Quant does.
    On a bipolar grid code = +1 if x / scale + zero_point >= 0 else -1.
    A NaN is taken as minus infinity.
  }];
  let arguments = (ins Sumac_RealOrFloatTensor:$input, Sumac_GridAttr:$grid,
    Sumac_RoundingModeAttr:$rounding, UnitProp:$zero_point_first);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = [{
    $input `,` $grid `,` $rounding (`zero_point_first` $zero_point_first^)? attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Sumac_DecodeOp : Sumac_TileableOp<"decode", [SameOperandsAndResultShape,
    DeclareOpInterfaceMethods<Sumac_GridOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface>]> {
  let summary = "give the values of codes";
  let description = [{
    value = (code - zero_point) * scale + offset. The grid's bounds do not
    matter. A float result is the exact value rounded once, to nearest even.
  }];
  let arguments = (ins Sumac_IntegerTensor:$input, Sumac_GridAttr:$grid,
    OptionalAttr<Sumac_ExactArrayAttr>:$offset);
  let results = (outs Sumac_RealOrFloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $grid (`offset` $offset^)? attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Sumac_QuantizeOp : Sumac_Op<"quantize", [SameOperandsAndResultType,
    DeclareOpInterfaceMethods<Sumac_GridOpInterface>]> {
  let summary = "move reals to the nearest grid points";
  let description = [{
    The same as `sumac.decode` of `sumac.encode`: all forms of quantization in
    ONNX and QONNX normalize to it.

    Example:

    ```mlir
    %q = sumac.quantize %x, <ui8, scale = <["0x1.01p-8"]>, zero_point = <["0x0p+0"]>>, half_even
         : tensor<?x784x!sumac.real>
    ```
  }];
  let arguments = (ins Sumac_RealTensor:$input, Sumac_GridAttr:$grid,
    Sumac_RoundingModeAttr:$rounding, UnitProp:$zero_point_first);
  let results = (outs Sumac_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $grid `,` $rounding (`zero_point_first` $zero_point_first^)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

def Sumac_LinearOp : Sumac_TileableOp<"linear", [
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface>]> {
  let summary = "multiply by a weight matrix and add a bias";
  let description = [{
    y[..., n] = sum over k of x[..., k] * w[n, k] + bias[n], exactly. All tensors
    are real, or all are integers; an integer result must be wide enough for
    every sum that the weights and the input's type allow.

    `form` says how a target computes it; a cost model or the user writes it.

    Example:

    ```mlir
    %a = sumac.linear %x, %w bias(%b)
         : (tensor<?x784xui8>, tensor<300x784xsi4>, tensor<300xsi16>) -> tensor<?x300xsi20>
    ```
  }];
  let arguments = (ins Sumac_RealOrIntegerTensor:$input, Sumac_RealOrIntegerTensor:$weights,
    Optional<Sumac_RealOrIntegerTensor>:$bias, OptionalAttr<Sumac_FormAttrInterface>:$form);
  let results = (outs Sumac_RealOrIntegerTensor:$result);
  let assemblyFormat = [{
    $input `,` $weights (`bias` `(` $bias^ `)`)? (`form` `(` $form^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Sumac_BatchNormOp : Sumac_Op<"batch_norm", [AllTypesMatch<["input", "result"]>]> {
  let summary = "normalize by constant mean and variance";
  let description = [{
    y = (x - mean) * scale / sqrt(variance + epsilon) + offset, per channel of
    dimension `axis`. The square root is exact: results may be irrational.
  }];
  let arguments = (ins Sumac_RealTensor:$input, ElementsAttr:$scale, ElementsAttr:$offset,
    ElementsAttr:$mean, ElementsAttr:$variance, Sumac_ExactArrayAttr:$epsilon,
    DefaultValuedAttr<I64Attr, "1">:$axis);
  let results = (outs Sumac_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` `scale` `(` $scale `)` `offset` `(` $offset `)` `mean` `(` $mean `)`
    `variance` `(` $variance `)` `epsilon` $epsilon (`axis` $axis^)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

class Sumac_BinaryOp<string mnemonic, string what> : Sumac_Op<mnemonic, [
    DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = what;
  let description = [{ Shapes broadcast as in NumPy. }];
  let arguments = (ins Sumac_RealTensor:$lhs, Sumac_RealTensor:$rhs);
  let results = (outs Sumac_RealTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasFolder = 1;
}

def Sumac_AddOp : Sumac_BinaryOp<"add", "add">;
def Sumac_SubOp : Sumac_BinaryOp<"sub", "subtract">;
def Sumac_MulOp : Sumac_BinaryOp<"mul", "multiply">;
def Sumac_DivOp : Sumac_BinaryOp<"div", "divide; the divisor must not be zero"> {
  let hasVerifier = 1;
}

class Sumac_UnaryOp<string mnemonic, dag extra = (ins)> : Sumac_Op<mnemonic, [SameOperandsAndResultType]> {
  let arguments = !con((ins Sumac_RealTensor:$input), extra);
  let results = (outs Sumac_RealTensor:$result);
}

def Sumac_ReluOp : Sumac_UnaryOp<"relu"> {
  let summary = "max(x, 0)";
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}
def Sumac_LeakyReluOp : Sumac_UnaryOp<"leaky_relu", (ins Sumac_ExactArrayAttr:$alpha)> {
  let summary = "x where x >= 0, else alpha * x";
  let description = [{ `alpha` has one entry. }];
  let assemblyFormat = "$input `alpha` $alpha attr-dict `:` type($result)";
  let hasVerifier = 1;
}
def Sumac_ClipOp : Sumac_UnaryOp<"clip", (ins OptionalAttr<Sumac_ExactArrayAttr>:$min, OptionalAttr<Sumac_ExactArrayAttr>:$max)> {
  let summary = "min(max(x, min), max)";
  let description = [{ `min` and `max` have one entry each; either may be absent. As in ONNX, `max` wins where min > max. }];
  let assemblyFormat = "$input (`min` $min^)? (`max` $max^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}
def Sumac_SigmoidOp : Sumac_UnaryOp<"sigmoid"> {
  let summary = "1 / (1 + exp(-x))";
  let assemblyFormat = "$input attr-dict `:` type($result)";
}
def Sumac_TanhOp : Sumac_UnaryOp<"tanh"> {
  let summary = "hyperbolic tangent";
  let assemblyFormat = "$input attr-dict `:` type($result)";
}
def Sumac_PowerOp : Sumac_UnaryOp<"power", (ins Sumac_ExactArrayAttr:$exponent)> {
  let summary = "x to a constant power";
  let description = [{ `exponent` has one entry. x must be positive unless the exponent is an integer. }];
  let assemblyFormat = "$input `exponent` $exponent attr-dict `:` type($result)";
  let hasVerifier = 1;
}
def Sumac_MultiThresholdOp : Sumac_UnaryOp<"multi_threshold", (ins ElementsAttr:$thresholds,
    Sumac_ExactArrayAttr:$scale, Sumac_ExactArrayAttr:$offset, DefaultValuedAttr<I64Attr, "1">:$axis)> {
  let summary = "count the thresholds reached (QONNX MultiThreshold)";
  let description = [{
    y = scale * #{t : x >= thresholds[c, t]} + offset for channel c of dimension
    `axis`. `thresholds` is [channels, steps] or [1, steps]; `scale` and `offset`
    have one entry each.
  }];
  let assemblyFormat = "$input `,` $thresholds `scale` $scale `offset` $offset (`axis` $axis^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sumac_SoftmaxOp : Sumac_UnaryOp<"softmax", (ins I64Attr:$axis)> {
  let summary = "exp(x) normalized to sum one along a dimension";
  let assemblyFormat = "$input `axis` $axis attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sumac_ArgMaxOp : Sumac_Op<"argmax", [
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface>]> {
  let summary = "position of the largest element along a dimension";
  let description = [{
    Of equal elements the first counts, the last with `select_last`. The
    dimension stays with size 1 where `keep_dims` is set.
  }];
  let arguments = (ins Sumac_RealOrIntegerTensor:$input, I64Attr:$axis, UnitProp:$keep_dims, UnitProp:$select_last);
  let results = (outs Sumac_IntegerTensor:$result);
  let assemblyFormat = [{
    $input `axis` $axis (`keep_dims` $keep_dims^)? (`select_last` $select_last^)? attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Sumac_ReduceMaxOp : Sumac_Op<"reduce_max", [
    DeclareOpInterfaceMethods<Sumac_IntegerRangeOpInterface>,
    DeclareOpInterfaceMethods<Sumac_CostOpInterface>]> {
  let summary = "largest element along a dimension, which stays with size 1";
  let arguments = (ins Sumac_RealOrIntegerTensor:$input, I64Attr:$axis);
  let results = (outs Sumac_RealOrIntegerTensor:$result);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
