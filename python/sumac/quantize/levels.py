# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scalar quantization to a few levels: nearest levels, entropy-constrained ones, and k-means in one dimension.

Every cell is an interval, so on sorted values an iteration is a search for each level, however many values there are.
"""

import numpy as np


def boundaries(levels, penalties):
    """The cells of argmin_n (w - levels[n])^2 + penalties[n]: int64 [K] and float64 [K - 1].

    The first array names the levels whose cell is not empty in ascending order; cell i holds the w with
    edges[i - 1] < w <= edges[i]. Of equal levels the one of the smallest penalty is kept, the first of equal ones.
    """
    kept, edges = [], []
    for n in np.lexsort((np.arange(len(levels)), penalties, levels)).tolist():
        if kept and levels[kept[-1]] == levels[n]:
            continue
        edge = None
        while kept:
            m = kept[-1]
            gap = levels[n] - levels[m]
            edge = (levels[n] + levels[m]) / 2 + (penalties[n] - penalties[m]) / (2 * gap)
            if not edges or edge > edges[-1]:
                break
            kept.pop()
            edges.pop()
        if kept:
            edges.append(edge)
        kept.append(n)
    return np.array(kept, np.int64), np.array(edges, np.float64)


def assign(values, levels, penalties=None):
    """The index of each value's level, int64 of the shape of `values`."""
    levels = np.asarray(levels, np.float64)
    penalties = np.zeros(len(levels)) if penalties is None else penalties
    kept, edges = boundaries(levels.tolist(), np.asarray(penalties).tolist())
    return kept[np.searchsorted(edges, values, side="left")]


class SortedValues:
    """Numbers, sorted once, whose sums over intervals are then cheap."""

    def __init__(self, values):
        self.values = np.sort(np.asarray(values, np.float64), axis=None)
        self.sums = np.concatenate(([0.0], np.cumsum(self.values)))
        self.squares = float(np.sum(self.values**2))

    def __len__(self):
        return len(self.values)

    def cells(self, levels, penalties):
        """For each level the number of values in its cell and their sum, both float64 [levels]."""
        kept, edges = boundaries(levels.tolist(), penalties.tolist())
        ends = np.concatenate(([0], np.searchsorted(self.values, edges, side="right"), [len(self)]))
        counts, sums = np.zeros(len(levels)), np.zeros(len(levels))
        counts[kept] = np.diff(ends)
        sums[kept] = np.diff(self.sums[ends])
        return counts, sums

    def error(self, levels, counts, sums):
        """The sum of squared differences between values and levels, for what cells() gave."""
        return max(0.0, self.squares - 2 * float(levels @ sums) + float(levels**2 @ counts))


def _starts(values, count):
    """First levels for k-means: even in range, even in number, and between (density to the power of 1/3)."""
    low, high = values.values[0], values.values[-1]
    shares = (np.arange(count) + 0.5) / count
    yield low + shares * (high - low)
    yield np.quantile(values.values, shares)
    heights, edges = np.histogram(values.values, bins=1024)
    density = np.concatenate(([0.0], np.cumsum(np.cbrt(heights))))
    yield np.interp(shares * density[-1], density, edges)


def kmeans(weights, count, iterations=300):
    """Levels float64 [<= count], ascending, of locally least squared error for the numbers `weights`.

    A level at zero stays there if exact zeros are more than a 1 / count part of the weights.
    """
    weights = np.ravel(weights)
    distinct = np.unique(weights)
    if len(distinct) <= count:
        return distinct
    values, none = SortedValues(weights), np.zeros(count)
    pinned = np.count_nonzero(weights == 0) * count > len(weights)
    best_error, best = np.inf, distinct[:count]
    for levels in _starts(values, count):
        for _ in range(iterations):
            if pinned:
                levels[np.argmin(abs(levels))] = 0.0
            counts, sums = values.cells(levels, none)
            error = values.error(levels, counts, sums)
            if error < best_error:
                best_error, best = error, levels.copy()
            moved = np.where(counts > 0, sums / np.maximum(counts, 1), levels)
            if np.allclose(moved, levels, rtol=1e-9, atol=0):
                break
            levels = moved
    return np.unique(best)
