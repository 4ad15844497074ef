//===- Plain.cpp - Bipolar and uniform weights --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers of few bits: the codings without a table.
//
//===----------------------------------------------------------------------===//

#include "Finders.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

CodingAttrInterface discovery::findBipolar(const Weights &weights, int64_t limit) {
  const auto &distinct = weights.getDistinct();
  if (weights.getCount() >= limit)
    return {};
  if (distinct.empty() || distinct.size() != distinct.count(-1) + distinct.count(1))
    return {};
  return BipolarCodingAttr::get(
      weights.getContext(),
      makeBytePayload(weights.getContext(), weights.getShape(),
                      /*isSigned=*/true,
                      weights.mapToBytes([](int64_t value) { return value; }),
                      weights.getName()));
}

CodingAttrInterface discovery::findUniform(const Weights &weights, int64_t limit) {
  unsigned bits =
      getSignedType(weights.getContext(), weights.getRange()).getWidth();
  if (bits > 8 || weights.getCount() * bits >= limit)
    return {};
  // The bytes of a uniform coding are shared.
  if (auto uniform = dyn_cast<UniformCodingAttr>(weights.getCoding()))
    if (uniform.getPayload().getElementType().isSignedInteger())
      return UniformCodingAttr::get(weights.getContext(), uniform.getPayload(),
                                    bits);
  return UniformCodingAttr::get(
      weights.getContext(),
      makeBytePayload(weights.getContext(), weights.getShape(),
                      /*isSigned=*/true,
                      weights.mapToBytes([](int64_t value) { return value; }),
                      weights.getName()),
      bits);
}
