# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the weights of an exported model are and what storing them costs, read back from the constants alone.

Sizes are those of the weights (with their coefficients, scales or table), in bits; biases and batch norms cost all
models the same and are left out.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from onnx import helper, numpy_helper


def weights_of(model):
    """The fully connected layers of a ModelProto, from the input on: (constant [outputs, inputs], its scale or None).

    The constant is what the file holds: integers with a scale behind them, or plain floats without.
    """
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    producers = {output: node for node in model.graph.node for output in node.output}
    layers = []
    for node in model.graph.node:
        if node.op_type != "Gemm":
            continue
        assert {a.name: helper.get_attribute_value(a) for a in node.attribute} == {"transB": 1}, node.name
        producer = producers.get(node.input[1])
        if producer is None:
            layers.append((constants[node.input[1]], None))
        else:
            layers.append((constants[producer.input[0]], constants[producer.input[1]]))
    return layers


def subset_sums(coefficients):
    """All sums of subsets, in the order of their codes: bit k of the code adds coefficient k."""
    sums = [0.0]
    for coefficient in coefficients:
        sums += [partial + coefficient for partial in sums]
    return sums


def find_basis(values, count=4):
    """`count` coefficients whose subset sums contain all of `values`, exactly, or None.

    Each coefficient is looked for among the values and their differences: it is one, unless no two codes differ in it
    alone. Differences that many pairs share are tried first.
    """
    values = sorted({float(value) for value in np.ravel(values)} | {0.0})
    pairs = Counter(first - second for first in values for second in values if first != second)
    return _extend((), sorted(pairs, key=lambda d: (-pairs[d], abs(d), d)), set(values), count)


def _extend(chosen, candidates, values, count):
    """`chosen` and more of the candidates, `count` in all, whose sums contain all values; or None."""
    sums = set(subset_sums(chosen))
    left = values - sums
    free = count - len(chosen)
    if not left:
        return [*chosen, *[0.0] * free]
    if len(left) > len(sums) * ((1 << free) - 1):
        return None
    if free == 1:  # the last one takes any value that is left to a sum
        value = next(iter(left))
        lasts = (value - partial for partial in sums)
        return next(([*chosen, last] for last in lasts if left <= {partial + last for partial in sums}), None)
    for position, candidate in enumerate(candidates):
        found = _extend((*chosen, candidate), candidates[position + 1 :], values, count)
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class Shifts:
    """A layer of sums of at most two signed powers of two whose exponents are at most `high`, in the window below it."""

    high: int
    terms: np.ndarray  # how many powers each weight needs, [outputs, inputs]

    @property
    def counts(self):
        """k of each row: the largest number of powers that one of its weights needs."""
        return self.terms.max(1)


def find_shifts(weights, window=8):
    """The Shifts of a layer for the window of exponents that needs the fewest powers; None if there is none."""
    values, uses = np.unique(np.asarray(weights, np.float64), return_counts=True)
    top = math.frexp(abs(values).max())[1]
    best, fewest = None, math.inf
    for high in range(top, top - 3, -1):
        powers = [sign * 2.0**e for e in range(high - window + 1, high + 1) for sign in (1, -1)]
        needed = {first + second: 2 for first in powers for second in powers}
        needed |= {power: 1 for power in powers} | {0.0: 0}
        terms = [needed.get(float(value), math.inf) for value in values]
        if np.dot(terms, uses) < fewest:
            best, fewest = Shifts(high, np.array(terms)[np.searchsorted(values, weights)]), np.dot(terms, uses)
    return best


def pool_of(layers, group=8):
    """The distinct groups of `group` weights along the inputs over all layers, [entries, group].

    A group that the layer's width cuts short counts only where no whole one begins with it.
    """
    whole, short = set(), []
    for weights in layers:
        for row in weights:
            for start in range(0, len(row), group):
                part = tuple(row[start : start + group].tolist())
                if len(part) == group:
                    whole.add(part)
                else:
                    short.append(part)
    begins = {entry[: len(part)] for part in set(short) for entry in whole}
    assert set(short) <= begins, "a group that is cut short is no entry's beginning"
    return np.array(sorted(whole))


def entropy_bits(symbols):
    """The bits of an ideal entropy code for these symbols, without its table."""
    _, counts = np.unique(symbols, return_counts=True)
    shares = counts / counts.sum()
    return float(-(counts * np.log2(shares)).sum())


def basis_bits(weights):
    """The smallest storage of a layer of 4-bit codes [M, N] without its coefficients: (bits, name of the format)."""
    (rows, columns), nonzero = weights.shape, int(np.count_nonzero(weights))
    index = math.ceil(math.log2(columns))
    return min(
        (4 * rows * columns, "dense"),
        (rows * columns + 4 * nonzero, "bitmask"),
        (nonzero * (4 + index) + (rows + 1) * math.ceil(math.log2(nonzero + 1)), "CSR"),
    )
