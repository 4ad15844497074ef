# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of codings (scripts/codings-table): its options, sizes, goals and text."""

import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from bench import accuracy_cli, accuracy_report  # noqa: E402
from bench.accuracy_report import Criterion, Net, Row  # noqa: E402

FACTS = dict.fromkeys(("command", "source", "images", "rounds", "machine", "samples", "last", "onnxruntime"), "?")

#: Bits of a pool's table of products: 256 times 64 bytes.
PRODUCTS = 8 * 256 * 64


def layer(coding, count, bits, **others):
    return dict(coding=coding, count=count, zeros=count // 4, stored_bits=bits, **others)


def rows_with(**trained):
    """The float row at 90 % and rows of trained networks by name."""
    rows = [Row("float", "float32", None, Net(90.0, [layer("float32", 1000, 32000)]))]
    return rows + [Row(name, name, 8, Net(80.0), net, f"{name}.onnx") for name, net in trained.items()]


def verdicts(rows):
    return [criterion.verdict for criterion in accuracy_report.goals(rows)]


def test_a_report_without_storages_means_the_packed_one():
    net = Net(weights=[layer("basis4", 100, 528), layer("uniform8", 10, 80)])
    assert (net.bits, net.bits_in("packed"), net.bits_in("csr")) == (608, 608, None)
    assert net.codings == "basis4, uniform8" and net.zeros == pytest.approx(100 * 27 / 110)


def test_the_smallest_storage_is_chosen_by_layer():
    sparse = layer("basis4", 100, 400, storages={"packed": 400, "bitmask": 140, "csr": 90, "huffman": 20})
    dense = layer("basis4", 100, 400, storages={"packed": 400, "bitmask": 460})
    net = Net(weights=[sparse, dense])
    assert (net.bits, net.bits_in("packed"), net.bits_in("bitmask"), net.bits_in("csr")) == (490, 800, 600, None)
    assert net.times_smaller == pytest.approx(32 * 200 / 490)
    header = accuracy_report.trained_table(rows_with(basis4=net))[0]
    assert "bytes, packed | bytes, bitmask | bytes, csr | bytes, huffman | bytes, smallest a layer" in header


def test_goals_that_nothing_was_measured_for():
    assert set(verdicts([])) == {"not measured"}
    assert set(verdicts(rows_with(flight=Net(error="refused")))) == {"not measured"}


def test_goals_at_their_bounds():
    small = [layer("basis4", 1000, 32000 // 25)]
    pool = [layer("pool64", 120000, 8 * 120000 // 6 - PRODUCTS)]
    rows = rows_with(
        basis4=Net(89.5, small),
        shift2=Net(89.9),
        flight=Net(89.7, small, mean_k=1.4),
        uniform8=Net(89.9),
        pool64=Net(88.9, pool),
    )
    assert verdicts(rows) == ["reached"] * 6


def test_goals_beyond_their_bounds():
    large = [layer("basis4", 1000, 32000 // 24)]
    rows = rows_with(
        basis4=Net(89.49, large),
        shift2=Net(89.9),
        flight=Net(89.69, large, mean_k=1.41),
        uniform8=Net(89.9),
        pool64=Net(88.89, [layer("pool64", 1000, 600)]),
    )
    assert verdicts(rows) == ["missed"] * 6


def test_the_pool_is_charged_for_its_table_of_products():
    criteria = accuracy_report.goals(rows_with(pool64=Net(89.0, [layer("pool64", 10**6, 10**6)])))
    (criterion,) = [criterion for criterion in criteria if "table" in criterion.what]
    assert criterion.figure == pytest.approx(8e6 / (1e6 + PRODUCTS)) and criterion.reached


def test_a_figure_that_is_not_better_than_its_bound_by_rounding_alone():
    assert Criterion("g", "w", 90.04 - 89.54, 0.5, True).reached
    assert not Criterion("g", "w", 0.51, 0.5, True).reached


def test_every_line_of_a_table_has_as_many_cells():
    measured = Net(89.0, [layer("basis4", 100, 400)], 900, microseconds=1.25)
    rows = rows_with(basis4=measured, flight=Net(error="a | b\nc"))
    for lines in (accuracy_report.quantized_table(rows), accuracy_report.trained_table(rows)):
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    page = accuracy_report.page(rows, accuracy_report.goals(rows), FACTS)
    assert "error: a \\| b c" in page and "| basis4 | 8 bits | 80.00 | 89.00 | - |" in page
    assert accuracy_report.as_json(rows, [], FACTS)["rows"][1]["trained"]["bits"] == 400


def test_a_part_of_the_table_does_not_replace_the_page():
    assert accuracy_cli.parse([]).output.name == "codings-table.md"
    for part in (["--only", "basis4"], ["--images", "100"]):
        assert accuracy_cli.parse(part).output is None
    with pytest.raises(SystemExit):
        accuracy_cli.parse(["--images", "0"])
