//===- Decomposition.h - Rows as differences of rows ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Outputs that are like others are computed from them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_DECOMPOSITION_H
#define SUMAC_ANALYSIS_ADDERGRAPH_DECOMPOSITION_H

#include "Sums.h"

namespace sumac {

/// Integers [outputs, inputs].
struct IntegerMatrix {
  int64_t outputs = 0, inputs = 0;
  std::vector<int64_t> values;

  llvm::ArrayRef<int64_t> getRow(int64_t n) const {
    return llvm::ArrayRef(values).slice(n * inputs, inputs);
  }
  IntegerMatrix transpose() const;
};

/// A tree of rows: each is its parent's, or the negative of it, plus a
/// difference of few signed digits.
struct RowTree {
  struct Row {
    int64_t parent = -1; ///< -1 for a row of its own
    bool isNegative = false;
    Terms difference;
    int64_t height = 0; ///< edges to the farthest row below
  };
  std::vector<Row> rows;
  std::vector<int64_t> order; ///< all rows, parents first
};

/// Signed digits of all differences and sums of two rows.
class RowDistances {
public:
  explicit RowDistances(const IntegerMatrix &matrix);
  struct Distance {
    int32_t minus = 0, plus = 0;
  };
  Distance get(int64_t a, int64_t b) const {
    return a < b ? get(b, a) : distances[a * (a - 1) / 2 + b];
  }

private:
  std::vector<Distance> distances;
};

/// The tree with the fewest digits (Prim's algorithm) in which sums in front of
/// one another allow a depth of `maxLevel`. A parent counts as `parentCost`
/// digits.
RowTree buildRowTree(const IntegerMatrix &matrix, const RowDistances &distances,
                     int64_t maxLevel, int64_t parentCost);

/// Each row by itself.
RowTree buildFlatRows(const IntegerMatrix &matrix);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_DECOMPOSITION_H
