# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small networks with random weights that stream, beside the example models: a perceptron and one with a skip."""

import numpy as np

from sumac.export.quantized_mlp import Grid, Layer, QuantizedMLP
from sumac.testing.graph_builder import GraphBuilder


def perceptron(sizes=(16, 64, 32, 32, 5), bits=4, seed=1):
    """Layers of these sizes, by default those that papers on jets in particle physics use."""
    rng = np.random.default_rng(seed)
    layers = []
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
        weights = rng.integers(-(1 << (bits - 1)) + 1, 1 << (bits - 1), (outputs, inputs)).astype(np.int8)
        is_last = number == len(sizes) - 1
        layers.append(
            Layer(
                weights,
                Grid(np.float32(0.1), bits, signed=True, narrow=True),
                bias=rng.normal(0, 1, outputs).astype(np.float32),
                activation_grid=None if is_last else Grid(np.float32(0.3), bits, signed=False),
            )
        )
    return QuantizedMLP("perceptron", Grid.of_bytes(), layers).to_qdq()


def _quantize(net, value, scale, kind):
    """Rounds to integers of numpy type `kind` times `scale`; gives the real values."""
    operands = [net.constant(np.float32(scale)), net.constant(kind(0))]
    return net.node("DequantizeLinear", [net.node("QuantizeLinear", [value, *operands]), *operands])


def _layer(net, rng, value, outputs, inputs):
    weights = net.constant(rng.integers(-7, 8, (outputs, inputs)).astype(np.int8))
    real = net.node("DequantizeLinear", [weights, net.constant(np.float32(0.1)), net.constant(np.int8(0))])
    return net.node("Gemm", [value, real], transB=1)


def residual(features=24, outputs=5, seed=1):
    """Two layers, added to their own input: a branch that has to wait for a whole frame."""
    rng, net = np.random.default_rng(seed), GraphBuilder()
    x = _quantize(net, net.input(features, "x"), 0.05, np.uint8)
    inner = net.node("Relu", [_layer(net, rng, x, 2 * features, features)])
    inner = _quantize(net, inner, 0.2, np.uint8)
    y = _quantize(net, _layer(net, rng, inner, features, 2 * features), 0.4, np.int8)
    joined = _quantize(net, net.node("Add", [x, y]), 0.5, np.int8)
    net.output(_layer(net, rng, joined, outputs, features), [outputs])
    return net.model("residual")


NETS = {"perceptron": perceptron, "residual": residual}
