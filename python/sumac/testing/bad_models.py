# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A corpus of bad ONNX files, each a small change to a good one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
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
    return [tiny_net(), tiny_quant(), tiny_net(40, 20), _chain(20, "Relu")]


def _chain(length, op):
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


# ---- Building the corpus -----------------------------------------------------

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


bad("file: empty")(lambda m: b"")
bad("file: one byte")(lambda m: b"\x08")
bad("file: zeros")(lambda m: bytes(1000))
bad("file: text")(lambda m: b"this is not a model, it is a sentence\n" * 50)
bad("file: random bytes")(lambda m: np.random.default_rng(3).integers(0, 256, 4096).astype(np.uint8).tobytes())
for _part in (1, 3, 7):
    bad(f"file: cut to {_part} eighths")(lambda m, part=_part: m.SerializeToString()[: m.ByteSize() * part // 8])
bad("file: no graph")(lambda m: m.ClearField("graph"))
bad("file: no opset")(lambda m: m.ClearField("opset_import"))
bad("file: no nodes and no outputs")(lambda m: onnx.ModelProto(ir_version=10, opset_import=m.opset_import, graph={}))


@bad("file: length beyond its end")
def _(m):
    return b"\x08\x0a\x3a\xff\xff\xff\xff\x07" + m.SerializeToString()[:50]


def _field(number, data):
    """A length-delimited field of protobuf's wire format."""
    size, length = len(data), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


@bad("file: graphs nested 3000 deep")
def _(m):
    graph = b""
    for _ in range(3000):  # a node with an attribute that is a graph
        graph = _field(1, _field(5, _field(1, b"body") + _field(6, graph)))
    return b"\x08\x0a" + _field(7, graph) + _field(8, b"\x10\x15")


@in_folder("file: missing")
def _(folder):
    pass


@in_folder("file: a folder")
def _(folder):
    (folder / "model.onnx").mkdir()


# ---- Graphs ------------------------------------------------------------------


@bad("graph: cycle")
def _(m):
    node(m, "layer").input[0] = "y"


@bad("graph: node that reads itself")
def _(m):
    node(m, "add").input[1] = "y"


@bad("graph: missing initializer", names="weight")
def _(m):
    m.graph.initializer.remove(tensor(m, "weight"))


@bad("graph: undefined input", names="nowhere")
def _(m):
    node(m, "add").input[1] = "nowhere"


@bad("graph: undefined output", names="nowhere")
def _(m):
    m.graph.output[0].name = "nowhere"


@bad("graph: two nodes of one result", names="'m'")
def _(m):
    node(m, "add").output[0] = "m"
    m.graph.output[0].name = "m"


@bad("graph: two initializers of one name", names="scale")
def _(m):
    m.graph.initializer.append(numpy_helper.from_array(np.float32(7), "scale"))


@bad("graph: two inputs of one name", names="'x'")
def _(m):
    m.graph.input.append(m.graph.input[0])


@bad("graph: a result named as an input", names="'x'")
def _(m):
    node(m, "quantize").output[0] = "x"


@bad("graph: no outputs")
def _(m):
    m.graph.ClearField("output")


@bad("graph: node without results")
def _(m):
    node(m, "layer").ClearField("output")


@bad("graph: node without operator")
def _(m):
    node(m, "layer").op_type = ""


@bad("graph: missing operand")
def _(m):
    del node(m, "layer").input[1:]


@bad("graph: too many operands")
def _(m):
    node(m, "layer").input.extend(["scale"] * 5)


@bad("graph: empty operand that must be there")
def _(m):
    node(m, "layer").input[1] = ""


@bad("graph: shapes that do not fit")
def _(m):
    replaced(m, "weight", np.zeros((5, 3), np.int8))


@bad("graph: broadcast that does not fit")
def _(m):
    replaced(m, "bias", np.zeros(7, np.float32))


@bad("graph: declared output of another shape")
def _(m):
    m.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 17


@bad("graph: declared output of another type")
def _(m):
    m.graph.output[0].type.tensor_type.elem_type = TensorProto.INT8


@bad("graph: output without type", "errors")
def _(m):
    m.graph.output[0].ClearField("type")
    node(m, "layer").op_type = "Unknown"


@bad("graph: input without type")
def _(m):
    m.graph.input[0].ClearField("type")


@bad("graph: input of a sequence")
def _(m):
    m.graph.input[0].type.CopyFrom(helper.make_sequence_type_proto(helper.make_tensor_type_proto(1, [1])))


@bad("graph: input of an unknown element type")
def _(m):
    m.graph.input[0].type.tensor_type.elem_type = 99


@bad("graph: input of texts")
def _(m):
    m.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING


for _size, _word in ((-1, "-1"), (-(2**62), "-2^62"), (2**40, "2^40"), (2**62, "2^62")):

    @bad(f"graph: input dimension {_word}")
    def _(m, size=_size):
        m.graph.input[0].type.tensor_type.shape.dim[1].dim_value = size


@bad("graph: input dimension 0")
def _(m):
    m.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 0


@bad("graph: input without dimensions")
def _(m):
    m.graph.input[0].type.tensor_type.shape.ClearField("dim")


@bad("graph: unsupported nodes", "errors", names="second")
def _(m):
    m.graph.node.insert(0, helper.make_node("LSTM", ["x"], ["l"], name="first"))
    m.graph.node.insert(1, helper.make_node("FFT", ["l"], ["f"], name="second", domain="com.example"))
    node(m, "quantize").input[0] = "f"


@bad("graph: unknown domain", "errors", names="layer")
def _(m):
    node(m, "layer").domain = "com.example.unknown"


@bad("graph: unknown operator", "errors", names="layer")
def _(m):
    node(m, "layer").op_type = "MatMulTwice"


@bad("graph: unknown opset")
def _(m):
    m.opset_import[0].version = 9999


@bad("graph: opset 0")
def _(m):
    m.opset_import[0].version = 0


@bad("graph: opset of a negative version")
def _(m):
    m.opset_import[0].version = -7


@bad("graph: opset 1, before quantization")
def _(m):
    m.opset_import[0].version = 1


@bad("graph: names that are no UTF-8")
def _(m):
    data = m.SerializeToString()
    return data.replace(b"weight_scale", b"we\xff\xfeght_scal\xc0")


@bad("graph: attribute of the wrong type")
def _(m):
    node(m, "weights").attribute.append(helper.make_attribute("axis", "zero"))


@bad("graph: axis out of range")
def _(m):
    replaced(m, "weight_scale", np.ones(3, np.float32))
    node(m, "weights").attribute.append(helper.make_attribute("axis", 7))


@bad("graph: axis of -2^63")
def _(m):
    replaced(m, "weight_scale", np.ones(3, np.float32))
    node(m, "weights").attribute.append(helper.make_attribute("axis", -(2**63)))


@bad("graph: block of 0")
def _(m):
    replaced(m, "weight_scale", np.ones((2, 3), np.float32))
    node(m, "weights").attribute.extend([helper.make_attribute("axis", 0), helper.make_attribute("block_size", -3)])


@bad("graph: function that calls itself", "errors")
def _(m):
    call = helper.make_node("F", ["a"], ["b"], domain="own")
    m.functions.append(helper.make_function("own", "F", ["a"], ["b"], [call], [helper.make_opsetid("own", 1)]))
    m.opset_import.append(helper.make_opsetid("own", 1))
    m.graph.node.insert(0, helper.make_node("F", ["x"], ["f"], name="call", domain="own"))
    node(m, "quantize").input[0] = "f"


@bad("graph: functions that call each other 2^40 times", "errors")
def _(m):
    m.opset_import.append(helper.make_opsetid("own", 1))
    for depth in range(40):
        calls = [
            helper.make_node(f"F{depth + 1}", ["a"], ["t"], domain="own"),
            helper.make_node(f"F{depth + 1}", ["t"], ["b"], domain="own"),
        ]
        if depth == 39:
            calls = [helper.make_node("Relu", ["a"], ["b"])]
        opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 21)]
        m.functions.append(helper.make_function("own", f"F{depth}", ["a"], ["b"], calls, opsets))
    m.graph.node.insert(0, helper.make_node("F0", ["x"], ["f"], name="call", domain="own"))
    node(m, "quantize").input[0] = "f"


@bad("graph: reshape to 2^60 numbers")
def _(m):
    m.graph.node.insert(3, helper.make_node("Reshape", ["w", "shape"], ["r"], name="reshape"))
    m.graph.initializer.append(numpy_helper.from_array(np.array([2**30, 2**30], np.int64), "shape"))
    node(m, "layer").input[1] = "r"


@bad("graph: expansion to 2^40 numbers", "errors")
def _(m):
    shape = numpy_helper.from_array(np.array([2**20, 2**20], np.int64), "shape")
    m.graph.initializer.append(shape)
    m.graph.node.insert(3, helper.make_node("ConstantOfShape", ["shape"], ["r"], name="zeros"))
    node(m, "layer").input[1] = "r"


bad("graph: a chain of 10 000 Relu nodes", "good", make=lambda: _chain(10000, "Relu"))(lambda m: None)
bad("graph: a chain of 10 000 unknown nodes", "errors", make=lambda: _chain(10000, "Relu"))(
    lambda m: [setattr(n, "op_type", "Unknown") for n in m.graph.node if n.op_type == "Relu"] and None
)
bad("graph: good", "good")(lambda m: None)
bad("graph: good QONNX", "good", make=tiny_quant)(lambda m: None)


# ---- Constants ---------------------------------------------------------------

for _word, _value in {"NaN": np.nan, "infinite": np.inf, "zero": 0.0, "negative": -0.5}.items():

    @bad(f"scale: {_word}", names="quantize")
    def _(m, value=_value):
        replaced(m, "scale", np.float32(value))

    @bad(f"scale: {_word}, of weights", names="weights")
    def _(m, value=_value):
        replaced(m, "weight_scale", np.float32([0.5, value, 0.5]))
        node(m, "weights").attribute.append(helper.make_attribute("axis", 1))

    bad(f"scale: {_word}, in QONNX", names="quantize", make=lambda value=_value: tiny_quant(scale=np.float32(value)))(
        lambda m: None
    )


@bad("scale: of the wrong length")
def _(m):
    replaced(m, "weight_scale", np.ones(7, np.float32))
    node(m, "weights").attribute.append(helper.make_attribute("axis", 1))


@bad("scale: of integers")
def _(m):
    replaced(m, "scale", np.int32(1))


@bad("scale: empty")
def _(m):
    replaced(m, "scale", np.zeros(0, np.float32))


@bad("zero point: of floats")
def _(m):
    replaced(m, "zero", np.float32(0))


@bad("zero point: of another type than the codes")
def _(m):
    node(m, "dequantize").input[2] = "other"
    m.graph.initializer.append(numpy_helper.from_array(np.int16(0), "other"))


@bad("bias: NaN", names="add")
def _(m):
    replaced(m, "bias", np.float32([0, np.nan, 0]))


@bad("bias: infinite", names="add")
def _(m):
    replaced(m, "bias", np.float32([0, np.inf, 0]))


for _bits in (0, 33, 2.5, -4, np.nan, np.inf, 1e30):
    bad(f"bits: {_bits}", names="quantize", make=lambda bits=_bits: tiny_quant(bits=np.float32(bits)))(lambda m: None)
bad("bits: several", make=lambda: tiny_quant(bits=np.float32([4, 5, 6, 7])))(lambda m: None)


@bad("Quant: no attribute signed", names="signed", make=tiny_quant)
def _(m):
    kept = [a for a in node(m, "quantize").attribute if a.name != "signed"]
    node(m, "quantize").ClearField("attribute")
    node(m, "quantize").attribute.extend(kept)


@bad("Quant: unknown rounding", names="SIDEWAYS", make=tiny_quant)
def _(m):
    next(a for a in node(m, "quantize").attribute if a.name == "rounding_mode").s = b"SIDEWAYS"


@bad("tensor: too few bytes", names="weight")
def _(m):
    tensor(m, "weight").raw_data = b"\1\2\3"


@bad("tensor: too many bytes", names="weight")
def _(m):
    tensor(m, "weight").raw_data += b"\1\2\3"


@bad("tensor: without data", names="weight")
def _(m):
    tensor(m, "weight").ClearField("raw_data")


@bad("tensor: in the wrong field", names="weight")
def _(m):
    tensor(m, "weight").ClearField("raw_data")
    tensor(m, "weight").float_data.extend([1.0] * 12)


@bad("tensor: numbers beyond its type", names="weight")
def _(m):
    tensor(m, "weight").ClearField("raw_data")
    tensor(m, "weight").int32_data.extend([1000] * 12)


for _dims, _word in (((-4, 3), "negative"), ((4, -3), "second negative"), ((2**40, 2**40), "2^40")):

    @bad(f"tensor: dimension {_word}", names="weight")
    def _(m, dims=_dims):
        del tensor(m, "weight").dims[:]
        tensor(m, "weight").dims.extend(dims)


@bad("tensor: dimension 0")
def _(m):
    replaced(m, "weight", np.zeros((0, 3), np.int8))


@bad("tensor: of an unknown type", names="weight")
def _(m):
    tensor(m, "weight").data_type = 77


@bad("tensor: of texts", names="weight")
def _(m):
    tensor(m, "weight").CopyFrom(helper.make_tensor("weight", TensorProto.STRING, [4, 3], [b"a"] * 12))


@bad("tensor: float weights where codes must be", names="weights")
def _(m):
    replaced(m, "weight", np.ones((4, 3), np.float32))


# ---- External data -----------------------------------------------------------


def _external(folder, location, offset=None, length=None):
    """A model whose weights lie in a file."""
    model = tiny_net()
    weight = tensor(model, "weight")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            weight.external_data.add(key=key, value=str(value))
    (folder / "model.onnx").write_bytes(model.SerializeToString())


_DATA = bytes(range(12))


@in_folder("external data: good", "good")
def _(folder):
    (folder / "weights.bin").write_bytes(b"....." + _DATA)
    _external(folder, "weights.bin", 5, 12)


@in_folder("external data: ../", names="weight")
def _(folder):
    (folder.parent / "outside.bin").write_bytes(_DATA)
    _external(folder, "../outside.bin")


@in_folder("external data: ../ within", names="weight")
def _(folder):
    (folder / "sub").mkdir()
    (folder.parent / "outside.bin").write_bytes(_DATA)
    _external(folder, "sub/../../outside.bin")


@in_folder("external data: absolute path", names="weight")
def _(folder):
    (folder / "weights.bin").write_bytes(_DATA)
    _external(folder, folder / "weights.bin")


@in_folder("external data: symlink to the outside", names="weight")
def _(folder):
    (folder.parent / "outside.bin").write_bytes(_DATA)
    os.symlink("../outside.bin", folder / "weights.bin")
    _external(folder, "weights.bin")


@in_folder("external data: folder that is a symlink", names="weight")
def _(folder):
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere/weights.bin").write_bytes(_DATA)
    os.symlink("../elsewhere", folder / "sub")
    _external(folder, "sub/weights.bin")


@in_folder("external data: no file", names="weight")
def _(folder):
    _external(folder, "weights.bin")


@in_folder("external data: a device", names="weight")
def _(folder):
    os.symlink("/dev/zero", folder / "weights.bin")
    _external(folder, "weights.bin")


@in_folder("external data: a named pipe", names="weight")
def _(folder):
    os.mkfifo(folder / "weights.bin")
    _external(folder, "weights.bin")


@in_folder("external data: a folder", names="weight")
def _(folder):
    (folder / "weights.bin").mkdir()
    _external(folder, "weights.bin")


@in_folder("external data: too short", names="weight")
def _(folder):
    (folder / "weights.bin").write_bytes(_DATA[:7])
    _external(folder, "weights.bin")


@in_folder("external data: no location", names="weight")
def _(folder):
    _external(folder, None, 0, 12)


for _offset, _length in ((5, 12), (-1, 12), (2**63, 12), (0, 2**40), (0, -1), ("zero", 12), (0, 5)):

    @in_folder(f"external data: offset {_offset}, length {_length}", names="weight")
    def _(folder, offset=_offset, length=_length):
        (folder / "weights.bin").write_bytes(_DATA)
        _external(folder, "weights.bin", offset, length)
