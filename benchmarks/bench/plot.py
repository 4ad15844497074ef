# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws the measured times: one panel per net and batch size."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from . import report  # noqa: E402

COLOURS = {
    "onnxruntime": "#7f8c8d",
    "litert": "#e09f3e",
    "onednn": "#5b8db8",
    "sumac": "#a4243b",
}


def draw(cases, path):
    """Horizontal bars, shortest time on top; the file's ending is the format."""
    groups = {}
    for case in cases:
        if case.minimum is not None and not case.error:
            groups.setdefault((case.net.shape, case.rows), []).append(case)
    if not groups:
        return False
    longest = max(map(len, groups.values()))
    columns = min(2, len(groups))
    lines = -(-len(groups) // columns)
    figure, axes = pyplot.subplots(
        lines, columns, figsize=(8 * columns, lines * (1.2 + 0.24 * longest)), squeeze=False
    )
    for axis in axes.flat[len(groups) :]:
        axis.set_visible(False)
    for axis, ((shape, rows), group) in zip(axes.flat, groups.items()):
        group = sorted(group, key=lambda case: -case.minimum)
        bars = axis.barh(
            [report.label(case) for case in group],
            [case.minimum for case in group],
            color=[COLOURS[case.runtime] for case in group],
        )
        labels = [report.number(case.minimum) for case in group]
        axis.bar_label(bars, labels=labels, padding=3, fontsize=8)
        axis.set_xscale("log")
        axis.margins(x=0.15)
        axis.tick_params(axis="y", labelsize=8)
        axis.set_title(f"{report.title(shape)}, batch {rows}")
        axis.set_xlabel("microseconds per call, one thread (shorter is better)")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    return True
