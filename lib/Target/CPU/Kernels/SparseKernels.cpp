//===- SparseKernels.cpp - Weights stored without their zeros --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels for every processor and every width that read the storages `csr` and
// `bitmask` directly: one output channel after the other, its weights that are
// not zero in their order, each for up to four rows at once.
//
//===----------------------------------------------------------------------===//

#include "IntegerLayout.h"
#include "KernelEmitter.h"
#include "Kernels.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

namespace {

using Values = KernelEmitter::Values;

/// Inputs in one word of a bitmask.
constexpr int64_t kWord = 64;
constexpr int64_t kRowTile = 4;

/// Weights other than 0 of every channel, as (input, weight).
template <typename VisitT>
void forEachNonZero(const LinearLayer &layer, VisitT visit) {
  SmallVector<int64_t> row(layer.inputs);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (auto [k, weight] : llvm::enumerate(row))
      if (weight != 0)
        visit(n, static_cast<int64_t>(k), weight);
  }
}

//===----------------------------------------------------------------------===//
// What both have in common
//===----------------------------------------------------------------------===//

/// Layout: biases [N16], the number of the first non-zero of each channel
/// [N16 + 1] of i32, the storage's own index, then the non-zeros. N16 is N
/// rounded up to 16; each part begins at a multiple of 64 bytes.
class SparseKernel : public LinearKernel {
public:
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    return layer.outputs * layer.inputs <= INT32_MAX;
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override;
  int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const override {
    return kRowTile * kChannelVector * getAccumulatorBytes(layer);
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

protected:
  /// Cycles for one non-zero of one row, and for one word of inputs.
  virtual double getNonZeroCycles() const = 0;
  virtual double getWordCycles() const = 0;
  /// Bytes of the storage's index.
  virtual int64_t getIndexBytes(const LinearLayer &layer) const = 0;
  virtual void packIndex(const LinearLayer &layer, char *index) const = 0;

  /// One channel's sums, for a few rows.
  struct Channel {
    const LinearEmission &emission;
    Value number, begin, end; ///< i64: of the channel, of its non-zeros
    Value index, weights;     ///< !llvm.ptr
    Values inputs;            ///< of the rows
  };
  virtual Values emitChannel(KernelEmitter &e, const Channel &channel, ValueRange sums) const = 0;

  /// sums + weight `position` * input `k` of every row.
  Values emitNonZero(KernelEmitter &e, const Channel &channel, Value position, Value k, ValueRange sums) const;

private:
  void emitRows(KernelEmitter &e, const LinearEmission &emission, Value row, int64_t rows) const;
  Value emitChannels(KernelEmitter &e, const LinearEmission &emission, Value block, ValueRange inputs) const;
};

double SparseKernel::getCycles(const LinearLayer &layer, const CPUTarget &target) const {
  int64_t nonZeros = layer.nonZeros, words = llvm::divideCeil(layer.inputs, kWord) * layer.outputs;
  double tiles = llvm::divideCeil(layer.rows, kRowTile);
  double compute = layer.rows * (nonZeros * getNonZeroCycles() + layer.outputs * 4.0) + tiles * words * getWordCycles();
  return addMemoryCycles(compute, getIndexBytes(layer) + nonZeros * getWeightBytes(layer));
}

PackedWeights SparseKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  int64_t channels = getChannelVectors(layer) * kChannelVector, accumulatorBytes = getAccumulatorBytes(layer);
  int64_t nonZeros = layer.nonZeros, weightBytes = getWeightBytes(layer);
  PackedWeights packed;
  auto addPart = [&](int64_t bytes) {
    int64_t begin = alignPacked(packed);
    packed.bytes.resize(begin + bytes);
    return begin;
  };
  int64_t biases = addPart(channels * accumulatorBytes), begins = addPart((channels + 1) * 4);
  int64_t index = addPart(getIndexBytes(layer)), weights = addPart(nonZeros * weightBytes);
  alignPacked(packed);
  for (int64_t n = 0; n < layer.outputs; ++n)
    storeInteger(&packed.bytes[biases + n * accumulatorBytes], layer.bias[n], accumulatorBytes);
  SmallVector<int64_t> counts(channels, 0);
  int64_t position = 0;
  forEachNonZero(layer, [&](int64_t n, int64_t, int64_t weight) {
    ++counts[n];
    storeInteger(&packed.bytes[weights + position++ * weightBytes], weight, weightBytes);
  });
  position = 0;
  for (int64_t n = 0; n < channels; ++n)
    storeInteger(&packed.bytes[begins + (n + 1) * 4], position += counts[n], 4);
  if (index < static_cast<int64_t>(packed.bytes.size()))
    packIndex(layer, &packed.bytes[index]);
  return packed;
}

Values SparseKernel::emitNonZero(KernelEmitter &e, const Channel &channel, Value position, Value k,
                                 ValueRange sums) const {
  const LinearLayer &layer = channel.emission.layer;
  OpBuilder &b = e.getBuilder();
  int64_t weightBytes = getWeightBytes(layer);
  int64_t inputBytes = getInputFormat(layer, channel.emission.target).bits / 8;
  Type accumulator = b.getIntegerType(getAccumulatorBytes(layer) * 8);
  Value weight = e.load(b.getIntegerType(weightBytes * 8), e.address(channel.weights, position, weightBytes), weightBytes);
  weight = e.resize(weight, accumulator, /*isSigned=*/true);
  Values results;
  for (auto [input, sum] : llvm::zip_equal(channel.inputs, sums)) {
    Value x = e.load(b.getIntegerType(inputBytes * 8), e.address(input, k, inputBytes), inputBytes);
    x = e.resize(x, accumulator, layer.activation.isSigned());
    results.push_back(e.add(sum, e.mul(x, weight)));
  }
  return results;
}

/// Writes the sums of the 16 channels of a block to the scratch, [row][16].
Value SparseKernel::emitChannels(KernelEmitter &e, const LinearEmission &emission, Value block,
                                 ValueRange inputs) const {
  const LinearLayer &layer = emission.layer;
  OpBuilder &b = e.getBuilder();
  int64_t accumulatorBytes = getAccumulatorBytes(layer), channels = getChannelVectors(layer) * kChannelVector;
  int64_t begins = llvm::alignTo(channels * accumulatorBytes, kRowAlignment);
  int64_t index = begins + llvm::alignTo((channels + 1) * 4, kRowAlignment);
  int64_t weights = index + llvm::alignTo(getIndexBytes(layer), kRowAlignment);
  Value first = e.mul(block, kChannelVector);
  e.loop(kChannelVector, {}, [&](KernelEmitter &e, Value lane, ValueRange) -> Values {
    Channel channel{emission, e.add(first, lane), {}, {}, {}, {}, Values(inputs.begin(), inputs.end())};
    auto load = [&](int64_t next) {
      Value pointer = e.address(emission.weights, channel.number, 4, begins + next * 4);
      return e.resize(e.load(b.getI32Type(), pointer, 4), b.getI64Type(), /*isSigned=*/false);
    };
    channel.begin = load(0);
    channel.end = load(1);
    channel.index = e.address(emission.weights, Value(), 0, index);
    channel.weights = e.address(emission.weights, Value(), 0, weights);
    Value bias = e.load(b.getIntegerType(accumulatorBytes * 8),
                        e.address(emission.weights, channel.number, accumulatorBytes), accumulatorBytes);
    Values sums = emitChannel(e, channel, Values(inputs.size(), bias));
    for (auto [r, sum] : llvm::enumerate(sums))
      e.store(sum, e.address(emission.scratch, lane, accumulatorBytes, r * kChannelVector * accumulatorBytes),
              accumulatorBytes);
    return {};
  });
  return first;
}

void SparseKernel::emitRows(KernelEmitter &e, const LinearEmission &emission, Value row, int64_t rows) const {
  int64_t accumulatorBytes = getAccumulatorBytes(emission.layer);
  Values inputs;
  for (int64_t r = 0; r < rows; ++r)
    inputs.push_back(e.address(emission.input, e.add(row, r), emission.inputStride));
  e.loop(getChannelVectors(emission.layer), {}, [&](KernelEmitter &e, Value block, ValueRange) -> Values {
    Value first = emitChannels(e, emission, block, inputs);
    VectorType type = e.vectorType(kChannelVector, accumulatorBytes * 8);
    for (int64_t r = 0; r < rows; ++r) {
      Value sums = e.load(type, e.address(emission.scratch, Value(), 0, r * kChannelVector * accumulatorBytes), kRowAlignment);
      emission.store(e.getBuilder(), e.getLoc(), e.add(row, r), first, sums);
    }
    return {};
  });
}

void SparseKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  KernelEmitter e(builder, loc);
  int64_t full = emission.layer.rows / kRowTile, rest = emission.layer.rows % kRowTile;
  e.loop(full, {}, [&](KernelEmitter &e, Value tile, ValueRange) -> Values {
    emitRows(e, emission, e.mul(tile, kRowTile), kRowTile);
    return {};
  });
  if (rest)
    emitRows(e, emission, e.index(full * kRowTile), rest);
}

//===----------------------------------------------------------------------===//
// Compressed sparse rows
//===----------------------------------------------------------------------===//

/// Index: the input of each non-zero, of 2 bytes or 4.
class CSRKernel : public SparseKernel {
public:
  StringRef getName() const override { return "csr"; }
  StringRef getStorage() const override { return "csr"; }

protected:
  double getNonZeroCycles() const override { return 1.3; }
  double getWordCycles() const override { return 0; }
  int64_t getIndexBytes(const LinearLayer &layer) const override {
    return layer.nonZeros * getColumnBytes(layer);
  }
  void packIndex(const LinearLayer &layer, char *index) const override {
    int64_t bytes = getColumnBytes(layer);
    forEachNonZero(layer, [&](int64_t, int64_t k, int64_t) {
      storeInteger(index, k, bytes);
      index += bytes;
    });
  }
  Values emitChannel(KernelEmitter &e, const Channel &channel, ValueRange sums) const override {
    int64_t bytes = getColumnBytes(channel.emission.layer);
    return e.loop(channel.begin, channel.end, sums, [&](KernelEmitter &e, Value i, ValueRange carried) {
      OpBuilder &b = e.getBuilder();
      Value k = e.load(b.getIntegerType(bytes * 8), e.address(channel.index, i, bytes), bytes);
      return emitNonZero(e, channel, i, e.resize(k, b.getI64Type(), /*isSigned=*/false), carried);
    });
  }

private:
  static int64_t getColumnBytes(const LinearLayer &layer) { return layer.inputs <= 65536 ? 2 : 4; }
};

//===----------------------------------------------------------------------===//
// Bitmasks
//===----------------------------------------------------------------------===//

/// Index: words [N][ceil(K / 64)] of a bit for each input.
class BitmaskKernel : public SparseKernel {
public:
  StringRef getName() const override { return "bitmask"; }
  StringRef getStorage() const override { return "bitmask"; }

protected:
  double getNonZeroCycles() const override { return 2.0; }
  double getWordCycles() const override { return 12; }
  int64_t getIndexBytes(const LinearLayer &layer) const override {
    return getChannelVectors(layer) * kChannelVector * getWords(layer) * 8;
  }
  void packIndex(const LinearLayer &layer, char *index) const override {
    forEachNonZero(layer, [&](int64_t n, int64_t k, int64_t) {
      index[n * getWords(layer) * 8 + k / 8] |= static_cast<char>(1 << (k % 8));
    });
  }
  Values emitChannel(KernelEmitter &e, const Channel &channel, ValueRange sums) const override;

private:
  static int64_t getWords(const LinearLayer &layer) { return llvm::divideCeil(layer.inputs, kWord); }
};

Values BitmaskKernel::emitChannel(KernelEmitter &e, const Channel &channel, ValueRange sums) const {
  int64_t words = getWords(channel.emission.layer);
  Type i64 = e.getBuilder().getI64Type();
  Value masks = e.address(channel.index, channel.number, words * 8);
  // Carried: the sums, then the number of the next non-zero.
  Values initial(sums.begin(), sums.end());
  initial.push_back(channel.begin);
  Values results = e.loop(words, initial, [&](KernelEmitter &e, Value word, ValueRange carried) {
    Value mask = e.load(i64, e.address(masks, word, 8), 8);
    Value base = e.mul(word, kWord), next = carried.back();
    Value count = LLVM::CtPopOp::create(e.getBuilder(), e.getLoc(), mask);
    Values inner(carried.drop_back().begin(), carried.drop_back().end());
    inner.push_back(mask);
    inner = e.loop(e.index(0), count, inner, [&](KernelEmitter &e, Value i, ValueRange carried) {
      OpBuilder &b = e.getBuilder();
      Value left = carried.back();
      Value bit = LLVM::CountTrailingZerosOp::create(b, e.getLoc(), i64, left, /*is_zero_poison=*/true);
      Values results = emitNonZero(e, channel, e.add(next, i), e.add(base, bit), carried.drop_back());
      // Takes the lowest bit away.
      results.push_back(e.bitAnd(left, e.add(left, -1)));
      return results;
    });
    inner.back() = e.add(next, count);
    return inner;
  });
  results.pop_back();
  return results;
}

} // namespace

void sumac::addSparseKernels(LinearKernelRegistry &registry) {
  registry.add(std::make_unique<CSRKernel>());
  registry.add(std::make_unique<BitmaskKernel>());
}
