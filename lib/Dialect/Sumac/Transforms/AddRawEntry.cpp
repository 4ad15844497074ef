//===- AddRawEntry.cpp - An entry with integers at its boundary -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-add-raw-entry`: clones @main into @main_raw, without the encoding of
// inputs and the decoding of outputs.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace sumac {
#define GEN_PASS_DEF_ADDRAWENTRY
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// The one operation that makes codes from a float argument, or null.
static Operation *getEncoder(BlockArgument argument) {
  auto tensor = dyn_cast<RankedTensorType>(argument.getType());
  if (!tensor || !isa<FloatType>(tensor.getElementType()) ||
      !argument.hasOneUse())
    return nullptr;
  Operation *user = *argument.getUsers().begin();
  return isa<EncodeOp, ThresholdOp>(user) ? user : nullptr;
}

/// What follows was built for the codes that the encoder gives, which may be
/// fewer than those of their type: a bipolar input is never 0 or -2.
static void setRange(func::FuncOp function, BlockArgument argument,
                     Value codes) {
  std::optional<ChannelRanges> ranges = inferRangesFromProducer(codes);
  if (!ranges || ranges->empty())
    return;
  IntegerRange range = getHull(*ranges), all = *getTypeRange(codes.getType());
  if (range.min > all.min || range.max < all.max)
    function.setArgAttr(argument.getArgNumber(), kRangeAttrName,
                        DenseI64ArrayAttr::get(function.getContext(),
                                               {range.min, range.max}));
}

static void makeArgumentsRaw(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments()) {
    Operation *encoder = getEncoder(argument);
    if (!encoder)
      continue;
    argument.setType(encoder->getResult(0).getType());
    if (auto encode = dyn_cast<EncodeOp>(encoder))
      function.setArgAttr(argument.getArgNumber(), "sumac.grid",
                          encode.getGrid());
    setRange(function, argument, encoder->getResult(0));
    encoder->getResult(0).replaceAllUsesWith(argument);
    encoder->erase();
  }
}

static void makeResultsRaw(func::FuncOp function) {
  Operation *terminator = function.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands()) {
    auto decode = operand.get().getDefiningOp<DecodeOp>();
    if (!decode || !isa<FloatType>(decode.getType().getElementType()))
      continue;
    function.setResultAttr(operand.getOperandNumber(), "sumac.grid",
                           decode.getGrid());
    if (ExactArrayAttr offset = decode.getOffsetAttr())
      function.setResultAttr(operand.getOperandNumber(), "sumac.offset",
                             offset);
    operand.set(decode.getInput());
    if (decode->use_empty())
      decode.erase();
  }
}

namespace {
struct AddRawEntry : public sumac::impl::AddRawEntryBase<AddRawEntry> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal() || !main.getBody().hasOneBlock()) {
      getOperation().emitError("expected a function @main of one block");
      return signalPassFailure();
    }
    if (getOperation().lookupSymbol("main_raw"))
      return;
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(main);
    auto raw = cast<func::FuncOp>(builder.clone(*main));
    raw.setName("main_raw");
    makeArgumentsRaw(raw);
    makeResultsRaw(raw);
    Operation *terminator = raw.getBody().front().getTerminator();
    raw.setType(FunctionType::get(&getContext(),
                                  raw.getBody().getArgumentTypes(),
                                  terminator->getOperandTypes()));
  }
};
} // namespace
