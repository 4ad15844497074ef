# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Looks into and edits an ONNX graph: its constants, its fully connected layers, and new nodes between old ones."""

from dataclasses import dataclass

import numpy as np
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from sumac.quantize.errors import QuantizeError, first_line

LAYER_OPS = ("Gemm", "MatMul")
_DROPPED = ("Constant", "Identity", "Transpose")  # nodes that go if nothing reads them


@dataclass
class Layer:
    """Nodes (Gemm, MatMul) that multiply with one constant matrix.

    matrix is float32 [outputs, inputs]; `stored` names it in the graph, where it is [inputs, outputs] if `transposed`.
    """

    name: str
    nodes: list
    stored: str
    transposed: bool
    matrix: np.ndarray

    def as_stored(self, matrix):
        """A matrix [outputs, inputs] in the layout of the graph."""
        return np.ascontiguousarray(matrix.T if self.transposed else matrix)


def attribute(node, name, default):
    """An attribute's value, or the default."""
    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def _used_names(outputs, nodes):
    """Names of the outputs (ValueInfoProto) and of what nodes read, graphs inside of nodes included."""
    names = {value.name for value in outputs}
    for node in nodes:
        names.update(node.input)
        for a in node.attribute:
            for inner in (a.g, *a.graphs) if a.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS) else ():
                names |= _used_names(inner.output, inner.node)
    return names


class Graph:
    """A copy of a ModelProto's graph to edit: `nodes`, a list in any order, and `initializers`, a dict of TensorProto.

    build() gives the edited model, its nodes sorted by dependence.
    """

    def __init__(self, model):
        self.model = _copy(model)
        self.nodes = [_copy(node) for node in model.graph.node]
        self.initializers = {tensor.name: _copy(tensor) for tensor in model.graph.initializer}
        self.opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
        self.producers = {name: node for node in self.nodes for name in node.output if name}
        self.names = _used_names(model.graph.output, self.nodes) | set(self.initializers) | set(self.producers)
        self.names |= {value.name for value in model.graph.input}
        self.names |= {name for node in self.nodes for name in (node.name, node.op_type, node.domain)}
        if not all(isinstance(name, str) for name in self.names):  # protobuf gives bytes then
            raise QuantizeError("the model has names that are not UTF-8")

    @property
    def inputs(self):
        """The inputs that are not initializers as well."""
        return [value for value in self.model.graph.input if value.name not in self.initializers]

    @property
    def outputs(self):
        """The names of the outputs."""
        return [value.name for value in self.model.graph.output]

    def fresh(self, stem):
        """A name that the graph does not have yet."""
        name, number = stem, 1
        while name in self.names:
            number += 1
            name = f"{stem}_{number}"
        self.names.add(name)
        return name

    def consumers(self, name):
        """The nodes that read a value."""
        return [node for node in self.nodes if name in node.input]

    def is_read_by_others(self, name, nodes):
        """Whether a value is an output or read by a node, or a graph inside of one, that is not one of `nodes`."""
        known = {id(node) for node in nodes}
        return name in _used_names(self.model.graph.output, [node for node in self.nodes if id(node) not in known])

    def constant(self, name):
        """The array of a constant (an initializer or Constant, through Identity and Transpose too), or None."""
        if name in self.initializers:
            return _array(self.initializers[name])
        node = self.producers.get(name)
        if node is None or node.domain not in ("", "ai.onnx"):
            return None
        if node.op_type == "Constant":
            tensor = attribute(node, "value", None)
            return None if tensor is None else _array(tensor)
        if node.op_type not in ("Identity", "Transpose"):
            return None
        array = self.constant(node.input[0])
        if array is None or node.op_type == "Identity":
            return array
        perm = attribute(node, "perm", None)
        if perm is not None and sorted(perm) != list(range(array.ndim)):
            raise QuantizeError(f"node '{node.name}': {perm} is no order of {array.ndim} dimensions")
        return np.transpose(array, perm)

    def add_constant(self, stem, array, kind=None):
        """A new initializer; `kind` is the ONNX type of integers that NumPy has no type for. Returns its name."""
        name, array = self.fresh(stem), np.asarray(array, order="C")
        if kind is None:
            self.initializers[name] = numpy_helper.from_array(array, name)
        else:
            self.initializers[name] = helper.make_tensor(name, kind, array.shape, array.flatten().tolist())
        return name

    def add_node(self, op_type, operands, stem, output=None, **attributes):
        """A new node with one output, whose name is returned."""
        output = output or self.fresh(f"{stem}.out")
        node = helper.make_node(op_type, operands, [output], name=self.fresh(stem), **attributes)
        self.nodes.append(node)
        self.producers[output] = node
        return output

    def replace_uses(self, old, new, nodes):
        """The nodes read `new` where they read `old`."""
        for node in nodes:
            for position, name in enumerate(node.input):
                if name == old:
                    node.input[position] = new

    def build(self):
        """The model as edited, without constants that nothing reads any more."""
        nodes = self._live_nodes()
        used = _used_names(self.model.graph.output, nodes)
        model = _copy(self.model)
        least = helper.find_min_ir_version_for(model.opset_import, ignore_unknown=True)
        model.ir_version = max(model.ir_version, least)  # since 4, initializers need not be inputs
        inputs = [value for value in model.graph.input if value.name in used or value.name not in self.initializers]
        for old, new in (
            (model.graph.node, nodes),
            (model.graph.initializer, [t for name, t in self.initializers.items() if name in used]),
            (model.graph.input, [_copy(value) for value in inputs]),
        ):
            del old[:]
            old.extend(new)
        return model

    def _live_nodes(self):
        """The nodes sorted by dependence, without unread Constant, Identity and Transpose nodes."""
        nodes, before = self._sorted_nodes(), None
        while before != len(nodes):
            before, used = len(nodes), _used_names(self.model.graph.output, nodes)
            nodes = [n for n in nodes if n.op_type not in _DROPPED or not used.isdisjoint(n.output)]
        return nodes

    def _sorted_nodes(self):
        """The nodes in their order, each new one in front of the first that reads it."""
        sorted_nodes, done, entered = [], set(), set()
        waiting = self.nodes[::-1]
        while waiting:
            node = waiting[-1]
            if id(node) in done:
                waiting.pop()
                continue
            operands = [self.producers[name] for name in sorted(_used_names([], [node])) if name in self.producers]
            missing = [producer for producer in operands if id(producer) not in done]
            if not missing:
                sorted_nodes.append(node)
                done.add(id(node))
            elif id(node) in entered:
                raise QuantizeError("the graph has a cycle")
            entered.add(id(node))
            waiting.extend(missing)
        return sorted_nodes


def _array(tensor):
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        raise QuantizeError(f"constant '{tensor.name}': {first_line(error)}") from error


def _copy(message):
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def find_layers(graph):
    """The fully connected layers in order, and the names of multiplications that are none, with the reason."""
    layers, others = {}, []
    for number, node in enumerate(graph.nodes):
        if node.domain not in ("", "ai.onnx"):
            continue
        name = node.name or f"{node.op_type}_{number}"
        if node.op_type not in LAYER_OPS:
            if node.op_type.startswith(("Conv", "Einsum", "LSTM", "GRU", "RNN")):
                others.append((name, f"{node.op_type} is not quantized"))
            continue
        reason = _refusal(graph, node)
        if reason:
            others.append((name, reason))
            continue
        transposed = node.op_type == "MatMul" or not attribute(node, "transB", 0)
        key = (node.input[1], transposed)
        if key in layers:
            layers[key].nodes.append(node)
            continue
        array = graph.constant(node.input[1])
        layers[key] = Layer(name, [node], *key, array.T if transposed else array)
    _name_apart(layers.values())
    return list(layers.values()), others


def _refusal(graph, node):
    weights = graph.constant(node.input[1])
    if weights is None:
        return "its second operand is not a constant"
    if weights.dtype != np.float32:
        return f"its weights are {weights.dtype}, not float32"
    if weights.ndim != 2 or weights.size == 0:
        return f"its weights have shape {list(weights.shape)}, not [inputs, outputs]"
    if node.op_type == "Gemm" and attribute(node, "transA", 0):
        return "transA is 1"
    return None


def _name_apart(layers):
    seen = set()
    for layer in layers:
        name, number = layer.name, 1
        while layer.name in seen:
            number += 1
            layer.name = f"{name}_{number}"
        seen.add(layer.name)


def integer_kind(bits, opset):
    """The smallest ONNX type of an opset for signed integers of `bits` bits: a TensorProto type, None for int8."""
    if bits <= 2 and opset >= 25:
        return TensorProto.INT2
    if bits <= 4 and opset >= 21 and bits > 2:
        return TensorProto.INT4
    return None


def write_weights(graph, layer, coded):
    """Puts a layer's coded weights into the graph: float32 values, or integers behind a DequantizeLinear."""
    if coded.integers is None:
        values = layer.as_stored(coded.values)
        if layer.stored in graph.initializers and not graph.is_read_by_others(layer.stored, layer.nodes):
            graph.initializers[layer.stored] = numpy_helper.from_array(values, layer.stored)
            return
        new = graph.add_constant(f"{layer.stored}.coded", values)
    else:
        kind = integer_kind(coded.integer_bits, graph.opset)
        integers = graph.add_constant(f"{layer.stored}.integers", layer.as_stored(coded.integers), kind)
        scale = graph.add_constant(f"{layer.stored}.scale", coded.scale)
        axis = {"axis": int(layer.transposed)} if coded.scale.ndim else {}
        new = graph.add_node("DequantizeLinear", [integers, scale], f"{layer.stored}.dequantize", **axis)
    for node in layer.nodes:
        node.input[1] = new
