# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How LeNet-300-100 is trained, one recipe a model: each starts from the same float network and gives an MLP.

The figures in a recipe are tuned for Fashion-MNIST: those of `gamma`, `part` and the penalties set how many weights are
zero or how many filters have one power of two.
"""

import functools
import time
from dataclasses import dataclass

import torch

from sumac.train.basis import BasisPrecision
from sumac.train.bipolar import BipolarPrecision
from sumac.train.mlp import MLP, FloatPrecision, Precision, Schedule, train
from sumac.train.pool import PoolPrecision
from sumac.train.shifts import ShiftPrecision

WIDTHS = (784, 300, 100, 10)


def flip_half(images, generator):
    """Mirrors a random half of the images, [N, 784], left to right."""
    pictures = images.view(-1, 28, 28)
    flipped = torch.rand(len(images), 1, 1, generator=generator) < 0.5
    return torch.where(flipped, pictures.flip(2), pictures).view(-1, 784)


@dataclass(frozen=True)
class Workshop:
    """The data and the seed of all recipes; `epochs`, if given, replaces the length of every run (to try things)."""

    images: torch.Tensor
    labels: torch.Tensor
    seed: int = 1
    epochs: int | None = None

    def new(self, precision):
        """A network that starts at random."""
        torch.manual_seed(self.seed)
        return MLP(WIDTHS, precision)

    def derived(self, precision):
        """A network that starts from the trained float network."""
        return self.new(precision).start_from(self.float_network())

    def fit(self, model, name, epochs, learning_rate=2e-3):
        """Trains the model with a line of progress an epoch; returns it."""
        epochs = self.epochs or epochs
        start = time.monotonic()

        def report(epoch, loss):
            elapsed = time.monotonic() - start
            print(f"{name}: epoch {epoch:2}/{epochs}, loss {loss:.4f}, {elapsed:.0f} s", flush=True)

        schedule = Schedule(epochs, learning_rate=learning_rate)
        train(model, self.images, self.labels, schedule, seed=self.seed, augment=flip_half, report=report)
        return model

    @functools.cache  # noqa: B019 (a workshop lives as long as the program)
    def float_network(self):
        """The network that is not quantized: what the others start from and are compared with."""
        return self.fit(self.new(FloatPrecision()), "float", epochs=30)


def uniform(workshop, name, precision, epochs):
    """Uniform grids with learned scales, from a random start."""
    return workshop.fit(workshop.new(precision), name, epochs)


def w8a8(workshop, name):
    return uniform(workshop, name, Precision(8, 8, narrow_weights=True, per_channel_weights=True), epochs=30)


def ec4t(workshop, name):
    """Four coefficients a layer; most weights zero. Then the codes are fixed, and the coefficients learn on."""
    model = workshop.derived(BasisPrecision(gamma=0.38, largest=WIDTHS[0] * WIDTHS[1]))
    workshop.fit(model, name, epochs=12)
    for linear in model.linears:
        linear.rule.freeze(linear.weight)
    workshop.fit(model, f"{name}, codes fixed", epochs=5, learning_rate=1e-3)
    for linear in model.linears:
        linear.rule.round_coefficients()
    return model


def flight(workshop, name):
    """One or two powers of two a weight, as each filter needs; some filters none."""
    model = workshop.derived(ShiftPrecision(part=0.6, penalties=(0.1, 0.009)))
    return workshop.fit(model, name, epochs=12)


def light2(workshop, name):
    """LightNN-2: two powers of two a weight."""
    return workshop.fit(workshop.derived(ShiftPrecision(gated=False)), name, epochs=12)


def pool64(workshop, name):
    """64 vectors of eight weights for the first two layers."""
    precision = PoolPrecision()
    model = workshop.derived(precision)
    pooled = model.linears[: precision.pooled]
    precision.pool.start_from([linear.weight for linear in pooled], workshop.seed)
    return workshop.fit(model, name, epochs=12)


def w1a2(workshop, name):
    """Weights of one bit, activations of two."""
    return workshop.fit(workshop.derived(BipolarPrecision(activation_bits=2)), name, epochs=30)
