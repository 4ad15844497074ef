# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random models through the real `sumac run`, on every target, against the exact evaluation in Python.

    python -m sumac.testing.differential --nets 30 --layers 200 --seed 1
    python -m sumac.testing.differential --nets 500 --layers 20000 --cpu native,x86-64-v3,x86-64 --keep /tmp/differences
    python -m sumac.testing.differential --nets 0 --planes 2000

Every output of every model must be equal, bit for bit, for the exact evaluation, the interpreter and the CPU back end.
With --planes, layers of bit planes and of pools use a random number of bit planes of their activations: the exact
evaluation is that of truncated codes then, or of all for a layer that cannot have the form.
A model that a target refuses counts as refused, with its reason; refusals of one kind are shown once. The last line is
the sum; the exit status is 1 if anything differed or broke.
"""

import argparse
import collections
import json
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx

from sumac.testing import command
from sumac.testing.exact_graph import evaluate
from sumac.testing.planes import PLANE_FORMS, truncate_inputs
from sumac.testing.random_codings import FORMS, STORAGES, coded_layers
from sumac.testing.random_models import random_layers, random_net
from sumac.testing.random_nets import STYLES
from sumac.testing.reals import Undecided


@dataclass
class Outcome:
    """What became of one model. `differences` and `faults` say what was wrong, `refusals` maps targets to reasons."""

    label: str
    layers: int = 0
    numbers: int = 0
    differences: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    undecided: bool = False


def first_difference(expected, actual):
    """Where two sets of outputs differ, in words; None where they are equal."""
    for name, y in expected.items():
        other = actual.get(name)
        if other is None:
            return f"no output '{name}', but {sorted(actual)}"
        if other.shape != y.shape or other.dtype != y.dtype:
            return f"'{name}' is {other.dtype}{list(other.shape)}, expected {y.dtype}{list(y.shape)}"
        wrong = np.argwhere(~((other == y) | ((other != other) & (y != y))))
        if len(wrong):
            where = tuple(int(i) for i in wrong[0])
            return f"{len(wrong)} of {y.size} numbers of '{name}', at {list(where)} {other[where]!r}, expected {y[where]!r}"
    return None


def verify(sumac, folder, case, options, outcome):
    """`sumac verify` on a case: the integers of each target and of the interpreter at the integer level."""
    onnx.save(case.model, Path(folder) / "model.onnx")
    path = Path(folder) / "model.onnx"
    inputs = command.write_inputs(folder, case.inputs)
    finished = command.run([sumac, "verify", path, *inputs, "--targets", "cpu", *options], 300)
    wrong = [line.strip() for line in finished.output.splitlines() if re.search(r"[1-9]\d* of \d+ \w+ differ", line)]
    if wrong:
        outcome.differences.append(f"verify: {'; '.join(wrong)}")
    elif finished.refusal:
        outcome.refusals["verify"] = finished.refusal
    elif finished.fault or finished.status:
        outcome.faults.append(f"verify: {finished.fault or finished.errors}")


def check(sumac, case, label, targets, keep=None, verifies=False, truncated=None):
    """Runs one case on every target. `targets` maps a name to options of `sumac run`.

    With `truncated`, inputs on which the outputs of layers are those of fewer bit planes: which layers these are, the
    first target, the interpreter, says.
    """
    outcome = Outcome(label, case.layers)
    try:
        expected = evaluate(case.model, case.inputs)
        fewer = evaluate(case.model, truncated) if truncated else {}
    except Undecided:
        outcome.undecided = True
        return outcome
    outcome.numbers = sum(y.size for y in expected.values())
    with tempfile.TemporaryDirectory(prefix="sumac-differential-") as folder:
        for target, options in targets.items():
            finished, outputs = command.run_model(sumac, folder, case.model, case.inputs, options)
            if finished.fault:
                outcome.faults.append(f"{target}: {finished.fault}")
                continue
            if outputs is None:
                outcome.refusals[target] = finished.refusal or f"status {finished.status}"
                continue
            if truncated and target == "interp":
                equal = [name for name, y in fewer.items() if not first_difference({name: y}, outputs)]
                expected |= {name: fewer[name] for name in equal}
            if difference := first_difference(expected, outputs):
                outcome.differences.append(f"{target}: {difference}")
        if verifies:
            verify(sumac, folder, case, [o for options in targets.values() for o in options[2:]], outcome)
        if keep and (outcome.differences or outcome.faults):
            kept = Path(keep) / label.replace(" ", "-")
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            np.savez(kept / "expected.npz", **expected)
    return outcome


def compare_codings(sumac, case, made):
    """Where the compiler's codings need more bits than those that the weights were made from."""
    with tempfile.TemporaryDirectory(prefix="sumac-differential-") as folder:
        path, report = Path(folder) / "model.onnx", Path(folder) / "report.json"
        onnx.save(case.model, path)
        finished = command.run([sumac, "inspect", path, "--json", report], 300)
        if finished.status:
            return [f"inspect: {finished.errors}"]
        layers = [layer for layer in json.loads(report.read_text())["layers"] if "weights" in layer]
    problems = []
    for number, (layer, coded) in enumerate(zip(layers, made, strict=True)):
        weights = layer["weights"]
        if "pool" not in (coded.kind, weights["coding"].rstrip("0123456789")) and weights["stored_bits"] > coded.bits:
            problems.append(f"layer {number}: {weights['coding']} of {weights['stored_bits']} bits, made as {coded.kind} of {coded.bits}")
    return problems


def check_planes(sumac, seed, number, layers, targets, *rest):
    """Layers of one form, with a number of bit planes that is chosen when compiling; a few layers are compiled to code
    that is told the number as well, which runs with all numbers.
    """
    form, most = list(PLANE_FORMS.items())[number % len(PLANE_FORMS)]
    # Every sixth model of coded layers has a pool.
    model = 6 * number + (number % 5 if form == "bit_planes" else 5)
    case, _ = coded_layers(seed, model, layers)
    planes = int(np.random.default_rng([seed, number]).integers(1, 9))
    form = ["--form", f"*={form}"]
    targets = {name: [*own, *form, "--planes", str(planes)] for name, own in targets.items()}
    truncated = truncate_inputs(case.model, case.inputs, planes, most)
    outcome = check(sumac, case, f"planes {seed} {number}", targets, *rest, truncated=truncated)
    few, _ = coded_layers(seed, model, 2)
    outcome.layers += few.layers
    with tempfile.TemporaryDirectory(prefix="sumac-differential-") as folder:
        verify(sumac, folder, few, [*form, "--planes", "argument"], outcome)
    return outcome


def run_job(job):
    sumac, kind, seed, number, layers, *rest = job
    if kind == "planes":
        return check_planes(sumac, seed, number, layers, *rest)
    if kind == "coded":
        case, made = coded_layers(seed, number, layers)
        outcome = check(sumac, case, f"{kind} {seed} {number}", *rest)
        outcome.differences.extend(compare_codings(sumac, case, made))
        return outcome
    case = random_net(seed, number) if kind == "net" else random_layers(seed, number, layers)
    return check(sumac, case, f"{kind} {seed} {number} {case.style}", *rest)


def targets_of(cpus, interpreter=True):
    """The options of `sumac run` for the interpreter and for each processor named."""
    targets = {"interp": ["--target", "interp"]} if interpreter else {}
    for cpu in cpus:
        targets[f"cpu {cpu}"] = ["--target", "cpu", "--cpu", cpu]
    return targets


def kind_of(reason):
    """A reason without the names and numbers of one model."""
    return re.sub(r"\d+", "N", re.sub(r"'[^']*'", "'...'", reason.split("loc(")[0]))[:160]


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.differential",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser, layers_per_model=50)
    parser.add_argument("--nets", "--count", type=int, default=30, help="how many random nets (default: 30)")
    parser.add_argument("--layers", type=int, default=0, help="how many random layers, beside the nets (default: 0)")
    parser.add_argument("--coded", type=int, default=0, help="how many layers whose weights have a coding (default: 0)")
    parser.add_argument("--planes", type=int, default=0, help="how many layers with a number of bit planes (default: 0)")
    parser.add_argument("--cpu", default="native", help="processors for --target cpu, with commas (default: native)")
    parser.add_argument("--rotate", action="store_true", help="run each model on one of the processors, in turn")
    parser.add_argument("--verify", action="store_true", help="run `sumac verify` too")
    return parser.parse_args()


def add_arguments(parser, layers_per_model):
    """What every differential test can be told."""
    parser.add_argument("--sumac", help="the program (default: build/bin/sumac)")
    parser.add_argument("--seed", type=int, default=1, help="of all random numbers (default: 1)")
    parser.add_argument(
        "--layers-per-model", type=int, default=layers_per_model, metavar="N", help="(default: %(default)s)"
    )
    parser.add_argument("--first", type=int, default=0, help="the number of the first model (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, help="models at a time (default: 2)")
    parser.add_argument("--keep", metavar="DIR", help="where models that differ are kept")


def report(outcomes, seconds):
    """Prints the sum; gives whether all was equal."""
    total = collections.Counter()
    reasons, examples = collections.Counter(), {}
    for o in outcomes:
        total["models"] += 1
        total["undecided"] += o.undecided
        compared = not o.undecided and "interp" not in o.refusals
        total["layers"] += o.layers if compared else 0
        total["layers everywhere"] += 0 if o.undecided or o.refusals else o.layers
        total["numbers"] += o.numbers if compared else 0
        total["different"] += bool(o.differences)
        total["broken"] += bool(o.faults)
        total["refused"] += bool(o.refusals)
        kinds = {(target.split()[0], kind_of(reason)) for target, reason in o.refusals.items()}
        reasons.update(kinds)
        examples.update({kind: o.label for kind in kinds})
    for (target, reason), count in reasons.most_common():
        print(f"refused {count} times by {target} ({examples[target, reason]}): {reason}")
    print(
        f"{total['models']} models with {total['layers']} layers ({total['layers everywhere']} on all targets),"
        f" {total['numbers']} numbers compared:"
        f" {total['different']} models differ, {total['broken']} broke, {total['refused']} refused somewhere,"
        f" {total['undecided']} too close to decide; {seconds:.0f} s"
    )
    return not total["different"] and not total["broken"]


def run_all(run_job, jobs, workers):
    """Runs all jobs, prints what is wrong with each and the sum; gives whether all was equal."""
    start, outcomes = time.time(), []
    with ProcessPoolExecutor(workers) as pool:
        for outcome in pool.map(run_job, jobs):
            outcomes.append(outcome)
            for problem in outcome.differences + outcome.faults:
                print(f"{outcome.label}: {problem}", flush=True)
            if sys.stderr.isatty():
                print(f"\r{len(outcomes)} of {len(jobs)}", end="", file=sys.stderr)
    return report(outcomes, time.time() - start)


def main():
    arguments = parse_arguments()
    sumac = command.find_sumac(arguments.sumac)
    cpus = [cpu for cpu in arguments.cpu.split(",") if cpu]
    choices = [targets_of([cpu]) for cpu in cpus] if arguments.rotate else [targets_of(cpus)]
    if arguments.keep:
        Path(arguments.keep).mkdir(parents=True, exist_ok=True)
    per_model, seed = arguments.layers_per_model, arguments.seed
    keep, verifies = arguments.keep, arguments.verify

    def job(kind, number, layers):
        return sumac, kind, seed, number, layers, choices[number // len(STYLES) % len(choices)], keep, verifies

    def coded(number):
        _, kind, _, _, layers, targets, *rest = job("coded", number, per_model)
        form, storage = FORMS[number % len(FORMS)], STORAGES[number // 2 % len(STORAGES)]
        options = ["--form", f"*={form}"] if form else []
        options += ["--storage", f"*={storage}"] if storage else []
        return sumac, kind, seed, number, layers, {name: [*own, *options] for name, own in targets.items()}, *rest

    jobs = [job("net", arguments.first + i, 0) for i in range(arguments.nets)]
    jobs += [job("layers", arguments.first + i, per_model) for i in range(-(-arguments.layers // per_model))]
    jobs += [coded(arguments.first + i) for i in range(-(-arguments.coded // per_model))]
    jobs += [job("planes", arguments.first + i, per_model) for i in range(-(-arguments.planes // per_model))]
    sys.exit(0 if run_all(run_job, jobs, arguments.jobs) else 1)


if __name__ == "__main__":
    main()
