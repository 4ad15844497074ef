//===- Quantizers.cpp - Quantizers of the integer conversion --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quantizer closes a chain of scalar operations: encode, decode, quantize.
// What the chain does to the integers is computed in EmitCodes.cpp.
//
//===----------------------------------------------------------------------===//

#include "IntegerConverter.h"

using namespace mlir;
using namespace sumac;

/// Shape and maps of a grid for a tensor: blocks are spelled out per element.
static std::pair<SmallVector<int64_t>, std::vector<Affine>>
getGridMaps(GridAttr grid, ArrayRef<int64_t> tensorShape,
            ArrayRef<Affine> entries) {
  SmallVector<int64_t> shape(grid.getShape());
  ArrayRef<int64_t> trailing = tensorShape.take_back(shape.size());
  bool blocked = false;
  for (auto [size, block, dim] :
       llvm::zip_equal(shape, grid.getBlock(), trailing))
    if (block > 1) {
      size = dim;
      blocked = true;
    }
  if (!blocked)
    return {shape, std::vector<Affine>(entries.begin(), entries.end())};
  std::vector<Affine> maps;
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, count = ShapedType::getNumElements(shape); i < count;
       ++i, advanceIndex(shape, index))
    maps.push_back(entries[grid.getScaleIndex(index)]);
  return {shape, std::move(maps)};
}

LogicalResult IntegerConverter::applyGrid(Expression &codes, GridAttr grid,
                                          ExactArrayAttr offset,
                                          Operation *op) {
  std::optional<std::vector<Real>> scales = parseExact(grid.getScale()),
                                   zeroPoints = parseExact(grid.getZeroPoint());
  std::optional<std::vector<Real>> offsets =
      offset ? parseExact(offset) : std::vector<Real>(1);
  if (!scales || !zeroPoints || !offsets)
    return op->emitError("a scale, zero point or offset is not a number");
  std::vector<Affine> entries;
  for (auto [i, scale] : llvm::enumerate(*scales)) {
    const Real &zeroPoint = (*zeroPoints)[zeroPoints->size() == 1 ? 0 : i];
    entries.push_back({scale, -(scale * zeroPoint)});
  }
  auto [shape, maps] = getGridMaps(grid, codes.getType().getShape(), entries);
  if (failed(applyAffine(codes, shape, maps, op)))
    return failure();
  std::vector<Affine> shifts;
  for (const Real &value : *offsets)
    shifts.push_back({Real(1), value});
  return applyAffine(codes, {static_cast<int64_t>(shifts.size())}, shifts, op);
}

FailureOr<Expression> IntegerConverter::quantize(const Expression &expression,
                                                 GridAttr grid,
                                                 RoundingMode rounding,
                                                 bool zeroPointFirst,
                                                 Operation *op) {
  // Float constants: their codes, at once.
  CodingAttrInterface constant = expression.getConstant();
  if (constant && !constant.isIntegral() && expression.isUniform() &&
      expression.functions.front().operations().empty()) {
    FailureOr<ConstantOp> codes =
        encodeConstant(builder, expression.source.getLoc(), constant, grid,
                       rounding, zeroPointFirst);
    if (failed(codes))
      return failure();
    return makeSource(
        codes->getResult(),
        {codes->getValue().getRange(0, codes->getType().getNumElements())});
  }
  std::optional<std::vector<Real>> scales = parseExact(grid.getScale()),
                                   zeroPoints = parseExact(grid.getZeroPoint());
  if (!scales || !zeroPoints)
    return op->emitError("the quantizer's scale or zero point is not a number");
  if (llvm::any_of(grid.getBlock(), [](int64_t block) { return block > 1; }))
    return op->emitError(
        "quantizes activations in blocks, which is not supported");
  // A float input that goes to codes at once needs no steps.
  if (expression.isFloat() && expression.isUniform() &&
      expression.functions.front().operations().empty()) {
    IntegerRange range{grid.getMin(), grid.getMax()};
    auto type = RankedTensorType::get(expression.getType().getShape(),
                                      getNarrowType(op->getContext(), range));
    auto encode = EncodeOp::create(
        builder, op->getLoc(), type, expression.source, grid,
        RoundingModeAttr::get(op->getContext(), rounding), zeroPointFirst);
    return makeSource(encode.getResult(), {range});
  }
  Expression codes = expression;
  if (failed(codes.broadcastFunctions(scales->size() == 1 ? ArrayRef<int64_t>()
                                                          : grid.getShape())))
    return op->emitError(
        "the quantizer's scales do not broadcast to the tensor");
  SmallVector<int64_t> index(codes.functionShape.size(), 0);
  ArrayRef<int64_t> gridShape =
      scales->size() == 1 ? ArrayRef<int64_t>() : grid.getShape();
  while (gridShape.size() > codes.functionShape.size())
    gridShape = gridShape.drop_front();
  for (ScalarFunction &scalar : codes.functions) {
    int64_t i = getBroadcastIndex(gridShape, index);
    Quantizer quantizer{
        (*scales)[i],     (*zeroPoints)[zeroPoints->size() == 1 ? 0 : i],
        zeroPointFirst,   grid.getMin(),
        grid.getMax(),    rounding,
        grid.getBipolar()};
    if (!scalar.toCode(quantizer))
      return op->emitError(
          "the quantizer's scale or zero point cannot be used");
    advanceIndex(codes.functionShape, index);
  }
  return emitCodes(std::move(codes), {grid.getMin(), grid.getMax()}, op);
}

LogicalResult IntegerConverter::convertEncode(EncodeOp op) {
  bool fromFloat = isa<FloatType>(
      cast<RankedTensorType>(op.getInput().getType()).getElementType());
  if (fromFloat)
    define(op.getInput(), makeSource(op.getInput()));
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  FailureOr<Expression> codes = quantize(*input, op.getGrid(), op.getRounding(),
                                         op.getZeroPointFirst(), op);
  if (failed(codes))
    return failure();
  define(op.getResult(), std::move(*codes));
  return success();
}

LogicalResult IntegerConverter::convertQuantize(QuantizeOp op) {
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  FailureOr<Expression> codes = quantize(*input, op.getGrid(), op.getRounding(),
                                         op.getZeroPointFirst(), op);
  if (failed(codes) ||
      failed(applyGrid(*codes, op.getGrid(), /*offset=*/nullptr, op)))
    return failure();
  define(op.getResult(), std::move(*codes));
  return success();
}

LogicalResult IntegerConverter::convertDecode(DecodeOp op) {
  const Expression *input = lookup(op.getInput(), op);
  if (!input)
    return failure();
  Expression value = *input;
  if (failed(applyGrid(value, op.getGrid(), op.getOffsetAttr(), op)))
    return failure();
  if (isa<RealType>(op.getType().getElementType())) {
    define(op.getResult(), std::move(value));
    return success();
  }
  FailureOr<Value> decoded = decode(value, op.getType().getElementType(), op);
  if (failed(decoded))
    return failure();
  op.getResult().replaceAllUsesWith(*decoded);
  return success();
}
