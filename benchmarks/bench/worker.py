# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One peer in a process of its own, driven by JSON lines on stdin.

`open` prepares a net at one batch size, `check` runs it over many rows, `time`
times it, `bridge` times an empty call of the way in which it is called.
Nothing else runs while a request waits for its answer.
"""

import ctypes
import json
import os
import sys

import numpy as np

SAMPLES = 1 << 20
TIME_ARGUMENTS = [
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_double,
    ctypes.c_double,
    ctypes.c_void_p,
    ctypes.c_int64,
]


class CaseStructure(ctypes.Structure):
    """bench_case of drivers/driver.h."""

    _fields_ = [
        ("library", ctypes.c_char_p),
        ("model", ctypes.c_char_p),
        ("mode", ctypes.c_char_p),
        ("rows", ctypes.c_int64),
        ("inputs", ctypes.c_int64),
        ("outputs", ctypes.c_int64),
        ("x", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
    ]


def aligned(rows, columns):
    """A float32 matrix on a 64-byte boundary, its pages touched."""
    raw = np.zeros(rows * columns + 16, np.float32)
    start = -raw.ctypes.data % 64 // 4
    return raw[start : start + rows * columns].reshape(rows, columns)


class NativeCase:
    """A net behind one of the C drivers."""

    def __init__(self, drivers, request):
        rows, inputs, outputs = (request[k] for k in ("rows", "inputs", "outputs"))
        self.x, self.y = aligned(rows, inputs), aligned(rows, outputs)
        self.structure = CaseStructure(
            (request["library"] or "").encode(),
            request["model"].encode(),
            request["mode"].encode(),
            rows,
            inputs,
            outputs,
            self.x.ctypes.data,
            self.y.ctypes.data,
        )
        library = ctypes.CDLL(request.get("driver_library") or drivers)
        function = library[f"bench_{request['driver']}_open"]
        function.restype = ctypes.c_void_p
        error = ctypes.create_string_buffer(1024)
        self.state = function(ctypes.byref(self.structure), error, 1024)
        if not self.state:
            raise RuntimeError(error.value.decode())
        self.call = library[f"bench_{request['driver']}_run"]
        self.run = ctypes.cast(self.call, ctypes.c_void_p).value

    def once(self):
        if self.call(ctypes.c_void_p(self.state)):
            raise RuntimeError("the net failed to run")


def sumac_case(drivers, library, name, rows, inputs, outputs):
    """A library that Sumac compiled, called in this process."""
    shape = dict(rows=rows, inputs=inputs, outputs=outputs)
    return NativeCase(drivers, dict(driver="sumac", library=str(library), model=name, mode="", **shape))


class InterpreterCase:
    """LiteRT's interpreter: `Invoke` of its extension module, called from C."""

    def __init__(self, drivers, request):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_path=request["model"], num_threads=1)
        self.interpreter.allocate_tensors()
        source = self.interpreter.get_input_details()[0]["index"]
        target = self.interpreter.get_output_details()[0]["index"]
        extension = self.interpreter._interpreter
        self.once = extension.Invoke
        self.empty = extension.NumNodes
        self.once()
        self.x = self.interpreter.tensor(source)()
        self.y = self.interpreter.tensor(target)()
        library = ctypes.PyDLL(drivers)
        if library.bench_python_init():
            raise RuntimeError("cannot find CPython's functions in this process")
        self.run = ctypes.cast(library.bench_python_run, ctypes.c_void_p).value
        self.state = id(self.once)


class Worker:
    """Answers requests."""

    def __init__(self, drivers):
        self.drivers = drivers
        self.timer = ctypes.PyDLL(drivers).bench_time
        self.timer.argtypes = TIME_ARGUMENTS
        self.timer.restype = ctypes.c_int64
        self.samples = np.zeros(SAMPLES, np.float64)
        self.cases = {}

    def open(self, request):
        interpreter = request["driver"] == "interpreter"
        kind = InterpreterCase if interpreter else NativeCase
        self.cases[request["id"]] = kind(self.drivers, request)
        return {}

    def check(self, request):
        """Runs all rows of x, a batch at a time; a last, short batch is padded."""
        case = self.cases[request["id"]]
        x = np.load(request["x"])
        rows = len(case.x)
        outputs = []
        for start in range(0, len(x), rows):
            chunk = x[start : start + rows]
            case.x[: len(chunk)] = chunk
            case.once()
            outputs.append(case.y[: len(chunk)].copy())
        np.save(request["y"], np.concatenate(outputs))
        case.x[:] = x[:rows]
        return {}

    def _time(self, run, state, seconds):
        count = self.timer(
            run, state, seconds, 10.0, self.samples.ctypes.data, SAMPLES
        )
        if count < 0:
            raise RuntimeError("a timed run failed")
        samples = self.samples[:count]
        return {"min": float(samples.min()), "median": float(np.median(samples))}

    def best_times(self, cases, rounds, seconds):
        """The least microseconds of each case (a NativeCase by any key); cases take turns, round after round."""
        best = dict.fromkeys(cases, float("inf"))
        for _ in range(rounds):
            for key, case in cases.items():
                time = self._time(case.run, ctypes.c_void_p(case.state), seconds)
                best[key] = min(best[key], time["min"])
        return best

    def time(self, request):
        case = self.cases[request["id"]]
        return self._time(case.run, case.state, request["seconds"])

    def bridge(self, request):
        case = self.cases[request["id"]]
        return self._time(case.run, id(case.empty), request["seconds"])


def main():
    # Runtimes may print; keep the answers apart from what they say.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request["command"])(request)
        except Exception as error:  # reported to the parent, which goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
