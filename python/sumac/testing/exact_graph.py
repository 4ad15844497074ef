# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a small ONNX model means, in exact arithmetic: slow, general, and sharing no code with the compiler.

Every float constant is the rational number that it is, every operator is computed without rounding (batch norm's roots
and exp included: see reals), and a float output is rounded once. numpy, onnx and Python's integers are all it uses.
"""

from fractions import Fraction

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from sumac.testing import quantizers
from sumac.testing.reals import round_to_float, sigmoid, sign, softmax, square_root, tanh, whole
from sumac.testing.values import FLOAT_KINDS, Unsupported, Value, elementwise, from_numpy, objects, product, require

DOMAINS = {
    "",
    "ai.onnx",
    "com.microsoft",
    "qonnx.custom_op.general",
    "onnx.brevitas",
    "finn.custom_op.general",
    "qonnx.custom_op.channels_last",
}


def _float32(attribute):
    return Fraction(float(np.float32(attribute)))


def _relu(x):
    return x if sign(x) > 0 else 0 * Fraction(1)


def _axis_last(array, axis):
    """The array with `axis` moved behind, and the way back."""
    axis = range(array.ndim)[axis]
    return np.moveaxis(array, axis, -1), lambda moved: np.moveaxis(moved, -1, axis)


def gemm(attributes, a, b, c=None):
    left = a.array.T if attributes.get("transA") else a.array
    right = b.array.T if attributes.get("transB") else b.array
    y = product(left, right) * _float32(attributes.get("alpha", 1))
    return Value(y if c is None else y + c.array * _float32(attributes.get("beta", 1)), a.kind)


def batch_normalization(attributes, x, gain, offset, mean, variance):
    epsilon = _float32(attributes.get("epsilon", 1e-5))
    channels = [1, -1] + [1] * (x.array.ndim - 2)
    roots = elementwise(lambda v: square_root(v + epsilon), variance.array).reshape(channels)
    slope = elementwise(lambda g, r: g * (1 / r), gain.array.reshape(channels), roots)
    y = (x.array - mean.array.reshape(channels)) * slope + offset.array.reshape(channels)
    return Value(y, x.kind)


def leaky_relu(attributes, x):
    alpha = _float32(attributes.get("alpha", 0.01))
    return Value(elementwise(lambda v: v if sign(v) >= 0 else v * alpha, x.array), x.kind)


def clip(attributes, x, low=None, high=None):
    low = low.array.item() if low is not None else _float32(attributes["min"]) if "min" in attributes else None
    high = high.array.item() if high is not None else _float32(attributes["max"]) if "max" in attributes else None

    def value(v):
        v = low if low is not None and v < low else v
        return high if high is not None and v > high else v

    return Value(elementwise(value, x.array), x.kind)


def soft_max(attributes, x):
    moved, back = _axis_last(x.array, attributes.get("axis", -1))
    y = np.empty_like(moved)
    for index in np.ndindex(moved.shape[:-1]):
        y[index] = softmax(moved[index])
    return Value(back(y), x.kind)


def _best(row, later_wins, smallest=False):
    best = 0
    for i in range(1, len(row)):
        order = sign(row[i] - row[best]) * (-1 if smallest else 1)
        if order > 0 or (order == 0 and later_wins):
            best = i
    return best


def arg_max(attributes, x):
    moved, back = _axis_last(x.array, attributes.get("axis", 0))
    positions = np.empty((*moved.shape[:-1], 1), dtype=object)
    for index in np.ndindex(moved.shape[:-1]):
        positions[index] = _best(moved[index], attributes.get("select_last_index", 0))
    y = back(positions)
    keep = attributes.get("keepdims", 1)
    return Value(y if keep else np.squeeze(y, attributes.get("axis", 0)), TensorProto.INT64)


def top_k(attributes, x, k):
    require([int(n) for n in k.array.ravel()] == [1], "TopK with k other than 1")
    moved, back = _axis_last(x.array, attributes.get("axis", -1))
    smallest = not attributes.get("largest", 1)
    values, positions = (np.empty((*moved.shape[:-1], 1), dtype=object) for _ in range(2))
    for index in np.ndindex(moved.shape[:-1]):
        positions[index] = _best(moved[index], False, smallest)
        values[index] = moved[index][positions[index][0]]
    return Value(back(values), x.kind), Value(back(positions), TensorProto.INT64)


def cast(attributes, x):
    kind = attributes["to"]
    if kind in FLOAT_KINDS or x.kind not in FLOAT_KINDS:
        require(kind in (TensorProto.FLOAT, TensorProto.DOUBLE) or kind not in FLOAT_KINDS, "Cast to a short float")
        return Value(elementwise(Fraction if kind in FLOAT_KINDS else int, x.array), kind)
    return Value(elementwise(lambda v: whole(v) if sign(v) >= 0 else -whole(-v), x.array), kind)


def _divide(a, b):
    require(sign(b) != 0, "division by zero")
    return Fraction(a) / b if isinstance(a, int) else a * (1 / b)


def power(attributes, x, exponent):
    def value(v, e):
        if e == Fraction(1, 2):
            return square_root(v)
        require(e.denominator == 1, "Pow with this exponent")
        return v ** int(e)

    return Value(elementwise(value, x.array, exponent.array), x.kind)


def reshape(attributes, x, shape):
    sizes = [int(n) for n in shape.array]
    if not attributes.get("allowzero", 0):
        sizes = [x.array.shape[i] if n == 0 else n for i, n in enumerate(sizes)]
    return Value(x.array.reshape(sizes), x.kind)


def flatten(attributes, x):
    axis = attributes.get("axis", 1)
    axis = axis + x.array.ndim if axis < 0 else axis
    return Value(x.array.reshape(int(np.prod(x.array.shape[:axis])), -1), x.kind)


def _axes(attributes, axes):
    return tuple(int(n) for n in axes.array) if axes is not None else tuple(attributes["axes"])


def squeeze(attributes, x, axes=None):
    every = axes is None and "axes" not in attributes
    return Value(np.squeeze(x.array, None if every else _axes(attributes, axes)), x.kind)


def unsqueeze(attributes, x, axes=None):
    return Value(np.expand_dims(x.array, _axes(attributes, axes)), x.kind)


def gather(attributes, x, positions):
    return Value(objects(np.take(x.array, positions.array.astype(np.int64), attributes.get("axis", 0))), x.kind)


def concat(attributes, *parts):
    return Value(np.concatenate([p.array for p in parts], attributes["axis"]), parts[0].kind)


def constant(attributes):
    if "value" in attributes:
        return from_tensor(attributes["value"])
    ((name, value),) = attributes.items()
    kind = TensorProto.FLOAT if name.startswith("value_float") else TensorProto.INT64
    return from_numpy(np.asarray(value), kind)


def _unary(function):
    return lambda attributes, x, *rest: Value(elementwise(function, x.array), x.kind)


def _binary(function):
    return lambda attributes, a, b: Value(elementwise(function, a.array, b.array), a.kind)


RULES = {
    **quantizers.RULES,
    "Gemm": gemm,
    "MatMul": lambda attributes, a, b: Value(product(a.array, b.array), a.kind),
    "BatchNormalization": batch_normalization,
    "Relu": _unary(_relu),
    "LeakyRelu": leaky_relu,
    "Clip": clip,
    "Sigmoid": _unary(sigmoid),
    "Tanh": _unary(tanh),
    "Softmax": soft_max,
    "ArgMax": arg_max,
    "TopK": top_k,
    "Add": _binary(lambda a, b: a + b),
    "Sub": _binary(lambda a, b: a - b),
    "Mul": _binary(lambda a, b: a * b),
    "Div": _binary(_divide),
    "Pow": power,
    "Neg": _unary(lambda v: -v),
    "Cast": cast,
    "Concat": concat,
    "Reshape": reshape,
    "Flatten": flatten,
    "Transpose": lambda attributes, x: Value(np.transpose(x.array, attributes.get("perm")), x.kind),
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Gather": gather,
    "Shape": lambda attributes, x: from_numpy(np.array(x.array.shape), TensorProto.INT64),
    "Identity": lambda attributes, x: x,
    "Dropout": lambda attributes, x, *rest: x,
    "Constant": constant,
}


def from_tensor(tensor):
    return from_numpy(numpy_helper.to_array(tensor), tensor.data_type)


def to_numpy(value):
    """A graph output as an array of its type; floats are rounded here, once."""
    if value.kind in FLOAT_KINDS:
        kind = helper.tensor_dtype_to_np_dtype(value.kind)
        return elementwise(lambda v: round_to_float(v, kind.name), value.array).astype(kind)
    return value.array.astype(helper.tensor_dtype_to_np_dtype(value.kind))


def evaluate_values(model, inputs):
    """Every value of the graph by name; `inputs` maps the names of graph inputs to arrays."""
    graph = model.graph
    values = {tensor.name: from_tensor(tensor) for tensor in graph.initializer}
    for declared in graph.input:
        if declared.name in inputs:
            values[declared.name] = from_numpy(inputs[declared.name], declared.type.tensor_type.elem_type)
    for node in graph.node:
        if node.op_type not in RULES or node.domain not in DOMAINS:
            raise Unsupported(f"{node.op_type} of domain '{node.domain}' has no exact rule here")
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        results = RULES[node.op_type](attributes, *(values[name] if name else None for name in node.input))
        results = results if isinstance(results, tuple) else (results,)
        values.update(zip(node.output, results))
    return values


def evaluate(model, inputs):
    """The outputs of a ModelProto by name, as numpy arrays of the declared types."""
    values = evaluate_values(model, inputs)
    return {output.name: to_numpy(values[output.name]) for output in model.graph.output}
