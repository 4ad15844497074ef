//===- Weights.cpp - Codes of a layer and what they stand for -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"
#include "sumac/Analysis/SignedDigits.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace sumac;
using namespace sumac::hls;

/// Codes of more bits have no table of values.
static constexpr unsigned kMaxTableBits = 8;

void WeightCodes::readIntegers(CodingAttrInterface weights) {
  std::vector<int64_t> values(rows * columns);
  weights.decodeIntegers(0, values);
  ValueType type = getValueType(values);
  // All codes are signed.
  bits = static_cast<unsigned>(type.bits + (type.isSigned ? 0 : 1));
  codes.clear();
  tables.clear();
  for (int64_t value : values)
    codes.push_back(static_cast<uint64_t>(value) & llvm::maskTrailingOnes<uint64_t>(bits));
}

/// Whether every row's codes stand for one value each.
bool WeightCodes::readCodes(CodingAttrInterface weights) {
  if (weights.getGroupSize() != 1)
    return false;
  codes.reserve(rows * columns);
  bits = 1;
  weights.visitCodes([&](int64_t, unsigned rowBits, llvm::ArrayRef<uint64_t> row) {
    bits = std::max(bits, rowBits);
    codes.insert(codes.end(), row.begin(), row.end());
  });
  if (bits > kMaxTableBits || static_cast<int64_t>(codes.size()) != rows * columns)
    return false;
  std::vector<int64_t> values(columns);
  bool areEqual = true;
  std::vector<std::vector<int64_t>> known(rows, std::vector<int64_t>(size_t(1) << bits, 0));
  std::map<uint64_t, int64_t> all;
  for (int64_t n = 0; n < rows; ++n) {
    weights.decodeIntegers(n * columns, values);
    std::map<uint64_t, int64_t> own;
    for (int64_t k = 0; k < columns; ++k) {
      if (own.try_emplace(get(n, k), values[k]).first->second != values[k])
        return false;
      areEqual &= all.try_emplace(get(n, k), values[k]).first->second == values[k];
    }
    for (auto [code, value] : own)
      known[n][code] = value;
  }
  if (!areEqual) {
    tables = std::move(known);
    return true;
  }
  auto isInteger = [&](auto entry) { return llvm::SignExtend64(entry.first, bits) == entry.second; };
  if (llvm::all_of(all, isInteger))
    return true;
  tables.assign(1, std::vector<int64_t>(size_t(1) << bits, 0));
  for (auto [code, value] : all)
    tables[0][code] = value;
  return true;
}

WeightCodes::WeightCodes(CodingAttrInterface weights) : rows(weights.getShape()[0]), columns(weights.getShape()[1]) {
  if (!readCodes(weights))
    readIntegers(weights);
}

WeightCodes WeightCodes::getIntegers(CodingAttrInterface weights) {
  WeightCodes result;
  result.rows = weights.getShape()[0];
  result.columns = weights.getShape()[1];
  result.readIntegers(weights);
  return result;
}

WeightCodes WeightCodes::getMasks(CodingAttrInterface weights) {
  WeightCodes result;
  result.rows = weights.getShape()[0];
  result.columns = weights.getShape()[1];
  result.bits = weights.getNumMasks();
  std::vector<uint8_t> masks(result.rows * result.columns);
  weights.decodeMasks(0, masks);
  result.codes.assign(masks.begin(), masks.end());
  return result;
}

WeightCodes WeightCodes::getTerms(CodingAttrInterface weights, const stream::TermFields &fields) {
  auto [terms, exponentBits] = fields;
  WeightCodes result = getIntegers(weights);
  std::vector<int64_t> values(result.rows * result.columns);
  weights.decodeIntegers(0, values);
  result.bits = fields.getBits();
  uint64_t none = llvm::maskTrailingOnes<uint64_t>(exponentBits) << 1;
  for (auto [code, value] : llvm::zip(result.codes, values)) {
    SignedDigits digits(value);
    code = 0;
    unsigned term = 0;
    for (uint64_t exponent = 0; exponent < 64 && (digits.positive | digits.negative) >> exponent != 0; ++exponent) {
      bool isNegative = (digits.negative >> exponent) & 1;
      if (isNegative || ((digits.positive >> exponent) & 1) != 0)
        code |= (exponent << 1 | (isNegative ? 1 : 0)) << (term++ * (exponentBits + 1));
    }
    for (; term < terms; ++term)
      code |= none << (term * (exponentBits + 1));
  }
  return result;
}

WeightCodes WeightCodes::getGroups(CodingAttrInterface weights) {
  WeightCodes result;
  result.rows = weights.getCodeShape()[0];
  result.columns = weights.getCodeShape()[1];
  weights.visitCodes([&](int64_t, unsigned bits, llvm::ArrayRef<uint64_t> row) {
    result.bits = std::max(result.bits, bits);
    result.codes.insert(result.codes.end(), row.begin(), row.end());
  });
  return result;
}

std::vector<uint64_t> WeightCodes::pack(int64_t pe, int64_t simd, int64_t &words) const {
  words = static_cast<int64_t>(llvm::divideCeil(pe * simd * bits, 64));
  int64_t parts = columns / simd;
  std::vector<uint64_t> packed(rows / pe * parts * words, 0);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t k = 0; k < columns; ++k) {
      uint64_t *tile = packed.data() + (n / pe * parts + k / simd) * words;
      int64_t bit = (n % pe * simd + k % simd) * bits;
      tile[bit / 64] |= get(n, k) << (bit % 64);
      if (bit % 64 + bits > 64)
        tile[bit / 64 + 1] |= get(n, k) >> (64 - bit % 64);
    }
  return packed;
}
