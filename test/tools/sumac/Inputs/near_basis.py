"""Writes a model of one layer whose weights are sums of four float32 coefficients, each sum rounded to float32."""

import sys

import numpy as np
import onnx
import onnx.numpy_helper as numpy_helper
from onnx import TensorProto, helper

rng = np.random.default_rng(5)
coefficients = np.array([0.1234567, -0.0765432, 0.3141592, 0.0271828], np.float32)
codes = rng.integers(0, 16, (16, 24))
weights = np.float32(0) * codes.astype(np.float32)
for k, coefficient in enumerate(coefficients):
    weights = weights + np.float32(coefficient) * ((codes >> k) & 1).astype(np.float32)
scale = numpy_helper.from_array(np.float32(1 / 255), "scale")
zero_point = numpy_helper.from_array(np.uint8(0), "zero_point")
nodes = [
    helper.make_node("QuantizeLinear", ["x", "scale", "zero_point"], ["codes"], name="quantize"),
    helper.make_node("DequantizeLinear", ["codes", "scale", "zero_point"], ["values"], name="dequantize"),
    helper.make_node("Gemm", ["values", "weights"], ["y"], name="fc", transB=1),
]
graph = helper.make_graph(
    nodes,
    "near_basis",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 24])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 16])],
    [scale, zero_point, numpy_helper.from_array(weights, "weights")],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)]), sys.argv[1])
