# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line that all oracles share: MODEL.onnx --input X.npy -o Y.npy."""

import argparse
import sys

import numpy as np


def run(oracle, description, run_model):
    """Parses the command line, calls run_model(path of the model, list of input arrays) and writes the output's array.

    The model has one output; its inputs are given in the order of the graph.
    """
    parser = argparse.ArgumentParser(prog=f"python -m sumac.oracles.{oracle}", description=description)
    parser.add_argument("model", metavar="MODEL.onnx", help="the model; it has one output")
    parser.add_argument(
        "--input", metavar="X.npy", action="append", required=True, help="once an input, in the graph's order"
    )
    parser.add_argument("-o", "--output", metavar="Y.npy", required=True, help="where the output is written")
    arguments = parser.parse_args()
    try:
        inputs = [np.load(path, allow_pickle=False) for path in arguments.input]
        output = run_model(arguments.model, inputs)
        with open(arguments.output, "wb") as file:
            np.save(file, output, allow_pickle=False)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")


def bind_inputs(names, inputs):
    """Inputs by name; a ValueError if there are too many or too few."""
    if len(names) != len(inputs):
        raise ValueError(f"the model has {len(names)} inputs ({', '.join(names)}), {len(inputs)} are given")
    return dict(zip(names, inputs))
