//===- WeightEncoding.cpp - Weights as codes of few bits --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses codes for weights and packs them.
//
//===----------------------------------------------------------------------===//

#include "WeightEncoding.h"

#include "TiledEmission.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <bitset>
#include <limits>
#include <numeric>

using namespace sumac;

int64_t WeightEncoding::getSteps(const LinearLayer &layer) const {
  return llvm::divideCeil(layer.inputs, getStepInputs());
}

IntegerRange WeightEncoding::getStoredRange() const {
  int64_t max = (int64_t(1) << bits) - 1;
  if (topOffset == 0)
    return {0, max};
  return {-topOffset, getSlots() == 1 ? max - topOffset : max};
}

int64_t sumac::findWeightStep(const LinearLayer &layer) {
  int64_t step = 0;
  llvm::SmallVector<int64_t> row(layer.inputs);
  for (int64_t n = 0; n < layer.outputs && step != 1; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (int64_t weight : row)
      step = std::gcd(step, weight - layer.weightRange.min);
  }
  return step == 0 ? 1 : step;
}

/// The offset that brings `range` into a byte, 0 if it is there already.
static std::optional<int64_t> getInputOffset(IntegerRange range, bool isSigned) {
  int64_t low = isSigned ? -128 : 0;
  if (range.min >= low && range.max <= low + 255)
    return 0;
  if (!llvm::isInt<32>(range.min) || !llvm::isInt<32>(range.max) || range.max - range.min > 255)
    return std::nullopt;
  return low - range.min;
}

/// Completes an encoding with the base that needs the fewest corrections.
static std::optional<WeightEncoding> chooseBase(const LinearLayer &layer, WeightEncoding encoding, CodeAccess access) {
  int64_t half = int64_t(1) << (encoding.bits - 1);
  IntegerRange range = layer.weightRange;
  std::optional<WeightEncoding> best;
  int bestCost = std::numeric_limits<int>::max();
  for (int64_t base : {int64_t(0), -encoding.step * half, range.min}) {
    if (base > range.min || (range.min - base) % encoding.step != 0 || (range.max - base) / encoding.step >= 2 * half)
      continue;
    encoding.base = base;
    // Bytes of whole codes are always read as they are; smaller codes keep
    // their place, and with it the sign bit, only if the kernel does not shift.
    bool top = encoding.signedWeights && (access == CodeAccess::InPlace || encoding.bits == 8);
    encoding.topOffset = top && (range.max - base) / encoding.step >= half ? half : 0;
    int cost = 0;
    for (int64_t slot = 0; slot < encoding.getSlots(); ++slot)
      cost += encoding.getCorrection(slot) != 0;
    if (cost < bestCost) {
      best = encoding;
      bestCost = cost;
    }
  }
  return best;
}

/// Codes that are positions in a table of bytes.
static std::optional<WeightEncoding> encodeLookup(const LinearLayer &layer, unsigned bits, DotSigns signs) {
  std::optional<int64_t> offset = getInputOffset(layer.activationRange, signs.input);
  // Both bytes of a weight are signed: 127 * 256 + 127 is the largest.
  constexpr int64_t kLargest = 127 * 256 + 127;
  if (!offset || layer.weightRange.min < INT16_MIN || layer.weightRange.max > kLargest)
    return std::nullopt;
  // Weights whose differences fit the code need no table.
  if (layer.weightRange.max - layer.weightRange.min < int64_t(1) << bits)
    return std::nullopt;
  WeightEncoding encoding;
  encoding.bits = bits;
  encoding.inputOffset = *offset;
  encoding.signedInput = signs.input;
  encoding.signedWeights = signs.weights;
  if (layer.weightRange.min < INT8_MIN || layer.weightRange.max > INT8_MAX)
    encoding.planes = 2;
  std::bitset<1 << 16> used;
  llvm::SmallVector<int64_t> row(layer.inputs);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (int64_t weight : row) {
      if (used[weight - INT16_MIN])
        continue;
      used.set(weight - INT16_MIN);
      encoding.table.push_back(weight);
      if (encoding.table.size() > size_t(1) << bits)
        return std::nullopt;
    }
  }
  llvm::sort(encoding.table);
  if (encoding.table.empty())
    return std::nullopt;
  return encoding;
}

std::optional<WeightEncoding> sumac::encodeWeights(const LinearLayer &layer, unsigned bits,
                                                   llvm::ArrayRef<DotSigns> signs, CodeAccess access) {
  if (access == CodeAccess::Lookup)
    return encodeLookup(layer, bits, signs.front());
  // Weights of more bits have no codes; the difference must not overflow.
  if (!llvm::isInt<32>(layer.weightRange.min) || !llvm::isInt<32>(layer.weightRange.max))
    return std::nullopt;
  int64_t span = layer.weightRange.max - layer.weightRange.min;
  int64_t codes = int64_t(1) << bits;
  WeightEncoding encoding;
  encoding.bits = bits;
  encoding.dense = access == CodeAccess::Dense;
  if (span >= codes) {
    // Only codings whose values lie apart (bipolar) are worth a scan.
    if (layer.weights.getElementBits() > bits)
      return std::nullopt;
    encoding.step = findWeightStep(layer);
    if (span / encoding.step >= codes)
      return std::nullopt;
  }
  std::optional<WeightEncoding> best;
  int bestCost = std::numeric_limits<int>::max();
  for (DotSigns sign : signs) {
    std::optional<int64_t> offset = getInputOffset(layer.activationRange, sign.input);
    if (!offset)
      continue;
    encoding.inputOffset = *offset;
    encoding.signedInput = sign.input;
    encoding.signedWeights = sign.weights;
    std::optional<WeightEncoding> candidate = chooseBase(layer, encoding, access);
    if (!candidate)
      continue;
    int cost = (candidate->hasCorrection() ? 2 : 0) + (*offset != 0 ? 1 : 0);
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

bool sumac::slotSumsFitInt32(const LinearLayer &layer, const WeightEncoding &encoding) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  int64_t slots = encoding.getSlots();
  if (encoding.getSumShift(slots - 1) == 0)
    return true;
  int64_t low = layer.activationRange.min + encoding.inputOffset;
  int64_t high = layer.activationRange.max + encoding.inputOffset;
  int64_t input = std::max(std::abs(low), std::abs(high));
  IntegerRange stored = encoding.getStoredRange();
  int64_t product = input * std::max(std::abs(stored.min), std::abs(stored.max));
  int64_t scale = int64_t(1) << (8 - encoding.bits);
  if (encoding.getSteps(layer) * 4 <= limit / scale / std::max<int64_t>(product, 1))
    return true;

  llvm::SmallVector<int64_t> row(layer.inputs);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    llvm::SmallVector<int64_t> sums(slots, 0);
    for (int64_t k = 0; k < layer.inputs; ++k) {
      int64_t slot = encoding.getSlot(k);
      int64_t value = encoding.getCode(row[k]) - (slot + 1 == slots ? encoding.topOffset : 0);
      sums[slot] += std::abs(value) * input;
    }
    for (int64_t slot = 1; slot < slots; ++slot)
      if (sums[slot] > limit >> (slot * encoding.bits))
        return false;
  }
  return true;
}

/// Adds one channel's codes of a step to its word.
static void packSlots(char *word, llvm::ArrayRef<int64_t> weights, const WeightEncoding &encoding) {
  int64_t mask = (int64_t(1) << encoding.bits) - 1;
  for (auto [k, weight] : llvm::enumerate(weights)) {
    int64_t slot = encoding.getSlot(k);
    int64_t stored = encoding.getCode(weight) - (slot + 1 == encoding.getSlots() ? encoding.topOffset : 0);
    word[k % 4] |= static_cast<char>((stored & mask) << (slot * encoding.bits));
  }
}

/// The same for dense codes: bit by bit, in groups of 8 codes.
static void packDense(char *vector, int64_t lane, llvm::ArrayRef<int64_t> weights, const WeightEncoding &encoding) {
  for (auto [k, weight] : llvm::enumerate(weights)) {
    int64_t code = encoding.getCode(weight), first = (lane * 4 + k) * encoding.bits;
    for (int64_t bit = 0; bit < encoding.bits; ++bit)
      vector[(first + bit) / 8] |= static_cast<char>((code >> bit & 1) << ((first + bit) % 8));
  }
}

PackedWeights sumac::packWeights(const LinearLayer &layer, const WeightEncoding &encoding) {
  int64_t steps = encoding.getSteps(layer), stepInputs = encoding.getStepInputs();
  llvm::SmallVector<int64_t> row(layer.inputs), extra(layer.outputs, 0);
  if (encoding.inputOffset != 0)
    for (int64_t n = 0; n < layer.outputs; ++n) {
      layer.weights.decodeIntegers(n * layer.inputs, row);
      extra[n] = -encoding.inputOffset * std::accumulate(row.begin(), row.end(), int64_t(0));
    }
  PackedWeights packed = makePackedWeights(layer, encoding.getVectorBytes(layer), extra);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (int64_t step = 0; step < steps; ++step) {
      char *vector = packed.bytes.data() + getPackedOffset(layer.outputs, steps, encoding.getStepBytes(), n, step);
      int64_t first = step * stepInputs;
      auto inputs = llvm::ArrayRef(row).slice(first, std::min(stepInputs, layer.inputs - first));
      if (encoding.dense)
        packDense(vector, n % kChannelVector, inputs, encoding);
      else
        packSlots(vector + n % kChannelVector * 4, inputs, encoding);
    }
  }
  return packed;
}
