//===- Converter.cpp - Walking an ONNX graph ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Converts one function: inputs, then nodes in order by their rules, then
// outputs. Errors are collected, so that all nodes that cannot be converted are
// known, and so that the whole can be tried again with fixed sizes.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

const RuleRegistry &RuleRegistry::get() {
  static const RuleRegistry registry = [] {
    RuleRegistry rules;
    addQuantRules(rules);
    addQOnnxRules(rules);
    addLinearRules(rules);
    addIntegerLinearRules(rules);
    addElementwiseRules(rules);
    addActivationRules(rules);
    addShapeRules(rules);
    addIndexingRules(rules);
    addReductionRules(rules);
    addMicrosoftRules(rules);
    return rules;
  }();
  return registry;
}

Tensor &Converter::lookup(Value value) {
  std::unique_ptr<Tensor> &tensor = tensors[value];
  if (!tensor)
    tensor = std::make_unique<Tensor>();
  return *tensor;
}

void Converter::emitErrors() const {
  for (const auto &[loc, message] : errors)
    emitError(loc) << message;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

int Converter::getSymbol(StringRef name, int64_t declared) {
  for (auto [index, symbol] : llvm::enumerate(symbols))
    if (symbol.name == name)
      return static_cast<int>(index);
  symbols.push_back({name.str(), declared});
  return static_cast<int>(symbols.size() - 1);
}

/// Sizes of equal name are equal, and so are leading sizes without a name and
/// leading sizes that the file declares with one number. (The names made here
/// begin with a character that cannot clash with a useful name.)
Shape Converter::getInputShape(RankedTensorType type, ArrayAttr names) {
  Shape shape;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size)) {
      bool freed = i == 0 && dynamicBatch;
      freedBatch |= freed;
      shape.push_back(freed ? Dim(1, getSymbol(("\1rows of " + Twine(size)).str(), size)) : Dim(size));
      continue;
    }
    StringRef name;
    if (names && i < names.size())
      if (auto given = dyn_cast<StringAttr>(names[i]))
        name = given.getValue();
    std::string unnamed = i == 0 ? "\1rows" : "\1size " + std::to_string(symbols.size());
    shape.push_back(Dim(1, getSymbol(name.empty() ? StringRef(unnamed) : name, 1)));
  }
  return shape;
}

void Converter::convertInputs(Operation *source, Operation *target) {
  auto from = cast<func::FuncOp>(source), to = cast<func::FuncOp>(target);
  for (BlockArgument argument : from.getArguments()) {
    NamedAttrList attributes(from.getArgAttrDict(argument.getArgNumber()));
    auto names = dyn_cast_or_null<ArrayAttr>(attributes.erase("onnx.dims"));
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    Type element = type ? type.getElementType() : Type();
    bool usable = isa_and_nonnull<Float16Type, BFloat16Type, Float32Type, Float64Type>(element) ||
                  (isa_and_nonnull<IntegerType>(element) && !element.isSignlessInteger());
    if (!usable) {
      // Unused inputs do no harm, but have no type either.
      addError(argument.getLoc(), type ? "the input has elements of type " + getTypeName(element) +
                                             "; Sumac takes floats and integers of 2 to 64 bits"
                                       : "the input is no tensor of known shape; give it a shape in "
                                         "the file");
      continue;
    }
    Tensor &tensor = lookup(argument);
    tensor.known = true;
    tensor.shape = getInputShape(type, names);
    tensor.elementType = element;
    RankedTensorType newType = getTensorType(tensor.shape, element);
    if (newType != type && !type.isDynamicDim(0))
      attributes.set("sumac.declared_batch", builder.getI64IntegerAttr(type.getDimSize(0)));
    unsigned position = to.getNumArguments();
    if (failed(to.insertArgument(position, newType, attributes.getDictionary(builder.getContext()),
                                 argument.getLoc())))
      continue;
    tensor.value = to.getArgument(position);
    if (tensor.isFloat())
      tensor.value = FromFloatOp::create(
          builder, argument.getLoc(),
          getTensorType(tensor.shape, RealType::get(builder.getContext())), tensor.value);
  }
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

bool Converter::checkVersion(NodeOp op) {
  int64_t version = op.getSince();
  // Initializers are nodes of no version.
  if (!op.getDomain().empty() || (version == 0 && op.getOpType() == "Constant") ||
      (version >= kOldestVersion && version <= kNewestVersion))
    return true;
  if (!reportedVersion)
    addError(op.getLoc(), version == 0
                              ? Twine("the file imports no version of the default operator set")
                              : "the file uses version " + Twine(version) +
                                    " of the default operator set; Sumac knows " +
                                    Twine(kOldestVersion) + " to " + Twine(kNewestVersion));
  reportedVersion = true;
  return false;
}

void Converter::convertNode(NodeOp op) {
  for (Value result : op.getResults())
    lookup(result);
  if (!checkVersion(op))
    return;
  Node node(op, *this);
  Rule rule = RuleRegistry::get().lookup(op.getDomain(), op.getOpType());
  if (!rule) {
    (void)node.unsupported(getUnsupportedReason(op.getDomain(), op.getOpType()));
    return;
  }
  // What depends on a node that failed cannot be checked further.
  for (Value input : op.getInputs()) {
    Tensor &tensor = lookup(input);
    if (!tensor.known)
      return;
    if (!tensor.opaque.empty()) {
      (void)node.unsupported("an input has elements of type " + tensor.opaque +
                             ", which have no exact arithmetic here");
      return;
    }
  }
  LogicalResult converted = rule(node);
  if (failed(converted) && !node.hasFailed())
    (void)node.unsupported("its conversion failed");
  // Rules set the outputs that their operator has.
  if (succeeded(converted))
    for (OpResult result : op->getResults())
      if (!result.use_empty() && !lookup(result).known)
        converted = node.invalid("its output " + Twine(result.getResultNumber()) +
                                 " is used, but not computed by the operator");
  if (failed(converted) || node.hasFailed())
    for (Value result : op.getResults())
      lookup(result).known = false;
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

Value Converter::convertOutput(Value value, Type declared, Location loc) {
  Tensor &tensor = lookup(value);
  if (!tensor.known)
    return nullptr;
  Type element = tensor.elementType;
  if (auto type = dyn_cast_or_null<RankedTensorType>(declared)) {
    Type stated = type.getElementType();
    if (isa<FloatType>(stated) != tensor.isFloat()) {
      addError(loc, "the output is declared with elements of type " + getTypeName(stated) +
                        ", but the graph computes " + getTypeName(element));
      return nullptr;
    }
    if (isa<FloatType>(stated))
      element = stated;
  }
  // Any node serves for building values; the value's own may be an argument.
  auto owner = value.getDefiningOp<NodeOp>();
  if (!owner) {
    if (tensor.isInteger())
      return tensor.value;
    return ToFloatOp::create(builder, loc, getTensorType(tensor.shape, element), tensor.value);
  }
  Node node(owner, *this);
  if (tensor.isInteger())
    return node.integer(tensor);
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(element)) {
    addError(loc, "the output has elements of type " + getTypeName(element));
    return nullptr;
  }
  Value real = node.real(tensor);
  if (!real)
    return nullptr;
  return ToFloatOp::create(builder, loc, getTensorType(tensor.shape, element), real);
}

void Converter::convertOutputs(Operation *source, Operation *target) {
  auto from = cast<func::FuncOp>(source), to = cast<func::FuncOp>(target);
  Operation *terminator = from.getBody().front().getTerminator();
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> attributes;
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    NamedAttrList attrs(from.getResultAttrDict(index));
    auto declared = dyn_cast_or_null<TypeAttr>(attrs.erase("onnx.declared_type"));
    auto name = dyn_cast_or_null<StringAttr>(attrs.get("sumac.name"));
    Location loc = name ? Location(NameLoc::get(name)) : terminator->getLoc();
    results.push_back(convertOutput(value, declared ? declared.getValue() : Type(), loc));
    attributes.push_back(attrs.getDictionary(builder.getContext()));
  }
  if (!errors.empty() || llvm::is_contained(results, Value()))
    return;
  func::ReturnOp::create(builder, terminator->getLoc(), results);
  to.setType(builder.getFunctionType(to.getArgumentTypes(), ValueRange(results).getTypes()));
  to.setAllResultAttrs(attributes);
}

void Converter::eraseDeadOperations(Operation *target) {
  Block &body = cast<func::FuncOp>(target).getBody().front();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

Operation *Converter::convert(Operation *source) {
  auto from = cast<func::FuncOp>(source);
  auto to = func::FuncOp::create(builder, from.getLoc(), from.getName(),
                                 builder.getFunctionType({}, {}));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(to.addEntryBlock());
  convertInputs(from, to);
  for (Operation &op : from.getBody().front().without_terminator()) {
    if (auto node = dyn_cast<NodeOp>(op))
      convertNode(node);
    else
      addError(op.getLoc(), "expected only onnx.node operations, found " + op.getName().getStringRef());
  }
  convertOutputs(from, to);
  if (!errors.empty()) {
    to.erase();
    return nullptr;
  }
  eraseDeadOperations(to);
  return to;
}
