# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures each coding of weights on Fashion-MNIST: what scripts/codings-table runs, with accuracy_cli.py's options."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx

from bench import accuracy_cli, accuracy_report, build, environment
from bench.accuracy_report import Net, Row
from bench.cases import wheel_file
from bench.worker import NativeCase, Worker, sumac_case
from sumac.data import fashion_mnist
from sumac.export import weight_structure
from sumac.quantize import activations
from sumac.quantize.coding import registry
from sumac.quantize.graph import Graph, find_layers
from sumac.testing import command

MODELS = environment.REPOSITORY / "examples/models"
#: The example model with a coding, by the row's name.
TRAINED = {
    "basis4": "lenet-300-100-ec4t.qdq.onnx",
    "flight": "lenet-300-100-flight.qdq.onnx",
    "pool64": "lenet-300-100-pool64.qdq.onnx",
    "uniform4": "lenet-300-100-w4a8.qdq.onnx",
    "w2a2": "lenet-300-100-w2a2.qdq.onnx",
    "w1a2": "lenet-300-100-w1a2.qonnx.onnx",
}
#: Trained networks of which only the accuracy was kept, by their names in baselines.json.
BASELINES = {"uniform8": "w8a8", "shift2": "lightnn-2"}
PAPERS = {"basis4": "EC4T", "shift1": "LightNN-1", "shift2": "LightNN-2", "flight": "FLightNN"}
#: The rows with fewer activation bits: name, SPEC, bits.
FEW_BITS = (("w4a4", "uniform4", 4), ("w2a2", "uniform2", 2), ("w1a2", "bipolar", 2))
#: What a row reports while the others go on: a command that fails or is missing, a library that does not open.
FAILURES = (build.BuildError, OSError, RuntimeError)
SECONDS = 0.1  # of a network in each round


@dataclass
class Lab:
    """What all measurements share."""

    options: object
    folder: Path
    images: Path  # .npy
    labels: np.ndarray
    samples: Path  # .npy
    last: str  # the last layer's name
    cases: dict  # NativeCase by a Net's id; timed at the end, in turn
    worker: Worker


def say(text):
    print(text, file=sys.stderr, flush=True)


def call(*arguments):
    """Runs a program; a BuildError says how it failed."""
    finished = command.run(arguments, seconds=1200)
    if finished.status != 0 or finished.fault:
        last = (finished.errors.strip().splitlines() or ["no message"])[-1]
        reason = finished.refusal or finished.fault or last
        raise build.BuildError(f"{Path(str(arguments[0])).name} {arguments[1]}: {reason}")


# ---- The rows ----------------------------------------------------------------


def rows_to_measure():
    """Each SPEC that there is, and the networks with fewer activation bits: (row, SPEC) by name."""
    found = {"float": (Row("float", "float32", None), None)}
    for spec in registry():
        bits = spec.removeprefix("uniform")
        note = PAPERS.get(spec) or (f"w{bits}a8" if bits.isdigit() else "")
        found[spec] = Row(spec, f"{spec} ({note})" if note else spec, 8), spec
    for name, spec, bits in FEW_BITS:
        found[name] = Row(name, f"{spec} ({name})", bits), spec
    return found


def chosen_rows(only):
    """The rows that --only names, or all."""
    found = rows_to_measure()
    if unknown := [name for name in only or [] if name not in found]:
        say(f"codings-table: error: there is no row '{unknown[0]}'; there are {', '.join(found)}")
        sys.exit(2)
    return [found[name] for name in found if only is None or name in only]


# ---- One network -------------------------------------------------------------


def accuracy(lab, runnable):
    """The percentage of images that a model or a compiled folder classifies right, by `sumac run`."""
    scores = lab.folder / "scores.npy"
    scores.unlink(missing_ok=True)
    call(lab.options.sumac, "run", runnable, "--input", lab.images, "-o", scores)
    return 100 * float((np.load(scores).argmax(1) == lab.labels).mean())


def mean_k(model):
    """The mean over filters of how many powers of two a weight needs; None unless all weights are such sums."""
    found = [weight_structure.find_shifts(weights) for weights, _ in weight_structure.weights_of(model)]
    return None if not found or None in found else float(np.concatenate([shifts.counts for shifts in found]).mean())


def measure(lab, name, path, has_shifts):
    """Inspects and compiles a quantized network, classifies the images with its code, and prepares its timing."""
    net = Net()
    try:
        report = lab.folder / f"{name}.json"
        call(lab.options.sumac, "inspect", path, "--json", report, "--quiet")
        inspected = json.loads(report.read_text())
        net.weights = [layer["weights"] for layer in inspected["layers"] if "weights" in layer]
        net.constant_bits = inspected["stored_bits"]
        net.mean_k = mean_k(onnx.load(path)) if has_shifts else None
        library, entry, _ = build.compile_net(lab.options.sumac, path, lab.options.cpu, lab.folder / name)
        net.accuracy = accuracy(lab, lab.folder / name)
        inputs, outputs = net.weights[0]["shape"][1], net.weights[-1]["shape"][0]
        case = sumac_case(lab.worker.drivers, library, entry, 1, inputs, outputs)
        case.x[:] = np.load(lab.images, mmap_mode="r")[:1]
        lab.cases[id(net)] = case
    except FAILURES as error:
        net.error = str(error)
    return net


def quantize(lab, row, spec):
    """What `sumac quantize` makes of the float network, as a file."""
    source, result = lab.options.float, lab.folder / f"{row.name}.onnx"
    options = ["--weights", spec, "--calibrate", lab.samples, "--bias-correction"]
    if spec.startswith("pool"):
        options += ["--layer", f"{lab.last}=uniform8"]
    if row.activation_bits < 8:
        source = with_bytes(lab)
        options += ["--activations", f"uint{row.activation_bits}"]
    call(lab.options.sumac, "quantize", source, *options, "-o", result)
    return result


def with_bytes(lab):
    """The float network behind a quantizer that takes pixels as they are: bytes. What has one gets no other."""
    path = lab.folder / "float-of-bytes.onnx"
    graph = Graph(onnx.load(lab.options.float))
    activations.insert(graph, graph.inputs[0].name, activations.ActivationGrid(np.float32(1 / 255), 8, signed=False))
    onnx.save(graph.build(), path)
    return path


def baselines():
    """How many of the 10000 images the networks without files classify right, by name."""
    return json.loads((MODELS / "baselines.json").read_text())


# ---- The float network -------------------------------------------------------


def measure_float(lab):
    """The float network: accuracy by its exact meaning, time in onnxruntime. Sumac compiles quantized ones only."""
    say("float: classifying the images exactly")
    layers = find_layers(Graph(onnx.load(lab.options.float)))[0]
    net = Net()
    for layer in layers:
        size, zeros = layer.matrix.size, int((layer.matrix == 0).sum())
        bits = accuracy_report.FLOAT_BITS * size
        net.weights.append(dict(coding="float32", shape=layer.matrix.shape, count=size, zeros=zeros, stored_bits=bits))
    try:
        net.accuracy = accuracy(lab, lab.options.float)
        lab.cases[id(net)] = float_case(lab, layers)
    except FAILURES as error:
        net.error = str(error)
    return net


def float_case(lab, layers):
    """The float network in onnxruntime, for one image: the driver wants its ports to be named x and y."""
    model = onnx.load(lab.options.float)
    ports = {model.graph.input[0].name: "x", model.graph.output[0].name: "y"}
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [ports.get(name, name) for name in names]
    for port in (model.graph.input[0], model.graph.output[0]):
        port.name = ports[port.name]
        port.type.tensor_type.shape.dim[0].dim_value = 1
    path = lab.folder / "float-onnxruntime.onnx"
    onnx.save(model, path)
    request = dict(
        driver="onnxruntime",
        library=wheel_file("onnxruntime", "capi/libonnxruntime.so.*"),
        model=str(path),
        mode="run",
        rows=1,
        inputs=layers[0].matrix.shape[1],
        outputs=layers[-1].matrix.shape[0],
    )
    case = NativeCase(lab.worker.drivers, request)
    case.x[:] = np.load(lab.images, mmap_mode="r")[:1]
    return case


# ---- All of it ---------------------------------------------------------------


def open_lab(options):
    """Writes the images, builds the drivers."""
    folder = (options.out / "accuracy").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = fashion_mnist.load("test", options.images)
    samples, _ = fashion_mnist.load("train", options.samples)
    np.save(folder / "images.npy", images)
    np.save(folder / "samples.npy", samples)
    last = find_layers(Graph(onnx.load(options.float)))[0][-1].name
    worker = Worker(str(build.drivers(folder)))
    return Lab(options, folder, folder / "images.npy", labels, folder / "samples.npy", last, {}, worker)


def measure_row(lab, row, spec):
    """Fills a row, all but the times."""
    if row.name == "float":
        row.quantized = measure_float(lab)
        return
    has_shifts = row.name in ("shift1", "shift2", "flight")
    say(f"{row.name}: quantizing, compiling, classifying")
    try:
        row.quantized = measure(lab, f"quantized-{row.name}", quantize(lab, row, spec), has_shifts)
    except FAILURES as error:
        row.quantized = Net(error=str(error))
    if row.name in TRAINED:
        row.trained_file = TRAINED[row.name]
        row.trained = measure(lab, f"trained-{row.name}", MODELS / row.trained_file, has_shifts)
    elif row.name in BASELINES and lab.options.images == 10000:
        row.trained = Net(accuracy=100 * baselines()[BASELINES[row.name]] / 10000)


def measure_times(lab, rows):
    """Times all networks, one call of one image each."""
    say(f"timing {len(lab.cases)} networks, {lab.options.rounds} rounds of {SECONDS} s each")
    best = lab.worker.best_times(lab.cases, lab.options.rounds, SECONDS)
    for row in rows:
        for net in row.nets:
            net.microseconds = best.get(id(net))


def source_of(options):
    """Where the float network comes from."""
    if not options.trained_here:
        return f"`{options.float}`"
    correct = baselines()["float"]
    return (
        "the baseline of the [example models](../examples/models/README.md), trained anew by its recipe\n"
        f"(when they were made, it classified {correct} of the 10000 images right)"
    )


def facts_of(lab):
    """What the figures were measured on and with."""
    processor, extensions = environment.processor()
    commit = ["git", "-C", environment.REPOSITORY, "rev-parse", "--short", "HEAD"]
    found = subprocess.run(commit, capture_output=True, text=True)
    return {
        "command": " ".join(["scripts/codings-table", *sys.argv[1:]]),
        "commit": found.stdout.strip() or "unknown",
        "source": source_of(lab.options),
        "images": lab.options.images,
        "samples": lab.options.samples,
        "rounds": lab.options.rounds,
        "last": lab.last,
        "machine": f"{processor} ({' '.join(extensions)}), {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "onnxruntime": version("onnxruntime"),
    }


def write(options, rows, criteria, facts):
    """Prints the tables and writes the files."""
    page = accuracy_report.page(rows, criteria, facts)
    if options.output:
        options.output.write_text(page)
        say(f"wrote {options.output}")
    else:
        print("\n".join([*accuracy_report.quantized_table(rows), "", *accuracy_report.trained_table(rows), ""]))
    if options.json:
        options.json.write_text(json.dumps(accuracy_report.as_json(rows, criteria, facts), indent=2) + "\n")
    from bench import plot  # matplotlib takes a while

    if plot.draw_accuracy(rows, options.plot):
        say(f"wrote {options.plot}")
    for criterion in criteria:
        figure = "-" if criterion.figure is None else f"{criterion.figure:.2f}"
        bound = f"{'at most' if criterion.at_most else 'at least'} {criterion.bound:g}"
        print(f"{criterion.verdict}: {criterion.goal}: {criterion.what}: {figure} ({bound})")


def main():
    options = accuracy_cli.parse()
    chosen = chosen_rows(options.only)
    if not options.sumac.exists():
        sys.exit(f"error: {options.sumac} is missing; scripts/build builds it")
    try:
        lab = open_lab(options)
    except FAILURES as error:
        sys.exit(f"error: {error}")
    facts = facts_of(lab)
    for row, spec in chosen:
        measure_row(lab, row, spec)
    rows = [row for row, _ in chosen]
    measure_times(lab, rows)
    write(options, rows, accuracy_report.goals(rows), facts)
    errors = [f"{row.name}: {net.error}" for row in rows for net in row.nets if net.error]
    for error in errors:
        say(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
