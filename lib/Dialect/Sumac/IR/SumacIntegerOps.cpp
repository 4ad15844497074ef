//===- SumacIntegerOps.cpp - Operations on exact-width integers -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers of the integer-level operations. The numbers C1, C2, ... are those
// of the constraints in docs/spec.md.
//
//===----------------------------------------------------------------------===//

#include "Detail.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::detail;

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

static auto emitErrorOf(Operation *op) {
  return [op] { return op->emitOpError(); };
}

/// An array has one entry per channel, or one for all.
static LogicalResult verifyChannelArray(Operation *op, size_t entries,
                                        StringRef name, RankedTensorType type) {
  if (servesChannels(entries, type))
    return success();
  return op->emitOpError() << name << " has " << entries
                           << " entries, expected one or one per channel";
}

/// A payload of shape [channels, n] or [1, n].
static LogicalResult verifyRows(Operation *op, ElementsAttr rows,
                                StringRef name, RankedTensorType type) {
  ShapedType shape = rows.getShapedType();
  if (shape.getRank() == 2 && servesChannels(shape.getDimSize(0), type))
    return success();
  return op->emitOpError() << name << " must have the shape [channels, n] or "
                           << "[1, n], got " << shape;
}

/// Integers serve integers of any width, floats serve floats of the same type.
static bool haveMatchingElements(ElementsAttr payload, RankedTensorType type) {
  Type element = payload.getElementType();
  return isa<IntegerType>(element) ? isa<IntegerType>(type.getElementType())
                                   : element == type.getElementType();
}

//===----------------------------------------------------------------------===//
// ThresholdOp
//===----------------------------------------------------------------------===//

/// base + step * count for the smallest and the largest count.
static std::optional<IntegerRange> getCodes(ThresholdOp op) {
  int64_t steps = op.getThresholds().getShapedType().getDimSize(1), last;
  if (llvm::MulOverflow<int64_t>(op.getStep(), steps, last) ||
      llvm::AddOverflow<int64_t>(op.getBase(), last, last))
    return std::nullopt;
  auto base = static_cast<int64_t>(op.getBase());
  return IntegerRange{std::min(base, last), std::max(base, last)};
}

LogicalResult ThresholdOp::verify() {
  ElementsAttr thresholds = getThresholds();
  if (failed(verifyPayloadContents(emitErrorOf(*this), thresholds,
                                   /*allowInfinite=*/true,
                                   /*allowNaN=*/true))) // C2
    return failure();
  if (failed(verifyRows(*this, thresholds, "thresholds", getType()))) // C3
    return failure();
  if (!haveMatchingElements(thresholds, getInput().getType())) // C4
    return emitOpError("thresholds of ")
           << thresholds.getElementType() << " cannot be compared with "
           << getInput().getType().getElementType();
  if (getDecreasing() &&
      failed(verifyChannelArray(*this, getDecreasing()->size(), "decreasing",
                                getType()))) // C5
    return failure();
  auto isSorted = [&](auto &&values) {
    size_t steps = thresholds.getShapedType().getDimSize(1);
    for (size_t i = 0; i < values.size(); i += steps)
      if (!llvm::is_sorted(ArrayRef(values).slice(i, steps), [](auto a, auto b) {
            return a < b || (a == a && b != b); // NaN behind all numbers
          }))
        return false;
    return true;
  };
  bool isFloat = isa<FloatType>(thresholds.getElementType());
  if (isFloat ? !isSorted(readPayloadDoubles(thresholds))
              : !isSorted(readPayloadIntegers(thresholds))) // C6
    return emitOpError("thresholds of a channel must be sorted");
  std::optional<IntegerRange> codes = getCodes(*this);
  if (!codes || !fitsType(*codes, getType())) // C7
    return emitOpError("codes from base ")
           << static_cast<int64_t>(getBase()) << " by step "
           << static_cast<int64_t>(getStep()) << " do not fit "
           << getType().getElementType();
  return success();
}

//===----------------------------------------------------------------------===//
// RequantizeOp, ClampOp
//===----------------------------------------------------------------------===//

LogicalResult RequantizeOp::verify() {
  std::pair<StringRef, ArrayRef<int64_t>> arrays[] = {
      {"multiply", getMultiply()}, {"add", getAdd()}, {"shift", getShift()}};
  for (auto [name, array] : arrays)
    if (failed(verifyChannelArray(*this, array.size(), name, getType()))) // C2
      return failure();
  for (int64_t shift : getShift())
    if (shift < 0 || shift > 63) // C3
      return emitOpError("shift ") << shift << " is not in [0, 63]";
  if (getHalfEven() && llvm::is_contained(getShift(), 0)) // C5
    return emitOpError("half_even has nothing to round where the shift is 0");
  IntegerRange codes{static_cast<int64_t>(getMin()),
                     static_cast<int64_t>(getMax())};
  if (codes.min > codes.max || !fitsType(codes, getType())) // C4
    return emitOpError("bounds [")
           << codes.min << ", " << codes.max << "] are empty or do not fit "
           << getType().getElementType();
  return success();
}

LogicalResult ClampOp::verify() {
  ArrayRef<int64_t> mins = getMin(), maxs = getMax();
  if (failed(verifyChannelArray(*this, mins.size(), "min", getType())) ||
      failed(verifyChannelArray(*this, maxs.size(), "max", getType()))) // C2
    return failure();
  for (size_t i = 0, e = std::max(mins.size(), maxs.size()); i != e; ++i) {
    int64_t min = mins[mins.size() == 1 ? 0 : i];
    int64_t max = maxs[maxs.size() == 1 ? 0 : i];
    if (min > max || !fitsType({min, max}, getType())) // C3
      return emitOpError("bounds [")
             << min << ", " << max << "] are empty or do not fit "
             << getType().getElementType();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// TruncatePlanesOp
//===----------------------------------------------------------------------===//

LogicalResult TruncatePlanesOp::verify() {
  if (static_cast<int64_t>(getKeep()) < 1) // C1
    return emitOpError("keeps ") << static_cast<int64_t>(getKeep())
                                 << " bit planes; expected 1 or more";
  return success();
}

unsigned TruncatePlanesOp::getShift() {
  uint64_t bits = cast<IntegerType>(getType().getElementType()).getWidth();
  return bits > getKeep() ? bits - getKeep() : 0;
}

//===----------------------------------------------------------------------===//
// TableOp
//===----------------------------------------------------------------------===//

/// C6: a value outside of the table is an error where it is certain, that is,
/// where everything that the input comes from is known.
static LogicalResult verifyPositions(TableOp op) {
  auto first = static_cast<int64_t>(op.getFirst());
  int64_t size = op.getTable().getShapedType().getDimSize(1), last;
  bool overflow = llvm::AddOverflow<int64_t>(first, size - 1, last);
  auto covers = [&](const std::optional<ChannelRanges> &ranges) {
    if (!ranges || ranges->empty())
      return false;
    IntegerRange range = getHull(*ranges);
    return first <= range.min && (overflow || range.max <= last);
  };
  if (covers(ChannelRanges{*getTypeRange(op.getInput().getType())}) ||
      covers(inferRangesFromProducer(op.getInput())))
    return success();
  std::optional<ChannelRanges> input =
      inferRangesFromDefinitions(op.getInput());
  if (!input || covers(input))
    return success();
  IntegerRange range = getHull(*input);
  return op.emitOpError("table of positions [")
         << first << ", " << last << "] does not cover the input's range ["
         << range.min << ", " << range.max << "]";
}

LogicalResult TableOp::verify() {
  ElementsAttr table = getTable();
  if (failed(verifyPayloadContents(emitErrorOf(*this), table,
                                   /*allowInfinite=*/true))) // C2
    return failure();
  if (failed(verifyRows(*this, table, "table", getType()))) // C3
    return failure();
  if (!haveMatchingElements(table, getType())) // C4
    return emitOpError("table of ") << table.getElementType() << " cannot give "
                                    << getType().getElementType();
  if (table.getNumElements() == 0) // C3
    return emitOpError("table has no entries");
  if (isa<IntegerType>(table.getElementType())) {
    SmallVector<int64_t> entries = readPayloadIntegers(table);
    for (int64_t entry : entries)
      if (!fitsType({entry, entry}, getType())) // C5
        return emitOpError("entry ")
               << entry << " does not fit " << getType().getElementType();
  }
  return verifyPositions(*this);
}

//===----------------------------------------------------------------------===//
// CombineOp
//===----------------------------------------------------------------------===//

/// C5: as for the sums of sumac.linear.
static LogicalResult verifySum(CombineOp op) {
  auto infer = [&](auto lookup) -> std::optional<ChannelRanges> {
    SmallVector<std::optional<ChannelRanges>> inputs;
    for (Value input : op.getInputs())
      inputs.push_back(lookup(input));
    return op.inferResultRanges(inputs);
  };
  std::optional<ChannelRanges> sums = infer(inferRangesFromProducer);
  if (sums && !sums->empty() && fitsType(getHull(*sums), op.getType()))
    return success();
  for (Value input : op.getInputs())
    if (!inferRangesFromDefinitions(input))
      return success();
  sums = infer(inferRangesFromDefinitions);
  if (!sums || sums->empty())
    return op.emitOpError("sums do not fit 64 bits");
  IntegerRange range = getHull(*sums);
  if (fitsType(range, op.getType()))
    return success();
  return op.emitOpError("sums in [")
         << range.min << ", " << range.max << "] do not fit "
         << op.getType().getElementType();
}

LogicalResult CombineOp::verify() {
  if (getInputs().empty()) // C1
    return emitOpError("needs at least one input");
  for (Value input : getInputs())
    if (failed(verifyCompatibleShape(input.getType(), getType()))) // C1
      return emitOpError("inputs and result must have the same shape");
  for (ElementsAttr array : {getMultiply(), getAdd()}) {
    if (failed(verifyPayloadContents(emitErrorOf(*this), array))) // C2
      return failure();
    if (!array.getElementType().isSignedInteger(64)) // C2
      return emitOpError("multiply and add must have si64 elements");
  }
  ShapedType multiply = getMultiply().getShapedType();
  if (multiply.getRank() != 2 ||
      multiply.getDimSize(0) != static_cast<int64_t>(getInputs().size()) ||
      !servesChannels(multiply.getDimSize(1), getType())) // C3
    return emitOpError(
        "multiply must have the shape [inputs, channels] or [inputs, 1]");
  ShapedType add = getAdd().getShapedType();
  if (add.getRank() != 1 || !servesChannels(add.getDimSize(0), getType())) // C4
    return emitOpError("add must have the shape [channels] or [1]");
  return verifySum(*this);
}
