# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables, goals and JSON from the measured cases.

Of each peer the fastest way to call it counts. A ratio says how many times
faster Sumac is: the peer's minimum divided by Sumac's.
"""

from dataclasses import dataclass

from .cli import CPUS, PEERS
from .nets import SHAPES

NAMES = {
    "onnxruntime": "onnxruntime",
    "litert": "LiteRT",
    "onednn": "oneDNN",
    "sumac": "Sumac",
}


@dataclass(frozen=True)
class Goal:
    """At least `factor` times as fast as `peer` (both with 8-bit activations)."""

    shape: tuple
    rows: int
    peer: str
    factor: float


GOALS = (
    Goal(SHAPES["lenet"], 1, "onnxruntime", 4.0),
    Goal(SHAPES["lenet"], 1, "litert", 1.3),
    Goal(SHAPES["small"], 1, "litert", 5.0),
    Goal(SHAPES["wide"], 1, "litert", 1.7),
    Goal(SHAPES["lenet"], 64, "litert", 1.0),
    Goal(SHAPES["small"], 64, "litert", 1.0),
    Goal(SHAPES["wide"], 64, "litert", 1.0),
)


def title(shape):
    return "-".join(map(str, shape))


def _select(cases, **wanted):
    """Measured cases whose runtime, shape, rows, form and mode are as wanted."""
    result = []
    for case in cases:
        facts = dict(
            runtime=case.runtime,
            shape=case.net.shape,
            rows=case.rows,
            form=case.net.form,
            mode=case.mode,
        )
        measured = case.minimum is not None and not case.error
        if measured and all(facts[k] == v for k, v in wanted.items()):
            result.append(case)
    return result


def fastest(cases, **wanted):
    """The fastest of the selected cases, or None."""
    return min(_select(cases, **wanted), key=lambda c: c.minimum, default=None)


def number(value):
    """Four significant digits, without an exponent."""
    return "-" if value is None else f"{value:#.4g}" if value < 1000 else f"{value:.0f}"


def _print_table(rows):
    """Prints rows of cells; the first column to the left, others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    print()


def _differing(case):
    if case.differing is None:
        return "-"
    return f"{case.differing} of {case.outputs}"


def label(case):
    """A case's name in tables and plots."""
    return f"{NAMES[case.runtime]} {case.net.form} ({case.mode})"


def print_main(cases):
    """One table per net and batch size: 8-bit peers, Sumac with w8 and w4."""
    groups = {}
    for case in cases:
        if case.net.form in ("w8a8", "w4a8"):
            groups.setdefault((case.net.shape, case.rows), []).append(case)
    for (shape, rows), group in groups.items():
        print(f"{title(shape)}, batch {rows}: microseconds; times faster than")
        references = {p: fastest(group, runtime=p, form="w8a8") for p in PEERS}
        header = ["", "min", "median"]
        header += [NAMES[p] + " w8" for p in PEERS] + ["differing outputs"]
        table = [header]
        for case in sorted(group, key=lambda c: c.runtime == "sumac"):
            if case.error or case.minimum is None:
                table.append([label(case), "error", *[""] * (len(header) - 2)])
                continue
            ratios = [
                f"{ref.minimum / case.minimum:.2f}" if ref else "-"
                for ref in references.values()
            ]
            table.append(
                [
                    label(case),
                    number(case.minimum),
                    number(case.median),
                    *ratios,
                    _differing(case),
                ]
            )
        _print_table(table)


def print_low_bit(cases):
    """Sumac's low-bit nets against the same net in 8 bits."""
    sumac = [case for case in cases if case.runtime == "sumac"]
    shapes = dict.fromkeys(
        case.net.shape for case in sumac if case.net.activation_bits < 8
    )
    for shape in shapes:
        for rows in dict.fromkeys(c.rows for c in sumac if c.net.shape == shape):
            group = [c for c in sumac if c.net.shape == shape and c.rows == rows]
            print(f"{title(shape)}, batch {rows}, Sumac's bit widths: microseconds")
            table = [["", "min", "median", "times faster than w8a8", "differing outputs"]]
            for case in sorted(group, key=lambda c: CPUS.index(c.mode)):
                eight = fastest(group, form="w8a8", mode=case.mode)
                ratio = "-"
                if eight and case.minimum and not case.error:
                    ratio = f"{eight.minimum / case.minimum:.2f}"
                shown = "error" if case.error else number(case.minimum)
                row = [label(case), shown, number(case.median), ratio]
                table.append(row + [_differing(case)])
            _print_table(table)


def goals(cases):
    """Every goal with the figures it is decided by."""
    results = []
    for goal in GOALS:
        where = dict(shape=goal.shape, rows=goal.rows)
        ours = fastest(cases, runtime="sumac", form="w4a8", mode="native", **where)
        peer = fastest(cases, runtime=goal.peer, form="w8a8", **where)
        entry = {
            "net": title(goal.shape),
            "batch": goal.rows,
            "peer": goal.peer,
            "goal": goal.factor,
            "sumac_us": ours.minimum if ours else None,
            "peer_us": peer.minimum if peer else None,
            "call_us": peer.bridge if peer else None,
            "ratio": None,
            "ratio_without_call": None,
            "reached": None,
        }
        if ours and peer:
            entry["ratio"] = peer.minimum / ours.minimum
            net_time = peer.minimum - peer.bridge
            entry["ratio_without_call"] = net_time / ours.minimum
            entry["reached"] = entry["ratio"] >= goal.factor
        results.append(entry)
    return results


def print_goals(results):
    print("goals: Sumac with 4-bit weights, native, against the peer's 8 bits")
    table = [["", "goal", "ratio", "less call", "Sumac us", "peer us", ""]]
    for entry in results:
        verdict = {None: "not measured", True: "reached", False: "not reached"}
        ratios = [entry["ratio"], entry["ratio_without_call"]]
        table.append(
            [
                f"{entry['net']}, batch {entry['batch']}, {NAMES[entry['peer']]}",
                f"{entry['goal']:.1f}",
                *["-" if r is None else f"{r:.2f}" for r in ratios],
                number(entry["sumac_us"]),
                number(entry["peer_us"]),
                verdict[entry["reached"]],
            ]
        )
    _print_table(table)


def as_json(cases):
    """All cases as plain data."""
    return [
        {
            "runtime": case.runtime,
            "mode": case.mode,
            "net": case.net.title,
            "form": case.net.form,
            "batch": case.rows,
            "min_us": case.minimum,
            "median_us": case.median,
            "min_us_by_round": case.minima,
            "median_us_by_round": case.medians,
            "call_us": case.bridge,
            "differing": case.differing,
            "outputs": case.outputs,
            "error": case.error,
        }
        for case in cases
    ]
