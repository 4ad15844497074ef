# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Training of one-bit weights, -1 and 1 times one scale a layer (streaming QNNs: Baskin et al., 2018)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from sumac.export.quantized_mlp import Grid
from sumac.train.fake_quantizer import FakeQuantizer


class BipolarRule(nn.Module):
    """sign(w) * scale, zero counting as positive; the gradient passes straight through where |w| <= 1."""

    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def start_from(self, weight):
        """Takes the weights' mean magnitude for the scale; weights of three standard deviations move to 1."""
        self.log_scale.copy_(weight.abs().mean().log())
        weight.div_(3 * weight.std())

    def forward(self, weight):
        clipped = weight.clamp(-1, 1)
        sign = torch.where(weight >= 0, 1.0, -1.0)
        return (sign + (clipped - clipped.detach())) * self.log_scale.exp()

    @torch.no_grad()
    def export(self, weight):
        scale = self.log_scale.exp().numpy()
        return torch.where(weight >= 0, 1, -1).to(torch.int8).numpy(), Grid(np.float32(scale), 1, signed=True)


@dataclass(frozen=True)
class BipolarPrecision:
    """A network with one-bit weights in all layers."""

    activation_bits: int = 2

    def weight_rule(self, number, weight):
        return BipolarRule()

    def activation_rule(self):
        return FakeQuantizer(self.activation_bits, signed=False)
