# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizes a float network: codes its weights, quantizes its activations, corrects its biases, and reports."""

import json
from dataclasses import dataclass, field

import numpy as np
import onnx

from sumac.quantize import activations, bias, execute, report
from sumac.quantize.coding import FLOAT, Settings, check_specs, encode, say
from sumac.quantize.errors import QuantizeError, first_line
from sumac.quantize.graph import Graph, find_layers, write_weights

#: DequantizeLinear has scales by axis since this version of ONNX's operators.
LEAST_OPSET = 13
METADATA_KEY = "sumac.quantize"


@dataclass(frozen=True)
class Options:
    """What to do with a network; docs/quantize.md describes each."""

    weights: str
    layer_weights: dict[str, str] = field(default_factory=dict)  # SPEC by layer name
    settings: Settings = Settings()
    activations: str = "uint8"  # one of activations.CHOICES; needs calibration samples
    calibration: str = "mse"  # one of activations.METHODS
    percentile: float = 99.9
    bias_correction: bool = False


def load_model(path):
    """Reads and checks an ONNX file; a QuantizeError says what is wrong with it."""
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except OSError as error:
        raise QuantizeError(f"{path}: {(error.strerror or first_line(error)).lower()}") from error
    except Exception as error:  # protobuf's and the checker's exceptions share no base but this
        raise QuantizeError(f"{path} is not a valid ONNX model: {first_line(error)}") from error
    return upgrade(model)


def upgrade(model):
    """The model with operators of LEAST_OPSET or newer."""
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), LEAST_OPSET)
    if opset >= LEAST_OPSET:
        return model
    try:
        return onnx.version_converter.convert_version(model, LEAST_OPSET)
    except Exception as error:
        raise QuantizeError(f"opset {opset} cannot become {LEAST_OPSET}: {first_line(error)}") from error


def quantize(model, options, samples=None):
    """Quantizes a float ModelProto of opset 13 or newer.

    `samples` are calibration data as `samples.load` gives them: arrays by input name, or None. Returns the quantized
    ModelProto and a report (sumac.quantize.report.Report).
    """
    graph = Graph(model)
    layers, others = find_layers(graph)
    specs = _specs_of(layers, options)
    _check_weights(layers, specs)
    points = []
    if samples and options.activations != activations.NONE:
        points = activations.find_points(graph, layers)
    outputs = {layer.name: [bias.output_name(node) for node in layer.nodes] for layer in layers}
    wanted = {}
    if samples:
        say(f"running the float model on {len(next(iter(samples.values())))} samples")
        inner = [name for names in outputs.values() for name in names]
        wanted = execute.run(model, samples, [*inner, *graph.outputs, *points])

    coded = encode({layer.name: layer.matrix for layer in layers}, specs, options.settings, say)
    for layer in layers:
        if layer.name in coded:
            write_weights(graph, layer, coded[layer.name])
    grids = _quantize_activations(graph, points, wanted, options)
    corrections = {}
    if samples and options.bias_correction:
        corrections = bias.correct(graph, layers, samples, wanted)
    result = _finish(graph, coded)

    given = {}
    if samples:
        say("running the quantized model")
        given = execute.run(result, samples, list(wanted))
    return result, report.make(model, layers, specs, coded, others, grids, corrections, outputs, wanted, given)


def _specs_of(layers, options):
    """The SPEC of each layer, by name."""
    if not layers:
        raise QuantizeError("the model has no fully connected layers with float32 constant weights")
    names = {}
    for layer in layers:
        for alias in (layer.name, layer.stored):
            names.setdefault(alias, layer.name)
    for name in options.layer_weights:
        if name not in names:
            raise QuantizeError(f"there is no layer '{name}'; there are {', '.join(layer.name for layer in layers)}")
    specs = {layer.name: options.weights for layer in layers}
    specs |= {names[name]: spec for name, spec in options.layer_weights.items()}
    check_specs([options.weights, *specs.values()])
    return specs


def _check_weights(layers, specs):
    for layer in layers:
        if specs[layer.name] != FLOAT and not np.isfinite(layer.matrix).all():
            raise QuantizeError(f"layer '{layer.name}': the weights hold NaN or infinity")


def _quantize_activations(graph, points, wanted, options):
    """Inserts quantizers; the grids by value name."""
    grids = {}
    for name in points:
        if not np.isfinite(wanted[name]).all():
            raise QuantizeError(f"the value '{name}' is NaN or infinite on the calibration data")
        grids[name] = activations.find_grid(wanted[name], options.activations, options.calibration, options.percentile)
        activations.insert(graph, name, grids[name])
    return grids


def _finish(graph, coded):
    """The model with the codings in its metadata, checked."""
    model = graph.build()
    details = {name: {"coding": c.spec, **c.details} for name, c in coded.items()}
    for entry in [e for e in model.metadata_props if e.key == METADATA_KEY]:
        model.metadata_props.remove(entry)
    model.metadata_props.add(key=METADATA_KEY, value=json.dumps(details))
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise QuantizeError(f"the quantized model is not valid: {first_line(error)}") from error
    return model
