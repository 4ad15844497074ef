# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bad files and bad graphs."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sumac.testing.bad_corpus import bad, chain, in_folder, node, replaced, tensor, tiny_quant

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


bad("graph: a chain of 10 000 Relu nodes", "good", make=lambda: chain(10000, "Relu"))(lambda m: None)
bad("graph: a chain of 10 000 unknown nodes", "errors", make=lambda: chain(10000, "Relu"))(
    lambda m: [setattr(n, "op_type", "Unknown") for n in m.graph.node if n.op_type == "Relu"] and None
)
bad("graph: good", "good")(lambda m: None)
bad("graph: good QONNX", "good", make=tiny_quant)(lambda m: None)
