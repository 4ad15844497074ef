# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors of exact numbers, for the exact evaluation of small models."""

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, lcm

import numpy as np
from onnx import TensorProto

FLOAT_KINDS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}


@dataclass(frozen=True)
class Value:
    """A tensor: an array of numbers (see reals; integers as int), and the element type that ONNX gives it."""

    array: np.ndarray
    kind: int  # TensorProto.FLOAT, ...


class Unsupported(ValueError):
    """Something that the evaluation has no rule for."""


def require(condition, what):
    if not condition:
        raise Unsupported(what)


def objects(array):
    """An array of Python numbers, of one dimension or none too."""
    array = np.asarray(array)
    return array if array.dtype == object else array.astype(object)


def _number(x):
    x = float(x)
    return Fraction(x) if isfinite(x) else x


def from_numpy(array, kind):
    """A tensor of floats or integers (ml_dtypes' too) as a Value."""
    convert = _number if kind in FLOAT_KINDS else int
    result = np.empty(array.shape, dtype=object)
    for index, x in np.ndenumerate(array):
        result[index] = convert(x)
    return Value(result, kind)


def elementwise(function, *arrays):
    """An array of function(elements), the arrays broadcast."""
    return objects(np.frompyfunc(function, len(arrays), 1)(*arrays))


def _numerators(array):
    denominator = lcm(*(x.denominator for x in array.ravel())) if array.size else 1
    return elementwise(lambda x: x.numerator * (denominator // x.denominator), array), denominator


def product(a, b):
    """The matrix product, as numpy.matmul has it."""
    if not all(isinstance(x, (int, Fraction)) for array in (a, b) for x in array.ravel()):
        return np.matmul(a, b)
    if all(isinstance(x, int) for array in (a, b) for x in array.ravel()):
        return np.matmul(a, b)
    (left, d), (right, e) = _numerators(a), _numerators(b)
    return elementwise(lambda n: Fraction(n, d * e), np.matmul(left, right))
