//===- GraphImporter.cpp - ONNX graphs to onnx.node operations ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds @main: arguments from the graph's inputs, a Constant node for each
// initializer, then the nodes in an order in which every value is computed
// before it is used.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <queue>

using namespace mlir;
using namespace sumac::onnx;

namespace {

class GraphImporter {
public:
  GraphImporter(proto::ModelProto &model, Location loc, StringRef externalFolder)
      : model(model), graph(*model.mutable_graph()), context(loc.getContext()), loc(loc),
        tensors(context, externalFolder), builder(context) {}

  OwningOpRef<ModuleOp> import();

private:
  LogicalResult importInputs(func::FuncOp function);
  FailureOr<Type> importType(const proto::ValueInfoProto &info, Location at,
                             SmallVectorImpl<Attribute> &symbols);
  LogicalResult importInitializers();
  LogicalResult importInitializer(proto::TensorProto &tensor);
  LogicalResult importNodes();
  FailureOr<std::vector<size_t>> sortNodes();
  LogicalResult importNode(const PlacedNode &place);
  LogicalResult importOutputs(func::FuncOp function);

  /// Records a new value; an error where the name is taken.
  LogicalResult define(StringRef name, Value value, Location at);
  Location getLoc(StringRef name) { return NameLoc::get(StringAttr::get(context, name)); }
  StringRef getAnnotation(StringRef tensorName) const;

  proto::ModelProto &model;
  proto::GraphProto &graph;
  MLIRContext *context;
  Location loc;
  TensorImporter tensors;
  OpBuilder builder;
  llvm::StringMap<Value> values;
  llvm::StringMap<std::string> annotations;
  std::list<proto::NodeProto> storage;
  std::vector<PlacedNode> nodes;
};

} // namespace

LogicalResult GraphImporter::define(StringRef name, Value value, Location at) {
  if (!values.try_emplace(name, value).second)
    return emitError(at) << "the value '" << name << "' is defined twice";
  return success();
}

StringRef GraphImporter::getAnnotation(StringRef tensorName) const {
  auto found = annotations.find(tensorName);
  return found == annotations.end() ? StringRef() : StringRef(found->second);
}

//===----------------------------------------------------------------------===//
// Inputs and initializers
//===----------------------------------------------------------------------===//

/// tensor<..> with dynamic sizes where the file has names or nothing; `symbols`
/// receives a name (or the empty string) per dimension.
FailureOr<Type> GraphImporter::importType(const proto::ValueInfoProto &info, Location at,
                                          SmallVectorImpl<Attribute> &symbols) {
  const proto::TypeProto::Tensor &type = info.type().tensor_type();
  ElementType element = getElementType(type.elem_type(), context);
  if (!info.type().has_tensor_type() || !element.type || !type.has_shape())
    return Type(ValueType::get(context));
  SmallVector<int64_t> dims;
  for (const proto::TensorShapeProto::Dimension &dim : type.shape().dim()) {
    dims.push_back(dim.has_dim_value() ? dim.dim_value() : ShapedType::kDynamic);
    if (dim.has_dim_value() && dim.dim_value() <= 0)
      return emitError(at) << "'" << info.name() << "' has the dimension " << dim.dim_value()
                           << "; dimensions must be positive";
    symbols.push_back(builder.getStringAttr(dim.dim_param()));
  }
  if (failed(checkDims(dims, at, "'" + info.name() + "'")))
    return failure();
  return Type(RankedTensorType::get(dims, element.type));
}

LogicalResult GraphImporter::importInputs(func::FuncOp function) {
  llvm::StringSet<> initialized, seen;
  for (const proto::TensorProto &tensor : graph.initializer())
    initialized.insert(tensor.name());
  for (const proto::ValueInfoProto &input : graph.input()) {
    Location at = getLoc(input.name());
    if (!seen.insert(input.name()).second)
      return emitError(at) << "the graph has two inputs named '" << input.name() << "'";
    // Up to IR version 3 initializers had to be inputs, too.
    if (initialized.contains(input.name()))
      continue;
    SmallVector<Attribute> symbols;
    FailureOr<Type> type = importType(input, at, symbols);
    if (failed(type))
      return failure();
    NamedAttrList attributes;
    attributes.append("sumac.name", builder.getStringAttr(input.name()));
    if (llvm::any_of(symbols, [](Attribute name) { return !cast<StringAttr>(name).empty(); }))
      attributes.append("onnx.dims", builder.getArrayAttr(symbols));
    if (StringRef annotation = getAnnotation(input.name()); !annotation.empty())
      attributes.append("sumac.input_type", builder.getStringAttr(annotation));
    unsigned index = function.getNumArguments();
    if (failed(function.insertArgument(index, *type, attributes.getDictionary(context), at)) ||
        failed(define(input.name(), function.getArgument(index), at)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::importInitializer(proto::TensorProto &tensor) {
  Location at = getLoc(tensor.name());
  if (tensor.name().empty())
    return emitError(loc) << "the graph has an initializer without a name";
  FailureOr<ImportedTensor> imported = tensors.import(tensor, tensor.name(), at);
  if (failed(imported))
    return failure();
  NamedAttrList attributes;
  if (imported->payload)
    attributes.append("value", imported->payload);
  else
    attributes.append("opaque", builder.getStringAttr(imported->description));
  if (StringRef annotation = getAnnotation(tensor.name()); !annotation.empty())
    attributes.append("finn_datatype", builder.getStringAttr(annotation));
  auto node = NodeOp::create(builder, at, imported->type, ValueRange(), "Constant", "", 0,
                             attributes.getDictionary(context), ArrayRef<int64_t>(),
                             ArrayRef<int64_t>());
  return define(tensor.name(), node.getResult(0), at);
}

LogicalResult GraphImporter::importInitializers() {
  for (proto::TensorProto &tensor : *graph.mutable_initializer())
    if (failed(importInitializer(tensor)))
      return failure();
  for (const proto::SparseTensorProto &sparse : graph.sparse_initializer()) {
    Location at = getLoc(sparse.values().name());
    DictionaryAttr attributes = builder.getDictionaryAttr(
        builder.getNamedAttr("opaque", builder.getStringAttr("a sparse tensor")));
    auto node = NodeOp::create(builder, at, Type(ValueType::get(context)), ValueRange(), "Constant",
                               "", 0, attributes, ArrayRef<int64_t>(), ArrayRef<int64_t>());
    if (failed(define(sparse.values().name(), node.getResult(0), at)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Positions of `nodes` in an order of computation, the file's own where that
/// is one. Reports values that nothing computes, values computed twice, cycles.
FailureOr<std::vector<size_t>> GraphImporter::sortNodes() {
  llvm::StringMap<size_t> producers;
  for (auto [index, place] : llvm::enumerate(nodes))
    for (const std::string &output : place.node->output()) {
      if (output.empty() || (!values.contains(output) && producers.try_emplace(output, index).second))
        continue;
      return emitError(getNodeLoc(*place.node, context))
             << "the value '" << output << "' is defined twice";
    }

  bool broken = false;
  std::vector<std::vector<size_t>> users(nodes.size());
  std::vector<size_t> waitsFor(nodes.size(), 0);
  for (auto [index, place] : llvm::enumerate(nodes))
    for (const std::string &input : place.node->input()) {
      if (input.empty() || values.contains(input))
        continue;
      auto producer = producers.find(input);
      if (producer == producers.end()) {
        emitError(getNodeLoc(*place.node, context))
            << "the input '" << input << "' is no graph input, initializer or output of a node";
        broken = true;
        continue;
      }
      users[producer->second].push_back(index);
      ++waitsFor[index];
    }
  if (broken)
    return failure();

  std::priority_queue<size_t, std::vector<size_t>, std::greater<size_t>> ready;
  for (size_t index = 0; index < nodes.size(); ++index)
    if (waitsFor[index] == 0)
      ready.push(index);
  std::vector<size_t> order;
  order.reserve(nodes.size());
  while (!ready.empty()) {
    size_t index = ready.top();
    ready.pop();
    order.push_back(index);
    for (size_t user : users[index])
      if (--waitsFor[user] == 0)
        ready.push(user);
  }
  if (order.size() == nodes.size())
    return order;

  // Every node left waits for another one that is left: follow one such chain
  // until it meets itself.
  size_t index = llvm::find_if(waitsFor, [](size_t count) { return count != 0; }) - waitsFor.begin();
  llvm::DenseSet<size_t> visited;
  while (visited.insert(index).second)
    for (const std::string &input : nodes[index].node->input())
      if (auto producer = producers.find(input);
          producer != producers.end() && waitsFor[producer->second] != 0) {
        index = producer->second;
        break;
      }
  return emitError(getNodeLoc(*nodes[index].node, context))
         << "the node depends on its own output (the graph has a cycle)";
}

static int64_t getVersion(const PlacedNode &place) {
  StringRef domain = place.node->domain();
  auto canonical = [](StringRef name) { return name == "ai.onnx" ? StringRef() : name; };
  for (const proto::OperatorSetIdProto &opset : *place.opsets)
    if (canonical(opset.domain()) == canonical(domain))
      return opset.version();
  return 0;
}

LogicalResult GraphImporter::importNode(const PlacedNode &place) {
  proto::NodeProto &node = *place.node;
  Location at = getNodeLoc(node, context);
  FailureOr<DictionaryAttr> attributes = importAttributes(node, tensors, at);
  if (failed(attributes))
    return failure();

  SmallVector<Value> operands;
  SmallVector<int64_t> absentInputs, absentOutputs;
  for (auto [index, input] : llvm::enumerate(node.input())) {
    if (input.empty())
      absentInputs.push_back(index);
    else
      operands.push_back(values.lookup(input));
  }
  SmallVector<StringRef> results;
  for (auto [index, output] : llvm::enumerate(node.output())) {
    if (output.empty())
      absentOutputs.push_back(index);
    else
      results.push_back(output);
  }
  SmallVector<Type> types(results.size(), ValueType::get(context));
  StringRef domain = node.domain();
  auto op = NodeOp::create(builder, at, types, operands, node.op_type(),
                           domain == "ai.onnx" ? "" : domain, getVersion(place),
                           attributes->empty() ? DictionaryAttr() : *attributes,
                           absentInputs, absentOutputs);
  for (auto [name, value] : llvm::zip_equal(results, op.getResults()))
    if (failed(define(name, value, at)))
      return failure();
  return success();
}

LogicalResult GraphImporter::importNodes() {
  FailureOr<std::vector<PlacedNode>> placed = inlineFunctions(model, storage, context);
  if (failed(placed))
    return failure();
  nodes = std::move(*placed);
  FailureOr<std::vector<size_t>> order = sortNodes();
  if (failed(order))
    return failure();
  for (size_t index : *order)
    if (failed(importNode(nodes[index])))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs and the module
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::importOutputs(func::FuncOp function) {
  SmallVector<Value> results;
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  llvm::StringSet<> seen;
  for (const proto::ValueInfoProto &output : graph.output()) {
    Location at = getLoc(output.name());
    if (!seen.insert(output.name()).second)
      return emitError(at) << "the graph has two outputs named '" << output.name() << "'";
    Value value = values.lookup(output.name());
    if (!value)
      return emitError(at) << "nothing computes the graph output '" << output.name() << "'";
    SmallVector<Attribute> symbols;
    FailureOr<Type> declared = importType(output, at, symbols);
    if (failed(declared))
      return failure();
    NamedAttrList attrs;
    attrs.append("sumac.name", builder.getStringAttr(output.name()));
    if (isa<RankedTensorType>(*declared))
      attrs.append("onnx.declared_type", TypeAttr::get(*declared));
    results.push_back(value);
    types.push_back(value.getType());
    attributes.push_back(attrs.getDictionary(context));
  }
  if (results.empty())
    return emitError(loc) << "the graph has no outputs";
  func::ReturnOp::create(builder, loc, results);
  function.setType(builder.getFunctionType(function.getArgumentTypes(), types));
  function.setAllResultAttrs(attributes);
  return success();
}

OwningOpRef<ModuleOp> GraphImporter::import() {
  for (const proto::TensorAnnotation &annotation : graph.quantization_annotation())
    for (const proto::StringStringEntryProto &entry : annotation.quant_parameter_tensor_names())
      if (entry.key() == "finn_datatype")
        annotations[annotation.tensor_name()] = StringRef(entry.value()).lower();

  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToStart(module->getBody());
  auto function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  if (failed(importInputs(function)) || failed(importInitializers()) || failed(importNodes()) ||
      failed(importOutputs(function)))
    return nullptr;
  return module;
}

OwningOpRef<ModuleOp> sumac::onnx::importModel(proto::ModelProto &model, StringRef fileName,
                                               StringRef externalFolder, MLIRContext *context) {
  context->loadDialect<func::FuncDialect, ONNXDialect>();
  auto loc = FileLineColLoc::get(context, fileName, 0, 0);
  return GraphImporter(model, loc, externalFolder).import();
}
