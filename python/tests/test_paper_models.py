# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The committed models with the papers' weights: their constants have exactly the structure that they stand for."""

import numpy as np
import onnx
import pytest

from sumac.export import weight_structure


@pytest.fixture(scope="module")
def layers_of(request):
    """Reads a model's layers: (constant, scale or None), checked for their shapes."""

    def read(name):
        folder = request.config.rootpath.parent / "examples/models"
        layers = weight_structure.weights_of(onnx.load(folder / f"lenet-300-100-{name}.onnx"))
        assert [weights.shape for weights, _ in layers] == [(300, 784), (100, 300), (10, 100)]
        return layers

    return read


def test_ec4t_weights_are_sums_of_four_coefficients(layers_of):
    zeros = total = 0
    for weights, scale in layers_of("ec4t.qdq"):
        assert weights.dtype == np.float32 and scale is None
        values = set(np.unique(weights).tolist())
        assert 0.0 in values and 4 < len(values) <= 16
        basis = weight_structure.find_basis(weights)
        assert len(basis) == 4
        sums = {sum(c for k, c in enumerate(basis) if code >> k & 1) for code in range(16)}
        assert values <= sums
        assert all(np.float32(value) == value for value in sums)
        # The coefficients are integers of 12 bits, sign included, times one power of two.
        unit = 2.0 ** (np.frexp(max(map(abs, basis)))[1] - 11)
        assert all((c / unit).is_integer() and abs(c / unit) < 2048 for c in basis)
        zeros, total = zeros + int((weights == 0).sum()), total + weights.size
    assert zeros / total > 0.8


def test_ec4t_is_25_times_smaller_than_float32(layers_of):
    layers = [weights for weights, _ in layers_of("ec4t.qdq")]
    bits = sum(weight_structure.basis_bits(weights)[0] + 4 * 32 for weights in layers)
    assert 32 * sum(weights.size for weights in layers) >= 25 * bits


def test_flight_weights_are_sums_of_powers_of_two(layers_of):
    counts = []
    for weights, scale in layers_of("flight.qdq"):
        assert weights.dtype == np.float32 and scale is None
        shifts = weight_structure.find_shifts(weights, window=8)
        powers = [sign * 2.0**e for e in range(shifts.high - 7, shifts.high + 1) for sign in (1, -1)]
        sums = {0: {0.0}, 1: {0.0, *powers}, 2: {0.0, *powers, *(a + b for a in powers for b in powers)}}
        for row, count in zip(weights.tolist(), shifts.counts.tolist(), strict=True):
            assert set(row) <= sums[count]
            assert count == 0 or not set(row) <= sums[count - 1]
        counts += shifts.counts.tolist()
    assert np.mean(counts) <= 1.4
    assert {1, 2} <= set(counts)


def test_pool64_weights_are_entries_of_one_table(layers_of):
    (first, first_scale), (second, second_scale), (last, _) = layers_of("pool64.qdq")
    assert first.dtype == second.dtype == last.dtype == np.int8
    assert first_scale.ndim == 0 and first_scale == second_scale
    whole = {row[g : g + 8].tobytes() for layer in (first, second) for row in layer for g in range(0, len(row) - 7, 8)}
    assert len(whole) <= 64
    # 300 inputs are 37 groups and four elements of one more.
    beginnings = {entry[:4] for entry in whole}
    assert {row[296:].tobytes() for row in second} <= beginnings
    assert len(weight_structure.pool_of([first, second])) == len(whole)


def test_w1a2_weights_are_bipolar(example_models):
    model = onnx.load(example_models / "lenet-300-100-w1a2.qonnx.onnx")
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    quantizers = [node for node in model.graph.node if node.op_type == "BipolarQuant"]
    assert len(quantizers) == 3
    for node in quantizers:
        weights, scale = (constants[name] for name in node.input)
        assert scale.ndim == 0 and scale > 0
        assert set(np.unique(weights).tolist()) == {-float(scale), float(scale)}
    bits = [float(constants[node.input[3]]) for node in model.graph.node if node.op_type == "Quant"]
    assert bits == [8, 2, 2]


def test_find_basis_finds_what_is_there_and_nothing_else():
    rng = np.random.default_rng(3)
    for _ in range(50):
        basis = rng.integers(-2047, 2048, 4) / 1024
        sums = np.array(weight_structure.subset_sums(basis))
        some = sums[rng.permutation(16)[: rng.integers(1, 17)]]
        found = weight_structure.find_basis(some)
        if found is not None:  # a coefficient that no two of the codes differ in alone is not looked for
            assert set(some.tolist()) <= set(weight_structure.subset_sums(found))
        assert set(sums.tolist()) <= set(weight_structure.subset_sums(weight_structure.find_basis(sums)))
    assert weight_structure.find_basis(rng.permutation(2000)[:16]) is None


def test_find_shifts_refuses_what_is_none():
    assert weight_structure.find_shifts(np.float32([[1, -0.5], [0.75, 0]])).counts.tolist() == [1, 2]
    assert weight_structure.find_shifts(np.float32([[1, 7.25]])) is None
    assert weight_structure.find_shifts(np.float32([[1, 2**-7]])).counts.tolist() == [1]
    assert weight_structure.find_shifts(np.float32([[1, 2**-9]])) is None
    assert weight_structure.find_shifts(np.zeros((2, 2), np.float32)).counts.tolist() == [0, 0]
