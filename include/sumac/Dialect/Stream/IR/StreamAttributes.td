//===- StreamAttributes.td - Units of the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMATTRIBUTES
#define SUMAC_DIALECT_STREAM_IR_STREAMATTRIBUTES

include "mlir/IR/AttrTypeBase.td"
include "sumac/Dialect/Stream/IR/StreamDialect.td"
include "sumac/Dialect/Stream/IR/StreamEnums.td"
include "sumac/Dialect/Stream/IR/StreamInterfaces.td"

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

class Stream_UnitAttr<string name> : AttrDef<Stream_Dialect, name # "Unit",
    [DeclareAttrInterfaceMethods<Stream_UnitAttrInterface>]>;

def Stream_FoldedUnitAttr : Stream_UnitAttr<"Folded"> {
  let mnemonic = "folded";
  let summary = "a matrix-vector unit of `pe` processing elements with `simd` inputs each";
  let description = [{
    For a body that begins with one `sumac.linear` of N outputs and K inputs and
    goes on elementwise. A frame takes N / pe * K / simd steps: the input is
    read, `simd` elements a step, in the first K / simd steps and kept; `pe`
    outputs are written in the last step of each of the N / pe groups. The form
    of the `sumac.linear` says what a processing element does.
  }];
  let parameters = (ins "int64_t":$pe, "int64_t":$simd,
    EnumParameter<Stream_Memory>:$memory,
    EnumParameter<Stream_Multiplier>:$multiplier);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Stream_UnrolledUnitAttr : Stream_UnitAttr<"Unrolled"> {
  let mnemonic = "unrolled";
  let summary = "a layer as one adder graph, a frame a step";
  let description = [{
    For a body that begins with one `sumac.linear` and goes on elementwise. All
    elements of a frame arrive and leave in one item. Registers are put behind
    every `adders_per_stage` additions. `depth` is the most additions from an
    input to an output of the graph, `adder_bits` the sum of the widths of all
    adders.
  }];
  let parameters = (ins "int64_t":$adders_per_stage, "int64_t":$depth, "int64_t":$adder_bits);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// The unit of a layer; builds its graph.
    static UnrolledUnitAttr getFor(::sumac::LinearOp linear);
  }];
}

def Stream_ElementwiseUnitAttr : Stream_UnitAttr<"Elementwise"> {
  let mnemonic = "elementwise";
  let summary = "computes `lanes` elements of the result from as many of each operand, each step";
  let parameters = (ins "int64_t":$lanes,
    EnumParameter<Stream_Multiplier>:$multiplier);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMATTRIBUTES
