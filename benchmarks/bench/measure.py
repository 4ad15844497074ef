# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks and times cases: one process per runtime, rounds interleaved."""

import sys

import numpy as np

from . import nets
from .cases import Worker

CHECK_ROWS = 1024


def progress(text):
    """One line that overwrites itself, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _check(case, worker, out, expected):
    """Counts the output codes that differ from exact arithmetic."""
    x, codes = expected[case.net.name]
    result = out / "y.npy"
    if "error" in worker.ask("check", case, x=str(x), y=str(result)):
        return
    y = np.load(result)
    wrong = nets.codes_of(case.net, y) != codes
    if case.runtime == "sumac":
        # The float is part of Sumac's promise: the exact value, rounded once.
        wrong |= y != nets.values_of(case.net, codes)
    case.differing, case.outputs = int(wrong.sum()), int(wrong.size)


def _process_of(case):
    """One process per way to call; Sumac's nets apart, so that none harms another."""
    return case.driver, case.net.name if case.driver == "sumac" else ""


def _expectations(cases, out):
    """Inputs (as a file) and exact output codes of every net."""
    expected = {}
    for net in {case.net.name: case.net for case in cases}.values():
        x = nets.inputs(net, CHECK_ROWS)
        path = out / f"{net.name}.npy"
        np.save(path, x)
        expected[net.name] = path, nets.exact(net, x)
    return expected


def run(cases, drivers, out, options):
    """Opens, checks and times all cases that have no error yet."""
    expected = _expectations(cases, out)
    workers = {}
    try:
        for case in cases:
            if case.error:
                continue
            key = _process_of(case)
            if key not in workers:
                workers[key] = Worker(drivers, options.core)
            progress(f"checking {case.id}")
            workers[key].open(case)
            if not case.error:
                _check(case, workers[key], out, expected)
        for number in range(options.rounds):
            _round(cases, workers, number, options)
    finally:
        for worker in workers.values():
            worker.close()
        progress("")


def _round(cases, workers, number, options):
    """Times every case once, net by net, so that rivals run back to back."""
    groups = {}
    for case in cases:
        groups.setdefault((case.net.shape, case.rows), []).append(case)
    for group in groups.values():
        # Rotate, so that no runtime is always the first or after the same one.
        shift = number % len(group)
        for case in group[shift:] + group[:shift]:
            if case.error:
                continue
            progress(f"round {number + 1} of {options.rounds}: {case.id}")
            worker = workers[_process_of(case)]
            answer = worker.ask("time", case, seconds=options.seconds)
            if "error" in answer:
                continue
            case.minima.append(answer["min"])
            case.medians.append(answer["median"])
            if case.driver == "interpreter":
                empty = worker.ask("bridge", case, seconds=options.seconds / 10)
                if "error" not in empty:
                    case.bridge = min(case.bridge or empty["min"], empty["min"])
