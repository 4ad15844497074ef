# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page that scripts/codings-table writes, and its goals. Standard library only.

Sizes are in bits as `sumac inspect --json` gives them: of each layer's weights in each storage, tables included.
"""

from dataclasses import asdict, dataclass, field

FLOAT_BITS = 32
#: Rows of a pool's table of dot products with a byte a product: one for each of the 2^8 bit patterns of 8 activations.
POOL_ROWS = 256


#: In the order of columns; others follow.
STORAGES = ("packed", "bitmask", "csr", "huffman")
#: A storage for files: nothing computes with it.
FOR_FILES = "huffman"


def storages(weights):
    """A layer's bits by storage, from its weights in the report; weights that are no integers have none but their own."""
    return weights.get("storages") or {"packed": weights["stored_bits"]}


def smallest(weights):
    """A layer's bits in the smallest storage that targets compute with (FantastIC4's hybrid rule)."""
    return min(bits for name, bits in storages(weights).items() if name != FOR_FILES)


@dataclass
class Net:
    """What was measured of one network; None: not known."""

    accuracy: float | None = None  # percent of the test images
    weights: list[dict] = field(default_factory=list)  # of each layer, as inspect describes them
    constant_bits: int | None = None  # of the whole network
    mean_k: float | None = None  # terms a filter
    microseconds: float | None = None
    error: str = ""

    @property
    def count(self):
        return sum(layer["count"] for layer in self.weights)

    @property
    def bits(self):
        """With the smallest storage of each layer; None without weights."""
        return sum(smallest(layer) for layer in self.weights) or None

    def bits_in(self, storage):
        """With one storage for all layers; None if a layer does not have it."""
        sizes = [storages(layer).get(storage) for layer in self.weights]
        return None if not sizes or None in sizes else sum(sizes)

    @property
    def zeros(self):
        """The percentage of weights that are zero."""
        return 100 * sum(layer["zeros"] for layer in self.weights) / self.count if self.weights else None

    @property
    def codings(self):
        """What the compiler found, in the layers' order, equal neighbours once: "basis4" or "pool64, uniform8"."""
        return ", ".join(dict.fromkeys(layer["coding"] for layer in self.weights))

    @property
    def times_smaller(self):
        """Than float32."""
        return FLOAT_BITS * self.count / self.bits if self.bits else None


@dataclass
class Row:
    """One coding: the network that `sumac quantize` made and the trained one, or at least the accuracy of one."""

    name: str
    title: str
    activation_bits: int | None
    quantized: Net = field(default_factory=Net)
    trained: Net | None = None
    trained_file: str = ""

    @property
    def nets(self):
        return [net for net in (self.quantized, self.trained) if net]


@dataclass(frozen=True)
class Criterion:
    """A figure and the bound that a goal puts on it; the figure is None if it was not measured."""

    goal: str
    what: str
    figure: float | None
    bound: float
    at_most: bool

    @property
    def reached(self):
        if self.figure is None:
            return None
        # Differences of percentages are no exact floats: a ten-thousandth of a point decides nothing.
        difference = self.figure - self.bound if self.at_most else self.bound - self.figure
        return difference <= 1e-4

    @property
    def verdict(self):
        return {None: "not measured", True: "reached", False: "missed"}[self.reached]


def _loss(reference, net):
    """Points of accuracy that a network loses against a reference."""
    known = reference and net and reference.accuracy is not None and net.accuracy is not None
    return reference.accuracy - net.accuracy if known else None


def _times_smaller_than_bytes(net, extra_bits):
    """How many times smaller weights are than with 8 bits each, with something more to be stored."""
    return 8 * net.count / (net.bits + extra_bits) if net and net.bits else None


def goals(rows):
    """The issue's goals, all on trained networks, as criteria."""
    trained = {row.name: row.trained for row in rows}
    reference = next((row.quantized for row in rows if row.name == "float"), None)
    ec4t, flight, pool = (trained.get(name) for name in ("basis4", "flight", "pool64"))
    products = 8 * POOL_ROWS * 64
    return [
        Criterion("EC4T", "points below float", _loss(reference, ec4t), 0.5, True),
        Criterion("EC4T", "times smaller than fp32", ec4t.times_smaller if ec4t else None, 25, False),
        Criterion("FLightNN", "points below LightNN-2", _loss(trained.get("shift2"), flight), 0.2, True),
        Criterion("FLightNN", "mean k of filters", flight.mean_k if flight else None, 1.4, True),
        Criterion("pool of 64", "points below 8 bits", _loss(trained.get("uniform8"), pool), 1, True),
        Criterion(
            "pool of 64",
            "times smaller than 8 bits, with its table of products",
            _times_smaller_than_bytes(pool, products),
            6,
            False,
        ),
    ]


# ---- Text --------------------------------------------------------------------


def _cell(value, form):
    return "-" if value is None else format(value, form)


def _bytes(bits):
    return None if bits is None else -(-bits // 8)


def table(header, rows):
    """Lines of a Markdown table."""
    first, *others = (f"| {' | '.join(cells)} |" for cells in (header, *rows))
    return [first, "|" + "---|" * len(header), *others]


def _size_header(storage_names):
    names = [*storage_names, *(["smallest a layer"] if len(storage_names) > 1 else [])]
    return ["bits/weight", *(f"bytes, {name}" for name in names), "fp32 / bytes", "all constants, bytes"]


def _size_cells(net, storage_names):
    sizes = [net.bits_in(name) for name in storage_names]
    if len(storage_names) > 1:
        sizes.append(net.bits)
    return [
        _cell(net.bits / net.count if net.bits else None, ".2f"),
        *(_cell(_bytes(size), "d") for size in sizes),
        _cell(net.times_smaller, ".1f"),
        _cell(_bytes(net.constant_bits), "d"),
    ]


def _net_cells(net, storage_names):
    """The cells of a network that both tables have, or what went wrong."""
    width = len(_net_header(storage_names))
    if net.error:
        return [f"error: {net.error}".replace("|", "\\|").replace("\n", " "), *[""] * (width - 1)]
    return [
        net.codings or "-",
        _cell(net.zeros, ".1f"),
        _cell(net.mean_k, ".2f"),
        *_size_cells(net, storage_names),
        _cell(net.microseconds, ".1f"),
    ]


def _net_header(storage_names):
    return ["found", "zeros, %", "mean k", *_size_header(storage_names), "µs/image"]


def _storage_names(rows):
    layers = [layer for row in rows for net in row.nets for layer in net.weights]
    there = {name for layer in layers for name in storages(layer)}
    return [*(name for name in STORAGES if name in there), *sorted(there.difference(STORAGES))]


def quantized_table(rows):
    """All codings: accuracy after `sumac quantize` alone and after training; the rest is of the former."""
    names = _storage_names(rows)
    header = ["weights", "activations", "`quantize`, %", "trained, %", *_net_header(names)]
    lines = []
    for row in rows:
        activations = f"{row.activation_bits} bits" if row.activation_bits else "float32"
        trained = row.trained.accuracy if row.trained else None
        accuracies = [_cell(row.quantized.accuracy, ".2f"), _cell(trained, ".2f")]
        lines.append([row.title, activations, *accuracies, *_net_cells(row.quantized, names)])
    return table(header, lines)


def trained_table(rows):
    """The trained networks that have a file."""
    names = _storage_names(rows)
    lines = []
    for row in rows:
        if row.trained_file:
            cells = [row.trained_file, row.title, _cell(row.trained.accuracy, ".2f")]
            lines.append([*cells, *_net_cells(row.trained, names)])
    return table(["file", "weights", "accuracy, %", *_net_header(names)], lines)


def goal_table(criteria):
    lines = []
    for criterion in criteria:
        bound = f"{'at most' if criterion.at_most else 'at least'} {criterion.bound:g}"
        figure = _cell(criterion.figure, ".2f")
        lines.append([criterion.goal, criterion.what, bound, figure, criterion.verdict])
    return table(["coding", "figure", "goal", "measured", ""], lines)


PAGE = """\
<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
<!-- Written by scripts/codings-table; do not edit. -->
# Codings on Fashion-MNIST

LeNet-300-100 (784-300-100-10, 266 200 weights) with each coding of weights, made by

    {command}

Accuracy is of {images} test images, classified by the code that `sumac compile` makes. Times are of one call with one
image on one thread, the least of {rounds} rounds, on {machine}.

## After `sumac quantize` alone

The float network is {source}. Each row is

    sumac quantize float.onnx --weights SPEC --calibrate {samples}-training-images.npy --bias-correction -o q.onnx

but pools have `--layer {last}=uniform8`, as the trained pool has, and where activations have fewer than 8 bits
(`--activations uint2`, `uint4`), the image keeps its 8, as in the trained networks. *Trained* is the accuracy of the
example model with that coding, of which the next table says more, or - if there is none.

{quantized}

- *found*: the codings that the compiler recognizes by the values of the three layers. FLightNN's weights are `shift2`,
  in which each filter has its own k.
- *zeros*: the part of weights that are zero. *mean k*: powers of two a weight, by filter, as a mean over filters.
- *bytes*: of the weights in each storage that the compiler has, with coefficients and tables (a pool's vectors count in
  the first layer that uses them); *smallest a layer*, *bits/weight* and *fp32 / bytes* are with the smallest storage of each
  layer that code can read in place, so without huffman, which is for files.
  *all constants*: thresholds, multipliers and biases too, which hold batch norms and the weights' scales.
- float runs exactly in `sumac run`, and is timed in onnxruntime {onnxruntime}; Sumac compiles quantized networks only.

## After training

The [example models](../examples/models/README.md). The 8-bit and LightNN-2 networks are baselines without files: their
accuracy above is that of a float32 run in PyTorch.

{trained}

## Goals

Of the trained networks, trained once, with one seed: a few tenths of a point may be luck. Sizes are of the weights with
the smallest storage of each layer; that of the pool is with a table of 256 x 64 products of a byte beside the vectors.

{goals}
"""


def page(rows, criteria, facts):
    """The whole page; facts: command, source, images, rounds, machine, samples, last, onnxruntime."""
    return PAGE.format(
        quantized="\n".join(quantized_table(rows)),
        trained="\n".join(trained_table(rows)),
        goals="\n".join(goal_table(criteria)),
        **facts,
    )


def as_json(rows, criteria, facts):
    """All figures as plain data."""
    derived = ("bits", "count", "times_smaller", "zeros", "codings")
    content = []
    for row in rows:
        entry = asdict(row)
        for key in ("quantized", "trained"):
            if net := getattr(row, key):
                entry[key] |= {name: getattr(net, name) for name in derived}
        content.append(entry)
    verdicts = [asdict(criterion) | {"verdict": criterion.verdict} for criterion in criteria]
    return {"environment": facts, "rows": content, "goals": verdicts}
