# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws measured times, one panel per net and batch size, and accuracies over sizes."""

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


def draw_accuracy(rows, path):
    """Accuracy over the size of weights, of the rows of scripts/codings-table: all, and the best 1.5 points larger."""
    series = []
    for kind in ("quantized", "trained"):
        nets = [(row.name, getattr(row, kind)) for row in rows]
        nets = [(name, net) for name, net in nets if net and net.bits and net.accuracy is not None]
        series.append((kind, [(name, net.bits / 8000, net.accuracy) for name, net in nets]))
    best = max((accuracy for _, points in series for _, _, accuracy in points), default=None)
    if best is None:
        return False
    figure, axes = pyplot.subplots(1, 2, figsize=(15, 6.5))
    for axis in axes:
        _draw_points(axis, series)
    axes[1].set_ylim(best - 1.5, best + 0.15)
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    return True


def _draw_points(axis, series):
    """Points (name, kilobytes, accuracy), in one colour a series."""
    for (label, points), marker, colour in zip(series, "os", (COLOURS["onednn"], COLOURS["sumac"])):
        axis.plot([x for _, x, _ in points], [y for _, _, y in points], marker, color=colour, label=label)
        for name, x, y in points:
            near = dict(xytext=(4, 3), textcoords="offset points", annotation_clip=True)
            axis.annotate(name, (x, y), fontsize=7, rotation=20, color=colour, **near)
    axis.set_xscale("log")
    axis.set_xlabel("kilobytes of weights")
    axis.set_ylabel("accuracy, % of the test images")
