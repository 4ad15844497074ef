# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the float baseline of the example models and writes it as ONNX: what `sumac quantize` starts from.

    .venv-train/bin/python -m sumac.train.float_network -o float.onnx

It is the network that examples/models/train.py trains, calls "float", and starts the papers' models from. One thread,
so that two runs on one machine write the same file. A minute or two.
"""

import argparse
import os
import sys
from pathlib import Path

import onnx
import torch

from sumac.data import fashion_mnist
from sumac.train import recipes


def main():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.train.float_network",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-o", "--output", metavar="FILE.onnx", type=Path, required=True, help="the file to write")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s, that of the example models")
    parser.add_argument("--epochs", type=int, metavar="N", help="train for N epochs (default: as the example models)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        images, labels = (torch.from_numpy(array) for array in fashion_mnist.load("train"))
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        model = recipes.Workshop(images, labels, arguments.seed, arguments.epochs).float_network()
        # An interrupted run leaves no half-written file to be taken for a trained network.
        aside = arguments.output.with_suffix(".part")
        onnx.save(model.export("lenet-300-100-float").to_qdq(), aside)
        os.replace(aside, arguments.output)
    except OSError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
