//===- Costs.cpp - Estimated resources of small circuits -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Costs.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

int64_t stream::log2Ceil(int64_t n) { return n <= 1 ? 0 : llvm::Log2_64_Ceil(static_cast<uint64_t>(n)); }

/// Multiplies every figure.
static Resources scale(Resources resources, double factor) {
  return {resources.lut * factor, resources.ff * factor, resources.dsp * factor, resources.bram * factor,
          resources.uram * factor};
}

Resources stream::getMultiplierCost(int64_t a, int64_t b, Multiplier kind) {
  Resources resources;
  auto bits = static_cast<double>(a + b);
  resources.ff = bits;
  int64_t narrow = std::min(a, b);
  if (narrow <= 2) {
    // Selects, negates or drops the other factor.
    resources.lut = bits - 1;
  } else if (kind == Multiplier::DSP) {
    // 27 x 18 bits, signed.
    resources.dsp = static_cast<double>(llvm::divideCeil(std::max(a, b), 26) * llvm::divideCeil(narrow, 17));
  } else {
    // FINN-R (papers.md, SU): 2 ceil((a + b) / 6) - 1 LUTs a bit, at most one
    // for each pair of bits.
    double finn = (2.0 * static_cast<double>(llvm::divideCeil(a + b, 6)) - 1) * bits;
    resources.lut = std::min(finn, static_cast<double>(a * b));
  }
  return resources;
}

Resources stream::getAdderTreeCost(int64_t count, int64_t bits) {
  Resources resources;
  for (; count > 1; count = llvm::divideCeil(count, 2), ++bits) {
    resources.lut += static_cast<double>((count / 2) * (bits + 1));
    resources.ff += static_cast<double>(llvm::divideCeil(count, 2) * (bits + 1));
  }
  return resources;
}

Resources stream::getMemoryCost(int64_t words, int64_t bits, Memory memory) {
  Resources resources;
  // Nothing is read where there is one word.
  if (words <= 1)
    return resources;
  switch (memory) {
  case Memory::LUT:
    resources.lut = static_cast<double>(llvm::divideCeil(words, 64)) * static_cast<double>(bits);
    break;
  case Memory::BRAM: {
    // The best of the block's shapes 16K x 1, ..., 512 x 36.
    int64_t best = INT64_MAX;
    for (auto [depth, width] : {std::pair<int64_t, int64_t>{512, 36}, {1024, 18}, {2048, 9}, {4096, 4}, {8192, 2}, {16384, 1}})
      best = std::min<int64_t>(best, llvm::divideCeil(words, depth) * llvm::divideCeil(bits, width));
    resources.bram = static_cast<double>(best);
    break;
  }
  case Memory::URAM:
    resources.uram = static_cast<double>(llvm::divideCeil(words, 4096) * llvm::divideCeil(bits, 72));
    break;
  }
  return resources;
}

Resources stream::getControlCost(int64_t steps) {
  Resources resources;
  auto bits = static_cast<double>(log2Ceil(steps + 1));
  resources.lut = 20 + 2 * bits;
  resources.ff = 10 + bits;
  return resources;
}

/// One lane of an operation that does so much for each of `elements`.
static Resources getLaneCost(Operation *op, int64_t elements, Multiplier kind) {
  OperationCount count = cast<CostOpInterface>(op).getOperationCount();
  auto perElement = [&](int64_t operations) { return static_cast<double>(operations) / static_cast<double>(elements); };
  int64_t in = getElementBits(op->getOperand(0)), out = getElementBits(op->getResult(0));
  Resources resources;
  resources.ff = static_cast<double>(out);
  // A comparison with a constant takes a LUT for two bits; what it says is
  // counted or selects.
  resources.lut = perElement(count.comparisons) * (static_cast<double>(in) / 2 + 1);
  resources.lut += perElement(count.additions) * static_cast<double>(std::max(in, out));
  resources.lut += perElement(count.lookups) * static_cast<double>(llvm::divideCeil(int64_t(1) << std::min<int64_t>(in, 20), 64) * out);
  // Constant factors have about as many bits as what they multiply.
  resources += scale(getMultiplierCost(in, in, kind), perElement(count.multiplications));
  return resources;
}

Resources stream::getElementwiseCost(ArrayRef<Operation *> ops, int64_t lanes, int64_t groups, Multiplier kind) {
  Resources resources;
  int64_t elements = lanes * groups;
  for (Operation *op : ops) {
    resources += scale(getLaneCost(op, elements, kind), static_cast<double>(lanes));
    int64_t constants = cast<CostOpInterface>(op).getStoredBits();
    resources += getMemoryCost(groups, llvm::divideCeil(constants, groups), Memory::LUT);
  }
  return resources;
}

int64_t stream::getElementwiseStages(ArrayRef<Operation *> ops) {
  int64_t stages = 0;
  for (Operation *op : ops)
    stages += cast<CostOpInterface>(op).getOperationCount().multiplications != 0 ? 4 : 1;
  return stages;
}
