# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A whole network as adders: Sumac's Verilog beside da4ml's, with exact rounding to even.

    benchmarks/adder-network
    benchmarks/adder-network qkeras_jettagging.onnx

The network is 16-64-32-32-5 with 6-bit weights and activations; without a file a seeded one is made. A file must have its
shape: MatMul, Add, Relu, Quant with scales that are powers of two. Inputs are fixed<8,4>. Both results are checked: da4ml's
by its own interpreter on random frames, Sumac's by `make rtl` (verilator). da4ml runs with each of its options, and its
network with the fewest adders is mapped. LUTs are yosys', without registers of da4ml's and with one register
behind each of Sumac's layers.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from bench import adder_verilog
from bench.adder_graphs import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
INPUT_BITS, INPUT_FRACTION = 8, 4


def write_network(path, sizes=(16, 64, 32, 32, 5), seed=1):
    """A QONNX file: weights on 2^-5, activations on 2^-6, all of 6 bits."""
    rng = np.random.default_rng(seed)
    nodes, initializers = [], []

    def constant(name, value):
        initializers.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def quantize(x, result, scale, signed):
        names = [constant(f"{result}.{what}", value) for what, value in (("scale", scale), ("zero", 0), ("bits", 6))]
        attributes = {"signed": signed, "narrow": 0, "rounding_mode": "ROUND"}
        nodes.append(helper.make_node("Quant", [x, *names], [result], f"{result}.quant", domain="qonnx.custom_op.general", **attributes))
        return result

    x = "x"
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        weights = quantize(constant(f"w{i}", rng.normal(0, 0.3, (inputs, outputs))), f"wq{i}", 2.0**-5, 1)
        bias = quantize(constant(f"b{i}", rng.normal(0, 0.3, outputs)), f"bq{i}", 2.0**-5, 1)
        nodes.append(helper.make_node("MatMul", [x, weights], [f"m{i}"], f"fc{i}"))
        nodes.append(helper.make_node("Add", [f"m{i}", bias], [f"a{i}"], f"bias{i}"))
        x = f"a{i}"
        if i < len(sizes) - 2:
            nodes.append(helper.make_node("Relu", [x], [f"r{i}"], f"relu{i}"))
            x = quantize(f"r{i}", f"h{i}", 2.0**-6, 0)
    values = [helper.make_tensor_value_info(n, 1, [None, s]) for n, s in (("x", sizes[0]), (x, sizes[-1]))]
    graph = helper.make_graph(nodes, "network", values[:1], values[1:], initializers)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def read_network(path):
    """Weights and biases of its layers, as multiples of 2^-5."""
    graph = onnx.load(path).graph
    values = {i.name: numpy_helper.to_array(i).astype(np.float64) for i in graph.initializer}
    makers = {n.output[0]: n for n in graph.node}

    def get(name):
        quant = makers[name]
        weights, scale = (values[quant.input[k]] for k in (0, 1))
        return np.clip(np.rint(weights / scale), -32, 31) * scale

    weights = [get(n.input[1]) for n in graph.node if n.op_type == "MatMul"]
    biases = [get(n.input[1]) for n in graph.node if n.op_type == "Add"]
    return weights, biases


def evaluate(layers, x, quantize):
    weights, biases = layers
    for matrix, bias in zip(weights[:-1], biases[:-1]):
        x = quantize(x @ matrix + bias)
    return x @ weights[-1] + biases[-1]


def round_exactly(x):
    """Float64 holds all of these numbers."""
    return np.clip(np.rint(np.maximum(x, 0) * 64), 0, 63) / 64


def round_by_da4ml(x):
    """Half up, and one less where a tie's floor is even: da4ml has no rounding to even."""
    from da4ml.trace.ops import quantize, relu

    x = relu(x)
    fraction = int(np.max(x.kif[2]))
    up = quantize(x, 0, int(np.max(x.kif[1])) + 1, 6, "WRAP", "RND")
    low = quantize(x, 0, -5, fraction, "WRAP", "TRN")
    return quantize(up - (low == 2.0**-7) * 2.0**-6, 0, 0, 6, "SAT", "TRN")


def run_peer(layers, folder):
    """da4ml's network with the fewest adders."""
    from da4ml.codegen import RTLModel
    from da4ml.trace import FixedVariableArray, HWConfig, comb_trace

    inputs = layers[0][0].shape[0]
    integer = INPUT_BITS - INPUT_FRACTION - 1
    best = None
    for method, depth, cost in OPTIONS:
        start = time.process_time()
        kif = [np.full(inputs, v, np.int8) for v in (1, integer, INPUT_FRACTION)]
        x = FixedVariableArray.from_kif(*kif, HWConfig(cost, -1, -1), 0, {"method0": method, "hard_dc": depth})
        network = comb_trace(x, evaluate(layers, x, round_by_da4ml))
        seconds = time.process_time() - start
        adders = sum(op.opcode in (0, 1) for op in network.ops)
        if best is None or adders < best[0]:
            best = adders, seconds, network, (method, depth, cost)
    adders, seconds, network, options = best
    rng = np.random.default_rng(2)
    frames = rng.integers(-(2 ** (INPUT_BITS - 1)), 2 ** (INPUT_BITS - 1), (1000, inputs)) / 2**INPUT_FRACTION
    wrong = int((network.predict(frames) != evaluate(layers, frames, round_exactly)).sum())
    RTLModel(network, "top", folder / "peer", "verilog").write()
    sources = [p for p in (folder / "peer").glob("src/**/*.v") if "_wrapper" not in p.name]
    luts = adder_verilog.count_luts(sources, "top", folder)
    return {"adders": adders, "luts": luts, "seconds": round(seconds, 2), "wrong": wrong, "options": options,
            "depth": int(max(network.out_latency))}


def run_sumac(model, sumac, folder):
    count = len(read_network(model)[0])
    names = [n.name for n in onnx.load(model).graph.node if n.op_type == "MatMul"]
    # No registers within a layer.
    (folder / "folding.json").write_text(json.dumps({n: {"adders_per_stage": 1000} for n in names[:count]}))
    project = folder / "project"
    start = time.perf_counter()
    subprocess.run([sumac, "compile", model, "--target=hls", "--device=vu9p", f"--input-type=fixed<{INPUT_BITS},{INPUT_BITS - INPUT_FRACTION}>",
                    "--form=*=adder_graph", f"--folding={folder / 'folding.json'}", "-o", project], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    checks = subprocess.run(["make", "-C", project, "rtl"], check=True, capture_output=True, text=True).stdout
    sources = [p for p in (project / "rtl").glob("*.v") if not p.name.endswith("_test.v")]
    top = next(p.stem for p in sources if p.stem.endswith("_network"))
    heads = [p.read_text().split("\n", 1)[0] for p in sources if p.stem.endswith("_sums")]
    return {"adders": sum(int(h.split(": ")[1].split()[0]) for h in heads), "luts": adder_verilog.count_luts(sources, top, folder),
            "seconds": round(seconds, 2), "wrong": sum(int(line.split(": ")[1].split()[0]) for line in checks.splitlines() if " differ" in line),
            "depth": sum(int(h.split("at most ")[1].split()[0]) for h in heads)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, help="ONNX file (default: a seeded network)")
    parser.add_argument("--sumac", type=Path, default=ROOT / "build/bin/sumac")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not arguments.sumac.exists():
        sys.exit(f"error: {arguments.sumac} is not there: build it, or name it by --sumac")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = arguments.model or folder / "network.onnx"
        if arguments.model is None:
            write_network(model)
        own = run_sumac(model, arguments.sumac, folder)
        peer = run_peer(read_network(model), folder)
    for name, row in (("Sumac", own), ("da4ml", peer)):
        print(f"{name}: {row['luts']} LUT, {row['adders']} adders, {row['depth']} levels, {row['seconds']} s, {row['wrong']} wrong")
    print(f"LUT ratio {own['luts'] / peer['luts']:.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"sumac": own, "da4ml": peer}, indent=1) + "\n")
    sys.exit(own["wrong"] != 0)


if __name__ == "__main__":
    main()
