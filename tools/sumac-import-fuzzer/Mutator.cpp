//===- Mutator.cpp - Mutations that keep models well-formed ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random bytes seldom stay a protobuf message. Most mutations here change one
// thing in the parsed message instead: a size, a type, an operator, an
// attribute, an edge; some change bytes.
//
//===----------------------------------------------------------------------===//

#include "sumac_onnx.pb.h"
#include <cstdint>
#include <random>

namespace proto = sumac_onnx_proto;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  void mutate(proto::ModelProto &model) {
    proto::GraphProto &graph = *model.mutable_graph();
    switch (pick(6)) {
    case 0:
      if (graph.initializer_size())
        mutateTensor(*graph.mutable_initializer(pick(graph.initializer_size())));
      return;
    case 1:
      if (graph.input_size())
        mutateInput(*graph.mutable_input(pick(graph.input_size())));
      return;
    case 2:
      if (model.opset_import_size())
        model.mutable_opset_import(pick(model.opset_import_size()))->set_version(1 + pick(30));
      return;
    default:
      if (graph.node_size())
        mutateNode(graph, *graph.mutable_node(pick(graph.node_size())));
      return;
    }
  }

private:
  int pick(int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); }

  int64_t makeNumber() {
    static constexpr int64_t kNumbers[] = {0, 1, 2, 3, 4, 5, 8, 16, 127, 255, -1, -2, -3, INT64_MAX,
                                           INT64_MIN, INT32_MAX, INT32_MIN, int64_t(1) << 40};
    return kNumbers[pick(std::size(kNumbers))];
  }

  float makeFloat() {
    static const float kFloats[] = {0.0f, 1.0f, -1.0f, 0.5f, 2.5f, 1e-41f, 3.4e38f, -3.4e38f, 33.0f,
                                    std::numeric_limits<float>::infinity(),
                                    std::numeric_limits<float>::quiet_NaN()};
    return kFloats[pick(std::size(kFloats))];
  }

  void mutateTensor(proto::TensorProto &tensor) {
    switch (pick(5)) {
    case 0:
      tensor.set_data_type(pick(29));
      return;
    case 1:
      if (tensor.dims_size())
        tensor.set_dims(pick(tensor.dims_size()), makeNumber());
      return;
    case 2:
      if (pick(2))
        tensor.add_dims(1);
      else if (tensor.dims_size())
        tensor.mutable_dims()->RemoveLast();
      return;
    case 3:
      if (tensor.float_data_size())
        tensor.set_float_data(pick(tensor.float_data_size()), makeFloat());
      else if (tensor.int64_data_size())
        tensor.set_int64_data(pick(tensor.int64_data_size()), makeNumber());
      else if (tensor.int32_data_size())
        tensor.set_int32_data(pick(tensor.int32_data_size()), static_cast<int32_t>(makeNumber()));
      return;
    default:
      if (std::string &raw = *tensor.mutable_raw_data(); !raw.empty())
        raw[pick(static_cast<int>(raw.size()))] = static_cast<char>(random());
      else
        tensor.clear_raw_data();
      return;
    }
  }

  void mutateInput(proto::ValueInfoProto &input) {
    proto::TypeProto::Tensor &type = *input.mutable_type()->mutable_tensor_type();
    proto::TensorShapeProto &shape = *type.mutable_shape();
    switch (pick(4)) {
    case 0:
      type.set_elem_type(pick(29));
      return;
    case 1:
      shape.add_dim()->set_dim_value(1 + pick(4));
      return;
    case 2:
      if (shape.dim_size())
        shape.mutable_dim(pick(shape.dim_size()))->set_dim_value(makeNumber());
      return;
    default:
      if (shape.dim_size())
        shape.mutable_dim(pick(shape.dim_size()))->set_dim_param(pick(2) ? "N" : "M");
      return;
    }
  }

  void mutateAttribute(proto::AttributeProto &attribute) {
    using proto::AttributeProto;
    switch (attribute.type()) {
    case AttributeProto::INT:
      attribute.set_i(makeNumber());
      return;
    case AttributeProto::FLOAT:
      attribute.set_f(makeFloat());
      return;
    case AttributeProto::INTS:
      if (attribute.ints_size() && pick(2))
        attribute.set_ints(pick(attribute.ints_size()), makeNumber());
      else
        attribute.add_ints(makeNumber());
      return;
    case AttributeProto::TENSOR:
      mutateTensor(*attribute.mutable_t());
      return;
    default:
      attribute.set_type(static_cast<AttributeProto::AttributeType>(pick(15)));
      return;
    }
  }

  void mutateNode(proto::GraphProto &graph, proto::NodeProto &node) {
    proto::NodeProto &other = *graph.mutable_node(pick(graph.node_size()));
    switch (pick(6)) {
    case 0:
      // Operators and attributes of one node meet the operands of another.
      node.set_op_type(other.op_type());
      node.set_domain(other.domain());
      if (pick(2))
        *node.mutable_attribute() = other.attribute();
      return;
    case 1:
      if (node.attribute_size())
        mutateAttribute(*node.mutable_attribute(pick(node.attribute_size())));
      return;
    case 2:
      if (node.attribute_size())
        node.mutable_attribute()->RemoveLast();
      return;
    case 3:
      if (node.input_size() && pick(2))
        node.mutable_input()->RemoveLast();
      else if (other.input_size())
        node.add_input(other.input(pick(other.input_size())));
      return;
    case 4:
      if (node.input_size())
        node.set_input(pick(node.input_size()), pickValue(graph));
      return;
    default:
      if (node.input_size() > 1)
        node.mutable_input()->SwapElements(pick(node.input_size()), pick(node.input_size()));
      return;
    }
  }

  std::string pickValue(const proto::GraphProto &graph) {
    switch (pick(4)) {
    case 0:
      if (graph.input_size())
        return graph.input(pick(graph.input_size())).name();
      return "";
    case 1:
      if (graph.initializer_size())
        return graph.initializer(pick(graph.initializer_size())).name();
      return "";
    default: {
      const proto::NodeProto &node = graph.node(pick(graph.node_size()));
      return node.output_size() ? node.output(pick(node.output_size())) : "";
    }
    }
  }

  std::minstd_rand random;
};

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed) {
  proto::ModelProto model;
  if (seed % 8 == 0 || !model.ParseFromArray(data, static_cast<int>(size)) || !model.has_graph())
    return LLVMFuzzerMutate(data, size, maxSize);
  Mutator mutator(seed);
  for (unsigned i = 0; i < 1 + seed / 8 % 3; ++i)
    mutator.mutate(model);
  std::string bytes = model.SerializeAsString();
  if (bytes.size() > maxSize)
    return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}
