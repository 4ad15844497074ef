# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Training of weights that are sums of at most two signed powers of two (FLightNNs: Ding et al., 2019).

How many, k, is learned per filter (a row of the weights): with R(x) the nearest power of two to x by its logarithm,

    r_0 = w;  for j = 0, 1:  g_j = [ ||r_j|| > t_j ];  Q += g_j R(r_j);  r_(j+1) = r_j - g_j R(r_j);  k = g_0 + g_1

The gates g_j are hard in the forward pass and have the gradient of a sigmoid behind it, so that the thresholds t_j
learn with the weights. lambda_1 * ||r_1||, added to the loss, pushes rows towards one term, lambda_0 * ||r_0|| towards
none. A term is a sign and three bits: one of seven exponents, counted from the largest of the layer, or zero for what
is too small.
"""

from dataclasses import dataclass

import torch
from torch import nn

from sumac.train.fake_quantizer import FakeQuantizer

#: How many exponents a layer may use: 3 bits hold them and a code for zero.
WINDOW = 7


def exponents(x):
    """round(log2 |x|), exactly: int32; meaningless where x is zero."""
    mantissas, powers = torch.frexp(x)
    return powers - (mantissas.abs() < 0.5**0.5).to(powers.dtype)


def nearest_power(x, top):
    """R(x): sign(x) * 2^round(log2 |x|) with exponents clipped to `top`; zero below the window."""
    powers = exponents(x)
    values = torch.ldexp(x.sign(), powers.clamp(max=top))
    return torch.where(powers > top - WINDOW, values, torch.zeros(()))


class ShiftRule(nn.Module):
    """The rule of one layer. With `gated` False all gates are open: LightNN-2, two terms a weight.

    `part` is the share of rows that begin with one term: it sets the first threshold t_1. `penalties` are lambda_0 and
    lambda_1, for the mean over the rows.
    """

    def __init__(self, *, gated, part, penalties):
        super().__init__()
        self.gated, self.part, self.penalties = gated, part, penalties
        self.thresholds = nn.Parameter(torch.zeros(2), requires_grad=gated)

    @torch.no_grad()
    def start_from(self, weight):
        """t_1: the quantile `part` of the rows' ||r_1||; t_0: half of the least ||w||, so that no row begins pruned."""
        if self.gated:
            first = nearest_power(weight, self.top(weight))
            self.thresholds[0] = weight.norm(dim=1).min() / 2
            self.thresholds[1] = (weight - first).norm(dim=1).quantile(self.part)

    @staticmethod
    def top(weight):
        """The largest exponent of the layer."""
        return int(exponents(weight.detach().abs().max()))

    def gate(self, norm, number):
        """[norm > t] for each row, [rows, 1], with the gradient of a sigmoid."""
        if not self.gated:
            return torch.ones_like(norm)
        margin = norm - self.thresholds[number]
        soft = margin.sigmoid()
        return (margin > 0).float() + (soft - soft.detach())

    def terms(self, weight):
        """Both terms of the weights, gates included, the gates [rows, 1], and the norms of r_0 and r_1, [rows, 1]."""
        top = self.top(weight)
        norms = [weight.norm(dim=1, keepdim=True)]
        gates = [self.gate(norms[0], 0)]
        power = nearest_power(weight.detach(), top)
        straight = weight - weight.detach()  # zero, with the weights' gradient
        terms = [gates[0] * (power + straight)]
        residual = weight.detach() - terms[0].detach()
        norms.append((weight - terms[0].detach()).norm(dim=1, keepdim=True))
        gates.append(self.gate(norms[1], 1))
        # Where the first gate is open, its term passes the weight's gradient; else the second does.
        passed = (1 - gates[0].detach()) * straight
        terms.append(gates[1] * (nearest_power(residual, top) + passed))
        return terms, gates, norms

    def forward(self, weight):
        terms, _, _ = self.terms(weight)
        return terms[0] + terms[1]

    def penalty(self, weight):
        if not self.gated:
            return 0
        norms = [weight.norm(dim=1), (weight - nearest_power(weight.detach(), self.top(weight))).norm(dim=1)]
        return sum(strength * norm.mean() for strength, norm in zip(self.penalties, norms))

    @torch.no_grad()
    def counts(self, weight):
        """k of each row."""
        _, gates, _ = self.terms(weight)
        return sum(gate.flatten().round().int() for gate in gates)

    def export(self, weight):
        return self(weight).detach().numpy(), None


@dataclass(frozen=True)
class ShiftPrecision:
    """A network of shift layers; the arguments are those of ShiftRule."""

    gated: bool = True
    part: float = 0.5
    penalties: tuple[float, float] = (0.0, 0.0)
    activation_bits: int = 8

    def weight_rule(self, number, weight):
        return ShiftRule(gated=self.gated, part=self.part, penalties=self.penalties)

    def activation_rule(self):
        return FakeQuantizer(self.activation_bits, signed=False)
