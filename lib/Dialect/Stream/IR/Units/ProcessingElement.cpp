//===- ProcessingElement.cpp - How one output is summed up -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProcessingElement.h"
#include "Costs.h"

using namespace sumac;
using namespace sumac::stream;

/// An adder and a register of the accumulator's width.
static Resources getAccumulatorCost(int64_t bits) {
  Resources resources;
  resources.lut = resources.ff = static_cast<double>(bits);
  return resources;
}

static Resources repeat(const Resources &one, int64_t times) {
  auto n = static_cast<double>(times);
  return {one.lut * n, one.ff * n, one.dsp * n, one.bram * n, one.uram * n};
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

static Resources getMultiplyAccumulateCost(const ElementContext &context) {
  int64_t weightBits = context.weights.getElementBits();
  Resources resources =
      repeat(getMultiplierCost(context.activationBits, weightBits, context.multiplier), context.simd);
  resources += getAdderTreeCost(context.simd, context.activationBits + weightBits);
  resources += getAccumulatorCost(context.accumulatorBits);
  return resources;
}

static int64_t getTreeStages(const ElementContext &context) { return 2 + log2Ceil(context.simd); }

//===----------------------------------------------------------------------===//
// Bit planes
//===----------------------------------------------------------------------===//

static Resources getBitPlanesCost(const ElementContext &context) {
  int64_t planes = context.activationBits * std::max<int64_t>(1, context.weights.getElementBits() - (context.weights.getElementBits() == 2));
  // An AND of each pair of bits goes into the first level of the count.
  Resources resources = repeat(getAdderTreeCost(context.simd, 1), planes);
  resources += getAdderTreeCost(planes, log2Ceil(context.simd) + 1);
  resources += getAccumulatorCost(context.accumulatorBits);
  return resources;
}

//===----------------------------------------------------------------------===//
// Masked sums
//===----------------------------------------------------------------------===//

static Resources getMaskedSumsCost(const ElementContext &context) {
  int64_t masks = context.weights.getNumMasks();
  int64_t sumBits = context.activationBits + log2Ceil(context.weights.getShape()[1]) + 1;
  // A mask's bit gates one operand of the first addition.
  Resources sums = getAdderTreeCost(context.simd, context.activationBits);
  sums += getAccumulatorCost(sumBits);
  Resources resources = repeat(sums, masks);
  Resources product = getMultiplierCost(sumBits, context.accumulatorBits - sumBits + 2, context.multiplier);
  resources += repeat(product, masks);
  resources += getAdderTreeCost(masks, context.accumulatorBits);
  return resources;
}

static int64_t getMaskedSumsStages(const ElementContext &context) {
  return getTreeStages(context) + 3 + log2Ceil(context.weights.getNumMasks());
}

//===----------------------------------------------------------------------===//
// The kinds
//===----------------------------------------------------------------------===//

static const ProcessingElement kElements[] = {
    {"multiply_accumulate", getMultiplyAccumulateCost, getTreeStages},
    {"bit_planes", getBitPlanesCost, getTreeStages},
    {"masked_sums", getMaskedSumsCost, getMaskedSumsStages},
};

const ProcessingElement *stream::lookupProcessingElement(llvm::StringRef form) {
  for (const ProcessingElement &element : kElements)
    if (element.form == form)
      return &element;
  return nullptr;
}

bool stream::hasFoldedForm(FormAttrInterface form) { return lookupProcessingElement(form.getFormName()) != nullptr; }

llvm::StringRef stream::getFormName(LinearOp linear) {
  FormAttrInterface form = linear.getFormAttr();
  return form ? form.getFormName() : "multiply_accumulate";
}
