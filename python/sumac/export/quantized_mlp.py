# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A trained, quantized multilayer perceptron as plain numbers, and its two spellings in ONNX: QDQ and QONNX.

Both spellings mean the same exact function:

    code_0 = quantize(image, input_grid)
    code_k = quantize(relu(batch_norm(scale * weights @ code_(k-1) + bias)), activation_grid)
    logits = scale * weights @ code_last + bias

with quantize(x, grid) = clip(round_half_even(x / grid.scale), grid.low, grid.high).
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, OUTPUT = "image", "logits"


@dataclass(frozen=True)
class Grid:
    """Integers of `bits` bits times `scale`, a float32 scalar or one scale a channel, [C]. The zero point is 0.

    A narrow grid lacks the most negative integer if signed, the largest if not, as in QONNX. One signed bit is bipolar:
    -1 and 1.
    """

    scale: np.ndarray
    bits: int
    signed: bool
    narrow: bool = False

    @staticmethod
    def range_of(bits, signed, narrow):
        """The smallest and the largest integer of a grid."""
        if signed and bits == 1:
            return -1, 1
        if signed:
            return -(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1
        return 0, (1 << bits) - 1 - narrow

    @staticmethod
    def of_bytes():
        """The grid of pixels: 0 to 255 times float32(1 / 255)."""
        return Grid(np.float32(1) / np.float32(255), 8, signed=False)

    @property
    def low(self):
        return self.range_of(self.bits, self.signed, self.narrow)[0]

    @property
    def high(self):
        return self.range_of(self.bits, self.signed, self.narrow)[1]


@dataclass(frozen=True)
class BatchNorm:
    """gain * (x - mean) / sqrt(variance + epsilon) + offset, each constant float32 [C]."""

    gain: np.ndarray
    offset: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    epsilon: float


@dataclass(frozen=True)
class Layer:
    """A fully connected layer; what is None is left out. An activation grid implies the ReLU before it.

    Without a weight grid the weights are real numbers, written as they are: plain float32.
    """

    weights: np.ndarray  # the integers, int8 [outputs, inputs], or the real weights, float32
    weight_grid: Grid | None  # one scale, or one an output
    bias: np.ndarray | None = None  # float32 [outputs]
    batch_norm: BatchNorm | None = None
    activation_grid: Grid | None = None
    relu: bool = False


@dataclass(frozen=True)
class QuantizedMLP:
    """A network: the grid of its input and its layers, the last of which gives the logits. Without grids it is float."""

    name: str
    input_grid: Grid | None
    layers: list[Layer]

    def to_qdq(self):
        """The network in standard operators, opset 21: QuantizeLinear, Clip below 8 bits, DequantizeLinear."""
        return _QDQWriter().write(self)

    def to_qonnx(self):
        """The network with the operators Quant and BipolarQuant of qonnx.custom_op.general (opset 13)."""
        return _QONNXWriter().write(self)


class _Writer:
    """What the two spellings share: the layers. Subclasses say how a grid is written."""

    opset: int
    ir_version: int
    extra_domains: dict[str, int] = {}

    def __init__(self):
        self.nodes, self.initializers = [], []

    def write(self, net):
        """The network as a checked ModelProto with input [batch, inputs] and output [batch, outputs], float32."""
        value = INPUT if net.input_grid is None else self.activation(INPUT, "input", net.input_grid)
        for number, layer in enumerate(net.layers, 1):
            value = self.layer(value, f"fc{number}", layer)
        self.nodes[-1].output[0] = OUTPUT
        inputs, outputs = net.layers[0].weights.shape[1], net.layers[-1].weights.shape[0]
        graph = helper.make_graph(
            self.nodes,
            net.name,
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", inputs])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", outputs])],
            self.initializers,
        )
        domains = {"": self.opset, **self.extra_domains}
        model = helper.make_model(
            graph,
            producer_name="sumac",
            ir_version=self.ir_version,
            opset_imports=[helper.make_opsetid(domain, version) for domain, version in domains.items()],
        )
        onnx.checker.check_model(model, full_check=not self.extra_domains)
        return model

    def layer(self, value, name, layer):
        if layer.weight_grid is None:
            operands = [value, self.constant(f"{name}.weight", np.float32(layer.weights))]
        else:
            operands = [value, self.weight(f"{name}.weight", layer.weights, layer.weight_grid)]
        if layer.bias is not None:
            operands.append(self.constant(f"{name}.bias", layer.bias))
        value = self.node("Gemm", operands, name, transB=1)
        if (norm := layer.batch_norm) is not None:
            parts = {"gain": norm.gain, "offset": norm.offset, "mean": norm.mean, "variance": norm.variance}
            constants = [self.constant(f"{name}.norm.{part}", constant) for part, constant in parts.items()]
            value = self.node("BatchNormalization", [value, *constants], f"{name}.norm", epsilon=norm.epsilon)
        if layer.relu or layer.activation_grid is not None:
            value = self.node("Relu", [value], f"{name}.relu")
        if layer.activation_grid is not None:
            value = self.activation(value, f"{name}.activation", layer.activation_grid)
        return value

    def weight(self, name, integers, grid):
        """Writes weights [outputs, inputs]; returns the name of their real values."""
        raise NotImplementedError

    def activation(self, value, name, grid):
        """Writes the quantization of a value [batch, features] to a grid; returns the name of the result."""
        raise NotImplementedError

    def node(self, op_type, operands, name, **attributes):
        self.nodes.append(helper.make_node(op_type, operands, [f"{name}.out"], name=name, **attributes))
        return f"{name}.out"

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name


class _QDQWriter(_Writer):
    """Weights of 3 or 4 bits as INT4 (two a byte), others as int8; activations as uint8.

    2-bit weights stay int8: INT2 came with opset 25, which onnxruntime 1.31 does not run.
    """

    opset, ir_version = 21, 10

    def weight(self, name, integers, grid):
        if 2 < grid.bits <= 4:
            tensor = helper.make_tensor(name, TensorProto.INT4, integers.shape, integers.flatten())
            self.initializers.append(tensor)
        else:
            self.constant(name, integers)
        operands = [name, self.constant(f"{name}.scale", grid.scale)]
        axis = {"axis": 0} if np.ndim(grid.scale) else {}
        return self.node("DequantizeLinear", operands, f"{name}.dequantize", **axis)

    def activation(self, value, name, grid):
        scale = self.constant(f"{name}.scale", grid.scale)
        zero = self.constant(f"{name}.zero_point", np.uint8(0))
        value = self.node("QuantizeLinear", [value, scale, zero], f"{name}.quantize")
        if grid.bits < 8 or grid.narrow:
            bounds = [
                self.constant(f"{name}.low", np.uint8(grid.low)),
                self.constant(f"{name}.high", np.uint8(grid.high)),
            ]
            value = self.node("Clip", [value, *bounds], f"{name}.clip")
        return self.node("DequantizeLinear", [value, scale, zero], f"{name}.dequantize")


class _QONNXWriter(_Writer):
    """Weights as float32 initializers, integer * scale rounded to float32: Quant finds the integer again, since the
    quotient is off by a relative 2^-23 at most."""

    opset, ir_version = 13, 8
    extra_domains = {"qonnx.custom_op.general": 1}

    def weight(self, name, integers, grid):
        scale = np.reshape(grid.scale, (-1, 1)) if np.ndim(grid.scale) else grid.scale
        if grid.bits == 1 and grid.signed:
            operands = [self.constant(name, integers * scale), self.constant(f"{name}.quant.scale", scale)]
            return self.node("BipolarQuant", operands, f"{name}.quant", domain="qonnx.custom_op.general")
        return self.quant(self.constant(name, integers * scale), f"{name}.quant", scale, grid)

    def activation(self, value, name, grid):
        return self.quant(value, f"{name}.quant", grid.scale, grid)

    def quant(self, value, name, scale, grid):
        constants = {"scale": scale, "zero_point": np.float32(0), "bits": np.float32(grid.bits)}
        return self.node(
            "Quant",
            [value, *(self.constant(f"{name}.{part}", constant) for part, constant in constants.items())],
            name,
            domain="qonnx.custom_op.general",
            signed=int(grid.signed),
            narrow=int(grid.narrow),
            rounding_mode="ROUND",
        )
