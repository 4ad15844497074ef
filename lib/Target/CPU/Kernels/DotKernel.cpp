//===- DotKernel.cpp - Linear layers by byte dot products -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of 1, 2, 4 or 8 bits times activations of up to 8 bits, with the
// instructions that multiply bytes and add groups of four. Lanes are channels:
// a 32-bit word of activations is broadcast and multiplied with a vector of
// packed weights, so no sum ever runs across lanes. Codes of fewer than 8 bits
// are masked in place: the high slots' sums come out scaled and are shifted
// once, at the end (saturating instructions shift the codes instead).
//
//===----------------------------------------------------------------------===//

#include "DotInstructions.h"
#include "Kernels.h"
#include "TiledEmission.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

namespace {

class DotKernel : public LinearKernel {
public:
  DotKernel(const DotInstructions &instructions, unsigned bits)
      : isa(instructions), bits(bits), name((instructions.name + "_w" + Twine(bits)).str()) {}

  StringRef getName() const override { return name; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override;
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override;
  InputFormat getInputFormat(const LinearLayer &layer, const CPUTarget &target) const override {
    return {8, getEncoding(layer)->inputOffset};
  }
  int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const override {
    return layer.rows > 1 && getEncoding(layer)->hasCorrection() ? llvm::alignTo(layer.rows * 4, 64) : 0;
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override {
    return packWeights(layer, *getEncoding(layer));
  }
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

private:
  std::optional<WeightEncoding> getEncoding(const LinearLayer &layer) const {
    return encodeWeights(layer, bits, isa.signs, isa.getAccess());
  }

  const DotInstructions &isa;
  unsigned bits;
  std::string name;
};

/// Sums of two products that fit 16 bits together; 0 if one does not.
int64_t getPairsPerWiden(const LinearLayer &layer, const WeightEncoding &encoding) {
  int64_t low = layer.activationRange.min + encoding.inputOffset;
  int64_t high = layer.activationRange.max + encoding.inputOffset;
  int64_t input = std::max<int64_t>({std::abs(low), std::abs(high), 1});
  // The values that occur, not those that the codes could hold.
  IntegerRange range = layer.weightRange;
  int64_t offset = encoding.bits == 8 ? encoding.topOffset : 0;
  int64_t weight = std::max<int64_t>({std::abs(encoding.getCode(range.min) - offset),
                                      std::abs(encoding.getCode(range.max) - offset), 1});
  return 32767 / (2 * input * weight);
}

/// Emits one layer.
class DotEmission : TiledEmission {
public:
  DotEmission(const LinearEmission &emission, const DotInstructions &isa, const WeightEncoding &encoding)
      : TiledEmission(emission, encoding.getVectorBytes(emission.layer)), isa(isa), encoding(encoding),
        steps(encoding.getSteps(layer)), slots(encoding.getSlots()), parts(isa.getParts()), partBytes(isa.vectorBits / 8) {
    if (isa.saturating)
      pairsPerWiden = std::min<int64_t>(getPairsPerWiden(layer, encoding), 16);
  }

  void emitLayer(KernelEmitter &e);

private:
  Tile getTile(int64_t rows, int64_t vectors) const override;
  void emitBlock(KernelEmitter &e, const Block &block) override;
  void emitCorrections(KernelEmitter &e);
  Value emitRowCorrection(KernelEmitter &e, Value input);
  Values emitSteps(KernelEmitter &e, const Block &block, Value iv, int64_t first, int64_t count, ValueRange sums);
  Value emitSlot(KernelEmitter &e, Value packed, int64_t slot);
  Value emitInput(KernelEmitter &e, const Block &block, int64_t row, Value iv, int64_t step, int64_t slot);
  Value emitResult(KernelEmitter &e, const Block &block, int64_t row, int64_t vector, Value bias, ValueRange sums);

  /// Accumulators of one row and vector: [set][slot][part], or [set][part]
  /// where slots are summed at once, or [set][plane][part] with a table.
  int64_t getSums(const Tile &tile) const { return getSets(tile) * getSumSlots() * parts; }
  int64_t getSumSlots() const { return isa.saturating ? 1 : isa.lookup ? encoding.planes : slots; }
  /// Independent sets of accumulators, so that few of them hide the latency.
  int64_t getSets(const Tile &tile) const { return isa.saturating ? 1 : std::min(tile.unroll, steps); }

  const DotInstructions &isa;
  const WeightEncoding &encoding;
  int64_t steps, slots, parts, partBytes;
  int64_t pairsPerWiden = 1;
  Value correction; ///< i32, with one row
};

Tile DotEmission::getTile(int64_t rows, int64_t vectors) const {
  // Accumulators in flight: enough to hide four cycles of latency, few enough
  // to leave registers for weights, activations and masks.
  int64_t most = isa.registers == 32 ? 16 : isa.saturating ? 4 : 8;
  int64_t each = getSumSlots() * parts;
  Tile tile{1, std::min<int64_t>(vectors, kTileVectors), 1};
  if (rows == 1) {
    while (tile.vectors > 1 && tile.vectors * each > most)
      --tile.vectors;
    int64_t accumulators = tile.vectors * each;
    tile.unroll = isa.saturating ? std::max<int64_t>(1, pairsPerWiden / slots)
                                 : std::max<int64_t>(1, (isa.registers / 4) / accumulators);
    return tile;
  }
  // Rows and vectors balanced, so that loads are few for each dot product.
  int64_t room = std::max<int64_t>(1, most / each);
  tile.vectors = std::min<int64_t>(vectors, room >= 16 ? 4 : room >= 4 ? 2 : 1);
  tile.rows = std::min(rows, room / tile.vectors);
  if (isa.saturating)
    tile.unroll = std::max<int64_t>(1, pairsPerWiden / slots);
  return tile;
}

/// The sum over k of correction_slot(k) * x'_k for one row: for each distinct
/// correction, sums of bytes times 0 or 1 in the instruction set's own way.
Value DotEmission::emitRowCorrection(KernelEmitter &e, Value input) {
  // Short rows in pieces of 16 bytes, as epilogues write them: a wider load
  // would wait until the stores have left for the cache.
  int64_t width = layer.inputs <= 256 ? 16 : partBytes;
  VectorType bytes = e.vectorType(width, 8), words = e.vectorType(width / 4, 32);
  // Rows are padded to 64 elements, a multiple of what repeats.
  int64_t period = std::max(width, encoding.getStepInputs()), periods = llvm::divideCeil(layer.inputs, period);
  Value total;
  SmallVector<int64_t> done;
  for (int64_t slot = 0; slot < slots; ++slot) {
    int64_t factor = encoding.getCorrection(slot);
    if (factor == 0 || llvm::is_contained(done, factor))
      continue;
    done.push_back(factor);
    auto emitPeriod = [&](KernelEmitter &e, Value iv, int64_t number, Value sum) {
      for (int64_t first = 0; first < period; first += width) {
        SmallVector<int8_t> mask;
        for (int64_t k = first; k < first + width; ++k)
          mask.push_back(encoding.getCorrection(encoding.getSlot(k)) == factor);
        Value ones = arith::ConstantOp::create(e.getBuilder(), e.getLoc(),
                                               DenseElementsAttr::get(bytes, ArrayRef(mask)));
        Value x = e.load(bytes, e.address(input, iv, period, number * period + first), width);
        sum = isa.saturating ? isa.emitWiden(e, sum, isa.emitPairs(e, x, ones, encoding))
                             : isa.emitDot(e, sum, x, ones, encoding);
      }
      return sum;
    };
    Values sums{e.constant(words, 0)};
    if (periods <= 16)
      for (int64_t i = 0; i < periods; ++i)
        sums[0] = emitPeriod(e, Value(), i, sums[0]);
    else
      sums = e.loop(periods, sums, [&](KernelEmitter &e, Value iv, ValueRange carried) -> Values {
        return {emitPeriod(e, iv, 0, carried[0])};
      });
    Value sum = vector::ReductionOp::create(e.getBuilder(), e.getLoc(), vector::CombiningKind::ADD, sums[0]);
    sum = e.mul(sum, factor);
    total = total ? e.add(total, sum) : sum;
  }
  return total;
}

void DotEmission::emitCorrections(KernelEmitter &e) {
  if (!encoding.hasCorrection())
    return;
  if (layer.rows == 1) {
    correction = emitRowCorrection(e, emission.input);
    return;
  }
  e.loop(layer.rows, {}, [&](KernelEmitter &e, Value row, ValueRange) -> Values {
    Value sum = emitRowCorrection(e, e.address(emission.input, row, emission.inputStride));
    e.store(sum, e.address(emission.scratch, row, 4), 4);
    return {};
  });
}

void DotEmission::emitLayer(KernelEmitter &e) {
  emitCorrections(e);
  emitTiles(e);
}

/// The codes of one slot, in bytes.
Value DotEmission::emitSlot(KernelEmitter &e, Value packed, int64_t slot) {
  if (isa.extracting)
    return isa.emitExtract(e, packed, encoding.bits);
  if (isa.lookup)
    return isa.emitPositions(e, packed, slot, encoding);
  if (slots == 1)
    return packed;
  int64_t mask = (1 << encoding.bits) - 1, shift = slot * encoding.bits;
  if (!isa.saturating)
    return e.bitAnd(packed, mask << shift);
  // There is no shift of bytes: shift words, then mask.
  Value words = e.bitcast(e.vectorType(partBytes / 2, 16), packed);
  return e.bitAnd(e.bitcast(e.vectorType(partBytes, 8), e.shiftRightLogical(words, shift)), mask);
}

Value DotEmission::emitInput(KernelEmitter &e, const Block &block, int64_t row, Value iv, int64_t step, int64_t slot) {
  int64_t inputs = encoding.getStepInputs();
  return e.broadcastWord(e.address(block.inputs[row], iv, block.tile.unroll * inputs, step * inputs + slot * 4),
                         partBytes);
}

/// `count` steps from first + iv * unroll on. `sums` is [row][vector][set][slot][part].
TiledEmission::Values DotEmission::emitSteps(KernelEmitter &e, const Block &block, Value iv, int64_t first,
                                             int64_t count, ValueRange carried) {
  const Tile &tile = block.tile;
  int64_t each = getSums(tile);
  Values sums(carried.begin(), carried.end());
  Values pairs(tile.rows * tile.vectors * parts);
  int64_t pending = 0, stepBytes = encoding.getStepBytes();
  for (int64_t step = 0; step < count; ++step) {
    Values packed;
    for (int64_t c = 0; c < tile.vectors; ++c)
      for (int64_t p = 0; p < parts; ++p) {
        int64_t offset = ((first + step) * block.tileVectors + block.firstVector + c) * stepBytes + p * partBytes;
        Value pointer = e.address(block.weights, iv, tile.unroll * block.tileVectors * stepBytes, offset);
        // Dense codes take fewer bytes than are loaded; biases lie behind them.
        packed.push_back(e.load(e.vectorType(partBytes, 8), pointer, std::min(partBytes, stepBytes & -stepBytes)));
      }
    for (int64_t slot = 0; slot < slots; ++slot) {
      Values codes;
      for (Value vector : packed)
        codes.push_back(emitSlot(e, vector, slot));
      Values values;
      for (int64_t i = 0, end = isa.lookup ? tile.vectors * parts * encoding.planes : 0; i < end; ++i)
        values.push_back(isa.emitLookup(e, codes[i / encoding.planes], i % encoding.planes, encoding));
      bool widen = ++pending == pairsPerWiden || (step + 1 == count && slot + 1 == slots);
      for (int64_t r = 0; r < tile.rows; ++r) {
        Value input = emitInput(e, block, r, iv, first + step, slot);
        for (int64_t i = 0; i < tile.vectors * parts; ++i) {
          int64_t c = i / parts, p = i % parts;
          Value *sum = &sums[(r * tile.vectors + c) * each];
          if (!isa.saturating) {
            for (int64_t plane = 0; plane < encoding.planes; ++plane) {
              Value weights = isa.lookup ? values[i * encoding.planes + plane] : codes[i];
              int64_t set = step % getSets(tile), place = isa.lookup ? plane : slot;
              Value &target = sum[(set * getSumSlots() + place) * parts + p];
              target = isa.emitDot(e, target, input, weights, encoding);
            }
            continue;
          }
          Value &pair = pairs[(r * tile.vectors + c) * parts + p];
          Value product = isa.emitPairs(e, input, codes[i], encoding);
          pair = pair ? e.add(pair, product) : product;
          if (widen) {
            sum[p] = isa.emitWiden(e, sum[p], pair);
            pair = Value();
          }
        }
      }
      if (widen)
        pending = 0;
    }
  }
  return sums;
}

/// Joins sets, slots and parts, and applies step and correction.
Value DotEmission::emitResult(KernelEmitter &e, const Block &block, int64_t row, int64_t vector, Value bias,
                              ValueRange sums) {
  int64_t sumSlots = getSumSlots(), sets = getSets(block.tile);
  Values joined;
  for (int64_t p = 0; p < parts; ++p) {
    Value total;
    for (int64_t slot = 0; slot < sumSlots; ++slot) {
      Value sum;
      for (int64_t set = 0; set < sets; ++set) {
        Value value = sums[(set * sumSlots + slot) * parts + p];
        sum = sum ? e.add(sum, value) : value;
      }
      // Sums are modulo 2^32, so the high bytes' may leave it on the way.
      sum = isa.lookup ? e.shiftLeft(sum, slot * 8) : e.shiftRightArithmetic(sum, encoding.getSumShift(slot));
      total = total ? e.add(total, sum) : sum;
    }
    joined.push_back(total);
  }
  Value result = e.concat(joined);
  if (encoding.step != 1)
    result = e.add(e.mul(result, encoding.step), bias);
  if (!encoding.hasCorrection())
    return result;
  auto type = cast<VectorType>(result.getType());
  Value scalar = correction;
  if (!scalar)
    scalar = e.load(e.getBuilder().getI32Type(), e.address(emission.scratch, block.row, 4, row * 4), 4);
  return e.add(result, e.splat(type, scalar));
}

void DotEmission::emitBlock(KernelEmitter &e, const Block &block) {
  const Tile &tile = block.tile;
  int64_t each = getSums(tile);
  VectorType partType = e.vectorType(isa.getLanes(), 32);
  Values biases, sums;
  for (int64_t c = 0; c < tile.vectors; ++c)
    biases.push_back(loadBias(e, block, c));
  // The bias is the first accumulators' start where nothing scales them.
  for (int64_t r = 0; r < tile.rows; ++r)
    for (int64_t c = 0; c < tile.vectors; ++c)
      for (int64_t i = 0; i < each; ++i) {
        if (i >= parts || encoding.step != 1) {
          sums.push_back(e.constant(partType, 0));
          continue;
        }
        Value part = biases[c];
        if (parts > 1)
          part = vector::ExtractStridedSliceOp::create(e.getBuilder(), e.getLoc(), part, i * isa.getLanes(),
                                                       isa.getLanes(), 1);
        sums.push_back(part);
      }

  // Short sums become straight code.
  constexpr int64_t straightLine = 192;
  int64_t unroll = tile.unroll, full = steps / unroll;
  if (steps * tile.rows * tile.vectors * slots * parts <= straightLine)
    full = 0;
  sums = e.loop(full, sums, [&](KernelEmitter &e, Value iv, ValueRange carried) {
    return emitSteps(e, block, iv, 0, unroll, carried);
  });
  if (full * unroll < steps)
    sums = emitSteps(e, block, Value(), full * unroll, steps - full * unroll, sums);

  Values results;
  for (int64_t r = 0; r < tile.rows; ++r) {
    results.clear();
    for (int64_t c = 0; c < tile.vectors; ++c)
      results.push_back(
          emitResult(e, block, r, c, biases[c], ValueRange(sums).slice((r * tile.vectors + c) * each, each)));
    storeRow(e, block, r, results);
  }
}

} // namespace

bool DotKernel::supports(const LinearLayer &layer, const CPUTarget &target) const {
  if (!isa.isAvailable(target) || !layer.fitsInt32())
    return false;
  std::optional<WeightEncoding> encoding = getEncoding(layer);
  if (!encoding)
    return false;
  if (isa.saturating)
    return getPairsPerWiden(layer, *encoding) > 0;
  return slotSumsFitInt32(layer, *encoding);
}

double DotKernel::getCycles(const LinearLayer &layer, const CPUTarget &target) const {
  std::optional<WeightEncoding> encoding = getEncoding(layer);
  int64_t vectors = llvm::divideCeil(layer.outputs, kChannelVector), slots = encoding->getSlots();
  double dots = double(vectors) * isa.getParts() * encoding->getSteps(layer) * slots * encoding->planes;
  // Rows of a block share the decoded weights; a single row shares the loaded
  // activations among four vectors only.
  double decode = slots > 1 || isa.extracting ? isa.decodeCycles : 0;
  double dot = layer.rows > 1 ? isa.dotCycles + decode / std::min<int64_t>(layer.rows, isa.registers / 8)
                              : isa.dotCycles + decode + 0.5 / (kTileVectors * slots);
  // Epilogues and latencies that the loops do not hide.
  double rest = vectors * 2.0 * isa.getParts() + (encoding->hasCorrection() ? 10 + layer.inputs / 64.0 : 0);
  return addMemoryCycles(layer.rows * (dots * dot + rest), vectors * encoding->getVectorBytes(layer));
}

void DotKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  std::optional<WeightEncoding> encoding = getEncoding(emission.layer);
  KernelEmitter emitter(builder, loc);
  DotEmission(emission, isa, *encoding).emitLayer(emitter);
}

void sumac::addDotKernels(LinearKernelRegistry &registry) {
  static const unsigned slots[] = {8, 4, 2, 1}, dense[] = {7, 6, 5, 3}, lookup[] = {4};
  for (const DotInstructions &instructions : getDotInstructions())
    for (unsigned bits : instructions.lookup       ? ArrayRef<unsigned>(lookup)
                         : instructions.extracting ? ArrayRef<unsigned>(dense)
                                                   : ArrayRef<unsigned>(slots))
      registry.add(std::make_unique<DotKernel>(instructions, bits));
}
