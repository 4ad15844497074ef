# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What quantization did to a network: numbers by layer and in total, as text and as JSON."""

import json
from dataclasses import asdict, dataclass

import numpy as np
from onnx import TensorProto

from sumac.quantize.coding import FLOAT

FLOAT_BITS = 32


@dataclass(frozen=True)
class LayerReport:
    """One layer. Errors are relative 2-norms, entropies and sizes in bits, bytes rounded up; None: not known."""

    name: str
    coding: str
    outputs: int
    inputs: int
    weight_error: float  # |W - coded W| / |W|
    sparsity: float  # the part of coded weights that are zero
    distinct: int  # different coded weights
    entropy: float  # bits a weight that an ideal entropy coder of the codes needs, without tables
    format: str  # of the smallest of F4's storage formats
    bits_per_weight: float  # in that format, with scales and tables
    bytes: int
    details: dict
    bias_correction: float | None = None  # root mean square
    output_sqnr_db: float | None = None  # of the layer's output in the whole quantized network


@dataclass(frozen=True)
class OutputReport:
    """An output of the network on the calibration data, against the float network's."""

    name: str
    relative_error: float
    largest_error: float
    sqnr_db: float | None  # None: no error
    same_argmax: float | None  # the part of rows with the same largest entry


@dataclass(frozen=True)
class Report:
    """The whole report."""

    layers: list[LayerReport]
    not_quantized: list[dict]
    activations: dict[str, str]
    weights: int
    weight_bytes: int
    float_weight_bytes: int
    other_bytes: int  # biases, batch norm, layers left in float32
    outputs: list[OutputReport]

    @property
    def compression(self):
        """How many times smaller the coded weights are than in float32."""
        return self.float_weight_bytes / max(self.weight_bytes, 1)

    def to_json(self):
        """The report as JSON text."""
        content = asdict(self) | {"compression": self.compression}
        return json.dumps(_finite(content), indent=2, allow_nan=False) + "\n"


def _finite(content):
    """What JSON can hold: null for NaN and infinity."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not np.isfinite(content) else content


def entropy(codes):
    """Shannon's entropy of the codes in bits a code."""
    shares = np.unique(codes, return_counts=True)[1] / codes.size
    return float(max(0.0, -(shares * np.log2(shares)).sum()))


def storage(coded):
    """The smallest of F4's formats for the codes, ("dense" | "bitmask" | "csr", bits), without tables.

    Only weights that are coded one by one and whose zeros have a code may be sparse.
    """
    rows, columns = coded.codes.shape
    sizes = {"dense": coded.bits * coded.codes.size if coded.stored_bits is None else coded.stored_bits}
    if coded.codes.shape == coded.values.shape and coded.stored_bits is None and coded.bits > 1:
        nonzero = int(np.count_nonzero(coded.values))
        index = max(1, (columns - 1).bit_length())
        sizes["bitmask"] = coded.codes.size + coded.bits * nonzero
        sizes["csr"] = nonzero * (coded.bits + index) + (rows + 1) * max(1, nonzero.bit_length())
    return min(sizes.items(), key=lambda item: item[1])


def relative_error(wanted, given):
    """|wanted - given| / |wanted| in the 2-norm; 0 where both are zero."""
    wanted, given = wanted.astype(np.float64), given.astype(np.float64)
    with np.errstate(all="ignore"):  # outputs may be infinite
        error, size = np.linalg.norm(wanted - given), np.linalg.norm(wanted)
        return float(error / size) if size else float(error)


def sqnr_db(wanted, given):
    """The signal's power over the error's in decibels; None without an error or a signal."""
    error = relative_error(wanted, given)
    return -20 * float(np.log10(error)) if error and np.isfinite(error) and wanted.any() else None


def _layer_report(layer, coded, correction, sqnr):
    form, bits = storage(coded)
    bits += coded.overhead
    return LayerReport(
        name=layer.name,
        coding=coded.spec,
        outputs=layer.matrix.shape[0],
        inputs=layer.matrix.shape[1],
        weight_error=relative_error(layer.matrix, coded.values),
        sparsity=float(np.mean(coded.values == 0)),
        distinct=len(np.unique(coded.values)),
        entropy=entropy(coded.codes) * coded.codes.size / layer.matrix.size,
        format=form,
        bits_per_weight=bits / layer.matrix.size,
        bytes=-(-bits // 8),
        details=coded.details,
        bias_correction=correction,
        output_sqnr_db=sqnr,
    )


def _output_report(name, wanted, given):
    same = None
    if wanted.ndim == 2 and wanted.shape[1] > 1:
        same = float(np.mean(wanted.argmax(1) == given.argmax(1)))
    with np.errstate(all="ignore"):
        error = abs(wanted.astype(np.float64) - given)
    return OutputReport(name, relative_error(wanted, given), float(error.max(initial=0)), sqnr_db(wanted, given), same)


def make(model, layers, specs, coded, others, grids, corrections, outputs, wanted, given):
    """The Report of a quantized network.

    coded, grids and corrections are by name; `outputs` holds the names of each layer's outputs, `wanted` and `given`
    the values of the float and of the quantized network on the calibration data by name (empty without).
    """
    lines = []
    for layer in layers:
        if layer.name not in coded:
            others = [*others, (layer.name, f"left in {FLOAT} as asked")]
            continue
        name = outputs[layer.name][0]
        sqnr = sqnr_db(wanted[name], given[name]) if given else None
        lines.append(_layer_report(layer, coded[layer.name], corrections.get(layer.name), sqnr))
    weights = sum(line.outputs * line.inputs for line in lines)
    sizes = [int(np.prod(t.dims)) for t in model.graph.initializer if t.data_type == TensorProto.FLOAT]
    results = [value.name for value in model.graph.output if value.name in given]
    return Report(
        layers=lines,
        not_quantized=[{"name": name, "reason": reason} for name, reason in others],
        activations={name: str(grid) for name, grid in grids.items()},
        weights=weights,
        weight_bytes=sum(line.bytes for line in lines),
        float_weight_bytes=weights * FLOAT_BITS // 8,
        other_bytes=max(0, sum(sizes) - weights) * FLOAT_BITS // 8,
        outputs=[_output_report(n, wanted[n], given[n]) for n in results if wanted[n].dtype == np.float32],
    )


def _table(rows):
    """Rows of strings, the first column left and the others right aligned."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def _decibels(value):
    return "-" if value is None else f"{value:.1f}"


def to_text(report):
    """The report as a user reads it."""
    rows = [
        ("layer", "coding", "shape", "error", "zeros", "values", "entropy", "bits/weight", "format", "bytes", "SQNR dB")
    ]
    for line in report.layers:
        shape, part = f"{line.outputs}x{line.inputs}", f"{100 * line.sparsity:.1f} %"
        numbers = (f"{line.entropy:.2f}", f"{line.bits_per_weight:.2f}", line.format, str(line.bytes))
        error = f"{line.weight_error:.4f}"
        rows.append(
            (line.name, line.coding, shape, error, part, str(line.distinct), *numbers, _decibels(line.output_sqnr_db))
        )
    if not any(line.output_sqnr_db is not None for line in report.layers):
        rows = [row[:-1] for row in rows]
    lines = [*_table(rows), ""]
    lines += [f"{entry['name']} is not quantized: {entry['reason']}" for entry in report.not_quantized]
    lines += [f"activation {name}: {grid}" for name, grid in report.activations.items()]
    lines.append(
        f"{report.weights} weights in {report.weight_bytes} bytes, {report.float_weight_bytes} as float32: "
        f"{report.compression:.2f} times smaller; {report.other_bytes} bytes of other floats"
    )
    for output in report.outputs:
        same = "" if output.same_argmax is None else f", same largest entry in {100 * output.same_argmax:.2f} % of rows"
        lines.append(
            f"output {output.name}: relative error {output.relative_error:.4f}, largest {output.largest_error:.4g}, "
            f"SQNR {_decibels(output.sqnr_db)} dB{same}"
        )
    return "\n".join(lines) + "\n"
