# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rules of training: each gives what it says, exactly, and gradients go where they should.

They need PyTorch, which the tests' environment lacks. With .venv-train, by hand:

    .venv-train/bin/pip install pytest && .venv-train/bin/python -m pytest -c python/pyproject.toml python/tests/test_train_rules.py
"""

import numpy as np
import pytest

from sumac.export import weight_structure

torch = pytest.importorskip("torch")


@pytest.fixture
def weight():
    torch.manual_seed(7)
    return torch.nn.Parameter(torch.randn(12, 20) * 0.1)


def test_cheapest_codes_are_those_of_a_search():
    from sumac.train.basis import BITS, cheapest_codes

    generator = torch.Generator().manual_seed(5)
    for trial in range(50):
        centroids = BITS @ torch.randn(4, generator=generator)
        costs = torch.rand(16, generator=generator, dtype=torch.float64) * (0.5 if trial % 2 else 0.0)
        costs[torch.rand(16, generator=generator) < 0.2] = torch.inf
        costs[0] = 0
        weights = torch.randn(300, generator=generator) * 2
        codes = cheapest_codes(weights, centroids, costs)
        expense = (weights[:, None].double() - centroids.double()) ** 2 + costs
        chosen = expense.gather(1, codes[:, None])[:, 0]
        assert torch.allclose(chosen, expense.min(1).values, rtol=0, atol=1e-5)


def test_basis_gradients_and_export(weight):
    from sumac.train.basis import BITS, BasisRule

    rule = BasisRule(weight, 0.1)
    rule.start_from(weight)
    rule.train()
    values = rule(weight)
    upstream = torch.randn(weight.shape)
    values.backward(upstream)
    scale = torch.where(values != 0, values.abs(), torch.ones(()))
    assert torch.allclose(weight.grad, upstream * scale)
    expected = torch.stack([(BITS[rule.codes][..., k] * upstream).sum() for k in range(4)]) * rule.unit
    assert torch.allclose(rule.relative.grad, expected, rtol=1e-4)
    rule.freeze(weight)
    rule.round_coefficients()
    exported, grid = rule.export(weight)
    assert grid is None and exported.dtype == np.float32
    assert set(np.unique(exported).tolist()) <= set(weight_structure.subset_sums(rule.coefficients.tolist()))


def test_more_pressure_makes_more_zeros(weight):
    from sumac.train.basis import BasisRule

    zeros = []
    for pressure in (0, 0.2, 0.5, 1.01):
        rule = BasisRule(weight, pressure)
        rule.start_from(weight)
        zeros.append(int((rule.codes == 0).sum()))
    assert zeros == sorted(zeros) and zeros[0] < zeros[-1]


def test_shifts_are_exact_and_gated(weight):
    from sumac.train.shifts import ShiftRule, nearest_power

    assert nearest_power(torch.tensor([1.0, 1.5, 1.4, -0.3, 0.0, 2.0**-6, 2.0**-8]), 0).tolist() == [
        1.0, 1.0, 1.0, -0.25, 0.0, 2.0**-6, 0.0,
    ]  # fmt: skip
    rule = ShiftRule(gated=True, part=0.5, penalties=(0.0, 0.1))
    rule.start_from(weight)
    found = weight_structure.find_shifts(rule.export(weight)[0])
    assert found.counts.tolist() == rule.counts(weight).tolist()
    assert sorted(set(found.counts.tolist())) == [1, 2]
    (rule(weight).square().sum() + rule.penalty(weight)).backward()
    assert torch.isfinite(weight.grad).all() and rule.thresholds.grad.abs().min() > 0


def test_pool_picks_entries_and_learns_them(weight):
    from sumac.train.pool import PooledRule, WeightPool, grouped

    pool = WeightPool(4)
    pool.start_from([weight], seed=1)
    rule = PooledRule(pool)
    values = rule(weight)
    table, indices = pool.table(), rule.indices(weight, pool.table())
    assert torch.equal(values, table[indices].reshape(12, 24)[:, :20])
    for row in range(12):  # the last group has four elements, which alone are compared
        similarity = torch.nn.functional.cosine_similarity(grouped(weight)[row, 2, :4], table[:, :4], dim=1)
        assert indices[row, 2] == similarity.argmax()
    upstream = torch.randn(weight.shape)
    values.backward(upstream)
    assert torch.equal(weight.grad, upstream)
    assert pool.entries.grad.abs().sum() > 0
    integers, grid = rule.export(weight)
    assert integers.dtype == np.int8 and grid.scale.ndim == 0
    assert len(weight_structure.pool_of([integers])) <= 4


def test_bipolar_weights(weight):
    from sumac.train.bipolar import BipolarRule

    rule = BipolarRule()
    rule.start_from(weight)
    integers, grid = rule.export(weight)
    assert set(np.unique(integers).tolist()) == {-1, 1} and (grid.low, grid.high) == (-1, 1)
    assert np.array_equal(rule(weight).detach().numpy(), integers * grid.scale)
