//===- SumacRanges.cpp - Bounds of integer values -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IntegerRangeOpInterface of every operation. All bounds are exact images of
// the operands' bounds per channel; sums beyond 64 bits are unknown.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Channels.h"
#include "sumac/Support/Rational.h"

#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace sumac;

using OptionalRanges = std::optional<ChannelRanges>;

//===----------------------------------------------------------------------===//
// Ranges and types
//===----------------------------------------------------------------------===//

std::optional<IntegerRange> sumac::getTypeRange(Type type) {
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  if (!integer || integer.isSignless() || integer.getWidth() > 64)
    return std::nullopt;
  return IntegerRange{GridAttr::getStorageMin(integer),
                      GridAttr::getStorageMax(integer)};
}

IntegerRange sumac::getHull(ArrayRef<IntegerRange> ranges) {
  IntegerRange hull = ranges.front();
  for (const IntegerRange &range : ranges.drop_front()) {
    hull.min = std::min(hull.min, range.min);
    hull.max = std::max(hull.max, range.max);
  }
  return hull;
}

bool sumac::fitsType(IntegerRange range, Type type) {
  std::optional<IntegerRange> whole = getTypeRange(type);
  return whole && whole->min <= range.min && range.max <= whole->max;
}

/// Number of channels, or nullopt where the last dimension is dynamic.
static std::optional<int64_t> getChannelCount(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  if (shape.empty())
    return 1;
  if (ShapedType::isDynamic(shape.back()))
    return std::nullopt;
  return shape.back();
}

/// The operand's bounds, or those of its type, with one entry or one per
/// channel of the operand.
static ChannelRanges getOperandRanges(Value operand,
                                      const OptionalRanges &ranges) {
  if (!ranges || ranges->empty())
    return {getTypeRange(operand.getType()).value_or(IntegerRange())};
  if (ranges->size() == 1 || getChannelCount(operand.getType()) ==
                                 static_cast<int64_t>(ranges->size()))
    return *ranges;
  return {getHull(*ranges)};
}

static std::optional<int64_t> narrow(Int128 value) {
  if (value < INT64_MIN || value > INT64_MAX)
    return std::nullopt;
  return static_cast<int64_t>(value);
}

//===----------------------------------------------------------------------===//
// Constants and the boundary
//===----------------------------------------------------------------------===//

OptionalRanges ConstantOp::inferResultRanges(ArrayRef<OptionalRanges>) {
  CodingAttrInterface coding = getValue();
  if (!coding.isIntegral() || coding.getExponent() != 0)
    return std::nullopt;
  int64_t count = getType().getNumElements();
  int64_t channels = getChannelCount(getType()).value_or(1);
  if (count == 0)
    return ChannelRanges(1);
  // Whole rows at a time, about 4096 elements.
  int64_t chunk = std::max<int64_t>(1, 4096 / channels) * channels;
  SmallVector<int64_t> values;
  ChannelRanges ranges(channels, IntegerRange{INT64_MAX, INT64_MIN});
  for (int64_t first = 0; first < count; first += chunk) {
    values.resize(std::min(chunk, count - first));
    coding.decodeIntegers(first, values);
    for (size_t i = 0, channel = 0; i != values.size(); ++i) {
      ranges[channel].min = std::min(ranges[channel].min, values[i]);
      ranges[channel].max = std::max(ranges[channel].max, values[i]);
      if (++channel == ranges.size())
        channel = 0;
    }
  }
  return ranges;
}

OptionalRanges EncodeOp::inferResultRanges(ArrayRef<OptionalRanges>) {
  return ChannelRanges{IntegerRange{getGrid().getMin(), getGrid().getMax()}};
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

/// Bounds of sums of products: in 64 bits where they cannot overflow, which
/// vectorizes, else in 128.
template <typename T>
static void addProducts(ArrayRef<int64_t> weights, int64_t firstColumn,
                        ArrayRef<IntegerRange> input, T &min, T &max) {
  if (input.size() == 1) {
    T positive = 0, negative = 0;
    for (int64_t weight : weights) {
      positive += weight > 0 ? weight : 0;
      negative += weight < 0 ? weight : 0;
    }
    min += positive * input[0].min + negative * input[0].max;
    max += positive * input[0].max + negative * input[0].min;
    return;
  }
  for (auto [i, weight] : llvm::enumerate(weights)) {
    const IntegerRange &x = input[firstColumn + i];
    T low = static_cast<T>(weight) * x.min,
      high = static_cast<T>(weight) * x.max;
    min += std::min(low, high);
    max += std::max(low, high);
  }
}

static unsigned getMagnitudeBits(IntegerRange range) {
  auto bits = [](int64_t value) {
    uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : value;
    return static_cast<unsigned>(llvm::bit_width(magnitude));
  };
  return std::max(bits(range.min), bits(range.max));
}

template <typename T>
static OptionalRanges sumRows(CodingAttrInterface weights,
                              ArrayRef<IntegerRange> input) {
  constexpr int64_t kChunk = 4096;
  int64_t rows = weights.getShape()[0], columns = weights.getShape()[1];
  SmallVector<int64_t> values(std::min(kChunk, columns));
  ChannelRanges sums;
  for (int64_t row = 0; row < rows; ++row) {
    T min = 0, max = 0;
    for (int64_t column = 0; column < columns; column += kChunk) {
      MutableArrayRef<int64_t> chunk =
          MutableArrayRef<int64_t>(values).take_front(
              std::min(kChunk, columns - column));
      weights.decodeIntegers(row * columns + column, chunk);
      addProducts<T>(chunk, column, input, min, max);
    }
    std::optional<int64_t> low = narrow(min), high = narrow(max);
    if (!low || !high)
      return std::nullopt;
    sums.push_back({*low, *high});
  }
  return sums;
}

OptionalRanges sumac::inferSumRanges(CodingAttrInterface weights,
                                     ArrayRef<IntegerRange> input) {
  if (weights.getShape().size() != 2 || !weights.isIntegral() || input.empty())
    return std::nullopt;
  auto columns = static_cast<uint64_t>(weights.getShape()[1]);
  if (input.size() != 1 && input.size() != columns)
    return std::nullopt;
  unsigned bits = getMagnitudeBits(getHull(input)) + weights.getElementBits() +
                  llvm::bit_width(columns);
  if (bits <= 62)
    return sumRows<int64_t>(weights, input);
  if (bits <= 126)
    return sumRows<Int128>(weights, input);
  return std::nullopt;
}

/// Bounds of sums with weights of which only bounds are known.
static OptionalRanges sumUnknownWeights(ArrayRef<IntegerRange> input,
                                        ArrayRef<IntegerRange> weights,
                                        int64_t columns) {
  if (getMagnitudeBits(getHull(input)) + getMagnitudeBits(getHull(weights)) +
          llvm::bit_width(static_cast<uint64_t>(columns)) >
      126)
    return std::nullopt;
  bool uniform = input.size() == 1 && weights.size() == 1;
  Int128 min = 0, max = 0;
  for (int64_t k = 0; k < (uniform ? std::min<int64_t>(1, columns) : columns);
       ++k) {
    IntegerRange x = getChannelRange(input, k), w = getChannelRange(weights, k);
    Int128 corners[] = {Int128(x.min) * w.min, Int128(x.min) * w.max,
                        Int128(x.max) * w.min, Int128(x.max) * w.max};
    min += *std::min_element(std::begin(corners), std::end(corners));
    max += *std::max_element(std::begin(corners), std::end(corners));
  }
  if (uniform) {
    min *= columns;
    max *= columns;
  }
  std::optional<int64_t> low = narrow(min), high = narrow(max);
  if (!low || !high)
    return std::nullopt;
  return ChannelRanges{{*low, *high}};
}

OptionalRanges LinearOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  if (!getTypeRange(getType()))
    return std::nullopt;
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  OptionalRanges sums;
  if (auto constant = getWeights().getDefiningOp<ConstantOp>()) {
    sums = inferSumRanges(constant.getValue(), input);
  } else if (int64_t columns = getWeights().getType().getDimSize(1);
             !ShapedType::isDynamic(columns)) {
    sums = sumUnknownWeights(input, getOperandRanges(getWeights(), operands[1]),
                             columns);
  }
  if (!sums || sums->empty())
    return std::nullopt;
  if (!getBias())
    return sums;
  ChannelRanges bias = getOperandRanges(getBias(), operands[2]);
  ChannelRanges result(std::max(sums->size(), bias.size()));
  for (auto [channel, range] : llvm::enumerate(result)) {
    IntegerRange sum = getChannelRange(*sums, channel);
    IntegerRange offset = getChannelRange(bias, channel);
    std::optional<int64_t> low = narrow(Int128(sum.min) + offset.min);
    std::optional<int64_t> high = narrow(Int128(sum.max) + offset.max);
    if (!low || !high)
      return std::nullopt;
    range = {*low, *high};
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Functions of one channel
//===----------------------------------------------------------------------===//

OptionalRanges
ThresholdOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  int64_t rows = getThresholds().getShapedType().getDimSize(0);
  int64_t steps = getThresholds().getShapedType().getDimSize(1);
  auto codes = [&](int64_t low, int64_t high) {
    int64_t a = getBase() + getStep() * low, b = getBase() + getStep() * high;
    return IntegerRange{std::min(a, b), std::max(a, b)};
  };
  if (!operands[0] || !getTypeRange(getInput().getType()))
    return ChannelRanges{codes(0, steps)};
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  ArrayRef<bool> decreasing = getDecreasing().value_or(ArrayRef<bool>());
  SmallVector<int64_t> thresholds = readPayloadIntegers(getThresholds());
  ChannelRanges result(
      std::max({input.size(), static_cast<size_t>(rows), decreasing.size()}));
  for (auto [channel, range] : llvm::enumerate(result)) {
    ArrayRef<int64_t> row = ArrayRef<int64_t>(thresholds)
                                .slice(rows == 1 ? 0 : channel * steps, steps);
    auto reached = [&](int64_t x) -> int64_t {
      return std::upper_bound(row.begin(), row.end(), x) - row.begin();
    };
    IntegerRange x = getChannelRange(input, channel);
    int64_t low = reached(x.min), high = reached(x.max);
    bool falls = !decreasing.empty() && atChannel(decreasing, channel);
    range = falls ? codes(steps - high, steps - low) : codes(low, high);
  }
  return result;
}

OptionalRanges
RequantizeOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  int64_t lowest = getMin(), highest = getMax();
  ChannelRanges result(std::max({input.size(), getMultiply().size(),
                                 getAdd().size(), getShift().size()}));
  for (auto [channel, range] : llvm::enumerate(result)) {
    IntegerRange x = getChannelRange(input, channel);
    auto code = [&, c = channel](int64_t value) {
      Int128 shifted = shiftRight(
          Int128(value) * atChannel(getMultiply(), c) + atChannel(getAdd(), c),
          atChannel(getShift(), c), getHalfEven());
      return static_cast<int64_t>(std::clamp<Int128>(shifted, lowest, highest));
    };
    int64_t a = code(x.min), b = code(x.max);
    range = {std::min(a, b), std::max(a, b)};
  }
  return result;
}

OptionalRanges TableOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  if (!getTypeRange(getType()))
    return std::nullopt;
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  int64_t rows = getTable().getShapedType().getDimSize(0);
  int64_t size = getTable().getShapedType().getDimSize(1);
  auto first = static_cast<int64_t>(getFirst());
  SmallVector<int64_t> table = readPayloadIntegers(getTable());
  ChannelRanges result(std::max(input.size(), static_cast<size_t>(rows)));
  for (auto [channel, range] : llvm::enumerate(result)) {
    IntegerRange x = getChannelRange(input, channel);
    auto position = [&](int64_t value) {
      return static_cast<int64_t>(
          std::clamp<Int128>(Int128(value) - first, 0, size - 1));
    };
    int64_t low = position(x.min), high = position(x.max);
    auto entries = ArrayRef<int64_t>(table).slice(
        (rows == 1 ? 0 : channel * size) + low, high - low + 1);
    range = {*llvm::min_element(entries), *llvm::max_element(entries)};
  }
  return result;
}

OptionalRanges ClampOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  ChannelRanges result(
      std::max({input.size(), getMin().size(), getMax().size()}));
  for (auto [channel, range] : llvm::enumerate(result)) {
    IntegerRange x = getChannelRange(input, channel);
    int64_t min = atChannel(getMin(), channel), max = atChannel(getMax(), channel);
    range = {std::min(std::max(x.min, min), max),
             std::min(std::max(x.max, min), max)};
  }
  return result;
}

OptionalRanges
TruncatePlanesOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  ChannelRanges result = getOperandRanges(getInput(), operands[0]);
  int64_t mask = INT64_MIN >> (63 - getShift());
  for (IntegerRange &range : result)
    range = {range.min & mask, range.max & mask};
  return result;
}

//===----------------------------------------------------------------------===//
// Branches and reductions
//===----------------------------------------------------------------------===//

OptionalRanges CombineOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  SmallVector<ChannelRanges> inputs;
  SmallVector<int64_t> multiply = readPayloadIntegers(getMultiply());
  SmallVector<int64_t> add = readPayloadIntegers(getAdd());
  size_t columns = getMultiply().getShapedType().getDimSize(1);
  size_t channels = std::max(columns, add.size());
  for (auto [value, ranges] : llvm::zip_equal(getInputs(), operands)) {
    inputs.push_back(getOperandRanges(value, ranges));
    channels = std::max(channels, inputs.back().size());
  }
  ChannelRanges result(channels);
  for (auto [channel, range] : llvm::enumerate(result)) {
    Int128 min = atChannel(add, channel), max = min;
    for (auto [branch, input] : llvm::enumerate(inputs)) {
      IntegerRange x = getChannelRange(input, channel);
      Int128 factor = multiply[branch * columns + (columns == 1 ? 0 : channel)];
      // A sum of int128 products of int64 numbers may overflow; bail out early.
      Int128 low = factor * x.min, high = factor * x.max;
      if (!narrow(low) || !narrow(high))
        return std::nullopt;
      min += std::min(low, high);
      max += std::max(low, high);
    }
    std::optional<int64_t> low = narrow(min), high = narrow(max);
    if (!low || !high)
      return std::nullopt;
    range = {*low, *high};
  }
  return result;
}

OptionalRanges
ReduceMaxOp::inferResultRanges(ArrayRef<OptionalRanges> operands) {
  if (!getTypeRange(getType()))
    return std::nullopt;
  ChannelRanges input = getOperandRanges(getInput(), operands[0]);
  if (static_cast<int64_t>(getAxis()) + 1 != getInput().getType().getRank())
    return input;
  // The greatest of elements is at least the greatest of their lower bounds.
  IntegerRange greatest = input.front();
  for (const IntegerRange &range : input) {
    greatest.min = std::max(greatest.min, range.min);
    greatest.max = std::max(greatest.max, range.max);
  }
  return ChannelRanges{greatest};
}

OptionalRanges ArgMaxOp::inferResultRanges(ArrayRef<OptionalRanges>) {
  int64_t size = getInput().getType().getDimSize(getAxis());
  if (ShapedType::isDynamic(size))
    return std::nullopt;
  return ChannelRanges{IntegerRange{0, std::max<int64_t>(0, size - 1)}};
}
