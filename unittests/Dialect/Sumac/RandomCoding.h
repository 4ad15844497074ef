//===- RandomCoding.h - Codings with random parameters ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For tests of what holds for every coding.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_DIALECT_SUMAC_RANDOMCODING_H
#define SUMAC_UNITTESTS_DIALECT_SUMAC_RANDOMCODING_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include <random>

namespace sumac::test {

/// Makes codings of every kind.
class RandomCoding {
public:
  RandomCoding(mlir::MLIRContext &context, uint64_t seed) : context(context), random(seed) {}

  static constexpr int kKinds = 6;
  /// Weights [outputs, inputs] of kind 0 to kKinds - 1: uniform, bipolar, basis
  /// of up to 4 coefficients, shift, codebook, pool. `zeroPercent` of the codes
  /// stand for 0, where a code does.
  CodingAttrInterface make(int kind, int64_t outputs, int64_t inputs, int zeroPercent);
  /// The next pool coding gets this many vectors of 8; all have the same.
  void makePool(int64_t vectors);

  int64_t pick(int64_t min, int64_t max) { return std::uniform_int_distribution<int64_t>(min, max)(random); }

private:
  mlir::ElementsAttr makeElements(llvm::ArrayRef<int64_t> shape, unsigned bits, bool isSigned,
                                  llvm::ArrayRef<int64_t> values);
  std::vector<int64_t> pickAll(int64_t count, int64_t min, int64_t max);
  CodingAttrInterface makeUniform(int64_t outputs, int64_t inputs, int zeroPercent);
  CodingAttrInterface makeBasis(int64_t outputs, int64_t inputs, int zeroPercent);
  CodingAttrInterface makeShift(int64_t outputs, int64_t inputs, int zeroPercent);
  CodingAttrInterface makeCodebook(int64_t outputs, int64_t inputs, int zeroPercent);

  mlir::MLIRContext &context;
  std::mt19937_64 random;
  std::vector<int64_t> pool;
};

/// All integers of a coding.
std::vector<int64_t> decode(CodingAttrInterface coding);

} // namespace sumac::test

#endif // SUMAC_UNITTESTS_DIALECT_SUMAC_RANDOMCODING_H
