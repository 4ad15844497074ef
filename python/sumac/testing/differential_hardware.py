# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random models as HLS designs, compiled with g++, or as programs of the accumulate-multiply core, in its simulators,
against the interpreter and the exact evaluation in Python.

    python -m sumac.testing.differential_hardware --nets 20 --coded 100 --seed 1
    python -m sumac.testing.differential_hardware --target acm --nets 200 --coded 2000 --keep /tmp/differences

Of hls, foldings (by rates to reach) and sum forms are drawn, too; of acm, machines, images of a run and formats. Models
that the target refuses count as refused.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from sumac.testing import command
from sumac.testing.differential import add_arguments, check, run_all
from sumac.testing.random_codings import coded_layers
from sumac.testing.random_models import random_net

FORMS = [None, "masked_sums", "bit_planes", "adder_graph", "multiply_accumulate", "shifted_sums", "pooled_sums"]
FORMATS = [None, "dense", "csr", "dense,bitmask", "bitmask,csr"]


def draw_hls(rng):
    # 100 MHz: from a frame every 200 000 cycles, which lets all units be small, to one every 40.
    options = ["--device", "vcu440", "--budget", "lut=1000000000,dsp=100000,bram=100000", "--optimize", "0", "--target-fps", str(int(10 ** rng.uniform(2.7, 6.4)))]
    if form := FORMS[rng.integers(len(FORMS))]:
        options += ["--form", f"*={form}"]
    return options


def draw_acm(rng, machine=None):
    options = ["--machine", machine or ("tiny", "edge", "fantastic4")[rng.integers(3)]]
    if rng.integers(2):
        options += ["--images", str(rng.integers(1, 4))]
    if formats := FORMATS[rng.integers(len(FORMATS))]:
        options += ["--formats", formats]
    return options


def run_job(job):
    sumac, target, machine, kind, seed, number, layers, keep = job
    rng = np.random.default_rng([seed, number, 5])
    case = random_net(seed, number) if kind == "net" else coded_layers(seed, number, layers)[0]
    options = draw_hls(rng) if target == "hls" else draw_acm(rng, machine)
    targets = {"interp": ["--target", "interp"], target: ["--target", target, *options]}
    return check(sumac, case, f"{kind} {seed} {number} {' '.join(options)}", targets, keep)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.differential_hardware",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser, layers_per_model=20)
    parser.add_argument("--target", default="hls", choices=["hls", "acm", "acm-rtl"], help="(default: hls)")
    parser.add_argument("--machine", help="of acm (default: one of the presets, drawn)")
    parser.add_argument("--nets", type=int, default=10, help="how many random nets (default: 10)")
    parser.add_argument("--coded", type=int, default=40, help="how many single layers (default: 40)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    sumac = command.find_sumac(arguments.sumac)
    if arguments.keep:
        Path(arguments.keep).mkdir(parents=True, exist_ok=True)
    per_model = arguments.layers_per_model
    counts = [("net", arguments.nets), ("coded", -(-arguments.coded // per_model))]
    jobs = [
        (sumac, arguments.target, arguments.machine, kind, arguments.seed, arguments.first + i, per_model, arguments.keep)
        for kind, count in counts
        for i in range(count)
    ]
    sys.exit(0 if run_all(run_job, jobs, arguments.jobs) else 1)


if __name__ == "__main__":
    main()
