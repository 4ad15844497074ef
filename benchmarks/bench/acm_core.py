# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The accumulate-multiply core on the benchmark shapes of FantastIC4, beside the paper's figures.

    benchmarks/acm-core [--machine fantastic4] [--markdown docs/ACM/figures.md] [--json FILE]

Models are random and seeded: 4-bit weights, uint8 activations. Cycles and energy are those of `sumac compile --target acm`'s
report. A run's first cycles load the weights; the figures are those of a run that finds them on chip, as the next one would,
unless a column says "cold".
"""

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np

from bench import acm_models

ROOT = Path(__file__).resolve().parents[2]
SHAPES = {"MLP-GSC": (512, 512, 256, 256, 128, 128, 12), "LeNet-300-100": (784, 300, 100, 10)}
DENSITIES = (1.0, 0.1)
BATCHES = (1, 64)
FORMATS = ("dense", "csr", "bitmask", "all")
#: FantastIC4: peak throughput and power on an FPGA (XCVU440), and a 22 nm ASIC's efficiency.
PAPER_TOPS, PAPER_WATTS, PAPER_TOPS_PER_WATT = 2.45, 3.6, 20.17

HEADER = """\
# The accumulate-multiply core: figures

Written by `benchmarks/acm-core --markdown docs/ACM/figures.md`; do not edit.

"""
MODELLED = """\
## What is modelled, and what is not

- **Cycles** are those of [section 4](specification.md#4-cycles), which the [RTL](rtl.md) has, too, exactly. The clock is the
  description's: nothing was placed and routed, and the machine `fantastic4` was not synthesized. DRAM has a fixed latency and
  its full width in every cycle.
- **Operations** are dense-equivalent: 2 inputs outputs for each layer of the shape, zeros included; with sparse weights,
  utilization can pass 100 %. Peak is 2 rows lanes a cycle.
- **While executing** is from the cycle in which the first layer is begun to the last output's, weights on chip: stalls between
  layers, padding of shapes and the pipeline's drain count, loads of inputs and stores of outputs do not. **TOPS** is that
  utilization times the peak; **whole run** has the transfers of inputs and outputs, which do not overlap with execution.
- **Energy** is counted operations and accesses times a table ({node}; include/sumac/Simulator/ACM/Energy.h): additions of
  activations, the output stage, every access of a memory (codes are read anew for every image). Additions are counted by bits of codes that are 1; an activation
  of 0 costs as much as another.
- **Not in the energy**: leakage, the clock tree, registers and FIFOs, wires, the multiplexers of the gather (the crossbar that
  CSR and bitmask need), control, and DRAM (whose table figure would dwarf all else: {dram:.0f} nJ for a cold image of {dram_name}).
- **The paper's figures** are of other things: 2.45 TOPS is its peak, 3.6 W an FPGA's whole power, 20.17 TOPS/W a synthesized
  22 nm ASIC's. Ours are a 45 nm table's dynamic energy, not scaled to 22 nm. So the ratios compare orders of magnitude.
- **Models** are random: zeros are spread evenly, and every code that is not 0 is as frequent as another. Neurons that nothing reads are
  removed by the compiler, and still count as operations.
"""


def operations(shape):
    return 2 * sum(a * b for a, b in zip(shape, shape[1:]))


def compile_model(arguments, model, batch, formats, folder):
    """The report of a program."""
    command = [str(arguments.sumac), "compile", str(model), "--target", "acm", "--machine", arguments.machine, "--quiet"]
    command += ["--images", str(batch), "-o", str(folder)]
    if formats != "all":
        command += ["--formats", formats]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(command)}\n{result.stderr}")
    return json.loads((folder / "report.json").read_text())


def measure(arguments, folder):
    """A row for each shape, kind of weights, density, batch and choice of formats."""
    rows = []
    for name, shape in SHAPES.items():
        for kind in acm_models.KINDS:
            for density in DENSITIES:
                model = folder / "model.onnx"
                acm_models.write(model, shape, kind, density)
                for batch in BATCHES:
                    for formats in FORMATS:
                        report = compile_model(arguments, model, batch, formats, folder / "out")
                        rows.append(describe(name, kind, density, batch, formats, report))
    return rows


def describe(name, kind, density, batch, formats, report):
    kept = report.get("weights_on_chip")
    if kept is None:
        sys.exit(f"error: the weights of {name} do not fit the machine's memories")
    work = operations(SHAPES[name]) * batch
    peak, energy = report["peak_tops"], kept["energy"]
    seconds = kept["microseconds"] * 1e-6
    cycles_a_second = kept["cycles"] / seconds
    per_cycle = peak * 1e12 / cycles_a_second
    utilization = work / (per_cycle * kept["execute_cycles"])
    chip = energy["picojoules_per_image_on_chip"]
    return {
        "shape": name,
        "weights": kind,
        "density": density,
        "batch": batch,
        "formats": formats,
        "cold_cycles": report["cycles"],
        "cycles": kept["cycles"],
        "execute_cycles": kept["execute_cycles"],
        "utilization": utilization,
        "tops": utilization * peak,
        "run_tops": work / seconds * 1e-12,
        "microseconds": kept["microseconds"],
        "picojoules": chip,
        "tops_per_watt": work / batch / chip,
        "watts": chip * batch * 1e-12 / seconds,
        "node": energy["node"],
        "cold_dram_nanojoules": report["energy"]["picojoules"]["dram"] / batch / 1000,
        "stalls": kept["simulation"]["execute"],
        "layers": kept["layers"],
    }


def simulator_speed(arguments, folder):
    """Images a second that `sumac run` takes on LeNet-300-100, without what it takes to start; the best of three."""
    model, out = folder / "lenet.onnx", folder / "lenet"
    acm_models.write(model, SHAPES["LeNet-300-100"], "basis", 1.0)
    compile_model(arguments, model, 64, "all", out)
    images = np.random.default_rng(1).random((arguments.images, 784), np.float32)
    seconds = {}
    for count in (64, arguments.images):
        np.save(folder / "x.npy", images[:count])
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([arguments.sumac, "run", out, "--input", folder / "x.npy", "-o", folder / "y.npy"], check=True)
            times.append(time.perf_counter() - start)
        seconds[count] = min(times)
    return (arguments.images - 64) / (seconds[arguments.images] - seconds[64])


# What is printed


def table(rows):
    """Lines of a Markdown table."""
    lines = [
        "| weights | zeros | formats | cycles: cold, run, executing | utilization while executing | TOPS (of paper's) | whole run "
        "| latency µs | pJ an image | W | TOPS/W (of paper's) |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['weights']} | {1 - row['density']:.0%} | {row['formats']} "
            f"| {row['cold_cycles']}, {row['cycles']}, {row['execute_cycles']} | {row['utilization']:.1%} "
            f"| {row['tops']:.2f} ({row['tops'] / PAPER_TOPS:.2f}) | {row['run_tops']:.2f} | {row['microseconds']:.2f} "
            f"| {row['picojoules']:.0f} | {row['watts']:.2f} "
            f"| {row['tops_per_watt']:.2f} ({row['tops_per_watt'] / PAPER_TOPS_PER_WATT:.2f}) |"
        )
    return lines


def find(rows, **keys):
    return next(row for row in rows if all(row[key] == value for key, value in keys.items()))


def where_lost(row, slots):
    """Slots of steps that padding takes, and cycles without a step, by their cause."""
    stalls = row["stalls"]
    steps = stalls["step"]
    work = operations(SHAPES[row["shape"]]) * row["batch"] / 2
    causes = ("pending_input", "accumulators_taken", "pending_output")
    parts = [f"{stalls[cause]} {cause.replace('_', ' ')}" for cause in causes if stalls[cause]]
    rest = row["execute_cycles"] - steps - sum(stalls[cause] for cause in causes)
    return f"{steps} steps ({work / slots / steps:.1%} of peak, were there nothing else), " + ", ".join([*parts, f"{rest} begin and drain"])


def outputs_limit(row, machine):
    """Cycles that the output stage needs at least: it takes `outputs` outputs a cycle."""
    return row["batch"] * sum(layer["passes"] * -(-layer["outputs"] // machine["outputs"]) for layer in row["layers"])


def goals(rows, machine, speed):
    """Lines that say which goals are reached, and where the cycles are."""
    lines, slots = [], machine["rows"] * machine["lanes"]

    def add(reached, text):
        lines.append(f"- **{'reached' if reached else 'missed'}**: {text}")

    for batch, goal in ((64, 0.85), (1, 0.6)):
        for name in SHAPES:
            for kind in acm_models.KINDS:
                row = find(rows, shape=name, weights=kind, density=1.0, batch=batch, formats="dense")
                text = f"{name}, {kind}, dense, batch {batch}: {row['utilization']:.1%} of peak while executing (goal {goal:.0%})"
                add(row["utilization"] >= goal, f"{text}: {where_lost(row, slots)}")
    for name in SHAPES:
        for kind in acm_models.KINDS:
            for batch in BATCHES:
                keys = dict(shape=name, weights=kind, density=0.1, batch=batch)
                dense, csr = find(rows, formats="dense", **keys), find(rows, formats="csr", **keys)
                ratio = dense["execute_cycles"] / csr["execute_cycles"]
                text = f"{name}, {kind}, 90 % zeros, batch {batch}: CSR executes {ratio:.2f}x faster than dense (goal 4x): "
                text += f"{dense['execute_cycles']} cycles against {csr['execute_cycles']}: {where_lost(csr, slots)}; "
                add(ratio >= 4, text + f"the output stage alone needs {outputs_limit(csr, machine)}")
    if speed:
        text = f"the functional simulator takes {speed:.0f} images of LeNet-300-100 a second through `sumac run` (goal 2000)"
        add(speed >= 2000, f"{text}, one core of a busy machine")
    return lines


def describe_parts(layer):
    """How a layer's outputs are cut: "256 outputs of 1 row in 25 steps, 44 outputs of 4 rows in 7 steps"."""
    parts = [f"{part['outputs']} outputs of {part['fold']} row{'s' if part['fold'] > 1 else ''} in {part['cycles']} steps" for part in layer["parts"]]
    return ", ".join(parts)


def single_fold(machine, layer):
    """Steps of a layer whose outputs all have the same number of rows, the best of them."""
    words, steps = -(-layer["inputs"] // machine["lanes"]), []
    for fold in (2**k for k in range(machine["fold"].bit_length())):
        steps.append(-(-layer["outputs"] * fold // machine["rows"]) * -(-words // fold))
    return min(steps)


def why(rows, machine):
    """Where the cycles are that are no weights; figures are those of these rows."""
    slots = machine["rows"] * machine["lanes"]
    lenet = find(rows, shape="LeNet-300-100", weights="int4", density=1.0, batch=64, formats="dense")
    gsc = find(rows, shape="MLP-GSC", weights="int4", density=0.1, batch=64, formats="csr")
    single = find(rows, shape="MLP-GSC", weights="int4", density=0.1, batch=1, formats="csr")
    dense = find(rows, shape="MLP-GSC", weights="int4", density=0.1, batch=1, formats="dense")
    ideal = operations(SHAPES["MLP-GSC"]) / 2 * 0.1 / slots
    first, second, third = lenet["layers"]
    text = f"""\
- **LeNet-300-100, dense**: the pipeline does not stall at batch 64; the shape does not fill the slots. {first['inputs']} inputs and 300 outputs
  need {784 * 300 / slots:.1f} steps and take {first['cycles']}: {describe_parts(first)}. One fold for all outputs takes {single_fold(machine, first)} at least. 300 x 100 need
  {300 * 100 / slots:.1f} and take {second['cycles']}, 100 x 10 need {100 * 10 / slots:.1f} and take {third['cycles']}.
- **CSR, batch 64**: a sweep cannot be shorter than its beats of {machine['outputs']} outputs, however few weights it has. MLP-GSC
  executes in {gsc['execute_cycles']} cycles, of which the output stage alone needs {outputs_limit(gsc, machine)}; its steps are {gsc['stalls']['step']}, as rows march together
  and the fullest one counts.
- **CSR, batch 1**: after a layer's last step, the next layer waits until its input is written ("pending input":
  {single['stalls']['pending_input']} of MLP-GSC's {single['execute_cycles']} cycles), and CSR, unlike dense, waits for the whole line. Without a single stall its weights would
  take {ideal:.1f} cycles: layers are too small for latency to be hidden in one image. Dense takes {dense['stalls']['step']} steps and {dense['stalls']['pending_input']} cycles of waiting.
"""
    bullets = [" ".join(bullet.split()) for bullet in text.split("- **")[1:]]
    bullets = [textwrap.fill(f"- **{bullet}", 125, subsequent_indent="  ", break_on_hyphens=False) for bullet in bullets]
    return "\n".join(["Where cycles are that are no weights:", "", *bullets, ""])


def page(rows, machine, speed):
    text = [HEADER.rstrip("\n"), ""]
    text.append(
        f"Machine `{machine['name']}`: {2 * machine['rows'] * machine['lanes']} operations a cycle at {machine['clock_mhz']} MHz, "
        f"{2e-6 * machine['rows'] * machine['lanes'] * machine['clock_mhz']:.3f} TOPS. Beside it FantastIC4's {PAPER_TOPS} TOPS "
        f"at {PAPER_WATTS} W (FPGA) and {PAPER_TOPS_PER_WATT} TOPS/W (22 nm ASIC): ratios are in parentheses."
    )
    text += ["", "## Goals", "", *goals(rows, machine, speed), "", why(rows, machine)]
    for name, shape in SHAPES.items():
        for batch in BATCHES:
            some = [row for row in rows if row["shape"] == name and row["batch"] == batch]
            text += [f"## {name}: {'-'.join(map(str, shape))}, batch {batch}", "", *table(some), ""]
    cold = find(rows, shape="MLP-GSC", weights="int4", density=1.0, batch=1, formats="dense")
    text.append(MODELLED.format(node=cold["node"], dram=cold["cold_dram_nanojoules"], dram_name="MLP-GSC"))
    return "\n".join(text)


def read_machine(name):
    path = ROOT / f"lib/ACM/Machines/{name}.json"
    return json.loads((path if path.exists() else Path(name)).read_text())


def parse():
    parser = argparse.ArgumentParser(
        prog="benchmarks/acm-core", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sumac", type=Path, default=ROOT / "build/bin/sumac", help="the compiler (default: build/bin/sumac)")
    parser.add_argument("--machine", default="fantastic4", help="a preset or a JSON file (default: fantastic4)")
    parser.add_argument("--images", type=int, default=20000, help="of the functional simulator's timing; 0: none (default: 20000)")
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    parser.add_argument("--markdown", type=Path, help="write the page to a file")
    return parser.parse_args()


def main():
    arguments = parse()
    machine = read_machine(arguments.machine)
    with tempfile.TemporaryDirectory(prefix="sumac-acm-") as folder:
        rows = measure(arguments, Path(folder))
        speed = simulator_speed(arguments, Path(folder)) if arguments.images > 64 else None
    text = page(rows, machine, speed)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "images_per_second": speed}, indent=2) + "\n")


if __name__ == "__main__":
    main()
