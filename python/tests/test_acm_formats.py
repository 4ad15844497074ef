# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How the accumulate-multiply core stores weights: the paper's sizes, and the choice of a format."""

import json
import os
import subprocess
from math import ceil, log2

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sumac.testing import command

FORMATS = ("dense", "bitmask", "csr")
MODELS = sorted(path.name for path in (command.ROOT / "examples/models").glob("*.onnx"))
DENSITIES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


@pytest.fixture
def compile_report(tmp_path):
    """A function that compiles a model and returns the report, or None where a machine is too small."""
    program = command.ROOT / os.environ.get("SUMAC_BUILD", "build") / "bin/sumac"
    if not program.exists():
        pytest.skip(f"{program} is missing; scripts/build builds it")

    def run(model, machine, formats):
        words = [program, "compile", model, "--target=acm", f"--machine={machine}", "--images=1"]
        words += [f"--formats={','.join(formats)}", "-o", tmp_path / "out", "--quiet"]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            assert "take a greater machine" in result.stderr, result.stderr
            return None
        return json.loads((tmp_path / "out/report.json").read_text())

    return run


def paper_bits(weights):
    """The bits that FantastIC4 counts for 4-bit weights [outputs, inputs]."""
    outputs, inputs = weights.shape
    nonzeros = np.count_nonzero(weights)
    return {
        "dense": 4 * outputs * inputs,
        "bitmask": outputs * inputs + 4 * nonzeros,
        "csr": nonzeros * (4 + ceil(log2(inputs))) + (outputs + 1) * ceil(log2(nonzeros + 1)),
    }


def read_weights(path):
    """The float weights [outputs, inputs] of a model's Gemm nodes."""
    graph = onnx.load(path).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers = []
    for node in graph.node:
        if node.op_type == "Gemm":
            transposed = any(a.name == "transB" and a.i for a in node.attribute)
            layers.append(values[node.input[1]] if transposed else values[node.input[1]].T)
    return layers


@pytest.mark.parametrize("machine", ["edge", "fantastic4"])
def test_sizes_are_the_papers(example_models, compile_report, machine):
    model = example_models / "lenet-300-100-ec4t.qdq.onnx"
    expected = [paper_bits(weights) for weights in read_weights(model)]
    assert len(expected) == 3
    reported = [layer["paper_bits"] for layer in compile_report(model, machine, FORMATS)["layers"]]
    assert reported == expected
    # Its three layers are not all of one kind.
    assert [min(bits, key=bits.get) for bits in reported] == ["csr", "dense", "dense"]


def check_choice(compile_report, model, machine):
    """The formats that the layers have got."""
    chosen = compile_report(model, machine, FORMATS)
    if chosen is None:
        return []
    for name in FORMATS:
        alone = compile_report(model, machine, [name])
        if alone is None:
            continue
        for layer, other in zip(chosen["layers"], alone["layers"], strict=True):
            assert other["format"] == name
            worse = layer["stored_bits"] > other["stored_bits"] and layer["cycles"] > other["cycles"]
            assert not worse, f"{layer['name']}: {layer['format']} is larger and slower than {name}"
    return [layer["format"] for layer in chosen["layers"]]


@pytest.mark.parametrize("machine", ["edge", "fantastic4"])
@pytest.mark.parametrize("name", [*MODELS, "brevitas/mlp-w3a3.qonnx.onnx"])
def test_no_choice_is_larger_and_slower(example_models, compile_report, name, machine):
    assert check_choice(compile_report, example_models / name, machine)


def write_layer(path, weights):
    """A layer of integer weights behind uint8 activations."""
    scale, zero = np.float32(2**-8), np.uint8(0)
    constants = {"scale": scale, "zero": zero, "weights": weights.astype(np.float32) * np.float32(2**-6)}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["codes"]),
        helper.make_node("DequantizeLinear", ["codes", "scale", "zero"], ["values"]),
        helper.make_node("Gemm", ["values", "weights"], ["y"], name="layer", transB=1),
    ]
    ports = zip("xy", (weights.shape[1], weights.shape[0]), strict=True)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]) for name, size in ports)
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "layer", [x], [y], initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def test_no_choice_is_larger_and_slower_in_random_layers(tmp_path, compile_report):
    rng = np.random.default_rng(6)
    seen = []
    for number in range(24):
        outputs, inputs = (int(size) for size in rng.integers(8, 400, 2))
        codes = rng.integers(-8, 8, (outputs, inputs))
        # Zeros are spread evenly, or most rows have few weights and some have many.
        share = DENSITIES[number % len(DENSITIES)] * (1 if number % 2 else 2 * rng.random((outputs, 1)))
        weights = np.where(rng.random((outputs, inputs)) < share, codes, 0)
        weights[0, 0] = -8  # 4 bits in all of them
        write_layer(tmp_path / "layer.onnx", weights)
        seen += check_choice(compile_report, tmp_path / "layer.onnx", ("tiny", "edge", "fantastic4")[number // 2 % 3])
    # CSR takes no more words than bitmask, and of the same size: masks have the room of indices.
    # Parts of a layer have formats of their own.
    assert {name for formats in seen for name in formats.split("+")} == {"dense", "csr"}


def test_sparse_inputs_are_spread_over_lines(tmp_path, compile_report):
    # Every seventh weight of an output, 20 in all.
    weights = np.where((np.arange(140) + np.arange(64)[:, None]) % 7 == 0, -8 + np.arange(140) % 8, 0)
    model, program = tmp_path / "layer.onnx", tmp_path / "out/program.acmasm"
    write_layer(model, weights)
    # Lines have 128 elements, steps 16 weights: inputs in lines of 80 and 60 take one step, in 128 and 12 two.
    assert compile_report(model, "edge", ["csr"])["layers"][0]["cycles"] == 4
    assert "words = 5, rows = 2" in program.read_text()
    words = [os.environ.get("SUMAC_BUILD", "build") + "/bin/sumac", "verify", model, "--targets=acm", "--machine=edge"]
    words += ["--formats=csr", "--images=3", "--samples=20"]
    result = subprocess.run(words, capture_output=True, text=True, check=True, cwd=command.ROOT)
    assert ": 0 of 1280 integers differ" in result.stdout
