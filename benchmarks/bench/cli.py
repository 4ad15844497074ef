# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line. Standard library only: it runs outside the environment."""

import argparse
import os
from pathlib import Path

PEERS = ("onnxruntime", "litert", "onednn")
CPUS = ("native", "x86-64-v4", "x86-64-v3", "x86-64")
REPOSITORY = Path(__file__).resolve().parents[2]

EPILOG = """\
examples:
  benchmarks/run                          everything (a few minutes)
  benchmarks/run --quick --only small     a short look at 64-64-64-64
  benchmarks/run --json out.json --plot out.png

exit status: 0 all measured and Sumac exact, 1 something is missing or differs,
2 wrong usage. Goals that are not reached do not change the status.
"""


def _choice_list(allowed):
    def parse(text):
        items = [item for item in text.split(",") if item]
        for item in items:
            if item not in allowed:
                raise argparse.ArgumentTypeError(
                    f"{item!r} is none of {', '.join(allowed)}"
                )
        return items

    return parse


def parse(arguments=None):
    """Parses the command line; exits with status 2 if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/run",
        description="Times Sumac, onnxruntime, LiteRT and oneDNN in one run.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer and shorter rounds")
    add("--json", metavar="FILE", type=Path, help="write all figures there")
    add("--plot", metavar="FILE", type=Path, help="draw a PNG or SVG")
    add(
        "--only",
        metavar="NET,...",
        type=_choice_list(("lenet", "small", "wide", "lowbit")),
        help="lenet, small, wide (8- and 4-bit weights), lowbit (w2a2, w1a2, w1a1)",
    )
    add(
        "--peers",
        type=_choice_list(PEERS),
        default=list(PEERS),
        metavar="NAME,...",
        help=f"of {', '.join(PEERS)}",
    )
    add(
        "--cpus",
        type=_choice_list(CPUS),
        metavar="NAME,...",
        help="instruction sets for Sumac (default: all that this machine runs)",
    )
    add("--batch", type=_choice_list(("1", "64")), default=["1", "64"], metavar="N,...")
    add("--rounds", type=int, metavar="N", help="interleaved rounds (default 7, quick 3)")
    add("--core", type=int, metavar="N", help="core to pin to (default: the last)")
    add(
        "--sumac",
        type=Path,
        default=REPOSITORY / "build" / "bin" / "sumac",
        metavar="FILE",
        help="the compiler (default: build/bin/sumac)",
    )
    add(
        "--out",
        type=Path,
        default=REPOSITORY / "benchmarks" / "out",
        metavar="DIR",
        help="models and libraries (default: benchmarks/out)",
    )
    options = parser.parse_args(arguments)
    options.batch = [int(b) for b in options.batch]
    options.only = options.only or ["lenet", "small", "wide", "lowbit"]
    if options.rounds is None:
        options.rounds = 3 if options.quick else 7
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    options.seconds = 0.02 if options.quick else 0.1
    cores = sorted(os.sched_getaffinity(0))
    if options.core is None:
        options.core = cores[-1]
    elif options.core not in cores:
        parser.error(f"core {options.core} is none of {cores}")
    return options
