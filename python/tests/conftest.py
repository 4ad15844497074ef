# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What several tests need: the environment of subprocesses and the oracles' interpreter."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def python_environment():
    """Environment variables with which a subprocess finds the package `sumac` of this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "python")}


@pytest.fixture
def oracle_python():
    """The Python that has onnxruntime and qonnx: $SUMAC_ORACLE_PYTHON, or the one in .venv-oracles."""
    path = Path(os.environ.get("SUMAC_ORACLE_PYTHON", ROOT / ".venv-oracles/bin/python"))
    if not path.exists():
        pytest.skip(f"{path} is missing; python/requirements-oracles.txt tells how to make it")
    return path


@pytest.fixture
def example_models():
    """The folder of the committed example models."""
    return ROOT / "examples/models"
