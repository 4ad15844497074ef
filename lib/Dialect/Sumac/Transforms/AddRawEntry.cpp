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

/// Whether an encoder does the same to every element, wherever it lies.
static bool isPerTensor(Operation *encoder) {
  if (auto encode = dyn_cast<EncodeOp>(encoder))
    return encode.getGrid().isPerTensor();
  auto threshold = dyn_cast<ThresholdOp>(encoder);
  return threshold && threshold.getThresholds().getShapedType().getDimSize(0) == 1 &&
         (!threshold.getDecreasing() || threshold.getDecreasing()->size() == 1);
}

/// Encodes an argument in front of a reshape where it was encoded behind it.
static void encodeFirst(BlockArgument argument) {
  auto tensor = dyn_cast<RankedTensorType>(argument.getType());
  if (!tensor || !isa<FloatType>(tensor.getElementType()) || !argument.hasOneUse())
    return;
  Operation *reshape = *argument.getUsers().begin();
  if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(reshape) || !reshape->getResult(0).hasOneUse())
    return;
  Operation *encoder = *reshape->getResult(0).getUsers().begin();
  if (!isPerTensor(encoder))
    return;
  Value codes = encoder->getResult(0);
  auto code = cast<RankedTensorType>(codes.getType()).getElementType();
  encoder->moveBefore(reshape);
  codes.replaceAllUsesWith(reshape->getResult(0));
  encoder->setOperand(0, argument);
  codes.setType(tensor.clone(code));
  reshape->setOperand(0, codes);
  reshape->getResult(0).setType(cast<RankedTensorType>(reshape->getResult(0).getType()).clone(code));
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

SmallVector<Operation *> sumac::getFloatTail(Value result) {
  SmallVector<Operation *> tail;
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || !isa<FloatType>(type.getElementType()))
    return {};
  while (!isa<IntegerType>(type.getElementType())) {
    Operation *op = result.getDefiningOp();
    if (!op || op->getNumOperands() != 1 || op->getNumResults() != 1)
      return {};
    tail.push_back(op);
    result = op->getOperand(0);
    auto input = dyn_cast<RankedTensorType>(result.getType());
    if (!input || input.getShape() != type.getShape())
      return {};
    type = input;
  }
  return tail;
}

static void makeResultsRaw(func::FuncOp function) {
  Operation *terminator = function.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands()) {
    SmallVector<Operation *> tail = getFloatTail(operand.get());
    if (tail.empty())
      continue;
    if (auto decode = dyn_cast<DecodeOp>(tail.front()); decode && tail.size() == 1) {
      function.setResultAttr(operand.getOperandNumber(), "sumac.grid", decode.getGrid());
      if (ExactArrayAttr offset = decode.getOffsetAttr())
        function.setResultAttr(operand.getOperandNumber(), "sumac.offset", offset);
    }
    operand.set(tail.back()->getOperand(0));
    for (Operation *op : tail)
      if (op->use_empty())
        op->erase();
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
    for (BlockArgument argument : main.getArguments())
      encodeFirst(argument);
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
