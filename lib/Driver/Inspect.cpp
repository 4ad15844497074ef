//===- Inspect.cpp - What a model consists of ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects the report; InspectPrint.cpp writes it.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Inspect.h"

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/NearBasis.h"
#include "sumac/Driver/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <cmath>

using namespace sumac;
using namespace mlir;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Counts the values of a coding, block by block. Integers of up to 64 bits and
/// doubles are both counted by their bit patterns.
static void countValues(CodingAttrInterface coding,
                        WeightStatistics &statistics) {
  llvm::DenseMap<uint64_t, int64_t> counts;
  constexpr int64_t blockSize = 4096;
  int64_t integers[blockSize];
  double doubles[blockSize];
  for (int64_t first = 0; first < statistics.count; first += blockSize) {
    int64_t size = std::min(blockSize, statistics.count - first);
    if (coding.isIntegral())
      coding.decodeIntegers(first, {integers, static_cast<size_t>(size)});
    else
      coding.decodeDoubles(first, {doubles, static_cast<size_t>(size)});
    for (int64_t i = 0; i < size; ++i) {
      bool isZero = coding.isIntegral() ? integers[i] == 0 : doubles[i] == 0.0;
      statistics.zeros += isZero;
      uint64_t bits = isZero ? 0
                      : coding.isIntegral()
                          ? static_cast<uint64_t>(integers[i])
                          : llvm::bit_cast<uint64_t>(doubles[i]);
      // The two keys that DenseMap keeps for itself are merged with neighbours.
      if (bits >= ~uint64_t(1))
        bits -= 2;
      ++counts[bits];
    }
  }
  statistics.distinct = counts.size();
  for (const auto &entry : counts) {
    double share = static_cast<double>(entry.second) /
                   static_cast<double>(statistics.count);
    statistics.entropy -= share * std::log2(share);
  }
}

/// Sums that were rounded look like a codebook of few values.
static void describeNearBasis(CodingAttrInterface coding,
                              WeightStatistics &statistics) {
  // Powers of two say so themselves, and so does a basis that is as small.
  if (!isa<CodebookCodingAttr, BasisCodingAttr>(coding) ||
      statistics.distinct > 16)
    return;
  std::optional<NearBasis> basis = findNearBasis(coding);
  if (!basis || (isa<BasisCodingAttr>(coding) &&
                 basis->coefficients.size() >= coding.getNumMasks()))
    return;
  double largest = 0.0;
  for (const auto &[value, mask] : basis->masks)
    largest = std::max(largest, std::abs(value));
  statistics.nearBasis = {basis->coefficients.size(), basis->deviation / largest};
}

/// Tables of codings that were counted with a layer before.
using SeenTables = llvm::DenseSet<Attribute>;

/// Bits of the groups that a coding shares with those before: a network's pool
/// is there once.
static int64_t countSharedBits(CodingAttrInterface coding, SeenTables &seen) {
  int64_t elements = coding.getNumGroups() * coding.getGroupSize(), bits = 0;
  if (elements == 0)
    return 0;
  coding.walkImmediateSubElements(
      [&](Attribute part) {
        auto table = dyn_cast<ElementsAttr>(part);
        if (table && table.getNumElements() == elements &&
            table.getElementType().isSignedInteger() &&
            !seen.insert(part).second)
          bits += getTableBits(table);
      },
      [](Type) {});
  return bits;
}

static std::optional<WeightStatistics> describeWeights(Operation *op,
                                                       SeenTables &seen) {
  auto linear = dyn_cast<LinearOp>(op);
  auto constant =
      linear ? linear.getWeights().getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant)
    return std::nullopt;
  CodingAttrInterface coding = constant.getValue();
  WeightStatistics statistics;
  statistics.coding = coding.getCodingName();
  statistics.shape.assign(coding.getShape().begin(), coding.getShape().end());
  statistics.bits = coding.getElementBits();
  statistics.count = getNumElements(statistics.shape).value_or(0);
  statistics.storedBits = coding.getStoredBits();
  if (statistics.count > 0)
    countValues(coding, statistics);
  if (coding.isIntegral()) {
    describeNearBasis(coding, statistics);
    CodeStatistics codes(coding);
    for (StorageAttrInterface storage : getStorages(op->getContext()))
      if (std::optional<int64_t> bits = storage.getBits(codes))
        statistics.storages.emplace_back(storage.getStorageName(), *bits);
  }
  int64_t shared = countSharedBits(coding, seen);
  statistics.storedBits -= shared;
  for (auto &[name, bits] : statistics.storages)
    bits -= shared;
  return statistics;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static std::string stringifyType(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    for (int64_t size : tensor.getShape())
      os << (ShapedType::isDynamic(size) ? "?" : std::to_string(size)) << "x";
    os << tensor.getElementType();
  } else {
    os << type;
  }
  return text;
}

static LayerReport describeLayer(CostOpInterface op, SeenTables &seen) {
  LayerReport layer;
  layer.node = getNodeName(op->getLoc());
  layer.operation = op->getName().stripDialect().str();
  if (op->getNumOperands() > 0)
    layer.input = stringifyType(op->getOperand(0).getType());
  layer.output = stringifyType(op->getResult(0).getType());
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  if (element.isIntOrFloat())
    layer.outputBits = element.getIntOrFloatBitWidth();
  layer.weights = describeWeights(op, seen);
  layer.operations = op.getOperationCount();
  layer.storedBits = op.getStoredBits();
  if (layer.weights)
    layer.storedBits += layer.weights->storedBits;
  return layer;
}

/// The operations of a function that a report shows, in order.
static SmallVector<CostOpInterface> getLayers(func::FuncOp function) {
  SmallVector<CostOpInterface> layers;
  function.walk([&](CostOpInterface op) {
    // A layer's constant is shown with the layer.
    if (!op->hasTrait<OpTrait::ConstantLike>() && op->getNumResults() == 1)
      layers.push_back(op);
  });
  return layers;
}

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

/// What a reader wants of an attribute: a choice's name rather than its numbers,
/// which may be one for each channel.
static void printChoice(Attribute value, llvm::raw_ostream &os) {
  if (auto form = dyn_cast<FormAttrInterface>(value)) {
    os << form.getFormName();
  } else if (auto string = dyn_cast<StringAttr>(value)) {
    os << string.getValue();
  } else if (auto entries = dyn_cast<DictionaryAttr>(value);
             entries && entries.contains("form")) {
    printChoice(entries.get("form"), os);
  } else if (auto list = dyn_cast<ArrayAttr>(value)) {
    llvm::interleaveComma(list, os,
                          [&](Attribute element) { printChoice(element, os); });
  } else {
    os << value;
  }
}

/// The attributes of `chosen` that `original` does not have, as text.
static std::string describeChoice(Operation *original, Operation *chosen) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (NamedAttribute attribute : chosen->getAttrs()) {
    if (original->getAttr(attribute.getName()) == attribute.getValue())
      continue;
    if (!text.empty())
      os << ", ";
    // The attribute's own name tells enough behind the last dot.
    os << attribute.getName().getValue().rsplit('.').second;
    if (!attribute.getName().getValue().contains('.'))
      os << attribute.getName().getValue();
    if (!isa<UnitAttr>(attribute.getValue()))
      printChoice(attribute.getValue(), os << " = ");
  }
  return text;
}

/// The functions of the float entry: @main, and what a target made of it, such
/// as `main_rows64` for blocks of 64 rows.
static SmallVector<func::FuncOp> getVariants(ModuleOp module) {
  SmallVector<func::FuncOp> variants;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration() && function.getName().starts_with("main") &&
        !function.getName().starts_with("main_raw"))
      variants.push_back(function);
  return variants;
}

/// The operation of `layers` that came from `original`: the same operation of
/// the same node, at the same place among those.
static CostOpInterface findLayer(ArrayRef<CostOpInterface> originals,
                                 CostOpInterface original,
                                 ArrayRef<CostOpInterface> layers) {
  auto isSame = [&](CostOpInterface op) {
    return op->getName() == original->getName() &&
           getNodeName(op->getLoc()) == getNodeName(original->getLoc());
  };
  int64_t place = 0;
  for (CostOpInterface op : originals) {
    if (op == original)
      break;
    place += isSame(op);
  }
  for (CostOpInterface op : layers)
    if (isSame(op) && place-- == 0)
      return op;
  return {};
}

/// Adds what one target chooses at the sums level. A target that refuses the
/// model has said so; the report goes on without it.
static void addChoices(ModuleOp integer, const InspectTarget &target,
                       const LoweringOptions &lowering,
                       std::vector<LayerReport> &layers) {
  LoweringOptions own = lowering;
  own.backend = target.backend;
  own.options = &target.options;
  OwningOpRef<ModuleOp> module(cast<ModuleOp>(integer->clone()));
  if (failed(lowerTo(*module, Level::Sums, own)))
    return;
  SmallVector<CostOpInterface> originals =
      getLayers(integer.lookupSymbol<func::FuncOp>("main"));
  const CostModel *costs = target.backend->getCostModel();
  for (func::FuncOp variant : getVariants(*module)) {
    SmallVector<CostOpInterface> chosenLayers = getLayers(variant);
    for (auto [layer, original] : llvm::zip(layers, originals)) {
      CostOpInterface chosen = findLayer(originals, original, chosenLayers);
      if (!chosen)
        continue;
      TargetChoice choice;
      choice.target = target.backend->getName().str();
      if (variant.getName() != "main")
        choice.variant = variant.getName().drop_front(5).str();
      choice.choice = describeChoice(original, chosen);
      if (costs) {
        choice.cost =
            costs->getCost(chosen, chosen->getAttr("form"), target.options);
        choice.costUnit = costs->getUnit().str();
      }
      if (!choice.choice.empty() || choice.cost)
        layer.targets.push_back(std::move(choice));
    }
  }
}

/// Adds what a target estimates for the whole model.
static void addEstimate(ModuleOp integer, const InspectTarget &target, const LoweringOptions &lowering,
                        std::vector<TargetEstimate> &estimates) {
  LoweringOptions own = lowering;
  own.backend = target.backend;
  own.options = &target.options;
  own.rawEntry = true;
  OwningOpRef<ModuleOp> module(cast<ModuleOp>(integer->clone()));
  TargetEstimate entry{target.backend->getName().str(), {}, ""};
  DiagnosticCollector errors(integer.getContext());
  FailureOr<Estimate> estimate = failure();
  if (succeeded(lowerTo(*module, Level::Target, own)))
    estimate = target.backend->getEstimate(*module, target.options);
  if (failed(estimate))
    entry.error = llvm::toString(errors.takeError("the target refuses the model"));
  else
    entry.estimate = std::move(*estimate);
  estimates.push_back(std::move(entry));
}

FailureOr<InspectReport> sumac::inspectModel(ModuleOp module,
                                             ArrayRef<InspectTarget> targets,
                                             const LoweringOptions &lowering) {
  LoweringOptions core = lowering;
  core.backend = nullptr;
  core.rawEntry = true;
  if (failed(lowerTo(module, Level::Integer, core)))
    return failure();
  FailureOr<ModulePorts> ports = getModulePorts(module);
  if (failed(ports))
    return failure();
  InspectReport report;
  report.ports = std::move(*ports);
  SeenTables seen;
  for (CostOpInterface op :
       getLayers(module.lookupSymbol<func::FuncOp>("main")))
    report.layers.push_back(describeLayer(op, seen));
  for (const InspectTarget &target : targets) {
    addChoices(module, target, lowering, report.layers);
    if (target.backend->hasEstimate())
      addEstimate(module, target, lowering, report.estimates);
  }
  return report;
}

OperationCount InspectReport::getTotal() const {
  OperationCount total;
  for (const LayerReport &layer : layers)
    total += layer.operations;
  return total;
}

int64_t InspectReport::getStoredBits() const {
  int64_t bits = 0;
  for (const LayerReport &layer : layers)
    bits += layer.storedBits;
  return bits;
}
