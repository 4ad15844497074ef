# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The data set's reader."""

import gzip
import subprocess
import sys

import numpy as np
import pytest

from sumac.data import fashion_mnist


@pytest.mark.parametrize("split, count", [("train", 60000), ("test", 10000)])
def test_sizes_and_balance(split, count):
    codes, labels = fashion_mnist.load_codes(split)
    assert codes.shape == (count, 784) and codes.dtype == np.uint8
    assert np.bincount(labels).tolist() == [count // 10] * 10


def test_floats_are_quotients_rounded_once():
    # Rounding a quotient to 53 bits and then to 24 is rounding it once to 24 bits: 53 >= 2 * 24 + 2 (Figueroa, 1995).
    codes = np.arange(256, dtype=np.uint8)
    expected = (codes.astype(np.float64) / 255).astype(np.float32)
    assert np.array_equal(fashion_mnist.to_float(codes), expected)


def test_command_writes_npy(tmp_path, python_environment):
    paths = [tmp_path / "images.npy", tmp_path / "labels.npy"]
    program = [sys.executable, "-m", "sumac.data.fashion_mnist"]
    arguments = ["--images", paths[0], "--labels", paths[1], "--count", "7"]
    subprocess.run(program + arguments, check=True, env=python_environment)
    images, labels = (np.load(path) for path in paths)
    expected = fashion_mnist.load("test", 7)
    assert np.array_equal(images, expected[0]) and np.array_equal(labels, expected[1])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x08",
        b"\x00\x00\x08\x01\x00\x00",
        b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00",
        b"\x00\x00\x08\x01\x00\x00\x00\x02\x00",
    ],
    ids=["empty", "no rank", "no shape", "floats", "too short"],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "damaged.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match="damaged.gz"):
        fashion_mnist.read_idx(path)
