#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a small network on Fashion-MNIST with Brevitas, and writes what Brevitas' QONNX exporter makes of it.

    python3 -m venv .venv-brevitas && .venv-brevitas/bin/pip install -r python/requirements-brevitas.txt
    .venv-brevitas/bin/python examples/models/brevitas/train.py

The file is not touched after the export: it shows that what users of Brevitas have is read as it is. One thread, so that
two runs on one machine write the same weights.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "python"))

import brevitas.nn as qnn  # noqa: E402
import torch  # noqa: E402
from brevitas.core.scaling import ScalingImplType  # noqa: E402
from brevitas.export import export_qonnx  # noqa: E402
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloat, Uint8ActPerTensorFloatMaxInit  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from sumac.data import fashion_mnist  # noqa: E402

WEIGHT_BITS = 3
ACTIVATION_BITS = 3
BATCH = 100


class Pixels(Uint8ActPerTensorFloatMaxInit):
    """Inputs from 0 to 1 in steps of 1 / 255, so that a code is a pixel as a camera gives it."""

    max_val = 1.0
    scaling_impl_type = ScalingImplType.CONST


class Network(nn.Module):
    """Linear, batch norm and ReLU twice, then a linear layer with a bias; all weights have 3 bits.

    The attributes' names are those that the exported nodes get.
    """

    def __init__(self):
        super().__init__()
        weights = {"weight_quant": Int8WeightPerTensorFloat, "weight_bit_width": WEIGHT_BITS}
        activations = {"act_quant": Uint8ActPerTensorFloat, "bit_width": ACTIVATION_BITS}
        self.pixels = qnn.QuantIdentity(act_quant=Pixels)
        self.fc1 = qnn.QuantLinear(784, 64, bias=False, **weights)
        self.bn1 = nn.BatchNorm1d(64)
        self.relu1 = qnn.QuantReLU(**activations)
        self.fc2 = qnn.QuantLinear(64, 64, bias=False, **weights)
        self.bn2 = nn.BatchNorm1d(64)
        self.relu2 = qnn.QuantReLU(**activations)
        self.fc3 = qnn.QuantLinear(64, 10, bias=True, **weights)

    def forward(self, image):
        hidden = self.relu1(self.bn1(self.fc1(self.pixels(image))))
        return self.fc3(self.relu2(self.bn2(self.fc2(hidden))))


def train(model, images, labels, epochs, seed):
    """Adam, the learning rate falling to zero along a cosine."""
    generator = torch.Generator().manual_seed(seed)
    steps = epochs * (len(images) // BATCH)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    model.train()
    start = time.monotonic()
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(images), generator=generator).split(BATCH):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch + 1}/{epochs}, loss {total / len(images):.4f}, {time.monotonic() - start:.0f} s", flush=True)


@torch.no_grad()
def correct(model, images, labels):
    """How many images the model classifies right, in PyTorch's float32."""
    model.eval()
    return int((model(images).argmax(1) == labels).sum())


def main():
    """Trains, says how good the network is, and exports it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--epochs", type=int, default=15, help="default: %(default)s")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("mlp-w3a3.qonnx.onnx"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    model = Network()
    train(model, *map(torch.from_numpy, fashion_mnist.load("train")), arguments.epochs, arguments.seed)
    test = [torch.from_numpy(array) for array in fashion_mnist.load("test")]
    print(f"PyTorch classifies {correct(model, *test)} of the {len(test[1])} test images right")
    # The tracing exporter: its nodes have the modules' names, and no stack traces with paths of this machine.
    export_qonnx(
        model,
        args=test[0][:1],
        export_path=str(arguments.output),
        dynamo=False,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
    )


if __name__ == "__main__":
    main()
