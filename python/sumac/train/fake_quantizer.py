# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fake quantization with a learned step size: LSQ (Esser et al., "Learned Step Size Quantization", ICLR 2020)."""

import math

import torch
from torch import nn

from sumac.export.quantized_mlp import Grid


class FakeQuantizer(nn.Module):
    """Rounds real values to a grid of integers times a learned scale; gradients pass straight through the rounding.

    forward(x) = round_half_even(clip(x / scale, low, high)) * scale, of the shape of x. `channels` scales belong to the
    rows of x ([channels, ...]), one scale to all of x when it is None. The logarithm of the scale is what is learned:
    the scale stays positive, and an optimizer that adapts to the gradient's size needs no gradient scale of LSQ's kind.
    """

    def __init__(self, bits, *, signed, narrow=False, channels=None):
        super().__init__()
        self.bits, self.signed, self.narrow = bits, signed, narrow
        self.low, self.high = Grid.range_of(bits, signed, narrow)
        self.log_scale = nn.Parameter(torch.zeros((channels, 1) if channels else ()))

    @torch.no_grad()
    def start_from(self, x):
        """Sets the scale for values distributed as those of x: LSQ's 2 mean(|x|) / sqrt(high)."""
        magnitude = x.abs().mean(1, keepdim=True) if self.log_scale.dim() else x.abs().mean()
        self.log_scale.copy_((2 * magnitude / math.sqrt(self.high)).log())

    @property
    def scale(self):
        """The scale, float32 [channels, 1] or a scalar."""
        return self.log_scale.exp()

    def codes(self, x):
        """The integers (as floats) that stand for x; the gradient is that of clip(x / scale, low, high)."""
        clipped = (x / self.scale).clamp(self.low, self.high)
        return clipped + (clipped.round() - clipped).detach()

    def forward(self, x):
        return self.codes(x) * self.scale

    def export(self, weight):
        """The integers that stand for weights, int8, and their grid (FakeQuantizer as the rule of a layer)."""
        return self.codes(weight).round().to(torch.int8).numpy(), self.grid()

    def grid(self):
        """The grid as exported, with scale float32 [channels] or scalar."""
        scale = self.scale.detach().numpy()
        return Grid(scale.reshape(-1) if scale.ndim else scale, self.bits, self.signed, self.narrow)
