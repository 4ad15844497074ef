# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""sumac.quantize on whole graphs: all spellings of layers, activations, biases, and what it leaves alone."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from sumac.quantize import execute, report
from sumac.quantize.activations import find_grid
from sumac.quantize.coding import Settings, registry
from sumac.quantize.errors import QuantizeError
from sumac.quantize.graph import Graph, find_layers
from sumac.quantize.pipeline import METADATA_KEY, Options, quantize, upgrade
from sumac.testing.float_nets import SPELLINGS, FloatNet
from sumac.testing.graph_builder import GraphBuilder

WIDTHS = (13, 17, 7, 3)
SPECS = tuple(registry())


def run(model, x):
    """The model's first output, in onnxruntime as the graph is written."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def relative(wanted, given):
    return np.linalg.norm(wanted - given) / np.linalg.norm(wanted)


def weights_of(model, spelling="gemm"):
    """The matrices [outputs, inputs] that a model's layers multiply with, as its graph gives them."""
    nodes = {name: node for node in model.graph.node for name in node.output}
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    result = []
    for node in model.graph.node:
        if node.op_type in ("Gemm", "MatMul"):
            name = node.input[1]
            if name in constants:
                array = constants[name]
            else:
                integers, scale = (constants[n] for n in nodes[name].input)
                axis = next((a.i for a in nodes[name].attribute if a.name == "axis"), None)
                scale = scale if axis is None else np.expand_dims(scale, 1 - axis)
                array = integers.astype(np.float32) * scale
            transposed = any(a.name == "transB" and a.i for a in node.attribute)
            result.append(array if transposed else array.T)
    return result


@pytest.mark.parametrize("spec", SPECS)
def test_every_spec_gives_a_model_that_runs(spec):
    net = FloatNet(WIDTHS, 1, norm=True)
    x = net.samples(50)
    given, made = quantize(net.model(), Options(spec), {"x": x})
    onnx.checker.check_model(given, full_check=True)
    wanted, y = run(net.model(), x), run(given, x)
    assert y.shape == wanted.shape and np.isfinite(y).all()
    (output,) = made.outputs
    assert output.relative_error == pytest.approx(relative(wanted, y), rel=1e-3)
    for line, original, coded in zip(made.layers, net.matrices, weights_of(given), strict=True):
        assert line.weight_error == pytest.approx(relative(original, coded), rel=1e-5, abs=1e-9)
    limit = {"uniform8": 0.03, "codebook256": 0.03, "shift2": 0.1, "uniform4": 0.3, "basis4": 0.3, "codebook16": 0.3}
    assert output.relative_error < limit.get(spec, 2)


@pytest.mark.parametrize("opset", (13, 17, 21))
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("spec", ("uniform4", "pool32", "shift2"))
def test_spellings_mean_the_same(spec, spelling, opset):
    net = FloatNet(WIDTHS, 2, spelling=spelling, opset=opset)
    x = net.samples(20)
    assert [layer.name for layer in find_layers(Graph(net.model()))[0]] == net.layers
    given, _ = quantize(net.model(), Options(spec), {"x": x})
    plain, _ = quantize(FloatNet(WIDTHS, 2).model(), Options(spec), {"x": x})
    assert relative(run(plain, x), run(given, x)) < 1e-5
    kinds = {t.data_type for t in given.graph.initializer if t.name.endswith(".integers")}
    small = onnx.TensorProto.INT4 if opset >= 21 and spec == "uniform4" else onnx.TensorProto.INT8
    assert kinds == (set() if spec == "shift2" else {small})
    if spelling.startswith("matmul"):
        assert not [node for node in given.graph.node if node.op_type in ("Transpose", "Constant")]
    for coded, again in zip(weights_of(plain), weights_of(given), strict=True):
        assert np.array_equal(coded, again)


def test_old_operators_are_upgraded():
    old = FloatNet(WIDTHS, 3, opset=11)
    model = upgrade(old.model())
    given, _ = quantize(model, Options("uniform8"), {"x": old.samples(30)})
    assert relative(run(old.model(), old.samples(30)), run(given, old.samples(30))) < 0.03


def test_files_whose_weights_are_inputs_too():
    """As IR version 3 wanted it."""
    net = FloatNet(WIDTHS, 3, opset=9)
    old = net.model()
    old.ir_version = 3
    for tensor in old.graph.initializer:
        old.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    onnx.checker.check_model(old)
    for spec in ("uniform8", "codebook256"):
        given, _ = quantize(upgrade(old), Options(spec), {"x": net.samples(30)})
        assert relative(run(old, net.samples(30)), run(given, net.samples(30))) < 0.03


def test_float_codings_keep_the_names_of_weights():
    net = FloatNet(WIDTHS, 3)
    given, _ = quantize(net.model(), Options("shift2"))
    again, _ = quantize(given, Options("shift2"))
    names = [[t.name for t in model.graph.initializer] for model in (net.model(), given, again)]
    assert names[0] == names[1] == names[2] and given.graph.node == net.model().graph.node
    for first, second in zip(weights_of(given), weights_of(again), strict=True):
        assert np.array_equal(first, second)


def test_two_bit_types_where_the_opset_has_them():
    net = FloatNet((5, 4, 3), 4, opset=25)
    given, _ = quantize(net.model(), Options("ternary"))
    assert [t.data_type for t in given.graph.initializer].count(onnx.TensorProto.INT2) == 2
    x = net.samples(4)
    plain, _ = quantize(FloatNet((5, 4, 3), 4).model(), Options("ternary"))
    assert np.allclose(ReferenceEvaluator(given).run(None, {"x": x})[0], run(plain, x), atol=1e-6)


def test_coefficients_are_in_the_metadata():
    given, made = quantize(FloatNet(WIDTHS, 5).model(), Options("basis4"))
    (entry,) = [e for e in given.metadata_props if e.key == METADATA_KEY]
    details = json.loads(entry.value)
    for line, values in zip(made.layers, weights_of(given), strict=True):
        coefficients = np.array(details[line.name]["coefficients"], np.float32)
        sums = [(np.arange(4) ** 0 * coefficients)[[k for k in range(4) if c >> k & 1]].sum() for c in range(16)]
        assert set(np.unique(values)) <= set(np.float32(sums)) and details[line.name]["coding"] == "basis4"


def test_layers_by_name():
    net = FloatNet(WIDTHS, 6)
    first, second, last = net.layers
    stored = [node.input[1] for node in net.builder.nodes if node.op_type == "Gemm"]
    options = Options("pool32", {last: "uniform8", stored[1]: "float"})
    given, made = quantize(net.model(), options)
    assert {line.name: line.coding for line in made.layers} == {first: "pool32", last: "uniform8"}
    assert made.not_quantized == [{"name": second, "reason": "left in float as asked"}]
    assert np.array_equal(weights_of(given)[1], net.matrices[1])
    with pytest.raises(QuantizeError, match="there is no layer 'fc9'; there are node_Gemm"):
        quantize(net.model(), Options("pool32", {"fc9": "uniform8"}))


def test_activations_get_quantizers():
    net = FloatNet(WIDTHS, 7, activation="LeakyRelu")
    x = net.samples(60)
    given, made = quantize(net.model(), Options("uniform8", activations="uint4"), {"x": x})
    ops = [node.op_type for node in given.graph.node]
    assert [ops.count(op) for op in ("QuantizeLinear", "Clip", "DequantizeLinear")] == [3, 3, 6]
    grids = list(made.activations.values())
    assert [grid.split(" ")[0] for grid in grids] == ["uint4", "int4", "int4"]
    nodes = {name: node for node in given.graph.node for name in node.output}
    assert all(nodes[n.input[0]].op_type == "DequantizeLinear" for n in given.graph.node if n.op_type == "Gemm")
    assert relative(run(net.model(), x), run(given, x)) < 0.4
    untouched, _ = quantize(net.model(), Options("uniform8", activations="none"), {"x": x})
    assert "QuantizeLinear" not in [node.op_type for node in untouched.graph.node]


def test_joined_branches_are_quantized():
    b = GraphBuilder()
    rng = np.random.default_rng(8)
    w = [b.constant(rng.normal(size=(6, 6)).astype(np.float32)) for _ in range(3)]
    first = b.node("Relu", [b.node("Gemm", [b.input(6, "x"), w[0]])])
    joined = b.node("Add", [first, b.node("Relu", [b.node("Gemm", [first, w[1]])])])
    b.output(b.node("Softmax", [b.node("Gemm", [joined, w[2]])]), [6])
    x = rng.uniform(size=(30, 6)).astype(np.float32)
    given, made = quantize(b.model(), Options("uniform8"), {"x": x})
    assert len(made.activations) == 4  # the input, both activations, and their sum
    assert relative(run(b.model(), x), run(given, x)) < 0.05


def test_quantizers_stand_in_front_of_flatten():
    b = GraphBuilder()
    b.inputs.append(helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", 2, 3]))
    b.output(b.node("Gemm", [b.node("Flatten", ["x"]), b.constant(np.eye(6, dtype=np.float32))]), [6])
    given, made = quantize(b.model(), Options("uniform8"), {"x": np.ones((4, 2, 3), np.float32)})
    assert list(made.activations) == ["x"] and given.graph.node[0].op_type == "QuantizeLinear"


def test_bytes_over_255_are_kept_exactly():
    x = np.arange(256, dtype=np.float32) / np.float32(255)
    assert find_grid(x, "uint8", "mse", 99.9).scale == np.float32(1 / 255)
    assert find_grid(x, "uint8", "min-max", 99.9).scale == np.float32(1 / 255)


def test_scales_by_method():
    x = np.abs(np.random.default_rng(9).normal(size=5000)).astype(np.float32)
    x[0] = 40

    def error(method):
        grid = find_grid(x, "uint4", method, 99.9)
        return np.mean((np.rint(x / grid.scale).clip(0, 15) * grid.scale - x) ** 2), grid.scale

    (by_range, wide), (by_part, middle), (by_error, _) = error("min-max"), error("percentile"), error("mse")
    assert wide == pytest.approx(40 / 15) and middle < 5 / 15
    assert by_error <= min(by_range, by_part)
    assert find_grid(x * 0, "uint8", "mse", 99.9).scale == 1
    assert find_grid(-x, "uint1", "mse", 99.9).bits == 2


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_bias_correction_removes_the_mean_error(spelling):
    net = FloatNet(WIDTHS, 10, spelling=spelling)
    x = net.samples(200)
    wanted = run(net.model(), x)
    plain, _ = quantize(net.model(), Options("uniform2", activations="none"), {"x": x})
    given, made = quantize(net.model(), Options("uniform2", activations="none", bias_correction=True), {"x": x})
    assert abs((run(given, x) - wanted).mean(0)).max() < 1e-4 < abs((run(plain, x) - wanted).mean(0)).max()
    assert all(line.bias_correction > 0 for line in made.layers)
    assert len(given.graph.node) == len(plain.graph.node)


def test_bias_correction_makes_biases_where_there_are_none():
    b = GraphBuilder()
    rng = np.random.default_rng(11)
    w = [rng.normal(size=(6, 6)).astype(np.float32) for _ in range(2)]
    hidden = b.node("Relu", [b.node("Gemm", [b.input(6, "x"), b.constant(w[0])], alpha=0.5)])
    b.output(b.node("MatMul", [hidden, b.constant(w[1])]), [6])
    x = rng.uniform(size=(50, 6)).astype(np.float32)
    given, _ = quantize(b.model(), Options("ternary", bias_correction=True), {"x": x})
    assert abs((run(given, x) - run(b.model(), x)).mean(0)).max() < 1e-5
    assert [node.op_type for node in given.graph.node][-1] == "Add"
    assert given.graph.output[0].name == b.outputs[0].name


def test_shared_weights_are_coded_once():
    b = GraphBuilder()
    w = b.constant(np.random.default_rng(12).normal(size=(5, 5)).astype(np.float32))
    hidden = b.node("Relu", [b.node("MatMul", [b.input(5, "x"), w])])
    b.output(b.node("MatMul", [hidden, w]), [5])
    given, made = quantize(b.model(), Options("uniform8"))
    assert len(made.layers) == 1 and [n.op_type for n in given.graph.node].count("DequantizeLinear") == 1


def test_weights_with_other_readers_stay():
    b = GraphBuilder()
    w = b.constant(np.random.default_rng(13).normal(size=(5, 5)).astype(np.float32))
    b.output(b.node("Add", [b.node("MatMul", [b.input(5, "x"), w]), b.node("ReduceSum", [w], keepdims=0)]), [5])
    given, _ = quantize(b.model(), Options("shift1"))
    assert w in {t.name for t in given.graph.initializer}
    with pytest.raises(QuantizeError, match="no fully connected layers"):
        quantize(identity(), Options("shift1"))


def identity():
    b = GraphBuilder()
    b.output(b.node("Relu", [b.input(5, "x")]), [5])
    return b.model()


def test_what_is_no_layer_is_left_alone_and_named():
    b = GraphBuilder()
    x = b.input(4, "x")
    product = b.node("MatMul", [b.node("Transpose", [x]), x])
    b.output(product, [4])
    b.output(b.node("MatMul", [x, b.constant(np.ones((4, 2), np.float32))]), [2])
    given, made = quantize(b.model(), Options("basis2"))
    assert [entry["reason"] for entry in made.not_quantized] == ["its second operand is not a constant"]
    assert len(made.layers) == 1 and given.graph.output == b.model().graph.output


def test_a_fixed_batch_runs_in_steps():
    net = FloatNet((5, 4, 3), 14, batch=2)
    _, made = quantize(net.model(), Options("uniform8"), {"x": net.samples(6)})
    assert made.outputs[0].relative_error < 0.03


def test_the_reference_evaluator_gives_the_same(monkeypatch):
    net = FloatNet(WIDTHS, 15)
    names = [net.builder.outputs[0].name, net.builder.nodes[0].output[0]]
    first = execute.run(net.model(), {"x": net.samples(9)}, names)
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    second = execute.run(net.model(), {"x": net.samples(9)}, names)
    assert all(np.allclose(first[name], second[name], atol=1e-5) for name in names)


def test_the_same_options_give_the_same_file():
    net = FloatNet(WIDTHS, 16)
    for spec in ("basis4", "pool32", "flight"):
        options = Options(spec, settings=Settings(seed=3), bias_correction=True)
        files = {quantize(net.model(), options, {"x": net.samples(40)})[0].SerializeToString() for _ in range(2)}
        assert len(files) == 1


def test_the_report_counts_bits():
    net = FloatNet((16, 8, 4), 17)
    _, made = quantize(net.model(), Options("bipolar"), {"x": net.samples(10)})
    assert [line.bytes for line in made.layers] == [(16 * 8 + 8 * 32) // 8, (8 * 4 + 4 * 32) // 8]
    assert made.float_weight_bytes == 4 * (16 * 8 + 8 * 4) and made.other_bytes == 4 * (8 + 4)
    assert all(0 < line.entropy <= 1 and line.format == "dense" for line in made.layers)
    content = json.loads(made.to_json())
    assert content["layers"][0]["coding"] == "bipolar" and content["compression"] == made.compression
    text = report.to_text(made)
    assert "bipolar" in text and "SQNR" in text and all(len(line) < 160 for line in text.splitlines())


def test_sparse_layers_are_stored_sparse():
    b = GraphBuilder()
    w = np.zeros((64, 64), np.float32)
    w[::9, ::9] = 1
    b.output(b.node("MatMul", [b.input(64, "x"), b.constant(w)]), [64])
    _, made = quantize(b.model(), Options("basis4"))
    assert made.layers[0].format == "csr" and made.layers[0].sparsity == pytest.approx(1 - 64 / 4096)
    assert made.layers[0].weight_error == 0
