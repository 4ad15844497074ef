# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a net as the plain file that drivers/onednn.c reads.

Header: layers, input zero point, output zero point (int32), 1 / input scale,
output scale (float32). Then per layer: inputs, outputs, output zero point
(int32); requantization scale (float32) and bias (int32) per output; weights
(int8, outputs x inputs), padded to 4 bytes. The input's zero point is folded
into the bias, which oneDNN adds to the int32 accumulator.
"""

import numpy as np


def write(net, path):
    """Writes a net with 8-bit activations; weights are int8 whatever their width."""
    out = net.layers[-1].grid
    parts = [
        np.array([len(net.layers), net.input.zero, out.zero], np.int32),
        np.array([1 / net.input.scale, out.scale], np.float32),
    ]
    grid = net.input
    for layer in net.layers:
        outputs, inputs = layer.weights.shape
        requantize = grid.scale * layer.scale / layer.grid.scale
        bias = layer.bias - grid.zero * layer.weights.sum(axis=1)
        weights = layer.weights.astype(np.int8).ravel()
        parts += [
            np.array([inputs, outputs, layer.grid.zero], np.int32),
            requantize.astype(np.float32),
            bias.astype(np.int32),
            np.pad(weights, (0, -weights.size % 4)),
        ]
        grid = layer.grid
    with open(path, "wb") as stream:
        for part in parts:
            stream.write(part.tobytes())
