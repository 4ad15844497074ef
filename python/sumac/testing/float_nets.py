# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random float multilayer perceptrons in the spellings that exporters have, for the tests of sumac.quantize."""

import numpy as np

from sumac.testing.graph_builder import GraphBuilder

SPELLINGS = ("gemm", "gemm-transposed", "matmul", "matmul-transpose-node", "constant-node")


class FloatNet:
    """A perceptron of the given widths; `layers` are the names of its multiplications, in order."""

    def __init__(self, widths, seed=0, *, spelling="gemm", activation="Relu", norm=False, opset=21, batch="batch"):
        self.rng, self.builder = np.random.default_rng(seed), GraphBuilder(opset, batch)
        self.spelling, self.layers, self.matrices = spelling, [], []
        value = self.builder.input(widths[0], "x")
        for number, (inputs, outputs) in enumerate(zip(widths, widths[1:]), 1):
            weights = self.rng.laplace(size=(outputs, inputs)).astype(np.float32) / np.float32(np.sqrt(inputs))
            value = self.layer(value, weights)
            if number < len(widths) - 1:
                value = self.between(value, outputs, activation, norm)
        self.builder.output(value, [widths[-1]])

    def layer(self, value, weights):
        """Adds a layer with the weights, [outputs, inputs], and a random bias."""
        b = self.builder
        bias = b.constant(self.rng.normal(size=len(weights)).astype(np.float32) / 4, stem="bias")
        self.matrices.append(weights)
        if self.spelling == "gemm":
            result = b.node("Gemm", [value, b.constant(weights, stem="w"), bias], transB=1)
        elif self.spelling == "gemm-transposed":
            result = b.node("Gemm", [value, b.constant(weights.T, stem="w"), bias])
        else:
            result = b.node("MatMul", [value, self.operand(weights)])
        self.layers.append(b.nodes[-1].name)
        return b.node("Add", [result, bias]) if not self.spelling.startswith("gemm") else result

    def operand(self, weights):
        """MatMul's second operand, [inputs, outputs]."""
        b = self.builder
        if self.spelling == "matmul-transpose-node":
            return b.node("Transpose", [b.constant(weights, stem="w")], perm=[1, 0])
        name = b.constant(weights.T, stem="w")
        if self.spelling == "constant-node":
            return b.node("Constant", [], value=b.initializers.pop())
        return name

    def between(self, value, features, activation, norm):
        """What follows a hidden layer: batch norm if wanted, and an activation."""
        b = self.builder
        if norm:
            parts = [self.rng.normal(1, 0.3, features), self.rng.normal(0, 0.3, features)] * 2
            parts[3] = np.abs(parts[2]) + 0.1
            value = b.node("BatchNormalization", [value, *(b.constant(p.astype(np.float32)) for p in parts)])
        return b.node(activation, [value])

    def model(self):
        """The ModelProto, named nodes, float32 [batch, features] in and out."""
        return self.builder.model()

    def samples(self, rows):
        """Inputs, float32 [rows, inputs]."""
        features = self.matrices[0].shape[1]
        return np.random.default_rng(99).uniform(0, 1, (rows, features)).astype(np.float32)
