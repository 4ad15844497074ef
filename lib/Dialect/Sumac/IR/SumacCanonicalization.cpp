//===- SumacCanonicalization.cpp - Folders and canonical forms ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites that leave every value as it is. Nothing here rounds; what needs an
// analysis of several operations is a pass.
//
//===----------------------------------------------------------------------===//

#include "Detail.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Channels.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::detail;

static bool contains(IntegerRange outer, IntegerRange inner) {
  return outer.min <= inner.min && inner.max <= outer.max;
}

/// A grid with other bounds; the same points.
static GridAttr withBounds(GridAttr grid, int64_t min, int64_t max) {
  return GridAttr::get(grid.getContext(), grid.getStorage(), min, max,
                       grid.getBipolar(), grid.getScale(), grid.getZeroPoint(),
                       grid.getShape(), grid.getBlock());
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

/// Whether `value` is a constant of which every element is `number`.
static bool isConstantOf(Attribute value, double number) {
  auto coding = dyn_cast_if_present<CodingAttrInterface>(value);
  if (!coding)
    return false;
  constexpr int64_t kChunk = 256;
  int64_t count = ShapedType::getNumElements(coding.getShape());
  if (coding.isIntegral() && coding.getExponent() != 0)
    return false;
  SmallVector<double> values;
  for (int64_t first = 0; first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    coding.decodeDoubles(first, values);
    if (llvm::any_of(values, [&](double v) { return v != number; }))
      return false;
  }
  return count != 0;
}

//===----------------------------------------------------------------------===//
// from_float, to_float
//===----------------------------------------------------------------------===//

// A constant float is the real number that it is, unless it is none.
OpFoldResult FromFloatOp::fold(FoldAdaptor adaptor) {
  auto payload = dyn_cast_if_present<ElementsAttr>(adaptor.getInput());
  if (!payload || !isPayloadValid(payload) ||
      payload.getShapedType().getShape() != getType().getShape())
    return {};
  return DenseCodingAttr::get(getContext(), payload);
}

// to_float(from_float(x)) -> x
OpFoldResult ToFloatOp::fold(FoldAdaptor) {
  auto source = getInput().getDefiningOp<FromFloatOp>();
  if (source && source.getInput().getType() == getType())
    return source.getInput();
  return {};
}

//===----------------------------------------------------------------------===//
// encode, decode, quantize
//===----------------------------------------------------------------------===//

/// The code behind an exact decode whose points are those of `grid`, so that
/// rounding to `grid` gives the code back, within bounds.
static DecodeOp getDecodeOnSamePoints(Value real, GridAttr grid) {
  auto decode = real.getDefiningOp<DecodeOp>();
  if (!decode || !isa<RealType>(decode.getType().getElementType()) ||
      decode.getOffset() || grid.getBipolar() ||
      !haveSamePoints(decode.getGrid(), grid))
    return nullptr;
  return decode;
}

// encode(decode(c)) -> c where c is within the grid's bounds
OpFoldResult EncodeOp::fold(FoldAdaptor) {
  DecodeOp decode = getDecodeOnSamePoints(getInput(), getGrid());
  if (!decode || decode.getInput().getType() != getType())
    return {};
  IntegerRange codes = *getTypeRange(getType());
  return contains({getGrid().getMin(), getGrid().getMax()}, codes)
             ? OpFoldResult(decode.getInput())
             : OpFoldResult();
}

/// Rounding clamps what is below zero to the zero point anyway where no code
/// lies below it.
template <typename Op>
static LogicalResult dropRelu(Op op, PatternRewriter &rewriter) {
  auto relu = op.getInput().template getDefiningOp<ReluOp>();
  if (!relu || !isNonNegative(op.getGrid()))
    return failure();
  rewriter.modifyOpInPlace(
      op, [&] { op.getInputMutable().assign(relu.getInput()); });
  return success();
}

// encode(decode(c)) -> clamp(c)
static LogicalResult encodeOfDecode(EncodeOp op, PatternRewriter &rewriter) {
  DecodeOp decode = getDecodeOnSamePoints(op.getInput(), op.getGrid());
  if (!decode)
    return failure();
  rewriter.replaceOpWithNewOp<ClampOp>(
      op, op.getType(), decode.getInput(),
      rewriter.getDenseI64ArrayAttr({op.getGrid().getMin()}),
      rewriter.getDenseI64ArrayAttr({op.getGrid().getMax()}));
  return success();
}

void EncodeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *) {
  patterns.add(encodeOfDecode);
  patterns.add(dropRelu<EncodeOp>);
}

// decode(encode(x)) -> quantize(x), for a real x and equal points
static LogicalResult decodeOfEncode(DecodeOp op, PatternRewriter &rewriter) {
  auto encode = op.getInput().getDefiningOp<EncodeOp>();
  if (!encode || op.getOffset() ||
      !haveSamePoints(encode.getGrid(), op.getGrid()) ||
      encode.getInput().getType() != op.getType() ||
      !isa<RealType>(op.getType().getElementType()))
    return failure();
  // The node that quantizes names the result.
  auto quantize = QuantizeOp::create(
      rewriter, encode.getLoc(), op.getType(), encode.getInput(),
      encode.getGrid(), encode.getRoundingAttr(), encode.getZeroPointFirst());
  rewriter.replaceOp(op, quantize);
  return success();
}

void DecodeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *) {
  patterns.add(decodeOfEncode);
}

// A real on the grid is its own nearest grid point. (A decode is on its grid
// only if its codes are within bounds; getResultGrid knows.)
OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  auto source = getInput().getDefiningOp<GridOpInterface>();
  if (!source || getInput() != source->getResult(0))
    return {};
  GridAttr grid = source.getResultGrid();
  bool onGrid = grid && grid.getBipolar() == getGrid().getBipolar() &&
                haveSamePoints(grid, getGrid()) &&
                contains({getGrid().getMin(), getGrid().getMax()},
                         {grid.getMin(), grid.getMax()});
  return onGrid ? OpFoldResult(getInput()) : OpFoldResult();
}

void QuantizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *) {
  patterns.add(dropRelu<QuantizeOp>);
}

//===----------------------------------------------------------------------===//
// add, sub, mul, div
//===----------------------------------------------------------------------===//

/// The other operand where `neutral` is a constant that does not change it.
static OpFoldResult foldNeutral(Value other, Attribute neutral, double number,
                                Type result) {
  return other.getType() == result && isConstantOf(neutral, number)
             ? OpFoldResult(other)
             : OpFoldResult();
}

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  if (OpFoldResult lhs =
          foldNeutral(getLhs(), adaptor.getRhs(), 0.0, getType()))
    return lhs;
  return foldNeutral(getRhs(), adaptor.getLhs(), 0.0, getType());
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  return foldNeutral(getLhs(), adaptor.getRhs(), 0.0, getType());
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (OpFoldResult lhs =
          foldNeutral(getLhs(), adaptor.getRhs(), 1.0, getType()))
    return lhs;
  return foldNeutral(getRhs(), adaptor.getLhs(), 1.0, getType());
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  return foldNeutral(getLhs(), adaptor.getRhs(), 1.0, getType());
}

//===----------------------------------------------------------------------===//
// relu, clip
//===----------------------------------------------------------------------===//

/// Whether every element is known to be at least zero.
static bool isNonNegativeValue(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_present<ReluOp, SigmoidOp, SoftmaxOp>(op))
    return true;
  auto source = dyn_cast_if_present<GridOpInterface>(op);
  GridAttr grid = source ? source.getResultGrid() : GridAttr();
  return grid && value == op->getResult(0) && isNonNegative(grid) &&
         llvm::all_of(llvm::seq<size_t>(0, grid.getScale().getValues().size()),
                      [&](size_t i) {
                        return getSign(getExact(grid.getScale(), i)) >= 0;
                      });
}

OpFoldResult ReluOp::fold(FoldAdaptor) {
  return isNonNegativeValue(getInput()) ? OpFoldResult(getInput())
                                        : OpFoldResult();
}

namespace {
/// min(max(x, low), high); an absent bound is infinite. Where low > high, the
/// value is `high`.
struct Bounds {
  std::optional<Real> low, high;
};
} // namespace

static Real minimum(const Real &a, const Real &b) {
  return getSign(a - b) <= 0 ? a : b;
}
static Real maximum(const Real &a, const Real &b) {
  return getSign(a - b) >= 0 ? a : b;
}

/// Bounds of relu and clip, with low <= high.
static std::optional<Bounds> getBounds(Operation *op) {
  if (isa_and_present<ReluOp>(op))
    return Bounds{Real(0), std::nullopt};
  auto clip = dyn_cast_if_present<ClipOp>(op);
  if (!clip)
    return std::nullopt;
  Bounds bounds;
  if (clip.getMin())
    bounds.low = getExact(*clip.getMin());
  if (clip.getMax())
    bounds.high = getExact(*clip.getMax());
  if (bounds.low && bounds.high)
    bounds.low = minimum(*bounds.low, *bounds.high);
  return bounds;
}

static Real apply(const Bounds &bounds, Real x) {
  if (bounds.low)
    x = maximum(x, *bounds.low);
  return bounds.high ? minimum(x, *bounds.high) : x;
}

/// The bounds of outer(inner(x)): the images of inner's bounds under outer.
static Bounds compose(const Bounds &inner, const Bounds &outer) {
  Bounds bounds = outer;
  if (inner.low)
    bounds.low = apply(outer, *inner.low);
  if (inner.high)
    bounds.high = apply(outer, *inner.high);
  return bounds;
}

static ExactArrayAttr getExactAttr(MLIRContext *context,
                                   const std::optional<Real> &number) {
  if (!number)
    return {};
  return ExactArrayAttr::get(context,
                             {StringAttr::get(context, number->toString())});
}

// clip(clip(x)), clip(relu(x)), relu(clip(x)) -> clip(x)
static LogicalResult mergeBounds(Operation *op, PatternRewriter &rewriter) {
  std::optional<Bounds> outer = getBounds(op);
  Operation *source = op->getOperand(0).getDefiningOp();
  std::optional<Bounds> inner = getBounds(source);
  if (!outer || !inner)
    return failure();
  Bounds bounds = compose(*inner, *outer);
  MLIRContext *context = op->getContext();
  rewriter.replaceOpWithNewOp<ClipOp>(
      op, op->getResult(0).getType(), source->getOperand(0),
      getExactAttr(context, bounds.low), getExactAttr(context, bounds.high));
  return success();
}

void ReluOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *) {
  patterns.add(+[](ReluOp op, PatternRewriter &rewriter) {
    return mergeBounds(op, rewriter);
  });
}

OpFoldResult ClipOp::fold(FoldAdaptor) {
  return getMin() || getMax() ? OpFoldResult() : OpFoldResult(getInput());
}

// clip from 0 on -> relu
static LogicalResult clipToRelu(ClipOp op, PatternRewriter &rewriter) {
  if (!op.getMin() || op.getMax() || getSign(getExact(*op.getMin())) != 0)
    return failure();
  rewriter.replaceOpWithNewOp<ReluOp>(op, op.getType(), op.getInput());
  return success();
}

void ClipOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *) {
  patterns.add(+[](ClipOp op, PatternRewriter &rewriter) {
    return mergeBounds(op, rewriter);
  });
  patterns.add(clipToRelu);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

// Softmax along the same dimension, sigmoid and tanh keep the order of reals.
static LogicalResult dropMonotone(ArgMaxOp op, PatternRewriter &rewriter) {
  Operation *source = op.getInput().getDefiningOp();
  auto softmax = dyn_cast_if_present<SoftmaxOp>(source);
  if (!isa_and_present<SigmoidOp, TanhOp>(source) &&
      !(softmax && softmax.getAxis() == op.getAxis()))
    return failure();
  rewriter.modifyOpInPlace(
      op, [&] { op.getInputMutable().assign(source->getOperand(0)); });
  return success();
}

void ArgMaxOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *) {
  patterns.add(dropMonotone);
}

OpFoldResult ReduceMaxOp::fold(FoldAdaptor) {
  bool single =
      getInput().getType() == getType() && getType().getDimSize(getAxis()) == 1;
  return single ? OpFoldResult(getInput()) : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// requantize, clamp, combine
//===----------------------------------------------------------------------===//

static bool areAll(ArrayRef<int64_t> values, int64_t value) {
  return llvm::all_of(values, [&](int64_t v) { return v == value; });
}

static bool isIdentity(RequantizeOp op) {
  return areAll(op.getMultiply(), 1) && areAll(op.getAdd(), 0) &&
         areAll(op.getShift(), 0);
}

OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  bool keeps =
      isIdentity(*this) && getInput().getType() == getType() &&
      contains({static_cast<int64_t>(getMin()), static_cast<int64_t>(getMax())},
               *getTypeRange(getType()));
  return keeps ? OpFoldResult(getInput()) : OpFoldResult();
}

// requantize by 1, 0 and 0 -> clamp
static LogicalResult requantizeToClamp(RequantizeOp op,
                                       PatternRewriter &rewriter) {
  if (!isIdentity(op))
    return failure();
  rewriter.replaceOpWithNewOp<ClampOp>(
      op, op.getType(), op.getInput(),
      rewriter.getDenseI64ArrayAttr({static_cast<int64_t>(op.getMin())}),
      rewriter.getDenseI64ArrayAttr({static_cast<int64_t>(op.getMax())}));
  return success();
}

void RequantizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *) {
  patterns.add(requantizeToClamp);
}

// All planes are kept, or no more than the input has kept already.
OpFoldResult TruncatePlanesOp::fold(FoldAdaptor) {
  if (getShift() == 0)
    return getInput();
  if (auto inner = getInput().getDefiningOp<TruncatePlanesOp>()) {
    if (inner.getKeep() > getKeep()) {
      getInputMutable().assign(inner.getInput());
      return getResult();
    }
    return getInput();
  }
  return {};
}

OpFoldResult ClampOp::fold(FoldAdaptor) {
  if (getInput().getType() != getType())
    return {};
  IntegerRange values = *getTypeRange(getType());
  bool keeps =
      llvm::all_of(getMin(), [&](int64_t min) { return min <= values.min; }) &&
      llvm::all_of(getMax(), [&](int64_t max) { return max >= values.max; });
  return keeps ? OpFoldResult(getInput()) : OpFoldResult();
}

/// The bounds of the outer clamp applied to those of an inner operation.
static void clampBounds(ClampOp outer, ArrayRef<int64_t> mins,
                        ArrayRef<int64_t> maxs,
                        SmallVectorImpl<int64_t> &newMins,
                        SmallVectorImpl<int64_t> &newMaxs) {
  size_t entries = std::max(
      {mins.size(), maxs.size(), outer.getMin().size(), outer.getMax().size()});
  for (size_t i = 0; i != entries; ++i) {
    int64_t low = atChannel(outer.getMin(), i), high = atChannel(outer.getMax(), i);
    newMins.push_back(std::clamp(atChannel(mins, i), low, high));
    newMaxs.push_back(std::clamp(atChannel(maxs, i), low, high));
  }
}

// clamp(clamp(x)) -> clamp(x)
static LogicalResult clampOfClamp(ClampOp op, PatternRewriter &rewriter) {
  auto inner = op.getInput().getDefiningOp<ClampOp>();
  if (!inner)
    return failure();
  SmallVector<int64_t> mins, maxs;
  clampBounds(op, inner.getMin(), inner.getMax(), mins, maxs);
  rewriter.replaceOpWithNewOp<ClampOp>(op, op.getType(), inner.getInput(),
                                       rewriter.getDenseI64ArrayAttr(mins),
                                       rewriter.getDenseI64ArrayAttr(maxs));
  return success();
}

// clamp(requantize(x)), clamp(encode(x)) -> with narrower bounds
static LogicalResult clampOfBounded(ClampOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> mins, maxs;
  if (auto requantize = op.getInput().getDefiningOp<RequantizeOp>()) {
    clampBounds(op, {static_cast<int64_t>(requantize.getMin())},
                {static_cast<int64_t>(requantize.getMax())}, mins, maxs);
    if (mins.size() != 1)
      return failure();
    rewriter.replaceOpWithNewOp<RequantizeOp>(
        op, op.getType(), requantize.getInput(), requantize.getMultiply(),
        requantize.getAdd(), requantize.getShift(), mins[0], maxs[0],
        requantize.getHalfEven());
    return success();
  }
  auto encode = op.getInput().getDefiningOp<EncodeOp>();
  if (!encode || encode.getGrid().getBipolar())
    return failure();
  GridAttr grid = encode.getGrid();
  clampBounds(op, {grid.getMin()}, {grid.getMax()}, mins, maxs);
  if (mins.size() != 1)
    return failure();
  rewriter.replaceOpWithNewOp<EncodeOp>(
      op, op.getType(), encode.getInput(), withBounds(grid, mins[0], maxs[0]),
      encode.getRounding(), encode.getZeroPointFirst());
  return success();
}

void ClampOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *) {
  patterns.add(clampOfClamp);
  patterns.add(clampOfBounded);
}

// combine(x) by 1 and 0 -> x
OpFoldResult CombineOp::fold(FoldAdaptor) {
  if (getInputs().size() != 1 || getInputs().front().getType() != getType() ||
      !areAll(readPayloadIntegers(getMultiply()), 1) ||
      !areAll(readPayloadIntegers(getAdd()), 0))
    return {};
  return getInputs().front();
}
