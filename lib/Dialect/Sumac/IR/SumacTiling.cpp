//===- SumacTiling.cpp - TilingInterface of the integer operations --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How operations are cut into tiles. Every loop runs over one dimension of the
// result and is parallel; sums over the features of a layer stay whole.
//
// Operands are cut by tensor.extract_slice. Attributes with one entry per
// channel can only be cut where the tile's place among the channels is static
// (transform.structured.split) or the channels are not tiled; anything else
// fails, which the tiling driver reports.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace sumac;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

namespace {
/// A box in the result.
struct Tile {
  RankedTensorType type; // of the whole result
  ArrayRef<OpFoldResult> offsets, sizes;

  bool isWhole(int64_t dim) const {
    return isConstantIntValue(offsets[dim], 0) && !type.isDynamicDim(dim) &&
           isConstantIntValue(sizes[dim], type.getDimSize(dim));
  }
  /// The static extent along a dimension, if it has one.
  std::optional<std::pair<int64_t, int64_t>> getExtent(int64_t dim) const {
    std::optional<int64_t> offset = getConstantIntValue(offsets[dim]);
    std::optional<int64_t> size = getConstantIntValue(sizes[dim]);
    if (!offset || !size || *offset < 0 || *size < 1 ||
        type.isDynamicDim(dim) || *offset > type.getDimSize(dim) - *size)
      return std::nullopt;
    return std::make_pair(*offset, *size);
  }
  std::optional<std::pair<int64_t, int64_t>> getChannels() const {
    if (type.getRank() == 0)
      return std::make_pair(0, 1);
    return getExtent(type.getRank() - 1);
  }
  /// Whether arrays of so many entries, one per channel, can be cut.
  bool cuts(size_t entries) const { return entries == 1 || getChannels(); }
};
} // namespace

static RankedTensorType getTileType(RankedTensorType whole,
                                    ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  return RankedTensorType::get(shape, whole.getElementType());
}

/// The tile of an operand; the operand itself where the tile is all of it, so
/// that constants stay visible.
static Value cutOperand(OpBuilder &builder, Location loc, Value operand,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVectorImpl<Operation *> &slices) {
  auto type = cast<RankedTensorType>(operand.getType());
  Tile tile{type, offsets, sizes};
  if (llvm::all_of(llvm::seq<int64_t>(0, type.getRank()),
                   [&](int64_t dim) { return tile.isWhole(dim); }))
    return operand;
  SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
  auto slice = tensor::ExtractSliceOp::create(builder, loc, operand, offsets,
                                              sizes, strides);
  slices.push_back(slice);
  return slice;
}

static TilingResult buildTile(OpBuilder &builder, Operation *op,
                              ArrayRef<OpFoldResult> sizes,
                              ArrayRef<Value> operands,
                              ArrayRef<Operation *> slices) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Operation *tiled =
      mlir::clone(builder, op, getTileType(type, sizes), operands);
  return TilingResult{{tiled},
                      SmallVector<Value>(tiled->getResults()),
                      SmallVector<Operation *>(slices)};
}

//===----------------------------------------------------------------------===//
// Attributes of tiles
//===----------------------------------------------------------------------===//

/// The entries that serve a tile's channels.
template <typename T>
static SmallVector<T> cutArray(ArrayRef<T> array, const Tile &tile) {
  if (array.size() == 1)
    return SmallVector<T>(array);
  auto [offset, size] = *tile.getChannels();
  return SmallVector<T>(array.slice(offset, size));
}

static ElementsAttr cutPayload(ElementsAttr payload, unsigned dim,
                               const Tile &tile) {
  if (payload.getShapedType().getDimSize(dim) == 1)
    return payload;
  auto [offset, size] = *tile.getChannels();
  return slicePayload(payload, dim, offset, size);
}

static bool canCut(ThresholdOp op, const Tile &tile) {
  return tile.cuts(op.getThresholds().getShapedType().getDimSize(0)) &&
         tile.cuts(op.getDecreasing() ? op.getDecreasing()->size() : 1);
}
static void cut(ThresholdOp op, const Tile &tile) {
  op.setThresholdsAttr(cutPayload(op.getThresholds(), 0, tile));
  if (op.getDecreasing())
    op.setDecreasing(cutArray(*op.getDecreasing(), tile));
}

static bool canCut(RequantizeOp op, const Tile &tile) {
  return tile.cuts(op.getMultiply().size()) && tile.cuts(op.getAdd().size()) &&
         tile.cuts(op.getShift().size());
}
static void cut(RequantizeOp op, const Tile &tile) {
  op.setMultiply(cutArray(op.getMultiply(), tile));
  op.setAdd(cutArray(op.getAdd(), tile));
  op.setShift(cutArray(op.getShift(), tile));
}

static bool canCut(ClampOp op, const Tile &tile) {
  return tile.cuts(op.getMin().size()) && tile.cuts(op.getMax().size());
}
static void cut(ClampOp op, const Tile &tile) {
  op.setMin(cutArray(op.getMin(), tile));
  op.setMax(cutArray(op.getMax(), tile));
}

// One number for all channels.
static bool canCut(TruncatePlanesOp, const Tile &) { return true; }
static void cut(TruncatePlanesOp, const Tile &) {}

static bool canCut(TableOp op, const Tile &tile) {
  return tile.cuts(op.getTable().getShapedType().getDimSize(0));
}
static void cut(TableOp op, const Tile &tile) {
  op.setTableAttr(cutPayload(op.getTable(), 0, tile));
}

static bool canCut(CombineOp op, const Tile &tile) {
  return tile.cuts(op.getMultiply().getShapedType().getDimSize(1)) &&
         tile.cuts(op.getAdd().getNumElements());
}
static void cut(CombineOp op, const Tile &tile) {
  op.setMultiplyAttr(cutPayload(op.getMultiply(), 1, tile));
  op.setAddAttr(cutPayload(op.getAdd(), 0, tile));
}

//===----------------------------------------------------------------------===//
// Grids of tiles
//===----------------------------------------------------------------------===//

/// The entries [first, first + count) of a grid that serve a tile along one of
/// the grid's dimensions; nullopt where the tile begins inside of a block and
/// ends in another, or its place is not static.
static std::optional<std::pair<int64_t, int64_t>>
getEntries(const Tile &tile, int64_t dim, int64_t entries, int64_t block) {
  if (block == 0 || tile.isWhole(dim))
    return std::make_pair(0, entries);
  auto extent = tile.getExtent(dim);
  if (!extent)
    return std::nullopt;
  auto [offset, size] = *extent;
  int64_t first = offset / block, last = (offset + size - 1) / block;
  if (offset % block != 0 && first != last)
    return std::nullopt;
  return std::make_pair(first, last - first + 1);
}

static GridAttr cutGrid(GridAttr grid, const Tile &tile) {
  ArrayRef<int64_t> shape = grid.getShape();
  int64_t leading = tile.type.getRank() - shape.size();
  SmallVector<size_t> positions = {0};
  SmallVector<int64_t> newShape;
  for (auto [i, entries] : llvm::enumerate(shape)) {
    auto range = getEntries(tile, leading + i, entries, grid.getBlock()[i]);
    if (!range)
      return {};
    newShape.push_back(range->second);
    SmallVector<size_t> next;
    for (size_t position : positions)
      for (int64_t entry = 0; entry < range->second; ++entry)
        next.push_back(position * entries + range->first + entry);
    positions = std::move(next);
  }
  auto select = [&](ExactArrayAttr array) {
    if (array.getValues().size() == 1)
      return array;
    SmallVector<StringAttr> values;
    for (size_t position : positions)
      values.push_back(array.getValues()[position]);
    return ExactArrayAttr::get(grid.getContext(), values);
  };
  return GridAttr::get(grid.getContext(), grid.getStorage(), grid.getMin(),
                       grid.getMax(), grid.getBipolar(),
                       select(grid.getScale()), select(grid.getZeroPoint()),
                       newShape, grid.getBlock());
}

static bool canCut(EncodeOp op, const Tile &tile) {
  return static_cast<bool>(cutGrid(op.getGrid(), tile));
}
static void cut(EncodeOp op, const Tile &tile) {
  op.setGridAttr(cutGrid(op.getGrid(), tile));
}

static bool canCut(DecodeOp op, const Tile &tile) {
  return cutGrid(op.getGrid(), tile) &&
         tile.cuts(op.getOffset() ? op.getOffset()->getValues().size() : 1);
}
static void cut(DecodeOp op, const Tile &tile) {
  op.setGridAttr(cutGrid(op.getGrid(), tile));
  if (op.getOffset())
    op.setOffsetAttr(ExactArrayAttr::get(
        op.getContext(), cutArray(op.getOffset()->getValues(), tile)));
}

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

/// The size of a tensor, read as far up as operations keep it: a producer that
/// is fused is not kept alive by the question for its size.
static OpFoldResult getSize(OpBuilder &builder, Location loc, Value value,
                            int64_t dim) {
  while (Operation *op = value.getDefiningOp()) {
    auto linear = dyn_cast<LinearOp>(op);
    bool keeps = linear
                     ? dim + 1 != linear.getType().getRank()
                     : isa<EncodeOp, DecodeOp, ThresholdOp, RequantizeOp,
                           TableOp, CombineOp, ClampOp, TruncatePlanesOp>(op);
    if (!keeps)
      break;
    value = op->getOperand(0);
  }
  return tensor::getMixedSize(builder, loc, value, dim);
}

/// Sizes of the result, taken from the first operand where they are dynamic.
static SmallVector<OpFoldResult> getElementwiseSizes(OpBuilder &builder,
                                                     Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    sizes.push_back(ShapedType::isDynamic(size)
                        ? getSize(builder, op->getLoc(), op->getOperand(0), dim)
                        : OpFoldResult(builder.getIndexAttr(size)));
  return sizes;
}

static SmallVector<Range> getDomain(OpBuilder &builder,
                                    ArrayRef<OpFoldResult> sizes) {
  SmallVector<Range> domain;
  for (OpFoldResult size : sizes)
    domain.push_back({builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
  return domain;
}

template <typename Op>
static FailureOr<TilingResult> tileElementwise(OpBuilder &builder, Op op,
                                               ArrayRef<OpFoldResult> offsets,
                                               ArrayRef<OpFoldResult> sizes) {
  Tile tile{op.getType(), offsets, sizes};
  if (!canCut(op, tile))
    return failure();
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (Value operand : op->getOperands())
    operands.push_back(
        cutOperand(builder, op.getLoc(), operand, offsets, sizes, slices));
  TilingResult result = buildTile(builder, op, sizes, operands, slices);
  cut(cast<Op>(result.tiledOps.front()), tile);
  return result;
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

/// Rows come from the input, channels from the weights.
static SmallVector<OpFoldResult> getLinearSizes(OpBuilder &builder,
                                                LinearOp op) {
  RankedTensorType type = op.getType();
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    bool isChannel = static_cast<int64_t>(dim) + 1 == type.getRank();
    if (!ShapedType::isDynamic(size))
      sizes.push_back(builder.getIndexAttr(size));
    else if (isChannel)
      sizes.push_back(
          tensor::getMixedSize(builder, op.getLoc(), op.getWeights(), 0));
    else
      sizes.push_back(getSize(builder, op.getLoc(), op.getInput(), dim));
  }
  return sizes;
}

static FailureOr<TilingResult> tileLinear(OpBuilder &builder, LinearOp op,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
  Location loc = op.getLoc();
  OpFoldResult zero = builder.getIndexAttr(0);
  OpFoldResult features =
      tensor::getMixedSize(builder, loc, op.getWeights(), 1);
  SmallVector<Operation *> slices;
  SmallVector<OpFoldResult> inputOffsets(offsets), inputSizes(sizes);
  inputOffsets.back() = zero;
  inputSizes.back() = features;
  SmallVector<Value> operands = {
      cutOperand(builder, loc, op.getInput(), inputOffsets, inputSizes, slices),
      cutOperand(builder, loc, op.getWeights(), {offsets.back(), zero},
                 {sizes.back(), features}, slices)};
  if (op.getBias())
    operands.push_back(cutOperand(builder, loc, op.getBias(), {offsets.back()},
                                  {sizes.back()}, slices));
  return buildTile(builder, op, sizes, operands, slices);
}

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

#define SUMAC_TILEABLE(OP, GET_SIZES, TILE)                                    \
  LogicalResult OP::reifyResultShapes(OpBuilder &builder,                      \
                                      ReifiedRankedShapedTypeDims &shapes) {   \
    shapes.emplace_back(GET_SIZES(builder, *this));                            \
    return success();                                                          \
  }                                                                            \
  SmallVector<Range> OP::getIterationDomain(OpBuilder &builder) {              \
    return getDomain(builder, GET_SIZES(builder, *this));                      \
  }                                                                            \
  SmallVector<utils::IteratorType> OP::getLoopIteratorTypes() {                \
    return SmallVector<utils::IteratorType>(getType().getRank(),               \
                                            utils::IteratorType::parallel);    \
  }                                                                            \
  FailureOr<TilingResult> OP::getTiledImplementation(                          \
      OpBuilder &builder, ArrayRef<OpFoldResult> offsets,                      \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return TILE(builder, *this, offsets, sizes);                               \
  }                                                                            \
  LogicalResult OP::getResultTilePosition(                                     \
      OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,                   \
      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,  \
      SmallVector<OpFoldResult> &resultSizes) {                                \
    resultOffsets.assign(offsets.begin(), offsets.end());                      \
    resultSizes.assign(sizes.begin(), sizes.end());                            \
    return success();                                                          \
  }                                                                            \
  FailureOr<TilingResult> OP::generateResultTileValue(                         \
      OpBuilder &builder, unsigned, ArrayRef<OpFoldResult> offsets,            \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return TILE(builder, *this, offsets, sizes);                               \
  }
SUMAC_TILEABLE(LinearOp, getLinearSizes, tileLinear)
SUMAC_TILEABLE(ThresholdOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(RequantizeOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(TableOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(CombineOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(ClampOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(TruncatePlanesOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(EncodeOp, getElementwiseSizes, tileElementwise)
SUMAC_TILEABLE(DecodeOp, getElementwiseSizes, tileElementwise)
#undef SUMAC_TILEABLE
