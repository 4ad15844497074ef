# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each coding against dense 8-bit weights of the same shape, both compiled by Sumac.

    benchmarks/codings --size 4096 --rows 1,64 --sparsity 0,0.5,0.9

One layer behind an 8-bit quantizer, requantized to 8 bits. Weights are drawn with a share of zeros. Cases of one sparsity
are timed in turn, round after round; ratios are of minima, size ratios of the compiled libraries.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bench import build
from bench.worker import Worker, sumac_case

ROOT = Path(__file__).resolve().parents[2]
BASES = {"basis4, 8-bit sums": (3, -7, 29, -90), "basis4, 12-bit sums": (301, -709, 1129, -1903)}
CODEBOOK = np.array([0, -127, 99, -88, 77, -61, 53, -44, 31, -27, 17, -11, 5, 111, -101, 66])


def weights(kind, size, sparsity, rng):
    """Integers [size, size] with the structure of `kind` and a share of zeros."""
    zero = rng.random((size, size)) < sparsity
    if kind in (DENSE, "8 bits, best storage"):
        values = rng.integers(-127, 128, (size, size))
    elif kind == "uniform, 4 bits":
        values = rng.integers(-8, 8, (size, size))
    elif kind == "bipolar":
        return rng.choice([-1, 1], (size, size))
    elif kind == "codebook of 16":
        values = CODEBOOK[rng.integers(0, 16, (size, size))]
    elif kind == "shift, 1 term":
        values = rng.choice([-1, 1], (size, size)) << rng.integers(0, 7, (size, size))
    elif kind == "pool of 64":
        return rng.integers(-127, 128, (64, 8))[rng.integers(0, 64, (size, size // 8))].reshape(size, size)
    else:
        codes = rng.integers(0, 16, (size, size))
        values = sum(((codes >> k) & 1) * c for k, c in enumerate(BASES[kind]))
    return np.where(zero, 0, values)


#: What all others are compared with: every weight is stored and multiplied, be it 0 or not.
DENSE = "dense, 8 bits"
KINDS = [DENSE, "8 bits, best storage", "uniform, 4 bits", "bipolar", "codebook of 16", "shift, 1 term", "pool of 64", *BASES]
#: Kinds that a share of zeros would give another structure.
ALWAYS_DENSE = ("bipolar", "pool of 64")


def write(path, values):
    """A model of one layer with these weights as float32."""
    nodes, initializers = [], []

    def constant(name, array):
        initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def quantize(value, scale, name):
        operands = [constant(f"{name}_scale", np.float32(scale)), constant(f"{name}_zero", np.uint8(0))]
        nodes.append(helper.make_node("QuantizeLinear", [value, *operands], [f"{name}_codes"]))
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}_codes", *operands], [name]))
        return name

    size = len(values)
    x = quantize("x", 1 / 255, "x_q")
    step = np.float32(2.0**-14)
    nodes.append(helper.make_node("Gemm", [x, constant("w", values.astype(np.float32) * step)], ["a"], transB=1, name="fc"))
    y = quantize("a", 0.01, "y")
    shape = ["batch", size]
    graph = helper.make_graph(
        nodes,
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, shape)],
        initializers,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def measure(arguments, out, sparsity):
    """Microseconds for each kind and batch size, and the libraries' sizes."""
    rng = np.random.default_rng(1)
    worker = Worker(str(build.drivers(out)))
    cases, sizes = {}, {}
    for number, kind in enumerate(KINDS):
        if sparsity and kind in ALWAYS_DENSE:
            continue
        model = out / f"layer{number}.onnx"
        write(model, weights(kind, arguments.size, sparsity, rng))
        options = ["--storage", "*=packed", "--form", "*=multiply_accumulate"] if kind == DENSE else []
        library, name, _ = build.compile_net(arguments.sumac, model, arguments.cpu, out / f"layer{number}", options)
        sizes[kind] = library.stat().st_size
        for rows in arguments.rows:
            case = sumac_case(worker.drivers, library, name, rows, arguments.size, arguments.size)
            case.x[:] = rng.random(case.x.shape, np.float32)
            cases[kind, rows] = case
    return worker.best_times(cases, arguments.rounds, 0.15), sizes


def parse():
    parser = argparse.ArgumentParser(
        prog="benchmarks/codings", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sumac", default=ROOT / "build/bin/sumac", help="the compiler (default: build/bin/sumac)")
    parser.add_argument("--size", type=int, default=4096, help="inputs and outputs, a multiple of 8 (default: 4096)")
    parser.add_argument("--rows", default="1,64", help="batch sizes (default: 1,64)")
    parser.add_argument("--sparsity", default="0,0.5,0.9", help="shares of zeros (default: 0,0.5,0.9)")
    parser.add_argument("--cpu", default="native", help="the processor to compile for (default: native)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is timed (default: 5)")
    parser.add_argument("--json", help="write the figures to a file")
    arguments = parser.parse_args()
    arguments.rows = [int(rows) for rows in arguments.rows.split(",")]
    return arguments


def main():
    arguments, results = parse(), []
    for sparsity in map(float, arguments.sparsity.split(",")):
        with tempfile.TemporaryDirectory(prefix="sumac-codings-") as folder:
            best, sizes = measure(arguments, Path(folder), sparsity)
        print(f"\n{arguments.size}x{arguments.size}, {sparsity:.0%} zeros: microseconds, and times faster and smaller than {DENSE}")
        for kind, size in sizes.items():
            line = f"  {kind:20}"
            for rows in arguments.rows:
                ratio = best[DENSE, rows] / best[kind, rows]
                line += f"  batch {rows}: {best[kind, rows]:9.1f}  {ratio:5.2f}x"
                results.append(dict(kind=kind, sparsity=sparsity, rows=rows, microseconds=best[kind, rows], ratio=ratio, bytes=size))
            print(f"{line}  size {sizes[DENSE] / size:5.2f}x", flush=True)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except build.BuildError as error:
        sys.exit(f"error: {error}")
