# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a corpus of bad ONNX files is made of: good models, and the register of changes to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from sumac.testing.graph_builder import GraphBuilder

QONNX = "qonnx.custom_op.general"


@dataclass(frozen=True)
class Bad:
    """One file. `write` makes model.onnx, and what else it takes, in a folder."""

    name: str
    write: Callable[[Path], None]
    expectation: str = "one error"  # or "errors" (one or more) or "good"
    names: str = ""  # what an error must name
    inspect: bool = True


def tiny_net(features=4, outputs=3):
    """A good QDQ layer: input 'x', initializers 'scale', 'zero', 'weight', 'weight_scale', node names as operators."""
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], name="quantize"),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"], name="dequantize"),
        helper.make_node("DequantizeLinear", ["weight", "weight_scale"], ["w"], name="weights"),
        helper.make_node("MatMul", ["d", "w"], ["m"], name="layer"),
        helper.make_node("Add", ["m", "bias"], ["y"], name="add"),
    ]
    constants = {
        "scale": np.float32(0.5),
        "zero": np.uint8(3),
        "weight": np.arange(features * outputs).reshape(features, outputs).astype(np.int8),
        "weight_scale": np.float32(0.25),
        "bias": np.zeros(outputs, np.float32),
    }
    return _model(nodes, constants, features, outputs)


def tiny_quant(**changes):
    """A good QONNX layer; `changes` replace constants of its first Quant node: scale, zero_point, bits."""
    attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND"}
    nodes = [
        helper.make_node("Quant", ["x", "scale", "zero_point", "bits"], ["d"], "quantize", domain=QONNX, **attributes),
        helper.make_node("Quant", ["weight", "one", "zero", "eight"], ["w"], "weights", domain=QONNX, **attributes),
        helper.make_node("MatMul", ["d", "w"], ["y"], name="layer"),
    ]
    constants = {
        "scale": np.float32(0.5),
        "zero_point": np.float32(0),
        "bits": np.float32(4),
        "weight": np.float32([[1, 2, 3]] * 4),
        "one": np.float32(1),
        "zero": np.float32(0),
        "eight": np.float32(8),
        **changes,
    }
    return _model(nodes, constants, 4, 3, {"": 13, QONNX: 1})


def _model(nodes, constants, features, outputs, domains=None):
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", features])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in (domains or {"": 21}).items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def good_models():
    """Models to damage."""
    return [tiny_net(), tiny_quant(), tiny_net(40, 20), chain(20, "Relu")]


def chain(length, op):
    net = GraphBuilder()
    value = net.input(4)
    scale, zero = net.constant(np.float32(0.5)), net.constant(np.uint8(0))
    value = net.node("DequantizeLinear", [net.node("QuantizeLinear", [value, scale, zero]), scale, zero])
    one = net.constant(np.float32(1.5))
    for _ in range(length):
        value = net.node(op, [value, one] if op in ("Add", "Mul") else [value])
    net.output(value, [4])
    return net.model()


def tensor(model, name):
    return next(t for t in model.graph.initializer if t.name == name)


def node(model, name):
    return next(n for n in model.graph.node if n.name == name)


# ---- The corpus --------------------------------------------------------------

BAD: list[Bad] = []


def bad(name, expectation="one error", names="", make=tiny_net, inspect=True):
    """Registers a function that changes a good model, or gives the bytes of a bad one."""

    def register(change):
        def write(folder):
            model = make()
            result = change(model)
            data = result if isinstance(result, bytes) else (result or model).SerializeToString()
            (folder / "model.onnx").write_bytes(data)

        BAD.append(Bad(name, write, expectation, names, inspect))
        return change

    return register


def in_folder(name, expectation="one error", names=""):
    """Registers a function that writes what it likes into a folder."""

    def register(write):
        BAD.append(Bad(name, write, expectation, names))
        return write

    return register


def replaced(model, name, array):
    tensor(model, name).CopyFrom(numpy_helper.from_array(np.asarray(array), name))
