# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the C drivers and calls the Sumac compiler."""

import json
import os
import shutil
import subprocess
from pathlib import Path

DRIVERS = Path(__file__).resolve().parents[1] / "drivers"


class BuildError(Exception):
    """A driver or a net did not compile; the message says why."""


def _last_lines(text, count=4):
    return "\n".join(text.strip().splitlines()[-count:])


def _compiler():
    names = filter(None, [os.environ.get("CC"), "cc", "gcc", "clang-22", "clang"])
    for name in names:
        if shutil.which(name):
            return name
    raise BuildError("no C compiler: apt-get install gcc")


def _shared_library(out, sources, libraries=()):
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [_compiler(), "-O2", "-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC"]
    command += [str(DRIVERS / s) for s in sources]
    command += ["-o", str(out), "-ldl", *(f"-l{name}" for name in libraries)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise BuildError(_last_lines(result.stderr))
    return out


def drivers(out):
    """The timer with all drivers that need no other library."""
    sources = ["timer.c", "sumac.c", "onnxruntime.c", "litert.c"]
    return _shared_library(out / "libbench.so", sources)


def onednn_driver(out):
    """The oneDNN driver, linked to the installed library."""
    try:
        return _shared_library(out / "libbench_onednn.so", ["onednn.c"], ["dnnl"])
    except BuildError as error:
        raise BuildError(f"oneDNN: apt-get install libdnnl-dev ({error})") from None


def compile_net(sumac, model, cpu, folder, options=()):
    """Compiles a model with more options of `sumac compile`; returns its library, its C name and the seconds taken."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [str(sumac), "compile", str(model), "--target", "cpu"]
    command += ["-o", str(folder), "--cpu", cpu, *options]
    before = os.times()
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        raise BuildError("sumac compile took more than 600 s") from None
    seconds = os.times().elapsed - before.elapsed
    if result.returncode != 0:
        message = _last_lines(result.stderr or result.stdout)
        raise BuildError(f"sumac compile: status {result.returncode}: {message}")
    try:
        name = json.loads((folder / "metadata.json").read_text())["name"]
    except (OSError, ValueError, KeyError) as error:
        raise BuildError(f"metadata.json: {error!r}") from None
    library = folder / f"lib{name}.so"
    if not library.exists():
        raise BuildError(f"sumac compile wrote no {library.name}")
    return library, name, seconds
