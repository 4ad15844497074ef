# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's own node cases through the real `sumac run`: those of the onnx wheel and of Debian's libonnx-testdata.

    python -m sumac.testing.node_cases --table docs/onnx-node-cases.md
    python -m sumac.testing.node_cases --only 'Gemm|QuantizeLinear' --source wheel

A case runs as it is written and, if that is refused, with all inputs but the first (or all but the last) turned into
constants, since a compiler wants weights and scales so. It passes if the results are equal to the exact evaluation
(sumac.testing.exact_graph) where that has rules for it, and within the case's own tolerance of its expectation, which
was computed in float32; it is refused if the command ends with status 1 and an error. All else has failed. The last line
is the sum; the exit status is 1 if anything failed.
"""

import argparse
import collections
import json
import re
import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from sumac.testing import command
from sumac.testing.differential import kind_of
from sumac.testing.exact_graph import evaluate
from sumac.testing.quantizers import RANGES

TEST_DATA = Path("/usr/share/libonnx-testdata/data")

#: The standard operators that the compiler reads (the issue's list), by what they are for.
LISTED = {
    "Quantization": "QuantizeLinear DequantizeLinear QLinearMatMul MatMulInteger",
    "Layers": "Gemm MatMul BatchNormalization",
    "Activations": "Relu LeakyRelu Clip Sigmoid Tanh Softmax ArgMax TopK",
    "Arithmetic": "Add Sub Mul Div Pow",
    "Moving numbers": "Concat Flatten Reshape Transpose Squeeze Unsqueeze Identity Dropout Cast",
    "Shape chains": "Shape Gather Constant",
}
LISTED_OPS = {op for ops in LISTED.values() for op in ops.split()}

#: Types that NumPy's files hold (bfloat16 as two plain bytes).
STORED = set("bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 bfloat16".split())


@dataclass
class Case:
    """One case: the model and a list of (inputs, expected outputs) in the graph's order."""

    source: str
    name: str
    model: onnx.ModelProto
    data: list
    rtol: float
    atol: float

    @property
    def operators(self):
        return sorted({(f"{n.domain}." if n.domain else "") + n.op_type for n in self.model.graph.node})


@dataclass
class Outcome:
    source: str
    name: str
    operators: list
    result: str  # "passed", "refused" or "failed"
    how: str = ""  # "as written" or "with constants"
    reason: str = ""
    exact: bool = False  # equal to the exact evaluation
    targets: str = ""  # what ran it


def wheel_cases():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    return [
        Case("wheel", c.name, c.model, [tuple(map(_arrays, data)) for data in c.data_sets], c.rtol, c.atol) for c in found
    ]


def _arrays(values):
    """Tensors as arrays; None for sequences, optionals and texts."""
    arrays = [numpy_helper.to_array(v) if isinstance(v, onnx.TensorProto) else v for v in values]
    return [np.asarray(a) if hasattr(a, "dtype") and a.dtype != object else None for a in arrays]


def _read_value(path, declared):
    data = path.read_bytes()
    if declared.type.WhichOneof("value") != "tensor_type":
        return None
    return numpy_helper.to_array(TensorProto.FromString(data))


def debian_cases():
    cases = []
    for folder in sorted(p for kind in ("node", "simple", "pytorch-*") for p in TEST_DATA.glob(f"{kind}/test_*")):
        model = onnx.load(folder / "model.onnx")
        data = []
        for part in sorted(folder.glob("test_data_set_*")):
            sets = [
                [_read_value(part / f"{kind}_{i}.pb", v) for i, v in enumerate(values) if (part / f"{kind}_{i}.pb").exists()]
                for kind, values in (("input", _given(model)), ("output", model.graph.output))
            ]
            data.append(tuple(sets))
        cases.append(Case("Debian", folder.name, model, data, 1e-3, 1e-5 if "pytorch" in folder.parent.name else 1e-7))
    return cases


def _given(model):
    constants = {tensor.name for tensor in model.graph.initializer}
    return [v for v in model.graph.input if v.name not in constants]


# ---- Running one case --------------------------------------------------------


def bind(model, inputs, kept):
    """The model with all inputs but one as initializers."""
    bound = onnx.ModelProto()
    bound.CopyFrom(model)
    for name, array in inputs.items():
        if name != kept and array is not None:
            kind = next(v.type.tensor_type.elem_type for v in model.graph.input if v.name == name)
            tensor = numpy_helper.from_array(np.asarray(array), name)
            if tensor.data_type == kind:
                bound.graph.initializer.append(tensor)
    constants = {tensor.name for tensor in bound.graph.initializer}
    rest = [v for v in bound.graph.input if v.name not in constants]
    del bound.graph.input[:]
    bound.graph.input.extend(rest)
    return bound, {v.name: inputs[v.name] for v in rest}


def stored(array):
    """An array that NumPy's files can hold, or None."""
    if array is None:
        return None
    if array.dtype.name not in STORED:
        return None
    return array.view("V2") if array.dtype.name == "bfloat16" else array


def _plain(array):
    array = np.asarray(array)
    return array if array.dtype.kind in "biuf" else array.astype(np.float64)


def undefined(case, inputs):
    """Where a Cast's result is left open by ONNX: numbers beyond an integer type, and NaN."""
    if case.operators not in (["Cast"], ["CastLike"]):
        return False
    (x, *_), kind = inputs.values(), case.model.graph.output[0].type.tensor_type.elem_type
    if kind not in RANGES:
        return False
    low, high = RANGES[kind]
    x = _plain(x)
    return ~((x > low - 1) & (x < high + 1))


def close(case, inputs, actual, expected):
    """Why the outputs are not what the case expects, or None."""
    ignored = undefined(case, inputs)
    for name, want in expected.items():
        got, want = actual.get(name), np.asarray(want)
        if got is None:
            return f"no output '{name}'"
        if got.dtype.kind == "V":
            got = got.view(ml_dtypes.bfloat16)
            want = want.view(ml_dtypes.bfloat16) if want.dtype == np.uint16 else want  # as old files have it
        if got.shape != want.shape:
            return f"'{name}' has shape {list(got.shape)}, expected {list(want.shape)}"
        if want.dtype != got.dtype and want.dtype.name in STORED:
            return f"'{name}' is {got.dtype}, expected {want.dtype}"
        rounding = 2.0**-8 if want.dtype.name == "bfloat16" else 0
        got, want = _plain(got), _plain(want)
        if any(np.isnan(_plain(x)).any() for x in inputs.values()):
            want = np.where(np.isnan(want), -np.inf, want)  # NaN means minus infinity to Sumac
        near = np.isclose(got, want, rtol=case.rtol + rounding, atol=case.atol, equal_nan=True) | ignored
        if not near.all():
            at = tuple(int(i) for i in np.argwhere(~near)[0])
            return f"'{name}' at {list(at)} is {got[at]}, expected {want[at]}"
    return None


def exact_outputs(model, inputs):
    """What the exact evaluation gives, or None where it has no rules."""
    if any(np.size(x) > 3000 for x in inputs.values()):
        return None
    try:
        return evaluate(model, inputs)
    except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError, IndexError, NotImplementedError):
        return None


def same(actual, exact):
    return all(
        name in actual and actual[name].shape == y.shape and bool(np.all((actual[name] == y) | (y != y)))
        for name, y in exact.items()
    )


def attempt(sumac, case, model, inputs, expected, target):
    """(result, reason, exact) of one run."""
    arrays = {name: stored(x) for name, x in inputs.items()}
    unfit = [name for name, x in arrays.items() if x is None]
    with tempfile.TemporaryDirectory(prefix="sumac-node-") as folder:
        if unfit or not arrays:
            path = Path(folder) / "model.onnx"
            path.write_bytes(model.SerializeToString())
            finished = command.run([sumac, "compile", path, "--compile-to", "model"], 60)
            if finished.status == 0:
                why = f"'{unfit[0]}' has a type that .npy files do not hold" if unfit else "nothing to run it on"
                return "refused", f"read, but not run: {why}", False
            outputs = None
        else:
            finished, outputs = command.run_model(sumac, folder, model, arrays, ["--target", target], 60)
    if finished.fault:
        return "failed", finished.fault, False
    if outputs is None:
        if finished.refusal is None:
            return "failed", f"status {finished.status}: {finished.errors[:200]}", False
        return "refused", finished.refusal, False
    exact = exact_outputs(model, inputs)
    is_exact = exact is not None and same(outputs, exact)
    problem = close(case, inputs, outputs, expected)
    if problem and not is_exact:
        return "failed", problem, False
    return "passed", f"exact where the case's float32 is not: {problem}" if problem else "", is_exact


def variants(model, inputs):
    yield "as written", model, inputs
    names = list(inputs)
    # Sequences and optional values cannot be initializers.
    if len(names) > 1 and all(hasattr(value, "dtype") for value in inputs.values()):
        for kept in (names[0], names[-1]):
            yield "with constants", *bind(model, inputs, kept)


def run_case(job):
    sumac, case, targets = job
    outcome = Outcome(case.source, case.name, case.operators, "refused", reason="the case has no data")
    for inputs, outputs in case.data:
        inputs = dict(zip((v.name for v in _given(case.model)), inputs))
        expected = dict(zip((v.name for v in case.model.graph.output), outputs))
        if any(value is None for value in expected.values()):
            expected = {}
        for how, model, given in variants(case.model, inputs):
            result, reason, exact = attempt(sumac, case, model, given, expected, targets[0])
            if outcome.how != "with constants" or result != "refused":
                outcome.result, outcome.reason, outcome.exact, outcome.how = result, reason, exact, how
            if result != "refused":
                break
        if outcome.result != "passed":
            break
        outcome.targets = targets[0]
        for target in targets[1:]:
            result, reason, _ = attempt(sumac, case, model, given, expected, target)
            if result == "passed":
                outcome.targets += f", {target}"
            elif result == "failed":
                outcome.result, outcome.reason = "failed", f"{target}: {reason}"
    return outcome


# ---- Reports -----------------------------------------------------------------


def group_of(outcome):
    """The listed operator that the case is for, 'models of several' or None for other operators."""
    if not outcome.operators or not set(outcome.operators) <= LISTED_OPS:
        return None
    return outcome.operators[0] if len(outcome.operators) == 1 else "several of them"


def count(outcomes):
    counted = collections.Counter(o.result for o in outcomes)
    return counted["passed"], counted["refused"], counted["failed"]


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def reasons_of(outcomes):
    """The reasons of refusal, without names and numbers, each with its number of cases."""
    reasons = collections.Counter(kind_of(o.reason) for o in outcomes if o.result == "refused")
    return "; ".join(f"{n} x {cell(reason)}" for reason, n in reasons.most_common())


def table(outcomes, version):
    groups = collections.defaultdict(list)
    for o in outcomes:
        groups[group_of(o)].append(o)
    lines = [
        "<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->",
        "<!-- Written by python -m sumac.testing.node_cases --table; do not edit. -->",
        "# ONNX's node cases",
        "",
        f"The node cases of the onnx wheel, version {version}, and of Debian's libonnx-testdata, run by `sumac run`. A case",
        "runs as it is written or, where that is refused, with all inputs but one as constants (column *constants*), since",
        "a compiler wants weights and scales so. *Passed*: within the case's own tolerance of its expectation, which",
        "ONNX computed in float32, or equal to the exact meaning where the expectation is not; *exact*: of those, how many",
        "are equal to the exact evaluation in Python, bit for bit; *cpu*: how many the CPU back end ran too, with the",
        "same result. A refused case ended with status 1 and the error that is quoted, without the case's names and numbers.",
        "NaN inputs mean minus infinity to Sumac and are compared so; what a Cast to integers makes of NaN and of numbers",
        "beyond the type is left open by ONNX and not compared.",
        "",
        "| operator | cases | passed | constants | exact | cpu | refused | failed | refused because |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, ops in LISTED.items():
        for op in ops.split() + (["several of them"] if kind == "Shape chains" else []):
            cases = groups.get(op, [])
            passed, refused, failed = count(cases)
            good = [o for o in cases if o.result == "passed"]
            bound, exact = sum(o.how == "with constants" for o in good), sum(o.exact for o in good)
            cpu = sum("cpu" in o.targets for o in good)
            row = (op, len(cases), passed, bound, exact, cpu, refused, failed, reasons_of(cases))
            lines.append("| " + " | ".join(map(str, row)) + " |")
    others = groups[None]
    passed, refused, failed = count(others)
    listed = [o for o in outcomes if group_of(o) is not None]
    total = count(listed)
    lines += [
        "",
        f"Together {len(listed)} cases: {total[0]} passed, {total[1]} refused, {total[2]} failed.",
        "",
        "## All other operators",
        "",
        f"Of {len(others)} cases that hold other operators {passed} passed, {refused} were refused and {failed} failed.",
        "The commonest reasons:",
        "",
    ]
    reasons = collections.Counter(kind_of(o.reason) for o in others if o.result == "refused")
    lines += [f"- {n} x {cell(reason)}" for reason, n in reasons.most_common(12)]
    bad = [o for o in outcomes if o.result == "failed"]
    if bad:
        lines += ["", "## Failed", ""]
        lines += [f"- {o.name} ({o.source}): {cell(o.reason)}" for o in bad]
    return "\n".join(lines) + "\n"


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.node_cases",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sumac", help="the program (default: build/bin/sumac)")
    parser.add_argument("--source", choices=["wheel", "debian", "both"], default="both")
    parser.add_argument("--listed", action="store_true", help="only cases all of whose operators the compiler lists")
    parser.add_argument("--only", metavar="REGEX", help="only cases with an operator or a name that matches in full")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth case")
    parser.add_argument("--targets", default="interp,cpu", help="with commas; the first decides (default: interp,cpu)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", metavar="FILE", help="write every case's outcome")
    parser.add_argument("--table", metavar="FILE", help="write the table in Markdown")
    return parser.parse_args()


def select(arguments):
    cases = wheel_cases() if arguments.source != "debian" else []
    if arguments.source != "wheel" and TEST_DATA.is_dir():
        cases += debian_cases()
    elif arguments.source == "debian":
        sys.exit(f"error: {TEST_DATA} is missing; install libonnx-testdata")
    if arguments.listed:
        cases = [c for c in cases if c.operators and set(c.operators) <= LISTED_OPS]
    if arguments.only:
        wanted = re.compile(arguments.only)
        cases = [c for c in cases if any(wanted.fullmatch(text) for text in (c.name, *c.operators))]
    return cases[:: arguments.every]


def main():
    arguments = parse_arguments()
    sumac = command.find_sumac(arguments.sumac)
    targets = arguments.targets.split(",")
    cases = select(arguments)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(run_case, [(sumac, case, targets) for case in cases], chunksize=8))
    for o in outcomes:
        if o.result == "failed":
            print(f"{o.name} ({o.source}, {', '.join(o.operators)}): {o.reason}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps([asdict(o) for o in outcomes], indent=1))
    if arguments.table:
        Path(arguments.table).write_text(table(outcomes, onnx.__version__))
    passed, refused, failed = count(outcomes)
    print(f"{len(outcomes)} cases: {passed} passed, {refused} refused with a reason, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
