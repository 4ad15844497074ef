# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Projects of target hls for the example models and two small nets, in every form that their weights have.

    python -m sumac.testing.hls_projects warnings           # g++ and clang++ say nothing about any source
    python -m sumac.testing.hls_projects streams            # rates and latency, and what every stream carries
    python -m sumac.testing.hls_projects streams ../shared/models/TFC_2W2A.onnx

`warnings` compiles all designs of a model as one file with each compiler, which only checks the syntax but where
--optimize is given; it then builds each model's test bench and library by themselves. `streams` simulates each network
cycle by cycle: interval and latency must be those that the analysis computed. `make traffic` then compares every item
of every stream of the C++ design with the simulator's.

--forms says which designs a model has: "all", one for each form that any layer can have, "mixed", two that have each form
in some layer, or "none", the default alone. "mixed" leaves out test bench and library, and takes models that there are in
both spellings, QDQ and QONNX, once.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import onnx

from sumac.testing import command
from sumac.testing.stream_nets import NETS

# The default design is for the default board; others need not fit anywhere, but be small.
ANYWHERE = ["--device", "vcu440", "--budget", "lut=1000000000,dsp=100000,bram=100000", "--target-fps", "10000"]
FORMS = ["masked_sums", "bit_planes", "shifted_sums", "pooled_sums", "multiply_accumulate"]
# What the projects' Makefile says, too: the vendor's compiler alone knows HLS pragmas.
FLAGS = ["-std=c++14", "-Wall", "-Wextra", "-Wno-unknown-pragmas"]


@dataclass(frozen=True)
class Project:
    """A design: how it was asked for, and the folder it lies in. Its name differs from that of other designs."""

    folder: Path
    name: str
    arguments: list[str]  # of `sumac compile` in front of -o

    def source(self):
        return self.folder / "src" / f"{self.name}.cpp"

    def forms(self):
        """The form of each layer by its name."""
        report = json.loads((self.folder / "report/report.json").read_text())
        return {p["name"]: p["form"] for p in report["processes"] if "form" in p}

    def includes(self):
        local = self.folder / "local"
        return ["-I", self.folder / "src", "-isystem", local, "-isystem", local / "ap_types"]


def run(*arguments, **options):
    """Runs a program; gives its status and everything that it says."""
    finished = subprocess.run(
        [str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    return finished.returncode, finished.stdout


def write_project(sumac, model, folder, number, *options):
    """A project; ends where there is none."""
    name = f"{re.sub('[^a-z0-9]', '_', model.stem.lower())}_{number}"
    arguments = [sumac, "compile", model, "--target", "hls", "--name", name, *options]
    project = Project(folder / name, name, arguments)
    status, text = run(*arguments, "-o", project.folder)
    if status:
        sys.exit(f"{model}: {' '.join(options)}: {text}")
    return project


def choose_forms(layers, effort):
    """The forms of designs beside the default one. Layers that cannot have what is asked of all keep what they have."""
    last = f"{layers[-1]}=adder_graph"
    if effort == "all":
        return [[f"*={form}"] for form in FORMS] + [[last]]
    # Every form in some layer.
    mixed = ["*=masked_sums", f"{layers[1]}=bit_planes", f"{layers[-1]}=shifted_sums"]
    return [mixed, ["*=pooled_sums", last]] if effort == "mixed" else []


def write_projects(sumac, model, folder, effort):
    """The default design, and such with other forms: "all", "mixed" or "none"."""
    first = write_project(sumac, model, folder, 0)
    projects, seen = [first], {tuple(first.forms().values())}
    for number, choices in enumerate(choose_forms(list(first.forms()), effort), 1):
        forms = [f"--form={choice}" for choice in choices]
        project = write_project(sumac, model, folder, number, *ANYWHERE, *forms)
        if tuple(project.forms().values()) not in seen:
            seen.add(tuple(project.forms().values()))
            projects.append(project)
    return projects


def find_compilers():
    clang = next(filter(shutil.which, ["clang++", "clang++-22"]), "/usr/lib/llvm-22/bin/clang++")
    return ["g++", clang]


def find_warnings(sumac, model, folder, optimize, effort):
    """What the compilers say about a model's designs."""
    projects = write_projects(sumac, model, folder, effort)
    # The headers are read once; names of different designs do not meet.
    together = folder / f"{model.stem}.cpp"
    sources = "".join(f'namespace {p.name}_ {{\n#include "{p.source()}"\n}}\n' for p in projects)
    together.write_text(f'#include "sumac_hls.h"\n{sources}')
    mode = ["-fsyntax-only"] if optimize is None else [f"-O{optimize}", "-S", "-o", "/dev/null"]
    problems, first = [], projects[0]
    for compiler in find_compilers():
        status, text = run(compiler, *FLAGS, *mode, *first.includes(), together)
        problems += [text] if status or text else []
        for file in [first.folder / "tb/test.cpp", first.folder / "local/library.cpp"] if effort != "mixed" else []:
            status, text = run(compiler, *FLAGS, *mode, *first.includes(), file)
            problems += [text] if status or text else []
    return len(projects), "; ".join(sorted({form for p in projects for form in p.forms().values()})), problems


def compare_streams(sumac, model, folder, effort):
    """Where analysis, simulator and design differ; figures of each design."""
    problems, figures = [], []
    projects = write_projects(sumac, model, folder, effort)
    for project in projects:
        network = project.folder / "network.mlir"
        status, text = run(*project.arguments, "--compile-to", "target", "--full", "-o", network)
        passes = "builtin.module(stream.network(stream-simulate{frames=4}))"
        opt = Path(sumac).with_name("sumac-opt")
        status, text = run(opt, network, f"--pass-pipeline={passes}", "-o", "/dev/null") if status == 0 else (status, text)
        found = re.findall(r"(interval|latency): (\d+) cycles, simulated (\d+)", text)
        if status or len(found) != 2 or any(expected != simulated for _, expected, simulated in found):
            problems.append(text)
        status, text = run("make", "-s", "-C", project.folder, "traffic", "CXX=g++", "CXXFLAGS=-O0 -Wall -Wextra")
        if status or text != "all items are equal\n":
            problems.append(text)
        items = (project.folder / "tb/traffic.txt").read_text().count("\n")
        forms = ", ".join(sorted(set(project.forms().values())))
        figures.append(f"{forms}: " + ", ".join(f"{what} {cycles}" for what, cycles, _ in found) + f", {items} items")
        shutil.rmtree(project.folder)
    return len(projects), "; ".join(figures), problems


def list_models(paths, folder, has_twins):
    """The models named, or the example models and the small nets. Two spellings of a model give the same design."""
    if paths:
        return [Path(path) for path in paths]
    models = sorted((command.ROOT / "examples/models").rglob("*.onnx"))
    if not has_twins:
        models = [m for m in models if not m.with_name(m.name.replace(".qonnx.", ".qdq.")).exists() or ".qdq." in m.name]
    for name, make in NETS.items():
        models.append(folder / f"{name}.onnx")
        onnx.save(make(), models[-1])
    return models


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.hls_projects",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("check", choices=["warnings", "streams"])
    parser.add_argument("models", nargs="*", metavar="MODEL", help="(default: the example models, two small nets)")
    parser.add_argument("--sumac", help="the program (default: build/bin/sumac)")
    parser.add_argument("--optimize", metavar="N", help="warnings: compile with -ON, which finds more")
    parser.add_argument("--forms", choices=["all", "mixed", "none"], default="all", help="(default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="models at a time (default: 2)")
    return parser.parse_intermixed_args()


def main():
    arguments = parse_arguments()
    sumac = command.find_sumac(arguments.sumac)
    total = failed = 0
    with tempfile.TemporaryDirectory(prefix="sumac-projects-") as name, ThreadPoolExecutor(arguments.jobs) as pool:
        folder = Path(name)
        models = list_models(arguments.models, folder, arguments.forms != "mixed")

        def check(number):
            start, model = time.time(), models[number]
            if arguments.check == "streams":
                result = compare_streams(sumac, model, folder, arguments.forms)
            else:
                result = find_warnings(sumac, model, folder, arguments.optimize, arguments.forms)
            return model, time.time() - start, *result

        for model, seconds, count, figures, problems in pool.map(check, range(len(models))):
            total, failed = total + count, failed + bool(problems)
            print(f"{model.name}: {count} designs in {seconds:.0f} s: {figures}", flush=True)
            for problem in problems:
                print(f"  {problem}", flush=True)
    print(f"{len(models)} models with {total} designs: {failed} models with problems")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
