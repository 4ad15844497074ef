//===- IntegerKernels.cpp - Operations on exact-width integers --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sumac.threshold, requantize, table, combine and clamp. A value that does not
// fit its result type is an error: widths are part of the program.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

/// Entry of an array with one entry for all channels, or one for each.
template <typename T>
static T getEntry(const std::vector<T> &entries, int64_t channel) {
  return entries[entries.size() == 1 ? 0 : channel];
}

static LogicalResult checkChannels(size_t entries, int64_t channels, Error &error) {
  if (entries == 1 || static_cast<int64_t>(entries) == channels)
    return success();
  return error.set("has parameters for " + Twine(entries) + " channels, but the input has " + Twine(channels));
}

/// Applies a function of a value and its channel.
template <typename Function>
static FailureOr<TensorRef> mapIntegers(Type type, const Tensor &input, Error &error, Function function) {
  std::vector<Int128> results(input.size());
  int64_t channels = input.getRowSize();
  for (int64_t i = 0; i < input.size(); ++i)
    results[i] = function(input.getIntegers()[i], i % channels);
  return makeIntegers(type, Shape(input.getShape()), results, error);
}

//===----------------------------------------------------------------------===//
// Threshold
//===----------------------------------------------------------------------===//

namespace {
template <typename T>
struct Thresholds {
  ChannelRows<T> rows;
  std::vector<bool> decreasing;
  int64_t base, step;

  /// The definition.
  Int128 apply(T x, int64_t channel) const {
    int64_t reached = llvm::count_if(rows.getRow(channel), [&](T threshold) { return x >= threshold; });
    if (!decreasing.empty() && getEntry(decreasing, channel))
      reached = rows.columns - reached;
    return Int128(base) + Int128(step) * reached;
  }
};
} // namespace

template <typename T>
static FailureOr<Thresholds<T>> readThresholds(ThresholdOp op, std::vector<T> values) {
  ArrayRef<int64_t> shape = op.getThresholds().getShapedType().getShape();
  if (shape.size() != 2 || shape[0] < 1)
    return op.emitOpError("thresholds must be [channels, steps]");
  Thresholds<T> result{{shape[0], shape[1], std::move(values)},
                       {},
                       static_cast<int64_t>(op.getBase()),
                       static_cast<int64_t>(op.getStep())};
  if (std::optional<ArrayRef<bool>> decreasing = op.getDecreasing())
    result.decreasing.assign(decreasing->begin(), decreasing->end());
  return result;
}

static LogicalResult checkThresholds(int64_t channels, size_t decreasing, const Tensor &input, Error &error) {
  if (failed(checkChannels(channels, input.getRowSize(), error)))
    return failure();
  return decreasing == 0 ? success() : checkChannels(decreasing, input.getRowSize(), error);
}

static FailureOr<Kernel> prepareFloatThreshold(ThresholdOp op, Type type) {
  if (getElementType(op.getInput()) != op.getThresholds().getElementType())
    return op.emitOpError("thresholds of a float input must have its type");
  FailureOr<std::vector<double>> values = readDoubles(op, op.getThresholds());
  if (failed(values))
    return failure();
  FailureOr<Thresholds<double>> thresholds = readThresholds(op, std::move(*values));
  if (failed(thresholds))
    return failure();
  return Kernel([=, thresholds = *thresholds](Operands operands, Error &error) -> FailureOr<TensorRef> {
    const Tensor &input = *operands[0];
    if (failed(checkThresholds(thresholds.rows.channels, thresholds.decreasing.size(), input, error)))
      return failure();
    std::vector<Int128> results(input.size());
    for (auto [i, value] : llvm::enumerate(input.getFloats()))
      results[i] = thresholds.apply(std::isnan(value) ? -bounds::kInfinity : value, i % input.getRowSize());
    return makeIntegers(type, Shape(input.getShape()), results, error);
  });
}

FailureOr<Kernel> interpreter::prepare(ThresholdOp op, const Settings &settings) {
  Type type = getElementType(op.getResult());
  if (isa<FloatType>(getElementType(op.getInput())))
    return prepareFloatThreshold(op, type);
  FailureOr<std::vector<int64_t>> values = readIntegers(op, op.getThresholds());
  if (failed(values))
    return failure();
  FailureOr<Thresholds<int64_t>> thresholds = readThresholds(op, std::move(*values));
  if (failed(thresholds))
    return failure();
  return Kernel([=, thresholds = *thresholds](Operands operands, Error &error) -> FailureOr<TensorRef> {
    if (failed(checkThresholds(thresholds.rows.channels, thresholds.decreasing.size(), *operands[0], error)))
      return failure();
    return mapIntegers(type, *operands[0], error,
                       [&](int64_t x, int64_t channel) { return thresholds.apply(x, channel); });
  });
}

//===----------------------------------------------------------------------===//
// Requantize, clamp
//===----------------------------------------------------------------------===//

FailureOr<Kernel> interpreter::prepare(RequantizeOp op, const Settings &settings) {
  std::vector<int64_t> multiply = op.getMultiply().vec(), add = op.getAdd().vec(), shift = op.getShift().vec();
  if (multiply.empty() || add.empty() || shift.empty())
    return op.emitOpError("expected an entry for all channels, or one for each");
  if (llvm::any_of(shift, [](int64_t bits) { return bits < 0 || bits > 126; }))
    return op.emitOpError("shift must be 0 to 126");
  int64_t min = op.getMin(), max = op.getMax();
  if (min > max)
    return op.emitOpError("clamp bounds are in the wrong order");
  bool isHalfEven = op.getHalfEven();
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    int64_t channels = operands[0]->getRowSize();
    if (failed(checkChannels(multiply.size(), channels, error)) || failed(checkChannels(add.size(), channels, error)) ||
        failed(checkChannels(shift.size(), channels, error)))
      return failure();
    return mapIntegers(type, *operands[0], error, [&](int64_t x, int64_t c) {
      // At most 2^126 + 2^63: it fits. Shifting right rounds down.
      Int128 product = Int128(x) * getEntry(multiply, c) + getEntry(add, c);
      Int128 code = product >> getEntry(shift, c);
      if (isHalfEven) {
        // Up where more than half is left, or half of an odd one.
        Int128 unit = Int128(1) << getEntry(shift, c), rest = 2 * (product - code * unit);
        if (rest > unit || (rest == unit && code % 2 != 0))
          ++code;
      }
      return std::clamp<Int128>(code, min, max);
    });
  });
}

FailureOr<Kernel> interpreter::prepare(ClampOp op, const Settings &settings) {
  std::vector<int64_t> min = op.getMin().vec(), max = op.getMax().vec();
  if (min.empty() || max.empty())
    return op.emitOpError("expected an entry for all channels, or one for each");
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    int64_t channels = operands[0]->getRowSize();
    if (failed(checkChannels(min.size(), channels, error)) || failed(checkChannels(max.size(), channels, error)))
      return failure();
    return mapIntegers(type, *operands[0], error, [&](int64_t x, int64_t c) {
      return Int128(std::min(std::max(x, getEntry(min, c)), getEntry(max, c)));
    });
  });
}

//===----------------------------------------------------------------------===//
// Truncation
//===----------------------------------------------------------------------===//

FailureOr<Kernel> interpreter::prepare(TruncatePlanesOp op, const Settings &settings) {
  auto type = cast<IntegerType>(getElementType(op.getResult()));
  int64_t keep = op.getKeep();
  if (keep < 1 || type.getWidth() > 64)
    return op.emitOpError("expected codes of at most 64 bits and a plane to keep");
  Int128 unit = Int128(1) << std::max<int64_t>(0, static_cast<int64_t>(type.getWidth()) - keep);
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    // The greatest multiple of `unit` that is not above x.
    return mapIntegers(type, *operands[0], error, [&](int64_t x, int64_t) {
      Int128 rest = x % unit;
      return x - (rest < 0 ? rest + unit : rest);
    });
  });
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

/// The positions in a table of [channels, size] that a tensor's elements name.
static FailureOr<std::vector<int64_t>> findEntries(const Tensor &input, ArrayRef<int64_t> tableShape, int64_t first,
                                                   Error &error) {
  int64_t channels = input.getRowSize(), size = tableShape[1];
  if (failed(checkChannels(tableShape[0], channels, error)))
    return failure();
  std::vector<int64_t> entries(input.size());
  for (auto [i, value] : llvm::enumerate(input.getIntegers())) {
    Int128 position = Int128(value) - first;
    if (position < 0 || position >= size)
      return error.set("value " + Twine(value) + " is outside of the table");
    entries[i] = (tableShape[0] == 1 ? 0 : i % channels) * size + static_cast<int64_t>(position);
  }
  return entries;
}

FailureOr<Kernel> interpreter::prepare(TableOp op, const Settings &settings) {
  Shape tableShape(op.getTable().getShapedType().getShape());
  if (tableShape.size() != 2 || tableShape[0] < 1)
    return op.emitOpError("table must be [channels, size]");
  Type type = getElementType(op.getResult());
  int64_t first = op.getFirst();
  TensorRef table;
  if (isa<FloatType>(type)) {
    if (type != op.getTable().getElementType())
      return op.emitOpError("a table of floats must have the result's type");
    FailureOr<std::vector<double>> values = readDoubles(op, op.getTable());
    if (failed(values))
      return failure();
    table = Tensor::floats(type, tableShape, std::move(*values));
  } else {
    FailureOr<std::vector<int64_t>> values = readIntegers(op, op.getTable());
    if (failed(values))
      return failure();
    table = Tensor::integers(type, tableShape, std::move(*values));
  }
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    FailureOr<std::vector<int64_t>> entries = findEntries(*operands[0], tableShape, first, error);
    if (failed(entries))
      return failure();
    Shape shape(operands[0]->getShape());
    TensorRef result = gather(type, shape, table, {}, *entries);
    return table->getKind() == Tensor::Kind::Floats ? FailureOr<TensorRef>(result)
                                                    : makeIntegers(type, shape, result->getIntegers().vec(), error);
  });
}

//===----------------------------------------------------------------------===//
// Combine
//===----------------------------------------------------------------------===//

FailureOr<Kernel> interpreter::prepare(CombineOp op, const Settings &settings) {
  FailureOr<std::vector<int64_t>> multiply = readIntegers(op, op.getMultiply()), add = readIntegers(op, op.getAdd());
  if (failed(multiply) || failed(add))
    return failure();
  ArrayRef<int64_t> shape = op.getMultiply().getShapedType().getShape();
  size_t branches = op.getInputs().size();
  if (branches == 0 || shape.size() != 2 || shape[0] != static_cast<int64_t>(branches) || shape[1] < 1 || add->empty())
    return op.emitOpError("expected factors of [branches, channels] and an offset");
  std::vector<std::vector<int64_t>> factors(branches);
  for (size_t b = 0; b < branches; ++b)
    factors[b] = ArrayRef<int64_t>(*multiply).slice(b * shape[1], shape[1]).vec();
  Type type = getElementType(op.getResult());
  return Kernel([=, add = std::move(*add)](Operands operands, Error &error) -> FailureOr<TensorRef> {
    const Tensor &front = *operands[0];
    int64_t channels = front.getRowSize();
    if (failed(checkChannels(factors.front().size(), channels, error)) ||
        failed(checkChannels(add.size(), channels, error)))
      return failure();
    std::vector<Int128> sums(front.size());
    for (int64_t i = 0; i < front.size(); ++i)
      sums[i] = getEntry(add, i % channels);
    for (auto [factor, operand] : llvm::zip_equal(factors, operands)) {
      if (operand->getShape() != front.getShape())
        return error.set("branches differ in shape");
      for (int64_t i = 0; i < front.size(); ++i) {
        Int128 product = Int128(operand->getIntegers()[i]) * getEntry(factor, i % channels);
        if (__builtin_add_overflow(sums[i], product, &sums[i]))
          return error.set("sum of element " + Twine(i) + " does not fit 128 bits");
      }
    }
    return makeIntegers(type, Shape(front.getShape()), sums, error);
  });
}
