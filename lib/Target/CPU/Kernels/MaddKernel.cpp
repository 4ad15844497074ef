//===- MaddKernel.cpp - Linear layers by 16-bit multiply-add ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of 8 or 16 bits times activations of up to 16 bits with vpmaddwd,
// which adds pairs of products in 32 bits and never saturates: for 16-bit
// activations everywhere on x86, and for 8-bit weights and activations on AVX2,
// whose byte products would saturate.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "TiledEmission.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace sumac;

namespace {

/// Inputs that one 32-bit word of activations holds.
constexpr int64_t stepInputs = 2;

class MaddKernel : public LinearKernel {
public:
  explicit MaddKernel(unsigned bits) : bits(bits), name("madd_w" + std::to_string(bits)) {}

  StringRef getName() const override { return name; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override;
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override;
  InputFormat getInputFormat(const LinearLayer &layer, const CPUTarget &target) const override {
    return {16, getOffset(layer)};
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

private:
  static bool fitInt16(IntegerRange range) { return range.min >= llvm::minIntN(16) && range.max <= llvm::maxIntN(16); }
  /// Brings activations into signed 16 bits.
  static int64_t getOffset(const LinearLayer &layer) {
    return fitInt16(layer.activationRange) ? 0 : llvm::minIntN(16) - layer.activationRange.min;
  }
  int64_t getSteps(const LinearLayer &layer) const { return llvm::divideCeil(layer.inputs, stepInputs); }
  int64_t getStepBytes() const { return kChannelVector * stepInputs * bits / 8; }

  unsigned bits;
  std::string name;
};

class MaddEmission : TiledEmission {
public:
  MaddEmission(const LinearEmission &emission, unsigned bits, int64_t steps, int64_t stepBytes)
      : TiledEmission(emission, steps * stepBytes), bits(bits), steps(steps), stepBytes(stepBytes),
        wide(emission.target.hasFeature("avx512bw")), parts(wide ? 1 : 2) {}

  using TiledEmission::emitTiles;

private:
  Tile getTile(int64_t rows, int64_t vectors) const override {
    int64_t most = wide ? 16 : 8, room = most / parts;
    if (rows == 1)
      return {1, std::min(vectors, std::min(room, kTileVectors)), 1};
    int64_t width = std::min<int64_t>(vectors, wide ? 4 : 2);
    return {std::min(rows, room / width), width, 1};
  }
  void emitBlock(KernelEmitter &e, const Block &block) override;
  Values emitStep(KernelEmitter &e, const Block &block, Value iv, ValueRange carried);

  unsigned bits;
  int64_t steps, stepBytes;
  bool wide;
  int64_t parts;
};

TiledEmission::Values MaddEmission::emitStep(KernelEmitter &e, const Block &block, Value iv, ValueRange carried) {
  const Tile &tile = block.tile;
  Values sums(carried.begin(), carried.end());
  int64_t lanes = 32 / parts;
  VectorType pairs = e.vectorType(lanes, 16), sumType = e.vectorType(lanes / 2, 32);
  Values inputs;
  for (int64_t r = 0; r < tile.rows; ++r)
    inputs.push_back(e.bitcast(pairs, e.broadcastWord(e.address(block.inputs[r], iv, 4), lanes * 2)));
  for (int64_t c = 0; c < tile.vectors; ++c)
    for (int64_t p = 0; p < parts; ++p) {
      int64_t offset = (block.firstVector + c) * stepBytes + p * stepBytes / parts;
      Value pointer = e.address(block.weights, iv, block.tileVectors * stepBytes, offset);
      Value weights = e.load(e.vectorType(lanes, bits), pointer, stepBytes / parts);
      if (bits == 8 && layer.weightRange.min >= 0)
        weights = arith::ExtUIOp::create(e.getBuilder(), e.getLoc(), pairs, weights);
      else if (bits == 8)
        weights = arith::ExtSIOp::create(e.getBuilder(), e.getLoc(), pairs, weights);
      for (int64_t r = 0; r < tile.rows; ++r) {
        Value &sum = sums[(r * tile.vectors + c) * parts + p];
        StringRef intrinsic = wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
        sum = e.add(sum, e.intrinsic(intrinsic, sumType, {inputs[r], weights}));
      }
    }
  return sums;
}

void MaddEmission::emitBlock(KernelEmitter &e, const Block &block) {
  const Tile &tile = block.tile;
  int64_t lanes = kChannelVector / parts;
  Values biases, sums;
  for (int64_t c = 0; c < tile.vectors; ++c) {
    Value bias = loadBias(e, block, c);
    for (int64_t p = 0; p < parts; ++p)
      biases.push_back(parts == 1 ? bias
                                  : Value(vector::ExtractStridedSliceOp::create(e.getBuilder(), e.getLoc(), bias,
                                                                                p * lanes, lanes, 1)));
  }
  for (int64_t r = 0; r < tile.rows; ++r)
    sums.append(biases);
  sums = e.loop(steps, sums, [&](KernelEmitter &e, Value iv, ValueRange carried) {
    return emitStep(e, block, iv, carried);
  });
  for (int64_t r = 0; r < tile.rows; ++r) {
    Values results;
    for (int64_t c = 0; c < tile.vectors; ++c)
      results.push_back(e.concat(ValueRange(sums).slice((r * tile.vectors + c) * parts, parts)));
    storeRow(e, block, r, results);
  }
}

} // namespace

bool MaddKernel::supports(const LinearLayer &layer, const CPUTarget &target) const {
  if (!target.isX86() || !target.hasFeature("avx2") || !layer.fitsInt32())
    return false;
  IntegerRange inputs = layer.activationRange;
  bool inputsFit = fitInt16(inputs) ||
                   (llvm::isInt<32>(inputs.min) && llvm::isInt<32>(inputs.max) &&
                    inputs.max - inputs.min < int64_t(1) << 16);
  // Bytes that are never negative are extended with zeros.
  IntegerRange weights = layer.weightRange;
  bool isUnsigned = bits == 8 && weights.min >= 0;
  return inputsFit && weights.min >= llvm::minIntN(bits) && weights.max <= (isUnsigned ? 255 : llvm::maxIntN(bits));
}

double MaddKernel::getCycles(const LinearLayer &layer, const CPUTarget &target) const {
  bool wide = target.hasFeature("avx512bw");
  int64_t vectors = llvm::divideCeil(layer.outputs, kChannelVector);
  double steps = double(layer.rows) * vectors * getSteps(layer);
  // Per vector of 16 channels and pair of inputs, measured on Zen 4.
  double perStep = (wide ? 1.0 : 1.4) + (layer.rows == 1 ? 0.3 : 0.0) + (bits == 8 ? 0.2 : 0.0);
  double cycles = steps * perStep + layer.rows * vectors * 4.0;
  return addMemoryCycles(cycles, vectors * getSteps(layer) * getStepBytes());
}

/// Layout: weights [tile][step][vector of the tile][16 channels][2 inputs],
/// then biases [N / 16][16] of i32.
PackedWeights MaddKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  int64_t steps = getSteps(layer), bytes = bits / 8, offset = getOffset(layer);
  SmallVector<int64_t> row(layer.inputs), extra(layer.outputs, 0);
  for (int64_t n = 0; n < layer.outputs && offset != 0; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    extra[n] = -offset * std::accumulate(row.begin(), row.end(), int64_t(0));
  }
  PackedWeights packed = makePackedWeights(layer, steps * getStepBytes(), extra);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (int64_t k = 0; k < layer.inputs; ++k) {
      char *where = packed.bytes.data() + getPackedOffset(layer.outputs, steps, getStepBytes(), n, k / stepInputs) +
                    (n % kChannelVector * stepInputs + k % stepInputs) * bytes;
      auto value = static_cast<int16_t>(row[k]);
      std::memcpy(where, &value, bytes); // little-endian, as all x86
    }
  }
  return packed;
}

void MaddKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  KernelEmitter emitter(builder, loc);
  MaddEmission(emission, bits, getSteps(emission.layer), getStepBytes()).emitTiles(emitter);
}

void sumac::addMaddKernels(LinearKernelRegistry &registry) {
  for (unsigned bits : {8, 16})
    registry.add(std::make_unique<MaddKernel>(bits));
}
