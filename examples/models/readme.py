# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The text of README.md: what the example models are, read from their files, and how good they are."""

import numpy as np
import onnx

from sumac.data import fashion_mnist
from sumac.export import weight_structure
from sumac.export.quantized_mlp import Grid
from sumac.oracles import exact

SEED = 1

WEIGHTS = 784 * 300 + 300 * 100 + 100 * 10

#: Bits and range of weights, bits of activations, epochs.
UNIFORM = {
    "lenet-300-100-w4a8": (4, 8, True, "one scale per output", 30),
    "lenet-300-100-w2a2": (2, 2, False, "one scale per layer", 40),
}

#: What the table says of a baseline: weights, activations, bits of a weight.
BASELINES = {
    "float": ("float32", "float32", 32),
    "w8a8": ("8 bits, one scale per output", "8 bits", 8),
    "lightnn-2": ("LightNN-2: k = 2 everywhere", "8 bits", 8),
}

TEXT = """\
<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by examples/models/train.py; do not edit. -->
# Example models

LeNet-300-100 (fully connected, 784-300-100-10), trained on the 60 000 training images of Fashion-MNIST with
quantization-aware training (seed {seed}) by

    python3 -m venv .venv-train && .venv-train/bin/pip install -r python/requirements-train.txt
    .venv-train/bin/python examples/models/train.py

| file | weights | activations | epochs | correct of the {count} test images |
|---|---|---|---|---|
{uniform}

The two files of a model, QDQ (QuantizeLinear, DequantizeLinear) and QONNX (Quant), mean the same exact function. The
accuracy is that of the files' exact arithmetic (`python -m sumac.oracles.exact`), not of a float32 run.

Each model has input `image`, float32 [batch, 784] (pixel / 255, row by row), and output `logits`, float32 [batch, 10].
The first node quantizes the input to 8 bits with scale float32(1 / 255). Two hidden layers follow: Gemm,
BatchNormalization (gains of both signs), Relu, quantization to unsigned integers with one scale a layer; the last layer
is a Gemm with a bias. No scale is a power of two.

[brevitas](brevitas/README.md) has a smaller model, which Brevitas trained and exported.

## The papers' weights

The same network with the weights of the papers that Sumac implements. These models start from the float baseline.

| file | weights | activations | zeros | bytes of weights | fp32 / bytes | 8 bits / bytes | correct |
|---|---|---|---|---|---|---|---|
{papers}

Bytes are those of the weights with their coefficients, scales or table; biases and batch norms cost all models the
same. The baselines have no files: their accuracy is that of a float32 run in PyTorch.

{notes}
"""

EC4T = """\
`ec4t` (FantastIC4): a layer has four coefficients, and each of its weights is the sum of some of them, as
entropy-constrained training chose. The weights are plain float32 numbers; the sums are exact.

| layer | coefficients | unit | different weights | zeros | storage |
|---|---|---|---|---|---|
{layers}

Storage is the smallest of dense (4 bits a weight), bitmask with 4 bits a non-zero weight, and CSR; a coefficient counts
32 bits. An ideal entropy code of the layers' codes takes {bytes} bytes with the coefficients, {ratio:.1f} times less than fp32.
"""

FLIGHT = """\
`flight` (FLightNNs): each weight is the sum of at most k signed powers of two, k being its filter's. The weights are
plain float32 numbers.

| layer | filters with k = 0 | k = 1 | k = 2 | exponents |
|---|---|---|---|---|
{layers}

The mean of k is {filters:.2f} over the filters, {weights:.2f} over the weights. A term counts 4 bits (a sign and three bits for one
of seven exponents or zero), a filter's k 2 bits.
"""

POOL = """\
`pool64` (weight pools): the first two layers are made of {entries} vectors of eight weights along the inputs: 8-bit integers, one
scale for both layers. Layer 2's last group has four inputs and the first four elements of a vector. The last layer has
8 bits. An index counts {index} bits; with a byte an index it is {bytes} bytes, {ratio:.1f} times less than 8 bits. A table of
dot products (256 x {entries} bytes, instead of the vectors) makes it {table} bytes, {table_ratio:.1f} times less.
"""

W1A2 = """\
`w1a2` (streaming QNNs): weights are -1 or 1 times one scale a layer (BipolarQuant), activations have two bits.
"""


def _correct(path, images, labels):
    logits = exact.evaluate(onnx.load(path), images).logits
    return int((logits.argmax(1) == labels).sum())


def _uniform_rows(folder, images, labels):
    for name, (weight_bits, activation_bits, narrow, per, epochs) in UNIFORM.items():
        low, high = Grid.range_of(weight_bits, True, narrow)
        for path in (folder / f"{name}.{spelling}.onnx" for spelling in ("qdq", "qonnx")):
            if path.exists():
                weights = f"{weight_bits} bits, {low} to {high}, {per}"
                correct = _correct(path, images, labels)
                yield f"| {path.name} | {weights} | {activation_bits} bits | {epochs} | {correct} |"


def _zeros(layers):
    return f"{100 * sum(np.sum(w == 0) for w in layers) / sum(w.size for w in layers):.1f} %"


def _sizes(bits):
    return f"{round(bits / 8)} | {32 * WEIGHTS / bits:.1f} | {8 * WEIGHTS / bits:.1f}"


# What is said of a model whose layers have the constants `layers`: weights, activations, bits of storage, a note.


def _ec4t(layers):
    stored = [weight_structure.basis_bits(layer) for layer in layers]
    rows = []
    for number, (layer, (_, storage)) in enumerate(zip(layers, stored), 1):
        basis = sorted(weight_structure.find_basis(layer))
        unit = max(e for e in range(-60, 60) if all((c / 2.0**e).is_integer() for c in basis))
        numbers = ", ".join(f"{c / 2.0**unit:.0f}" for c in basis)
        rows.append(f"| {number} | {numbers} | 2^{unit} | {len(np.unique(layer))} | {_zeros([layer])} | {storage} |")
    coefficients = 4 * 32 * len(layers)
    entropy = sum(weight_structure.entropy_bits(layer) for layer in layers) + coefficients
    bits = sum(size for size, _ in stored) + coefficients
    note = EC4T.format(layers="\n".join(rows), bytes=round(entropy / 8), ratio=32 * WEIGHTS / entropy)
    return "4 coefficients per layer", "8 bits", bits, note


def _flight(layers):
    found = [weight_structure.find_shifts(layer) for layer in layers]
    rows = []
    for number, shifts in enumerate(found, 1):
        none, one, two = np.bincount(shifts.counts, minlength=3)
        rows.append(f"| {number} | {none} | {one} | {two} | {shifts.high - 7} to {shifts.high} |")
    counts = np.concatenate([shifts.counts for shifts in found])
    terms = sum(int(shifts.counts.sum()) * layer.shape[1] for shifts, layer in zip(found, layers))
    note = FLIGHT.format(layers="\n".join(rows), filters=counts.mean(), weights=terms / WEIGHTS)
    return "up to 2 powers of two", "8 bits", 4 * terms + 2 * len(counts), note


def _pool64(layers):
    *pooled, last = layers
    entries = len(weight_structure.pool_of(pooled))
    groups = sum(len(layer) * -(-layer.shape[1] // 8) for layer in pooled)
    index = int(np.ceil(np.log2(entries)))
    rest = 8 * entries + last.size  # bytes
    table = groups * index // 8 + 256 * entries + last.size
    note = POOL.format(
        entries=entries,
        index=index,
        bytes=groups + rest,
        ratio=WEIGHTS / (groups + rest),
        table=table,
        table_ratio=WEIGHTS / table,
    )
    return f"pool of {entries} vectors", "8 bits", groups * index + 8 * rest + 32 * 2, note


def _w1a2(layers):
    return "1 bit, one scale per layer", "2 bits", sum(w.size for w in layers) + 32 * len(layers), W1A2


PAPERS = {
    "lenet-300-100-ec4t.qdq.onnx": _ec4t,
    "lenet-300-100-flight.qdq.onnx": _flight,
    "lenet-300-100-pool64.qdq.onnx": _pool64,
    "lenet-300-100-w1a2.qonnx.onnx": _w1a2,
}


def text(folder, baselines):
    """The README of the models in `folder`, of which some may be missing, and of the baselines: name to correct."""
    images, labels = fashion_mnist.load("test")
    rows = [
        f"| (baseline) | {weights} | {activations} | | {_sizes(bits * WEIGHTS)} | {baselines[name]} |"
        for name, (weights, activations, bits) in BASELINES.items()
        if name in baselines
    ]
    notes = []
    for path, describe in ((folder / file, describe) for file, describe in PAPERS.items()):
        if path.exists():
            layers = [constant for constant, _ in weight_structure.weights_of(onnx.load(path))]
            weights, activations, bits, note = describe(layers)
            correct = _correct(path, images, labels)
            rows.append(f"| {path.name} | {weights} | {activations} | {_zeros(layers)} | {_sizes(bits)} | {correct} |")
            notes.append(note)
    return TEXT.format(
        seed=SEED,
        count=len(labels),
        uniform="\n".join(_uniform_rows(folder, images, labels)),
        papers="\n".join(rows),
        notes="\n".join(notes).strip(),
    )
