//===- Units.cpp - Folded, unrolled and elementwise units -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Costs.h"
#include "ProcessingElement.h"

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Analysis/AdderGraphRanges.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

/// Rows and columns of the weights.
static std::pair<int64_t, int64_t> getSize(CodingAttrInterface weights) {
  return {weights.getShape()[0], weights.getShape()[1]};
}

//===----------------------------------------------------------------------===//
// Folded
//===----------------------------------------------------------------------===//

StringRef FoldedUnitAttr::getUnitName() const { return "folded"; }

LogicalResult FoldedUnitAttr::verifyProcess(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  ProcessBody body = ProcessBody::get(process);
  if (!body.linear)
    return process.emitOpError("has no layer, which a folded unit computes");
  auto [outputs, inputs] = getSize(getWeights(body.linear));
  if (getPe() < 1 || outputs % getPe() != 0)
    return process.emitOpError() << "cannot be folded to " << getPe() << " processing elements: they must divide its "
                                 << outputs << " outputs";
  if (getSimd() < 1 || inputs % getSimd() != 0)
    return process.emitOpError() << "cannot be folded to SIMD " << getSimd() << ": it must divide its " << inputs
                                 << " inputs";
  const ProcessingElement *element = lookupProcessingElement(getFormName(body.linear));
  if (!element || !element->supports(getWeights(body.linear)))
    return process.emitOpError() << "has form " << getFormName(body.linear)
                                 << ", which folded units do not have" << (element ? " for such weights" : "");
  int64_t multiple = element->getInputMultiple(getWeights(body.linear));
  if (getSimd() % multiple != 0)
    return process.emitOpError() << "has form " << getFormName(body.linear) << ", for which SIMD must be a multiple of "
                                 << multiple;
  return success();
}

int64_t FoldedUnitAttr::getInputLanes(Operation *) const { return getSimd(); }
int64_t FoldedUnitAttr::getOutputLanes(Operation *) const { return getPe(); }

static ElementContext makeContext(FoldedUnitAttr unit, LinearOp linear) {
  return {linear,
          getWeights(linear),
          unit.getSimd(),
          getElementBits(linear.getInput()),
          getElementBits(linear.getResult()),
          unit.getMultiplier()};
}

Schedule FoldedUnitAttr::getSchedule(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  ProcessBody body = ProcessBody::get(process);
  auto [outputs, inputs] = getSize(getWeights(body.linear));
  int64_t groups = outputs / getPe(), parts = inputs / getSimd();
  Schedule schedule;
  schedule.steps = groups * parts;
  schedule.latency = 1 + lookupProcessingElement(getFormName(body.linear))->getStages(makeContext(*this, body.linear)) +
                     getElementwiseStages(body.elementwise);
  schedule.reads = {AccessPattern::every(0, 1, parts)};
  schedule.writes = {AccessPattern::every(parts - 1, parts, groups)};
  return schedule;
}

Resources FoldedUnitAttr::getResources(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  ProcessBody body = ProcessBody::get(process);
  CodingAttrInterface weights = getWeights(body.linear);
  auto [outputs, inputs] = getSize(weights);
  int64_t groups = outputs / getPe(), parts = inputs / getSimd();
  ElementContext context = makeContext(*this, body.linear);
  const ProcessingElement *kind = lookupProcessingElement(getFormName(body.linear));
  Resources element = kind->getResources(context);
  Resources resources = getControlCost(groups * parts);
  resources += kind->getSharedResources(context);
  for (int64_t p = 0; p < getPe(); ++p)
    resources += element;
  // Codes lie packed; a tile is read a step. The input is kept for all groups.
  int64_t tile = llvm::divideCeil(weights.getStoredBits() * getPe() * getSimd(), outputs * inputs);
  resources += getMemoryCost(groups * parts, tile, getMemory());
  if (groups > 1)
    resources += getMemoryCost(parts, context.activationBits * getSimd(), Memory::LUT);
  resources += getElementwiseCost(body.elementwise, getPe(), groups, getMultiplier());
  return resources;
}

//===----------------------------------------------------------------------===//
// Unrolled
//===----------------------------------------------------------------------===//

StringRef UnrolledUnitAttr::getUnitName() const { return "unrolled"; }

static bool isNarrow(const IntegerRange &range) { return getBits(range) <= kMaxAdderBits; }

/// Whether the layer's sums are narrow, which graphs can only be made of.
static bool hasNarrowSums(LinearOp linear) {
  auto input = getTypeRange(linear.getInput().getType()), result = getTypeRange(linear.getResult().getType());
  if (!input || !result || !isNarrow(*result))
    return false;
  auto sums = inferSumRanges(getWeights(linear), *input);
  return sums && llvm::all_of(*sums, isNarrow);
}

bool stream::hasUnrolledForm(LinearOp linear) {
  if (!hasNarrowSums(linear))
    return false;
  // What outputs share can be wider than any of them.
  std::shared_ptr<const AdderGraph> graph = getAdderGraph(getWeights(linear));
  std::vector<IntegerRange> nodes = getNodeRanges(*graph, *getTypeRange(linear.getInput().getType()));
  return llvm::all_of(nodes, isNarrow) && llvm::all_of(graph->outputs, [&](const auto &output) {
           return !output || isNarrow(getTermRange(*output, nodes));
         });
}

LogicalResult UnrolledUnitAttr::verifyProcess(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  LinearOp linear = ProcessBody::get(process).linear;
  if (!linear)
    return process.emitOpError("has no layer, which an unrolled unit computes");
  if (!hasNarrowSums(linear))
    return process.emitOpError() << "has sums of more than " << kMaxAdderBits
                                 << " bits, which an unrolled unit does not compute";
  if (getAddersPerStage() < 1)
    return process.emitOpError("must have one adder or more in a pipeline stage");
  if (getDepth() < 0 || getDepth() > kMaxFrameElements || getAdderBits() < 0)
    return process.emitOpError("has no such adder graph: its depth or its bits are out of range");
  return success();
}

int64_t UnrolledUnitAttr::getInputLanes(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  return getChannelType(process.getInputs()[0]).getElements();
}
int64_t UnrolledUnitAttr::getOutputLanes(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  return getChannelType(process.getResult()).getElements();
}

/// Additions between registers, where nobody says otherwise.
static constexpr int64_t kAddersPerStage = 3;

UnrolledUnitAttr UnrolledUnitAttr::getFor(LinearOp linear) {
  std::shared_ptr<const AdderGraph> shared = getAdderGraph(getWeights(linear));
  const AdderGraph &graph = *shared;
  std::vector<IntegerRange> nodes = getNodeRanges(graph, *getTypeRange(linear.getInput().getType()));
  int64_t bits = 0;
  for (const IntegerRange &range : ArrayRef(nodes).drop_front(graph.inputs))
    bits += getBits(range);
  return get(linear.getContext(), kAddersPerStage, graph.getDepth(), bits);
}

Schedule UnrolledUnitAttr::getSchedule(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  ProcessBody body = ProcessBody::get(process);
  int64_t adders = getDepth() + (body.linear.getBias() ? 1 : 0);
  Schedule schedule;
  schedule.latency = 1 + static_cast<int64_t>(llvm::divideCeil(adders, getAddersPerStage())) +
                     getElementwiseStages(body.elementwise);
  schedule.reads = schedule.writes = {AccessPattern::every(0, 1, 1)};
  return schedule;
}

Resources UnrolledUnitAttr::getResources(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  ProcessBody body = ProcessBody::get(process);
  int64_t outputs = getSize(getWeights(body.linear)).first;
  Resources resources = getControlCost(1);
  // An adder takes a LUT a bit; a register behind each stage, some for what
  // passes by.
  resources.lut += static_cast<double>(getAdderBits());
  resources.ff += 1.3 * static_cast<double>(getAdderBits()) / static_cast<double>(getAddersPerStage());
  if (body.linear.getBias())
    resources.lut += static_cast<double>(outputs * getElementBits(body.linear.getResult()));
  resources += getElementwiseCost(body.elementwise, outputs, 1, Multiplier::LUT);
  return resources;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

StringRef ElementwiseUnitAttr::getUnitName() const { return "elementwise"; }

LogicalResult ElementwiseUnitAttr::verifyProcess(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  if (ProcessBody::get(process).linear)
    return process.emitOpError("has a layer, which an elementwise unit does not compute");
  ChannelType result = getChannelType(process.getResult());
  for (Value input : process.getInputs())
    if (getChannelType(input).getElements() != result.getElements())
      return process.emitOpError("must have as many elements in every channel: it is elementwise");
  if (getLanes() < 1 || result.getElements() % getLanes() != 0)
    return process.emitOpError() << "cannot have " << getLanes() << " lanes: they must divide its "
                                 << result.getElements() << " elements";
  return success();
}

int64_t ElementwiseUnitAttr::getInputLanes(Operation *) const { return getLanes(); }
int64_t ElementwiseUnitAttr::getOutputLanes(Operation *) const { return getLanes(); }

Schedule ElementwiseUnitAttr::getSchedule(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  int64_t items = getChannelType(process.getResult()).getElements() / getLanes();
  Schedule schedule;
  schedule.steps = items;
  schedule.latency = std::max<int64_t>(1, getElementwiseStages(ProcessBody::get(process).elementwise));
  schedule.reads.assign(process.getInputs().size(), AccessPattern::every(0, 1, items));
  schedule.writes = {AccessPattern::every(0, 1, items)};
  return schedule;
}

Resources ElementwiseUnitAttr::getResources(Operation *op) const {
  auto process = cast<ProcessOp>(op);
  int64_t groups = getChannelType(process.getResult()).getElements() / getLanes();
  Resources resources = getControlCost(groups);
  resources += getElementwiseCost(ProcessBody::get(process).elementwise, getLanes(), groups, getMultiplier());
  return resources;
}
