//===- AttributeImporter.cpp - ONNX attributes to MLIR attributes ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One MLIR attribute per ONNX attribute. Tensors become elements attributes
// whose payload has whole-byte elements, next to an attribute NAME_type where
// the true type differs.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace sumac::onnx;

std::string sumac::onnx::getNodeName(const proto::NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return (Twine(node.op_type()) + ":" + output).str();
  return node.op_type();
}

Location sumac::onnx::getNodeLoc(const proto::NodeProto &node, MLIRContext *context) {
  return NameLoc::get(StringAttr::get(context, getNodeName(node)));
}

/// The kind of an attribute; files of IR version 1 leave `type` out.
static proto::AttributeProto::AttributeType getKind(const proto::AttributeProto &attribute) {
  using proto::AttributeProto;
  if (attribute.type() != AttributeProto::UNDEFINED)
    return attribute.type();
  if (attribute.has_f())
    return AttributeProto::FLOAT;
  if (attribute.has_i())
    return AttributeProto::INT;
  if (attribute.has_s())
    return AttributeProto::STRING;
  if (attribute.has_t())
    return AttributeProto::TENSOR;
  if (attribute.has_g())
    return AttributeProto::GRAPH;
  if (attribute.floats_size())
    return AttributeProto::FLOATS;
  if (attribute.ints_size())
    return AttributeProto::INTS;
  if (attribute.strings_size())
    return AttributeProto::STRINGS;
  return AttributeProto::UNDEFINED;
}

namespace {
class AttributeImporter {
public:
  AttributeImporter(TensorImporter &tensors, Location loc)
      : tensors(tensors), loc(loc), builder(loc.getContext()) {}

  LogicalResult import(proto::AttributeProto &attribute);
  NamedAttrList take() { return std::move(result); }

private:
  LogicalResult importTensor(proto::AttributeProto &attribute);
  Attribute describe(const Twine &what) { return builder.getStringAttr("<" + what + ">"); }

  TensorImporter &tensors;
  Location loc;
  Builder builder;
  NamedAttrList result;
  llvm::StringSet<> names;
};
} // namespace

LogicalResult AttributeImporter::importTensor(proto::AttributeProto &attribute) {
  FailureOr<ImportedTensor> tensor = tensors.import(*attribute.mutable_t(), attribute.name(), loc);
  if (failed(tensor))
    return failure();
  StringRef name = attribute.name();
  if (!tensor->payload) {
    result.append(name, describe("tensor of " + tensor->description));
    return success();
  }
  result.append(name, tensor->payload);
  if (tensor->type != tensor->payload.getType() && names.insert((name + "_type").str()).second)
    result.append((name + "_type").str(), TypeAttr::get(tensor->type));
  return success();
}

LogicalResult AttributeImporter::import(proto::AttributeProto &attribute) {
  using proto::AttributeProto;
  StringRef name = attribute.name();
  if (name.empty())
    return emitError(loc) << "the node has an attribute without a name";
  if (!names.insert(name).second)
    return emitError(loc) << "the node has the attribute '" << name << "' twice";
  switch (getKind(attribute)) {
  case AttributeProto::FLOAT:
    result.append(name, builder.getF32FloatAttr(attribute.f()));
    return success();
  case AttributeProto::INT:
    result.append(name, builder.getI64IntegerAttr(attribute.i()));
    return success();
  case AttributeProto::STRING:
    result.append(name, builder.getStringAttr(attribute.s()));
    return success();
  case AttributeProto::FLOATS:
    result.append(name, builder.getDenseF32ArrayAttr(
                            ArrayRef(attribute.floats().data(), attribute.floats_size())));
    return success();
  case AttributeProto::INTS:
    result.append(name, builder.getDenseI64ArrayAttr(SmallVector<int64_t>(
                            attribute.ints().begin(), attribute.ints().end())));
    return success();
  case AttributeProto::STRINGS: {
    SmallVector<Attribute> strings;
    for (const std::string &string : attribute.strings())
      strings.push_back(builder.getStringAttr(string));
    result.append(name, builder.getArrayAttr(strings));
    return success();
  }
  case AttributeProto::TENSOR:
    return importTensor(attribute);
  case AttributeProto::GRAPH:
    result.append(name, describe("graph of " + Twine(attribute.g().node_size()) + " nodes"));
    return success();
  default:
    result.append(name, describe("attribute of a kind without elements"));
    return success();
  }
}

FailureOr<DictionaryAttr> sumac::onnx::importAttributes(proto::NodeProto &node,
                                                        TensorImporter &tensors, Location loc) {
  AttributeImporter importer(tensors, loc);
  for (proto::AttributeProto &attribute : *node.mutable_attribute())
    if (failed(importer.import(attribute)))
      return failure();
  return importer.take().getDictionary(loc.getContext());
}
