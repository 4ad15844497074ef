# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the `sumac` command as a user would, with bounds on its time and memory."""

import os
import resource
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]


def find_sumac(path=None):
    """The program to test: the path given, $SUMAC_BUILD's, or build/bin/sumac of this checkout."""
    build = Path(os.environ.get("SUMAC_BUILD", ROOT / "build"))
    program = Path(path) if path else build / "bin/sumac"
    if not program.exists():
        sys.exit(f"error: {program} is missing; build it, or name another with --sumac")
    return str(program.resolve())


@dataclass(frozen=True)
class Finished:
    """How a run ended."""

    status: int  # negative: the signal's number, as in subprocess
    output: str
    errors: str
    peak_mib: int
    timed_out: bool = False

    @property
    def refusal(self):
        """The first error, if the command ended as it should on bad input, else None."""
        lines = [line for line in self.errors.splitlines() if "error: " in line]
        return lines[0].split("error: ", 1)[1] if self.status == 1 and lines else None

    @property
    def fault(self):
        """What no input may cause: a signal, a hang, a status that is not documented, an error without words."""
        if self.timed_out:
            return "no end within the time given"
        if self.status < 0:
            return f"ended by signal {-self.status}"
        for word in ("AddressSanitizer", "UndefinedBehaviorSanitizer", "runtime error:", "Stack dump", "Assertion"):
            if word in self.errors:
                return f"'{word}' in its errors"
        if self.status not in (0, 1, 2):
            return f"status {self.status}"
        if self.status == 1 and self.refusal is None:
            return "status 1 without an error message"
        return None


def run(arguments, seconds=120, memory_mib=None, cwd=None, stdin=None):
    """Runs a program; `memory_mib` bounds its address space, `stdin` is a file."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_mib:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [str(a) for a in arguments],
            stdin=stdin or subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=cwd,
            preexec_fn=limit,
        )
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timed_out = not timer.is_alive()
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, not by Popen
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return Finished(process.returncode, *texts, usage.ru_maxrss >> 10, timed_out)


def write_inputs(folder, inputs):
    """Writes arrays by name as .npy files; gives the --input options, in the arrays' order."""
    options = []
    for number, (name, array) in enumerate(inputs.items()):
        path = Path(folder) / f"input{number}.npy"
        np.save(path, array)
        options += ["--input", f"{name}={path}"]
    return options


def read_outputs(path, names):
    """Arrays by name from what `sumac run -o` wrote: .npy for one output, .npz for several."""
    data = np.load(path, allow_pickle=False)
    if isinstance(data, np.ndarray):
        return {names[0]: data}
    return {name: data[name] for name in data.files}


def run_model(sumac, folder, model, inputs, options, seconds=120):
    """`sumac run` on a ModelProto: (how it ended, outputs by name or None)."""
    folder = Path(folder)
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    names = [output.name for output in model.graph.output]
    result = folder / ("y.npy" if len(names) == 1 else "y.npz")
    result.unlink(missing_ok=True)
    finished = run([sumac, "run", path, *write_inputs(folder, inputs), "-o", result, *options], seconds)
    if finished.status != 0 or finished.fault:
        return finished, None
    return finished, read_outputs(result, names)
