//===- DiscoverCodings.cpp - What weights are, by their values ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-discover-codings`: plain weights become the coding of the fewest bits that
// their values have.
//
//===----------------------------------------------------------------------===//

#include "Finders.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include <unordered_map>

namespace sumac {
#define GEN_PASS_DEF_DISCOVERCODINGS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::discovery;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Weights::Weights(ConstantOp constant)
    : constant(constant), coding(constant.getValue()),
      name(getResourceName(constant.getLoc())) {
  std::unordered_map<int64_t, int64_t> counts;
  bool few = true;
  range = {getCount() ? INT64_MAX : 0, getCount() ? INT64_MIN : 0};
  int64_t last = 0, *lastCount = nullptr;
  forEachBlock([&](int64_t, ArrayRef<int64_t> values) {
    for (int64_t value : values) {
      range = {std::min(range.min, value), std::max(range.max, value)};
      if (!few)
        continue;
      if (!lastCount || value != last) {
        last = value;
        lastCount = &counts[value];
        few = counts.size() <= kMaxDistinct;
      }
      ++*lastCount;
    }
  });
  if (few)
    distinct.insert(counts.begin(), counts.end());
}

void Weights::forEachBlock(
    function_ref<void(int64_t, ArrayRef<int64_t>)> visit) const {
  SmallVector<int64_t> values;
  for (int64_t first = 0, count = getCount(); first < count; first += kChunk) {
    values.resize(std::min(kChunk, count - first));
    coding.decodeIntegers(first, values);
    visit(first, values);
  }
}

std::vector<int8_t>
Weights::mapToBytes(function_ref<int64_t(int64_t)> code) const {
  std::vector<int8_t> bytes(getCount());
  std::unordered_map<int64_t, int8_t> codes;
  forEachBlock([&](int64_t first, ArrayRef<int64_t> values) {
    for (auto [i, value] : llvm::enumerate(values)) {
      auto [entry, isNew] = codes.try_emplace(value, int8_t(0));
      if (isNew)
        entry->second = static_cast<int8_t>(code(value));
      bytes[first + i] = entry->second;
    }
  });
  return bytes;
}

//===----------------------------------------------------------------------===//
// Finders
//===----------------------------------------------------------------------===//

namespace {
/// A finder of Sumac's own: the attribute's dialect is always there.
class BuiltinFinder : public CodingFinder {
public:
  using Find = CodingAttrInterface (*)(const Weights &, int64_t);
  BuiltinFinder(Find search, bool structured) : search(search), structured(structured) {}
  CodingAttrInterface find(const Weights &weights, int64_t limit) const override { return search(weights, limit); }
  bool isStructured() const override { return structured; }

private:
  Find search;
  bool structured;
};
} // namespace

static std::vector<std::unique_ptr<CodingFinder>> &getMutableFinders() {
  static std::vector<std::unique_ptr<CodingFinder>> finders = [] {
    std::vector<std::unique_ptr<CodingFinder>> builtin;
    for (auto [search, structured] : std::initializer_list<std::pair<BuiltinFinder::Find, bool>>{
             {findBipolar, false}, {findUniform, false}, {findBasisCoding, true}, {findShift, true}})
      builtin.push_back(std::make_unique<BuiltinFinder>(search, structured));
    return builtin;
  }();
  return finders;
}

void discovery::registerCodingFinder(std::unique_ptr<CodingFinder> finder) {
  getMutableFinders().push_back(std::move(finder));
}

ArrayRef<std::unique_ptr<CodingFinder>> discovery::getCodingFinders() { return getMutableFinders(); }

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether all uses are weights of layers: elsewhere a coding saves nothing.
static bool isOnlyWeights(ConstantOp constant) {
  return llvm::all_of(constant->getUses(), [](OpOperand &use) {
    auto linear = dyn_cast<LinearOp>(use.getOwner());
    return linear && linear.getWeights() == use.get() &&
           linear.getInput() != use.get();
  });
}

/// The coding of the fewest bits; the weights' own where none is smaller. A
/// codebook says less about weights than the other codings, which sums are
/// made of, so it has to be half as large.
static CodingAttrInterface findSmallest(const Weights &weights) {
  CodingAttrInterface best = weights.getCoding();
  bool hasStructure = false;
  for (const std::unique_ptr<CodingFinder> &finder : getCodingFinders()) {
    CodingAttrInterface found = finder->find(weights, best.getStoredBits());
    if (found && found.getStoredBits() < best.getStoredBits()) {
      best = found;
      hasStructure = finder->isStructured();
    }
  }
  int64_t limit = best.getStoredBits() / (hasStructure ? 2 : 1);
  CodingAttrInterface codebook = findCodebook(weights, limit);
  return codebook && codebook.getStoredBits() < limit ? codebook : best;
}

/// A coding must decode to the very same integers.
static bool decodesTo(CodingAttrInterface coding, const Weights &weights) {
  if (coding.getShape() != weights.getShape())
    return false;
  bool isEqual = true;
  SmallVector<int64_t> decoded;
  weights.forEachBlock([&](int64_t first, ArrayRef<int64_t> values) {
    decoded.resize(values.size());
    coding.decodeIntegers(first, decoded);
    isEqual &= ArrayRef<int64_t>(decoded) == values;
  });
  return isEqual;
}

namespace {
struct DiscoverCodings
    : public sumac::impl::DiscoverCodingsBase<DiscoverCodings> {
  void getDependentDialects(DialectRegistry &registry) const override {
    DiscoverCodingsBase::getDependentDialects(registry);
    for (const std::unique_ptr<CodingFinder> &finder : getCodingFinders())
      finder->registerDialects(registry);
  }
  void runOnOperation() override;
};
} // namespace

void DiscoverCodings::runOnOperation() {
  std::vector<Weights> layers;
  getOperation().walk([&](ConstantOp constant) {
    auto type = dyn_cast<RankedTensorType>(constant.getType());
    if (type && type.getRank() == 2 && isa<IntegerType>(type.getElementType()) &&
        isa<UniformCodingAttr, DenseCodingAttr>(constant.getValue()) &&
        constant.getValue().isIntegral() &&
        constant.getValue().getExponent() == 0 && isOnlyWeights(constant))
      layers.emplace_back(constant);
  });
  SmallVector<CodingAttrInterface> best;
  SmallVector<int64_t> sizes;
  for (const Weights &weights : layers) {
    best.push_back(findSmallest(weights));
    sizes.push_back(best.back().getStoredBits());
  }
  for (auto [i, coding] : findPool(layers, sizes))
    best[i] = coding;
  for (auto [weights, coding] : llvm::zip_equal(layers, best)) {
    if (coding == weights.getCoding())
      continue;
    if (!decodesTo(coding, weights)) {
      weights.getOp().emitError("the coding ")
          << coding.getCodingName()
          << " that was found does not decode to the weights; please report "
             "this model";
      return signalPassFailure();
    }
    ConstantOp constant = weights.getOp();
    constant.setValueAttr(coding);
    constant.getResult().setType(
        cast<RankedTensorType>(constant.getType())
            .clone(getSignedType(&getContext(), weights.getRange())));
  }
}
