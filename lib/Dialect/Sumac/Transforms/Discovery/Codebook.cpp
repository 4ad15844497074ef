//===- Codebook.cpp - Weights of few distinct values --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any values, if there are at most 256 of them.
//
//===----------------------------------------------------------------------===//

#include "Finders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

CodingAttrInterface discovery::findCodebook(const Weights &weights, int64_t limit) {
  const auto &distinct = weights.getDistinct();
  if (distinct.empty() ||
      weights.getCount() * std::max(1u, llvm::Log2_64_Ceil(distinct.size())) >=
          limit)
    return {};
  SmallVector<int64_t> values;
  std::map<int64_t, int64_t> positions;
  for (auto [value, count] : distinct) {
    positions[value] = static_cast<int64_t>(values.size());
    values.push_back(value);
  }
  ElementsAttr indices = makeBytePayload(
      weights.getContext(), weights.getShape(), /*isSigned=*/false,
      weights.mapToBytes([&](int64_t value) { return positions[value]; }),
      weights.getName());
  return CodebookCodingAttr::get(
      weights.getContext(), indices,
      makeTable(weights.getContext(), {static_cast<int64_t>(values.size())},
                values));
}
