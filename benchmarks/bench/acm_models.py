# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Seeded multilayer perceptrons with 4-bit weights, for the accumulate-multiply core.

Activations are uint8 behind ReLU. `basis` weights are float32 sums of up to four coefficients of the layer, as EC4T leaves
them; `int4` weights are INT4 tensors behind DequantizeLinear. A share of the codes is not 0.
"""

import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KINDS = ("basis", "int4")
#: Coefficients, of 12 bits with their signs, that almost cancel; the grid that they lie on is 2^-16.
COEFFICIENTS = (301, -709, 1129, -727)
GRID = 2.0**-16


def draw(kind, shape, density, rng):
    """Integers [outputs, inputs] of which a share `density` has a code that is not 0."""
    codes = np.where(rng.random(shape) < density, rng.integers(1, 16, shape), 0)
    if kind == "int4":
        return np.where(codes >= 8, codes - 16, codes)
    return sum(((codes >> k) & 1) * c for k, c in enumerate(COEFFICIENTS))


class _Writer:
    """The nodes of a model; activations are followed on a few rows to choose scales."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes, self.initializers = [], []

    def constant(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def quantize(self, value, scale, name):
        operands = [self.constant(f"{name}_scale", np.float32(scale)), self.constant(f"{name}_zero", np.uint8(0))]
        self.nodes.append(helper.make_node("QuantizeLinear", [value, *operands], [f"{name}_codes"], name=f"{name}_quantize"))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_codes", *operands], [name], name=f"{name}_dequantize"))
        return name

    def weights(self, kind, values, step, name):
        if kind == "basis":
            return self.constant(name, (values * step).astype(np.float32))
        tensor = helper.make_tensor(f"{name}_codes", TensorProto.INT4, values.shape, values.ravel())
        self.initializers.append(tensor)
        scale = self.constant(f"{name}_scale", np.float32(step))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_codes", scale], [name], name=f"{name}_dequantize"))
        return name


def write(path, shape, kind, density):
    """Writes a model of these sizes, input first."""
    seed = f"{shape} {kind} {density}"
    writer = _Writer(np.random.default_rng(zlib.crc32(seed.encode())))
    rng, rows = writer.rng, writer.rng.random((64, shape[0]))
    value = writer.quantize("x", 1 / 255, "input")
    for number, (inputs, outputs) in enumerate(zip(shape, shape[1:]), 1):
        values = draw(kind, (outputs, inputs), density, rng)
        step = GRID if kind == "basis" else 2.0**-6
        spread = step * float(np.abs(values).mean() + 1)
        bias = rng.normal(0, spread, outputs).astype(np.float32)
        weights = writer.weights(kind, values, step, f"fc{number}_weights")
        operands = [value, weights, writer.constant(f"fc{number}_bias", bias)]
        value = f"fc{number}_sums"
        writer.nodes.append(helper.make_node("Gemm", operands, [value], transB=1, name=f"fc{number}"))
        rows = np.maximum(rows @ (values.T * step) + bias, 0)
        if number + 1 == len(shape):
            break
        writer.nodes.append(helper.make_node("Relu", [value], [f"fc{number}_relu"], name=f"relu{number}"))
        scale = np.float32(max(np.quantile(rows, 0.999), 1e-3) / 255)
        value = writer.quantize(f"fc{number}_relu", scale, f"act{number}")
        rows = np.clip(np.rint(rows / scale), 0, 255) * scale
    ends = [(name, ["batch", size]) for name, size in (("x", shape[0]), (value, shape[-1]))]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in ends]
    graph = helper.make_graph(writer.nodes, "mlp", ports[:1], ports[1:], writer.initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)
