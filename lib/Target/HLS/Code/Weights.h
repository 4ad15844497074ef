//===- Weights.h - Codes of a layer and what they stand for -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_WEIGHTS_H
#define SUMAC_LIB_TARGET_HLS_CODE_WEIGHTS_H

#include "CodeWriter.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"

#include <vector>

namespace sumac::hls {

/// The codes of a matrix of weights as a memory holds them, one for each weight.
class WeightCodes {
public:
  /// The codes of the coding, where each weight has one; its integers otherwise.
  explicit WeightCodes(CodingAttrInterface weights);
  /// The weights as integers, whatever their coding is.
  static WeightCodes getIntegers(CodingAttrInterface weights);
  /// The masks of the coding, a bit for each (CodingAttrInterface::decodeMasks).
  static WeightCodes getMasks(CodingAttrInterface weights);

  /// Signed powers of two: fields for each weight, each of a sign (the lowest bit)
  /// and an exponent.
  static WeightCodes getTerms(CodingAttrInterface weights, const stream::TermFields &fields);
  /// The index of a group of weights (CodingAttrInterface::decodeGroup), one code
  /// for each group; columns are groups.
  static WeightCodes getGroups(CodingAttrInterface weights);

  unsigned getBits() const { return bits; }
  uint64_t get(int64_t row, int64_t column) const { return codes[row * columns + column]; }
  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }

  /// Whether codes are the weights in two's complement.
  bool isInteger() const { return tables.empty(); }
  /// The values of all codes, for each row or for all rows; empty for integers.
  llvm::ArrayRef<std::vector<int64_t>> getTables() const { return tables; }

  /// The tiles of a folded unit as packed words: row (group, part) holds the codes
  /// of its `pe` times `simd` weights, the lowest bits first. Sets `columns` to
  /// the words of a tile.
  std::vector<uint64_t> pack(int64_t pe, int64_t simd, int64_t &columns) const;

private:
  WeightCodes() = default;
  void readIntegers(CodingAttrInterface weights);
  bool readCodes(CodingAttrInterface weights);

  int64_t rows = 0, columns = 0;
  unsigned bits = 1;
  std::vector<uint64_t> codes;
  std::vector<std::vector<int64_t>> tables;
};

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_WEIGHTS_H
