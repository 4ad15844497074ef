//===- SumacToStream.cpp - Integer level to streams -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-sumac-to-stream`: groups operations into processes, forks values with
// several readers, and moves the operations into the processes' bodies.
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/SumacToStream/SumacToStream.h"
#include "sumac/Conversion/Rows.h"

#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Driver/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

namespace sumac {
#define GEN_PASS_DEF_CONVERTSUMACTOSTREAM
#include "sumac/Conversion/SumacToStream/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

namespace {

/// Operations that become one process.
struct Group {
  SmallVector<Operation *> ops;
  SmallVector<Value> inputs; ///< values of other groups, or arguments
  Value getResult() const { return ops.back()->getResult(0); }
};

class Converter {
public:
  explicit Converter(func::FuncOp function) : function(function) {}
  LogicalResult convert();

private:
  LogicalResult check();
  LogicalResult checkOp(Operation *op);
  LogicalResult checkReshape(Operation *op);
  LogicalResult checkForm(LinearOp linear);
  LogicalResult checkReaders();
  std::string getInputName(BlockArgument argument);
  LogicalResult checkFrame(Operation *op, Value value, StringRef what);
  void group();
  void build();
  void buildProcess(OpBuilder &builder, const Group &group);
  void buildBody(ProcessOp process, const Group &group);
  /// A channel for one more reader of a value.
  Value takeChannel(Value value);
  /// Makes the value's channel known, forked as often as it is read.
  void giveChannel(OpBuilder &builder, Value value, Value channel);
  std::string makeName(Operation *op);
  std::string makeUnique(const std::string &name);

  func::FuncOp function;
  SmallVector<Group> groups;
  DenseMap<Value, unsigned> readers;
  DenseMap<Value, SmallVector<Value>> channels; ///< not read yet
  llvm::StringSet<> names;
};

} // namespace

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

LogicalResult Converter::checkFrame(Operation *op, Value value, StringRef what) {
  if (getRowElements(value))
    return success();
  return op->emitError() << "cannot stream: " << what << " of type " << value.getType()
                         << " is no batch of rows of integers; quantize it, and give all dimensions but the first "
                            "a size (2^24 elements at most)";
}

LogicalResult Converter::checkReshape(Operation *op) {
  auto from = getRowElements(op->getOperand(0)), to = getRowElements(op->getResult(0));
  if (from && to && *from != *to && !skipReshapes(op->getOperand(0)).getDefiningOp<ConstantOp>())
    return op->emitError() << "cannot stream: it makes frames of " << *to << " elements out of frames of " << *from;
  return success();
}

/// Bits of a frame as one item, for units that take it so.
static int64_t getFrameBits(Value value) {
  return *getRowElements(value) * getElementBits(value);
}

/// Removes a form that has no unit here where it was but a wish.
LogicalResult Converter::checkForm(LinearOp linear) {
  FormAttrInterface form = linear.getFormAttr();
  if (!form)
    return success();
  std::string problem;
  if (isa<AdderGraphAttr>(form)) {
    int64_t bits = std::max(getFrameBits(linear.getInput()), getFrameBits(linear.getResult()));
    if (bits > kMaxItemBits)
      problem = "takes and gives frames as one item, here of " + std::to_string(bits) + " bits; " +
                std::to_string(kMaxItemBits) + " are the most";
    else if (!hasUnrolledForm(linear))
      problem = "needs sums of more than " + std::to_string(kMaxAdderBits) + " bits";
  } else if (int64_t multiple = getInputMultiple(linear); multiple == 0) {
    problem = "is one for which target hls has no unit";
  } else if (!hasFoldedForm(linear)) {
    problem = multiple > 1 ? "needs a multiple of " + std::to_string(multiple) + " inputs"
                           : std::string("needs more than 64 bits for a weight's signed powers of two");
  }
  if (problem.empty())
    return success();
  if (!linear->hasAttr(kIfPossibleAttr))
    return linear.emitError() << "cannot stream: its form " << form.getFormName() << " " << problem;
  linear.removeFormAttr();
  return success();
}

LogicalResult Converter::checkOp(Operation *op) {
  if (isReshape(op))
    return checkReshape(op);
  if (isa<ConstantOp, func::ReturnOp>(op) || isIndexOp(op))
    return success();
  if (auto linear = dyn_cast<LinearOp>(op)) {
    if (!linear.getWeights().getDefiningOp<ConstantOp>() ||
        (linear.getBias() && !linear.getBias().getDefiningOp<ConstantOp>()))
      return op->emitError("cannot stream: weights or bias are not constant");
    if (failed(checkFrame(op, linear.getInput(), "an input")))
      return failure();
    if (*getRowElements(linear.getInput()) != linear.getWeights().getType().getDimSize(1))
      return op->emitError("cannot stream: the layer takes several rows of each frame; only a layer on whole frames "
                           "becomes a process yet");
    return checkForm(linear);
  }
  if (!isElementwise(op))
    return op->emitError() << "cannot stream: there is no process for '" << op->getName()
                           << "' yet; linear layers, quantizers and joins of branches stream";
  if (failed(checkFrame(op, op->getResult(0), "a result")))
    return failure();
  if (!hasConstantsByElement(op))
    return op->emitError("cannot stream: its constants are for channels of a tensor with other dimensions beside the "
                         "channels");
  for (Value operand : op->getOperands())
    if (skipReshapes(operand).getDefiningOp<ConstantOp>())
      return op->emitError("cannot stream: a join with a constant is not supported");
  return success();
}

std::string Converter::getInputName(BlockArgument argument) {
  auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "sumac.name");
  return name ? name.str() : std::to_string(argument.getArgNumber());
}

LogicalResult Converter::check() {
  if (!function.getBody().hasOneBlock())
    return function.emitError("cannot stream: expected a function of one block");
  LogicalResult result = success();
  for (BlockArgument argument : function.getArguments()) {
    if (failed(checkFrame(function, argument, "input '" + getInputName(argument) + "'")))
      result = failure();
    else if (argument.use_empty())
      result = function.emitError() << "cannot stream: input '" << getInputName(argument) << "' is not used";
  }
  for (Operation &op : function.getBody().front())
    if (failed(checkOp(&op)))
      result = failure();
  for (Value value : function.getBody().front().getTerminator()->getOperands())
    if (skipReshapes(value).getDefiningOp<ConstantOp>() || !getRowElements(value))
      result = function.emitError("cannot stream: an output is a constant or no batch of rows of integers");
  if (failed(result))
    return failure();
  // A frame is a row of every input and output.
  auto getRows = [](Value value) { return cast<RankedTensorType>(value.getType()).getDimSize(0); };
  SmallVector<Value> ports(function.getArguments());
  llvm::append_range(ports, function.getBody().front().getTerminator()->getOperands());
  for (Value port : ports)
    if (getRows(port) != getRows(ports.front()))
      return function.emitError("cannot stream: inputs and outputs have unequal numbers of rows");
  return success();
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

void Converter::group() {
  Block &block = function.getBody().front();
  // How often a value is read, through reshapes.
  DenseMap<Value, unsigned> uses;
  for (Operation &op : block)
    if (!isReshape(&op) && !isIndexOp(&op) && !isa<ConstantOp>(op))
      for (Value operand : op.getOperands())
        ++uses[skipReshapes(operand)];
  DenseMap<Value, size_t> groupOf;
  for (Operation &op : block) {
    if (isReshape(&op) || isIndexOp(&op) || isa<ConstantOp, func::ReturnOp>(op))
      continue;
    Value first = skipReshapes(op.getOperand(0));
    auto found = groupOf.find(first);
    // An operation with one operand goes behind what computes that for it alone.
    if (found != groupOf.end() && uses.lookup(first) == 1 && op.getNumOperands() == 1) {
      groups[found->second].ops.push_back(&op);
      groupOf[op.getResult(0)] = found->second;
      continue;
    }
    Group &group = groups.emplace_back();
    group.ops.push_back(&op);
    for (Value operand : op.getOperands())
      if (!operand.getDefiningOp<ConstantOp>())
        group.inputs.push_back(skipReshapes(operand));
    groupOf[op.getResult(0)] = groups.size() - 1;
  }
  for (const Group &group : groups)
    for (Value input : group.inputs)
      ++readers[input];
  for (Value value : block.getTerminator()->getOperands())
    ++readers[skipReshapes(value)];
  // What nobody reads is not built.
  for (size_t i = groups.size(); i-- > 0;)
    if (readers.lookup(groups[i].getResult()) == 0) {
      for (Value input : groups[i].inputs)
        --readers[input];
      groups.erase(groups.begin() + static_cast<int64_t>(i));
    }
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

/// The channel that carries a tensor's frames, an element an item.
static ChannelType makeChannelType(Value value) {
  return ChannelType::get(value.getContext(), *getRowElements(value),
                          cast<IntegerType>(getElementTypeOrSelf(value.getType())), 1);
}

Value Converter::takeChannel(Value value) { return channels[skipReshapes(value)].pop_back_val(); }

void Converter::giveChannel(OpBuilder &builder, Value value, Value channel) {
  unsigned count = readers.lookup(value);
  if (count < 2) {
    channels[value] = {channel};
    return;
  }
  SmallVector<Type> types(count, channel.getType());
  auto fork = ForkOp::create(builder, value.getLoc(), types, channel);
  channels[value] = llvm::to_vector(llvm::reverse(ValueRange(fork.getResults())));
}

std::string Converter::makeName(Operation *op) {
  std::string name = getNodeName(op->getLoc());
  return makeUnique(name.empty() ? op->getName().stripDialect().str() : name);
}

std::string Converter::makeUnique(const std::string &name) {
  std::string unique = name;
  for (unsigned i = 2; !names.insert(unique).second; ++i)
    unique = name + "_" + std::to_string(i);
  return unique;
}

/// In a process a table's input may be all that its type holds, where in the model
/// it is known to be less: entries that are never asked for are added.
static void widenTable(TableOp table) {
  constexpr unsigned kMaxBits = 16;
  if (getElementBits(table.getInput()) > kMaxBits)
    return;
  IntegerRange range = *getTypeRange(table.getInput().getType());
  auto first = static_cast<int64_t>(table.getFirst());
  int64_t channels = table.getTable().getShapedType().getDimSize(0), size = table.getTable().getShapedType().getDimSize(1);
  int64_t front = std::max<int64_t>(0, first - range.min), back = std::max<int64_t>(0, range.max - (first + size - 1));
  if (front + back == 0)
    return;
  SmallVector<int64_t> entries = readPayloadIntegers(table.getTable());
  auto element = cast<IntegerType>(table.getTable().getShapedType().getElementType());
  std::vector<APInt> wide;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = -front; i < size + back; ++i) {
      int64_t entry = entries[c * size + std::clamp<int64_t>(i, 0, size - 1)];
      wide.push_back(APInt(element.getWidth(), static_cast<uint64_t>(entry), element.isSigned(), /*implicitTrunc=*/true));
    }
  auto type = RankedTensorType::get({channels, front + size + back}, element);
  table.setTableAttr(DenseElementsAttr::get(type, wide));
  table.setFirst(static_cast<uint64_t>(first - front));
}

void Converter::buildBody(ProcessOp process, const Group &group) {
  Block &block = process.getBody().emplaceBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  auto getFrame = [](Value value) { return makeChannelType(value).getFrameType(); };
  IRMapping mapping;
  SmallVector<BlockArgument> arguments;
  for (Value input : group.inputs)
    arguments.push_back(block.addArgument(getFrame(input), input.getLoc()));
  Value last;
  for (Operation *op : group.ops) {
    unsigned next = 0;
    for (Value operand : op->getOperands()) {
      if (auto constant = operand.getDefiningOp<ConstantOp>())
        mapping.map(operand, builder.clone(*constant)->getResult(0));
      else if (op == group.ops.front())
        mapping.map(operand, arguments[next++]);
      else
        mapping.map(operand, last);
    }
    Operation *copy = builder.clone(*op, mapping);
    // An operand may occur twice; each is an argument of its own.
    if (op == group.ops.front() && group.inputs.size() == op->getNumOperands())
      copy->setOperands(ValueRange(block.getArguments()));
    copy->getResult(0).setType(getFrame(op->getResult(0)));
    if (auto table = dyn_cast<TableOp>(copy))
      widenTable(table);
    last = copy->getResult(0);
  }
  YieldOp::create(builder, process.getLoc(), last);
}

/// The smallest unit for a layer, or the one for its form.
static Attribute makeUnit(LinearOp linear) {
  if (isa_and_nonnull<AdderGraphAttr>(linear.getFormAttr()))
    return UnrolledUnitAttr::getFor(linear);
  return FoldedUnitAttr::get(linear.getContext(), 1, getInputMultiple(linear), Memory::LUT, Multiplier::LUT);
}

void Converter::buildProcess(OpBuilder &builder, const Group &group) {
  SmallVector<Value> inputs;
  for (Value input : group.inputs)
    inputs.push_back(takeChannel(input));
  MLIRContext *context = builder.getContext();
  Attribute unit = ElementwiseUnitAttr::get(context, 1, Multiplier::LUT);
  if (auto linear = dyn_cast<LinearOp>(group.ops.front()))
    unit = makeUnit(linear);
  auto process = ProcessOp::create(builder, group.ops.front()->getLoc(), makeChannelType(group.getResult()),
                                   makeName(group.ops.front()), inputs, cast<UnitAttrInterface>(unit));
  buildBody(process, group);
  giveChannel(builder, group.getResult(), process.getResult());
}

/// A process that gives what it takes.
static Value buildCopy(OpBuilder &builder, Value channel, StringRef name) {
  auto unit = ElementwiseUnitAttr::get(builder.getContext(), 1, Multiplier::LUT);
  auto process = ProcessOp::create(builder, channel.getLoc(), channel.getType(), name, channel, unit);
  Block &block = process.getBody().emplaceBlock();
  BlockArgument frame = block.addArgument(getChannelType(channel).getFrameType(), channel.getLoc());
  OpBuilder inner = OpBuilder::atBlockEnd(&block);
  YieldOp::create(inner, channel.getLoc(), frame);
  return process.getResult();
}

void Converter::build() {
  OpBuilder builder(function);
  builder.setInsertionPointAfter(function);
  auto network = NetworkOp::create(builder, function.getLoc(), kDesignName);
  Block &block = network.getBody().emplaceBlock();
  builder.setInsertionPointToEnd(&block);
  for (BlockArgument argument : function.getArguments())
    giveChannel(builder, argument, block.addArgument(makeChannelType(argument), argument.getLoc()));
  for (const Group &group : groups)
    buildProcess(builder, group);
  Operation *end = function.getBody().front().getTerminator();
  SmallVector<Value> outputs;
  for (Value value : end->getOperands()) {
    Value channel = takeChannel(value);
    // What goes in does not come out without a process between.
    if (isa<BlockArgument>(skipReshapes(value)))
      channel = buildCopy(builder, channel, makeUnique("copy"));
    outputs.push_back(channel);
  }
  OutputOp::create(builder, end->getLoc(), outputs);
  matchLanes(network);
}

/// Every input is read by something that counts.
LogicalResult Converter::checkReaders() {
  LogicalResult result = success();
  for (BlockArgument argument : function.getArguments())
    if (readers.lookup(argument) == 0)
      result = function.emitError() << "cannot stream: input '" << getInputName(argument) << "' is not used";
  return result;
}

LogicalResult Converter::convert() {
  if (failed(check()))
    return failure();
  group();
  if (failed(checkReaders()))
    return failure();
  build();
  return success();
}

namespace {
struct ConvertSumacToStream : public sumac::impl::ConvertSumacToStreamBase<ConvertSumacToStream> {
  void runOnOperation() override {
    if (getOperation().lookupSymbol(kDesignName))
      return;
    auto function = getOperation().lookupSymbol<func::FuncOp>("main_raw");
    if (!function || function.isExternal()) {
      getOperation().emitError("has no function @main_raw; run sumac-add-raw-entry first");
      return signalPassFailure();
    }
    if (failed(Converter(function).convert()))
      signalPassFailure();
  }
};
} // namespace
