# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizers of activations: where they belong in a graph, their scales from samples, and their nodes."""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from sumac.quantize.codings.uniform import as_scale

NONE = "none"
#: What --activations takes; signed integers of the same width stand where values are negative.
CHOICES = (*(f"uint{bits}" for bits in range(8, 0, -1)), NONE)
METHODS = ("min-max", "percentile", "mse")

ACTIVATIONS = set(
    "Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid Tanh Clip Softplus Gelu HardSwish Mish".split()
)
JOINS = {"Add", "Sub", "Mul", "Concat", "Sum", "Max", "Min"}
MOVES = {"Flatten", "Reshape", "Identity", "Dropout", "Squeeze", "Unsqueeze", "Transpose"}
MOST_SAMPLES = 1 << 17  # of a value, for a search


@dataclass(frozen=True)
class ActivationGrid:
    """Integers of `bits` bits times a float32 scale, zero point 0."""

    scale: np.float32
    bits: int
    signed: bool

    @property
    def low(self):
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self):
        return (1 << (self.bits - self.signed)) - 1

    def __str__(self):
        return f"{'int' if self.signed else 'uint'}{self.bits} * {self.scale:.6g}"


def find_points(graph, layers):
    """The float values to quantize, in the graph's order: inputs of layers (in front of what only moves numbers), graph
    inputs that reach a layer, and activations that reach one through a join of two branches."""
    reaching = _reaching(graph, [node for layer in layers for node in layer.nodes])
    points = {_source(graph, node.input[0]) for layer in layers for node in layer.nodes}
    floats = [v.name for v in graph.inputs if v.type.tensor_type.elem_type == TensorProto.FLOAT]
    points |= reaching.intersection(floats)
    for node in graph.nodes:
        name = next(iter(node.output), "")
        if node.op_type in ACTIVATIONS and name in reaching and _is_joined(graph, name):
            points.add(name)
    order = [*floats, *(name for node in graph.nodes for name in node.output)]
    return [name for name in order if name in points and not _is_quantized(graph, name)]


def _source(graph, name):
    """The value whose numbers `name` holds, moved only."""
    while (node := graph.producers.get(name)) is not None and node.op_type in MOVES:
        if graph.constant(name) is not None:
            break
        name = node.input[0]
    return name


def _reaching(graph, nodes):
    """The names of all values that the nodes' first inputs depend on, themselves included."""
    found, waiting = set(), [node.input[0] for node in nodes]
    while waiting:
        name = waiting.pop()
        if name and name not in found:
            found.add(name)
            if name in graph.producers:
                waiting.extend(graph.producers[name].input)
    return found


def _is_joined(graph, name):
    """Whether a node adds (or otherwise joins) the value and another that is not a constant."""
    joins = [node for node in graph.consumers(name) if node.op_type in JOINS]
    return any(graph.constant(other) is None for node in joins for other in node.input if other != name)


def _is_quantized(graph, name):
    """Whether a value comes out of a quantizer already or is a constant."""
    node = graph.producers.get(name)
    return (node is not None and node.op_type in ("DequantizeLinear", "Quant", "BipolarQuant")) or (
        graph.constant(name) is not None
    )


def find_grid(samples, choice, method, percentile):
    """The grid for samples of a value, float32 of any shape. `choice` is one of CHOICES but "none"."""
    samples = np.ravel(samples).astype(np.float64)
    bits, signed = int(choice.removeprefix("uint")), bool((samples < 0).any())
    if bits == 1 and signed:
        bits = 2  # one signed bit is -1 and 0
    grid = ActivationGrid(np.float32(1), bits, signed)
    sizes = abs(samples)
    largest = sizes.max()
    if largest == 0:
        return grid
    if method == "percentile":
        reach = np.percentile(sizes, percentile) or largest
    elif method == "mse":
        reach = _least_error_reach(samples, largest, grid)
    else:
        reach = largest
    return ActivationGrid(as_scale(reach / grid.high)[()], bits, signed)


def _least_error_reach(samples, largest, grid):
    """The largest number to represent, for least squared error: a part of the largest that occurs."""
    samples = samples[:: -(-len(samples) // MOST_SAMPLES)]
    best, least = largest, np.inf
    for part in np.linspace(1.0, 0.02, 99):
        scale = float(as_scale(largest * part / grid.high))
        rounded = np.rint(samples / scale).clip(grid.low, grid.high) * scale
        error = float(np.sum((rounded - samples) ** 2))
        if error < least:
            best, least = largest * part, error
    return best


def insert(graph, name, grid):
    """Quantizes a value for all nodes that read it: QuantizeLinear, Clip below 8 bits, DequantizeLinear."""
    readers = graph.consumers(name)
    kind = np.int8 if grid.signed else np.uint8
    stem = f"{name}.activation"
    scale, zero = graph.add_constant(f"{stem}.scale", grid.scale), graph.add_constant(f"{stem}.zero_point", kind(0))
    value = graph.add_node("QuantizeLinear", [name, scale, zero], f"{stem}.quantize")
    if grid.bits < 8:
        low, high = (graph.add_constant(f"{stem}.{what}", kind(getattr(grid, what))) for what in ("low", "high"))
        value = graph.add_node("Clip", [value, low, high], f"{stem}.clip")
    graph.replace_uses(name, graph.add_node("DequantizeLinear", [value, scale, zero], f"{stem}.dequantize"), readers)
