# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constant matrices as adders: Sumac's graphs beside da4ml's best.

    benchmarks/adder-graphs --only 64x32 --luts

Matrices are drawn from fixed seeds, or are layers of the example models. da4ml runs with each of its options, in a process of its own with a limit of time; its
graph with the fewest adders counts, and Sumac may be no deeper than that one. Seconds are of one core. With --luts, yosys
maps both, for inputs of as many bits as the matrix' name says.
"""

import argparse
import itertools
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from bench import adder_verilog

ROOT = Path(__file__).resolve().parents[2]
#: Selection of pairs, greatest extra depth (-1: any), what an adder costs (1: its bits, -1: one). da4ml tries all depths of
#: its decomposition.
OPTIONS = [(method, depth, cost) for cost in (-1, 1) for depth in (-1, 2) for method in ("wmc", "mc", "wmc-pdc")]
BASES = {"basis2": (37, -91), "basis3": (29, -53, 107)}


def draw(kind, shape, rng):
    """Weights [inputs, outputs] and, of basis-coded ones, masks [i, inputs, outputs]."""
    if kind == "1bit":
        return rng.choice([-1, 1], shape), None
    if kind == "ternary":
        return rng.integers(-1, 2, shape), None
    if kind in BASES:
        masks = rng.integers(0, 2, (len(BASES[kind]), *shape))
        return np.tensordot(BASES[kind], masks, 1), masks
    most = 2 ** (int(kind[0]) - 1)
    return rng.integers(-most, most, shape), None


def matrices():
    """name -> (weights, masks, coefficients, range of the inputs)"""
    inputs = {"1bit": (-2, 1), "2bit": (-2, 1), "4bit": (0, 15), "6bit": (0, 63), "ternary": (-2, 1), "basis2": (0, 15), "basis3": (0, 15)}
    result = {}
    for shape in ((64, 32), (784, 64)):
        rng = np.random.default_rng(1000 + shape[0])
        for kind, bounds in inputs.items():
            weights, masks = draw(kind, shape, rng)
            result[f"{shape[0]}x{shape[1]}-{kind}"] = (weights, masks, BASES.get(kind, ()), bounds)
    return result


#: Of example models: file, layer, bounds of the layer's input codes.
MODELS = {
    "w4a8-fc3": ("lenet-300-100-w4a8.qdq.onnx", "fc3.weight", (0, 255)),
    "w2a2-fc3": ("lenet-300-100-w2a2.qdq.onnx", "fc3.weight", (0, 3)),
    "w1a2-fc3": ("lenet-300-100-w1a2.qonnx.onnx", "fc3.weight", (0, 3)),
    "pool64-fc3": ("lenet-300-100-pool64.qdq.onnx", "fc3.weight", (0, 255)),
    "ec4t-fc3": ("lenet-300-100-ec4t.qdq.onnx", "fc3.weight", (0, 255)),
    "w3a3-fc2": ("brevitas/mlp-w3a3.qonnx.onnx", "fc2.weight", (0, 7)),
    "w3a3-fc3": ("brevitas/mlp-w3a3.qonnx.onnx", "fc3.weight", (0, 7)),
    "w2a2-fc2": ("lenet-300-100-w2a2.qdq.onnx", "fc2.weight", (0, 3)),
}


def find_basis(values):
    """Four numbers whose sums all `values` are."""
    candidates = [v for v in values if v != 0]
    for chosen in itertools.combinations(candidates, 4):
        sums = {sum(c) for k in range(5) for c in itertools.combinations(chosen, k)}
        if sums.issuperset(values):
            return chosen
    return None


def read_model(file, layer):
    """Integers [inputs, outputs] that are proportional to the layer's weights, and their masks if they have a basis."""
    graph = onnx.load(ROOT / "examples/models" / file).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    weights = values[layer].astype(np.float64).T
    quant = next((n for n in graph.node if n.op_type == "Quant" and n.input[0] == layer), None)
    if quant is not None:
        scale, bits = (values[quant.input[k]].astype(np.float64) for k in (1, 3))
        narrow = next((a.i for a in quant.attribute if a.name == "narrow"), 0)
        most = 2 ** (int(bits) - 1)
        return np.clip(np.rint(weights / scale.reshape(1, -1)), narrow - most, most - 1).astype(np.int64), None, ()
    if any(n.op_type == "BipolarQuant" and n.input[0] == layer for n in graph.node):
        return np.where(weights >= 0, 1, -1), None, ()
    if values[layer].dtype != np.float32:
        return weights.astype(np.int64), None, ()
    # Floats with a basis, on their finest grid.
    exponent = 0
    while (weights * 2.0**exponent % 1).any():
        exponent += 1
    weights = (weights * 2.0**exponent).astype(np.int64)
    basis = find_basis(sorted(set(weights.ravel().tolist())))
    if basis is None:
        return weights, None, ()
    codes = {sum(b for k, b in enumerate(basis) if c >> k & 1): c for c in range(16)}
    code = np.vectorize(codes.get)(weights)
    return weights, np.array([code >> k & 1 for k in range(4)]), basis


def example_matrices():
    """The same, of layers of the example models."""
    return {name: (*read_model(file, layer), bounds) for name, (file, layer, bounds) in MODELS.items()}


def run_sumac(tool, matrix, depth, work):
    """The graph as the tool prints it."""
    weights, masks, coefficients, _ = matrix
    inputs, outputs = weights.shape
    numbers = [outputs, inputs, int(depth), work, len(coefficients), *weights.T.ravel(), *(list(coefficients) * outputs)]
    if masks is not None:
        numbers += list(masks.transpose(0, 2, 1).ravel())
    done = subprocess.run([tool], input=" ".join(map(str, numbers)), capture_output=True, text=True, check=True)
    graph = json.loads(done.stdout)
    check(graph, weights)
    return graph


def check(graph, weights):
    """The graph's own weights are the matrix."""
    if not np.array_equal(adder_verilog.coefficients(graph)[1].T, weights):
        sys.exit("error: a graph of Sumac computes another product")


def solve(weights, bounds, options, folder, queue):
    """One run of da4ml; its Verilog goes to `folder`."""
    from da4ml.codegen import RTLModel
    from da4ml.trace import FixedVariableArray, HWConfig, comb_trace

    method, depth, cost = options
    signed = bounds[0] < 0
    bits = int(bounds[1]).bit_length()
    kif = [np.full(len(weights), v, np.int8) for v in (int(signed), bits, 0)]
    start = time.process_time()
    x = FixedVariableArray.from_kif(*kif, HWConfig(cost, -1, -1), 0, {"method0": method, "hard_dc": depth})
    graph = comb_trace(x, x @ weights.astype(np.float32))
    seconds = time.process_time() - start
    RTLModel(graph, "top", folder, "verilog").write()
    adders = sum(op.opcode in (0, 1) for op in graph.ops)
    queue.put({"adders": adders, "depth": int(max(graph.out_latency)), "seconds": seconds, "options": options})


def run_peer(matrix, limit, folder):
    """da4ml's results, fewest adders first; options that take too long are left out."""
    context, results = multiprocessing.get_context("spawn"), []
    for i, options in enumerate(OPTIONS):
        queue = context.Queue()
        process = context.Process(target=solve, args=(matrix[0], matrix[3], options, folder / str(i), queue))
        process.start()
        process.join(limit)
        if process.is_alive():
            process.kill()
            process.join()
        elif process.exitcode == 0:
            results.append({**queue.get(), "folder": str(folder / str(i))})
    return sorted(results, key=lambda r: (r["adders"], r["depth"]))


def measure(name, matrix, arguments, folder):
    peers = run_peer(matrix, arguments.peer_seconds, folder)
    best = peers[0] if peers else {"adders": None, "depth": 0, "seconds": None}
    graph = run_sumac(arguments.tool, matrix, best["depth"], arguments.work)
    row = {
        "name": name,
        "adders": len(graph["adders"]),
        "depth": graph["depth"],
        "seconds": round(graph["seconds"], 2),
        "peer": best,
    }
    if arguments.luts:
        row["luts"] = adder_verilog.count_luts(adder_verilog.write(graph, matrix[3], folder / "sumac.v"), "top", folder)
        if peers:
            sources = [p for p in Path(best["folder"]).glob("src/**/*.v") if "_wrapper" not in p.name]
            best["luts"] = adder_verilog.count_luts(sources, "top", folder)
    return row


def show(row):
    peer = row["peer"]
    cells = [f"{row['name']:15}"]
    for key in ("adders", "depth", "seconds", "luts"):
        own, other = row.get(key), peer.get(key)
        if own is None:
            continue
        cells.append(f"{key} {own:>7} {'-' if other is None else round(other, 2):>7}")
        if key in ("adders", "luts") and other:
            cells.append(f"({own / other:.3f})")
    print("  ".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names that begin so")
    parser.add_argument("--work", type=int, default=60_000_000, help="pairs that Sumac looks at (250000000: some 10 s)")
    parser.add_argument("--peer-seconds", type=float, default=600, help="limit of one run of da4ml")
    parser.add_argument("--luts", action="store_true", help="map both graphs by yosys")
    parser.add_argument("--tool", type=Path, default=ROOT / "build/bin/SumacAdderGraphBench")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not arguments.tool.exists():
        sys.exit(f"error: {arguments.tool} is not there: ninja -C build SumacAdderGraphBench")
    rows = []
    print("Sumac, da4ml (ratio)")
    for name, matrix in (matrices() | example_matrices()).items():
        if name.startswith(arguments.only):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measure(name, matrix, arguments, Path(folder)))
            show(rows[-1])
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
