//===- NearBasis.h - Weights that are almost sums --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of coefficients that a framework rounded to float32 are not exactly sums.
// Reports say so, and sumac-round-coefficients makes them sums by name.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_TRANSFORMS_NEARBASIS_H
#define SUMAC_DIALECT_SUMAC_TRANSFORMS_NEARBASIS_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include <map>

namespace sumac {

/// Weights of up to 16 distinct values as sums of 1 to 4 coefficients.
struct NearBasis {
  llvm::SmallVector<double> coefficients;
  /// Of each distinct value, the coefficients that it is the sum of.
  std::map<double, unsigned> masks;
  /// The largest difference of a value and its sum.
  double deviation = 0.0;

  /// The sum of the coefficients in `mask`.
  double getSum(unsigned mask) const;
  /// Rounds the coefficients to signed integers of `bits` bits (2 to 22) times
  /// the smallest power of two that holds the largest of them: sums of four are
  /// floats of 24 bits. Says whether one has changed.
  bool roundCoefficients(unsigned bits);
};

/// The coefficients of weights that are sums to within 2^-20 of the largest; none
/// where there are more than 16 values, or as many coefficients as values.
std::optional<NearBasis> findNearBasis(CodingAttrInterface weights);

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_TRANSFORMS_NEARBASIS_H
