//===- PortableKernels.cpp - Multiply-accumulate on any processor ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for every layer and every processor: 16 channels at a time, each
// activation multiplied with a vector of weights. Sums are modulo 2^32 or 2^64,
// so they are exact whenever the final accumulator fits.
//
//===----------------------------------------------------------------------===//

#include "Kernels/IntegerLayout.h"
#include "Kernels/KernelEmitter.h"
#include "sumac/Target/CPU/LinearKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

namespace {

class PortableKernel : public LinearKernel {
public:
  StringRef getName() const override { return "portable"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override { return true; }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override {
    double perVector = target.getVectorBits() >= 512 ? 4 : target.getVectorBits() >= 256 ? 6 : 12;
    return layer.rows * layer.inputs * llvm::divideCeil(layer.outputs, kChannelVector) * perVector;
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override;
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;
};

/// Layout: biases [N/16][16], then weights [N/16][K][16].
PackedWeights PortableKernel::pack(const LinearLayer &layer, const CPUTarget &target) const {
  int64_t blocks = llvm::divideCeil(layer.outputs, kChannelVector);
  int64_t weightBytes = getWeightBytes(layer), accumulatorBytes = getAccumulatorBytes(layer);
  int64_t biasSize = blocks * kChannelVector * accumulatorBytes;
  PackedWeights packed;
  packed.bytes.resize(biasSize + blocks * layer.inputs * kChannelVector * weightBytes);
  SmallVector<int64_t> row(layer.inputs);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    storeInteger(packed.bytes.data() + n * accumulatorBytes, layer.bias[n], accumulatorBytes);
    layer.weights.decodeIntegers(n * layer.inputs, row);
    char *column = packed.bytes.data() + biasSize +
                   (n / kChannelVector * layer.inputs * kChannelVector + n % kChannelVector) * weightBytes;
    for (int64_t k = 0; k < layer.inputs; ++k)
      storeInteger(column + k * kChannelVector * weightBytes, row[k], weightBytes);
  }
  return packed;
}

/// base + offset * scale bytes.
Value address(OpBuilder &b, Location loc, Value base, Value offset, int64_t scale) {
  auto type = b.getIntegerType(64);
  Value factor = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, scale));
  Value bytes = arith::MulIOp::create(b, loc, offset, factor);
  return LLVM::GEPOp::create(b, loc, base.getType(), b.getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
}

Value constant(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
}

/// Rows that share each load of weights.
int64_t getRowTile(int64_t rows) { return rows % 4 == 0 ? 4 : 1; }

void PortableKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  const LinearLayer &layer = emission.layer;
  int64_t blocks = llvm::divideCeil(layer.outputs, kChannelVector);
  int64_t weightBytes = getWeightBytes(layer), accumulatorBytes = getAccumulatorBytes(layer);
  int64_t inputBytes = getInputFormat(layer, emission.target).bits / 8;
  auto accumulator = builder.getIntegerType(accumulatorBytes * 8);
  auto vector = VectorType::get(kChannelVector, accumulator);
  auto weightVector = VectorType::get(kChannelVector, builder.getIntegerType(weightBytes * 8));
  bool isSigned = layer.activation.isSigned();
  int64_t tile = getRowTile(layer.rows);

  Value zero = constant(builder, loc, 0), one = constant(builder, loc, 1);
  Value weights = address(builder, loc, emission.weights, one, blocks * kChannelVector * accumulatorBytes);
  auto outputs = scf::ForOp::create(builder, loc, zero, constant(builder, loc, blocks), one);
  OpBuilder b = OpBuilder::atBlockBegin(outputs.getBody());
  Value block = outputs.getInductionVar();
  Value bias = LLVM::LoadOp::create(b, loc, vector, address(b, loc, emission.weights, block, kChannelVector * accumulatorBytes), kRowAlignment);
  Value column = address(b, loc, weights, block, layer.inputs * kChannelVector * weightBytes);

  auto rows = scf::ForOp::create(b, loc, zero, constant(b, loc, layer.rows), constant(b, loc, tile));
  b.setInsertionPointToStart(rows.getBody());
  Value row = rows.getInductionVar();
  SmallVector<Value> rowPointers;
  for (int64_t r = 0; r < tile; ++r)
    rowPointers.push_back(address(b, loc, emission.input, arith::AddIOp::create(b, loc, row, constant(b, loc, r)), emission.inputStride));

  auto sum = scf::ForOp::create(
      b, loc, zero, constant(b, loc, layer.inputs), one, SmallVector<Value>(tile, bias),
      [&](OpBuilder &b, Location loc, Value k, ValueRange sums) {
        Value packed = LLVM::LoadOp::create(b, loc, weightVector, address(b, loc, column, k, kChannelVector * weightBytes), std::min<int64_t>(kChannelVector * weightBytes, kRowAlignment));
        Value weight = KernelEmitter(b, loc).resize(packed, vector, /*isSigned=*/true);
        SmallVector<Value> results;
        for (auto [pointer, partial] : llvm::zip_equal(rowPointers, sums)) {
          Value code = LLVM::LoadOp::create(b, loc, b.getIntegerType(inputBytes * 8), address(b, loc, pointer, k, inputBytes), inputBytes);
          Value x = vector::BroadcastOp::create(b, loc, vector, KernelEmitter(b, loc).resize(code, accumulator, isSigned));
          results.push_back(arith::AddIOp::create(b, loc, partial, arith::MulIOp::create(b, loc, x, weight)));
        }
        scf::YieldOp::create(b, loc, results);
      });
  Value channel = arith::MulIOp::create(b, loc, block, constant(b, loc, kChannelVector));
  for (int64_t r = 0; r < tile; ++r)
    emission.store(b, loc, arith::AddIOp::create(b, loc, row, constant(b, loc, r)), channel, sum.getResult(r));
}

} // namespace

void sumac::addPortableLinearKernels(LinearKernelRegistry &registry) {
  registry.add(std::make_unique<PortableKernel>());
}
