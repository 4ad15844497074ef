//===- ExpandPlanes.cpp - Layers of truncated codes
//-------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-expand-planes`: W (x & mask) = (W (x >> s)) << s, so a layer of
// truncated codes is a layer of fewer bits.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <numeric>

namespace sumac {
#define GEN_PASS_DEF_EXPANDPLANES
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

namespace {
/// Truncated codes as (code << shift) - offset, `code` having no sign.
struct ShortCodes {
  Value codes;
  unsigned shift = 0;
  int64_t offset = 0;
};
} // namespace

static FailureOr<ShortCodes> shorten(OpBuilder &builder, TruncatePlanesOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  auto element = cast<IntegerType>(type.getElementType());
  if (element.getWidth() > 62)
    return op.emitOpError(
        "has codes of more than 62 bits, which no target shifts");
  ShortCodes result;
  result.shift = op.getShift();
  if (element.isSigned())
    result.offset = int64_t(1) << (element.getWidth() - 1);
  if (result.shift == 0 && result.offset == 0) {
    result.codes = op.getInput();
    return result;
  }
  unsigned bits = element.getWidth() - result.shift;
  auto shortType =
      IntegerType::get(op.getContext(), bits, IntegerType::Unsigned);
  result.codes =
      RequantizeOp::create(builder, op.getLoc(), type.clone(shortType),
                           op.getInput(), builder.getDenseI64ArrayAttr({1}),
                           builder.getDenseI64ArrayAttr({result.offset}),
                           builder.getDenseI64ArrayAttr({result.shift}),
                           builder.getI64IntegerAttr(0),
                           builder.getI64IntegerAttr((int64_t(1) << bits) - 1));
  return result;
}

/// y = (codes << shift) - offset, where codes are used as they are.
static Value lengthen(OpBuilder &builder, TruncatePlanesOp op,
                      const ShortCodes &parts) {
  MLIRContext *context = builder.getContext();
  return CombineOp::create(
      builder, op.getLoc(), op.getType(), parts.codes,
      makeTable(context, {1, 1}, {int64_t(1) << parts.shift}),
      makeTable(context, {1}, {-parts.offset}));
}

/// What a combine adds: the bias, less what the offset of the codes adds.
static FailureOr<SmallVector<int64_t>>
getAddends(LinearOp layer, CodingAttrInterface weights, int64_t offset) {
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  SmallVector<int64_t> result(outputs), row(inputs);
  if (layer.getBias())
    cast<CodingAttrInterface>(
        layer.getBias().getDefiningOp<ConstantOp>().getValue())
        .decodeIntegers(0, result);
  for (int64_t n = 0; n < outputs && offset != 0; ++n) {
    weights.decodeIntegers(n * inputs, row);
    Int128 sum = std::accumulate(row.begin(), row.end(), Int128(0)) * offset;
    Int128 addend = Int128(result[n]) - sum;
    if (sum < INT64_MIN || sum > INT64_MAX || addend < INT64_MIN ||
        addend > INT64_MAX)
      return layer.emitError(
          "its sums of bit planes may need more than 64 bits");
    result[n] = static_cast<int64_t>(addend);
  }
  return result;
}

/// The layer on short codes; a null value where its operands are not constant.
static FailureOr<Value> rebuild(LinearOp layer, const ShortCodes &parts) {
  auto constant = layer.getWeights().getDefiningOp<ConstantOp>();
  if (!constant ||
      (layer.getBias() && !layer.getBias().getDefiningOp<ConstantOp>()))
    return Value();
  CodingAttrInterface weights = constant.getValue();
  FailureOr<SmallVector<int64_t>> addends =
      getAddends(layer, weights, parts.offset);
  if (failed(addends))
    return failure();
  std::optional<ChannelRanges> codes = inferRangesFromProducer(parts.codes);
  if (!codes || codes->empty())
    codes = ChannelRanges{*getTypeRange(parts.codes.getType())};
  std::optional<ChannelRanges> sums = inferSumRanges(weights, *codes);
  if (!sums || sums->empty())
    return layer.emitError("its sums of bit planes may need more than 64 bits");
  OpBuilder builder(layer);
  MLIRContext *context = builder.getContext();
  auto type = cast<RankedTensorType>(layer.getType());
  auto narrow = LinearOp::create(
      builder, layer.getLoc(),
      type.clone(getSignedType(context, getHull(*sums))), parts.codes, constant,
      /*bias=*/Value(), FormAttrInterface());
  narrow->setDiscardableAttrs(layer->getDiscardableAttrDictionary());
  narrow.setFormAttr(layer.getFormAttr());
  return CombineOp::create(
             builder, layer.getLoc(), type, narrow.getResult(),
             makeTable(context, {1, 1}, {int64_t(1) << parts.shift}),
             makeTable(context, {static_cast<int64_t>(addends->size())},
                       *addends))
      .getResult();
}

static LogicalResult expand(TruncatePlanesOp op) {
  OpBuilder builder(op);
  FailureOr<ShortCodes> parts = shorten(builder, op);
  if (failed(parts))
    return failure();
  for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
    auto layer = dyn_cast<LinearOp>(user);
    if (!layer || layer.getInput() != op.getResult())
      continue;
    FailureOr<Value> sums = rebuild(layer, *parts);
    if (failed(sums))
      return failure();
    if (!*sums)
      continue;
    layer.getResult().replaceAllUsesWith(*sums);
    layer.erase();
  }
  if (!op.use_empty())
    op.getResult().replaceAllUsesWith(lengthen(builder, op, *parts));
  op.erase();
  return success();
}

namespace {
struct ExpandPlanes : public sumac::impl::ExpandPlanesBase<ExpandPlanes> {
  void runOnOperation() override {
    SmallVector<TruncatePlanesOp> truncations;
    getOperation().walk(
        [&](TruncatePlanesOp op) { truncations.push_back(op); });
    for (TruncatePlanesOp op : truncations)
      if (failed(expand(op)))
        return signalPassFailure();
  }
};
} // namespace
