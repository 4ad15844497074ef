# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Training of weights that are taken from one pool of 8-vectors for the network (weight pools: Li and Gupta, 2022).

The rows of a layer's weights are cut into groups of eight along the inputs. Cosine k-means over the groups of all
pooled layers gives the pool; in the forward pass each group is replaced by the entry of greatest cosine similarity,
and training goes on with the gradient passed straight to the weights. The entries are integers of 8 bits times one
scale for the network. Inputs that are no multiple of eight are padded with zeros: of the last group only the elements
that exist are compared and used.
"""

from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional

from sumac.train.fake_quantizer import FakeQuantizer

GROUP = 8


def grouped(weight):
    """Weights [outputs, inputs] as groups [outputs, ceil(inputs / 8), 8], padded with zeros."""
    padded = functional.pad(weight, (0, -weight.shape[1] % GROUP))
    return padded.view(len(weight), -1, GROUP)


def closest(groups, table):
    """The index of the entry with the greatest cosine similarity to each group."""
    return (groups @ functional.normalize(table, dim=1).T).argmax(-1)


def cosine_k_means(vectors, count, seed, rounds=25):
    """`count` unit vectors that stand for the directions of vectors [N, 8]; an empty cluster starts again elsewhere."""
    generator = torch.Generator().manual_seed(seed)
    vectors = functional.normalize(vectors[vectors.norm(dim=1) > 0], dim=1)
    centers = vectors[torch.randperm(len(vectors), generator=generator)[:count]]
    for _ in range(rounds):
        nearest = closest(vectors, centers)
        sums = torch.zeros_like(centers).index_add_(0, nearest, vectors)
        again = vectors[torch.randint(len(vectors), (count,), generator=generator)]
        centers = functional.normalize(torch.where(sums.norm(dim=1, keepdim=True) > 0, sums, again), dim=1)
    return centers


class _Picked(torch.autograd.Function):
    """table[indices]: the table's gradient is the sum over its uses, the weights' is passed straight through."""

    @staticmethod
    def forward(context, groups, table, indices):
        context.save_for_backward(indices)
        context.entries = len(table)
        return table[indices]

    @staticmethod
    def backward(context, gradient):
        (indices,) = context.saved_tensors
        uses = gradient.reshape(-1, GROUP)
        table = torch.zeros(context.entries, GROUP).index_add_(0, indices.flatten(), uses)
        return gradient, table, None


class WeightPool(nn.Module):
    """The pool of a network: entries, real numbers [count, 8], and the one grid that they are rounded to."""

    def __init__(self, count):
        super().__init__()
        self.entries = nn.Parameter(torch.zeros(count, GROUP))
        self.grid = FakeQuantizer(8, signed=True, narrow=True)

    @torch.no_grad()
    def start_from(self, weights, seed):
        """Cosine k-means over all groups of these layers. The scale leaves room for entries that grow by a half."""
        vectors = torch.cat([grouped(weight).reshape(-1, GROUP) for weight in weights])
        self.entries.copy_(cosine_k_means(vectors, len(self.entries), seed) * vectors.norm(dim=1).mean())
        self.grid.log_scale.copy_((1.5 * self.entries.abs().max() / self.grid.high).log())

    def table(self):
        """The entries as they are exported."""
        return self.grid(self.entries)


class PooledRule(nn.Module):
    """The rule of one pooled layer."""

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def start_from(self, weight):
        """Nothing: the pool starts from all layers at once."""

    def indices(self, weight, table):
        """Which entry stands for each group: int64 [outputs, groups]."""
        groups = grouped(weight)
        chosen = closest(groups, table)
        if ragged := weight.shape[1] % GROUP:
            chosen[:, -1] = closest(groups[:, -1, :ragged], table[:, :ragged])
        return chosen

    def forward(self, weight):
        table = self.pool.table()
        with torch.no_grad():
            indices = self.indices(weight, table)
        return _Picked.apply(grouped(weight), table, indices).view(len(weight), -1)[:, : weight.shape[1]]

    @torch.no_grad()
    def export(self, weight):
        """The integers of the pool's entries, int8, and the pool's grid."""
        integers = self.pool.grid.codes(self.pool.entries).round()
        indices = self.indices(weight, self.pool.table())
        codes = integers[indices].view(len(weight), -1)[:, : weight.shape[1]]
        return codes.to(torch.int8).numpy(), self.pool.grid.grid()


@dataclass(frozen=True)
class PoolPrecision:
    """A network whose layers 1 to `pooled` take their weights from `pool`; later ones have 8 bits and one scale."""

    pool: WeightPool = field(default_factory=lambda: WeightPool(64))
    pooled: int = 2
    activation_bits: int = 8

    def weight_rule(self, number, weight):
        if number <= self.pooled:
            return PooledRule(self.pool)
        rule = FakeQuantizer(8, signed=True, narrow=True)
        rule.start_from(weight)
        return rule

    def activation_rule(self):
        return FakeQuantizer(self.activation_bits, signed=False)
