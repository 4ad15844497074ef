#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the example models on Fashion-MNIST; writes them as ONNX files, with a README.md that says how good they are.

    python3 -m venv .venv-train && .venv-train/bin/pip install -r python/requirements-train.txt
    .venv-train/bin/python examples/models/train.py
    .venv-train/bin/python examples/models/train.py --only lenet-300-100-ec4t

The images come from the Debian package dataset-fashion-mnist. One thread, so that two runs on one machine write the
same files; another processor may round sums differently and end at slightly different weights. Of the baselines only
the accuracy is kept, in baselines.json. README.md is written from the files that are there, whatever was trained.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import readme  # noqa: E402
import torch  # noqa: E402

from sumac.data import fashion_mnist  # noqa: E402
from sumac.oracles import exact  # noqa: E402
from sumac.train import recipes  # noqa: E402
from sumac.train.mlp import Precision  # noqa: E402


@dataclass(frozen=True)
class Example:
    """One model: its name, how it is trained, recipe(workshop, name), and how it is written: not at all, if a baseline."""

    name: str
    recipe: Callable
    spellings: tuple[str, ...] = ()


W4A8 = Precision(4, 8, narrow_weights=True, per_channel_weights=True)
W2A2 = Precision(2, 2, narrow_weights=False, per_channel_weights=False)

EXAMPLES = (
    Example("lenet-300-100-w4a8", partial(recipes.uniform, precision=W4A8, epochs=30), ("qdq", "qonnx")),
    Example("lenet-300-100-w2a2", partial(recipes.uniform, precision=W2A2, epochs=40), ("qdq", "qonnx")),
    Example("float", lambda workshop, name: workshop.float_network()),
    Example("w8a8", recipes.w8a8),
    Example("lenet-300-100-ec4t", recipes.ec4t, ("qdq",)),
    Example("lightnn-2", recipes.light2),
    Example("lenet-300-100-flight", recipes.flight, ("qdq",)),
    Example("lenet-300-100-pool64", recipes.pool64, ("qdq",)),
    Example("lenet-300-100-w1a2", recipes.w1a2, ("qonnx",)),
)


#: How far float32 may be off before it rounds, in steps of a quantizer: 2^-24 of the largest code, 255, times 4.
FLOAT_ERROR = 2.0**-14


@torch.no_grad()
def predictions(model, images):
    """The classes that PyTorch's model gives, in float32."""
    model.eval()
    return model(torch.from_numpy(images)).argmax(1).numpy()


def write(example, model, folder, images):
    """Writes the model in the example's spellings, and says where their exact meaning is not what PyTorch predicts."""
    net = model.export(example.name)
    for spelling in example.spellings:
        path = folder / f"{example.name}.{spelling}.onnx"
        onnx.save(net.to_qdq() if spelling == "qdq" else net.to_qonnx(), path)
        result = exact.evaluate(onnx.load(path), images)
        differing = np.flatnonzero(result.logits.argmax(1) != predictions(model, images))
        ties = int((result.tie_distance[differing] <= FLOAT_ERROR).sum())
        print(f"{path}: PyTorch predicts {len(differing)} test images differently, {ties} of them at a float tie")


def main():
    """Trains the examples, writes them, and the README."""
    names = [example.name for example in EXAMPLES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=readme.SEED, help="default: %(default)s")
    parser.add_argument("--epochs", type=int, help="make each run this many epochs long instead of its own number")
    parser.add_argument("--only", action="append", metavar="NAME", choices=names, help=f"one of {', '.join(names)}")
    parser.add_argument("--readme", action="store_true", help="train nothing, write README.md anew")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(__file__).parent, help="folder to write to (default: this script's)"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    images, labels = (torch.from_numpy(array) for array in fashion_mnist.load("train"))
    workshop = recipes.Workshop(images, labels, arguments.seed, arguments.epochs)
    cache = arguments.output / "baselines.json"
    test_images, test_labels = fashion_mnist.load("test")
    baselines = json.loads(cache.read_text()) if cache.exists() else {}
    for example in EXAMPLES:
        if arguments.readme or (arguments.only and example.name not in arguments.only):
            continue
        model = example.recipe(workshop, example.name)
        correct = int((predictions(model, test_images) == test_labels).sum())
        print(f"{example.name}: PyTorch classifies {correct} of the test images right", flush=True)
        if example.spellings:
            write(example, model, arguments.output, test_images)
        else:
            baselines[example.name] = correct
            cache.write_text(json.dumps(baselines, indent=2) + "\n")
    (arguments.output / "README.md").write_text(readme.text(arguments.output, baselines))


if __name__ == "__main__":
    main()
