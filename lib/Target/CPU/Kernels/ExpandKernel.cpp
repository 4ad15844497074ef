//===- ExpandKernel.cpp - Bitmasks with AVX-512 VBMI2 ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The storage `bitmask` for weights of up to 8 bits: a vector of 16 channels times
// 4 inputs is 64 bits that say which weights are not zero, and these weights. They
// are expanded to bytes in a register and multiplied by byte dot products.
//
//===----------------------------------------------------------------------===//

#include "DotInstructions.h"
#include "IntegerLayout.h"
#include "Kernels.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

namespace {

using Values = KernelEmitter::Values;

constexpr int64_t kStepInputs = 4, kStepBytes = 64;

/// Layout: biases [N/16][16] of i32, the position of each vector's first
/// non-zero [N/16] of i64, masks [N/16][K/4] of 64 bits (bit 4 c + k for channel
/// c and input k), then the non-zeros, and 64 bytes so that they may be read.
class ExpandKernel : public LinearKernel {
public:
  StringRef getName() const override { return "vbmi2_bitmask"; }
  StringRef getStorage() const override { return "bitmask"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    return target.isX86() && target.hasFeature("avx512vnni") && target.hasFeature("avx512vbmi2") &&
           target.hasFeature("avx512bw") && layer.fitsInt32() && layer.weightRange.min >= INT8_MIN &&
           layer.weightRange.max <= INT8_MAX && layer.activationRange.max - layer.activationRange.min <= UINT8_MAX &&
           llvm::isInt<32>(layer.activationRange.min);
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override;
  InputFormat getInputFormat(const LinearLayer &layer, const CPUTarget &target) const override {
    return {8, getInputOffset(layer)};
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

private:
  /// The dot product takes activations as unsigned bytes.
  static int64_t getInputOffset(const LinearLayer &layer) {
    IntegerRange range = layer.activationRange;
    return range.min >= 0 && range.max <= UINT8_MAX ? 0 : -range.min;
  }
};

int64_t getSteps(const LinearLayer &layer) { return llvm::divideCeil(layer.inputs, kStepInputs); }

/// Where the parts of the packed weights begin.
struct Layout {
  int64_t begins, masks, weights;
  explicit Layout(const LinearLayer &layer)
      : begins(getChannelVectors(layer) * kStepBytes), masks(llvm::alignTo(begins + getChannelVectors(layer) * 8, kRowAlignment)),
        weights(llvm::alignTo(masks + getChannelVectors(layer) * getSteps(layer) * 8, kRowAlignment)) {}
};

double ExpandKernel::getCycles(const LinearLayer &layer, const CPUTarget &target) const {
  double vectors = double(getChannelVectors(layer)) * getSteps(layer);
  double blocks = llvm::divideCeil(layer.rows, int64_t(8));
  double compute = vectors * (blocks * 2.6 + layer.rows * 1.25) + layer.rows * getChannelVectors(layer) * 4.0;
  return addMemoryCycles(compute, Layout(layer).weights + layer.nonZeros);
}

PackedWeights ExpandKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  Layout layout(layer);
  int64_t steps = getSteps(layer);
  PackedWeights packed;
  packed.bytes.resize(layout.weights);
  // A row of the vector's 16 channels each.
  std::vector<int64_t> rows(kChannelVector * layer.inputs);
  for (int64_t v = 0; v < getChannelVectors(layer); ++v) {
    int64_t channels = std::min(kChannelVector, layer.outputs - v * kChannelVector);
    llvm::fill(rows, 0);
    layer.weights.decodeIntegers(v * kChannelVector * layer.inputs,
                                 MutableArrayRef(rows).take_front(channels * layer.inputs));
    storeInteger(&packed.bytes[layout.begins + v * 8], packed.bytes.size() - layout.weights, 8);
    for (int64_t c = 0; c < channels; ++c) {
      int64_t n = v * kChannelVector + c, bias = layer.bias[n];
      for (int64_t k = 0; k < layer.inputs; ++k)
        bias -= getInputOffset(layer) * rows[c * layer.inputs + k];
      storeInteger(&packed.bytes[n * 4], bias, 4);
    }
    for (int64_t step = 0; step < steps; ++step) {
      uint64_t mask = 0;
      for (int64_t lane = 0; lane < kStepBytes; ++lane) {
        int64_t k = step * kStepInputs + lane % kStepInputs;
        int64_t weight = k < layer.inputs ? rows[lane / kStepInputs * layer.inputs + k] : 0;
        if (weight == 0)
          continue;
        mask |= uint64_t(1) << lane;
        packed.bytes.push_back(static_cast<char>(weight));
      }
      storeInteger(&packed.bytes[layout.masks + (v * steps + step) * 8], static_cast<int64_t>(mask), 8);
    }
  }
  packed.bytes.resize(packed.bytes.size() + kStepBytes);
  alignPacked(packed);
  return packed;
}

/// Emits one layer.
class ExpandEmission {
public:
  explicit ExpandEmission(const LinearEmission &emission)
      : emission(emission), layer(emission.layer), layout(emission.layer), steps(getSteps(emission.layer)) {}

  /// All vectors of channels, for rows [row, row + rows).
  void emitRows(KernelEmitter &e, Value row, int64_t rows);

private:
  Values emitStep(KernelEmitter &e, Value masks, Value step, int64_t offset, ValueRange inputs, ValueRange carried);
  void emitVector(KernelEmitter &e, Value vector, Value row, ValueRange inputs);

  /// With one row, sums in flight hide the latency of the dot product.
  int64_t getSets(int64_t rows) const { return rows >= 4 ? 1 : std::clamp<int64_t>(steps, 1, 4); }

  const LinearEmission &emission;
  const LinearLayer &layer;
  Layout layout;
  int64_t steps;
};

/// Carried are the sums, [row][set], then the pointer to the next non-zero.
Values ExpandEmission::emitStep(KernelEmitter &e, Value masks, Value step, int64_t offset, ValueRange inputs,
                                ValueRange carried) {
  OpBuilder &b = e.getBuilder();
  VectorType bytes = e.vectorType(kStepBytes, 8);
  int64_t sets = getSets(inputs.size()), unroll = step ? sets : 1;
  Values results(carried.begin(), carried.end());
  Value next = results.back();
  Value mask = e.load(b.getI64Type(), e.address(masks, step, unroll * 8, offset * 8), 8);
  Value lanes = e.bitcast(e.vectorType(64, 1), vector::BroadcastOp::create(b, e.getLoc(), e.vectorType(1, 64), mask));
  // Volatile keeps the load apart: expanding from memory is microcode on Zen 4.
  Value packed = LLVM::LoadOp::create(b, e.getLoc(), bytes, next, /*alignment=*/1, /*isVolatile=*/true);
  Value weights = e.intrinsic("llvm.x86.avx512.mask.expand.v64i8", bytes, {packed, e.constant(bytes, 0), lanes});
  for (auto [r, input] : llvm::enumerate(inputs)) {
    Value x = e.broadcastWord(e.address(input, step, unroll * kStepInputs, offset * kStepInputs), kStepBytes);
    Value &sum = results[r * sets + offset % sets];
    sum = e.intrinsic("llvm.x86.avx512.vpdpbusd.512", sum.getType(), {sum, x, weights});
  }
  results.back() = e.address(next, LLVM::CtPopOp::create(b, e.getLoc(), mask), 1);
  return results;
}

void ExpandEmission::emitVector(KernelEmitter &e, Value vector, Value row, ValueRange inputs) {
  int64_t sets = getSets(inputs.size()), full = steps / sets;
  OpBuilder &b = e.getBuilder();
  VectorType words = e.vectorType(kChannelVector, 32);
  Value bias = e.load(words, e.address(emission.weights, vector, kStepBytes), kRowAlignment);
  Value masks = e.address(emission.weights, vector, steps * 8, layout.masks);
  Value begin = e.load(b.getI64Type(), e.address(emission.weights, vector, 8, layout.begins), 8);
  Values carried;
  for (size_t i = 0; i < inputs.size() * sets; ++i)
    carried.push_back(i % sets == 0 ? bias : e.constant(words, 0));
  carried.push_back(e.address(emission.weights, begin, 1, layout.weights));
  carried = e.loop(full, carried, [&](KernelEmitter &e, Value step, ValueRange sums) {
    Values results(sums.begin(), sums.end());
    for (int64_t i = 0; i < sets; ++i)
      results = emitStep(e, masks, step, i, inputs, results);
    return results;
  });
  for (int64_t step = full * sets; step < steps; ++step)
    carried = emitStep(e, masks, Value(), step, inputs, carried);
  for (size_t r = 0; r < inputs.size(); ++r) {
    Value sum = carried[r * sets];
    for (int64_t set = 1; set < sets; ++set)
      sum = e.add(sum, carried[r * sets + set]);
    emission.store(b, e.getLoc(), e.add(row, r), e.mul(vector, kChannelVector), sum);
  }
}

void ExpandEmission::emitRows(KernelEmitter &e, Value row, int64_t rows) {
  Values inputs;
  for (int64_t r = 0; r < rows; ++r)
    inputs.push_back(e.address(emission.input, e.add(row, r), emission.inputStride));
  e.loop(getChannelVectors(layer), {}, [&](KernelEmitter &e, Value vector, ValueRange) -> Values {
    emitVector(e, vector, row, inputs);
    return {};
  });
}

void ExpandKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  KernelEmitter e(builder, loc);
  ExpandEmission emitter(emission);
  constexpr int64_t kRows = 8;
  int64_t full = emission.layer.rows / kRows, rest = emission.layer.rows % kRows;
  e.loop(full, {}, [&](KernelEmitter &e, Value tile, ValueRange) -> Values {
    emitter.emitRows(e, e.mul(tile, kRows), kRows);
    return {};
  });
  if (rest)
    emitter.emitRows(e, e.index(full * kRows), rest);
}

} // namespace

void sumac::addExpandKernel(LinearKernelRegistry &registry) { registry.add(std::make_unique<ExpandKernel>()); }
