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

/// Adds the layer's groups of 8 inputs or, if `ragged`, those of less; whether
/// the table still has at most kMaxRows.
static bool addGroups(const Weights &weights, Table &table, bool ragged) {
  if (ragged && weights.getInputs() % kGroup == 0)
    return true;
  return forEachGroup(
      weights, [&](int64_t, const Vector &vector, int64_t size) {
        if (ragged == (size < kGroup))
          table.add(vector, size);
        return table.rows.size() <= kMaxRows;
      });
}

/// A group with less than 8 inputs shares any row that begins with it, so it is
/// looked up when all others are in the table.
static bool addLayer(const Weights &weights, Table &table) {
  return addGroups(weights, table, /*ragged=*/false) &&
         addGroups(weights, table, /*ragged=*/true);
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

/// Bits of the table and of all layers' indices into it.
static int64_t getBits(const Table &table, int64_t groups) {
  auto rows = static_cast<int64_t>(table.rows.size());
  return rows == 0 ? 0
                   : groups * std::max<int64_t>(1, llvm::Log2_64_Ceil(rows)) +
                         rows * kGroup * 8;
}

std::map<size_t, CodingAttrInterface>
discovery::findPool(ArrayRef<Weights> layers, ArrayRef<int64_t> sizes) {
  Table table;
  SmallVector<size_t> members;
  int64_t groups = 0, plainBits = 0;
  for (auto [i, weights] : llvm::enumerate(layers)) {
    IntegerRange range = weights.getRange();
    if (range.min < INT8_MIN || range.max > INT8_MAX || weights.getCount() == 0)
      continue;
    Table larger = table;
    if (!addLayer(weights, larger))
      continue;
    // A layer with vectors of its own may cost the others longer indices.
    int64_t added = weights.getOutputs() *
                    static_cast<int64_t>(llvm::divideCeil(weights.getInputs(), kGroup));
    if (getBits(larger, groups + added) - getBits(table, groups) >= sizes[i])
      continue;
    table = std::move(larger);
    members.push_back(i);
    groups += added;
    plainBits += sizes[i];
  }
  if (members.empty() || getBits(table, groups) >= plainBits)
    return {};
  // Groups of less than 8 inputs may find rows of layers behind theirs.
  table = Table();
  for (bool ragged : {false, true})
    for (size_t i : members)
      addGroups(layers[i], table, ragged);
  int64_t rows = static_cast<int64_t>(table.rows.size());
  std::vector<int8_t> bytes;
  for (const Vector &row : table.rows)
    bytes.insert(bytes.end(), row.begin(), row.end());
  ElementsAttr tableAttr =
      makeBytePayload(layers[members.front()].getContext(), {rows, kGroup},
                      /*isSigned=*/true, bytes, "pool");
  std::map<size_t, CodingAttrInterface> codings;
  for (size_t i : members)
    codings[i] = makeCoding(layers[i], table, tableAttr);
  return codings;
}
