# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs whose codes are truncated: on them a model of one layer gives what fewer bit planes give on the inputs as they are."""

from fractions import Fraction

import numpy as np
from onnx import TensorProto, numpy_helper

#: Forms whose layers use as many bit planes of activations as they are told, and the most bits that codes may have in each.
PLANE_FORMS = {"cached_sums": 8, "bit_planes": 8, "pooled_sums": 16}


def _truncate(x, scale, zero, kind, planes, most):
    """Floats whose codes, in the type `kind`, are those of `x` with only the highest `planes` bits."""
    bits, signed = int(kind.lstrip("UINT")), not kind.startswith("U")
    if not planes < bits <= most:
        return x
    low = -(1 << (bits - 1)) if signed else 0
    shift = bits - planes

    def cut(value):
        code = round(Fraction(float(value)) / scale) + zero  # halves to even, as QuantizeLinear
        code = min(max(code, low), low + (1 << bits) - 1)
        return float(((code >> shift << shift) - zero) * scale)

    return np.array([cut(value) for value in x.ravel()]).reshape(x.shape).astype(x.dtype)


def truncate_inputs(model, inputs, planes, most):
    """The inputs of a QDQ model, those behind whose QuantizeLinear are codes of more than `planes` and at most `most` bits
    being truncated."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    constants |= {node.output[0]: node.attribute[0].t for node in model.graph.node if node.op_type == "Constant"}

    def number(name):
        return np.ravel(numpy_helper.to_array(constants[name]))[0]

    result = dict(inputs)
    for node in model.graph.node:
        if node.op_type != "QuantizeLinear" or node.input[0] not in inputs:
            continue
        name, scale, zero = node.input[0], Fraction(float(number(node.input[1]))), node.input[2:3]
        zero, kind = (int(number(zero[0])), constants[zero[0]].data_type) if zero and zero[0] else (0, TensorProto.UINT8)
        result[name] = _truncate(inputs[name], scale, zero, TensorProto.DataType.Name(kind), planes, most)
    return result
