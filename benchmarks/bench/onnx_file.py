# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a net as ONNX: QDQ where plain ONNX can say it, else QONNX.

Weights have the narrowest ONNX type that holds them (int8, INT4, INT2). Plain
ONNX has no bipolar values, so nets with 1-bit weights use QONNX's quantizers.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QONNX_DOMAIN = "qonnx.custom_op.general"

# Weight bits -> (element type, first opset that has it)
WEIGHT_TYPES = {
    8: (TensorProto.INT8, 17),
    4: (TensorProto.INT4, 21),
    2: (TensorProto.INT2, 25),
}


class _Graph:
    """Nodes and initializers in the making."""

    def __init__(self):
        self.nodes = []
        self.initializers = []

    def constant(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def packed(self, name, element_type, array):
        tensor = helper.make_tensor(name, element_type, array.shape, array.ravel())
        self.initializers.append(tensor)
        return name

    def node(self, op, inputs, output, **attributes):
        node = helper.make_node(op, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return output


def _quantize_qdq(graph, value, grid, name):
    """QuantizeLinear, a Clip for fewer than 8 bits, DequantizeLinear."""
    dtype = np.int8 if grid.low < 0 else np.uint8
    scale = graph.constant(name + "_scale", np.float32(grid.scale))
    zero = graph.constant(name + "_zero", dtype(grid.zero))
    code = graph.node("QuantizeLinear", [value, scale, zero], name + "_q")
    limits = np.iinfo(dtype)
    if (grid.low, grid.high) != (limits.min, limits.max):
        low = graph.constant(name + "_low", dtype(grid.low))
        high = graph.constant(name + "_high", dtype(grid.high))
        code = graph.node("Clip", [code, low, high], name + "_clip")
    return graph.node("DequantizeLinear", [code, scale, zero], name + "_dq")


def _quantize_qonnx(graph, value, grid, name):
    """BipolarQuant or Quant; these grids have zero point 0."""
    scale = graph.constant(name + "_scale", np.float32(grid.scale))
    if grid.bipolar:
        return graph.node(
            "BipolarQuant", [value, scale], name + "_q", domain=QONNX_DOMAIN
        )
    zero = graph.constant(name + "_zero", np.float32(grid.zero))
    width = int(grid.high - grid.low).bit_length()
    bits = graph.constant(name + "_bits", np.float32(width))
    return graph.node(
        "Quant",
        [value, scale, zero, bits],
        name + "_q",
        domain=QONNX_DOMAIN,
        signed=int(grid.low < 0),
        narrow=0,
        rounding_mode="ROUND",
    )


def _weights_qdq(graph, net, layer, name):
    """Integer weights and int32 bias, each behind DequantizeLinear."""
    outputs = len(layer.bias)
    element_type, _ = WEIGHT_TYPES[net.weight_bits]
    codes = graph.packed(name + "_w", element_type, layer.weights)
    scale = graph.constant(name + "_w_scale", layer.scale)
    zero = graph.packed(name + "_w_zero", element_type, np.zeros(outputs, np.int64))
    weight = graph.node(
        "DequantizeLinear", [codes, scale, zero], name + "_w_dq", axis=0
    )
    bias = graph.constant(name + "_b", layer.bias)
    bias_scale = graph.constant(name + "_b_scale", layer.bias_scale)
    bias_zero = graph.constant(name + "_b_zero", np.zeros(outputs, np.int32))
    bias = graph.node(
        "DequantizeLinear", [bias, bias_scale, bias_zero], name + "_b_dq", axis=0
    )
    return weight, bias


def _weights_qonnx(graph, layer, name):
    """Float weights behind BipolarQuant and a float bias."""
    scale = layer.scale[:, None]
    values = graph.constant(name + "_w", layer.weights.astype(np.float32) * scale)
    scale = graph.constant(name + "_w_scale", scale)
    weight = graph.node(
        "BipolarQuant", [values, scale], name + "_w_q", domain=QONNX_DOMAIN
    )
    return weight, graph.constant(name + "_b", layer.float_bias)


def write(net, path, rows=None):
    """Writes the net; `rows` fixes the batch size, else it is dynamic."""
    qonnx = not net.integer_bias
    quantize = _quantize_qonnx if qonnx else _quantize_qdq
    graph = _Graph()
    value = quantize(graph, "x", net.input, "input")
    for index, layer in enumerate(net.layers):
        name = f"layer{index}"
        if qonnx:
            weight, bias = _weights_qonnx(graph, layer, name)
        else:
            weight, bias = _weights_qdq(graph, net, layer, name)
        value = graph.node("Gemm", [value, weight, bias], name + "_gemm", transB=1)
        if layer.relu:
            value = graph.node("Relu", [value], name + "_relu")
        value = quantize(graph, value, layer.grid, name + "_out")
    graph.nodes[-1].output[0] = "y"

    batch = rows or "N"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            net.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, net.shape[0]])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, net.shape[-1]])],
            graph.initializers,
        ),
        producer_name="sumac-benchmarks",
    )
    del model.opset_import[:]
    opset = 17 if qonnx else WEIGHT_TYPES[net.weight_bits][1]
    model.opset_import.append(helper.make_opsetid("", opset))
    if qonnx:
        model.opset_import.append(helper.make_opsetid(QONNX_DOMAIN, 1))
    model.ir_version = 8 if opset < 21 else 10 if opset < 25 else 13
    onnx.checker.check_model(model)
    onnx.save(model, path)
