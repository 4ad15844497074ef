# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The codings of sumac.quantize: every one has exactly the structure that it promises."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from sumac.quantize.coding import Settings, check_specs, encode, registry
from sumac.quantize.errors import QuantizeError
from sumac.quantize.levels import assign, boundaries, kmeans

SPECS = tuple(registry())
SHAPES = ((1, 1), (1, 7), (7, 1), (13, 17), (5, 8))


def matrices(seed=0, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return {f"l{i}": rng.laplace(size=shape).astype(np.float32) * 2.0**-i for i, shape in enumerate(shapes)}


def code(spec, weights, **settings):
    """Codes a dict of matrices with one SPEC."""
    return encode(weights, dict.fromkeys(weights, spec), Settings(**settings))


def powers_in(value):
    """All ways to write a rational as one or two signed powers of two, as sets of exponents; [()] for zero."""
    value = Fraction(float(value))
    if value == 0:
        return [()]
    found = []
    for e in range(-60, 10):
        power = Fraction(2) ** e
        for term in (power, -power):
            rest = value - term
            if rest == 0:
                found.append((e,))
            elif (
                abs(rest.numerator) & (abs(rest.numerator) - 1) == 0 and rest.denominator & (rest.denominator - 1) == 0
            ):
                found.append((e, rest.numerator.bit_length() - rest.denominator.bit_length()))
    return found


def non_adjacent_form(value):
    """The exponents of the form without neighbours of a value, smallest first."""
    value, exponents, e = Fraction(float(value)), [], 0
    while value.denominator > 1:
        value, e = value * 2, e - 1
    value = int(value)
    while value:
        if value % 2:
            exponents.append(e)
            value -= 2 - value % 4
        value, e = value // 2, e + 1
    return exponents


def fewest_terms(value, window):
    """The least number of powers of two with exponents in the window that add up to the value."""
    return min(len(exponents) for exponents in powers_in(value) if set(exponents) <= set(window))


@pytest.mark.parametrize("spec", SPECS)
def test_values_are_what_the_codes_say(spec):
    for name, coded in code(spec, weights := matrices()).items():
        assert coded.values.dtype == np.float32 and coded.values.shape == weights[name].shape
        assert np.isfinite(coded.values).all() and coded.spec == spec
        if coded.integers is None:
            continue
        assert coded.integers.dtype == np.int8 and coded.scale.dtype == np.float32 and (coded.scale > 0).all()
        scale = coded.scale[:, None] if coded.scale.ndim else coded.scale
        assert np.array_equal(coded.values, coded.integers.astype(np.float32) * scale)


@pytest.mark.parametrize("spec, bits", (("basis2", 4), ("basis3", 20), ("basis4", 12), ("basis4", 16)))
def test_basis_values_are_subset_sums(spec, bits):
    n = int(spec[-1])
    for coded in code(spec, matrices(1), coefficient_bits=bits).values():
        integers, exponent = coded.details["integers"], coded.details["exponent"]
        assert len(integers) == n and all(abs(m) < 2 ** (bits - 1) for m in integers)
        exact = [Fraction(m) * Fraction(2) ** exponent for m in integers]
        assert [Fraction(c) for c in coded.details["coefficients"]] == exact
        sums = {sum(chosen, Fraction(0)) for k in range(n + 1) for chosen in itertools.combinations(exact, k)}
        assert {Fraction(float(v)) for v in np.unique(coded.values)} <= sums
        for code_, value in zip(coded.codes.flat, coded.values.flat):
            assert sum(exact[k] for k in range(n) if code_ >> k & 1) == Fraction(float(value))


def test_float32_adds_coefficients_exactly_in_any_order():
    details = code("basis4", matrices(2, ((13, 17),)), coefficient_bits=20)["l0"].details
    exact = [Fraction(c) for c in details["coefficients"]]
    for order in itertools.permutations(range(4)):
        total = np.float32(0)
        for k in order:
            total = np.float32(total + np.float32(details["coefficients"][k]))
        assert Fraction(float(total)) == sum(exact)


def test_gamma_trades_error_for_entropy():
    weights = {"w": np.random.default_rng(3).normal(size=(60, 50)).astype(np.float32)}

    def run(gamma):
        coded = code("basis4", weights, gamma=gamma, unbiased=False)["w"]
        shares = np.unique(coded.codes, return_counts=True)[1] / coded.codes.size
        return np.sum((weights["w"] - coded.values) ** 2), -(shares * np.log2(shares)).sum()

    runs = [run(gamma) for gamma in (0, 0.1, 0.4)]
    assert [error for error, _ in runs] == sorted(error for error, _ in runs)
    assert [bits for _, bits in runs] == sorted((bits for _, bits in runs), reverse=True)
    assert runs[0][0] < 0.02 * np.sum(weights["w"] ** 2)  # 16 free levels reach 0.0095 on normal weights


@pytest.mark.parametrize("spec, terms", (("shift1", 1), ("shift2", 2), ("flight", 2)))
def test_shift_values_are_sums_of_powers_of_two(spec, terms):
    for coded in code(spec, matrices(4)).values():
        largest = coded.details["largest_exponent"]
        window = range(largest - 7, largest + 1)
        for row, filter_values in enumerate(coded.values):
            allowed = coded.details["terms"][row] if spec == "flight" else terms
            assert all(fewest_terms(value, window) <= allowed for value in np.unique(filter_values))
            assert all(set(non_adjacent_form(value)) <= set(window) for value in np.unique(filter_values))


def test_a_filter_of_one_term_has_sixteen_codes_at_most():
    coded = code("shift1", {"w": np.random.default_rng(0).laplace(size=(50, 80)).astype(np.float32)})["w"]
    assert len(np.unique(coded.values)) <= 16


def test_flight_chooses_terms_by_filter():
    rng = np.random.default_rng(5)
    weights = rng.normal(size=(40, 30)).astype(np.float32)
    weights[:5] *= 1e-3  # below t_0
    weights[5:9] = np.exp2(np.round(np.log2(abs(weights[5:9])).clip(-3, 1)))  # one term suffices
    coded = code("flight", {"w": weights}, flight_twice=0.5)["w"]
    terms = np.array(coded.details["terms"])
    assert (terms[:5] == 0).all() and not coded.values[:5].any()
    assert (terms[5:9] == 1).all() and np.array_equal(coded.values[5:9], weights[5:9])
    assert coded.details["filters_by_terms"] == [5, 17, 18]
    low, high = coded.details["thresholds"]
    norms = np.linalg.norm(weights, axis=1)
    assert ((norms > low) == (terms > 0)).all() and high > 0
    everything = code("flight", {"w": weights}, flight_twice=1.0, flight_prune=0.0)["w"].details["terms"]
    assert min(everything) == 1 and max(everything) == 2


@pytest.mark.parametrize("spec", ("pool32", "pool64", "pool128"))
def test_pool_rows_come_from_one_table(spec):
    weights = matrices(6, ((30, 64), (13, 17), (7, 1), (9, 40)))
    weights["l3"][2] = 0
    layers = code(spec, weights)
    (table,) = [np.array(c.details["table"], np.int8) for c in layers.values() if c.details]
    assert table.shape[1] == 8 and len(table) <= int(spec[4:])
    assert len({float(coded.scale) for coded in layers.values()}) == 1
    entries = {tuple(row) for row in table.tolist()}
    for coded in layers.values():
        outputs, inputs = coded.integers.shape
        for row, start in itertools.product(range(outputs), range(0, inputs, 8)):
            vector = coded.integers[row, start : start + 8].tolist()
            assert any(list(entry[: len(vector)]) == vector for entry in entries)
            assert table[coded.codes[row, start // 8]][: len(vector)].tolist() == vector
    assert not layers["l3"].integers[2].any()


def test_short_vectors_use_entries_that_whole_ones_of_the_layer_use():
    """Else they would be further rows for those who know no table."""
    weights = matrices(20, ((9, 20), (9, 43)))
    for coded in code("pool32", weights).values():
        inputs = coded.integers.shape[1]
        assert set(coded.codes[:, -1]) <= set(coded.codes[:, : inputs // 8].ravel())


def test_a_short_vector_behind_zeros_keeps_its_weights():
    weights = {"a": np.zeros((3, 11), np.float32), "b": np.ones((1, 8), np.float32)}
    weights["a"][:, 8:] = 1
    coded = code("pool32", weights)
    assert all(np.array_equal(coded[name].values, weights[name]) for name in weights)


def test_pool_takes_the_entry_of_greatest_cosine():
    weights = matrices(7, ((20, 32),))
    coded = code("pool32", weights)["l0"]
    table = np.array(coded.details["table"], np.float64)
    vectors = weights["l0"].reshape(-1, 8).astype(np.float64)
    cosine = vectors @ (table / np.linalg.norm(table, axis=1, keepdims=True)).T
    chosen = np.take_along_axis(cosine, coded.codes.reshape(-1, 1), 1)[:, 0]
    assert np.allclose(chosen, cosine.max(1))


def test_few_vectors_fit_a_pool():
    weights = matrices(8, ((3, 16), (2, 24)))
    for name, coded in code("pool32", weights).items():
        assert np.abs(coded.values - weights[name]).max() <= coded.scale / 2 * 1.001


def test_codebooks_are_small_integers_times_a_power_of_two():
    for spec, count, bits in (("codebook16", 16, 8), ("codebook256", 256, 12)):
        for coded in code(spec, matrices(9)).values():
            values = np.unique(coded.values)
            integers = [Fraction(float(v)) / Fraction(2) ** coded.details["exponent"] for v in values]
            assert len(values) <= count and all(i.denominator == 1 and abs(i) < 2 ** (bits - 1) for i in integers)
            assert set(integers) <= set(coded.details["integers"])


@pytest.mark.parametrize("per_channel", (True, False))
@pytest.mark.parametrize("spec", [s for s in SPECS if s.startswith(("uniform", "ternary", "bipolar"))])
def test_integers_are_in_range(spec, per_channel):
    bits = {"ternary": 2, "bipolar": 1}.get(spec) or int(spec[7:])
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for name, coded in code(spec, weights := matrices(10), per_channel=per_channel).items():
        assert coded.scale.shape == ((len(weights[name]),) if per_channel else ())
        if bits == 1:
            assert set(np.unique(coded.integers)) <= {-1, 1}
        else:
            assert coded.integers.min() >= (-1 if spec == "ternary" else low) and coded.integers.max() <= high


def test_ternary_scale_is_the_best_one():
    row = np.random.default_rng(11).normal(size=(1, 9)).astype(np.float32)
    coded = code("ternary", {"w": row}, unbiased=False)["w"]
    best = min(
        np.sum((row - q * (row @ q / max(q @ q, 1))) ** 2)
        for q in (np.array(q, np.float64) for q in itertools.product((-1, 0, 1), repeat=9))
    )
    assert np.sum((row - coded.values) ** 2) == pytest.approx(best, rel=1e-5)


def test_more_bits_mean_less_error():
    weights = {"w": np.random.default_rng(12).normal(size=(30, 40)).astype(np.float32)}
    errors = [np.sum((code(f"uniform{bits}", weights)["w"].values - weights["w"]) ** 2) for bits in range(1, 9)]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 1e-3 * errors[0]


@pytest.mark.parametrize("spec", [s for s in SPECS if not s.startswith(("shift", "flight", "pool"))])
def test_unbiased_weights_are_as_long_as_the_original(spec):
    weights = np.random.default_rng(18).normal(size=(30, 40)).astype(np.float32)
    size = np.sum(weights.astype(np.float64) ** 2)
    for unbiased in (False, True):
        coded = code(spec, {"w": weights}, unbiased=unbiased)["w"].values.astype(np.float64)
        if unbiased:
            assert np.sum(coded * weights) == pytest.approx(size, rel=0.006)
        else:
            assert np.sum(coded * weights) < size * 1.001


def test_unbiased_pools_are_as_long_as_the_original():
    weights = np.random.default_rng(19).normal(size=(50, 64)).astype(np.float32)
    size = np.sum(weights.astype(np.float64) ** 2)
    for distance in ("cosine", "euclidean"):
        longer = code("pool32", {"w": weights}, pool_distance=distance)["w"].values
        shorter = code("pool32", {"w": weights}, pool_distance=distance, unbiased=False)["w"].values
        assert np.sum(longer * weights) == pytest.approx(size, rel=0.03)
        assert np.sum(shorter * weights) < 0.7 * size
        assert np.sum((shorter - weights) ** 2) < np.sum((longer - weights) ** 2)


@pytest.mark.parametrize("spec", SPECS)
def test_zero_layers_stay_zero(spec):
    weights = {"a": np.zeros((4, 11), np.float32), "b": np.zeros((1, 1), np.float32)}
    for name, coded in code(spec, weights).items():
        assert np.array_equal(coded.values, weights[name])


@pytest.mark.parametrize("spec", SPECS)
def test_a_single_weight_keeps_its_value(spec):
    for value in (np.float32(0.75), np.float32(-0.3), np.float32(1e-30), np.float32(1e30)):
        coded = code(spec, {"w": np.array([[value]])})["w"].values[0, 0]
        if value == 0.75 and spec != "shift1":
            assert coded == value
        exact = spec.startswith(("uniform", "ternary", "bipolar", "pool"))
        assert coded == value if exact else abs(coded - value) <= abs(value) * (0.34 if "shift1" in spec else 0.2)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("size", (3e38, 1e-38, 1e-45))
@pytest.mark.filterwarnings("error")
def test_extreme_weights_do_not_break_anything(spec, size):
    rng = np.random.default_rng(13)
    weights = (rng.uniform(-1, 1, (6, 9)) * size).astype(np.float32)
    try:
        coded = code(spec, {"w": weights})["w"]
    except QuantizeError as error:
        assert size > 1e38 and "too large" in str(error)
    else:
        assert np.isfinite(coded.values).all()


@pytest.mark.parametrize("spec", ("basis3", "flight", "pool32", "codebook16", "uniform3"))
def test_the_same_seed_gives_the_same_codes(spec):
    weights = matrices(14, ((13, 17), (5, 8), (1, 7)))
    first, second = code(spec, weights), code(spec, weights)
    assert all(np.array_equal(first[name].values, second[name].values) for name in first)


def test_layers_of_one_spec_are_independent_but_for_pools():
    weights = matrices(15)
    for spec in ("shift2", "uniform4", "codebook16"):
        alone = code(spec, {"l3": weights["l3"]})["l3"]
        assert np.array_equal(alone.values, code(spec, weights)["l3"].values)


def test_unknown_specs_and_two_pools_are_refused():
    with pytest.raises(QuantizeError, match="unknown coding 'basis9'; there are basis2"):
        check_specs(["basis9"])
    with pytest.raises(QuantizeError, match="only one weight pool"):
        check_specs(["pool32", "uniform8", "pool64"])


def test_cells_are_those_of_least_cost():
    rng = np.random.default_rng(16)
    for _ in range(50):
        levels, penalties = rng.normal(size=6).round(1), rng.uniform(0, 0.5, 6)
        values = rng.normal(size=200)
        costs = (values[:, None] - levels) ** 2 + penalties
        chosen = costs[np.arange(200), assign(values, levels, penalties)]
        assert np.allclose(chosen, costs.min(1))
        kept, edges = boundaries(levels.tolist(), penalties.tolist())
        assert len(kept) == len(edges) + 1 and (np.diff(edges) > 0).all()


def test_kmeans_finds_separate_groups():
    rng = np.random.default_rng(17)
    centers = np.array([-5.0, -1.0, 0.0, 3.0])
    weights = (centers[rng.integers(0, 4, 400)] + rng.normal(size=400) * 0.01).astype(np.float32)
    assert np.allclose(kmeans(weights, 4), centers, atol=0.01)
