# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The exact evaluation, on networks small enough to check by hand, and against slow rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from sumac.export.quantized_mlp import BatchNorm, Grid, Layer, QuantizedMLP
from sumac.oracles import exact


def evaluate_both(net, image):
    """The result of the network's two spellings, which must be the same."""
    first, second = (exact.evaluate(model, image) for model in (net.to_qdq(), net.to_qonnx()))
    assert np.array_equal(first.logits, second.logits)
    for codes, others in zip(first.codes, second.codes, strict=True):
        assert np.array_equal(codes, others)
    return first


def identity_layer(activation_grid, batch_norm=None):
    """A layer whose accumulator is its one input's code."""
    return Layer(np.ones((1, 1), np.int8), Grid(np.float32(1), 2, True), None, batch_norm, activation_grid)


def test_ties_go_to_the_even_code():
    # Inputs 0 to 7 over a scale of 2: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, 3.5 -> 4, clipped to 3.
    net = QuantizedMLP("ties", Grid(np.float32(1), 8, False), [identity_layer(Grid(np.float32(2), 2, False))] * 2)
    net.layers[1] = identity_layer(None)
    result = evaluate_both(net, np.arange(8, dtype=np.float32).reshape(-1, 1))
    assert result.codes[0].ravel().tolist() == [0, 0, 1, 2, 2, 2, 3, 3]
    assert result.tie_distance[[1, 3, 5]].tolist() == [0, 0, 0]


def test_ties_behind_an_irrational_batch_norm():
    # sqrt(variance + epsilon) = 3 exactly: (x - 0) / 3 * 3 / 2 has ties at odd x, which float32 square roots may miss.
    epsilon = 2.0**-10
    norm = BatchNorm(
        gain=np.float32([3]),
        offset=np.float32([0]),
        mean=np.float32([0]),
        variance=np.float32([9 - epsilon]),
        epsilon=epsilon,
    )
    layers = [identity_layer(Grid(np.float32(2), 8, False), norm), identity_layer(None)]
    net = QuantizedMLP("root", Grid(np.float32(1), 8, False), layers)
    result = evaluate_both(net, np.float32([[1], [3], [5], [255]]))
    assert result.codes[0].ravel().tolist() == [0, 2, 2, 128]


def test_random_networks_equal_rational_arithmetic():
    rng = np.random.default_rng(5)
    for _ in range(20):
        bits = int(rng.integers(2, 9))
        grid = Grid(rng.uniform(0.01, 0.02, 3).astype(np.float32), bits, signed=True, narrow=True)
        weights = rng.integers(grid.low, grid.high + 1, (3, 5)).astype(np.int8)
        bias = rng.normal(size=3).astype(np.float32)
        activation = Grid(np.float32(rng.uniform(0.05, 0.2)), int(rng.integers(1, 9)), signed=False)
        last = Layer(np.eye(3, dtype=np.int8), Grid(np.float32(0.3), 2, True), bias)
        input_grid = Grid(np.float32(0.37), 3, False)
        net = QuantizedMLP("random", input_grid, [Layer(weights, grid, bias, None, activation), last])
        image = rng.uniform(-1, 4, (6, 5)).astype(np.float32)
        result = evaluate_both(net, image)
        for row, expected in zip(result.codes[0], slow_codes(net, image), strict=True):
            assert row.tolist() == expected
        scale = Fraction(float(activation.scale)) * Fraction(float(np.float32(0.3)))
        for logits, codes in zip(result.logits, result.codes[0], strict=True):
            for logit, code, offset in zip(logits, codes, bias, strict=True):
                value = scale * int(code) + Fraction(float(offset))
                error = abs(Fraction(float(logit)) - value)
                for neighbour in np.nextafter(logit, np.float32([-np.inf, np.inf])):
                    assert error <= abs(Fraction(float(neighbour)) - value)


def slow_codes(net, image):
    """The codes behind the first layer (without batch norm), by Fraction and round() alone."""
    layer, grid = net.layers[0], net.layers[0].activation_grid
    scales = [Fraction(float(scale)) for scale in layer.weight_grid.scale]
    input_scale = Fraction(float(net.input_grid.scale))
    for pixels in image:
        inputs = [min(max(round(Fraction(float(x)) / input_scale), 0), net.input_grid.high) for x in pixels]
        row = []
        for weights, scale, bias in zip(layer.weights.tolist(), scales, layer.bias, strict=True):
            total = sum(w * x for w, x in zip(weights, inputs)) * scale * input_scale + Fraction(float(bias))
            row.append(min(max(round(total / Fraction(float(grid.scale))), 0), grid.high))
        yield row


def test_what_has_no_rule_is_refused():
    model = QuantizedMLP("one", Grid.of_bytes(), [identity_layer(None)]).to_qdq()
    model.graph.node[-1].op_type = "Softmax"
    with pytest.raises(ValueError, match="Softmax"):
        exact.evaluate(model, np.zeros((1, 1), np.float32))


def test_plain_weights_are_the_numbers_that_they_are():
    # Four bits of 2^-20 beside 1.5: 1.5 * 2 + 2^-20 * 3 is no float32's neighbour but by rounding once.
    weights = np.float32([[1.5, 2.0**-20], [0, 0], [-(2.0**-20), 0.5]])
    net = QuantizedMLP("plain", Grid(np.float32(1), 8, False), [Layer(weights, None)])
    result = evaluate_both(net, np.float32([[2, 3], [255, 255]]))
    expected = [[np.dot(row, x) for row in weights.astype(np.float64)] for x in ([2, 3], [255, 255])]
    assert result.logits.tolist() == np.float32(expected).tolist()


def test_bipolar_weights():
    grid = Grid(np.float32(0.37), 1, signed=True)
    weights = np.int8([[1, -1], [-1, -1]])
    net = QuantizedMLP("bipolar", Grid(np.float32(1), 8, False), [Layer(weights, grid)])
    assert "BipolarQuant" in {node.op_type for node in net.to_qonnx().graph.node}
    result = evaluate_both(net, np.float32([[5, 2]]))
    assert result.logits.tolist() == [[np.float32(0.37) * 3, np.float32(np.float64(np.float32(0.37)) * -7)]]
