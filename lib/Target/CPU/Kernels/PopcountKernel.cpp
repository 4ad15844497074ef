//===- PopcountKernel.cpp - Linear layers by AND and popcount ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights and activations of 1 to 4 bits as bit planes (papers.md, BS):
//
//   sum_k code(w)_k code(x)_k = sum_pq 2^(p + q) popcount(W_p & A_q)
//
// where w = base + step * code(w) and x = min + step * code(x). So bipolar,
// two's complement, unsigned and ternary weights are one case: bipolar is a
// plane of step 2. What base and min contribute is a constant per channel (in
// the bias) and base times the row's sum of codes. Activation planes are packed
// once for each row. Lanes are channels: 32 inputs in each.
//
// Where the processor counts bits of words in a vector, sums are kept in words;
// else bits of bytes are counted (a table of nibbles on AVX2, cnt on AArch64)
// and summed in bytes as long as these cannot overflow.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "TiledEmission.h"
#include "WeightEncoding.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace sumac;

namespace {

/// Inputs that one word of a plane holds.
constexpr int64_t wordInputs = 32;
/// Inputs whose planes are packed at once.
constexpr int64_t rowInputs = 64;

struct PlaneEncoding {
  int64_t weightBase = 0, weightStep = 1;
  unsigned weightPlanes = 1;
  int64_t inputStep = 1; ///< a power of two
  unsigned inputPlanes = 1;

  /// Different values of p + q.
  int64_t getExponents() const { return weightPlanes + inputPlanes - 1; }
  /// Most pairs of planes that have one exponent.
  int64_t getMostPairs() const { return std::min(weightPlanes, inputPlanes); }
};

std::optional<PlaneEncoding> encodePlanes(const LinearLayer &layer) {
  PlaneEncoding encoding;
  IntegerRange weights = layer.weightRange, inputs = layer.activationRange;
  if (!llvm::isInt<32>(inputs.min) || !llvm::isInt<32>(inputs.max) || inputs.max - inputs.min > 255 ||
      !llvm::isInt<32>(weights.min) || !llvm::isInt<32>(weights.max))
    return std::nullopt;
  encoding.inputStep = layer.activationStep & -layer.activationStep;
  encoding.inputPlanes = std::max(1u, llvm::Log2_64_Ceil((inputs.max - inputs.min) / encoding.inputStep + 1));
  int64_t span = weights.max - weights.min;
  // Values that lie apart (bipolar weights) need fewer planes than their span.
  if (llvm::Log2_64_Ceil(span + 1) > layer.weights.getElementBits())
    encoding.weightStep = findWeightStep(layer);
  bool fromZero = weights.min > 0 && weights.min % encoding.weightStep == 0 &&
                  llvm::Log2_64_Ceil(weights.max + 1) <= llvm::Log2_64_Ceil(span + 1);
  encoding.weightBase = fromZero ? 0 : weights.min;
  encoding.weightPlanes =
      std::max(1u, llvm::Log2_64_Ceil((weights.max - encoding.weightBase) / encoding.weightStep + 1));
  if (encoding.inputPlanes > 4 || encoding.weightPlanes > 4)
    return std::nullopt;
  return encoding;
}

/// Of a layer that the kernel supports.
PlaneEncoding getPlanes(const LinearLayer &layer) { return encodePlanes(layer).value_or(PlaneEncoding()); }

class PopcountKernel : public LinearKernel {
public:
  StringRef getName() const override { return "popcount"; }
  StringRef getForm() const override { return "bit_planes"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    return layer.fitsInt32() && encodePlanes(layer).has_value();
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override;
  InputFormat getInputFormat(const LinearLayer &layer, const CPUTarget &target) const override {
    return {8, -layer.activationRange.min};
  }
  int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const override;
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;
};

/// Bytes of one plane of one row.
int64_t getPlaneBytes(const LinearLayer &layer) { return llvm::alignTo(layer.inputs, rowInputs) / 8; }

/// Planes of a row, then its correction.
int64_t getRowBytes(const LinearLayer &layer, const PlaneEncoding &encoding) {
  return encoding.inputPlanes * getPlaneBytes(layer) + 8;
}

int64_t getWords(const LinearLayer &layer) { return llvm::divideCeil(layer.inputs, wordInputs); }

int64_t getVectorBytes(const LinearLayer &layer, const PlaneEncoding &encoding) {
  return getWords(layer) * encoding.weightPlanes * kVectorBytes;
}

bool countsWords(const CPUTarget &target) { return target.isX86() && target.hasFeature("avx512vpopcntdq"); }

/// Vectors of bytes that count and compare well; AVX-512 without byte
/// operations is used as AVX2.
unsigned getVectorBits(const CPUTarget &target) {
  unsigned bits = target.getVectorBits();
  return bits == 512 && !target.hasFeature("avx512bw") ? 256 : bits;
}

class PopcountEmission : TiledEmission {
public:
  PopcountEmission(const LinearEmission &emission, const PlaneEncoding &encoding)
      : TiledEmission(emission, getVectorBytes(emission.layer, encoding)), encoding(encoding),
        words(countsWords(emission.target)), vectorBits(getVectorBits(emission.target)), parts(512 / vectorBits),
        partBytes(vectorBits / 8) {}

  void emitLayer(KernelEmitter &e) {
    emitPlanes(e);
    inputBase = emission.scratch;
    inputStride = getRowBytes(layer, encoding);
    emitTiles(e);
  }

private:
  Tile getTile(int64_t rows, int64_t vectors) const override;
  void emitBlock(KernelEmitter &e, const Block &block) override;

  void emitPlanes(KernelEmitter &e);
  Values emitWords(KernelEmitter &e, const Block &block, Value iv, int64_t scale, int64_t count, ValueRange sums);
  Value emitWiden(KernelEmitter &e, Value bytes);
  Value emitResult(KernelEmitter &e, const Block &block, int64_t row, int64_t vector, ValueRange sums);
  Values emitWordSums(KernelEmitter &e, const Block &block);
  Values emitByteSums(KernelEmitter &e, const Block &block);

  const PlaneEncoding &encoding;
  bool words;
  unsigned vectorBits;
  int64_t parts, partBytes;
};

/// Splits each row into planes and computes base times its sum.
void PopcountEmission::emitPlanes(KernelEmitter &e) {
  int64_t planeBytes = getPlaneBytes(layer), lanes = partBytes, shift = llvm::Log2_64(encoding.inputStep);
  VectorType bytes = e.vectorType(lanes, 8);
  auto mask = e.getBuilder().getIntegerType(lanes), word = e.getBuilder().getI32Type();
  e.loop(layer.rows, {}, [&](KernelEmitter &e, Value row, ValueRange) -> Values {
    Value input = e.address(emission.input, row, emission.inputStride);
    Value planes = e.address(emission.scratch, row, getRowBytes(layer, encoding));
    Values sum = e.loop(
        llvm::alignTo(layer.inputs, rowInputs) / lanes, ValueRange{e.constant(word, 0)},
        [&](KernelEmitter &e, Value i, ValueRange carried) -> Values {
          Value codes = e.load(bytes, e.address(input, i, lanes), lanes), total = carried[0];
          for (unsigned q = 0; q < encoding.inputPlanes; ++q) {
            Value bit = e.bitAnd(codes, int64_t(1) << (q + shift));
            Value set = arith::CmpIOp::create(e.getBuilder(), e.getLoc(), arith::CmpIPredicate::ne, bit,
                                              e.constant(bytes, 0));
            Value plane = vector::ExtractOp::create(e.getBuilder(), e.getLoc(),
                                                    e.bitcast(VectorType::get(1, mask), set), 0);
            e.store(plane, e.address(planes, i, lanes / 8, q * planeBytes), lanes / 8);
            if (encoding.weightBase == 0)
              continue;
            Value count = LLVM::CtPopOp::create(e.getBuilder(), e.getLoc(), mask, plane);
            if (lanes < 32)
              count = arith::ExtUIOp::create(e.getBuilder(), e.getLoc(), word, count);
            else if (lanes > 32)
              count = arith::TruncIOp::create(e.getBuilder(), e.getLoc(), word, count);
            total = e.add(total, e.shiftLeft(count, q));
          }
          return {total};
        });
    if (encoding.weightBase == 0)
      return {};
    Value total = e.mul(sum[0], encoding.weightBase * encoding.inputStep);
    e.store(total, e.address(planes, Value(), 0, encoding.inputPlanes * planeBytes), 4);
    return {};
  });
}

Tile PopcountEmission::getTile(int64_t rows, int64_t vectors) const {
  int64_t most = vectorBits == 512 || !emission.target.isX86() ? 16 : 8;
  int64_t room = std::max<int64_t>(1, most / (encoding.getExponents() * parts));
  if (rows == 1)
    return {1, std::min(vectors, std::min(room, kTileVectors)), 1};
  int64_t wide = std::min<int64_t>(vectors, room >= 4 ? 2 : 1);
  return {std::min<int64_t>({rows, room / wide, 4}), wide, 1};
}

/// Counts of `count` words from iv * scale on. `sums` is [row][vector][exponent][part].
TiledEmission::Values PopcountEmission::emitWords(KernelEmitter &e, const Block &block, Value iv, int64_t scale,
                                                  int64_t count, ValueRange carried) {
  const Tile &tile = block.tile;
  int64_t exponents = encoding.getExponents(), planeBytes = getPlaneBytes(layer);
  VectorType bytes = e.vectorType(partBytes, 8), counted = words ? e.vectorType(partBytes / 4, 32) : bytes;
  Values sums(carried.begin(), carried.end());
  for (int64_t word = 0; word < count; ++word) {
    SmallVector<Values> activations(tile.rows);
    for (int64_t r = 0; r < tile.rows; ++r)
      for (unsigned q = 0; q < encoding.inputPlanes; ++q)
        activations[r].push_back(
            e.broadcastWord(e.address(block.inputs[r], iv, scale * 4, q * planeBytes + word * 4), partBytes));
    for (int64_t c = 0; c < tile.vectors; ++c)
      for (unsigned p = 0; p < encoding.weightPlanes; ++p)
        for (int64_t part = 0; part < parts; ++part) {
          int64_t stepBytes = encoding.weightPlanes * kVectorBytes;
          int64_t offset = (word * block.tileVectors + block.firstVector + c) * stepBytes + p * kVectorBytes;
          Value pointer = e.address(block.weights, iv, scale * block.tileVectors * stepBytes, offset + part * partBytes);
          Value weights = e.load(bytes, pointer, partBytes);
          for (int64_t r = 0; r < tile.rows; ++r)
            for (unsigned q = 0; q < encoding.inputPlanes; ++q) {
              Value both = e.bitcast(counted, e.bitAnd(weights, activations[r][q]));
              Value bits = LLVM::CtPopOp::create(e.getBuilder(), e.getLoc(), counted, both);
              Value &sum = sums[((r * tile.vectors + c) * exponents + p + q) * parts + part];
              sum = e.add(sum, bits);
            }
        }
  }
  return sums;
}

/// Sums of four bytes in each word.
Value PopcountEmission::emitWiden(KernelEmitter &e, Value bytes) {
  VectorType wide = e.vectorType(partBytes / 4, 32);
  Value value = e.bitcast(wide, bytes);
  Value pairs = e.add(e.bitAnd(value, 0x00ff00ff), e.bitAnd(e.shiftRightLogical(value, 8), 0x00ff00ff));
  return e.add(e.bitAnd(pairs, 0xffff), e.shiftRightLogical(pairs, 16));
}

/// Sums in words: [row][vector], scaled by the exponents and joined.
TiledEmission::Values PopcountEmission::emitWordSums(KernelEmitter &e, const Block &block) {
  const Tile &tile = block.tile;
  int64_t exponents = encoding.getExponents(), count = getWords(layer);
  Values sums(tile.rows * tile.vectors * exponents, e.constant(e.vectorType(kChannelVector, 32), 0));
  constexpr int64_t straightLine = 96;
  int64_t each = tile.rows * tile.vectors * encoding.weightPlanes * encoding.inputPlanes;
  if (count * each <= straightLine) {
    sums = emitWords(e, block, Value(), 1, count, sums);
  } else {
    sums = e.loop(count, sums, [&](KernelEmitter &e, Value iv, ValueRange carried) {
      return emitWords(e, block, iv, 1, 1, carried);
    });
  }
  Values results;
  for (int64_t i = 0; i < tile.rows * tile.vectors; ++i) {
    Value total = sums[i * exponents];
    for (int64_t exponent = 1; exponent < exponents; ++exponent)
      total = e.add(total, e.shiftLeft(sums[i * exponents + exponent], exponent));
    results.push_back(total);
  }
  return results;
}

/// The same where only bytes are counted: sums in bytes, as many words as they
/// hold, then in words.
TiledEmission::Values PopcountEmission::emitByteSums(KernelEmitter &e, const Block &block) {
  const Tile &tile = block.tile;
  int64_t exponents = encoding.getExponents(), count = getWords(layer);
  int64_t perRun = 255 / (8 * encoding.getMostPairs());
  int64_t stepBytes = encoding.weightPlanes * kVectorBytes * block.tileVectors;
  int64_t blocks = tile.rows * tile.vectors;
  VectorType bytes = e.vectorType(partBytes, 8), wide = e.vectorType(partBytes / 4, 32);
  Values sums(blocks * parts, e.constant(wide, 0));

  auto emitRun = [&](KernelEmitter &e, Value iv, int64_t first, int64_t run, ValueRange carried) -> Values {
    Block part = block;
    part.weights = e.address(block.weights, iv, perRun * stepBytes, first * stepBytes);
    for (Value &input : part.inputs)
      input = e.address(input, iv, perRun * 4, first * 4);
    Values counts(blocks * exponents * parts, e.constant(bytes, 0));
    counts = e.loop(run, counts, [&](KernelEmitter &e, Value word, ValueRange inner) {
      return emitWords(e, part, word, 1, 1, inner);
    });
    Values result(carried.begin(), carried.end());
    for (int64_t i = 0; i < blocks; ++i)
      for (int64_t exponent = 0; exponent < exponents; ++exponent)
        for (int64_t p = 0; p < parts; ++p) {
          Value sum = emitWiden(e, counts[(i * exponents + exponent) * parts + p]);
          result[i * parts + p] = e.add(result[i * parts + p], e.shiftLeft(sum, exponent));
        }
    return result;
  };
  int64_t full = count / perRun;
  sums = e.loop(full, sums, [&](KernelEmitter &e, Value iv, ValueRange carried) {
    return emitRun(e, iv, 0, perRun, carried);
  });
  if (count % perRun)
    sums = emitRun(e, Value(), full * perRun, count % perRun, sums);
  Values results;
  for (int64_t i = 0; i < blocks; ++i)
    results.push_back(e.concat(ValueRange(sums).slice(i * parts, parts)));
  return results;
}

void PopcountEmission::emitBlock(KernelEmitter &e, const Block &block) {
  const Tile &tile = block.tile;
  Values sums = words ? emitWordSums(e, block) : emitByteSums(e, block);
  VectorType type = e.vectorType(kChannelVector, 32);
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value correction;
    if (encoding.weightBase != 0) {
      Value pointer = e.address(block.inputs[r], Value(), 0, encoding.inputPlanes * getPlaneBytes(layer));
      correction = e.splat(type, e.load(e.getBuilder().getI32Type(), pointer, 4));
    }
    Values results;
    for (int64_t c = 0; c < tile.vectors; ++c) {
      Value sum = e.mul(sums[r * tile.vectors + c], encoding.weightStep * encoding.inputStep);
      sum = e.add(sum, loadBias(e, block, c));
      results.push_back(correction ? e.add(sum, correction) : sum);
    }
    storeRow(e, block, r, results);
  }
}

} // namespace

int64_t PopcountKernel::getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const {
  return llvm::alignTo(layer.rows * getRowBytes(layer, getPlanes(layer)), 64);
}

double PopcountKernel::getCycles(const LinearLayer &layer, const CPUTarget &target) const {
  PlaneEncoding encoding = getPlanes(layer);
  int64_t vectors = llvm::divideCeil(layer.outputs, kChannelVector);
  double pairs = double(layer.rows) * vectors * getWords(layer) * encoding.weightPlanes * encoding.inputPlanes;
  // One pair of vectors of 512 bits: AND, count, add.
  double perPair = countsWords(target) ? 1.5 : getVectorBits(target) == 512 ? 3 : getVectorBits(target) == 256 ? 4.7 : 10;
  double cycles = pairs * perPair;
  cycles += layer.rows * (llvm::divideCeil(layer.inputs, rowInputs) * (1 + encoding.inputPlanes) + vectors * 4.0 + 10);
  return addMemoryCycles(cycles, vectors * getVectorBytes(layer, encoding));
}

/// Layout: weights [tile][word][vector of the tile][plane][16 channels][32
/// inputs], then biases [N / 16][16] of i32.
PackedWeights PopcountKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  PlaneEncoding encoding = getPlanes(layer);
  int64_t words = getWords(layer), stepBytes = encoding.weightPlanes * kVectorBytes;
  SmallVector<int64_t> row(layer.inputs), extra(layer.outputs);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    extra[n] = layer.activationRange.min * std::accumulate(row.begin(), row.end(), int64_t(0));
  }
  PackedWeights packed = makePackedWeights(layer, getVectorBytes(layer, encoding), extra);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    layer.weights.decodeIntegers(n * layer.inputs, row);
    for (int64_t k = 0; k < layer.inputs; ++k) {
      int64_t code = (row[k] - encoding.weightBase) / encoding.weightStep;
      char *byte = packed.bytes.data() + getPackedOffset(layer.outputs, words, stepBytes, n, k / wordInputs) +
                   n % kChannelVector * 4 + k % wordInputs / 8;
      for (unsigned p = 0; p < encoding.weightPlanes; ++p)
        byte[p * kVectorBytes] |= static_cast<char>((code >> p & 1) << (k % 8));
    }
  }
  return packed;
}

void PopcountKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  KernelEmitter emitter(builder, loc);
  PlaneEncoding encoding = getPlanes(emission.layer);
  PopcountEmission(emission, encoding).emitLayer(emitter);
}

void sumac::addPopcountKernels(LinearKernelRegistry &registry) {
  registry.add(std::make_unique<PopcountKernel>());
}
