# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random weights of every coding: integers that have its structure, and the bits that it needs for them."""

from dataclasses import dataclass

import numpy as np

from sumac.testing.random_models import Case, _inputs, _size, _start
from sumac.testing.random_nets import NetWriter, Signal

#: Sum forms and storages for all layers that can have them, besides the target's own choice.
FORMS = [
    None,
    "masked_sums",
    "shifted_sums",
    "bit_planes",
    "lookup_sums",
    "adder_graph",
    "pooled_sums",
    "cached_sums",
    "multiply_accumulate",
]
STORAGES = [None, "packed", "bitmask", "csr", "smallest"]


@dataclass(frozen=True)
class Coded:
    """Integers [outputs, inputs], the coding that they were made from, and its bits with all tables."""

    values: np.ndarray
    kind: str
    bits: int


def _width(values):
    """Bits of the widest in two's complement."""
    return max(int(max(v, -v - 1)).bit_length() + 1 for v in np.ravel(values).tolist())


def _codes(rng, shape, count):
    """Codes below `count`; 0 is frequent at times, as in pruned layers."""
    codes = rng.integers(0, count, shape)
    return np.where(rng.random(shape) < rng.choice([0, 0.5, 0.9]), 0, codes)


def basis(rng, shape):
    count = int(rng.integers(1, 5))
    limit = 1 << int(rng.integers(1, 12))
    coefficients = rng.integers(-limit, limit + 1, count)
    codes = _codes(rng, shape, 1 << count)
    values = sum(((codes >> k) & 1) * c for k, c in enumerate(coefficients))
    # Other coefficients may give the same values, and be wider.
    return Coded(values, "basis", values.size * count + count * (_width(coefficients) + 2))


def shift(rng, shape):
    most = int(rng.integers(1, 4))
    terms = rng.integers(0, most + 1, (shape[0], 1))
    signs = rng.choice([-1, 1], (most, *shape))
    powers = 1 << rng.integers(0, 7, (most, *shape))
    used = np.arange(most)[:, None, None] < terms
    values = (signs * powers * used * (rng.random((most, *shape)) < 0.9)).sum(0)
    # The shortest form of a sum of terms may reach one power higher.
    return Coded(values, "shift", int(most * values.size) * 5 + 3 * shape[0])


def codebook(rng, shape):
    count = int(rng.choice([2, 3, 7, 16, 17, 100, 256]))
    limit = 1 << int(rng.integers(3, 16))
    table = rng.integers(-limit, limit + 1, count)
    values = table[_codes(rng, shape, count)]
    index = max(1, (count - 1).bit_length())
    return Coded(values, "codebook", 2 * (values.size * index + count * _width(table)))


def uniform(rng, shape):
    bits = int(rng.integers(1, 9))
    values = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), shape)
    return Coded(values, "uniform", values.size * bits)


def bipolar(rng, shape):
    return Coded(rng.choice([-1, 1], shape), "bipolar", int(np.prod(shape)))


def pooled(rng, table, shape):
    groups = -(-shape[1] // 8)
    indices = rng.integers(0, len(table), (shape[0], groups))
    return Coded(table[indices].reshape(shape[0], -1)[:, : shape[1]], "pool", 0)


KINDS = [basis, shift, codebook, uniform, bipolar]


def _linear(net, x, coded):
    """A layer with these weights, as float32 on a dyadic grid."""
    net.layers += 1
    step = 2.0 ** int(net.rng.integers(-12, 1))
    weights = net.constant(np.float32(coded.values * step), stem="weight")
    size = x.unit * step * float(np.abs(coded.values).mean() + 1) * np.sqrt(x.features)
    bias = net.constant(net.nice(coded.values.shape[0], size)) if net.chance(0.6) else None
    if bias is None and net.opset < 11:
        bias = net.constant(np.zeros(coded.values.shape[0], np.float32))
    value = net.node("Gemm", [x.name, weights, bias], transB=1)
    return Signal(value, coded.values.shape[0], size)


def coded_layers(seed, number, count):
    """A model of `count` layers side by side with coded weights, and what they were made from.

    Every sixth model's layers share a pool.
    """
    rng = np.random.default_rng([seed, number, count])
    net = NetWriter(rng, "qdq")
    table = rng.integers(-128, 128, (int(rng.choice([1, 2, 16, 64, 256])), 8)) if number % 6 == 5 else None
    made = []
    for _ in range(count):
        x = net.quantize(_start(net, _size(net)))
        shape = (_size(net), x.features)
        coded = KINDS[int(rng.integers(len(KINDS)))](rng, shape) if table is None else pooled(rng, table, shape)
        made.append(coded)
        y = _linear(net, x, coded)
        y = net.quantize(net.epilogue(y))
        net.output(y.name, [y.features])
    return Case(net.model(), _inputs(net, int(rng.integers(2, 7))), "coded", net.layers), made
