//===- Ports.cpp - Inputs and outputs of a module ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Derives names, types and grids of a model's inputs and outputs from @main and
// @main_raw, and stores them as JSON in an artifact's metadata.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Target/Backend.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"

using namespace sumac;
using namespace mlir;

//===----------------------------------------------------------------------===//
// From the IR
//===----------------------------------------------------------------------===//

static std::string printAttribute(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  return text;
}

/// The bounds of an IR type that its host type does not imply.
static std::optional<Bounds> getBounds(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.getWidth() >= 64)
    return std::nullopt;
  if (integer.isSignlessInteger(1))
    return Bounds{0, 1};
  if (integer.getWidth() == 8 * getByteWidth(*getHostType(type)))
    return std::nullopt;
  return Bounds{GridAttr::getStorageMin(integer),
                GridAttr::getStorageMax(integer)};
}

/// Name, type and shape of the argument or result number `index`.
static LogicalResult fillPort(func::FuncOp function, Type type,
                              DictionaryAttr attributes, StringRef what,
                              unsigned index, Port &port) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  std::optional<HostType> element =
      tensor ? getHostType(tensor.getElementType()) : std::nullopt;
  if (!element)
    return function.emitError() << what << " " << index << " has type " << type
                                << ", which cannot cross the model's boundary";
  auto name =
      attributes ? attributes.getAs<StringAttr>("sumac.name") : StringAttr();
  port.name = name ? name.str() : (what + Twine(index)).str();
  port.type = port.rawType = *element;
  port.bounds = port.rawBounds = getBounds(tensor.getElementType());
  port.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  return success();
}

/// A module that holds nothing but operations of one operand, given in reverse
/// order.
static std::string printAlone(ArrayRef<Operation *> ops) {
  OpBuilder builder(ops.front()->getContext());
  Location loc = ops.front()->getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(
      builder, loc, "main",
      builder.getFunctionType(ops.back()->getOperandTypes(), ops.front()->getResultTypes()));
  // Tables need what is known about their input.
  Value input = ops.back()->getOperand(0);
  if (auto ranges = inferRangesFromDefinitions(input); ranges && !ranges->empty()) {
    IntegerRange range = getHull(*ranges);
    function.setArgAttr(0, kRangeAttrName, builder.getDenseI64ArrayAttr({range.min, range.max}));
  }
  builder.setInsertionPointToStart(function.addEntryBlock());
  IRMapping mapping;
  mapping.map(input, function.getArgument(0));
  Operation *copy = nullptr;
  for (Operation *op : llvm::reverse(ops))
    copy = builder.clone(*op, mapping);
  func::ReturnOp::create(builder, loc, copy->getResults());
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}

/// The operation, if it is the only user of the argument, that encodes it to
/// the type that @main_raw takes instead.
static void fillEncoder(BlockArgument argument, Port &port) {
  if (!argument.hasOneUse())
    return;
  Operation *encoder = *argument.user_begin();
  if (!isa<EncodeOp, ThresholdOp>(encoder))
    return;
  if (auto encode = dyn_cast<EncodeOp>(encoder))
    port.grid = printAttribute(encode.getGrid());
  auto code = cast<IntegerType>(getElementTypeOrSelf(encoder->getResult(0)));
  port.rawBounds = getBounds(code);
  // A range narrower than its type is promised to all that follows.
  IntegerRange all = *getTypeRange(code);
  std::optional<ChannelRanges> ranges = inferRangesFromProducer(encoder->getResult(0));
  if (ranges && !ranges->empty())
    if (IntegerRange range = getHull(*ranges); range.min > all.min || range.max < all.max)
      port.rawBounds = Bounds{range.min, range.max};
  port.encoder = printAlone(encoder);
}

/// The grid that a result is decoded from, looking through reshapes.
static void fillOutputGrid(Value value, Port &port) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto decode = dyn_cast<DecodeOp>(op)) {
      port.grid = printAttribute(decode.getGrid());
      if (decode.getOffset())
        port.offset = printAttribute(*decode.getOffset());
      return;
    }
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
            op))
      return;
    value = op->getOperand(0);
  }
}

/// Takes the raw types from @main_raw, which has the same ports.
static LogicalResult fillRawTypes(func::FuncOp raw, ModulePorts &ports) {
  FunctionType type = raw.getFunctionType();
  if (type.getNumInputs() != ports.inputs.size() ||
      type.getNumResults() != ports.outputs.size())
    return raw.emitError("has other inputs or outputs than 'main'");
  auto fill = [&](Type type, Port &port) -> LogicalResult {
    std::optional<HostType> element = getHostType(getElementTypeOrSelf(type));
    if (!element)
      return raw.emitError() << "type " << type << " of '" << port.name
                             << "' cannot cross the model's boundary";
    port.rawType = *element;
    return success();
  };
  for (auto [type, port] : llvm::zip(type.getInputs(), ports.inputs))
    if (failed(fill(type, port)))
      return failure();
  for (auto [type, port] : llvm::zip(type.getResults(), ports.outputs))
    if (failed(fill(type, port)))
      return failure();
  ports.hasRawEntry = true;
  return success();
}

FailureOr<ModulePorts> sumac::getModulePorts(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isDeclaration())
    return module.emitError("has no function 'main'");
  ModulePorts ports;
  FunctionType type = main.getFunctionType();
  for (auto [index, input] : llvm::enumerate(type.getInputs())) {
    Port &port = ports.inputs.emplace_back();
    if (failed(fillPort(main, input, main.getArgAttrDict(index), "input", index,
                        port)))
      return failure();
    fillEncoder(main.getArgument(index), port);
  }
  Operation *end = main.getBody().back().getTerminator();
  for (auto [index, result] : llvm::enumerate(type.getResults())) {
    Port &port = ports.outputs.emplace_back();
    if (failed(fillPort(main, result, main.getResultAttrDict(index), "output",
                        index, port)))
      return failure();
    fillOutputGrid(end->getOperand(index), port);
    if (SmallVector<Operation *> tail = getFloatTail(end->getOperand(index)); !tail.empty())
      port.decoder = printAlone(tail);
  }
  if (auto raw = module.lookupSymbol<func::FuncOp>("main_raw"))
    if (failed(fillRawTypes(raw, ports)))
      return failure();
  return ports;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

llvm::json::Object sumac::toJSON(const Port &port) {
  llvm::json::Array shape;
  for (int64_t size : port.shape)
    shape.push_back(ShapedType::isDynamic(size) ? llvm::json::Value(nullptr)
                                                : llvm::json::Value(size));
  llvm::json::Object object{{"name", port.name},
                            {"dtype", stringifyHostType(port.type)},
                            {"raw_dtype", stringifyHostType(port.rawType)},
                            {"shape", std::move(shape)}};
  if (port.bounds)
    object["range"] = llvm::json::Array{port.bounds->min, port.bounds->max};
  if (port.rawBounds)
    object["raw_range"] =
        llvm::json::Array{port.rawBounds->min, port.rawBounds->max};
  if (!port.grid.empty())
    object["grid"] = port.grid;
  if (!port.encoder.empty())
    object["encoder"] = port.encoder;
  if (!port.offset.empty())
    object["offset"] = port.offset;
  if (!port.decoder.empty())
    object["decoder"] = port.decoder;
  return object;
}

static std::optional<HostType> getTypeEntry(const llvm::json::Object &object,
                                            StringRef key) {
  std::optional<StringRef> text = object.getString(key);
  return text ? parseHostType(*text) : std::nullopt;
}

/// Reads [min, max]; false where the entry is something else.
static bool parseBounds(const llvm::json::Object &object, StringRef key,
                        std::optional<Bounds> &bounds) {
  const llvm::json::Value *entry = object.get(key);
  if (!entry)
    return true;
  const llvm::json::Array *array = entry->getAsArray();
  if (!array || array->size() != 2)
    return false;
  std::optional<int64_t> min = (*array)[0].getAsInteger();
  std::optional<int64_t> max = (*array)[1].getAsInteger();
  if (!min || !max || *min > *max)
    return false;
  bounds = Bounds{*min, *max};
  return true;
}

llvm::Expected<Port> sumac::parsePort(const llvm::json::Value &value) {
  auto fail = [](StringRef what) {
    return llvm::createStringError("a port in the metadata has no valid \"" +
                                   what + "\"");
  };
  const llvm::json::Object *object = value.getAsObject();
  if (!object || !object->getString("name"))
    return fail("name");
  Port port;
  port.name = object->getString("name")->str();
  std::optional<HostType> type = getTypeEntry(*object, "dtype");
  std::optional<HostType> rawType = getTypeEntry(*object, "raw_dtype");
  if (!type)
    return fail("dtype");
  if (!rawType)
    return fail("raw_dtype");
  port.type = *type;
  port.rawType = *rawType;
  const llvm::json::Array *shape = object->getArray("shape");
  if (!shape)
    return fail("shape");
  for (const llvm::json::Value &entry : *shape) {
    std::optional<int64_t> size = entry.getAsInteger();
    if (!entry.getAsNull() && (!size || *size < 0))
      return fail("shape");
    port.shape.push_back(size.value_or(ShapedType::kDynamic));
  }
  if (!parseBounds(*object, "range", port.bounds))
    return fail("range");
  if (!parseBounds(*object, "raw_range", port.rawBounds))
    return fail("raw_range");
  port.grid = object->getString("grid").value_or("").str();
  port.encoder = object->getString("encoder").value_or("").str();
  port.offset = object->getString("offset").value_or("").str();
  port.decoder = object->getString("decoder").value_or("").str();
  return port;
}
