# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The random models: the same for the same seed, and of everything that they should hold."""

import numpy as np
import onnx
import pytest
from onnx import helper

from sumac.testing.differential import first_difference, kind_of
from sumac.testing.exact_graph import evaluate
from sumac.testing.random_models import random_layers, random_net

OPERATORS = """QuantizeLinear DequantizeLinear Clip Quant BipolarQuant Trunc MultiThreshold QLinearMatMul MatMulInteger QGemm
MatMulNBits Gemm MatMul BatchNormalization Relu LeakyRelu Sigmoid Tanh Add Sub Mul Div Concat Softmax ArgMax TopK Transpose
Reshape Flatten Squeeze Unsqueeze Identity Dropout Cast"""


@pytest.fixture(scope="module")
def models():
    return [random_net(3, i).model for i in range(140)] + [random_layers(3, i, 30).model for i in range(7)]


def test_all_operators_and_rounding_modes_occur(models):
    nodes = [node for model in models for node in model.graph.node]
    assert set(OPERATORS.split()) <= {node.op_type for node in nodes}
    modes = {helper.get_attribute_value(a) for node in nodes for a in node.attribute if a.name == "rounding_mode"}
    assert len(modes) == 8
    kinds = {t.data_type for model in models for t in model.graph.initializer}
    assert {"INT2", "UINT2", "INT4", "UINT4", "INT8", "UINT8", "INT16", "UINT16"} <= {
        onnx.TensorProto.DataType.Name(kind) for kind in kinds
    }


def test_the_same_seed_gives_the_same_case():
    first, second = random_net(4, 11), random_net(4, 11)
    assert first.model.SerializeToString() == second.model.SerializeToString()
    for x, y in zip(first.inputs.values(), second.inputs.values()):
        assert np.array_equal(x, y)


def test_most_outputs_say_something():
    """Else a compiler that gives constants would pass."""
    case = random_layers(5, 0, 40)
    results = evaluate(case.model, case.inputs).values()
    assert sum(len(np.unique(y)) > 1 for y in results) > len(results) * 0.6


def test_differences_are_seen():
    y = np.float32([[1, np.nan], [3, 4]])
    assert first_difference({"y": y}, {"y": y}) is None
    assert "at [1, 0]" in first_difference({"y": y}, {"y": y + np.float32([[0, 0], [1, 0]])})
    assert "float64" in first_difference({"y": y}, {"y": y.astype(np.float64)})
    assert first_difference({"y": y}, {"z": y})
    assert kind_of("node 'a1' has 3 inputs") == kind_of("node 'b' has 14 inputs")
