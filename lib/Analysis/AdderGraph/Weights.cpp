//===- Weights.cpp - Adder graphs of coded weights ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integers that a coding stands for.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"
#include "sumac/Analysis/SignedDigits.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

int64_t sumac::countSignedDigits(CodingAttrInterface weights) {
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  int64_t digits = 0;
  SmallVector<int64_t> row(inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeIntegers(n * inputs, row);
    for (int64_t value : row)
      digits += SignedDigits(value).count();
  }
  return digits;
}

AdderGraph sumac::buildAdderGraph(CodingAttrInterface weights,
                                  AdderGraphOptions options) {
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  unsigned masks = weights.getNumMasks();
  std::vector<int64_t> values(outputs * inputs), coefficients;
  std::vector<uint8_t> bits(inputs);
  // One mask is the weights themselves; of more than 8 there is no list.
  bool hasMasks = masks > 1 && masks <= 8;
  std::vector<int8_t> planes(hasMasks ? masks * values.size() : 0);
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeIntegers(n * inputs,
                           MutableArrayRef(values).slice(n * inputs, inputs));
    if (!hasMasks)
      continue;
    weights.decodeMasks(n * inputs, bits);
    for (unsigned i = 0; i < masks; ++i) {
      coefficients.push_back(weights.getMaskCoefficient(i, n));
      for (int64_t k = 0; k < inputs; ++k)
        planes[(i * outputs + n) * inputs + k] = (bits[k] >> i) & 1;
    }
  }
  // Masks of powers of two are digits, which are not canonical.
  bool areDigits = llvm::all_of(coefficients, [](int64_t c) {
    return c == 0 || llvm::isPowerOf2_64(std::abs(c));
  });
  if (!areDigits) {
    options.coefficients = coefficients;
    options.masks = planes;
  }
  return buildAdderGraph(values, outputs, inputs, options);
}
