# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rules of the exact evaluation for operators that quantize: standard, com.microsoft and QONNX.

A rule takes (attributes, *inputs), each a Value or None, and gives a Value.
"""

from fractions import Fraction
from math import isinf, isnan

import numpy as np
from onnx import TensorProto

from sumac.testing.reals import round_to_integer, sign
from sumac.testing.values import Value, elementwise, objects, product, require

RANGES = {
    TensorProto.INT2: (-2, 1),
    TensorProto.UINT2: (0, 3),
    TensorProto.INT4: (-8, 7),
    TensorProto.UINT4: (0, 15),
    TensorProto.INT8: (-128, 127),
    TensorProto.UINT8: (0, 255),
    TensorProto.INT16: (-(1 << 15), (1 << 15) - 1),
    TensorProto.UINT16: (0, (1 << 16) - 1),
    TensorProto.INT32: (-(1 << 31), (1 << 31) - 1),
}


def clamp(n, low, high):
    return low if n < low else high if n > high else n


def _over(x, scale):
    """x / scale; infinities and NaN, which only graph inputs have, are floats and stay so (NaN as -infinity)."""
    if isinstance(x, float):
        return float("-inf") if isnan(x) or (x < 0) != (scale < 0) else float("inf")
    return x * (1 / Fraction(scale)) if isinstance(scale, (int, Fraction)) else x / scale


def code_zero_point_last(x, scale, zero, low, high):
    """ONNX: clamp(round_half_even(x / scale) + zero)."""
    quotient = _over(x, scale)
    if isinstance(quotient, float) and isinf(quotient):
        return high if quotient > 0 else low
    return clamp(round_to_integer(quotient) + zero, low, high)


def code_zero_point_first(x, scale, zero, low, high, mode):
    """QONNX: round(clamp(x / scale + zero)), clamped again since a fractional zero point may round beyond."""
    y = _over(x, scale)
    if isinstance(y, float) and isinf(y):
        return high if y > 0 else low
    return round_to_integer(clamp(y + zero, low, high), mode)


def spread(parameter, shape, axis, block):
    """A scale or zero point as an array of `shape`: a scalar, one an index of `axis`, or one a block along it."""
    if parameter.size == 1:
        return np.broadcast_to(parameter.reshape(()), shape)
    axis = range(len(shape))[axis]
    if block:
        parts = np.repeat(parameter, block, axis)
        return parts[tuple(slice(0, n) for n in shape)]
    require(parameter.ndim == 1, "a scale of more than one dimension without block_size")
    return np.broadcast_to(parameter.reshape([-1 if i == axis else 1 for i in range(len(shape))]), shape)


def _parameters(attributes, x, scale, zero):
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)
    zeros = objects(np.zeros(scale.array.shape, np.int64)) if zero is None else zero.array
    return spread(scale.array, x.shape, axis, block), spread(zeros, x.shape, axis, block)


def quantize_linear(attributes, x, scale, zero=None):
    kind = zero.kind if zero is not None else attributes.get("output_dtype", 0) or TensorProto.UINT8
    scales, zeros = _parameters(attributes, x.array, scale, zero)
    low, high = RANGES[kind]
    return Value(elementwise(lambda v, s, z: code_zero_point_last(v, s, z, low, high), x.array, scales, zeros), kind)


def dequantize_linear(attributes, x, scale, zero=None):
    scales, zeros = _parameters(attributes, x.array, scale, zero)
    return Value(elementwise(lambda q, s, z: Fraction(q - z) * s, x.array, scales, zeros), TensorProto.FLOAT)


# ---- Integer matrix products -------------------------------------------------


def _rows(zero):
    """A zero point or scale of the left matrix: a scalar, or one a row."""
    return zero.reshape(-1, 1) if zero.ndim == 1 and zero.size > 1 else zero


def _centred(a, zero, of_rows):
    if zero is None:
        return a.array
    return a.array - (_rows(zero.array) if of_rows else zero.array)


def mat_mul_integer(attributes, a, b, a_zero=None, b_zero=None):
    return Value(product(_centred(a, a_zero, True), _centred(b, b_zero, False)), TensorProto.INT32)


def _to_type(reals, zero, kind):
    low, high = RANGES[kind]
    return Value(elementwise(lambda y, z: clamp(round_to_integer(y) + z, low, high), reals, zero), kind)


def q_linear_mat_mul(attributes, a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero):
    sums = product(_centred(a, a_zero, True), _centred(b, b_zero, False))
    factor = objects(_rows(a_scale.array) * b_scale.array)
    y = elementwise(lambda n, f, s: Fraction(n) * f / s, sums, factor, objects(_rows(y_scale.array)))
    return _to_type(y, objects(_rows(y_zero.array)), y_zero.kind)


def q_gemm(attributes, a, a_scale, a_zero, b, b_scale, b_zero, c=None, y_scale=None, y_zero=None):
    left = a.array.T if attributes.get("transA") else a.array
    trans_b = attributes.get("transB", 0)
    right = b.array - (b_zero.array.reshape(-1, 1) if trans_b and b_zero.array.ndim else b_zero.array)
    sums = product(left - a_zero.array, right.T if trans_b else right)
    if c is not None:
        sums = sums + c.array
    factor = objects(a_scale.array * b_scale.array * Fraction(attributes.get("alpha", 1.0)))
    y = elementwise(lambda n, f: Fraction(n) * f, sums, factor)
    if y_scale is None:
        return Value(y, TensorProto.FLOAT)
    kind = y_zero.kind if y_zero is not None else a.kind
    zero = y_zero.array if y_zero is not None else objects(np.int64(0))
    return _to_type(elementwise(lambda v, s: v / s, y, y_scale.array), zero, kind)


def _unpack(codes, bits, count):
    """The first `count` fields of `bits` bits of each row of bytes, lowest bits first."""
    rows = []
    for row in codes.reshape(-1, codes.shape[-1]):
        whole = sum(int(byte) << (8 * i) for i, byte in enumerate(row))
        rows.append([(whole >> (bits * i)) & ((1 << bits) - 1) for i in range(count)])
    return np.array(rows, dtype=object).reshape(*codes.shape[:-1], count)


def mat_mul_n_bits(attributes, a, b, scales, zero=None, order=None, bias=None):
    n, k, bits, block = (attributes[name] for name in ("N", "K", "bits", "block_size"))
    blocks = -(-k // block)
    codes = _unpack(b.array.reshape(n, blocks, -1), bits, block)
    if zero is None:
        zeros = np.full((n, blocks), 1 << (bits - 1), dtype=object)
    elif zero.kind == TensorProto.UINT8:
        zeros = _unpack(zero.array.reshape(n, -1), bits, blocks)
    else:
        zeros = zero.array.reshape(n, blocks)
    weights = (codes - zeros[..., None]) * scales.array.reshape(n, blocks, 1)
    y = product(a.array, weights.reshape(n, -1)[:, :k].T)
    return Value(y if bias is None else y + bias.array, TensorProto.FLOAT)


# ---- QONNX -------------------------------------------------------------------


def _single_integer(value, what):
    (number,) = value.array.ravel()
    require(number == int(number), f"{what} is no integer")
    return int(number)


def integer_range(bits, signed, narrow):
    if signed:
        return -(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1 - narrow


def quant(attributes, x, scale, zero, bits):
    bits, signed, narrow = _single_integer(bits, "bitwidth"), attributes["signed"], attributes["narrow"]
    if bits == 1 and signed:
        low, high = -1, 1

        def code(v, s, z):
            y = _over(v, s)
            y = y if isinstance(y, float) else y + z
            return 1 if (y >= 0 if isinstance(y, float) else sign(y) >= 0) else -1
    else:
        low, high = integer_range(bits, signed, narrow)
        mode = attributes.get("rounding_mode", b"ROUND").decode()

        def code(v, s, z):
            return code_zero_point_first(v, s, z, low, high, mode)

    y = elementwise(lambda v, s, z: (code(v, s, z) - z) * s, x.array, scale.array, zero.array)
    return Value(y, TensorProto.FLOAT)


def bipolar_quant(attributes, x, scale):
    def value(v, s):
        return s if (v >= 0 if isinstance(v, float) else sign(v) >= 0) else -s

    return Value(elementwise(value, x.array, scale.array), TensorProto.FLOAT)


def trunc(attributes, x, scale, zero, in_bits, *rest):
    """Version 1: (..., out_bits); version 2: (..., out_scale, out_bits)."""
    mode = attributes.get("rounding_mode", b"FLOOR").decode()
    in_bits, out_bits = _single_integer(in_bits, "in_bitwidth"), _single_integer(rest[-1], "out_bitwidth")
    if len(rest) == 1:
        step = 1 << (in_bits - out_bits)

        def value(v, s, z):
            return (round_to_integer(Fraction(round_to_integer(v / s + z), step), mode) - z) * s

        return Value(elementwise(value, x.array, scale.array, zero.array), TensorProto.FLOAT)
    low, high = integer_range(out_bits, attributes["signed"], attributes["narrow"])

    def value_2(v, s, z, out):
        ratio, exponent = Fraction(out) / s, 0
        while ratio * ratio > Fraction(4) ** exponent * 2:  # 2^exponent nearest to the ratio
            exponent += 1
        step = 1 << exponent
        q = clamp(Fraction(round_to_integer(v / s + z), step), low, high)
        return (round_to_integer(q, mode) - z / step) * out

    y = elementwise(value_2, x.array, scale.array, zero.array, rest[0].array)
    return Value(y, TensorProto.FLOAT)


def multi_threshold(attributes, x, thresholds):
    scale, bias = (Fraction(float(np.float32(attributes.get(n, d)))) for n, d in (("out_scale", 1), ("out_bias", 0)))
    axis = 1 if attributes.get("data_layout", b"NCHW") in (b"NCHW", b"NC") else x.array.ndim - 1
    y = np.empty_like(x.array)
    for index, v in np.ndenumerate(x.array):
        row = thresholds.array[index[axis] if len(thresholds.array) > 1 else 0]
        reached = sum(v >= t if isinstance(v, float) else sign(v - t) >= 0 for t in row)
        y[index] = scale * reached + bias
    return Value(y, TensorProto.FLOAT)


RULES = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
    "MatMulInteger": mat_mul_integer,
    "QLinearMatMul": q_linear_mat_mul,
    "QGemm": q_gemm,
    "MatMulNBits": mat_mul_n_bits,
    "Quant": quant,
    "IntQuant": quant,
    "BipolarQuant": bipolar_quant,
    "Trunc": trunc,
    "MultiThreshold": multi_threshold,
}
