//===- AdderGraphKernel.cpp - Layers as straight additions -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The form `adder_graph`, for every processor and every width: the weights are in
// the code. One row at a time, every adder an instruction or two.
//
//===----------------------------------------------------------------------===//

#include "IntegerLayout.h"
#include "KernelEmitter.h"
#include "Kernels.h"
#include "sumac/Analysis/AdderGraph.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

namespace {

using Values = KernelEmitter::Values;
using Term = AdderGraph::Term;

/// Layout: biases [N16].
class AdderGraphKernel : public LinearKernel {
public:
  StringRef getName() const override { return "adder_graph"; }
  StringRef getForm() const override { return "adder_graph"; }
  bool supports(const LinearLayer &layer, const CPUTarget &target) const override {
    constexpr int64_t kLargest = int64_t(1) << 61;
    if (layer.weightRange.min < -kLargest || layer.weightRange.max > kLargest || layer.nonZeros > kMaxDigits)
      return false;
    return countSignedDigits(layer.weights) <= kMaxDigits;
  }
  double getCycles(const LinearLayer &layer, const CPUTarget &target) const override {
    // Subexpressions save about half; a shift and an addition each.
    return layer.rows * (10 + layer.inputs + layer.outputs + 1.0 * countSignedDigits(layer.weights));
  }
  int64_t getScratchBytes(const LinearLayer &layer, const CPUTarget &target) const override {
    return llvm::alignTo(llvm::alignTo(layer.outputs, kChannelVector) * getAccumulatorBytes(layer), kRowAlignment);
  }
  PackedWeights pack(const LinearLayer &layer, const CPUTarget &target) const override {
    int64_t bytes = getAccumulatorBytes(layer);
    PackedWeights packed;
    packed.bytes.resize(llvm::alignTo(layer.outputs, kChannelVector) * bytes);
    for (int64_t n = 0; n < layer.outputs; ++n)
      storeInteger(&packed.bytes[n * bytes], layer.bias[n], bytes);
    alignPacked(packed);
    return packed;
  }
  void emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const override;

private:
  /// More code than this takes compilers long and no cache holds it.
  static constexpr int64_t kMaxDigits = 20'000;
  void emitRow(KernelEmitter &e, const LinearEmission &emission, const AdderGraph &graph, Value row) const;
};

/// The value of a term without its sign.
Value emitTerm(KernelEmitter &e, ArrayRef<Value> values, const Term &term) {
  return e.shiftLeft(values[term.node], term.shift);
}

Value emitSum(KernelEmitter &e, ArrayRef<Value> values, const AdderGraph::Adder &adder) {
  Value a = emitTerm(e, values, adder.a), b = emitTerm(e, values, adder.b);
  return adder.b.isNegative ? Value(arith::SubIOp::create(e.getBuilder(), e.getLoc(), a, b)) : e.add(a, b);
}

void AdderGraphKernel::emitRow(KernelEmitter &e, const LinearEmission &emission, const AdderGraph &graph,
                               Value row) const {
  const LinearLayer &layer = emission.layer;
  OpBuilder &b = e.getBuilder();
  int64_t bytes = getAccumulatorBytes(layer), inputBytes = getInputFormat(layer, emission.target).bits / 8;
  Type accumulator = b.getIntegerType(bytes * 8);
  Value input = e.address(emission.input, row, emission.inputStride);
  Values values;
  for (int64_t k = 0; k < layer.inputs; ++k) {
    Value code = e.load(b.getIntegerType(inputBytes * 8), e.address(input, Value(), 0, k * inputBytes), inputBytes);
    values.push_back(e.resize(code, accumulator, layer.activation.isSigned()));
  }
  for (const AdderGraph::Adder &adder : graph.adders)
    values.push_back(emitSum(e, values, adder));
  for (auto [n, output] : llvm::enumerate(graph.outputs)) {
    Value sum = e.load(accumulator, e.address(emission.weights, Value(), 0, n * bytes), bytes);
    if (output && output->isNegative)
      sum = arith::SubIOp::create(b, e.getLoc(), sum, emitTerm(e, values, *output));
    else if (output)
      sum = e.add(sum, emitTerm(e, values, *output));
    e.store(sum, e.address(emission.scratch, Value(), 0, n * bytes), bytes);
  }
  e.loop(llvm::divideCeil(layer.outputs, kChannelVector), {}, [&](KernelEmitter &e, Value block, ValueRange) -> Values {
    Value sums = e.load(e.vectorType(kChannelVector, bytes * 8),
                        e.address(emission.scratch, block, kChannelVector * bytes), kRowAlignment);
    emission.store(e.getBuilder(), e.getLoc(), row, e.mul(block, kChannelVector), sums);
    return {};
  });
}

void AdderGraphKernel::emit(OpBuilder &builder, Location loc, const LinearEmission &emission) const {
  // Without sharing where there are too many pairs to look at.
  AdderGraph graph = buildAdderGraph(emission.layer.weights);
  KernelEmitter e(builder, loc);
  e.loop(emission.layer.rows, {}, [&](KernelEmitter &e, Value row, ValueRange) -> Values {
    emitRow(e, emission, graph, row);
    return {};
  });
}

} // namespace

void sumac::addAdderGraphKernel(LinearKernelRegistry &registry) {
  registry.add(std::make_unique<AdderGraphKernel>());
}
