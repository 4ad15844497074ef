# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is measured: one case per net, batch size, runtime and way to call it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from . import build, nets, onednn_file, onnx_file, tflite_file

LOW_BIT = ((2, 2), (1, 2), (1, 1))


@dataclass
class Case:
    """One line of measurements."""

    runtime: str
    mode: str  # the way to call it, or Sumac's instruction set
    net: nets.Net
    rows: int
    driver: str
    model: str
    library: str = ""
    driver_library: str = ""
    differing: int = None  # output codes that differ from exact arithmetic
    outputs: int = None
    error: str = ""
    minima: list = field(default_factory=list)  # per round
    medians: list = field(default_factory=list)
    bridge: float = 0.0  # cost of the call itself where Python is in between

    @property
    def id(self):
        return f"{self.runtime}/{self.mode}/{self.net.name}/{self.rows}"

    @property
    def minimum(self):
        return min(self.minima) if self.minima else None

    @property
    def median(self):
        ordered = sorted(self.medians)
        return ordered[len(ordered) // 2] if ordered else None


class Worker:
    """A worker process, pinned to one core."""

    def __init__(self, drivers, core):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OMP_PROC_BIND="false")
        self.log = open(Path(drivers).parent / "worker.log", "a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", str(drivers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, [core]),
        )

    def ask(self, command, case, **arguments):
        """Sends a request; an answer with an error marks the case."""
        request = dict(command=command, id=case.id, **arguments)
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        answer = json.loads(line) if line else {"error": "the worker process died"}
        if "error" in answer:
            case.error = answer["error"]
        return answer

    def open(self, case):
        self.ask(
            "open",
            case,
            driver=case.driver,
            driver_library=case.driver_library,
            library=case.library,
            model=case.model,
            mode=case.mode,
            rows=case.rows,
            inputs=case.net.shape[0],
            outputs=case.net.shape[-1],
        )

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


def wheel_file(package, pattern):
    """The file of an installed package that matches the pattern."""
    root = Path(find_spec(package).origin).parent
    return str(next(root.glob(pattern)))


def supported_cpus():
    """Instruction sets of Sumac that this machine runs."""
    with open("/proc/cpuinfo") as stream:
        flags = next((l for l in stream if l.startswith("flags")), "").split()
    cpus = ["native"]
    if {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"} <= set(flags):
        cpus.append("x86-64-v4")
    if {"avx2", "fma", "bmi2"} <= set(flags):
        cpus.append("x86-64-v3")
    return cpus + ["x86-64"]


def peer_cases(net, rows, peers, out, onednn_library):
    """All ways to call the peers on one net."""
    stem = f"{net.name}_{rows}"
    cases = []
    if "onnxruntime" in peers and net.weight_bits == 8:
        model = out / f"{stem}.onnx"
        onnx_file.write(net, model, rows)
        library = wheel_file("onnxruntime", "capi/libonnxruntime.so.*")
        for mode in ("run", "binding"):
            cases.append(
                Case("onnxruntime", mode, net, rows, "onnxruntime", str(model), library)
            )
    if "litert" in peers:
        model = out / f"{stem}.tflite"
        tflite_file.write(net, model, rows)
        library = wheel_file("ai_edge_litert", "libLiteRt.so")
        cases.append(Case("litert", "invoke", net, rows, "interpreter", str(model)))
        cases.append(
            Case("litert", "compiled model", net, rows, "litert", str(model), library)
        )
    if "onednn" in peers and net.weight_bits == 8 and onednn_library:
        model = out / f"{net.name}.onednn"
        onednn_file.write(net, model)
        for mode in ("inner_product", "matmul"):
            case = Case("onednn", mode, net, rows, "onednn", str(model))
            case.driver_library = str(onednn_library)
            cases.append(case)
    return cases


def sumac_cases(net, batches, cpus, sumac, out, compile_seconds):
    """Compiles one net for each instruction set."""
    model = out / f"{net.name}.onnx"
    onnx_file.write(net, model)
    cases = []
    for cpu in cpus:
        library = name = error = ""
        try:
            folder = out / "sumac" / net.name / cpu
            library, name, seconds = build.compile_net(sumac, model, cpu, folder)
            compile_seconds[f"{net.name}/{cpu}"] = round(seconds, 3)
        except build.BuildError as caught:
            error = str(caught)
        for rows in batches:
            case = Case("sumac", cpu, net, rows, "sumac", name, str(library))
            case.error = error
            cases.append(case)
    return cases
