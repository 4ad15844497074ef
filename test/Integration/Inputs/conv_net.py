# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a float convolutional network for digits, as of opset 8: nothing that Sumac compiles, for now."""

import sys

import numpy as np
from onnx import TensorProto, helper, save

from sumac.testing.graph_builder import GraphBuilder

net = GraphBuilder(opset=8)
rng = np.random.default_rng(1)
net.inputs.append(helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 28, 28]))
value, channels = "image", 1
for number, (outputs, pool) in enumerate([(8, 2), (16, 3)], 1):
    weights = net.constant(rng.normal(size=(outputs, channels, 5, 5)).astype(np.float32))
    bias = net.constant(rng.normal(size=(outputs, 1, 1)).astype(np.float32))
    for op, operands, attributes in [
        ("Conv", [weights], {"kernel_shape": [5, 5], "auto_pad": "SAME_UPPER"}),
        ("Add", [bias], {}),
        ("Relu", [], {}),
        ("MaxPool", [], {"kernel_shape": [pool, pool], "strides": [pool, pool]}),
    ]:
        value = net.node(op, [value, *operands], **attributes)
        net.nodes[-1].name = f"{op.lower()}{number}"
    channels = outputs
value = net.node("Reshape", [value, net.constant(np.array([1, 256], np.int64))])
value = net.node("MatMul", [value, net.constant(rng.normal(size=(256, 10)).astype(np.float32))])
net.outputs.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, [1, 10]))
save(net.model(), sys.argv[1])
