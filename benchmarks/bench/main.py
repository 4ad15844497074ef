# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the nets, compiles, measures and reports; see ../README.md."""

import ctypes
import json
import os
import sys
from importlib.metadata import version

from . import build, cases, cli, environment, measure, nets, report


def _onednn_version(library):
    class Version(ctypes.Structure):
        _fields_ = [(n, ctypes.c_int) for n in ("major", "minor", "patch")]

    function = ctypes.CDLL(str(library)).dnnl_version
    function.restype = ctypes.POINTER(Version)
    v = function().contents
    return f"{v.major}.{v.minor}.{v.patch}"


def _chosen_nets(only):
    """(shape name, weight bits, activation bits), grouped by shape."""
    for shape in nets.SHAPES:
        low_bit = "lowbit" in only and shape in ("lenet", "wide")
        if shape in only or low_bit:
            yield shape, 8, 8
        if shape in only:
            yield shape, 4, 8
        if low_bit:
            for weight_bits, activation_bits in cases.LOW_BIT:
                yield shape, weight_bits, activation_bits


def _collect(options, out, onednn_library, compile_seconds):
    """All cases of the run; compiles Sumac's nets on the way."""
    cpus = options.cpus or cases.supported_cpus()
    collected = []
    for shape, weight_bits, activation_bits in _chosen_nets(options.only):
        measure.progress(f"preparing {shape} w{weight_bits}a{activation_bits}")
        net = nets.make(shape, weight_bits, activation_bits)
        if activation_bits == 8 and shape in options.only:
            for rows in options.batch:
                collected += cases.peer_cases(
                    net, rows, options.peers, out, onednn_library
                )
        if options.sumac.exists():
            collected += cases.sumac_cases(
                net, options.batch, cpus, options.sumac, out, compile_seconds
            )
    measure.progress("")
    return collected


def _environment(options, onednn_library):
    """What the figures were measured on and with."""
    name, flags = environment.processor()
    facts = {
        "processor": name,
        "extensions": flags,
        "core": options.core,
        "load": os.getloadavg()[0],
        "rounds": options.rounds,
        "seconds_per_round": options.seconds,
        "onnxruntime": version("onnxruntime"),
        "litert": version("ai-edge-litert"),
    }
    if onednn_library:
        facts["onednn"] = _onednn_version(onednn_library)
    return facts


def _print_environment(facts):
    print(f"{facts['processor']} ({' '.join(facts['extensions'])})")
    versions = [
        f"{report.NAMES[peer]} {facts[peer]}" for peer in cli.PEERS if peer in facts
    ]
    print(
        f"{', '.join(versions)}; one thread on core {facts['core']}; "
        f"{facts['rounds']} rounds of {facts['seconds_per_round']} s"
    )
    if facts["load"] > 0.5:
        print(f"note: load average {facts['load']:.1f} at the start; medians suffer")
    print()


def _problems(collected, options, onednn_error):
    """Everything that makes the run incomplete or wrong."""
    problems = []
    if not options.sumac.exists():
        problems.append(
            f"sumac: not built ({options.sumac} is missing; build the project first)"
        )
    if onednn_error:
        problems.append(onednn_error)
    for case in collected:
        if case.error:
            problems.append(f"{case.runtime} {case.mode} {case.net.name}: {case.error}")
        elif case.runtime == "sumac" and case.differing:
            problems.append(f"{case.id}: {case.differing} outputs are not exact")
    return list(dict.fromkeys(problems))


def main():
    options = cli.parse()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        drivers = build.drivers(out)
    except build.BuildError as error:
        sys.exit(f"error: {error}")
    onednn_library, onednn_error = None, ""
    if "onednn" in options.peers:
        try:
            onednn_library = build.onednn_driver(out)
        except build.BuildError as error:
            onednn_error = str(error)

    facts = _environment(options, onednn_library)
    compile_seconds = {}
    collected = _collect(options, out, onednn_library, compile_seconds)
    measure.run(collected, drivers, out, options)

    _print_environment(facts)
    report.print_main(collected)
    report.print_low_bit(collected)
    goals = report.goals(collected)
    report.print_goals(goals)
    problems = _problems(collected, options, onednn_error)
    if options.json:
        content = {
            "environment": facts,
            "compile_seconds": compile_seconds,
            "goals": goals,
            "cases": report.as_json(collected),
            "problems": problems,
        }
        options.json.write_text(json.dumps(content, indent=1) + "\n")
    if options.plot:
        from . import plot

        plot.draw(collected, options.plot)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
