# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantization-aware training of multilayer perceptrons with batch norm, ReLU and quantized activations.

How weights are quantized is a *rule*, a module that belongs to one layer:

    rule(weight)             the weights that the layer computes with; gradients find their way to `weight`
    rule.start_from(weight)  sets what the rule learns (scales, coefficients) for these weights
    rule.export(weight)      what is written: integers and their Grid, or real weights (float32) and None

A *precision* makes the rules: precision.weight_rule(number of the layer, its weights) and precision.activation_rule().
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from sumac.export.quantized_mlp import BatchNorm, Grid, Layer, QuantizedMLP
from sumac.train.fake_quantizer import FakeQuantizer


@dataclass(frozen=True)
class Precision:
    """A network of uniform grids: bits of weights and activations, and the form of the weights' grid."""

    weight_bits: int
    activation_bits: int
    narrow_weights: bool  # symmetric: without the most negative integer
    per_channel_weights: bool  # one scale an output, or one a layer

    def weight_rule(self, number, weight):
        rule = FakeQuantizer(
            self.weight_bits,
            signed=True,
            narrow=self.narrow_weights,
            channels=len(weight) if self.per_channel_weights else None,
        )
        rule.start_from(weight)
        return rule

    def activation_rule(self):
        return FakeQuantizer(self.activation_bits, signed=False)


class RealWeights(nn.Module):
    """The rule of weights that are not quantized."""

    def forward(self, weight):
        return weight

    def start_from(self, weight):
        pass

    def export(self, weight):
        return weight.detach().numpy(), None


@dataclass(frozen=True)
class FloatPrecision:
    """A network that is not quantized."""

    def weight_rule(self, number, weight):
        return RealWeights()

    def activation_rule(self):
        return None


@dataclass(frozen=True)
class Schedule:
    """The length and the step sizes of a training run (Adam, learning rate falling to zero along a cosine)."""

    epochs: int
    batch: int = 200
    learning_rate: float = 2e-3
    warm_up: float = 0.05  # part of all steps in which the learning rate rises from zero


class QuantizedLinear(nn.Module):
    """A fully connected layer with quantized weights: [N, inputs] -> [N, outputs]. Layers are numbered from 1."""

    def __init__(self, number, inputs, outputs, precision, *, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.rule = precision.weight_rule(number, self.weight)

    def forward(self, x):
        return functional.linear(x, self.rule(self.weight), self.bias)


class QuantizedHidden(nn.Module):
    """A hidden layer: fully connected, batch norm, ReLU, quantized activations: [N, inputs] -> [N, outputs]."""

    def __init__(self, number, inputs, outputs, precision):
        super().__init__()
        self.linear = QuantizedLinear(number, inputs, outputs, precision, bias=False)
        self.norm = nn.BatchNorm1d(outputs)
        # Gains of both signs, so that both occur in the trained network as they do in networks from elsewhere.
        nn.init.ones_(self.norm.weight).data[::2].neg_()
        self.activation = precision.activation_rule()
        self.started = False

    def forward(self, x):
        x = functional.relu(self.norm(self.linear(x)))
        if self.activation is None:
            return x
        if not self.started:
            self.activation.start_from(x)
            self.started = True
        return self.activation(x)


class MLP(nn.Module):
    """A perceptron of the given widths (inputs, hidden layers, outputs), trained as it will be exported.

    Inputs are float32 [N, widths[0]] on the grid of k / 255; outputs are logits [N, widths[-1]].
    """

    def __init__(self, widths, precision):
        super().__init__()
        self.hidden = nn.ModuleList(
            QuantizedHidden(number, inputs, outputs, precision)
            for number, (inputs, outputs) in enumerate(zip(widths[:-2], widths[1:-1]), 1)
        )
        self.output = QuantizedLinear(len(widths) - 1, widths[-2], widths[-1], precision, bias=True)

    def forward(self, x):
        for layer in self.hidden:
            x = layer(x)
        return self.output(x)

    @property
    def linears(self):
        """The fully connected layers, from the input on."""
        return [*(layer.linear for layer in self.hidden), self.output]

    @torch.no_grad()
    def start_from(self, other):
        """Takes the weights, biases and batch norms of another network of these widths; its rules start from them."""
        kept = {name: value for name, value in other.state_dict().items() if ".rule." not in name}
        kept = {name: value for name, value in kept.items() if ".activation." not in name}
        self.load_state_dict(kept, strict=False)
        for linear in self.linears:
            linear.rule.start_from(linear.weight)
        return self

    def penalty(self):
        """What the rules add to the loss: the sum of rule.penalty(weight) of those that have one."""
        return sum(l.rule.penalty(l.weight) for l in self.linears if hasattr(l.rule, "penalty"))

    @torch.no_grad()
    def export(self, name):
        """The trained network as a QuantizedMLP; its input is on the grid of bytes if its activations are on grids."""
        self.eval()
        layers = [self._export_layer(layer.linear, layer.norm, layer.activation) for layer in self.hidden]
        quantized = any(layer.activation is not None for layer in self.hidden)
        return QuantizedMLP(name, Grid.of_bytes() if quantized else None, [*layers, self._export_layer(self.output)])

    @staticmethod
    def _export_layer(linear, norm=None, activation=None):
        weights, grid = linear.rule.export(linear.weight)
        return Layer(
            weights=weights,
            weight_grid=grid,
            bias=None if linear.bias is None else linear.bias.numpy(),
            batch_norm=None if norm is None else _export_norm(norm),
            activation_grid=None if activation is None else activation.grid(),
            relu=norm is not None,
        )


def _export_norm(norm):
    constants = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    return BatchNorm(*(constant.detach().numpy() for constant in constants), epsilon=norm.eps)


def train(model, images, labels, schedule, *, seed, augment=None, report=None):
    """Trains the model on images, float32 [N, inputs], and labels, int64 [N].

    `augment(batch, generator)` returns a random variation of a batch of images. `report(epoch, loss)` is called after
    each epoch, with the epoch's mean loss: cross entropy and what the rules add.
    """
    generator = torch.Generator().manual_seed(seed)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=schedule.learning_rate)
    steps = schedule.epochs * (len(images) // schedule.batch)

    def learning_rate_factor(step):
        warm_up = max(1, round(schedule.warm_up * steps))
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 + 0.5 * math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, learning_rate_factor)
    for epoch in range(1, schedule.epochs + 1):
        model.train()
        losses = []
        order = torch.randperm(len(images), generator=generator)
        for chosen in order.split(schedule.batch):
            if len(chosen) < schedule.batch:
                break
            batch = images[chosen]
            if augment:
                batch = augment(batch, generator)
            loss = functional.cross_entropy(model(batch), labels[chosen]) + model.penalty()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.detach())
        if report:
            report(epoch, float(torch.stack(losses).mean()))
