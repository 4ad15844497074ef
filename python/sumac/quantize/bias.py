# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bias correction: what quantization shifts a layer's outputs by on average is taken from its bias."""

import numpy as np

from sumac.quantize import execute
from sumac.quantize.coding import say
from sumac.quantize.errors import QuantizeError
from sumac.quantize.graph import attribute


def output_name(node):
    """The value that a layer's node gives."""
    return node.output[0]


def correct(graph, layers, samples, wanted):
    """Adds the mean output error on the samples to the layers' biases, layer by layer, each seeing those before it.

    `wanted` holds the float model's outputs of the layers' nodes, float32 [N, outputs], by name.
    Returns the root mean square correction of each layer, by its name.
    """
    sizes = {}
    for layer in layers:
        say(f"correcting the bias of {layer.name}")
        for node in layer.nodes:
            name = output_name(node)
            given = execute.run(graph.build(), samples, [name])[name]
            if not (np.isfinite(wanted[name]).all() and np.isfinite(given).all()):
                raise QuantizeError(f"layer '{layer.name}': its outputs on the calibration data are NaN or infinite")
            error = wanted[name].astype(np.float64) - given.astype(np.float64)
            shift = error.reshape(-1, error.shape[-1]).mean(axis=0)
            sizes[layer.name] = float(np.sqrt(np.mean(shift**2)))
            if shift.any():
                _add_to_bias(graph, node, shift)
    return sizes


def _add_to_bias(graph, node, shift):
    """Adds float64 [outputs] to a node's bias: Gemm's own, the constant of the only Add behind it, or a new one."""
    name, beta = output_name(node), attribute(node, "beta", 1.0)
    if node.op_type == "Gemm" and beta != 0 and _replace(graph, node, 2, shift / beta):
        return
    readers = graph.consumers(name)
    if len(readers) == 1 and readers[0].op_type == "Add" and name not in graph.outputs:
        position = 1 - list(readers[0].input).index(name)
        if _replace(graph, readers[0], position, shift):
            return
    hidden = graph.fresh(f"{name}.uncorrected")
    node.output[0], graph.producers[hidden] = hidden, node
    bias = graph.add_constant(f"{name}.correction", shift.astype(np.float32))
    graph.add_node("Add", [hidden, bias], f"{name}.correct", output=name)


def _replace(graph, node, position, shift):
    """Replaces an operand that is a constant of [outputs] (or absent, in Gemm) by its sum with the shift."""
    operand = node.input[position] if position < len(node.input) else ""
    old = graph.constant(operand) if operand else np.zeros(1, np.float32)
    if old is None or old.dtype != np.float32 or old.size not in (1, len(shift)):
        return False
    if old.ndim > 2 or (old.ndim and old.shape[-1] != old.size):
        return False
    new = (old.astype(np.float64).ravel() + shift).astype(np.float32)
    new = new.reshape(old.shape) if old.size == new.size else new
    name = graph.add_constant(f"{operand or node.output[0]}.corrected", new)
    if position < len(node.input):
        node.input[position] = name
    else:
        node.input.append(name)
    return True
