# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The committed example models: their two spellings mean the same, and other executors agree up to float ties."""

import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from sumac.data import fashion_mnist
from sumac.oracles import exact

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("lenet-300-100-w4a8", "lenet-300-100-w2a2")  # in both spellings
FOLDER = ROOT / "examples/models"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.onnx"))
COUNT = 500

#: How far float32 may be off before it rounds, in steps of the quantizer: 2^-24 of the largest code, 255, times 4.
FLOAT_ERROR = 2.0**-14


@pytest.fixture(scope="module")
def images():
    return fashion_mnist.load("test", COUNT)


@pytest.mark.parametrize("name", NAMES)
def test_both_spellings_mean_the_same(example_models, images, name):
    models = [onnx.load(example_models / f"{name}.{kind}.onnx") for kind in ("qdq", "qonnx")]
    results = [exact.evaluate(model, images[0]) for model in models]
    assert np.array_equal(results[0].logits, results[1].logits)
    for codes, others in zip(results[0].codes, results[1].codes, strict=True):
        assert np.array_equal(codes, others)


@pytest.mark.parametrize("file", FILES)
def test_float_executors_differ_at_ties_only(
    tmp_path, example_models, images, oracle_python, python_environment, file
):
    oracle = "qonnx" if file.endswith(".qonnx.onnx") else "onnxruntime"
    model, x, y = example_models / file, tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(x, images[0])
    command = [oracle_python, "-m", f"sumac.oracles.{oracle}", model, "--input", x, "-o", y]
    subprocess.run(command, check=True, env=python_environment)
    floats, result = np.load(y), exact.evaluate(onnx.load(model), images[0])
    off_tie = result.tie_distance > FLOAT_ERROR
    assert off_tie.mean() > 0.9  # else the comparison below says little
    assert np.allclose(floats[off_tie], result.logits[off_tie], rtol=1e-5, atol=1e-4)
    differing = np.flatnonzero(floats.argmax(1) != result.logits.argmax(1))
    assert not off_tie[differing].any(), f"images {differing} differ without a tie"


@pytest.mark.parametrize("folder", [".", "brevitas"])
def test_readme_states_the_accuracy(example_models, folder):
    images, labels = fashion_mnist.load("test")
    folder = example_models / folder
    text = (folder / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\S+\.onnx) .* \| (\d+) \|$", text, re.MULTILINE))
    assert sorted(rows) == sorted(path.name for path in folder.glob("*.onnx"))
    for file, correct in rows.items():
        logits = exact.evaluate(onnx.load(folder / file), images).logits
        assert int((logits.argmax(1) == labels).sum()) == int(correct)
