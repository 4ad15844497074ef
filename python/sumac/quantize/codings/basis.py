# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""basis2, basis3, basis4: a weight is the sum of a subset of a layer's n coefficients (FantastIC4, section F4).

code c, 0 <= c < 2^n, means sum_k bit_k(c) w_k; code 0 is exactly zero. The assignment is that of EC4T without its
training: n*(ij) = argmin_n (W_ij - c_n)^2 - lambda log2 P_n, with P_n the share of weights whose nearest centroid is n,
alternated with the least-squares coefficients for that assignment. Coefficients are integers of `coefficient_bits` bits
times a power of two that the layer's coefficients share: all 2^n subset sums are exact in float32.
"""

import itertools

import numpy as np

from sumac.quantize.coding import Coded, coding, each, lengthening
from sumac.quantize.dyadic import round_to_grid, to_float32
from sumac.quantize.errors import QuantizeError
from sumac.quantize.levels import SortedValues, assign

SIGMA = 0.05  # EC4T: keeps lambda of small layers above zero
LEAST_P0 = 0.5  # EC4T: zero counts as at least this probable
SHORTLIST = 12  # starts that are followed to the end, after
FIRST_ITERATIONS = 4


def subsets(n):
    """Bit k of c: float64 [2^n, n]."""
    return (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(np.float64)


def _starts(largest, n):
    """First coefficients, [n] each: geometric sequences with all signs, each at four sizes."""
    for ratio, signs, size in itertools.product(
        (1.2, 1.4, 1.6, 2.0), itertools.product((1, -1), repeat=n), (1, 0.7, 0.5, 0.3)
    ):
        shape = np.array(signs) * ratio ** np.arange(n)
        reach = max(shape[shape > 0].sum(), -shape[shape < 0].sum())
        yield shape / reach * largest * size


def _refit(coefficients, masks, counts, sums):
    """Least squares: the coefficients for the weights' assignment; those that no weight uses stay as they are."""
    normal = masks.T @ (masks * counts[:, None])
    used = np.diagonal(normal) > 0
    if not used.any():
        return coefficients
    result = coefficients.copy()
    result[used] = np.linalg.lstsq(normal[np.ix_(used, used)], (masks.T @ sums)[used], rcond=1e-12)[0]
    return result


def _penalties(values, levels, strength):
    """-lambda log2 P_n [2^n], P_n counted from nearest levels."""
    if strength == 0:
        return np.zeros(len(levels))
    return -strength * np.log2(_shares(values, levels))


def _shares(values, levels):
    counts, _ = values.cells(levels, np.zeros(len(levels)))
    shares = np.maximum(counts, 0.5) / len(values)
    shares[0] = max(shares[0], LEAST_P0)
    return shares


def _fit(values, coefficients, masks, strength, iterations):
    """Alternates assignment and refit; returns the last coefficients and their cost (squared error + penalties)."""
    for _ in range(iterations):
        levels = masks @ coefficients
        counts, sums = values.cells(levels, _penalties(values, levels, strength))
        moved = _refit(coefficients, masks, counts, sums)
        if abs(moved - coefficients).max() <= 1e-9 * abs(coefficients).max():
            break
        coefficients = moved
    return coefficients, _cost(values, masks @ coefficients, strength)


def _cost(values, levels, strength):
    penalties = _penalties(values, levels, strength)
    counts, sums = values.cells(levels, penalties)
    return values.error(levels, counts, sums) + float(penalties @ counts)


def _largest_lambda(values, levels):
    """lambda_max: the least lambda at which an extreme weight would go to zero, over both extremes."""
    shares, candidates = _shares(values, levels), []
    for weight in {values.values[0], values.values[-1]}:
        nearest = int(assign(weight, levels))
        gain = weight**2 - (weight - levels[nearest]) ** 2
        bits = np.log2(shares[0]) - np.log2(shares[nearest])
        if nearest and gain > 0 and bits > 0:
            candidates.append(gain / bits)
    return min(candidates, default=0.0)


def fit_coefficients(weights, n, relative_lambda, bits):
    """The basis of a layer's weights, of any shape.

    relative_lambda is gamma * delta_l, what lambda is of lambda_max. Returns integers int64 [n], the exponent e and
    lambda: the coefficients are integers * 2^e.
    """
    values, masks = SortedValues(weights), subsets(n)
    largest = abs(weights).max()
    if largest == 0:
        return np.zeros(n, np.int64), 0, 0.0
    starts = [_fit(values, start, masks, 0.0, FIRST_ITERATIONS) for start in _starts(largest, n)]
    starts = sorted(starts, key=lambda found: found[1])[:SHORTLIST]
    starts = [_fit(values, start, masks, 0.0, 100) for start, _ in starts]
    best, _ = min(starts, key=lambda found: found[1])
    strength = relative_lambda * _largest_lambda(values, masks @ best)
    found = []
    for start, _ in starts:
        coefficients, _ = _fit(values, start, masks, strength, 100)
        integers, exponent = round_to_grid(coefficients, bits)
        levels = to_float32(masks.astype(np.int64) @ integers, exponent)
        if levels is not None:
            found.append((_cost(values, levels.astype(np.float64), strength), integers, exponent))
    if not found:
        raise QuantizeError("the weights are too large for sums of coefficients in float32")
    _, integers, exponent = min(found, key=lambda candidate: candidate[0])
    return integers, exponent, strength


@coding("basis2", "basis3", "basis4", summary="sums of up to n coefficients a layer, entropy-constrained (FantastIC4)")
def encode(spec, matrices, settings):
    n, most = int(spec[-1]), max(w.size for w in matrices)
    return [
        _encode_layer(w, n, (w.size / most + SIGMA) / (1 + SIGMA) * settings.gamma, settings) for w in each(matrices)
    ]


def _encode_layer(weights, n, relative_lambda, settings):
    integers, exponent, strength = fit_coefficients(weights, n, relative_lambda, settings.coefficient_bits)
    levels = to_float32(subsets(n).astype(np.int64) @ integers, exponent)
    exact = levels.astype(np.float64)
    codes = assign(weights, exact, _penalties(SortedValues(weights), exact, strength))
    if settings.unbiased:
        longer = np.ldexp(integers.astype(np.float64), exponent) * lengthening(weights, exact[codes])
        found = round_to_grid(longer, settings.coefficient_bits)
        if (rounded := to_float32(subsets(n).astype(np.int64) @ found[0], found[1])) is not None:
            (integers, exponent), levels = found, rounded
    coefficients = to_float32(integers, exponent)
    return Coded(
        values=levels[codes],
        codes=codes,
        bits=n,
        overhead=n * settings.coefficient_bits + 8,
        details={
            "coefficients": [float(c) for c in coefficients],
            "integers": integers.tolist(),
            "exponent": exponent,
            "lambda": float(strength),
        },
    )
