# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bad constants: scales, zero points, bit widths, tensors and where their bytes lie."""

import os

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from sumac.testing.bad_corpus import bad, in_folder, node, replaced, tensor, tiny_net, tiny_quant

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
