# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The example models on Fashion-MNIST: `sumac run`, the exact evaluation in Python, and float32 executors.

    python -m sumac.testing.compare_oracles
    python -m sumac.testing.compare_oracles --count 500 --models examples/models/lenet-300-100-w2a2.qdq.onnx

sumac's logits must be those of sumac.oracles.exact, bit for bit. The classes that onnxruntime (QDQ) or the qonnx executor
(QONNX) give may differ from sumac's only where a value inside lies so close to a rounding boundary that float32 may round
it the other way (a float tie): each such image is printed with its distance, in steps of the quantizer. The exit status
is 1 if anything else differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

from sumac.data import fashion_mnist
from sumac.oracles import exact
from sumac.testing import command

#: How far a float32 run may be off before it rounds, in steps of the quantizer: 2^-24 of the largest code, 255, times 4.
FLOAT_ERROR = 2.0**-14


def sumac_logits(sumac, model, images_path, folder, options):
    out = folder / "sumac.npy"
    finished = command.run([sumac, "run", model, "--input", images_path, "-o", out, *options], 1800)
    if finished.status != 0:
        sys.exit(f"error: sumac run {model}: {finished.errors or finished.fault}")
    return np.load(out)


def oracle_logits(python, model, images_path, folder):
    """What onnxruntime or the qonnx executor gives, and which of them it was."""
    name = "qonnx" if "qonnx" in model.name else "onnxruntime"
    out = folder / "oracle.npy"
    environment = {**os.environ, "PYTHONPATH": str(command.ROOT / "python")}
    arguments = [python, "-m", f"sumac.oracles.{name}", model, "--input", images_path, "-o", out]
    subprocess.run(arguments, check=True, env=environment, stdout=subprocess.DEVNULL)
    return name, np.load(out)


def compare(arguments, model, images, folder):
    """Prints how the executors agree on one model; whether all is equal or explained."""
    images_path = folder / "images.npy"
    result = exact.evaluate(onnx.load(model), images)
    good = True
    for target in arguments.targets.split(","):
        logits = sumac_logits(arguments.sumac, model, images_path, folder, ["--target", target])
        wrong = int((logits != result.logits).any(1).sum())
        print(f"{model.name}: sumac run --target {target}: {wrong} of {len(images)} images differ from exact arithmetic")
        good &= wrong == 0
    oracle, floats = oracle_logits(arguments.oracle_python, model, images_path, folder)
    differing = np.flatnonzero(floats.argmax(1) != logits.argmax(1))
    codes_moved = int((np.abs(floats - result.logits) > 1e-3 * np.abs(result.logits).max()).any(1).sum())
    print(
        f"{model.name}: {oracle}: {len(differing)} of {len(images)} predictions differ"
        f" ({codes_moved} images with other logits, {int((result.tie_distance <= FLOAT_ERROR).sum())} with a float tie)"
    )
    for image in differing:
        distance = result.tie_distance[image]
        top = np.sort(result.logits[image])[-2:]
        explained = distance <= FLOAT_ERROR
        good &= bool(explained)
        print(
            f"  image {image}: sumac {logits[image].argmax()}, {oracle} {floats[image].argmax()};"
            f" {'a float tie' if explained else 'NOT EXPLAINED'}: {distance:.2e} steps from a rounding boundary,"
            f" best logits {top[1]:.6g} and {top[0]:.6g}"
        )
    return good


def main():
    models = sorted((command.ROOT / "examples/models").rglob("*.onnx"))
    parser = argparse.ArgumentParser(
        prog="python -m sumac.testing.compare_oracles",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sumac", help="the program (default: build/bin/sumac)")
    parser.add_argument("--oracle-python", default=os.environ.get("SUMAC_ORACLE_PYTHON", command.ROOT / ".venv-oracles/bin/python"))
    parser.add_argument("--models", type=Path, nargs="+", default=models)
    parser.add_argument("--count", type=int, default=10000, help="how many test images (default: all 10 000)")
    parser.add_argument("--targets", default="interp,cpu", help="with commas (default: interp,cpu)")
    arguments = parser.parse_args()
    arguments.sumac = command.find_sumac(arguments.sumac)
    images, _ = fashion_mnist.load("test", arguments.count)
    with tempfile.TemporaryDirectory(prefix="sumac-oracles-") as folder:
        np.save(Path(folder) / "images.npy", images)
        results = [compare(arguments, model, images, Path(folder)) for model in arguments.models]
    print(f"{len(results)} models: {sum(results)} equal or explained")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
