//===- Parameters.cpp - Units as JSON, and all there are for a process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProcessingElement.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

static llvm::Error makeError(const llvm::Twine &what) { return llvm::createStringError(what); }

/// Numbers that divide `n`, in order.
static SmallVector<int64_t> getDivisors(int64_t n) {
  SmallVector<int64_t> small, large;
  for (int64_t d = 1; d * d <= n; ++d)
    if (n % d == 0) {
      small.push_back(d);
      if (d != n / d)
        large.push_back(n / d);
    }
  small.append(large.rbegin(), large.rend());
  return small;
}

/// Items wider than this are not searched: they are no good on any device.
static constexpr int64_t kMaxSearchedBits = 4096;

namespace {
/// Reads parameters of a unit.
class Reader {
public:
  explicit Reader(const llvm::json::Object &object) : object(object) {}

  void read(StringRef name, int64_t &value) {
    known.push_back(name);
    const llvm::json::Value *entry = object.get(name);
    if (!entry)
      return;
    if (auto number = entry->getAsInteger(); number && *number > 0)
      value = *number;
    else
      problem = "\"" + name.str() + "\" must be an integer above 0";
  }
  template <typename EnumT>
  void read(StringRef name, EnumT &value, std::optional<EnumT> (*parse)(StringRef), StringRef choices) {
    known.push_back(name);
    const llvm::json::Value *entry = object.get(name);
    if (!entry)
      return;
    auto text = entry->getAsString();
    auto parsed = text ? parse(*text) : std::nullopt;
    if (parsed)
      value = *parsed;
    else
      problem = "\"" + name.str() + "\" must be one of " + choices.str();
  }
  llvm::Error finish() {
    for (const auto &entry : object)
      if (!llvm::is_contained(known, StringRef(entry.first)))
        return makeError("there is no \"" + entry.first.str() + "\"; there are: " + llvm::join(known, ", "));
    return problem.empty() ? llvm::Error::success() : makeError(problem);
  }

private:
  const llvm::json::Object &object;
  SmallVector<StringRef> known;
  std::string problem;
};
} // namespace

static constexpr llvm::StringLiteral kMemories = "lut, bram, uram", kMultipliers = "lut, dsp";

//===----------------------------------------------------------------------===//
// Folded
//===----------------------------------------------------------------------===//

llvm::json::Object FoldedUnitAttr::toJSON() const {
  return llvm::json::Object{{"pe", getPe()},
                            {"simd", getSimd()},
                            {"memory", stringifyMemory(getMemory())},
                            {"multiplier", stringifyMultiplier(getMultiplier())}};
}

llvm::Expected<Attribute> FoldedUnitAttr::withParameters(const llvm::json::Object &object) const {
  int64_t pe = getPe(), simd = getSimd();
  Memory memory = getMemory();
  Multiplier multiplier = getMultiplier();
  Reader reader(object);
  reader.read("pe", pe);
  reader.read("simd", simd);
  reader.read<Memory>("memory", memory, symbolizeMemory, kMemories);
  reader.read<Multiplier>("multiplier", multiplier, symbolizeMultiplier, kMultipliers);
  if (llvm::Error error = reader.finish())
    return std::move(error);
  return FoldedUnitAttr::get(getContext(), pe, simd, memory, multiplier);
}

SmallVector<Attribute> FoldedUnitAttr::getCandidates(Operation *op) const {
  ProcessBody body = ProcessBody::get(cast<ProcessOp>(op));
  ArrayRef<int64_t> shape = getWeights(body.linear).getShape();
  int64_t inBits = getElementBits(body.linear.getInput());
  int64_t outBits = getChannelType(op->getResult(0)).getElementType().getWidth();
  SmallVector<Attribute> candidates;
  for (int64_t pe : getDivisors(shape[0]))
    for (int64_t simd : getDivisors(shape[1])) {
      if (pe * outBits > kMaxSearchedBits || simd * inBits > kMaxSearchedBits || simd % getInputMultiple(body.linear) != 0)
        continue;
      for (Memory memory : {Memory::LUT, Memory::BRAM, Memory::URAM})
        for (Multiplier multiplier : {Multiplier::LUT, Multiplier::DSP})
          candidates.push_back(
              FoldedUnitAttr::get(getContext(), pe, simd, memory, multiplier));
    }
  return candidates;
}

//===----------------------------------------------------------------------===//
// Unrolled
//===----------------------------------------------------------------------===//

llvm::json::Object UnrolledUnitAttr::toJSON() const {
  return llvm::json::Object{{"adders_per_stage", getAddersPerStage()}};
}

llvm::Expected<Attribute> UnrolledUnitAttr::withParameters(const llvm::json::Object &object) const {
  int64_t adders = getAddersPerStage();
  Reader reader(object);
  reader.read("adders_per_stage", adders);
  if (llvm::Error error = reader.finish())
    return std::move(error);
  return UnrolledUnitAttr::get(getContext(), adders, getDepth(), getAdderBits());
}

SmallVector<Attribute> UnrolledUnitAttr::getCandidates(Operation *) const {
  return {*this};
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

llvm::json::Object ElementwiseUnitAttr::toJSON() const {
  return llvm::json::Object{{"lanes", getLanes()}, {"multiplier", stringifyMultiplier(getMultiplier())}};
}

llvm::Expected<Attribute> ElementwiseUnitAttr::withParameters(const llvm::json::Object &object) const {
  int64_t lanes = getLanes();
  Multiplier multiplier = getMultiplier();
  Reader reader(object);
  reader.read("lanes", lanes);
  reader.read<Multiplier>("multiplier", multiplier, symbolizeMultiplier, kMultipliers);
  if (llvm::Error error = reader.finish())
    return std::move(error);
  return ElementwiseUnitAttr::get(getContext(), lanes, multiplier);
}

SmallVector<Attribute> ElementwiseUnitAttr::getCandidates(Operation *op) const {
  int64_t elements = getChannelType(op->getResult(0)).getElements(), bits = 1;
  for (Value value : op->getOperands())
    bits = std::max<int64_t>(bits, getChannelType(value).getElementType().getWidth());
  SmallVector<Attribute> candidates;
  for (int64_t lanes : getDivisors(elements))
    if (lanes * bits <= kMaxSearchedBits)
      for (Multiplier multiplier : {Multiplier::LUT, Multiplier::DSP})
        candidates.push_back(ElementwiseUnitAttr::get(getContext(), lanes, multiplier));
  return candidates;
}
