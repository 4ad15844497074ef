//===- StreamTypes.td - Types of the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMTYPES
#define SUMAC_DIALECT_STREAM_IR_STREAMTYPES

include "mlir/IR/AttrTypeBase.td"
include "sumac/Dialect/Stream/IR/StreamDialect.td"

def Stream_ChannelType : TypeDef<Stream_Dialect, "Channel"> {
  let mnemonic = "channel";
  let summary = "a FIFO between two processes";
  let description = [{
    Carries frames of `elements` integers. An item, what is read or written in
    one cycle, holds `lanes` neighbours, the first in the lowest bits; `lanes`
    divides `elements`.

    Example: `!stream.channel<784 x ui8, lanes = 16>` has 49 items of 128 bits a
    frame.
  }];
  let parameters = (ins "int64_t":$elements, "::mlir::IntegerType":$elementType, "int64_t":$lanes);
  let assemblyFormat = "`<` $elements `x` $elementType `,` `lanes` `=` $lanes `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Items of one frame.
    int64_t getItems() const { return getElements() / getLanes(); }
    /// Bits of one item.
    int64_t getItemBits() const { return getLanes() * getElementType().getWidth(); }
    /// The tensor that holds a frame.
    ::mlir::RankedTensorType getFrameType() const {
      return ::mlir::RankedTensorType::get({1, getElements()}, getElementType());
    }
    ChannelType withLanes(int64_t lanes) const { return get(getContext(), getElements(), getElementType(), lanes); }
  }];
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMTYPES
