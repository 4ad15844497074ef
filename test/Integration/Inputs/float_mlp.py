# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write a small float network with random weights, and samples of its input.

float_mlp.py MODEL SAMPLES
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

model, samples = sys.argv[1:]
rng = np.random.default_rng(1)
sizes = [37, 24, 10]
nodes, initializers, value = [], [], "x"
for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
    weights = rng.normal(0, 1 / np.sqrt(inputs), (outputs, inputs)).astype(np.float32)
    bias = rng.normal(0, 0.1, outputs).astype(np.float32)
    initializers += [numpy_helper.from_array(weights, f"w{i}"), numpy_helper.from_array(bias, f"b{i}")]
    nodes.append(helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [f"a{i}"], name=f"fc{i}", transB=1))
    value = f"a{i}"
    if i == 1:
        nodes.append(helper.make_node("Relu", [value], ["h"], name="relu"))
        value = "h"
graph = helper.make_graph(
    nodes,
    "mlp",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", sizes[0]])],
    [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["batch", sizes[-1]])],
    initializers,
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), model)
np.save(samples, rng.normal(0, 1, (100, sizes[0])).astype(np.float32))
