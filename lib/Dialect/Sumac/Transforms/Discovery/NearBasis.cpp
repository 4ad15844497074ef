//===- NearBasis.cpp - Weights that are almost sums ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exact search, with a tolerance, on values of 48 bits.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/Transforms/NearBasis.h"
#include "Finders.h"

#include <cmath>
#include <set>

using namespace mlir;
using namespace sumac;

constexpr size_t kMaxValues = 16;
constexpr unsigned kMaxCount = 4;
/// Bits of the largest value in the search, and of a difference that is allowed.
constexpr int kValueBits = 48, kToleranceBits = kValueBits - 20;

/// The distinct values; empty where there are more than kMaxValues.
static std::set<double> getDistinct(CodingAttrInterface weights) {
  std::set<double> distinct;
  int64_t count = ShapedType::getNumElements(weights.getShape());
  SmallVector<double> values;
  for (int64_t first = 0; first < count; first += discovery::kChunk) {
    values.resize(std::min(discovery::kChunk, count - first));
    weights.decodeDoubles(first, values);
    for (double value : values)
      if (distinct.insert(value).second && distinct.size() > kMaxValues)
        return {};
  }
  return distinct;
}

double NearBasis::getSum(unsigned mask) const {
  double sum = 0.0;
  for (auto [k, coefficient] : llvm::enumerate(coefficients))
    sum += (mask >> k) & 1 ? coefficient : 0.0;
  return sum;
}

bool NearBasis::roundCoefficients(unsigned bits) {
  double largest = 0.0;
  for (double coefficient : coefficients)
    largest = std::max(largest, std::abs(coefficient));
  if (largest == 0.0)
    return false;
  double most = std::ldexp(1.0, static_cast<int>(bits) - 1) - 1.0;
  double unit = std::ldexp(1.0, static_cast<int>(std::ceil(std::log2(largest / most))));
  bool isChanged = false;
  for (double &coefficient : coefficients) {
    double rounded = std::nearbyint(coefficient / unit) * unit;
    isChanged |= rounded != coefficient;
    coefficient = rounded;
  }
  return isChanged;
}

std::optional<NearBasis> sumac::findNearBasis(CodingAttrInterface weights) {
  std::set<double> distinct = getDistinct(weights);
  double largest = 0.0;
  for (double value : distinct)
    largest = std::max(largest, std::abs(value));
  if (largest == 0.0 || !std::isfinite(largest))
    return std::nullopt;
  // A power of two keeps the values as they are, to within 48 bits.
  double unit = std::ldexp(1.0, std::ilogb(largest) + 1 - kValueBits);
  SmallVector<int64_t> values;
  for (double value : distinct)
    values.push_back(std::llround(value / unit));
  SmallVector<int64_t> found = discovery::findBasis(values, kMaxCount, int64_t(1) << kToleranceBits);
  auto nonZeros = static_cast<size_t>(llvm::count_if(values, [](int64_t value) { return value != 0; }));
  if (found.empty() || found.size() >= nonZeros)
    return std::nullopt;
  NearBasis basis;
  for (int64_t coefficient : found)
    basis.coefficients.push_back(static_cast<double>(coefficient) * unit);
  for (double value : distinct) {
    unsigned best = 0;
    for (unsigned mask = 1; mask < 1u << found.size(); ++mask)
      if (std::abs(basis.getSum(mask) - value) < std::abs(basis.getSum(best) - value))
        best = mask;
    basis.masks[value] = best;
    basis.deviation = std::max(basis.deviation, std::abs(basis.getSum(best) - value));
  }
  return basis;
}
