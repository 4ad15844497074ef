//===- StreamOps.td - Operations of the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMOPS
#define SUMAC_DIALECT_STREAM_IR_STREAMOPS

include "mlir/IR/OpBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sumac/Dialect/Stream/IR/StreamAttributes.td"
include "sumac/Dialect/Stream/IR/StreamTypes.td"

class Stream_Op<string mnemonic, list<Trait> traits = []> : Op<Stream_Dialect, mnemonic, traits>;

class Stream_ProcessLikeOp<string mnemonic, list<Trait> traits = []> : Stream_Op<mnemonic, !listconcat([
    DeclareOpInterfaceMethods<Stream_StreamOpInterface, ["getSchedule", "getResources", "getProcessName"]>], traits)>;

def Stream_NetworkOp : Stream_Op<"network", [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator]> {
  let summary = "processes that run at once";
  let description = [{
    The arguments of the body are the input channels, the operands of the
    `stream.output` at its end the output channels. Every channel has exactly
    one reader. Once FIFOs are sized (`stream-size-fifos`), every channel
    passes through one `stream.fifo`.

    Example:

    ```mlir
    stream.network @tfc {
    ^bb0(%x: !stream.channel<784 x ui2, lanes = 16>):
      %h = stream.process "fc1" (%x) unit(#stream.folded<pe = 8, simd = 16, memory = bram, multiplier = lut>)
           : (!stream.channel<784 x ui2, lanes = 16>) -> !stream.channel<64 x ui2, lanes = 8> {
      ^bb0(%v: tensor<1x784xui2>):
        ...
        stream.yield %r : tensor<1x64xui2>
      }
      stream.output %h : !stream.channel<64 x ui2, lanes = 8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The output channels.
    OutputOp getOutput();
  }];
}

def Stream_OutputOp : Stream_Op<"output", [Terminator, HasParent<"NetworkOp">]> {
  let summary = "the channels that leave a network";
  let arguments = (ins Variadic<Stream_ChannelType>:$channels);
  let assemblyFormat = "($channels^ `:` type($channels))? attr-dict";
}

def Stream_ProcessOp : Stream_ProcessLikeOp<"process", [IsolatedFromAbove, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "a process that computes a frame from one frame of each operand";
  let description = [{
    The body says what is computed: operations of the `sumac` dialect on tensors
    of shape [1, elements]. `unit` says how. `name` is that of the ONNX node.
  }];
  let arguments = (ins StrAttr:$name, Variadic<Stream_ChannelType>:$inputs, Stream_UnitAttrInterface:$unit);
  let results = (outs Stream_ChannelType:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `(` $inputs `)` `unit` `(` $unit `)` attr-dict `:` functional-type($inputs, $result) $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Stream_YieldOp : Stream_Op<"yield", [Pure, Terminator, HasParent<"ProcessOp">]> {
  let summary = "the frame that a process computed";
  let arguments = (ins AnyRankedTensor:$frame);
  let assemblyFormat = "$frame attr-dict `:` type($frame)";
}

def Stream_ForkOp : Stream_ProcessLikeOp<"fork", [HasParent<"NetworkOp">]> {
  let summary = "copies a channel";
  let description = [{ Every item read is written to all results in the same step. }];
  let arguments = (ins Stream_ChannelType:$input);
  let results = (outs Variadic<Stream_ChannelType>:$results);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($results)";
  let hasVerifier = 1;
}

def Stream_ResizeOp : Stream_ProcessLikeOp<"resize", [HasParent<"NetworkOp">]> {
  let summary = "changes how many elements an item holds";
  let description = [{
    The lanes of one side divide those of the other. A step reads or writes an
    item of the narrower side.
  }];
  let arguments = (ins Stream_ChannelType:$input);
  let results = (outs Stream_ChannelType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Stream_FifoOp : Stream_Op<"fifo", [AllTypesMatch<["input", "result"]>, HasParent<"NetworkOp">]> {
  let summary = "a buffer of `depth` items";
  let description = [{
    Takes an item in every cycle at whose start it holds less than `depth`, and
    gives one in every cycle at whose start it holds one.
  }];
  let arguments = (ins Stream_ChannelType:$input, I64Attr:$depth);
  let results = (outs Stream_ChannelType:$result);
  let assemblyFormat = "$input `,` `depth` `=` $depth attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMOPS
