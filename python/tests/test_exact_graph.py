# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The exact evaluation of graphs, against the node cases of the onnx wheel and against numbers worked out by hand."""

import warnings
from fractions import Fraction

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sumac.testing import exact_graph
from sumac.testing.reals import round_to_float, round_to_integer, sign, square_root, softmax
from sumac.testing.values import Unsupported

QONNX = "qonnx.custom_op.general"


def onnx_cases():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        return collect_testcases(None)


def test_node_cases_of_onnx():
    seen = set()
    for case in onnx_cases():
        if any(n.op_type not in exact_graph.RULES or n.domain for n in case.model.graph.node):
            continue
        names = [v.name for v in case.model.graph.input]
        for inputs, outputs in case.data_sets:
            if any(not hasattr(x, "dtype") or x.dtype.name not in SIMPLE or x.size > 2000 for x in inputs):
                continue
            try:
                given = {n: np.asarray(x) for n, x in zip(names, inputs)}
                results = exact_graph.evaluate(case.model, given)
            except (Unsupported, KeyError, NotImplementedError):
                continue
            seen.update(n.op_type for n in case.model.graph.node)
            for result, expected in zip(results.values(), outputs):
                expected = np.asarray(expected)
                if result.shape != expected.shape or "dropout" in case.name or "cast" in case.name.lower():
                    continue
                assert np.allclose(
                    result.astype(np.float64), expected.astype(np.float64), rtol=1e-3, atol=1e-5
                ), case.name
    assert len(seen) > 30, seen


SIMPLE = {"float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64", "int4", "uint4"}


def run_node(op, inputs, domain="", **attributes):
    names = [f"i{n}" for n in range(len(inputs))]
    graph = helper.make_graph(
        [helper.make_node(op, names, ["y"], domain=domain, **attributes)],
        "one",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(x), n) for n, x in zip(names, inputs)],
    )
    return exact_graph.evaluate(helper.make_model(graph), {})["y"].tolist()


@pytest.mark.parametrize(
    "mode, expected",
    [
        ("ROUND", [6, 2, -2, -6]),
        ("CEIL", [6, 3, -2, -5]),
        ("FLOOR", [5, 2, -3, -6]),
        ("UP", [6, 3, -3, -6]),
        ("DOWN", [5, 2, -2, -5]),
        ("HALF_UP", [6, 3, -3, -6]),
        ("HALF_DOWN", [5, 2, -2, -5]),
    ],
)
def test_rounding_modes(mode, expected):
    x = np.float32([5.5, 2.5, -2.5, -5.5])
    one, zero, bits = np.float32(1), np.float32(0), np.float32(8)
    assert run_node("Quant", [x, one, zero, bits], QONNX, signed=1, narrow=0, rounding_mode=mode) == expected


def test_zero_points_before_and_after_rounding():
    x = np.float32([0.5])
    quant = run_node("Quant", [x, np.float32(1), np.float32(1), np.float32(8)], QONNX, signed=1, narrow=0)
    assert quant == [2 - 1]
    assert run_node("QuantizeLinear", [x, np.float32(1), np.uint8(1)]) == [1]


def test_one_signed_bit():
    x = np.float32([-0.25, 0.0, 3.0])
    assert run_node("Quant", [x, np.float32(2), np.float32(0), np.float32(1)], QONNX, signed=1, narrow=1) == [-2, 2, 2]


def test_numbers():
    root = square_root(Fraction(2))
    assert sign(root + square_root(Fraction(8)) - 3 * root) == 0
    assert round_to_integer(Fraction(7, 2) * (root * root)) == 7
    assert round_to_float(Fraction(1, 3)) == float(np.float32(1) / np.float32(3))
    shares = softmax([Fraction(1), Fraction(1), root])
    assert sign(shares[0] - shares[1]) == 0 and shares[2] > shares[0]
