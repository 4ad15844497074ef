# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Entropy-constrained training of weights that are sums of four coefficients (EC4T: FantastIC4, Wiedemann et al., 2020).

A layer has four coefficients; a weight is a 4-bit code c and means the sum of the coefficients at the one bits of c, so
there are 16 centroids, and code 0 is exactly zero. Each training step assigns each weight W of the float32 shadow copy

    argmin over n of (W - centroid_n)^2 - lambda log2 P_n

P_n is the share of weights whose nearest centroid is n: the larger lambda, the fewer bits a code costs once it is
entropy-coded, and the more weights are zero.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from sumac.train.fake_quantizer import FakeQuantizer

COEFFICIENTS = 4
CODES = 1 << COEFFICIENTS

#: BITS[n, k] is bit k of code n.
BITS = torch.tensor([[float(n >> k & 1) for k in range(COEFFICIENTS)] for n in range(CODES)])

#: The exported coefficients are integers of this many bits, sign included, times a power of two that the layer shares.
COEFFICIENT_BITS = 12


class _Assigned(torch.autograd.Function):
    """centroids[codes], with the gradients of EC4T: a centroid's is the sum over its weights, a weight's is scaled by
    its centroid's magnitude unless that is zero."""

    @staticmethod
    def forward(context, weight, centroids, codes):
        values = centroids[codes]
        context.save_for_backward(codes, values)
        return values

    @staticmethod
    def backward(context, gradient):
        codes, values = context.saved_tensors
        magnitude = values.abs()
        weight = gradient * torch.where(magnitude > 0, magnitude, torch.ones(()))
        centroids = torch.bincount(codes.flatten(), gradient.flatten(), minlength=CODES)
        return weight, centroids, None


def shares_of_nearest(weight, centroids):
    """P_n: the share of weights whose nearest centroid is n, [16]; the share of zero is 0.5 at least."""
    ordered, order = centroids.sort()
    nearest = torch.bucketize(weight.flatten(), (ordered[1:] + ordered[:-1]) / 2)
    shares = torch.zeros(CODES, dtype=torch.float64)
    shares[order] = torch.bincount(nearest, minlength=CODES).double() / weight.numel()
    shares[0] = shares[0].clamp(min=0.5)
    return shares


def largest_pressure(weight, centroids, shares):
    """lambda_max: the pressure at which an outermost weight becomes zero, on the side where that is sooner."""
    pressures = []
    for extreme in (weight.min().double(), weight.max().double()):
        distances = (extreme - centroids.double()) ** 2
        code = distances.argmin()
        bits = torch.log2(shares[0]) - torch.log2(shares[code])
        if code != 0 and bits > 0:
            pressures.append(float((distances[0] - distances[code]) / bits))
    return min(pressures, default=0.0)


def cheapest_codes(weight, centroids, costs):
    """argmin over n of (w - centroids[n])^2 + costs[n] for each weight: int64 codes; an infinite cost excludes a code.

    As functions of w, the sums less w^2 are straight lines. Their lower envelope takes the centroids in order, so it is
    found once a layer, and each weight needs a search of its breakpoints only.
    """
    slopes = centroids.double().tolist()
    allowed = [n for n in range(CODES) if np.isfinite(float(costs[n]))]
    level = {n: slopes[n] ** 2 + float(costs[n]) for n in allowed}
    hull, breaks = [], []
    for n in sorted(allowed, key=lambda n: (slopes[n], level[n])):
        if hull and slopes[n] == slopes[hull[-1]]:
            continue
        while hull:
            start = (level[n] - level[hull[-1]]) / (2 * (slopes[n] - slopes[hull[-1]]))
            if len(hull) == 1 or start > breaks[-1]:
                breaks.append(start)
                break
            hull.pop()
            breaks.pop()
        hull.append(n)
    position = torch.bucketize(weight, torch.tensor(breaks, dtype=weight.dtype))
    return torch.tensor(hull)[position]


class BasisRule(nn.Module):
    """The rule of one layer. `pressure` is lambda in units of lambda_max.

    The coefficients are learned in units of `unit`, so that an optimizer's step means the same to all layers.
    """

    def __init__(self, weight, pressure):
        super().__init__()
        self.pressure = pressure
        self.frozen = False
        self.relative = nn.Parameter(torch.tensor([1.0, 2.0, 4.0, -8.0]))
        self.register_buffer("unit", torch.ones(()))
        self.register_buffer("codes", torch.zeros(weight.shape, dtype=torch.int64))

    @torch.no_grad()
    def start_from(self, weight):
        """Coefficients of two's complement, (1, 2, 4, -8) * unit, such that 7 * unit is among the largest weights."""
        self.unit.copy_(weight.abs().flatten().quantile(0.999) / 7)
        self.assign(weight)

    @property
    def coefficients(self):
        return self.relative * self.unit

    @torch.no_grad()
    def assign(self, weight):
        """Gives each weight its code anew."""
        centroids = BITS @ self.coefficients
        shares = shares_of_nearest(weight, centroids)
        pressure = self.pressure * largest_pressure(weight, centroids, shares)
        self.codes = cheapest_codes(weight, centroids, -pressure * torch.log2(shares))

    def freeze(self, weight):
        """Fixes the codes; from here on only the coefficients are learned."""
        self.frozen = True
        weight.requires_grad_(False)

    def forward(self, weight):
        if self.training and not self.frozen:
            self.assign(weight)
        return _Assigned.apply(weight, BITS @ self.coefficients, self.codes)

    @torch.no_grad()
    def round_coefficients(self):
        """Moves the coefficients to integers of COEFFICIENT_BITS bits times one power of two: all sums are then exact."""
        largest = float(self.coefficients.abs().max())
        step = 2.0 ** (int(np.frexp(largest)[1]) - COEFFICIENT_BITS + 1)
        limit = 2 ** (COEFFICIENT_BITS - 1) - 1
        self.relative.copy_((self.coefficients / step).round().clamp(-limit, limit))
        self.unit.fill_(step)

    def export(self, weight):
        """The weights as real numbers, each of them exactly the sum of its coefficients."""
        coefficients = self.coefficients.detach().double().numpy()
        weights = (BITS.double().numpy() @ coefficients)[self.codes.numpy()]
        assert np.array_equal(weights, weights.astype(np.float32)), "the coefficients are not rounded"
        return weights.astype(np.float32), None


@dataclass(frozen=True)
class BasisPrecision:
    """A network of basis layers. gamma: lambda in units of lambda_max, for the layer with the most weights; small
    layers, `largest` being the number of weights of the largest, are pressed less."""

    gamma: float
    largest: int
    activation_bits: int = 8
    sigma: float = 0.05

    def weight_rule(self, number, weight):
        delta = (weight.numel() / self.largest + self.sigma) / (1 + self.sigma)
        return BasisRule(weight, self.gamma * delta)

    def activation_rule(self):
        return FakeQuantizer(self.activation_bits, signed=False)
