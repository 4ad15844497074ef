//===- RandomCoding.cpp - Codings with random parameters -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters in the ranges that networks have.
//
//===----------------------------------------------------------------------===//

#include "RandomCoding.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <set>

using namespace mlir;
using namespace sumac;
using namespace sumac::test;

ElementsAttr RandomCoding::makeElements(ArrayRef<int64_t> shape, unsigned bits, bool isSigned,
                                        ArrayRef<int64_t> values) {
  SmallVector<APInt> integers;
  for (int64_t value : values)
    integers.emplace_back(bits, static_cast<uint64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true);
  auto element = IntegerType::get(&context, bits, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  return cast<ElementsAttr>(DenseElementsAttr::get(RankedTensorType::get(shape, element), integers));
}

std::vector<int64_t> RandomCoding::pickAll(int64_t count, int64_t min, int64_t max) {
  std::vector<int64_t> values(count);
  for (int64_t &value : values)
    value = pick(min, max);
  return values;
}

CodingAttrInterface RandomCoding::makeUniform(int64_t outputs, int64_t inputs, int zeroPercent) {
  unsigned bits = pick(1, 8);
  std::vector<int64_t> values = pickAll(outputs * inputs, llvm::minIntN(bits), llvm::maxIntN(bits));
  for (int64_t &value : values)
    if (pick(0, 99) < zeroPercent)
      value = 0;
  return UniformCodingAttr::get(&context, makeElements({outputs, inputs}, 8, true, values), bits);
}

CodingAttrInterface RandomCoding::makeBasis(int64_t outputs, int64_t inputs, int zeroPercent) {
  int64_t count = pick(1, 4), largest = int64_t(1) << pick(2, 14);
  std::vector<int64_t> codes = pickAll(outputs * inputs, 0, (1 << count) - 1);
  for (int64_t &code : codes)
    if (pick(0, 99) < zeroPercent)
      code = 0;
  return BasisCodingAttr::get(&context, makeElements({outputs, inputs}, 8, false, codes),
                              makeElements({1, count}, 64, true, pickAll(count, -largest, largest)));
}

CodingAttrInterface RandomCoding::makeShift(int64_t outputs, int64_t inputs, int zeroPercent) {
  // Rounding to a power of two again and again, as training does, leaves terms
  // that become smaller (papers.md, FL); some channels have fewer.
  int64_t terms = pick(1, 4), exponents = pick(terms, 12), count = outputs * inputs;
  std::vector<int64_t> codes(terms * count, 0);
  for (int64_t n = 0; n < outputs; ++n) {
    int64_t own = pick(1, terms);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t t = 0, highest = exponents; t < own && highest > 0 && pick(0, 99) >= zeroPercent; ++t) {
        int64_t exponent = pick(1, highest);
        codes[t * count + n * inputs + k] = pick(0, 1) ? exponent : -exponent;
        highest = exponent - 1;
      }
  }
  return ShiftCodingAttr::get(&context, makeElements({terms, outputs, inputs}, 8, true, codes));
}

CodingAttrInterface RandomCoding::makeCodebook(int64_t outputs, int64_t inputs, int zeroPercent) {
  std::set<int64_t> distinct;
  int64_t count = pick(1, pick(0, 1) ? 16 : 256), largest = int64_t(1) << pick(9, 40);
  if (pick(0, 1))
    distinct.insert(0);
  while (static_cast<int64_t>(distinct.size()) < count)
    distinct.insert(pick(-largest, largest));
  std::vector<int64_t> values(distinct.begin(), distinct.end());
  auto zero = std::find(values.begin(), values.end(), 0);
  std::vector<int64_t> indices = pickAll(outputs * inputs, 0, count - 1);
  for (int64_t &index : indices)
    if (zero != values.end() && pick(0, 99) < zeroPercent)
      index = zero - values.begin();
  return CodebookCodingAttr::get(&context, makeElements({outputs, inputs}, 8, false, indices),
                                 makeElements({count}, 64, true, values));
}

void RandomCoding::makePool(int64_t vectors) {
  pool = pickAll(vectors * PoolCodingAttr::kGroup, -128, 127);
  // Some pools have a vector of zeros.
  if (pick(0, 1))
    std::fill_n(pool.begin(), PoolCodingAttr::kGroup, 0);
}

CodingAttrInterface RandomCoding::make(int kind, int64_t outputs, int64_t inputs, int zeroPercent) {
  switch (kind) {
  case 0:
    return makeUniform(outputs, inputs, zeroPercent);
  case 1: {
    std::vector<int64_t> values = pickAll(outputs * inputs, 0, 1);
    for (int64_t &value : values)
      value = 2 * value - 1;
    return BipolarCodingAttr::get(&context, makeElements({outputs, inputs}, 8, true, values));
  }
  case 2:
    return makeBasis(outputs, inputs, zeroPercent);
  case 3:
    return makeShift(outputs, inputs, zeroPercent);
  case 4:
    return makeCodebook(outputs, inputs, zeroPercent);
  default:
    break;
  }
  if (pool.empty())
    makePool(pick(1, 256));
  int64_t groups = llvm::divideCeil(inputs, PoolCodingAttr::kGroup);
  auto vectors = static_cast<int64_t>(pool.size()) / PoolCodingAttr::kGroup;
  return PoolCodingAttr::get(&context, makeElements({outputs, groups}, 8, false, pickAll(outputs * groups, 0, vectors - 1)),
                             makeElements({vectors, PoolCodingAttr::kGroup}, 8, true, pool), {outputs, inputs});
}

std::vector<int64_t> sumac::test::decode(CodingAttrInterface coding) {
  std::vector<int64_t> values(ShapedType::getNumElements(coding.getShape()));
  coding.decodeIntegers(0, values);
  return values;
}
