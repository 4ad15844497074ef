//===- Basis.cpp - Weights that are sums of coefficients ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An exact search for up to 4 coefficients (papers.md, F4).
//
//===----------------------------------------------------------------------===//

#include "Finders.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

/// Beyond this, products of the search could leave 64 bits.
constexpr int64_t kMaxMagnitude = int64_t(1) << 50;

namespace {

/// Looks for n integers of which all values are sums of subsets.
///
/// Of a smallest set of coefficients, n values have linearly independent masks:
/// otherwise the coefficients could be moved, without a change to the values,
/// until one is 0. So masks are tried for one value after the other; where they
/// are independent of the masks before, the value is another row of a linear
/// system, where they depend on them, it has to agree. With n rows the
/// coefficients follow.
class BasisSearch {
public:
  BasisSearch(ArrayRef<int64_t> values, unsigned count, int64_t tolerance)
      : values(values), count(count), tolerance(tolerance) {}
  SmallVector<int64_t> run();

private:
  /// A row of the system in echelon form, over the integers.
  struct Row {
    int64_t mask[4] = {0, 0, 0, 0};
    Int128 value = 0;
    int lead = -1;
  };

  bool extend(size_t next);
  /// Subtracts the rows so far; the lead is -1 if nothing of the mask is left.
  Row reduce(unsigned mask, int64_t value) const;
  bool solve();
  bool isSumOfSubset(int64_t value) const;

  ArrayRef<int64_t> values;
  unsigned count;
  int64_t tolerance; ///< by which a value may differ from its sum
  SmallVector<Row, 4> rows;
  SmallVector<unsigned> masks; ///< of the values so far
  SmallVector<int64_t> coefficients;
};

BasisSearch::Row BasisSearch::reduce(unsigned mask, int64_t value) const {
  Row row;
  for (unsigned k = 0; k < count; ++k)
    row.mask[k] = (mask >> k) & 1;
  row.value = value;
  for (const Row &other : rows) {
    int64_t factor = row.mask[other.lead], scale = other.mask[other.lead];
    if (factor == 0)
      continue;
    for (unsigned k = 0; k < count; ++k)
      row.mask[k] = row.mask[k] * scale - other.mask[k] * factor;
    row.value = row.value * scale - other.value * factor;
  }
  for (unsigned k = 0; k < count && row.lead < 0; ++k)
    if (row.mask[k] != 0)
      row.lead = static_cast<int>(k);
  return row;
}

bool BasisSearch::isSumOfSubset(int64_t value) const {
  for (unsigned mask = 0; mask < 1u << count; ++mask) {
    int64_t sum = 0;
    for (unsigned k = 0; k < count; ++k)
      sum += (mask >> k) & 1 ? coefficients[k] : 0;
    if (std::abs(sum - value) <= tolerance)
      return true;
  }
  return false;
}

/// Solves the full system; whether it has integers that give all values.
bool BasisSearch::solve() {
  coefficients.assign(count, 0);
  SmallVector<bool, 4> known(count, false);
  // A row has entries of 0 at the leads of the rows before it.
  for (const Row &row : llvm::reverse(rows)) {
    Int128 rest = row.value;
    for (unsigned k = 0; k < count; ++k)
      if (static_cast<int>(k) != row.lead)
        rest -= Int128(row.mask[k]) * (known[k] ? coefficients[k] : 0);
    if (tolerance == 0 && rest % row.mask[row.lead] != 0)
      return false;
    Int128 value = rest / row.mask[row.lead];
    if (value > 2 * kMaxMagnitude || value < -2 * kMaxMagnitude)
      return false;
    coefficients[row.lead] = static_cast<int64_t>(value);
    known[row.lead] = true;
  }
  return llvm::all_of(values,
                      [this](int64_t value) { return isSumOfSubset(value); });
}

bool BasisSearch::extend(size_t next) {
  if (rows.size() == count)
    return solve();
  if (next == values.size())
    return false;
  // Coefficients without a number so far are interchangeable: a mask may only
  // use the first of them, then the second, and so on.
  unsigned used = 0;
  for (unsigned mask : masks)
    used |= mask;
  for (unsigned mask = 1; mask < 1u << count; ++mask) {
    unsigned fresh = (mask & ~used) + used;
    if ((fresh & (fresh + 1)) != 0)
      continue;
    Row row = reduce(mask, values[next]);
    // What is left of several values, each of them off by the tolerance: rows
    // of 0 and 1 are multiplied by less than this on the way.
    constexpr int kMaxGrowth = 64;
    if (row.lead < 0 && (row.value > Int128(tolerance) * kMaxGrowth ||
                         row.value < -Int128(tolerance) * kMaxGrowth))
      continue;
    masks.push_back(mask);
    if (row.lead >= 0)
      rows.push_back(row);
    bool found = extend(next + 1);
    if (found)
      return true;
    if (row.lead >= 0)
      rows.pop_back();
    masks.pop_back();
  }
  return false;
}

SmallVector<int64_t> BasisSearch::run() {
  return extend(0) ? coefficients : SmallVector<int64_t>();
}

} // namespace

SmallVector<int64_t> discovery::findBasis(ArrayRef<int64_t> values,
                                          unsigned maxCount,
                                          int64_t tolerance) {
  SmallVector<int64_t> nonZero;
  for (int64_t value : values) {
    if (value > kMaxMagnitude || value < -kMaxMagnitude)
      return {};
    if (value != 0)
      nonZero.push_back(value);
  }
  for (unsigned count = 1; count <= maxCount; ++count) {
    if (nonZero.size() >= size_t(1) << count)
      continue;
    SmallVector<int64_t> found = BasisSearch(nonZero, count, tolerance).run();
    if (!found.empty())
      return found;
  }
  return {};
}

CodingAttrInterface discovery::findBasisCoding(const Weights &weights, int64_t limit) {
  const auto &distinct = weights.getDistinct();
  constexpr unsigned kMaxCount = 4;
  if (distinct.empty() || distinct.size() > 1u << kMaxCount)
    return {};
  SmallVector<int64_t> values;
  for (auto [value, count] : distinct)
    values.push_back(value);
  SmallVector<int64_t> coefficients = findBasis(values, kMaxCount);
  if (coefficients.empty() ||
      weights.getCount() * static_cast<int64_t>(coefficients.size()) >= limit)
    return {};
  // Of codes with equal sums the first.
  std::map<int64_t, int64_t> codes;
  for (int64_t mask = 0; mask < int64_t(1) << coefficients.size(); ++mask) {
    int64_t sum = 0;
    for (auto [k, coefficient] : llvm::enumerate(coefficients))
      sum += (mask >> k) & 1 ? coefficient : 0;
    codes.emplace(sum, mask);
  }
  ElementsAttr payload = makeBytePayload(
      weights.getContext(), weights.getShape(), /*isSigned=*/false,
      weights.mapToBytes([&](int64_t value) { return codes[value]; }),
      weights.getName());
  return BasisCodingAttr::get(
      weights.getContext(), payload,
      makeTable(weights.getContext(),
                {1, static_cast<int64_t>(coefficients.size())}, coefficients));
}
