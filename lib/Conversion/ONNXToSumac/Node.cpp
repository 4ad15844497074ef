//===- Node.cpp - One node during its conversion --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands, results, attributes and errors of a node.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

std::string sumac::onnx::getTypeName(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return name;
}

std::string sumac::onnx::getNumberText(const Real &number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", number.approx());
  return text;
}

Type sumac::onnx::getONNXElementType(int64_t code, MLIRContext *context) {
  Builder b(context);
  switch (code) {
  case 1:
    return b.getF32Type();
  case 10:
    return b.getF16Type();
  case 11:
    return b.getF64Type();
  case 16:
    return b.getBF16Type();
  default:
    break;
  }
  // Width and sign of the integer types, by number.
  static constexpr struct {
    int64_t code;
    unsigned width;
    bool isSigned;
  } kIntegers[] = {{2, 8, false},   {3, 8, true},   {4, 16, false}, {5, 16, true},
                   {6, 32, true},   {7, 64, true},  {12, 32, false}, {13, 64, false},
                   {21, 4, false},  {22, 4, true},  {25, 2, false}, {26, 2, true}};
  for (auto [number, width, isSigned] : kIntegers)
    if (number == code)
      return b.getIntegerType(width, isSigned);
  return nullptr;
}

/// Numbers of operands (or results) by position, -1 for absent positions.
static SmallVector<int> getPositions(size_t present, ArrayRef<int64_t> absent) {
  SmallVector<int> positions(present + absent.size(), 0);
  for (int64_t position : absent)
    if (position >= 0 && position < static_cast<int64_t>(positions.size()))
      positions[position] = -1;
  int next = 0;
  for (int &position : positions)
    if (position == 0)
      position = next < static_cast<int>(present) ? next++ : -1;
  return positions;
}

Node::Node(NodeOp op, Converter &converter)
    : op(op), converter(converter), builder(converter.builder), loc(op.getLoc()) {
  for (int number : getPositions(op.getInputs().size(), op.getAbsentInputs()))
    inputs.push_back(number < 0 ? nullptr : &converter.lookup(op.getInputs()[number]));
  outputs = getPositions(op.getOutputs().size(), op.getAbsentOutputs());
}

int64_t Node::getVersion() {
  int64_t version = op.getSince();
  return version == 0 ? kNewestVersion : version;
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

LogicalResult Node::checkInputs(unsigned required, unsigned limit) {
  for (unsigned i = 0; i < required; ++i)
    if (!hasInput(i))
      return invalid("it needs " + Twine(required) + " inputs, and input " + Twine(i) + " is missing");
  for (unsigned i = limit; i < inputs.size(); ++i)
    if (hasInput(i))
      return invalid("it has " + Twine(inputs.size()) + " inputs, but takes at most " + Twine(limit));
  return success();
}

void Node::replaceInput(unsigned i, Tensor tensor) {
  replaced.push_back(std::move(tensor));
  inputs[i] = &replaced.back();
}

bool Node::isOutputUsed(unsigned i) {
  return i < outputs.size() && outputs[i] >= 0 && !op.getResult(outputs[i]).use_empty();
}

void Node::setOutput(unsigned i, Tensor tensor) {
  if (i >= outputs.size() || outputs[i] < 0)
    return;
  tensor.known = true;
  converter.lookup(op.getResult(outputs[i])) = std::move(tensor);
}

Tensor Node::makeTensor(Value value, ArrayRef<Dim> shape, Type elementType) {
  Tensor tensor;
  tensor.known = true;
  tensor.value = value;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.elementType = elementType;
  tensor.constant = llvm::all_of(inputs, [](Tensor *input) { return !input || input->constant; });
  return tensor;
}

void Node::setResult(Value value, ArrayRef<Dim> shape, Type elementType) {
  setOutput(0, makeTensor(value, shape, elementType));
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

Attribute Node::getAttr(StringRef name) {
  DictionaryAttr attributes = op.getNodeAttributesAttr();
  return attributes ? attributes.get(name) : Attribute();
}

int64_t Node::getInt(StringRef name, int64_t fallback) {
  Attribute attribute = getAttr(name);
  if (!attribute)
    return fallback;
  auto integer = dyn_cast<IntegerAttr>(attribute);
  if (!integer || !integer.getType().isInteger(64)) {
    (void)invalid("attribute '" + name + "' must be an integer");
    return fallback;
  }
  return integer.getInt();
}

double Node::getFloat(StringRef name, double fallback) {
  Attribute attribute = getAttr(name);
  if (!attribute)
    return fallback;
  auto number = dyn_cast<FloatAttr>(attribute);
  if (!number || !number.getType().isF32() || !number.getValue().isFinite()) {
    (void)invalid("attribute '" + name + "' must be a finite float");
    return fallback;
  }
  return number.getValueAsDouble();
}

std::string Node::getString(StringRef name, StringRef fallback) {
  Attribute attribute = getAttr(name);
  if (!attribute)
    return fallback.str();
  auto string = dyn_cast<StringAttr>(attribute);
  if (!string) {
    (void)invalid("attribute '" + name + "' must be a string");
    return fallback.str();
  }
  return string.getValue().str();
}

std::optional<SmallVector<int64_t>> Node::getInts(StringRef name) {
  Attribute attribute = getAttr(name);
  if (!attribute)
    return std::nullopt;
  if (auto array = dyn_cast<DenseI64ArrayAttr>(attribute))
    return SmallVector<int64_t>(array.asArrayRef());
  (void)invalid("attribute '" + name + "' must be a list of integers");
  return std::nullopt;
}

std::optional<SmallVector<int64_t>> Node::getIntsFrom(StringRef name, unsigned input) {
  if (hasInput(input))
    return getIntsOf(in(input), name);
  return getInts(name);
}

FailureOr<int64_t> Node::getAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return invalid("axis " + Twine(axis) + " is not an axis of a tensor of rank " + Twine(rank));
  return axis < 0 ? axis + rank : axis;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

LogicalResult Node::fail(const Twine &message) {
  // The first reason is the one that matters.
  if (!hasError)
    converter.addError(loc, message);
  hasError = true;
  return failure();
}

static std::string getOperatorName(NodeOp op) {
  std::string name = ("'" + op.getOpType() + "'").str();
  if (!op.getDomain().empty())
    name += (" of domain '" + op.getDomain() + "'").str();
  return name;
}

LogicalResult Node::unsupported(const Twine &reason) {
  return fail("unsupported ONNX operator " + getOperatorName(op) + ": " + reason);
}

LogicalResult Node::invalid(const Twine &reason) {
  return fail("invalid ONNX operator " + getOperatorName(op) + ": " + reason);
}
