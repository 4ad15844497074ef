//===- SumacModelOps.cpp - Operations on exact reals ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers and type inference of the model-level operations. The numbers C1,
// C2, ... are those of the constraints in docs/spec.md.
//
//===----------------------------------------------------------------------===//

#include "Detail.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Traits.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::detail;

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

/// An operation's emitError as verifiers of attributes want it.
static auto emitErrorOf(Operation *op) {
  return [op] { return op->emitOpError(); };
}

/// A static size of a tensor dimension and the number of entries that serve it.
static LogicalResult verifyGridDimension(Operation *op, int64_t dimension,
                                         int64_t entries, int64_t block) {
  if (block == 0)
    return success();
  if (ShapedType::isDynamic(dimension))
    return op->emitOpError("grid has blocks along a dimension of unknown size");
  if (entries == llvm::divideCeilSigned(dimension, block))
    return success();
  return op->emitOpError("grid has ")
         << entries << " entries with block " << block
         << " along a dimension of size " << dimension;
}

static LogicalResult verifyGridShape(Operation *op, GridAttr grid,
                                     RankedTensorType type) {
  ArrayRef<int64_t> shape = grid.getShape();
  if (static_cast<int64_t>(shape.size()) > type.getRank())
    return op->emitOpError("grid of rank ")
           << shape.size() << " does not fit a tensor of rank "
           << type.getRank();
  for (auto [dimension, entries, block] : llvm::zip_equal(
           type.getShape().take_back(shape.size()), shape, grid.getBlock()))
    if (failed(verifyGridDimension(op, dimension, entries, block)))
      return failure();
  return success();
}

/// What quantize and encode ask of a grid beyond its shape.
static LogicalResult verifyQuantizer(Operation *op, GridAttr grid,
                                     bool zeroPointFirst) {
  for (size_t i = 0, e = grid.getScale().getValues().size(); i != e; ++i)
    if (getSign(getExact(grid.getScale(), i)) <= 0)
      return op->emitOpError("scale ")
             << grid.getScale().getValues()[i] << " is not positive";
  if (zeroPointFirst || grid.getBipolar())
    return success();
  for (size_t i = 0, e = grid.getZeroPoint().getValues().size(); i != e; ++i) {
    Real zeroPoint = getExact(grid.getZeroPoint(), i);
    if (!zeroPoint.isRational() || !zeroPoint.asRational().isInteger())
      return op->emitOpError("zero point ")
             << grid.getZeroPoint().getValues()[i]
             << " is no integer; it needs zero_point_first";
  }
  return success();
}

static LogicalResult verifyOneEntry(Operation *op, ExactArrayAttr array,
                                    StringRef name) {
  if (array.getValues().size() == 1)
    return success();
  return op->emitOpError() << name << " must have one entry, has "
                           << array.getValues().size();
}

static LogicalResult verifyAxis(Operation *op, int64_t axis,
                                RankedTensorType type) {
  if (axis >= 0 && axis < type.getRank())
    return success();
  return op->emitOpError("axis ")
         << axis << " is not in [0, " << type.getRank() << ")";
}

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  CodingAttrInterface coding = getValue();
  if (getType().getShape() != coding.getShape()) // C1
    return emitOpError("result shape differs from the coding's");
  if (failed(coding.verifyContents(emitErrorOf(*this)))) // C2
    return failure();
  auto integer = dyn_cast<IntegerType>(getType().getElementType());
  if (!integer)
    return success();
  if (!coding.isIntegral() || coding.getExponent() != 0) // C3
    return emitOpError("an integer result needs a coding of integers");
  IntegerRange range = coding.getRange(0, getType().getNumElements());
  if (!fitsType(range, integer)) // C4
    return emitOpError("values in [")
           << range.min << ", " << range.max << "] do not fit " << integer;
  if (getStorage() && !getStorage()->getBits(CodeStatistics(coding))) // C5
    return emitOpError("its codes cannot be stored as ")
           << getStorage()->getStorageName();
  return success();
}

//===----------------------------------------------------------------------===//
// EncodeOp, DecodeOp, QuantizeOp
//===----------------------------------------------------------------------===//

LogicalResult EncodeOp::verify() {
  GridAttr grid = getGrid();
  if (!fitsType({grid.getMin(), grid.getMax()}, getType())) // C2
    return emitOpError("codes in [")
           << grid.getMin() << ", " << grid.getMax() << "] do not fit "
           << getType().getElementType();
  if (failed(verifyGridShape(*this, grid, getType()))) // C3
    return failure();
  return verifyQuantizer(*this, grid, getZeroPointFirst()); // C4, C5
}

GridAttr EncodeOp::getResultGrid() { return getGrid(); }

LogicalResult DecodeOp::verify() {
  if (failed(verifyGridShape(*this, getGrid(), getType()))) // C2
    return failure();
  std::optional<ExactArrayAttr> offset = getOffset();
  if (offset && !servesChannels(offset->getValues().size(), getType())) // C3
    return emitOpError("offset has ")
           << offset->getValues().size()
           << " entries, expected one or one per channel";
  return success();
}

// The grid's own bounds say nothing about the codes that are decoded.
GridAttr DecodeOp::getResultGrid() {
  std::optional<ChannelRanges> codes = inferRangesFromProducer(getInput());
  IntegerRange bounds = codes && !codes->empty()
                            ? getHull(*codes)
                            : *getTypeRange(getInput().getType());
  if (getOffset() || !isa<RealType>(getType().getElementType()))
    return {};
  auto encode = getInput().getDefiningOp<EncodeOp>();
  bool bipolar =
      getGrid().getBipolar() && encode && encode.getGrid().getBipolar();
  return GridAttr::get(
      getContext(), cast<IntegerType>(getInput().getType().getElementType()),
      bounds.min, bounds.max, bipolar, getGrid().getScale(),
      getGrid().getZeroPoint(), getGrid().getShape(), getGrid().getBlock());
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifyGridShape(*this, getGrid(), getType()))) // C2
    return failure();
  return verifyQuantizer(*this, getGrid(), getZeroPointFirst()); // C3, C4
}

GridAttr QuantizeOp::getResultGrid() { return getGrid(); }

//===----------------------------------------------------------------------===//
// LinearOp
//===----------------------------------------------------------------------===//

static bool isCompatible(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

static LogicalResult verifyLinearShapes(LinearOp op) {
  RankedTensorType input = op.getInput().getType();
  RankedTensorType weights = op.getWeights().getType(), result = op.getType();
  if (weights.getRank() != 2 || input.getRank() < 1) // C1
    return op.emitOpError("weights must have rank 2 and the input at least 1");
  if (!isCompatible(input.getShape().back(), weights.getDimSize(1))) // C2
    return op.emitOpError("input has ")
           << input.getShape().back() << " features, weights have "
           << weights.getDimSize(1);
  SmallVector<int64_t> expected(input.getShape());
  expected.back() = weights.getDimSize(0);
  if (failed(verifyCompatibleShape(result.getShape(), expected))) // C3
    return op.emitOpError("result shape must be the input's with ")
           << weights.getDimSize(0) << " channels";
  if (!op.getBias())
    return success();
  RankedTensorType bias = op.getBias().getType();
  if (bias.getRank() != 1 ||
      !isCompatible(bias.getDimSize(0), weights.getDimSize(0))) // C4
    return op.emitOpError("bias must have rank 1 and ")
           << weights.getDimSize(0) << " entries";
  return success();
}

/// Whether every sum fits the result type, with what is known about the input.
/// Nothing where sums cannot be bounded.
static std::optional<bool> sumsFit(LinearOp op,
                                   const std::optional<ChannelRanges> &input,
                                   IntegerRange &offending) {
  std::optional<ChannelRanges> bias;
  if (op.getBias())
    bias = inferRangesFromProducer(op.getBias());
  std::optional<ChannelRanges> sums =
      op.inferResultRanges({input, std::nullopt, bias});
  if (!sums || sums->empty())
    return std::nullopt;
  offending = getHull(*sums);
  return fitsType(offending, op.getType());
}

/// C7: checked where the weights are a constant (they are not once an operation
/// is tiled). Only when the type or the producer of the input allow sums that
/// do not fit is it worth following definitions further; where those are not
/// known (loops) there is no error.
static LogicalResult verifyAccumulator(LinearOp op) {
  if (!op.getWeights().getDefiningOp<ConstantOp>())
    return success();
  IntegerRange sums;
  std::optional<bool> fits =
      sumsFit(op, inferRangesFromProducer(op.getInput()), sums);
  if (fits.value_or(false))
    return success();
  std::optional<ChannelRanges> input =
      inferRangesFromDefinitions(op.getInput());
  if (!input)
    return success();
  fits = sumsFit(op, input, sums);
  if (!fits)
    return op.emitOpError("sums do not fit 64 bits");
  if (*fits)
    return success();
  return op.emitOpError("sums in [")
         << sums.min << ", " << sums.max << "] do not fit "
         << op.getType().getElementType();
}

LogicalResult LinearOp::verify() {
  if (failed(verifyLinearShapes(*this)))
    return failure();
  bool real = isa<RealType>(getType().getElementType());
  for (Value operand : getOperands())
    if (isa<RealType>(getElementTypeOrSelf(operand.getType())) != real) // C5
      return emitOpError("tensors must be all real or all integers");
  if (real)
    return success();
  auto activation = cast<IntegerType>(getInput().getType().getElementType());
  auto constant = getWeights().getDefiningOp<ConstantOp>();
  if (getForm() && constant &&
      !getForm()->supports(constant.getValue(), activation)) // C6
    return emitOpError("form ")
           << getForm()->getFormName() << " does not support "
           << constant.getValue().getCodingName() << " weights with "
           << activation << " activations";
  return verifyAccumulator(*this);
}

//===----------------------------------------------------------------------===//
// BatchNormOp
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::verify() {
  auto axis = static_cast<int64_t>(getAxis());
  if (failed(verifyAxis(*this, axis, getType()))) // C1
    return failure();
  std::pair<StringRef, ElementsAttr> arrays[] = {{"scale", getScale()},
                                                 {"offset", getOffset()},
                                                 {"mean", getMean()},
                                                 {"variance", getVariance()}};
  for (auto [name, array] : arrays) {
    if (failed(verifyPayloadContents(emitErrorOf(*this), array))) // C2
      return failure();
    if (array.getShapedType().getRank() != 1 ||
        array.getNumElements() != getType().getDimSize(axis)) // C3
      return emitOpError() << name << " must have rank 1 and one entry for "
                           << "each of the channels of dimension " << axis;
  }
  if (failed(verifyOneEntry(*this, getEpsilon(), "epsilon"))) // C4
    return failure();
  Real epsilon = getExact(getEpsilon());
  for (auto [channel, variance] :
       llvm::enumerate(readPayloadDoubles(getVariance())))
    if (getSign(Real::exactly(variance) + epsilon) <= 0) // C5
      return emitOpError("variance + epsilon of channel ")
             << channel << " is not positive";
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

/// Runs in the parser before operands are verified, so it takes any type.
static LogicalResult inferBroadcast(MLIRContext *context,
                                    std::optional<Location> location,
                                    ValueRange operands,
                                    SmallVectorImpl<Type> &types) {
  if (operands.size() != 2)
    return emitOptionalError(location, "expected two operands");
  auto lhs = dyn_cast<RankedTensorType>(operands[0].getType());
  auto rhs = dyn_cast<RankedTensorType>(operands[1].getType());
  if (!lhs || !rhs)
    return emitOptionalError(location, "operands must be ranked tensors");
  SmallVector<int64_t> shape;
  if (!OpTrait::util::getBroadcastedShape(lhs.getShape(), rhs.getShape(),
                                          shape))
    return emitOptionalError(location, "operand shapes do not broadcast"); // C1
  types.push_back(RankedTensorType::get(shape, RealType::get(context)));
  return success();
}

#define SUMAC_BINARY_OP(OP)                                                    \
  LogicalResult OP::inferReturnTypes(                                          \
      MLIRContext *context, std::optional<Location> location,                  \
      ValueRange operands, DictionaryAttr, OpaqueProperties, RegionRange,      \
      SmallVectorImpl<Type> &types) {                                          \
    return inferBroadcast(context, location, operands, types);                 \
  }
SUMAC_BINARY_OP(AddOp)
SUMAC_BINARY_OP(SubOp)
SUMAC_BINARY_OP(MulOp)
SUMAC_BINARY_OP(DivOp)
#undef SUMAC_BINARY_OP

LogicalResult DivOp::verify() {
  auto divisor = getRhs().getDefiningOp<ConstantOp>();
  if (!divisor)
    return success();
  CodingAttrInterface coding = divisor.getValue();
  constexpr int64_t kChunk = 4096;
  int64_t count = divisor.getType().getNumElements();
  SmallVector<double> values;
  for (int64_t first = 0; first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    coding.decodeDoubles(first, values);
    if (llvm::is_contained(values, 0.0)) // C2
      return emitOpError("divides by a constant that has a zero");
  }
  return success();
}

LogicalResult LeakyReluOp::verify() {
  return verifyOneEntry(*this, getAlpha(), "alpha"); // C1
}

LogicalResult ClipOp::verify() {
  if (getMin() && failed(verifyOneEntry(*this, *getMin(), "min"))) // C1
    return failure();
  if (getMax() && failed(verifyOneEntry(*this, *getMax(), "max"))) // C1
    return failure();
  return success();
}

LogicalResult PowerOp::verify() {
  return verifyOneEntry(*this, getExponent(), "exponent"); // C1
}

LogicalResult MultiThresholdOp::verify() {
  auto axis = static_cast<int64_t>(getAxis());
  if (failed(verifyAxis(*this, axis, getType()))) // C1
    return failure();
  if (failed(verifyPayloadContents(emitErrorOf(*this), getThresholds()))) // C2
    return failure();
  ShapedType type = getThresholds().getShapedType();
  if (type.getRank() != 2 ||
      !servesDimension(type.getDimSize(0), getType(), axis)) // C3
    return emitOpError("thresholds must be [channels, steps] or [1, steps]");
  if (failed(verifyOneEntry(*this, getScale(), "scale"))) // C4
    return failure();
  return verifyOneEntry(*this, getOffset(), "offset"); // C4
}

LogicalResult SoftmaxOp::verify() {
  return verifyAxis(*this, getAxis(), getType()); // C1
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

LogicalResult ArgMaxOp::verify() {
  RankedTensorType input = getInput().getType();
  auto axis = static_cast<int64_t>(getAxis());
  if (failed(verifyAxis(*this, axis, input))) // C1
    return failure();
  SmallVector<int64_t> expected(input.getShape());
  int64_t size = expected[axis];
  if (size == 0) // C2
    return emitOpError("has no element to choose along axis ") << axis;
  if (getKeepDims())
    expected[axis] = 1;
  else
    expected.erase(expected.begin() + axis);
  if (failed(verifyCompatibleShape(getType().getShape(), expected))) // C3
    return emitOpError("result shape must be the input's without axis ")
           << axis << (getKeepDims() ? " (of size 1 with keep_dims)" : "");
  if (!ShapedType::isDynamic(size) && !fitsType({0, size - 1}, getType())) // C4
    return emitOpError("positions up to ")
           << size - 1 << " do not fit " << getType().getElementType();
  return success();
}

LogicalResult ReduceMaxOp::verify() {
  RankedTensorType input = getInput().getType();
  auto axis = static_cast<int64_t>(getAxis());
  if (failed(verifyAxis(*this, axis, input))) // C1
    return failure();
  SmallVector<int64_t> expected(input.getShape());
  if (expected[axis] == 0) // C2
    return emitOpError("has no element to choose along axis ") << axis;
  expected[axis] = 1;
  if (failed(verifyCompatibleShape(getType().getShape(), expected))) // C3
    return emitOpError(
               "result shape must be the input's with size 1 along axis ")
           << axis;
  if (getType().getElementType() != input.getElementType()) // C4
    return emitOpError("result must have the input's element type");
  return success();
}
