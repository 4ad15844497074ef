//===- DiscoverCodings.cpp - What weights are, by their values ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-discover-codings`: plain integer weights become bipolar, or uniform of
// the fewest bits.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

namespace sumac {
#define GEN_PASS_DEF_DISCOVERCODINGS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// Whether every element is -1 or +1.
static bool isBipolar(CodingAttrInterface coding, int64_t count) {
  constexpr int64_t kChunk = 4096;
  SmallVector<int64_t> values(std::min(kChunk, count));
  for (int64_t first = 0; first < count; first += kChunk) {
    auto chunk = MutableArrayRef<int64_t>(values).take_front(
        std::min(kChunk, count - first));
    coding.decodeIntegers(first, chunk);
    if (llvm::any_of(chunk,
                     [](int64_t value) { return value != 1 && value != -1; }))
      return false;
  }
  return count > 0;
}

/// A narrower coding of the same values, or null. The payload is shared.
static CodingAttrInterface narrow(UniformCodingAttr coding) {
  ElementsAttr payload = coding.getPayload();
  if (!payload.getElementType().isSignedInteger())
    return {};
  int64_t count = payload.getNumElements();
  IntegerRange range = coding.getRange(0, count);
  if (range.min == -1 && range.max == 1 && isBipolar(coding, count))
    return BipolarCodingAttr::get(coding.getContext(), payload);
  unsigned bits = getSignedType(coding.getContext(), range).getWidth();
  if (bits >= coding.getBits())
    return {};
  return UniformCodingAttr::get(coding.getContext(), payload, bits);
}

namespace {
struct DiscoverCodings
    : public sumac::impl::DiscoverCodingsBase<DiscoverCodings> {
  void runOnOperation() override {
    getOperation().walk([this](ConstantOp constant) {
      auto uniform = dyn_cast<UniformCodingAttr>(constant.getValue());
      bool onlyWeights = llvm::all_of(constant->getUses(), [](OpOperand &use) {
        auto linear = dyn_cast<LinearOp>(use.getOwner());
        return linear && linear.getWeights() == use.get() &&
               linear.getInput() != use.get();
      });
      auto type = dyn_cast<RankedTensorType>(constant.getType());
      if (!uniform || !onlyWeights || !type ||
          !isa<IntegerType>(type.getElementType()))
        return;
      CodingAttrInterface coding = narrow(uniform);
      if (!coding)
        return;
      unsigned bits =
          isa<BipolarCodingAttr>(coding) ? 2 : coding.getElementBits();
      constant.setValueAttr(coding);
      constant.getResult().setType(type.clone(
          IntegerType::get(&getContext(), bits, IntegerType::Signed)));
    });
  }
};
} // namespace
