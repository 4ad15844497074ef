# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The nets that are measured, and the integers that they mean.

A net is a chain of dense layers between quantizers. Weights and scales are
random but seeded; output scales are calibrated so that most codes occur.
`exact` computes the output codes in exact arithmetic: the yardstick for every
runtime, Sumac included.
"""

import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

f32 = np.float32

SHAPES = {
    "lenet": (784, 300, 100, 10),
    "small": (64, 64, 64, 64),
    "wide": (1024, 1024, 1024),
}

# Part of the calibrated range that a grid covers; no simple fraction, or the
# channel with the largest value would have nothing but ties.
FILL = 0.8971


@dataclass(frozen=True)
class Grid:
    """The codes of a quantizer: value = (code - zero) * scale."""

    scale: np.float32
    zero: int
    low: int
    high: int
    bipolar: bool = False  # codes are -1 and +1

    def quantize(self, codes_and_ties):
        """Codes from (round-half-even of value / scale), zero not yet added."""
        return np.clip(codes_and_ties + self.zero, self.low, self.high)


@dataclass(frozen=True)
class Layer:
    """One dense layer with its output quantizer."""

    weights: np.ndarray  # [outputs, inputs], integers
    scale: np.ndarray  # float32 [outputs]
    bias: np.ndarray  # int32 [outputs]
    bias_scale: np.ndarray  # float32 [outputs]
    relu: bool
    grid: Grid

    @property
    def float_bias(self):
        """The bias as a file stores it that has no integer bias.

        Off the grid of the sums by half a step: a sum of zero would be a tie
        that float32 rounding decides, and no runtime could agree with another.
        """
        return ((self.bias + 0.5) * self.bias_scale.astype(np.float64)).astype(f32)


@dataclass(frozen=True)
class Net:
    """A chain of layers; `integer_bias` says which form of bias the file has."""

    name: str
    shape: tuple
    weight_bits: int
    activation_bits: int
    input: Grid
    layers: tuple
    integer_bias: bool

    @property
    def title(self):
        return "-".join(map(str, self.shape))

    @property
    def form(self):
        return f"w{self.weight_bits}a{self.activation_bits}"


def _weights(random, rows, columns, bits):
    """Random integer weights that use all codes of the given width."""
    if bits == 1:
        return random.choice([-1, 1], (rows, columns)).astype(np.int64)
    if bits == 2:
        # All four codes, with mean 0: else ReLU would leave nothing.
        return random.choice(range(-2, 2), (rows, columns), p=(0.1, 0.2, 0.3, 0.4))
    limit = 2 ** (bits - 1) - 1
    spread = random.normal(0, 0.36 * limit, (rows, columns))
    return np.clip(np.rint(spread), -limit, limit).astype(np.int64)


def _hidden_grid(bits, values):
    """A grid for non-negative values (or signs, for one bit)."""
    if bits == 1:
        return Grid(f32(np.abs(values).mean()), 0, -1, 1, bipolar=True)
    high = 2**bits - 1
    reach = FILL if bits == 8 else 0.4871
    return Grid(f32(values.max() * reach / high), 0, 0, high)


def make(shape_name, weight_bits, activation_bits):
    """Builds a seeded net; 8-bit activations take part at every layer's edge."""
    shape = SHAPES[shape_name]
    name = f"{shape_name}_w{weight_bits}a{activation_bits}"
    random = np.random.default_rng(zlib.crc32(name.encode()))
    low_bit = activation_bits < 8
    if activation_bits == 8:
        grid = Grid(f32(0.0273), 117, 0, 255)
    elif activation_bits == 1:
        grid = Grid(f32(0.37), 0, -1, 1, bipolar=True)
    else:
        grid = Grid(f32(0.37), 0, 0, 2**activation_bits - 1)
    first = grid
    # One-bit weights are BipolarQuant nodes, so their file is QONNX.
    integer_bias = weight_bits > 1
    layers = []
    codes = _random_codes(random, grid, (512, shape[0]))
    for index, (inputs, outputs) in enumerate(zip(shape, shape[1:])):
        last = index == len(shape) - 2
        weights = _weights(random, outputs, inputs, weight_bits)
        scale = np.exp(random.normal(-3, 0.3, outputs)) / np.sqrt(inputs)
        scale = scale.astype(f32)
        limit = 2000 if not low_bit else int(np.sqrt(inputs))
        bias = random.integers(-limit, limit + 1, outputs).astype(np.int32)
        bias_scale = (grid.scale * scale).astype(f32)
        relu = not last and activation_bits > 1
        layer = Layer(weights, scale, bias, bias_scale, relu, None)
        values = _real_values(layer, grid, codes, integer_bias)
        if last and low_bit:
            output = Grid(f32(np.abs(values).max() * FILL / 127), 0, -128, 127)
        elif last:
            step = f32((values.max() - values.min()) * FILL / 255)
            zero = int(np.clip(np.rint(-values.min() / step), 0, 255))
            output = Grid(step, zero, 0, 255)
        else:
            output = _hidden_grid(activation_bits, values)
        layer = Layer(weights, scale, bias, bias_scale, relu, output)
        codes = _layer_codes(layer, grid, codes, integer_bias)
        layers.append(layer)
        grid = output
    return Net(
        name, shape, weight_bits, activation_bits, first, tuple(layers), integer_bias
    )


def _random_codes(random, grid, size):
    if grid.bipolar:
        return random.choice([-1, 1], size)
    return random.integers(grid.low, grid.high + 1, size)


def inputs(net, rows, seed=7):
    """Random inputs: half on the input quantizer's grid, half anywhere."""
    random = np.random.default_rng(seed)
    grid = net.input
    on_grid = _random_codes(random, grid, (rows, net.shape[0])) - grid.zero
    x = (on_grid * grid.scale.astype(np.float64)).astype(f32)
    if rows > 1:
        reach = (grid.low - grid.zero - 1, grid.high - grid.zero + 1)
        anywhere = random.uniform(*reach, (rows // 2, net.shape[0]))
        x[rows // 2 :][: rows // 2] = anywhere * float(grid.scale)
    return x


def input_codes(net, x):
    """Quantizes exactly: the float64 quotient decides every tie correctly."""
    grid = net.input
    if grid.bipolar:
        return np.where(x >= 0, 1, -1)
    quotient = x.astype(np.float64) / float(grid.scale)
    return grid.quantize(np.rint(quotient)).astype(np.int64)


def _accumulate(layer, grid, codes):
    """Exact integer sums; float64 holds them, so BLAS may do the work."""
    centred = (codes - grid.zero).astype(np.float64)
    return centred @ layer.weights.T.astype(np.float64)


def _offset(layer, integer_bias):
    """The bias as an exact real number (float64 holds it)."""
    if integer_bias:
        return layer.bias * layer.bias_scale.astype(np.float64)
    return layer.float_bias.astype(np.float64)


def _real_values(layer, grid, codes, integer_bias):
    """The layer's real outputs, up to float64 rounding."""
    factor = float(grid.scale) * layer.scale.astype(np.float64)
    sums = _accumulate(layer, grid, codes)
    y = sums * factor + _offset(layer, integer_bias)
    return np.maximum(y, 0) if layer.relu else y


def _layer_codes(layer, grid, codes, integer_bias):
    """Output codes of one layer, exactly.

    float64 decides all but the values close to a step; those are computed
    again as fractions.
    """
    output = layer.grid
    sums = _accumulate(layer, grid, codes)
    factor = float(grid.scale) * layer.scale.astype(np.float64)  # exact
    offset = _offset(layer, integer_bias)  # exact
    y = sums * factor + offset
    if output.bipolar:
        result = np.where(y >= 0, 1, -1)
        unsure = np.abs(y) < 1e-9 * np.abs(factor)
    else:
        if layer.relu:
            y = np.maximum(y, 0)
        quotient = y / float(output.scale)
        result = output.quantize(np.rint(quotient))
        unsure = np.abs(quotient - np.floor(quotient) - 0.5) < 1e-7
    for row, column in np.argwhere(unsure):
        value = Fraction(int(sums[row, column])) * Fraction(
            float(factor[column])
        ) + Fraction(float(offset[column]))
        if output.bipolar:
            result[row, column] = 1 if value >= 0 else -1
        else:
            if layer.relu:
                value = max(value, Fraction(0))
            code = round(value / Fraction(float(output.scale)))  # half to even
            result[row, column] = output.quantize(np.float64(code))
    return result.astype(np.int64)


def exact(net, x):
    """The output codes that the net's arithmetic gives, for float32 inputs."""
    codes, grid = input_codes(net, x), net.input
    for layer in net.layers:
        codes = _layer_codes(layer, grid, codes, net.integer_bias)
        grid = layer.grid
    return codes


def values_of(net, codes):
    """Output codes as the float32 that the net returns: rounded once."""
    grid = net.layers[-1].grid
    return ((codes - grid.zero) * float(grid.scale)).astype(f32)


def codes_of(net, y):
    """Output codes back from a runtime's float32 outputs."""
    grid = net.layers[-1].grid
    return np.rint(y.astype(np.float64) / float(grid.scale)) + grid.zero
