//===- StepFunction.cpp - Piecewise constant integer functions ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/StepFunction.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace sumac;

/// Chains with more monotone pieces than this are refused.
static constexpr size_t kPieceLimit = 4096;

//===----------------------------------------------------------------------===//
// StepFunction
//===----------------------------------------------------------------------===//

int64_t StepFunction::operator()(int64_t x) const {
  auto next = std::upper_bound(steps.begin(), steps.end(), x,
                               [](int64_t position, const Step &step) {
                                 return position < step.position;
                               });
  return next == steps.begin() ? first : std::prev(next)->value;
}

int64_t StepFunction::minimum() const {
  int64_t result = first;
  for (const Step &step : steps)
    result = std::min(result, step.value);
  return result;
}

int64_t StepFunction::maximum() const {
  int64_t result = first;
  for (const Step &step : steps)
    result = std::max(result, step.value);
  return result;
}

bool StepFunction::isNonDecreasing() const {
  int64_t previous = first;
  for (const Step &step : steps) {
    if (step.value < previous)
      return false;
    previous = step.value;
  }
  return true;
}

bool StepFunction::isNonIncreasing() const {
  int64_t previous = first;
  for (const Step &step : steps) {
    if (step.value > previous)
      return false;
    previous = step.value;
  }
  return true;
}

std::vector<int64_t> StepFunction::risingThresholds() const {
  std::vector<int64_t> result;
  int64_t value = first;
  for (const Step &step : steps)
    for (; value < step.value; ++value)
      result.push_back(step.position);
  return result;
}

std::vector<int64_t> StepFunction::fallingThresholds() const {
  std::vector<int64_t> result;
  int64_t value = first;
  for (const Step &step : steps)
    for (; value > step.value; --value)
      result.push_back(step.position);
  return result;
}

StepFunction StepFunction::restrictTo(int64_t low, int64_t high) const {
  StepFunction result;
  result.lo = low;
  result.hi = high;
  result.first = (*this)(low);
  for (const Step &step : steps)
    if (step.position > low && step.position <= high)
      result.steps.push_back(step);
  return result;
}

//===----------------------------------------------------------------------===//
// Floats as integers
//===----------------------------------------------------------------------===//

int32_t sumac::floatToKey(float number) {
  if (std::isnan(number))
    return kMinFloatKey;
  int32_t bits;
  std::memcpy(&bits, &number, sizeof(bits));
  return bits >= 0 ? bits : INT32_MIN - bits;
}

float sumac::keyToFloat(int32_t key) {
  int32_t bits = key >= 0 ? key : INT32_MIN - key;
  float number;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {

/// An interval of keys on which a chain, or the start of it, is monotone.
struct Piece {
  int64_t lo;
  int64_t hi;
  int direction;
};

class StepBuilder {
public:
  StepBuilder(const ScalarFunction &function, bool floats, size_t limit)
      : function(function), floats(floats), limit(limit) {}

  std::optional<StepFunction> build(int64_t lo, int64_t hi);

private:
  double approxKey(int64_t key) const {
    return floats ? double(keyToFloat(int32_t(key))) : double(key);
  }
  ExtendedReal exactKey(int64_t key) const;

  std::optional<int64_t> code(int64_t key) const;
  /// Whether the first `count` operations give a negative number.
  std::optional<bool> isNegative(int64_t key, size_t count) const;

  /// Cuts pieces where operation `index` turns and updates their directions.
  bool splitPieces(size_t index);
  bool splitAtZero(const Piece &piece, size_t index,
                   std::vector<Piece> &result);
  /// Appends the steps within keys at which the codes are known.
  bool bisect(int64_t lo, int64_t loCode, int64_t hi, int64_t hiCode);
  bool addStep(int64_t position, int64_t value);

  const ScalarFunction &function;
  bool floats;
  size_t limit;
  std::vector<Piece> pieces;
  StepFunction result;
};

} // namespace

ExtendedReal StepBuilder::exactKey(int64_t key) const {
  if (!floats)
    return Real(key);
  float number = keyToFloat(int32_t(key));
  if (std::isinf(number))
    return ExtendedReal::infinity(number < 0 ? -1 : 1);
  return Real::exactly(number);
}

std::optional<int64_t> StepBuilder::code(int64_t key) const {
  double error;
  double value = function.approx(approxKey(key), error);
  if (error == 0)
    return int64_t(value);
  std::optional<ExtendedReal> exact = function.evaluate(exactKey(key));
  if (!exact || exact->infinite)
    return std::nullopt;
  return exact->value.asRational().numerator().toInt64();
}

std::optional<bool> StepBuilder::isNegative(int64_t key, size_t count) const {
  double error;
  double value = function.approx(approxKey(key), error, count);
  if (error == 0 || std::fabs(value) > error)
    return value < 0;
  std::optional<ExtendedReal> exact = function.evaluate(exactKey(key), count);
  if (!exact)
    return std::nullopt;
  if (exact->infinite)
    return exact->infinite < 0;
  std::optional<int> sign = exact->value.sign();
  if (!sign)
    return std::nullopt;
  return *sign < 0;
}

/// The middle of two different keys, rounded down, without overflow.
static int64_t middleOf(int64_t lo, int64_t hi) {
  return lo + int64_t((uint64_t(hi) - uint64_t(lo)) / 2);
}

bool StepBuilder::splitAtZero(const Piece &piece, size_t index,
                              std::vector<Piece> &result) {
  const ScalarFunction::Operation &operation = function.operations()[index];
  auto append = [&](int64_t lo, int64_t hi, bool negative) {
    Direction turn = ScalarFunction::direction(operation, negative ? -1 : 1);
    result.push_back({lo, hi, piece.direction * static_cast<int>(turn)});
  };
  std::optional<bool> first = isNegative(piece.lo, index);
  std::optional<bool> last = isNegative(piece.hi, index);
  if (!first || !last)
    return false;
  if (*first == *last) {
    append(piece.lo, piece.hi, *first);
    return true;
  }
  // The start of the chain is monotone here: its sign changes once.
  int64_t lo = piece.lo, hi = piece.hi;
  while (uint64_t(hi) - uint64_t(lo) > 1) {
    int64_t middle = middleOf(lo, hi);
    std::optional<bool> negative = isNegative(middle, index);
    if (!negative)
      return false;
    (*negative == *first ? lo : hi) = middle;
  }
  append(piece.lo, lo, *first);
  append(hi, piece.hi, *last);
  return true;
}

bool StepBuilder::splitPieces(size_t index) {
  const ScalarFunction::Operation &operation = function.operations()[index];
  if (!ScalarFunction::turnsAtZero(operation)) {
    auto factor = static_cast<int>(ScalarFunction::direction(operation, 1));
    for (Piece &piece : pieces)
      piece.direction *= factor;
    return true;
  }
  std::vector<Piece> split;
  for (const Piece &piece : pieces)
    if (!splitAtZero(piece, index, split))
      return false;
  pieces = std::move(split);
  return pieces.size() <= kPieceLimit;
}

bool StepBuilder::addStep(int64_t position, int64_t value) {
  if (result.steps.size() == limit)
    return false;
  result.steps.push_back({position, value});
  return true;
}

bool StepBuilder::bisect(int64_t lo, int64_t loCode, int64_t hi,
                         int64_t hiCode) {
  // The code is monotone between the keys: equal at both, equal between.
  if (loCode == hiCode)
    return true;
  if (uint64_t(hi) - uint64_t(lo) == 1)
    return addStep(hi, hiCode);
  int64_t middle = middleOf(lo, hi);
  std::optional<int64_t> middleCode = code(middle);
  return middleCode && bisect(lo, loCode, middle, *middleCode) &&
         bisect(middle, *middleCode, hi, hiCode);
}

std::optional<StepFunction> StepBuilder::build(int64_t lo, int64_t hi) {
  if (lo > hi || !function.givesCodes())
    return std::nullopt;
  pieces = {{lo, hi, 1}};
  for (size_t i = 0; i < function.operations().size(); ++i)
    if (!splitPieces(i))
      return std::nullopt;
  result.lo = lo;
  result.hi = hi;
  for (const Piece &piece : pieces) {
    std::optional<int64_t> first = code(piece.lo), last = code(piece.hi);
    if (!first || !last)
      return std::nullopt;
    int moved = (*last > *first) - (*last < *first);
    if (moved != 0 && moved != piece.direction)
      return std::nullopt; // not monotone after all: never seen
    if (piece.lo == lo)
      result.first = *first;
    else if (*first != result.last() && !addStep(piece.lo, *first))
      return std::nullopt;
    if (!bisect(piece.lo, *first, piece.hi, *last))
      return std::nullopt;
  }
  return std::move(result);
}

std::optional<StepFunction> sumac::buildSteps(const ScalarFunction &codes,
                                              int64_t lo, int64_t hi,
                                              size_t limit) {
  return StepBuilder(codes, /*floats=*/false, limit).build(lo, hi);
}

std::optional<StepFunction> sumac::buildSteps(ScalarFunction function,
                                              const Quantizer &quantizer,
                                              int64_t lo, int64_t hi,
                                              size_t limit) {
  if (!function.toCode(quantizer))
    return std::nullopt;
  return buildSteps(function, lo, hi, limit);
}

std::optional<StepFunction> sumac::buildFloatSteps(const ScalarFunction &codes,
                                                   int32_t loKey, int32_t hiKey,
                                                   size_t limit) {
  if (loKey < kMinFloatKey || hiKey > kMaxFloatKey)
    return std::nullopt;
  return StepBuilder(codes, /*floats=*/true, limit).build(loKey, hiKey);
}
