//===- Pool.cpp - Weights that share 8-vectors --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One table of up to 256 vectors for all layers (papers.md, WP).
//
//===----------------------------------------------------------------------===//

#include "Finders.h"
#include "llvm/Support/MathExtras.h"

#include <set>
#include <array>

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

constexpr int64_t kGroup = PoolCodingAttr::kGroup;
constexpr size_t kMaxRows = 256;

using Vector = std::array<int8_t, kGroup>;

namespace {

/// A table that layers share, and where its vectors are.
struct Table {
  std::vector<Vector> rows;
  std::map<Vector, size_t> positions;

  /// The position of a vector of which the first `size` elements count; a new
  /// row where there is none. The rest of a new row is 0.
  size_t add(const Vector &vector, int64_t size);
};

} // namespace

size_t Table::add(const Vector &vector, int64_t size) {
  if (size == kGroup) {
    auto [entry, isNew] = positions.try_emplace(vector, rows.size());
    if (isNew)
      rows.push_back(vector);
    return entry->second;
  }
  for (auto [i, row] : llvm::enumerate(rows))
    if (std::equal(row.begin(), row.begin() + size, vector.begin()))
      return i;
  positions.try_emplace(vector, rows.size());
  rows.push_back(vector);
  return rows.size() - 1;
}

/// Calls `visit` for every group of every row, `size` of its elements being
/// there, until it fails.
static bool
forEachGroup(const Weights &weights,
             function_ref<bool(int64_t group, const Vector &, int64_t size)> visit) {
  int64_t inputs = weights.getInputs(), group = 0;
  SmallVector<int64_t> row(inputs);
  for (int64_t n = 0; n < weights.getOutputs(); ++n) {
    weights.getCoding().decodeIntegers(n * inputs, row);
    for (int64_t k = 0; k < inputs; k += kGroup, ++group) {
      Vector vector{};
      int64_t size = std::min(kGroup, inputs - k);
      for (int64_t j = 0; j < size; ++j)
        vector[j] = static_cast<int8_t>(row[k + j]);
      if (!visit(group, vector, size))
        return false;
    }
  }
  return true;
}

static CodingAttrInterface makeCoding(const Weights &weights, Table &table,
                                      ElementsAttr tableAttr) {
  int64_t groups = llvm::divideCeil(weights.getInputs(), kGroup);
  std::vector<int8_t> indices(weights.getOutputs() * groups);
  forEachGroup(weights, [&](int64_t group, const Vector &vector, int64_t size) {
    indices[group] = static_cast<int8_t>(table.add(vector, size));
    return true;
  });
  MLIRContext *context = weights.getContext();
  return PoolCodingAttr::get(
      context,
      makeBytePayload(context, {weights.getOutputs(), groups},
                      /*isSigned=*/false, indices, weights.getName()),
      tableAttr, weights.getShape());
}

namespace {

/// Layers that share a table, and what that costs.
struct Pool {
  SmallVector<size_t> members;
  int64_t groups = 0;
  int64_t plainBits = 0; ///< of the members, each for itself

  /// Adds layer `i`; false, and nothing is changed, where the table would have
  /// more than kMaxRows.
  bool add(ArrayRef<Weights> layers, size_t i, int64_t size);
  /// The vectors of all members. A group with less than 8 inputs shares any row
  /// that begins with it, so it is looked up when all others are there.
  Table getTable() const;
  /// Bits of the table and of all members' indices into it.
  int64_t getBits() const;

private:
  Table whole;
  /// Groups of less than 8 inputs, the larger ones first.
  std::set<std::pair<int64_t, Vector>, std::greater<>> ragged;
};

} // namespace

bool Pool::add(ArrayRef<Weights> layers, size_t i, int64_t size) {
  Pool larger = *this;
  bool fits = forEachGroup(
      layers[i], [&](int64_t, const Vector &vector, int64_t length) {
        if (length == kGroup)
          larger.whole.add(vector, length);
        else
          larger.ragged.emplace(length, vector);
        return larger.whole.rows.size() <= kMaxRows &&
               larger.ragged.size() <= kMaxRows;
      });
  if (!fits || larger.getTable().rows.size() > kMaxRows)
    return false;
  larger.members.push_back(i);
  larger.groups += layers[i].getOutputs() *
                   static_cast<int64_t>(
                       llvm::divideCeil(layers[i].getInputs(), kGroup));
  larger.plainBits += size;
  *this = std::move(larger);
  return true;
}

Table Pool::getTable() const {
  Table table = whole;
  for (const auto &[length, vector] : ragged)
    table.add(vector, length);
  return table;
}

int64_t Pool::getBits() const {
  std::vector<Vector> table = getTable().rows;
  if (table.empty())
    return 0;
  unsigned width = 1;
  for (const Vector &row : table)
    for (int8_t value : row)
      while (value < llvm::minIntN(width) || value > llvm::maxIntN(width))
        ++width;
  auto rows = static_cast<int64_t>(table.size());
  return groups * std::max<int64_t>(1, llvm::Log2_64_Ceil(rows)) +
         rows * kGroup * width;
}

/// The pool that saves the most of two: of all layers whose vectors fit one
/// table, and of those only that pay for what they add, one after the other (a
/// layer with vectors of its own may cost the others longer indices).
static Pool findMembers(ArrayRef<Weights> layers, ArrayRef<int64_t> sizes) {
  Pool all, paying;
  for (auto [i, weights] : llvm::enumerate(layers)) {
    IntegerRange range = weights.getRange();
    if (range.min < INT8_MIN || range.max > INT8_MAX || weights.getCount() == 0)
      continue;
    if (!all.add(layers, i, sizes[i]))
      continue;
    Pool larger = paying;
    if (larger.add(layers, i, sizes[i]) &&
        larger.getBits() - paying.getBits() < sizes[i])
      paying = std::move(larger);
  }
  auto getGain = [](const Pool &pool) { return pool.plainBits - pool.getBits(); };
  return getGain(all) > getGain(paying) ? all : paying;
}

std::map<size_t, CodingAttrInterface>
discovery::findPool(ArrayRef<Weights> layers, ArrayRef<int64_t> sizes) {
  Pool pool = findMembers(layers, sizes);
  if (pool.members.empty() || pool.getBits() >= pool.plainBits)
    return {};
  Table table = pool.getTable();
  int64_t rows = static_cast<int64_t>(table.rows.size());
  std::vector<int8_t> bytes;
  for (const Vector &row : table.rows)
    bytes.insert(bytes.end(), row.begin(), row.end());
  ElementsAttr tableAttr = makeBytePayload(
      layers[pool.members.front()].getContext(), {rows, kGroup},
      /*isSigned=*/true, bytes, "pool");
  std::map<size_t, CodingAttrInterface> codings;
  for (size_t i : pool.members)
    codings[i] = makeCoding(layers[i], table, tableAttr);
  return codings;
}
