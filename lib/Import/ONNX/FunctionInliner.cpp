//===- FunctionInliner.cpp - Bodies in place of calls ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model may define functions and call them like operators. Each call is
// replaced by a copy of the body, whose values and nodes are named after the
// call. Functions that call themselves are refused.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace sumac::onnx;

/// Bounds what nested calls can blow up to.
constexpr size_t kMaxNodes = size_t(1) << 20;
constexpr unsigned kMaxDepth = 32;

static std::string getKey(const std::string &domain, const std::string &name,
                          const std::string &overload) {
  // "ai.onnx" is a synonym of the default domain.
  return (domain == "ai.onnx" ? "" : domain) + '\0' + name + '\0' + overload;
}

namespace {
class FunctionInliner {
public:
  FunctionInliner(std::list<proto::NodeProto> &storage, MLIRContext *context)
      : storage(storage), context(context) {}

  LogicalResult addFunctions(proto::ModelProto &model);
  LogicalResult expand(proto::NodeProto &node, PlacedNode place, unsigned depth);

  std::vector<PlacedNode> nodes;

private:
  LogicalResult expandCall(const proto::NodeProto &call, const proto::FunctionProto &function,
                           unsigned depth);

  std::list<proto::NodeProto> &storage;
  MLIRContext *context;
  llvm::StringMap<proto::FunctionProto *> functions;
};
} // namespace

LogicalResult FunctionInliner::addFunctions(proto::ModelProto &model) {
  for (proto::FunctionProto &function : *model.mutable_functions())
    if (!functions.try_emplace(getKey(function.domain(), function.name(), function.overload()),
                               &function).second)
      return emitError(UnknownLoc::get(context))
             << "the model defines the function '" << function.name() << "' twice";
  return success();
}

/// Takes an attribute of the called function's node: the call's own, or the
/// function's default. An attribute that neither has is left out.
static void bindAttributes(proto::NodeProto &node, const proto::NodeProto &call,
                           const proto::FunctionProto &function) {
  google::protobuf::RepeatedPtrField<proto::AttributeProto> bound;
  auto find = [](const auto &list, const std::string &name) -> const proto::AttributeProto * {
    for (const proto::AttributeProto &attribute : list)
      if (attribute.name() == name)
        return &attribute;
    return nullptr;
  };
  for (proto::AttributeProto &attribute : *node.mutable_attribute()) {
    const proto::AttributeProto *source = &attribute;
    if (!attribute.ref_attr_name().empty()) {
      source = find(call.attribute(), attribute.ref_attr_name());
      if (!source)
        source = find(function.attribute_proto(), attribute.ref_attr_name());
    }
    if (!source)
      continue;
    std::string name = attribute.name();
    proto::AttributeProto &copy = *bound.Add();
    copy = *source;
    copy.set_name(name);
  }
  node.mutable_attribute()->Swap(&bound);
}

LogicalResult FunctionInliner::expandCall(const proto::NodeProto &call,
                                          const proto::FunctionProto &function, unsigned depth) {
  std::string prefix = getNodeName(call) + "/";
  llvm::StringMap<std::string> names;
  for (int i = 0; i < function.input_size(); ++i)
    names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
  for (int i = 0; i < function.output_size(); ++i) {
    // An output that the call leaves out still needs a name inside.
    bool used = i < call.output_size() && !call.output(i).empty();
    names[function.output(i)] = used ? call.output(i) : prefix + function.output(i);
  }
  auto rename = [&](std::string &name) {
    if (name.empty())
      return;
    auto known = names.find(name);
    name = known != names.end() ? known->second : prefix + name;
  };
  for (const proto::NodeProto &body : function.node()) {
    proto::NodeProto &node = storage.emplace_back(body);
    node.set_name(prefix + getNodeName(body));
    for (std::string &input : *node.mutable_input())
      rename(input);
    for (std::string &output : *node.mutable_output())
      rename(output);
    bindAttributes(node, call, function);
    if (failed(expand(node, {&node, &function.opset_import()}, depth + 1)))
      return failure();
  }
  return success();
}

LogicalResult FunctionInliner::expand(proto::NodeProto &node, PlacedNode place, unsigned depth) {
  auto function = functions.find(getKey(node.domain(), node.op_type(), node.overload()));
  if (function != functions.end()) {
    if (depth >= kMaxDepth)
      return emitError(getNodeLoc(node, context))
             << "calls of the function '" << node.op_type() << "' nest deeper than " << kMaxDepth;
    return expandCall(node, *function->second, depth);
  }
  if (nodes.size() >= kMaxNodes)
    return emitError(getNodeLoc(node, context))
           << "the model has more than " << kMaxNodes << " nodes after inlining its functions";
  nodes.push_back(place);
  return success();
}

FailureOr<std::vector<PlacedNode>> sumac::onnx::inlineFunctions(proto::ModelProto &model,
                                                                std::list<proto::NodeProto> &storage,
                                                                MLIRContext *context) {
  FunctionInliner inliner(storage, context);
  if (failed(inliner.addFunctions(model)))
    return failure();
  for (proto::NodeProto &node : *model.mutable_graph()->mutable_node())
    if (failed(inliner.expand(node, {&node, &model.opset_import()}, 0)))
      return failure();
  return std::move(inliner.nodes);
}
