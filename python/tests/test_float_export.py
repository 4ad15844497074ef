# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A network without grids is written as a float network, which is what it computes."""

import numpy as np
from onnx.reference import ReferenceEvaluator

from sumac.export.quantized_mlp import BatchNorm, Layer, QuantizedMLP


def test_a_network_without_grids_is_float():
    rng = np.random.default_rng(5)
    first, second = (rng.normal(size=shape).astype(np.float32) for shape in ((6, 4), (3, 6)))
    parts = [rng.uniform(0.5, 2, 6).astype(np.float32) for _ in range(4)]
    norm = BatchNorm(*parts, epsilon=1e-5)
    hidden = Layer(first, None, batch_norm=norm, relu=True)
    output = Layer(second, None, bias=np.float32([1, 2, 3]))
    model = QuantizedMLP("net", None, [hidden, output]).to_qdq()
    assert [node.op_type for node in model.graph.node] == ["Gemm", "BatchNormalization", "Relu", "Gemm"]
    x = rng.normal(size=(5, 4)).astype(np.float32)
    (given,) = ReferenceEvaluator(model).run(None, {"image": x})
    normed = (x @ first.T - norm.mean) / np.sqrt(norm.variance + norm.epsilon) * norm.gain + norm.offset
    assert np.allclose(given, np.maximum(normed, 0) @ second.T + output.bias, rtol=1e-4, atol=1e-5)
