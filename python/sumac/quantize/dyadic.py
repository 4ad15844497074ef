# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dyadic grids: integers of few bits times one power of two, which float32 holds and adds without rounding."""

import numpy as np

#: The exponents of powers of two that float32 holds (with subnormal numbers).
SMALLEST_EXPONENT, LARGEST_EXPONENT = -149, 127


def grid_exponent(largest, bits):
    """The smallest e for which `largest` rounds to a signed integer of `bits` bits times 2^e; 0 for 0."""
    if largest == 0:
        return 0
    limit = (1 << (bits - 1)) - 1
    exponent = max(int(np.frexp(largest)[1]) - bits, SMALLEST_EXPONENT)
    while np.rint(np.ldexp(largest, -exponent)) > limit:
        exponent += 1
    return exponent


def round_to_grid(values, bits):
    """Integers int64 of `bits` bits, of the shape of float64 `values`, and e: values ~ integers * 2^e."""
    values = np.asarray(values, np.float64)
    exponent = grid_exponent(abs(values).max(initial=0.0), bits)
    return np.rint(np.ldexp(values, -exponent)).astype(np.int64), exponent


def to_float32(integers, exponent):
    """integers * 2^exponent as float32, or None where float32 does not hold them all exactly."""
    exact = np.ldexp(np.asarray(integers, np.float64), exponent)
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    return rounded if np.array_equal(rounded.astype(np.float64), exact) else None
