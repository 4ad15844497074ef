# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of scripts/codings-table. Standard library only: it runs outside the environment."""

import argparse
from pathlib import Path

from .environment import REPOSITORY

#: The program that scripts/build builds.
SUMAC = REPOSITORY / "build/bin/sumac"

EPILOG = """\
examples:
  scripts/codings-table                                     everything; writes docs/codings-table.md (minutes)
  scripts/codings-table --only basis4,flight --images 1000  a quick try; prints its table
  scripts/codings-table --json table.json --plot table.png

The first run trains the float network (a minute or two) into benchmarks/out/float.onnx; delete it to train anew.

exit status: 0 all measured, 1 something failed (its row says what), 2 wrong usage. Goals that are missed do not change
the status.
"""


def _count(least):
    """An argparse type: integers from `least` on."""

    def parse(text):
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return int(text)

    parse.__name__ = "int"
    return parse


def parse(arguments=None):
    """Parses the command line; exits with status 2 if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/codings-table",
        description="Measure every coding of weights on Fashion-MNIST: accuracy after `sumac quantize` alone and after "
        "training, size by storage, time per image.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", metavar="NAME,...", type=lambda text: text.split(","), help="rows, by SPEC or as w2a2")
    add("--images", metavar="N", type=_count(1), default=10000, help="test images (default: all 10000)")
    add("--samples", metavar="N", type=_count(1), default=1000, help="training images for calibration (default: 1000)")
    add("--rounds", metavar="N", type=_count(1), default=7, help="how often each network is timed (default: 7)")
    add("--cpu", metavar="NAME", default="native", help="the processor to compile for (default: native)")
    add("--float", metavar="FILE.onnx", type=Path, help="the float network (default: the baseline of examples/models)")
    add("--json", metavar="FILE", type=Path, help="write all figures there")
    add("--plot", metavar="FILE", type=Path, help="accuracy over size (default: accuracy.png in the folder of --out)")
    add("-o", "--output", metavar="FILE", type=Path, help="the page (default: docs/codings-table.md, but no part)")
    add("--sumac", metavar="FILE", type=Path, default=SUMAC, help="default: build/bin/sumac")
    add("--out", metavar="DIR", type=Path, default=REPOSITORY / "benchmarks/out", help="default: benchmarks/out")
    options = parser.parse_args(arguments)
    options.images = min(options.images, 10000)
    options.complete = options.only is None and options.images == 10000
    if options.output is None and options.complete:
        options.output = REPOSITORY / "docs/codings-table.md"
    options.plot = options.plot or options.out / "accuracy.png"
    options.trained_here = options.float is None
    options.float = options.float or options.out / "float.onnx"
    return options
