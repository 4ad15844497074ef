#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the example models on Fashion-MNIST; writes them as ONNX files, with a README.md that says how good they are.

    python3 -m venv .venv-train && .venv-train/bin/pip install -r python/requirements-train.txt
    .venv-train/bin/python examples/models/train.py

The images come from the Debian package dataset-fashion-mnist. One thread, so that two runs on one machine write the
same files; another processor may round sums differently and end at slightly different weights.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

import onnx  # noqa: E402
import torch  # noqa: E402

from sumac.data import fashion_mnist  # noqa: E402
from sumac.export.quantized_mlp import Grid  # noqa: E402
from sumac.oracles import exact  # noqa: E402
from sumac.train.mlp import MLP, Precision, Schedule, train  # noqa: E402

WIDTHS = (784, 300, 100, 10)


@dataclass(frozen=True)
class Example:
    """One example model: its name, how it is quantized and for how long it is trained."""

    name: str
    precision: Precision
    epochs: int


EXAMPLES = (
    Example("lenet-300-100-w4a8", Precision(4, 8, narrow_weights=True, per_channel_weights=True), epochs=30),
    Example("lenet-300-100-w2a2", Precision(2, 2, narrow_weights=False, per_channel_weights=False), epochs=40),
)

README = """\
<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by examples/models/train.py; do not edit. -->
# Example models

LeNet-300-100 (fully connected, {widths}), trained on the 60 000 training images of Fashion-MNIST with
quantization-aware training (seed {seed}) by

    python3 -m venv .venv-train && .venv-train/bin/pip install -r python/requirements-train.txt
    .venv-train/bin/python examples/models/train.py

| file | weights | activations | epochs | correct of the {count} test images |
|---|---|---|---|---|
{rows}

The two files of a model, QDQ (QuantizeLinear, DequantizeLinear) and QONNX (Quant), mean the same exact function. The
accuracy is that of the files' exact arithmetic (`python -m sumac.oracles.exact`), not of a float32 run.

Each model has input `image`, float32 [batch, 784] (pixel / 255, row by row), and output `logits`, float32 [batch, 10].
The first node quantizes the input to 8 bits with scale float32(1 / 255). Two hidden layers follow: Gemm,
BatchNormalization (gains of both signs), Relu, quantization to unsigned integers with one scale a layer; the last layer
is a Gemm with a bias. No scale is a power of two.
"""


def flip_half(images, generator):
    """Mirrors a random half of the images, [N, 784], left to right."""
    pictures = images.view(-1, 28, 28)
    flipped = torch.rand(len(images), 1, 1, generator=generator) < 0.5
    return torch.where(flipped, pictures.flip(2), pictures).view(-1, 784)


def train_example(example, epochs, seed):
    """Trains one example; returns the QuantizedMLP."""
    torch.manual_seed(seed)
    images, labels = (torch.from_numpy(array) for array in fashion_mnist.load("train"))
    model = MLP(WIDTHS, example.precision)
    start = time.monotonic()

    def report(epoch, loss):
        elapsed = time.monotonic() - start
        print(f"{example.name}: epoch {epoch:2}/{epochs}, loss {loss:.4f}, {elapsed:.0f} s", flush=True)

    train(model, images, labels, Schedule(epochs), seed=seed, augment=flip_half, report=report)
    return model.export(example.name)


def count_correct(path, images, labels):
    """The number of images that the model file classifies right, in exact arithmetic."""
    logits = exact.evaluate(onnx.load(path), images).logits
    return int((logits.argmax(1) == labels).sum())


def describe(example, epochs, path, correct):
    """One row of the table in README.md."""
    precision = example.precision
    low, high = Grid.range_of(precision.weight_bits, True, precision.narrow_weights)
    per = "output" if precision.per_channel_weights else "layer"
    weights = f"{precision.weight_bits} bits, {low} to {high}, one scale per {per}"
    return f"| {path.name} | {weights} | {precision.activation_bits} bits | {epochs} | {correct} |"


def main():
    """Trains all examples, writes both spellings of each, and the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--epochs", type=int, help="train each model for this many epochs instead of its own number")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(__file__).parent, help="folder to write to (default: this script's)"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    images, labels = fashion_mnist.load("test")
    rows = []
    for example in EXAMPLES:
        epochs = arguments.epochs or example.epochs
        net = train_example(example, epochs, arguments.seed)
        for suffix, model in (("qdq", net.to_qdq()), ("qonnx", net.to_qonnx())):
            path = arguments.output / f"{example.name}.{suffix}.onnx"
            onnx.save(model, path)
            correct = count_correct(path, images, labels)
            print(f"{path}: {correct} of {len(labels)} test images are classified right", flush=True)
            rows.append(describe(example, epochs, path, correct))
    widths = "-".join(str(width) for width in WIDTHS)
    text = README.format(widths=widths, seed=arguments.seed, count=len(labels), rows="\n".join(rows))
    (arguments.output / "README.md").write_text(text)


if __name__ == "__main__":
    main()
