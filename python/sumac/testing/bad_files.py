# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bad models and bad inputs through the real `sumac` command.

    python -m sumac.testing.bad_files
    python -m sumac.testing.bad_files --only scale --random 500

Each must end with status 1 and exactly one error (or the list of unsupported nodes, an error a node), by no signal,
within the memory and time given, and with nothing written. Three files are odd but good and must be taken: among them a
chain of 10 000 nodes. The last line is the sum; the exit status is 1 if anything was wrong.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from sumac.testing import bad_constants, bad_graphs, command  # noqa: F401 (the first two fill BAD)
from sumac.testing.bad_corpus import BAD, Bad, good_models, tiny_net

SECONDS, MEMORY_MIB = 30, 1024


def listing(folder):
    """All files below a folder with size and time, to see what a command writes."""
    return sorted((str(p), p.lstat().st_size, p.lstat().st_mtime_ns) for p in Path(folder).rglob("*"))


def problem_of(finished, expectation):
    """What is wrong with how the command ended, or None. `expectation`: one error, several, or none."""
    if finished.fault:
        return finished.fault
    if finished.peak_mib > MEMORY_MIB:
        return f"took {finished.peak_mib} MiB"
    if expectation == "good":
        return None if finished.status == 0 else f"refused: {finished.errors[:300]}"
    if finished.status != 1:
        return f"status {finished.status}"
    errors = [line for line in finished.errors.splitlines() if "error: " in line]
    if expectation == "one error" and len(errors) != 1:
        return f"{len(errors)} errors: {finished.errors[:300]}"
    text = errors[0].split("error: ", 1)[1]
    if len(text) > 600 or text.rstrip().endswith(".") or not re.search(r"\w \w", text):
        return f"an unclear error: {text[:300]}"
    if re.search(r"std::|0x[0-9a-f]{8}|LLVM ERROR|unreachable", text):
        return f"an error that shows the inside: {text[:300]}"
    return None


def commands(sumac, bad, folder):
    """The commands to try on one bad model: compile, inspect and, where it has inputs, run."""
    model, out = folder / "model.onnx", folder / "out"
    yield "compile", [sumac, "compile", model, "--target", "cpu", "-o", out]
    if bad.inspect:
        yield "inspect", [sumac, "inspect", model]
    inputs = [option for path in sorted(folder.glob("input*.npy")) for option in ("--input", path)]
    if inputs:
        yield "run", [sumac, "run", model, *inputs, "-o", folder / "y.npy"]


def check(sumac, bad, only_run=False):
    """Runs the commands on one bad model; gives problems as text and the first error seen."""
    problems, message = [], ""
    with tempfile.TemporaryDirectory(prefix="sumac-bad-") as name:
        folder = Path(name) / "folder"
        folder.mkdir()
        bad.write(folder)
        for what, arguments in commands(sumac, bad, folder):
            if only_run and what != "run":
                continue
            before = listing(name)
            finished = command.run(arguments, SECONDS, cwd=folder)
            problem = problem_of(finished, bad.expectation)
            if problem is None and bad.expectation != "good" and listing(name) != before:
                problem = "something was written"
            if problem is None and bad.names and bad.names not in finished.errors:
                problem = f"'{bad.names}' is not named: {finished.errors[:300]}"
            if problem:
                problems.append(f"{bad.name}: {what}: {problem}")
            elif finished.refusal:
                message = message or finished.refusal
    return problems, message


# ---- Bad inputs of `run` -----------------------------------------------------


def npy_cases():
    """Files given as --input of a model with one input of float32 [batch, 4], by what is wrong with them."""
    good = np.zeros((2, 4), np.float32)

    def saved(array):
        return lambda path: np.save(path, array)

    def cut(path):
        np.save(path, good)
        path.write_bytes(path.read_bytes()[:-3])

    def huge(path):
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 4), }"
        header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)

    return {
        "five columns": saved(np.zeros((2, 5), np.float32)),
        "one dimension too many": saved(np.zeros((2, 4, 1), np.float32)),
        "one dimension": saved(np.zeros(4, np.float32)),
        "no dimension": saved(np.float32(0)),
        "int32 numbers": saved(np.zeros((2, 4), np.int32)),
        "float64 numbers": saved(np.zeros((2, 4), np.float64)),
        "complex numbers": saved(np.zeros((2, 4), np.complex64)),
        "texts": saved(np.array([["a"] * 4] * 2)),
        "Python objects": lambda path: np.save(path, np.array([[None] * 4] * 2), allow_pickle=True),
        "a record type": saved(np.zeros((2, 4), np.dtype([("a", "f4"), ("b", "i4")]))),
        "an empty file": lambda path: path.write_bytes(b""),
        "a cut file": cut,
        "only the magic word": lambda path: path.write_bytes(b"\x93NUMPY"),
        "a shape of 2^42 numbers": huge,
        "random bytes": lambda path: path.write_bytes(bytes(np.random.default_rng(1).integers(0, 256, 1000).tolist())),
        "a magic word and random bytes": lambda path: path.write_bytes(
            b"\x93NUMPY\x01\x00" + bytes(np.random.default_rng(2).integers(0, 256, 1000).tolist())
        ),
        "a text file": lambda path: path.write_text("1 2 3 4\n"),
        "a broken zip file": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(40)),
        "an .npz of other names": lambda path: np.savez(open(path, "wb"), other=good, another=good),
        "a folder": lambda path: path.mkdir(),
        "no file": lambda path: None,
    }


def check_npy(sumac, name, write):
    model = tiny_net()
    bad = Bad(f"input: {name}", lambda folder: (folder / "model.onnx").write_bytes(model.SerializeToString()))
    problems = []
    with tempfile.TemporaryDirectory(prefix="sumac-bad-") as folder:
        folder = Path(folder)
        bad.write(folder)
        write(folder / "x.npy")
        for target in ("interp", "cpu"):
            before = listing(folder)
            arguments = [sumac, "run", folder / "model.onnx", "--input", folder / "x.npy"]
            finished = command.run([*arguments, "--target", target, "-o", folder / "y.npy"], SECONDS)
            problem = problem_of(finished, "one error")
            if problem is None and listing(folder) != before:
                problem = "something was written"
            if problem:
                problems.append(f"{bad.name}: run --target {target}: {problem}")
    return problems, finished.refusal or ""


# ---- Random damage -----------------------------------------------------------


def damaged(count, seed):
    """Copies of good models with bytes cut, changed and exchanged; they may happen to stay good."""
    rng = np.random.default_rng(seed)
    sources = [m.SerializeToString() for m in good_models()]
    for number in range(count):
        data = bytearray(sources[rng.integers(len(sources))])
        kind = rng.integers(4)
        if kind == 0:
            data = data[: rng.integers(len(data))]
        elif kind == 1:
            for _ in range(rng.integers(1, 8)):
                data[rng.integers(len(data))] = rng.integers(256)
        elif kind == 2:
            start, length = rng.integers(len(data)), rng.integers(1, 40)
            del data[start : start + length]
        else:
            data = bytearray(rng.integers(0, 256, rng.integers(1, 3000)).astype(np.uint8).tobytes())
        yield number, bytes(data)


def check_damaged(sumac, number, data):
    """Nothing but success or errors with status 1."""
    with tempfile.TemporaryDirectory(prefix="sumac-bad-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(data)
        finished = command.run([sumac, "compile", path, "--compile-to", "integer"], SECONDS)
    problem = finished.fault
    if problem is None and finished.peak_mib > MEMORY_MIB:
        problem = f"took {finished.peak_mib} MiB"
    return [f"damaged file {number}: {problem}"] if problem else []


def main():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.bad_files",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sumac", help="the program (default: build/bin/sumac)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only files whose name matches somewhere")
    parser.add_argument("--random", type=int, default=40, metavar="N", help="how many damaged files (default: 40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the error of each file")
    parser.add_argument("--keep", metavar="DIR", help="where damaged files that break the command are kept")
    arguments = parser.parse_args()
    sumac = command.find_sumac(arguments.sumac)
    wanted = re.compile(arguments.only)
    problems, checked = [], 0

    def note(name, result):
        nonlocal checked
        checked += 1
        problems.extend(result[0])
        for problem in result[0]:
            print(problem, flush=True)
        if arguments.show and not result[0]:
            print(f"{name}: {result[1] or 'taken'}")

    for bad in BAD:
        if wanted.search(bad.name):
            note(bad.name, check(sumac, bad))
    for name, write in npy_cases().items():
        if wanted.search(f"input: {name}"):
            note(f"input: {name}", check_npy(sumac, name, write))
    if wanted.search("damaged"):
        for number, data in damaged(arguments.random, arguments.seed):
            found = check_damaged(sumac, number, data)
            note(f"damaged {number}", (found, ""))
            if found and arguments.keep:
                os.makedirs(arguments.keep, exist_ok=True)
                (Path(arguments.keep) / f"damaged-{arguments.seed}-{number}.onnx").write_bytes(data)
    print(f"{checked} files: {len(problems)} problems")
    sys.exit(1 if problems or not checked else 0)


if __name__ == "__main__":
    main()
