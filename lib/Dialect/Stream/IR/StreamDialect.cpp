//===- StreamDialect.cpp - Dialect, types and operations -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

#include "sumac/Dialect/Stream/IR/StreamDialect.cpp.inc"
#include "sumac/Dialect/Stream/IR/StreamEnums.cpp.inc"

#include "sumac/Dialect/Stream/IR/StreamAttrInterfaces.cpp.inc"
#include "sumac/Dialect/Stream/IR/StreamOpInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sumac/Dialect/Stream/IR/StreamTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "sumac/Dialect/Stream/IR/StreamAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/Stream/IR/StreamOps.cpp.inc"

void StreamDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "sumac/Dialect/Stream/IR/StreamTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sumac/Dialect/Stream/IR/StreamAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "sumac/Dialect/Stream/IR/StreamOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

LogicalResult ChannelType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t elements, IntegerType type,
                                  int64_t lanes) {
  if (type.isSignless())
    return emitError() << "a channel carries signed or unsigned integers, not " << type;
  if (type.getWidth() < 1 || type.getWidth() > 64)
    return emitError() << "a channel carries integers of 1 to 64 bits, not " << type;
  if (elements < 1 || elements > kMaxFrameElements)
    return emitError() << "a frame has 1 to 2^24 elements, not " << elements;
  if (lanes < 1 || elements % lanes != 0)
    return emitError() << "lanes must divide the elements of a frame: " << lanes << " and " << elements;
  return success();
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

bool stream::isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || isa<LinearOp, ArgMaxOp, ReduceMaxOp>(op) ||
      !isa<IntegerRangeOpInterface>(op))
    return false;
  auto result = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  return result && isa<IntegerType>(result.getElementType()) && op->getNumOperands() > 0 &&
         llvm::all_of(op->getOperandTypes(), [&](Type type) {
           auto tensor = dyn_cast<RankedTensorType>(type);
           return tensor && tensor.getShape() == result.getShape() && isa<IntegerType>(tensor.getElementType());
         });
}

ProcessBody ProcessBody::get(ProcessOp process) {
  ProcessBody body;
  for (Operation &op : process.getBody().front().without_terminator()) {
    if (auto linear = dyn_cast<LinearOp>(op))
      body.linear = linear;
    else if (!isa<ConstantOp>(op))
      body.elementwise.push_back(&op);
  }
  return body;
}

CodingAttrInterface stream::getWeights(LinearOp linear) {
  return linear.getWeights().getDefiningOp<ConstantOp>().getValue();
}

SmallVector<int64_t> stream::readBias(LinearOp linear) {
  if (!linear.getBias())
    return {};
  CodingAttrInterface bias = linear.getBias().getDefiningOp<ConstantOp>().getValue();
  SmallVector<int64_t> values(bias.getShape()[0]);
  bias.decodeIntegers(0, values);
  return values;
}

IntegerType stream::getElementType(Value value) { return cast<IntegerType>(getElementTypeOrSelf(value)); }
unsigned stream::getElementBits(Value value) { return getElementType(value).getWidth(); }

//===----------------------------------------------------------------------===//
// Network
//===----------------------------------------------------------------------===//

OutputOp NetworkOp::getOutput() { return cast<OutputOp>(getBody().front().back()); }

LogicalResult NetworkOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.empty() || !isa<OutputOp>(block.back()))
    return emitOpError("must end with stream.output");
  auto check = [](Value channel, auto emit) -> LogicalResult {
    if (!isa<ChannelType>(channel.getType()))
      return emit() << "takes channels alone";
    if (!channel.hasOneUse())
      return emit() << "has a channel with " << llvm::range_size(channel.getUses())
                    << " readers; a channel has exactly one (stream.fork copies it)";
    return success();
  };
  for (BlockArgument argument : block.getArguments())
    if (failed(check(argument, [&] { return emitOpError(); })))
      return failure();
  for (Operation &op : block) {
    if (&op != &block.back() && !isa<StreamOpInterface, FifoOp>(op))
      return op.emitOpError("is no process; a network holds processes and FIFOs alone");
    for (OpResult result : op.getResults())
      if (failed(check(result, [&] { return op.emitOpError(); })))
        return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Processes
//===----------------------------------------------------------------------===//

LogicalResult ProcessOp::verify() {
  if (getInputs().empty())
    return emitOpError("reads no channel");
  return success();
}

/// The operations of a body and their order; units check the rest.
static LogicalResult verifyBody(ProcessOp process) {
  Block &block = process.getBody().front();
  bool hasLayer = false;
  for (Operation &op : block.without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    if (auto linear = dyn_cast<LinearOp>(op)) {
      if (hasLayer || linear.getInput() != block.getArgument(0) || process.getInputs().size() != 1)
        return linear.emitOpError("must be the process's only layer and take its only argument");
      if (!linear.getWeights().getDefiningOp<ConstantOp>() ||
          (linear.getBias() && !linear.getBias().getDefiningOp<ConstantOp>()))
        return linear.emitOpError("must have constant weights and bias in a process");
      hasLayer = true;
      continue;
    }
    if (!isElementwise(&op))
      return op.emitOpError("cannot be computed by a process: it is neither a layer nor elementwise on integers");
  }
  return success();
}

LogicalResult stream::verifyUnit(ProcessOp process, UnitAttrInterface unit) {
  if (failed(unit.verifyProcess(process)))
    return failure();
  auto check = [&](Value channel, int64_t lanes) -> LogicalResult {
    int64_t bits = lanes * getChannelType(channel).getElementType().getWidth();
    if (bits <= kMaxItemBits)
      return success();
    return process.emitOpError() << "would have items of " << bits << " bits with this unit; " << kMaxItemBits
                                 << " are the most";
  };
  for (Value input : process.getInputs())
    if (failed(check(input, unit.getInputLanes(process))))
      return failure();
  return check(process.getResult(), unit.getOutputLanes(process));
}

/// The lanes of the channels are those of the unit.
static LogicalResult verifyLanes(ProcessOp process) {
  auto getLanes = [](Value channel) { return getChannelType(channel).getLanes(); };
  int64_t reads = process.getUnit().getInputLanes(process), writes = process.getUnit().getOutputLanes(process);
  for (Value input : process.getInputs())
    if (getLanes(input) != reads)
      return process.emitOpError() << "reads a channel of " << getLanes(input) << " lanes where its unit takes "
                                   << reads;
  if (getLanes(process.getResult()) != writes)
    return process.emitOpError() << "writes a channel of " << getLanes(process.getResult())
                                 << " lanes where its unit gives " << writes;
  return success();
}

LogicalResult ProcessOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size())
    return emitOpError("must have a frame for each operand");
  for (auto [argument, input] : llvm::zip(block.getArguments(), getInputs()))
    if (argument.getType() != getChannelType(input).getFrameType())
      return emitOpError() << "has a frame of type " << argument.getType() << " where its channel carries "
                           << getChannelType(input).getFrameType();
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield)
    return emitOpError("must end with stream.yield");
  if (yield.getFrame().getType() != getResult().getType().getFrameType())
    return emitOpError() << "yields " << yield.getFrame().getType() << " where its channel carries "
                         << getResult().getType().getFrameType();
  if (failed(verifyBody(*this)))
    return failure();
  if (failed(verifyUnit(*this, getUnit())))
    return failure();
  return verifyLanes(*this);
}

Schedule ProcessOp::getSchedule() { return getUnit().getSchedule(*this); }
Resources ProcessOp::getResources() { return getUnit().getResources(*this); }
std::string ProcessOp::getProcessName() { return getName().str(); }

//===----------------------------------------------------------------------===//
// Fork
//===----------------------------------------------------------------------===//

LogicalResult ForkOp::verify() {
  if (getResults().size() < 2)
    return emitOpError("has less than two results");
  for (Type type : getResults().getTypes())
    if (type != getInput().getType())
      return emitOpError("must not change the channel's type");
  return success();
}

Schedule ForkOp::getSchedule() {
  int64_t items = getChannelType(getInput()).getItems();
  Schedule schedule{items, 1, {AccessPattern::every(0, 1, items)}, {}};
  schedule.writes.assign(getResults().size(), AccessPattern::every(0, 1, items));
  return schedule;
}

Resources ForkOp::getResources() {
  Resources resources;
  resources.lut = 4; // handshakes
  resources.ff = static_cast<double>(getChannelType(getInput()).getItemBits());
  return resources;
}

std::string ForkOp::getProcessName() { return "fork"; }

//===----------------------------------------------------------------------===//
// Resize
//===----------------------------------------------------------------------===//

LogicalResult ResizeOp::verify() {
  ChannelType from = getChannelType(getInput()), to = getChannelType(getResult());
  if (from.withLanes(to.getLanes()) != to)
    return emitOpError("changes more than the number of lanes");
  if (from.getLanes() % to.getLanes() != 0 && to.getLanes() % from.getLanes() != 0)
    return emitOpError() << "cannot go from " << from.getLanes() << " lanes to " << to.getLanes()
                         << ": one must divide the other";
  return success();
}

Schedule ResizeOp::getSchedule() {
  int64_t in = getChannelType(getInput()).getItems();
  int64_t out = getChannelType(getResult()).getItems();
  int64_t steps = std::max(in, out);
  // A wide item is read in front of the first narrow one, and written behind
  // the last.
  return {steps, 1, {AccessPattern::every(0, steps / in, in)}, {AccessPattern::every(steps / out - 1, steps / out, out)}};
}

Resources ResizeOp::getResources() {
  ChannelType from = getChannelType(getInput()), to = getChannelType(getResult());
  auto bits = static_cast<double>(std::max(from.getItemBits(), to.getItemBits()));
  Resources resources;
  resources.lut = bits + 8;
  resources.ff = 2 * bits + 8;
  return resources;
}

std::string ResizeOp::getProcessName() {
  return "resize_" + std::to_string(getChannelType(getInput()).getLanes()) + "_to_" +
         std::to_string(getChannelType(getResult()).getLanes());
}

//===----------------------------------------------------------------------===//
// FIFO
//===----------------------------------------------------------------------===//

LogicalResult FifoOp::verify() {
  int64_t depth = static_cast<int64_t>(getDepth());
  if (depth < 1)
    return emitOpError("must have a depth of 1 or more");
  return success();
}
