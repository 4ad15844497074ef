# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""uniform1 to uniform8, ternary and bipolar: integers times a scale, one an output or one a layer; zero point 0.

Scales are those of least squared error: found exactly for one bit (the mean magnitude) and for ternary (all thresholds
are tried), by a search otherwise. uniform1 is bipolar. Outputs whose weights are all zero keep integers of 0.
"""

import numpy as np

from sumac.quantize.coding import Coded, coding, each, lengthening

SMALLEST_SCALE = float(np.finfo(np.float32).tiny)


def as_scale(scale):
    """Positive float64 numbers as float32: not below the smallest normal number, 1 where they are 0."""
    scale = np.where(scale == 0, 1.0, np.maximum(scale, SMALLEST_SCALE))
    return np.minimum(scale, np.finfo(np.float32).max).astype(np.float32)


def single_magnitude(rows):
    """Where the nonzero numbers of a row have one magnitude: that, else 0; [rows]."""
    sizes = abs(rows)
    largest = sizes.max(1)
    return np.where(((sizes == 0) | (sizes == largest[:, None])).all(1), largest, 0.0)


def quantize_rows(rows, scale, low, high):
    """The nearest integers in [low, high] for float32 scales [rows]: float64 of the shape of rows."""
    return np.rint(rows / scale.astype(np.float64)[:, None]).clip(low, high)


def search_scales(rows, low, high):
    """Scales [rows], float64, of (nearly) least squared error for integers in [low, high]."""
    largest = abs(rows).max(1)
    best, least = largest / high, np.full(len(rows), np.inf)
    for part in np.linspace(1.0, 0.1, 46):
        scale = as_scale(largest * part / high).astype(np.float64)
        integers = np.rint(rows / scale[:, None]).clip(low, high)
        power = np.maximum((integers**2).sum(1), 1.0)
        product = (rows * integers).sum(1)
        gained = -(product**2) / power  # the error after the scale's refit, less the sum of squares
        better = (gained < least) & (product > 0)
        best, least = np.where(better, product / power, best), np.where(better, gained, least)
    return np.where(largest > 0, best, 0.0)


def ternary_scales(rows):
    """Scales [rows], float64, of least squared error for integers -1, 0 and 1."""
    sizes = np.sort(abs(rows), axis=1)[:, ::-1]
    sums, counts = np.cumsum(sizes, axis=1), np.arange(1, rows.shape[1] + 1)
    best = np.argmax(sums**2 / counts, axis=1)
    return np.take_along_axis(sums / counts, best[:, None], 1)[:, 0]


def quantize_weights(spec, rows):
    """Float64 rows, each with a scale of its own: integers int8 of that shape and scales float32 [rows]."""
    if spec in ("bipolar", "uniform1"):
        scale = as_scale(abs(rows).mean(1))
        integers = np.where(rows < 0, -1, 1) * rows.any(1, keepdims=True)
        return integers.astype(np.int8), scale
    if spec == "ternary":
        low, high, scale = -1, 1, ternary_scales(rows)
    else:
        high = (1 << (int(spec.removeprefix("uniform")) - 1)) - 1
        low, scale = -high - 1, search_scales(rows, -high - 1, high)
    single = single_magnitude(rows)
    scale = as_scale(np.where(single > 0, single, scale))
    return quantize_rows(rows, scale, low, high).astype(np.int8), scale


def _lengthened(rows, integers, scale):
    """The scales, float32 [rows], all longer by one factor (1 for rows of zeros); as they are if float32 ends there."""
    factor = lengthening(rows, integers * scale.astype(np.float64)[:, None])
    longer = np.where(integers.any(1), scale.astype(np.float64) * factor, scale)
    most = abs(integers.astype(np.float64)).max(1) * longer
    return as_scale(longer) if most.max() < np.finfo(np.float32).max else scale


@coding(*(f"uniform{bits}" for bits in range(1, 9)), summary="integers of 1 to 8 bits times a scale (QDQ)")
@coding("ternary", summary="-1, 0 and 1 times a scale (QDQ)")
@coding("bipolar", summary="-1 and 1 times a scale (QDQ)")
def encode(spec, matrices, settings):
    bits = {"ternary": 2, "bipolar": 1}.get(spec) or int(spec.removeprefix("uniform"))
    return [_encode_layer(spec, w, bits, settings) for w in each(matrices)]


def _encode_layer(spec, weights, bits, settings):
    per_channel = settings.per_channel
    rows = weights if per_channel else weights.reshape(1, -1)
    integers, scale = quantize_weights(spec, rows)
    if settings.unbiased:
        scale = _lengthened(rows, integers, scale)
    integers = integers.reshape(weights.shape)
    scale = scale if per_channel else scale[0]
    factor = scale[:, None] if per_channel else scale
    return Coded(
        values=integers.astype(np.float32) * factor,
        codes=integers.astype(np.int64),
        bits=bits,
        overhead=32 * scale.size,
        integers=integers,
        scale=scale,
        integer_bits=max(bits, 2),
    )
