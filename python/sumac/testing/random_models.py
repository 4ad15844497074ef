# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole random models from the pieces of random_nets: nets with branches, and many independent layers in one file."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto

from sumac.testing.random_nets import SIZES, STYLES, NetWriter, Signal


@dataclass(frozen=True)
class Case:
    """A model, its inputs by name, and what it is made of."""

    model: onnx.ModelProto
    inputs: dict
    style: str
    layers: int


def _start(net, features):
    name = net.input(features)
    net.input_grids[name] = (1.0, 16)
    return Signal(name, features, 1.0)


def _layer(net, x, outputs):
    """One layer behind a signal, quantized in front; the result is not."""
    if net.style in ("qdq", "qcdq", "qonnx"):
        return net.linear(net.quantize(x), outputs)
    return net.integer_layer(x, outputs)


def _size(net):
    return int(net.rng.choice(SIZES))


def _skip(net, x):
    """A residual: the input, quantized once, joined with what two layers make of it."""
    q = net.quantize(x)
    inner = net.quantize(net.epilogue(_layer(net, q, _size(net))))
    y = _layer(net, inner, q.features)
    if net.chance(0.6):
        y = net.quantize(y)
    return Signal(net.node(net.pick("Add", "Sub"), net.shuffled(q.name, y.name)), q.features, q.unit + y.unit)


def _join(net, x):
    """Two branches of one signal with scales of their own, joined by Add, Sub or Concat."""
    join = net.pick("Add", "Sub", "Concat")
    width = _size(net)
    sizes = (width, _size(net)) if join == "Concat" else (width, width)
    branches = [_layer(net, x, size) for size in sizes]
    if net.chance(0.5):
        branches = [net.epilogue(b) for b in branches]
    if join == "Concat" or net.chance(0.6):
        branches = [net.quantize(b) for b in branches]
    names = [b.name for b in branches]
    unit = max(b.unit for b in branches)
    if join == "Concat":
        return Signal(net.node("Concat", names, axis=int(net.pick(1, -1))), sum(sizes), unit)
    return Signal(net.node(join, names), width, unit)


def _reshaped(net, x):
    """Something that moves no number."""
    kind = net.pick("Identity", "Dropout", "Flatten", "Reshape", "Unsqueeze")
    if kind == "Reshape":
        shape = net.constant(np.array([net.pick(-1, 0), x.features], np.int64))
        return Signal(net.node("Reshape", [x.name, shape]), x.features, x.unit)
    if kind == "Unsqueeze" and net.opset >= 13:
        axes = net.constant(np.array([1], np.int64))
        y = net.node("Squeeze", [net.node("Unsqueeze", [x.name, axes]), axes])
        return Signal(y, x.features, x.unit)
    if kind == "Unsqueeze":
        kind = "Identity"
    return Signal(net.node(kind, [x.name]), x.features, x.unit)


def _finish(net, x):
    """The end of a net: nothing, a quantizer, Softmax, ArgMax or TopK."""
    end = net.pick("none", "none", "quantize", "Softmax", "ArgMax", "TopK", "activation")
    if end in ("Softmax", "ArgMax", "TopK") and x.features == 1 or end == "TopK" and net.opset < 11:
        end = "none"
    if end in ("Softmax", "ArgMax", "TopK") and net.chance(0.5):
        net.output(x.name, [x.features])
    if end == "quantize":
        x = net.quantize(x)
    elif end == "activation":
        x = net.activation(x)
    elif end == "Softmax":
        x = Signal(net.node("Softmax", [x.name], axis=1), x.features, 1)
    elif end == "ArgMax":
        keep = int(net.chance(0.5))
        return net.output(net.node("ArgMax", [x.name], axis=1, keepdims=keep), [1] * keep, TensorProto.INT64)
    elif end == "TopK":
        values, positions = net.node("TopK", [x.name, net.constant(np.array([1], np.int64))], outputs=2, axis=-1)
        net.output(values, [1])
        return net.output(positions, [1], TensorProto.INT64)
    return net.output(x.name, [x.features])


def _inputs(net, rows):
    """Numbers around each input's grid: ties, points of the grid, extremes, anything."""
    inputs = {}
    for declared in net.inputs:
        step, steps = net.input_grids[declared.name]
        shape = (rows, declared.type.tensor_type.shape.dim[1].dim_value)
        halves = net.rng.integers(-steps * 2, steps * 2 + 1, shape) / 2
        anything = net.rng.normal(0, steps / 2, shape)
        x = np.where(net.rng.random(shape) < 0.5, halves, anything) * step
        x = np.where(net.rng.random(shape) < 0.03, net.rng.choice([1e30, -1e30, 0.0, -0.0], shape), x)
        inputs[declared.name] = x.astype(np.float32)
    return inputs


def random_net(seed, number):
    """A net of one to four layers, or two branches of them."""
    rng = np.random.default_rng([seed, number])
    net = NetWriter(rng, STYLES[number % len(STYLES)])
    x = _start(net, _size(net))
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.random()
        if kind < 0.15:
            x = _skip(net, x)
        elif kind < 0.4:
            x = _join(net, net.quantize(x))
        else:
            x = net.epilogue(_layer(net, x, _size(net)))
        if net.chance(0.15):
            x = _reshaped(net, x)
    _finish(net, x)
    return Case(net.model(), _inputs(net, int(rng.integers(1, 8))), net.style, net.layers)


def random_layers(seed, number, count):
    """A model of `count` layers side by side, each with its input, quantizers, epilogue and output."""
    rng = np.random.default_rng([seed, number, count])
    net = NetWriter(rng, STYLES[number % len(STYLES)])
    floats = 0.3 if net.chance(0.2) else 0  # a target that refuses one output refuses the model
    for _ in range(count):
        x = _start(net, _size(net))
        y = _layer(net, x, _size(net))
        if net.chance(floats):  # accumulators as floats
            y = net.affine(y) if net.chance(0.5) else y
        else:
            y = net.quantize(net.epilogue(y))
        net.output(y.name, [y.features])
    return Case(net.model(), _inputs(net, int(rng.integers(2, 7))), net.style, net.layers)
