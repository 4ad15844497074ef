# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Evaluates a quantized multilayer perceptron in exact arithmetic: what the model means, without rounding errors.

Float constants are taken as the rational numbers that they are; every code that a quantizer gives is the one that real
arithmetic gives, ties to even; the logits are rounded once, to the nearest float32. It reads what sumac.export writes
(QDQ and QONNX: fully connected layers, also with plain float32 weights, batch norm, ReLU, zero points of 0) and what
Brevitas makes of such networks, shares no code with the compiler or with the exporter, and refuses anything else. Needs
numpy and onnx only.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import onnx
from onnx import helper, numpy_helper

from sumac.oracles import command_line

#: Relative error of the float64 estimates below: each is made by fewer than 32 operations, which err by 2^-53 at most.
ESTIMATE_ERROR = 2.0**-48


@dataclass(frozen=True)
class Result:
    """What the evaluation of N inputs gives."""

    logits: np.ndarray  # float32 [N, outputs], the exact values rounded once
    codes: list[np.ndarray]  # the codes of each quantized activation but the input, int64 [N, features]
    tie_distance: np.ndarray  # float64 [N]: how close a value of `codes` came to a rounding boundary, in steps


@dataclass(frozen=True)
class Coded:
    """Integers [rows, features] times a scale: one, or one a row."""

    integers: np.ndarray
    scales: list[Fraction]


@dataclass(frozen=True)
class Affine:
    """The real numbers (slope * accumulator + shift) / sqrt(variance) + offset, ReLU behind them if `clamped`.

    accumulator is int64 [N, features]; the other four are rationals, one a feature.
    """

    accumulator: np.ndarray
    slope: list[Fraction]
    shift: list[Fraction]
    variance: list[Fraction]
    offset: list[Fraction]
    clamped: bool = False

    def estimate(self, scale):
        """The values over `scale` in float64, and a bound of the estimate's error, both [N, features]."""
        root = np.sqrt(_floats(self.variance)) * float(scale)
        product = _floats(self.slope) / root * self.accumulator
        shift, offset = _floats(self.shift) / root, _floats(self.offset) / float(scale)
        value = product + shift + offset
        error = ESTIMATE_ERROR * (abs(product) + abs(shift) + abs(offset))
        return (value.clip(0) if self.clamped else value), error

    def compare(self, row, feature, boundary):
        """-1, 0 or 1: the order of one value (before ReLU) and a rational number. The root is compared by squares."""
        left = self.slope[feature] * int(self.accumulator[row, feature]) + self.shift[feature]
        right = boundary - self.offset[feature]
        left, right = left * abs(left), right * abs(right) * self.variance[feature]
        return (left > right) - (left < right)


def _floats(numbers):
    return np.array([float(number) for number in numbers])


def _fractions(array):
    return [Fraction(float(number)) for number in np.ravel(array)]


def _round_decided(estimate, error, compare, low, high):
    """Rounds reals half to even and clips to [low, high]: int64 codes, of the shape of `estimate`.

    `estimate` is off by `error` at most. Where that leaves the rounding open, compare(row, feature, k) tells exactly on
    which side of k + 1/2 the value lies (-1, 0, 1).
    """
    codes = np.rint(estimate)
    below = np.floor(estimate)
    undecided = (abs(estimate - below - 0.5) <= error) & (below >= low) & (below < high)
    for row, feature in np.argwhere(undecided):
        code = int(below[row, feature])
        side = compare(row, feature, code)
        codes[row, feature] = code + (side > 0 or (side == 0 and code % 2 == 1))
    return codes.clip(low, high).astype(np.int64)


def _to_float32(number):
    """A rational number rounded to the nearest float32, ties to even."""
    near = np.float32(float(number))  # twice rounded: at most one step off
    candidates = [near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))]
    return min(candidates, key=lambda c: (abs(Fraction(float(c)) - number), int(c.view(np.uint32)) & 1))


class _Evaluation:
    """One walk over the graph; `values` maps names to arrays (floats or codes), Coded or Affine values."""

    def __init__(self, model, image):
        graph = model.graph
        self.values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.codes, self.tie_distance = [], np.full(len(image), np.inf)
        names = [value.name for value in graph.input if value.name not in self.values]
        self.values.update(command_line.bind_inputs(names, [image]))
        for node in graph.node:
            rule = getattr(self, f"_{node.op_type}", None)
            if rule is None:
                raise ValueError(f"{node.name}: {node.op_type} has no exact rule here")
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            operands = [self.values[name] for name in node.input]
            self.values[node.output[0]] = rule(node, attributes, *operands)
        self.output = self.values[graph.output[0].name]

    def result(self):
        """The logits and what was noted on the way."""
        y = self.output
        if not isinstance(y, Affine) or y.clamped or any(v != 1 for v in y.variance) or any(y.offset):
            raise ValueError("the output is not that of a fully connected layer")
        estimate, error = y.estimate(1)
        logits = (estimate - error).astype(np.float32)
        for row, feature in np.argwhere(logits != (estimate + error).astype(np.float32)):
            accumulator = int(y.accumulator[row, feature])
            logits[row, feature] = _to_float32(y.slope[feature] * accumulator + y.shift[feature])
        return Result(logits, self.codes, self.tie_distance)

    def _quantize(self, x, scale, low, high):
        """Codes of an array [rows, features] or of an Affine value; `scale` is float32, a scalar or one a row."""
        scale = np.asarray(scale, np.float64)
        if isinstance(x, np.ndarray):

            def compare(row, feature, code):
                divisor = scale if scale.size == 1 else scale[row]
                left = Fraction(float(x[row, feature]))
                right = (code + Fraction(1, 2)) * Fraction(divisor.item())
                return (left > right) - (left < right)

            estimate = x.astype(np.float64) / scale
            return _round_decided(estimate, ESTIMATE_ERROR * abs(estimate), compare, low, high)
        step = Fraction(scale.item())
        estimate, error = x.estimate(step)
        codes = _round_decided(
            estimate, error, lambda row, feature, k: x.compare(row, feature, (k + Fraction(1, 2)) * step), low, high
        )
        boundary = (np.floor(estimate) + 0.5).clip(low + 0.5, high - 0.5)
        self.tie_distance = np.minimum(self.tie_distance, abs(estimate - boundary).min(1))
        self.codes.append(codes)
        return codes

    def _QuantizeLinear(self, node, attributes, x, scale, zero_point):
        _require(node, not zero_point.any() and scale.ndim == 0, "one scale and a zero point of 0")
        bounds = np.iinfo(zero_point.dtype)
        return self._quantize(x, scale, bounds.min, bounds.max)

    def _Clip(self, node, attributes, x, low, high):
        codes = x.clip(int(low), int(high))
        if self.codes and self.codes[-1] is x:
            self.codes[-1] = codes
        return codes

    def _DequantizeLinear(self, node, attributes, x, scale, *zero_point):
        _require(node, not any(z.any() for z in zero_point), "a zero point of 0")
        _require(node, scale.ndim == 0 or attributes.get("axis", 1) == 0, "one scale, or one a row")
        return Coded(x.astype(np.int64), _fractions(scale))

    def _Quant(self, node, attributes, x, scale, zero_point, bits):
        _require(node, not zero_point.any() and attributes["rounding_mode"] == b"ROUND", "a zero point of 0 and ROUND")
        bits, signed, narrow = int(bits), attributes["signed"], attributes["narrow"]
        low = -(2 ** (bits - 1)) + narrow if signed else 0
        high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
        return Coded(self._quantize(x, scale, low, high), _fractions(scale))

    def _BipolarQuant(self, node, attributes, x, scale):
        _require(node, isinstance(x, np.ndarray) and scale.ndim == 0 and scale > 0, "constants and one scale")
        return Coded(np.where(x >= 0, 1, -1).astype(np.int64), _fractions(scale))

    def _Transpose(self, node, attributes, x):
        _require(node, attributes.get("perm", [1, 0]) == [1, 0] and len(x.scales) == 1, "a matrix with one scale")
        return Coded(x.integers.T, x.scales)

    def _Gemm(self, node, attributes, x, weights, *bias):
        plain = {"alpha": 1.0, "beta": 1.0, "transA": 0}
        _require(node, {**plain, **attributes} == {**plain, "transB": 1}, "transB = 1 and no factors")
        return self._linear(node, x, weights, *bias)

    def _MatMul(self, node, attributes, x, weights):
        _require(node, isinstance(weights, Coded), "quantized weights")
        return self._linear(node, x, self._Transpose(node, {}, weights))

    def _linear(self, node, x, weights, *bias):
        """The layer of `weights` [outputs, inputs]."""
        _require(node, len(x.scales) == 1, "one scale for the input")
        if isinstance(weights, np.ndarray):
            weights = _real_weights(node, weights)
        outputs, inputs = weights.integers.shape
        largest = int(abs(x.integers).max(initial=0)) * int(abs(weights.integers).max()) * inputs
        _require(node, largest < 2**53, "accumulators of fewer than 53 bits")
        accumulator = x.integers.astype(np.float64) @ weights.integers.T.astype(np.float64)  # exact, below 2^53
        scales = weights.scales if len(weights.scales) == outputs else weights.scales * outputs
        return Affine(
            accumulator.astype(np.int64),
            slope=[scale * x.scales[0] for scale in scales],
            shift=_fractions(bias[0]) if bias else [Fraction(0)] * outputs,
            variance=[Fraction(1)] * outputs,
            offset=[Fraction(0)] * outputs,
        )

    def _BatchNormalization(self, node, attributes, x, gain, offset, mean, variance):
        _require(node, all(v == 1 for v in x.variance) and not x.clamped, "a fully connected layer before it")
        epsilon = Fraction(float(np.float32(attributes.get("epsilon", 1e-5))))
        gain, mean = _fractions(gain), _fractions(mean)
        return replace(
            x,
            slope=[g * slope for g, slope in zip(gain, x.slope)],
            shift=[g * (shift - m) for g, shift, m in zip(gain, x.shift, mean)],
            variance=[v + epsilon for v in _fractions(variance)],
            offset=_fractions(offset),
        )

    def _Relu(self, node, attributes, x):
        return replace(x, clamped=True)


def _real_weights(node, weights):
    """Plain float32 weights as integers times the largest power of two that divides them all."""
    mantissas, exponents = np.frexp(weights.astype(np.float64))
    integers = (mantissas * 2.0**24).astype(np.int64)  # a float32 has 24 bits
    used = integers != 0
    trailing = [(i & -i).bit_length() - 1 for i in integers[used].tolist()]
    unit = int((exponents[used] - 24 + trailing).min(initial=1000)) if used.any() else 0
    shifts = np.where(used, exponents - 24 - unit, 0)
    _require(node, shifts.max(initial=0) < 30, "weights that span fewer than 54 bits")
    whole = np.where(shifts < 0, integers >> np.maximum(-shifts, 0), integers << np.maximum(shifts, 0))
    return Coded(whole, [Fraction(2) ** unit])


def _require(node, condition, what):
    if not condition:
        raise ValueError(f"{node.name}: this evaluation needs {what}")


def evaluate(model, image):
    """The exact meaning of a ModelProto on a float32 batch [N, features], as a Result."""
    return _Evaluation(model, image).result()


def run_model(path, inputs):
    """The only output of the model for its inputs, arrays in the graph's order."""
    return evaluate(onnx.load(path), *inputs).logits


if __name__ == "__main__":
    command_line.run("exact", "Evaluate a quantized multilayer perceptron in exact arithmetic.", run_model)
