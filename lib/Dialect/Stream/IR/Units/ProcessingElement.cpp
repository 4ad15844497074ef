//===- ProcessingElement.cpp - How one output is summed up -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProcessingElement.h"
#include "Costs.h"

#include "sumac/Analysis/SignedDigits.h"
#include "llvm/Support/MathExtras.h"

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
// Shifted sums
//===----------------------------------------------------------------------===//

static Resources getShiftedSumsCost(const ElementContext &context) {
  // About one signed power of two for each three bits of a weight; each selects
  // one of the shifted inputs, half a LUT a bit and choice.
  int64_t weightBits = context.weights.getElementBits(), terms = llvm::divideCeil(weightBits, 3);
  int64_t bits = context.activationBits + weightBits;
  Resources shift;
  shift.lut = static_cast<double>(bits * log2Ceil(weightBits + 1)) / 2;
  Resources resources = repeat(shift, terms * context.simd);
  resources += getAdderTreeCost(terms * context.simd, bits);
  resources += getAccumulatorCost(context.accumulatorBits);
  return resources;
}

//===----------------------------------------------------------------------===//
// Pooled sums
//===----------------------------------------------------------------------===//

static Resources getPooledSumsCost(const ElementContext &context) {
  // An element chooses one of the vectors' sums for each group and adds it up.
  int64_t vectors = context.weights.getNumGroups(), groups = context.simd / context.weights.getGroupSize();
  int64_t bits = context.activationBits + context.weights.getElementBits() + log2Ceil(context.weights.getGroupSize());
  Resources resources;
  resources.lut = static_cast<double>(groups * bits * llvm::divideCeil(vectors, 4)) * 1.4;
  resources += getAdderTreeCost(groups, bits);
  resources += getAccumulatorCost(context.accumulatorBits);
  return resources;
}

static int64_t getPooledSumsStages(const ElementContext &context) {
  return getTreeStages(context) + 2 + log2Ceil(context.weights.getGroupSize());
}

/// The sums of all vectors of the pool, which all elements share: computed while
/// the input is read, then kept.
static Resources getPoolCost(const ElementContext &context) {
  int64_t vectors = context.weights.getNumGroups(), size = context.weights.getGroupSize();
  int64_t groups = context.simd / size, weightBits = context.weights.getElementBits();
  int64_t bits = context.activationBits + weightBits + log2Ceil(size);
  // Constant weights: about a third of their bits are additions.
  Resources vector;
  vector.lut = static_cast<double>(size * llvm::divideCeil(weightBits, 3) * bits);
  Resources resources = repeat(vector, groups * vectors);
  resources += getMemoryCost(context.weights.getShape()[1] / context.simd, groups * vectors * bits, Memory::LUT);
  return resources;
}

//===----------------------------------------------------------------------===//
// The kinds
//===----------------------------------------------------------------------===//

static Resources shareNothing(const ElementContext &) { return {}; }
static int64_t takesAny(CodingAttrInterface) { return 1; }
static int64_t takesGroups(CodingAttrInterface weights) { return weights.getGroupSize(); }

static bool supportsAny(CodingAttrInterface) { return true; }

/// A weight's terms are one word of the generated code.
static bool supportsTerms(CodingAttrInterface weights) { return getTermFields(weights).getBits() <= 64; }

static const ProcessingElement kElements[] = {
    {"multiply_accumulate", takesAny, supportsAny, getMultiplyAccumulateCost, shareNothing, getTreeStages},
    {"bit_planes", takesAny, supportsAny, getBitPlanesCost, shareNothing, getTreeStages},
    {"masked_sums", takesAny, supportsAny, getMaskedSumsCost, shareNothing, getMaskedSumsStages},
    {"shifted_sums", takesAny, supportsTerms, getShiftedSumsCost, shareNothing, getTreeStages},
    {"pooled_sums", takesGroups, supportsAny, getPooledSumsCost, getPoolCost, getPooledSumsStages},
};

const ProcessingElement *stream::lookupProcessingElement(llvm::StringRef form) {
  for (const ProcessingElement &element : kElements)
    if (element.form == form)
      return &element;
  return nullptr;
}

int64_t stream::getInputMultiple(LinearOp linear) {
  const ProcessingElement *element = lookupProcessingElement(getFormName(linear));
  return element ? element->getInputMultiple(getWeights(linear)) : 0;
}

TermFields stream::getTermFields(CodingAttrInterface weights) {
  std::vector<int64_t> values(weights.getShape()[0] * weights.getShape()[1]);
  weights.decodeIntegers(0, values);
  TermFields fields;
  unsigned last = 0;
  for (int64_t value : values) {
    SignedDigits digits(value);
    fields.terms = std::max<unsigned>(fields.terms, digits.count());
    last = std::max<unsigned>(last, llvm::bit_width(digits.positive | digits.negative));
  }
  // Exponents 0 to last - 1, and none.
  fields.exponentBits = std::max(llvm::Log2_32_Ceil(last + 1), 1U);
  return fields;
}

bool stream::hasFoldedForm(LinearOp linear) {
  const ProcessingElement *element = lookupProcessingElement(getFormName(linear));
  CodingAttrInterface weights = getWeights(linear);
  return element && weights.getShape()[1] % element->getInputMultiple(weights) == 0 && element->supports(weights);
}

llvm::StringRef stream::getFormName(LinearOp linear) {
  FormAttrInterface form = linear.getFormAttr();
  return form ? form.getFormName() : "multiply_accumulate";
}
