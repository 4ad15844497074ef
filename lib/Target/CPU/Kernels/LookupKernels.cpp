//===- LookupKernels.cpp - Sums that weights look up -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms `lookup_sums`, `pooled_sums` and `cached_sums`, for every processor and
// every width: a table of sums for each group of neighbouring inputs, and codes of
// weights that are positions in it. Rows one after the other, 16 channels at a
// time, by gathers. The forms differ in what the table holds.
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

//===----------------------------------------------------------------------===//
// What they have in common
//===----------------------------------------------------------------------===//

/// Where the parts of the packed weights begin: biases [N16], coefficients of
/// each plane [P][N16] (both as wide as accumulators), positions [P][N16 / 16]
/// [G][16] of a byte, then a table that the form holds as a constant.
struct Layout {
  int64_t coefficients, positions, table;
  Layout(const LinearLayer &layer, int64_t planes, int64_t groups) {
    int64_t channels = getChannelVectors(layer) * kChannelVector, bytes = getAccumulatorBytes(layer);
    coefficients = llvm::alignTo(channels * bytes, kRowAlignment);
    positions = llvm::alignTo(coefficients + planes * channels * bytes, kRowAlignment);
    table = llvm::alignTo(positions + planes * channels * groups, kRowAlignment);
  }
};

class LookupKernel : public LinearKernel {
public:
  int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const override {
    return llvm::alignTo(getTableBytes(layer), kRowAlignment);
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

protected:
  /// Matrices of positions, each with a coefficient for every channel.
  virtual int64_t getPlanes(const LinearLayer &layer) const { return 1; }
  virtual int64_t getCoefficient(const LinearLayer &layer, int64_t plane, int64_t channel) const { return 1; }
  virtual bool hasCoefficients() const { return false; }
  /// Inputs of a group: its positions are packed together.
  virtual int64_t getGroupInputs(const LinearLayer &layer) const = 0;
  /// Calls `visit` with positions[plane * G + g] of every output channel.
  using VisitPositions = llvm::function_ref<void(int64_t channel, ArrayRef<uint8_t> positions)>;
  virtual void visitPositions(const LinearLayer &layer, VisitPositions visit) const = 0;
  virtual std::vector<char> packTable(const LinearLayer &layer) const { return {}; }

  /// Bytes of what emitTable() writes to the scratch for one row.
  virtual int64_t getTableBytes(const LinearLayer &layer) const = 0;
  virtual void emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const = 0;
  /// sums + what 16 channels look up for one group at `positions`, vector<16xi64>.
  virtual Value emitLookup(KernelEmitter &e, const LinearEmission &emission, Value group, Value positions,
                           Value sum) const = 0;

  int64_t getGroups(const LinearLayer &layer) const {
    return llvm::divideCeil(layer.inputs, getGroupInputs(layer));
  }
  Layout getLayout(const LinearLayer &layer) const { return {layer, getPlanes(layer), getGroups(layer)}; }

  static Type getAccumulator(KernelEmitter &e, const LinearLayer &layer) {
    return e.getBuilder().getIntegerType(getAccumulatorBytes(layer) * 8);
  }
  /// Input `k` (offset by a constant) as an accumulator.
  Value loadInput(KernelEmitter &e, const LinearEmission &emission, Value input, Value k, int64_t offset) const;
  /// Elements of `bits` bits at 16 positions of the table `base`, sign-extended to `width` bits.
  static Value gather(KernelEmitter &e, Value base, Value positions, unsigned bits, unsigned width);

private:
  void emitRow(KernelEmitter &e, const LinearEmission &emission, Value row) const;
  Value emitBlock(KernelEmitter &e, const LinearEmission &emission, Value block) const;
};

PackedWeights LookupKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  Layout layout = getLayout(layer);
  int64_t planes = getPlanes(layer), groups = getGroups(layer), channels = getChannelVectors(layer) * kChannelVector;
  int64_t bytes = getAccumulatorBytes(layer);
  PackedWeights packed;
  packed.bytes.resize(layout.table);
  visitPositions(layer, [&](int64_t n, ArrayRef<uint8_t> positions) {
    storeInteger(&packed.bytes[n * bytes], layer.bias[n], bytes);
    for (int64_t p = 0; p < planes; ++p) {
      storeInteger(&packed.bytes[layout.coefficients + (p * channels + n) * bytes], getCoefficient(layer, p, n), bytes);
      int64_t vector = p * getChannelVectors(layer) + n / kChannelVector;
      for (int64_t g = 0; g < groups; ++g)
        packed.bytes[layout.positions + (vector * groups + g) * kChannelVector + n % kChannelVector] =
            static_cast<char>(positions[p * groups + g]);
    }
  });
  std::vector<char> table = packTable(layer);
  packed.bytes.insert(packed.bytes.end(), table.begin(), table.end());
  alignPacked(packed);
  return packed;
}

Value LookupKernel::loadInput(KernelEmitter &e, const LinearEmission &emission, Value input, Value k,
                              int64_t offset) const {
  int64_t bytes = getInputFormat(emission.layer, emission.target).bits / 8;
  Value code = e.load(e.getBuilder().getIntegerType(bytes * 8), e.address(input, k, bytes, offset * bytes), bytes);
  return e.resize(code, getAccumulator(e, emission.layer), emission.layer.activation.isSigned());
}

Value LookupKernel::gather(KernelEmitter &e, Value base, Value positions, unsigned bits, unsigned width) {
  OpBuilder &b = e.getBuilder();
  auto pointers = VectorType::get(kChannelVector, LLVM::LLVMPointerType::get(b.getContext()));
  Type element = b.getIntegerType(bits);
  Value addresses = LLVM::GEPOp::create(b, e.getLoc(), pointers, element, base, ArrayRef<LLVM::GEPArg>{positions});
  Value all = e.constant(e.vectorType(kChannelVector, 1), 1);
  Value values = LLVM::masked_gather::create(b, e.getLoc(), e.vectorType(kChannelVector, bits), addresses, all,
                                             ValueRange{}, b.getI32IntegerAttr(bits / 8));
  return e.resize(values, e.vectorType(kChannelVector, width), /*isSigned=*/true);
}

/// The finished accumulators of 16 channels.
Value LookupKernel::emitBlock(KernelEmitter &e, const LinearEmission &emission, Value block) const {
  const LinearLayer &layer = emission.layer;
  Layout layout = getLayout(layer);
  int64_t groups = getGroups(layer), vectors = getChannelVectors(layer), bytes = getAccumulatorBytes(layer);
  VectorType type = e.vectorType(kChannelVector, bytes * 8);
  Value result = e.load(type, e.address(emission.weights, block, kChannelVector * bytes), kChannelVector);
  for (int64_t p = 0; p < getPlanes(layer); ++p) {
    Value positions = e.address(emission.weights, block, groups * kChannelVector,
                                layout.positions + p * vectors * groups * kChannelVector);
    Values sum = e.loop(groups, {e.constant(type, 0)}, [&](KernelEmitter &e, Value g, ValueRange carried) -> Values {
      Value codes = e.load(e.vectorType(kChannelVector, 8), e.address(positions, g, kChannelVector), kChannelVector);
      codes = e.resize(codes, e.vectorType(kChannelVector, 64), /*isSigned=*/false);
      return {emitLookup(e, emission, g, codes, carried.front())};
    });
    Value product = sum.front();
    if (hasCoefficients()) {
      int64_t offset = layout.coefficients + p * vectors * kChannelVector * bytes;
      product = e.mul(product, e.load(type, e.address(emission.weights, block, kChannelVector * bytes, offset), kChannelVector));
    }
    result = e.add(result, product);
  }
  return result;
}

void LookupKernel::emitRow(KernelEmitter &e, const LinearEmission &emission, Value row) const {
  emitTable(e, emission, e.address(emission.input, row, emission.inputStride));
  e.loop(getChannelVectors(emission.layer), {}, [&](KernelEmitter &e, Value block, ValueRange) -> Values {
    Value result = emitBlock(e, emission, block);
    emission.store(e.getBuilder(), e.getLoc(), row, e.mul(block, kChannelVector), result);
    return {};
  });
}

void LookupKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  KernelEmitter e(builder, loc);
  e.loop(emission.layer.rows, {}, [&](KernelEmitter &e, Value row, ValueRange) -> Values {
    emitRow(e, emission, row);
    return {};
  });
}

//===----------------------------------------------------------------------===//
// Lookup sums: all sums of four activations
//===----------------------------------------------------------------------===//

class ActivationLookupKernel : public LookupKernel {
public:
  StringRef getName() const override { return "lookup_sums"; }
  StringRef getForm() const override { return "lookup_sums"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    return layer.weights.getNumMasks() >= 1 && layer.weights.getNumMasks() <= 8;
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override {
    double lookups = double(getChannelVectors(layer)) * getGroups(layer) * getPlanes(layer);
    return layer.rows * (lookups * 12 + getGroups(layer) * 20.0 + 10);
  }

protected:
  static constexpr int64_t kInputs = 4, kSums = 1 << kInputs;

  int64_t getPlanes(const LinearLayer &layer) const override { return layer.weights.getNumMasks(); }
  int64_t getCoefficient(const LinearLayer &layer, int64_t plane, int64_t channel) const override {
    return layer.weights.getMaskCoefficient(plane, channel);
  }
  bool hasCoefficients() const override { return true; }
  int64_t getGroupInputs(const LinearLayer &) const override { return kInputs; }
  void visitPositions(const LinearLayer &layer, VisitPositions visit) const override {
    SmallVector<uint8_t> masks(layer.inputs), positions(getPlanes(layer) * getGroups(layer));
    for (int64_t n = 0; n < layer.outputs; ++n) {
      layer.weights.decodeMasks(n * layer.inputs, masks);
      llvm::fill(positions, 0);
      for (int64_t p = 0; p < getPlanes(layer); ++p)
        for (auto [k, mask] : llvm::enumerate(masks))
          positions[p * getGroups(layer) + k / kInputs] |= ((mask >> p) & 1) << (k % kInputs);
      visit(n, positions);
    }
  }
  int64_t getTableBytes(const LinearLayer &layer) const override {
    return getGroups(layer) * kSums * getAccumulatorBytes(layer);
  }
  void emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const override;
  Value emitLookup(KernelEmitter &e, const LinearEmission &emission, Value group, Value positions,
                   Value sum) const override {
    int64_t bytes = getAccumulatorBytes(emission.layer);
    Value table = e.address(emission.scratch, group, kSums * bytes);
    return e.add(sum, gather(e, table, positions, bytes * 8, bytes * 8));
  }
};

/// Rows are padded with zeros, so the last group needs no care.
void ActivationLookupKernel::emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const {
  int64_t bytes = getAccumulatorBytes(emission.layer);
  e.loop(getGroups(emission.layer), {}, [&](KernelEmitter &e, Value g, ValueRange) -> Values {
    Value first = e.mul(g, kInputs);
    Values sums{e.constant(getAccumulator(e, emission.layer), 0)};
    for (int64_t j = 0; j < kInputs; ++j) {
      Value x = loadInput(e, emission, input, first, j);
      for (int64_t r = 0; r < int64_t(1) << j; ++r)
        sums.push_back(e.add(sums[r], x));
    }
    for (auto [r, sum] : llvm::enumerate(sums))
      e.store(sum, e.address(emission.scratch, g, kSums * bytes, r * bytes), bytes);
    return {};
  });
}

//===----------------------------------------------------------------------===//
// Pools: a sum for each vector of the table
//===----------------------------------------------------------------------===//

class PoolKernel : public LookupKernel {
public:
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    int64_t size = layer.weights.getGroupSize();
    return layer.weights.getNumGroups() >= 1 && layer.weights.getNumGroups() <= 256 && size <= 8 && 64 % size == 0;
  }

protected:
  int64_t getGroupInputs(const LinearLayer &layer) const override { return layer.weights.getGroupSize(); }
  void visitPositions(const LinearLayer &layer, VisitPositions visit) const override {
    SmallVector<uint8_t> positions(getGroups(layer));
    CodingAttrInterface weights = layer.weights;
    weights.visitCodes([&](int64_t channel, unsigned, ArrayRef<uint64_t> codes) {
      llvm::copy(codes, positions.begin());
      visit(channel, positions);
    });
  }
};

class PooledSumsKernel : public PoolKernel {
public:
  StringRef getName() const override { return "pooled_sums"; }
  StringRef getForm() const override { return "pooled_sums"; }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override {
    double lookups = double(getChannelVectors(layer)) * getGroups(layer);
    double sums = getGroups(layer) * double(layer.weights.getNumGroups()) * getGroupInputs(layer);
    return layer.rows * (lookups * 12 + sums * 0.5 + 10);
  }

protected:
  /// Vectors of the pool, rounded up to 16.
  static int64_t getPadded(const LinearLayer &layer) {
    return llvm::alignTo(layer.weights.getNumGroups(), kChannelVector);
  }
  /// The table [8][P16], as wide as accumulators.
  std::vector<char> packTable(const LinearLayer &layer) const override {
    int64_t bytes = getAccumulatorBytes(layer), size = getGroupInputs(layer);
    std::vector<char> table(size * getPadded(layer) * bytes);
    SmallVector<int64_t> group(size);
    for (int64_t p = 0; p < layer.weights.getNumGroups(); ++p) {
      layer.weights.decodeGroup(p, group);
      for (int64_t j = 0; j < size; ++j)
        storeInteger(&table[(j * getPadded(layer) + p) * bytes], group[j], bytes);
    }
    return table;
  }
  int64_t getTableBytes(const LinearLayer &layer) const override {
    return getGroups(layer) * getPadded(layer) * getAccumulatorBytes(layer);
  }
  void emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const override;
  Value emitLookup(KernelEmitter &e, const LinearEmission &emission, Value group, Value positions,
                   Value sum) const override {
    int64_t bytes = getAccumulatorBytes(emission.layer);
    Value table = e.address(emission.scratch, group, getPadded(emission.layer) * bytes);
    return e.add(sum, gather(e, table, positions, bytes * 8, bytes * 8));
  }
};

void PooledSumsKernel::emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const {
  const LinearLayer &layer = emission.layer;
  int64_t bytes = getAccumulatorBytes(layer), padded = getPadded(layer), size = getGroupInputs(layer);
  VectorType type = e.vectorType(kChannelVector, bytes * 8);
  Value table = e.address(emission.weights, Value(), 0, getLayout(layer).table);
  e.loop(getGroups(layer), {}, [&](KernelEmitter &e, Value g, ValueRange) -> Values {
    Value first = e.mul(g, size);
    Values inputs;
    for (int64_t j = 0; j < size; ++j)
      inputs.push_back(e.splat(type, loadInput(e, emission, input, first, j)));
    Value sums = e.address(emission.scratch, g, padded * bytes);
    e.loop(padded / kChannelVector, {}, [&](KernelEmitter &e, Value block, ValueRange) -> Values {
      Value sum;
      for (int64_t j = 0; j < size; ++j) {
        Value weights = e.load(type, e.address(table, block, kChannelVector * bytes, j * padded * bytes), kChannelVector);
        Value product = e.mul(weights, inputs[j]);
        sum = sum ? e.add(sum, product) : product;
      }
      e.store(sum, e.address(sums, block, kChannelVector * bytes), kChannelVector);
      return {};
    });
    return {};
  });
}

//===----------------------------------------------------------------------===//
// Cached sums: bit planes of activations look up
//===----------------------------------------------------------------------===//

class CachedSumsKernel : public PoolKernel {
public:
  StringRef getName() const override { return "cached_sums"; }
  StringRef getForm() const override { return "cached_sums"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    return PoolKernel::supports(layer, target) && layer.weights.getGroupSize() == kInputs &&
           layer.activation.getWidth() <= 8 && layer.weightRange.min >= INT8_MIN && layer.weightRange.max <= INT8_MAX &&
           hasByteTable(layer);
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override {
    double lookups = double(getChannelVectors(layer)) * getGroups(layer) * layer.activation.getWidth();
    return layer.rows * (lookups * 14 + getGroups(layer) * layer.activation.getWidth() * 12.0 + 10);
  }

protected:
  static constexpr int64_t kInputs = 8, kRows = 256, kEntryBytes = 2;

  /// Vectors that no weight uses may hold anything.
  static bool hasByteTable(const LinearLayer &layer) {
    SmallVector<int64_t> group(kInputs);
    for (int64_t p = 0; p < layer.weights.getNumGroups(); ++p) {
      layer.weights.decodeGroup(p, group);
      if (llvm::any_of(group, [](int64_t value) { return !llvm::isInt<8>(value); }))
        return false;
    }
    return true;
  }
  /// The table [256][P] of 16 bits: 8 bytes sum up to at most 1024.
  std::vector<char> packTable(const LinearLayer &layer) const override {
    int64_t groups = layer.weights.getNumGroups();
    // A gather of 16 bits may be done as one of 32.
    std::vector<char> table((kRows * groups + 1) * kEntryBytes);
    SmallVector<int64_t> group(kInputs);
    for (int64_t p = 0; p < groups; ++p) {
      layer.weights.decodeGroup(p, group);
      for (int64_t r = 0; r < kRows; ++r) {
        int64_t sum = 0;
        for (int64_t j = 0; j < kInputs; ++j)
          sum += ((r >> j) & 1) * group[j];
        storeInteger(&table[(r * groups + p) * kEntryBytes], sum, kEntryBytes);
      }
    }
    return table;
  }
  /// [G][bits] of a byte: row of the table for each bit plane.
  int64_t getTableBytes(const LinearLayer &layer) const override {
    return getGroups(layer) * layer.activation.getWidth();
  }
  void emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const override;
  Value emitLookup(KernelEmitter &e, const LinearEmission &emission, Value group, Value positions,
                   Value sum) const override;
};

void CachedSumsKernel::emitTable(KernelEmitter &e, const LinearEmission &emission, Value input) const {
  OpBuilder &b = e.getBuilder();
  unsigned bits = emission.layer.activation.getWidth();
  e.loop(getGroups(emission.layer), {}, [&](KernelEmitter &e, Value g, ValueRange) -> Values {
    VectorType bytes = e.vectorType(kInputs, 8);
    Value x = e.load(bytes, e.address(input, g, kInputs), kInputs);
    for (unsigned i = 0; i < bits; ++i) {
      Value bit = e.resize(e.shiftRightLogical(x, i), e.vectorType(kInputs, 1), /*isSigned=*/false);
      Value row = LLVM::BitcastOp::create(b, e.getLoc(), b.getI8Type(), bit);
      e.store(row, e.address(emission.scratch, g, bits, i), 1);
    }
    return {};
  });
}

Value CachedSumsKernel::emitLookup(KernelEmitter &e, const LinearEmission &emission, Value group, Value positions,
                                   Value sum) const {
  const LinearLayer &layer = emission.layer;
  OpBuilder &b = e.getBuilder();
  unsigned bits = layer.activation.getWidth();
  Value table = e.address(emission.weights, Value(), 0, getLayout(layer).table);
  for (unsigned i = 0; i < bits; ++i) {
    Value row = e.load(b.getI8Type(), e.address(emission.scratch, group, bits, i), 1);
    row = e.resize(row, b.getI64Type(), /*isSigned=*/false);
    Value entries = e.address(table, row, layer.weights.getNumGroups() * kEntryBytes);
    Value part = e.shiftLeft(gather(e, entries, positions, kEntryBytes * 8, getAccumulatorBytes(layer) * 8), i);
    bool isSign = layer.activation.isSigned() && i + 1 == bits;
    sum = isSign ? Value(arith::SubIOp::create(b, e.getLoc(), sum, part)) : e.add(sum, part);
  }
  return sum;
}

} // namespace

void sumac::addLookupKernels(LinearKernelRegistry &registry) {
  registry.add(std::make_unique<ActivationLookupKernel>());
  registry.add(std::make_unique<PooledSumsKernel>());
  registry.add(std::make_unique<CachedSumsKernel>());
}
