//===- Forms.cpp - The sum forms that there are ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which weights and activations each can be computed with.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Forms.h"

using namespace mlir;
using namespace sumac;

SmallVector<FormAttrInterface> sumac::getForms(MLIRContext *context) {
  return {MultiplyAccumulateAttr::get(context), BitPlanesAttr::get(context),
          MaskedSumsAttr::get(context),         ShiftedSumsAttr::get(context),
          PooledSumsAttr::get(context),         CachedSumsAttr::get(context),
          LookupSumsAttr::get(context),         AdderGraphAttr::get(context)};
}

bool MultiplyAccumulateAttr::supports(CodingAttrInterface weights,
                                      IntegerType /*activation*/) const {
  return weights.isIntegral();
}
StringRef MultiplyAccumulateAttr::getFormName() const {
  return "multiply_accumulate";
}

bool BitPlanesAttr::supports(CodingAttrInterface weights,
                             IntegerType activation) const {
  return weights.isIntegral() && weights.getNumMasks() <= 8 &&
         activation.getWidth() <= 8;
}
StringRef BitPlanesAttr::getFormName() const { return "bit_planes"; }

bool MaskedSumsAttr::supports(CodingAttrInterface weights,
                              IntegerType /*activation*/) const {
  return weights.isIntegral() && weights.getExponent() == 0 &&
         weights.getNumMasks() >= 1 && weights.getNumMasks() <= 8;
}
StringRef MaskedSumsAttr::getFormName() const { return "masked_sums"; }

bool ShiftedSumsAttr::supports(CodingAttrInterface weights,
                               IntegerType /*activation*/) const {
  return weights.isIntegral() && weights.getExponent() == 0;
}
StringRef ShiftedSumsAttr::getFormName() const { return "shifted_sums"; }

bool PooledSumsAttr::supports(CodingAttrInterface weights,
                              IntegerType /*activation*/) const {
  return weights.isIntegral() && weights.getExponent() == 0 &&
         weights.getNumGroups() >= 1;
}
StringRef PooledSumsAttr::getFormName() const { return "pooled_sums"; }

bool CachedSumsAttr::supports(CodingAttrInterface weights,
                              IntegerType activation) const {
  return weights.isIntegral() && weights.getExponent() == 0 &&
         weights.getNumGroups() >= 1 && weights.getGroupSize() == 8 &&
         activation.getWidth() <= 8;
}
StringRef CachedSumsAttr::getFormName() const { return "cached_sums"; }

bool LookupSumsAttr::supports(CodingAttrInterface weights,
                              IntegerType /*activation*/) const {
  return weights.isIntegral() && weights.getExponent() == 0 &&
         weights.getNumMasks() >= 1 && weights.getNumMasks() <= 8;
}
StringRef LookupSumsAttr::getFormName() const { return "lookup_sums"; }

bool AdderGraphAttr::supports(CodingAttrInterface weights,
                              IntegerType /*activation*/) const {
  return weights.isIntegral() && weights.getExponent() == 0;
}
StringRef AdderGraphAttr::getFormName() const { return "adder_graph"; }
