# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random quantized networks, seeded: every spelling of quantization, with the numbers that break compilers.

Scales are powers of two (many exact ties), small multiples of them or any float32; slopes are negative or zero at
times, zero points odd, shapes 1 and primes; branches are joined with unequal scales.
"""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from sumac.testing.graph_builder import GraphBuilder

QONNX = "qonnx.custom_op.general"
MICROSOFT = "com.microsoft"
SIZES = [1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 33]
ROUNDING = ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"]
STYLES = ["qdq", "qcdq", "qonnx", "qlinear", "integer", "qgemm", "nbits"]

#: ONNX's integer types by (bits, signed).
TYPES = {
    (2, True): TensorProto.INT2,
    (2, False): TensorProto.UINT2,
    (4, True): TensorProto.INT4,
    (4, False): TensorProto.UINT4,
    (8, True): TensorProto.INT8,
    (8, False): TensorProto.UINT8,
    (16, True): TensorProto.INT16,
    (16, False): TensorProto.UINT16,
}


@dataclass(frozen=True)
class Signal:
    """A value of the graph: [batch, features] reals of about the size `unit`."""

    name: str
    features: int
    unit: float


@dataclass(frozen=True)
class Codes:
    """Integers and what they stand for: (codes - zero) * scale; scale and zero are names of initializers."""

    name: str
    features: int
    scale: str
    zero: str
    bits: int
    signed: bool
    step: float


class NetWriter(GraphBuilder):
    """One random model; the methods draw from `rng` and append to the graph."""

    def __init__(self, rng, style):
        opset = {"qonnx": [9, 11, 13], "qlinear": [10, 13, 21], "integer": [10, 13, 21], "qgemm": [13, 21]}
        super().__init__(int(rng.choice(opset.get(style, [21, 21, 23, 25]))))
        self.rng, self.style = rng, style
        self.layers = 0
        #: For each input: the step of its first quantizer and how many steps its numbers should span.
        self.input_grids = {}

    # ---- Numbers -------------------------------------------------------------

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def scale(self, size, shape=()):
        """Float32 scales of about `size`: powers of two, small multiples of them, or anything."""
        exponent = np.floor(np.log2(size)) + self.rng.integers(-1, 2, shape)
        kind = self.rng.integers(3)
        mantissa = [1.0, self.rng.choice([1, 1.25, 1.5, 1.75], shape), self.rng.uniform(1, 2, shape)][kind]
        return np.float32(mantissa * 2.0**exponent)

    def nice(self, shape, size=1.0):
        """Float32 numbers of either sign: short ones or any, zero at times."""
        numbers = self.rng.normal(0, 1, shape)
        if self.chance(0.5):
            numbers = np.round(numbers * 4) / 4
        if self.chance(0.3):
            numbers = np.where(self.rng.random(shape) < 0.2, 0, numbers)
        return np.float32(numbers * size)

    @staticmethod
    def bounds(bits, signed, narrow=False):
        if signed:
            return -(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1
        return 0, (1 << bits) - 1 - narrow

    def integers(self, shape, low, high):
        numbers = self.rng.integers(low, high + 1, shape)
        if self.chance(0.15):  # a row of zeros, a row of extremes
            numbers[0] = np.clip(0, low, high)
            numbers[-1] = low
        return numbers

    def zero_point(self, low, high):
        """0, something about the middle, or anything."""
        if self.chance(0.5):
            return 0
        if self.chance(0.3):
            return int(self.rng.integers(low, high + 1))
        return int(np.clip(np.round(self.rng.normal((low + high) / 2, (high - low) / 8)), low, high))

    # ---- Quantizers of activations -------------------------------------------

    def quantize(self, x):
        """Some quantization of a signal, as a signal."""
        if self.style == "qonnx":
            return self.qonnx_quantize(x)
        return self.dequantize(self.quantize_linear(x, clip=self.style == "qcdq" and self.chance(0.7)))

    def step_for(self, x, bits, signed):
        steps = (1 << bits) / (4 if signed else 3)
        step = self.scale(max(x.unit / max(steps, 1), 1e-9))
        if x.name in self.input_grids:
            self.input_grids[x.name] = (float(step), 1 << bits)
        return step

    def quantize_linear(self, x, clip=False, bits=None):
        """QuantizeLinear, perhaps with Clip: codes."""
        pool = [2, 4, 8, 8, 16] if self.opset >= 25 else [4, 8, 8, 8, 16] if self.opset >= 21 else [8]
        bits = bits or int(self.rng.choice([8] if clip else pool))
        signed = bool(self.rng.integers(2))
        low, high = self.bounds(bits, signed)
        step = self.step_for(x, bits, signed)
        zero = self.zero_point(low, high)
        kind = TYPES[bits, signed]
        names = [self.constant(step, stem="scale"), self.constant(np.array(zero), kind, "zero")]
        without = zero == 0 and kind == TensorProto.UINT8 and self.chance(0.3)  # the default
        code = self.node("QuantizeLinear", [x.name, names[0], None if without else names[1]])
        if clip:
            ends = np.sort(self.rng.integers(low, high + 1, 2))
            if self.chance(0.85):  # fewer bits, narrow at times, on either side of the zero point
                fewer = int(self.rng.integers(1, 8))
                ends = np.clip(np.array(self.bounds(fewer, signed, self.chance(0.3))) + zero, low, high)
            code = self.node("Clip", [code, *(self.constant(np.array(int(e)), kind, "bound") for e in ends)])
        return Codes(code, x.features, *names, bits, signed, float(step))

    def dequantize(self, codes):
        value = self.node("DequantizeLinear", [codes.name, codes.scale, codes.zero])
        return Signal(value, codes.features, codes.step * (1 << codes.bits) / 4)

    def qonnx_quantize(self, x):
        kind = self.rng.random()
        if kind < 0.08:
            return Signal(self.node("BipolarQuant", [x.name, self.constant(self.scale(x.unit))], QONNX), x.features, x.unit)
        if kind < 0.16 and x.name not in self.input_grids:
            return self.multi_threshold(x)
        bits, signed = int(self.rng.choice([1, 2, 2, 3, 4, 5, 6, 7, 8, 8])), bool(self.rng.integers(2))
        step = self.step_for(x, bits, signed)
        zero = np.float32(self.pick(0, 0, 0, 1, 3, 0.5) if bits > 2 else 0)
        result = self.quant(x.name, step, zero, bits, signed)
        size = float(step) * (1 << bits) / 4
        if bits > 3 and not signed and zero == 0 and self.chance(0.15):
            result = self.trunc(result, step, bits)
        return Signal(result, x.features, size)

    def quant(self, x, step, zero, bits, signed):
        width = np.float32(bits) if self.chance(0.7) else np.array(bits, np.int64)
        operands = [x, *(self.constant(c) for c in (step, zero, width))]
        mode = str(self.rng.choice(ROUNDING)) if self.chance(0.6) else "ROUND"
        narrow = int(self.chance(0.3) and bits > 1)
        domain = self.pick(QONNX, QONNX, "onnx.brevitas", "finn.custom_op.general")
        return self.node("Quant", operands, domain, signed=int(signed), narrow=narrow, rounding_mode=mode)

    def trunc(self, x, step, bits):
        fewer = int(self.rng.integers(1, bits))
        operands = [x, *(self.constant(np.float32(c)) for c in (step, 0, bits, fewer))]
        return self.node("Trunc", operands, QONNX, rounding_mode=self.pick("FLOOR", "ROUND", "CEIL"))

    def multi_threshold(self, x):
        steps = int(self.rng.choice([1, 3, 7, 15]))
        rows = self.pick(1, x.features)
        table = np.sort(self.nice((rows, steps), x.unit), axis=1)
        out_scale, out_bias = (float(self.pick(1.0, 0.5, 0.25)), float(self.pick(0.0, -1.0, -0.5)))
        value = self.node(
            "MultiThreshold", [x.name, self.constant(table)], QONNX, out_scale=out_scale, out_bias=out_bias
        )
        return Signal(value, x.features, steps * out_scale / 2)

    # ---- Weights and linear layers -------------------------------------------

    def linear(self, x, outputs):
        """A linear layer on a quantized signal, in real numbers."""
        self.layers += 1
        weights, transposed, unit = self.weights(x.features, outputs)
        size = x.unit * unit * np.sqrt(x.features)
        bias = self.nice(outputs, size) if self.chance(0.6) else None
        if transposed or self.chance(0.4):
            attributes = {"transB": 1} if transposed else {}
            if self.chance(0.2):
                attributes["alpha"] = float(self.pick(0.5, 2.0, -1.0, 0.3))
            if bias is not None and self.chance(0.2):
                attributes["beta"] = float(self.pick(0.5, 2.0, -1.0, 0.3))
            name = self.bias_name(bias)
            if name is None and self.opset < 11:
                name = self.constant(np.zeros(outputs, np.float32))
            value = self.node("Gemm", [x.name, weights, name], **attributes)
        else:
            value = self.node("MatMul", [x.name, weights])
            if bias is not None:
                value = self.node("Add", self.shuffled(value, self.bias_name(bias)))
        return Signal(value, outputs, size)

    def shuffled(self, *names):
        return list(names) if self.chance(0.6) else list(reversed(names))

    def bias_name(self, bias):
        if bias is None:
            return None
        if self.style in ("qdq", "qcdq") and self.chance(0.4):
            step = self.scale(max(np.abs(bias).max(), 1e-6) / 1000)
            codes = self.constant(np.int32(np.round(bias / step)))
            return self.node("DequantizeLinear", [codes, self.constant(step)])
        return self.constant(bias)

    def weights(self, inputs, outputs):
        """Real weights: their name, whether they are [outputs, inputs], and about how large they are."""
        transposed = self.chance(0.5)
        shape = (outputs, inputs) if transposed else (inputs, outputs)
        if self.style == "qonnx":
            return self.qonnx_weights(shape, transposed)
        bits, signed = int(self.rng.integers(1, 9)), self.chance(0.8)
        low, high = self.bounds(max(bits, 2) if signed else bits, signed, narrow=self.chance(0.3) and bits > 1)
        codes = self.integers(shape, low, high)
        sizes = [b for b in ((2, 4, 8) if self.opset >= 25 else (4, 8) if self.opset >= 21 else (8,)) if b >= bits]
        width = sizes[0] if self.chance(0.6) else 8
        kind, axis = TYPES[width, signed], 0 if transposed else 1
        attributes, sizes = {}, ()
        layout = self.rng.random()
        if layout < 0.5:
            attributes, sizes = {"axis": axis}, (outputs,)
        elif layout < 0.65 and self.opset >= 21 and inputs > 1:
            block = int(self.rng.integers(1, inputs + 1))
            parts = -(-inputs // block)
            attributes = {"axis": 1 - axis, "block_size": block}
            sizes = (outputs, parts) if transposed else (parts, outputs)
        step = self.scale(0.05, sizes)
        zero = None
        if self.chance(0.3):
            zero = self.constant(self.rng.integers(low, high + 1, sizes), kind, "zero")
        name = self.constant(codes, kind, "weight")
        if self.style == "qcdq" and width == 8:
            ends = [self.constant(np.array(int(e)), kind, "bound") for e in (low, high)]
            name = self.node("Clip", [name, *ends])
        value = self.node("DequantizeLinear", [name, self.constant(step), zero], **attributes)
        if self.chance(0.15):
            value, transposed = self.node("Transpose", [value], perm=[1, 0]), not transposed
        return value, transposed, 0.05 * (high - low) / 3

    def qonnx_weights(self, shape, transposed):
        outputs = shape[0] if transposed else shape[1]
        if self.chance(0.12):
            real = self.constant(self.nice(shape))
            return self.node("BipolarQuant", [real, self.constant(self.scale(0.05))], QONNX), transposed, 0.05
        bits = int(self.rng.integers(1, 9))
        signed = self.chance(0.85)
        sizes = () if self.chance(0.5) else (outputs, 1) if transposed else (1, outputs)
        step = self.scale(0.05, sizes)
        low, high = self.bounds(bits, signed)
        if self.chance(0.5):
            real = np.float32(self.integers(shape, low, high) * step)
        else:
            real = np.float32(self.rng.uniform(low * 1.1 - 0.5, high * 1.1 + 0.5, shape) * step)
        zero = np.float32(self.pick(0, 0, 0, 1) if bits > 2 else 0)
        value = self.quant(self.constant(real, stem="weight"), step, zero, bits, signed)
        return value, transposed, 0.05 * (1 << bits) / 3

    # ---- Integer operators ---------------------------------------------------

    def integer_layer(self, x, outputs):
        """A layer of integer operators on a real signal: QuantizeLinear, one of them, and back to real numbers."""
        if self.style == "nbits":
            return self.mat_mul_n_bits(self.quantize(x), outputs)
        self.layers += 1
        codes = self.quantize_linear(x, bits=8)
        signed = self.chance(0.6)
        low, high = self.bounds(int(self.rng.integers(2, 9)), signed)
        shape, kind = (x.features, outputs), TYPES[8, signed]
        per_channel = self.chance(0.5)
        weights = self.integers(shape, low, high)
        step = self.scale(0.05, (outputs,) if per_channel else ())
        zero = self.rng.integers(low, high + 1, step.shape) if self.chance(0.4) else np.zeros(step.shape, int)
        spread = np.float32(codes.step * 0.05 * (high - low) / 3 * 64 * np.sqrt(x.features))
        writer = {"qlinear": self.q_linear_mat_mul, "integer": self.mat_mul_integer, "qgemm": self.q_gemm}[self.style]
        return writer(codes, weights, step, self.constant(zero, kind, "zero"), kind, float(spread))

    def q_linear_mat_mul(self, codes, weights, step, zero, kind, spread):
        bits, signed = 8, self.chance(0.5)
        y_step = self.scale(spread / 64)
        y_zero = self.constant(np.array(self.zero_point(*self.bounds(bits, signed))), TYPES[8, signed], "zero")
        y_scale = self.constant(y_step, stem="scale")
        operands = [codes.name, codes.scale, codes.zero, self.constant(weights, kind, "weight")]
        y = self.node("QLinearMatMul", [*operands, self.constant(step), zero, y_scale, y_zero])
        return self.dequantize(Codes(y, weights.shape[1], y_scale, y_zero, 8, signed, float(y_step)))

    def mat_mul_integer(self, codes, weights, step, zero, kind, spread):
        operands = [codes.name, self.constant(weights, kind, "weight"), codes.zero, zero]
        y = self.node("MatMulInteger", operands)
        if self.chance(0.3):
            y = self.node("Add", [y, self.constant(self.rng.integers(-500, 500, weights.shape[1]).astype(np.int32))])
        y = self.node("Cast", [y], to=TensorProto.FLOAT)
        if self.chance(0.5):  # one product of scales, rounded to float32
            y = self.node("Mul", self.shuffled(y, self.constant(np.float32(step * np.float32(codes.step)))))
        else:
            y = self.node("Mul", [y, self.node("Mul", [codes.scale, self.constant(step)])])
        return Signal(y, weights.shape[1], spread)

    def q_gemm(self, codes, weights, step, zero, kind, spread):
        trans_b, outputs = int(self.chance(0.5)), weights.shape[1]
        weights = self.constant(weights.T if trans_b else weights, kind, "weight")
        bias = self.constant(self.rng.integers(-500, 500, outputs).astype(np.int32)) if self.chance(0.6) else None
        operands = [codes.name, codes.scale, codes.zero, weights, self.constant(step), zero, bias]
        if self.chance(0.3):
            y = self.node("QGemm", operands, MICROSOFT, transB=trans_b)
            return Signal(y, outputs, spread)
        signed = codes.signed  # the output's type is the input's
        y_step = self.scale(spread / 64)
        y_scale = self.constant(y_step)
        y_zero = self.constant(np.array(self.zero_point(*self.bounds(8, signed))), TYPES[8, signed], "zero")
        y = self.node("QGemm", [*operands, y_scale, y_zero], MICROSOFT, transB=trans_b)
        return self.dequantize(Codes(y, outputs, y_scale, y_zero, 8, signed, float(y_step)))

    def mat_mul_n_bits(self, x, outputs):
        self.layers += 1
        bits, block = int(self.pick(4, 4, 2, 8)), int(self.pick(16, 32))
        blocks = -(-x.features // block)
        packed = self.rng.integers(0, 256, (outputs, blocks, block * bits // 8)).astype(np.uint8)
        step = self.scale(0.05, (outputs, blocks))
        zero = None
        if self.chance(0.5):
            zero = self.constant(self.rng.integers(0, 256, (outputs, -(-blocks * bits // 8))).astype(np.uint8))
        operands = [x.name, self.constant(packed, stem="weight"), self.constant(step), zero]
        y = self.node(
            "MatMulNBits", operands, MICROSOFT, K=x.features, N=outputs, bits=bits, block_size=block
        )
        return Signal(y, outputs, float(x.unit * 0.05 * (1 << bits) / 3 * np.sqrt(x.features)))

    # ---- What comes behind a layer -------------------------------------------

    def affine(self, x):
        """One of Mul, Div, Add, Sub by a constant, a scalar or one a channel."""
        op = self.pick("Mul", "Div", "Add", "Sub")
        shape = () if self.chance(0.5) else (x.features,)
        constant = self.nice(shape, 1 if op in ("Mul", "Div") else x.unit)
        if op == "Div":
            constant = np.float32(np.where(constant == 0, 0.75, constant))
        operands = [x.name, self.constant(constant)]
        return Signal(self.node(op, operands if op == "Div" else self.shuffled(*operands)), x.features, x.unit)

    def batch_norm(self, x):
        """With negative and zero gains; its root is rational at times."""
        n = x.features
        gain, offset = self.nice(n), self.nice(n)
        mean = self.nice(n, x.unit)
        variance = np.float32(self.rng.uniform(0.2, 2, n) * x.unit**2)
        epsilon = 1e-5
        if self.chance(0.3):
            epsilon = 2.0**-10
            root = 2.0 ** np.round(np.log2(max(x.unit, 0.25))) * self.pick(1, 3)
            variance = np.full(n, np.float32(root**2 - epsilon))
        operands = [x.name, *(self.constant(c) for c in (gain, offset, mean, variance))]
        return Signal(self.node("BatchNormalization", operands, epsilon=epsilon), n, 1.0)

    def activation(self, x):
        kind = self.pick("Relu", "Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh")
        if kind == "LeakyRelu":
            alpha = float(self.pick(0.125, 0.01, -0.25, -1.0, 0.0, 1.5, 0.3))
            return Signal(self.node("LeakyRelu", [x.name], alpha=alpha), x.features, x.unit)
        if kind == "Clip":
            low, high = np.sort(self.nice(2, x.unit))
            if self.opset < 11:
                value = self.node("Clip", [x.name], min=float(low), max=float(high))
            else:
                value = self.node("Clip", [x.name, *(self.constant(np.float32(c)) for c in (low, high))])
            return Signal(value, x.features, x.unit)
        if kind in ("Sigmoid", "Tanh"):
            return Signal(self.node(kind, [x.name]), x.features, 0.5)
        return Signal(self.node("Relu", [x.name]), x.features, x.unit)

    def epilogue(self, x):
        if self.chance(0.25):
            x = self.affine(x)
        if self.chance(0.4):
            x = self.batch_norm(x)
        if self.chance(0.7):
            x = self.activation(x)
        if self.chance(0.1):
            x = self.affine(x)
        return x
