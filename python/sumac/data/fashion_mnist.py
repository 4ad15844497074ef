# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017) from the Debian package dataset-fashion-mnist.

Run as a program, it writes images and labels as .npy files:

    python -m sumac.data.fashion_mnist --images images.npy --labels labels.npy --count 100
"""

import argparse
import gzip
import math
import os
import struct
import sys
from pathlib import Path

import numpy as np

#: Where Debian's package puts the four files; the environment variable points elsewhere.
FOLDER = Path(os.environ.get("SUMAC_FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))

#: The names of the ten classes, by label.
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_PREFIXES = {"train": "train", "test": "t10k"}


def read_idx(path):
    """Reads a gzipped IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/) as a uint8 array of its shape."""
    with gzip.open(path) as file:
        content = file.read()
    if content[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path} is not an IDX file of unsigned bytes")
    try:
        (rank,) = struct.unpack_from("B", content, 3)
        shape = struct.unpack_from(f">{rank}I", content, 4)
    except struct.error:
        raise ValueError(f"{path} ends within its header") from None
    pixels = content[4 + 4 * rank :]
    if len(pixels) != math.prod(shape):
        raise ValueError(f"{path} does not have the size that its header gives")
    return np.frombuffer(pixels, np.uint8).reshape(shape)


def load_codes(split, count=None):
    """The first `count` examples (all by default) of split "train" (60 000) or "test" (10 000).

    Returns the pixels, uint8 [N, 784], row by row, 0 is background, and the labels, int64 [N], 0 to 9.
    """
    prefix = _PREFIXES[split]
    paths = [FOLDER / f"{prefix}-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1")]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing; 'apt-get install dataset-fashion-mnist' installs it")
    images, labels = (read_idx(path)[:count] for path in paths)
    return images.reshape(len(images), -1), labels.astype(np.int64)


def to_float(codes):
    """Pixels as a model's float32 input: the quotient code / 255, correctly rounded to float32."""
    return codes.astype(np.float32) / np.float32(255)


def load(split, count=None):
    """As load_codes, with the images as float32 [N, 784] in [0, 1]."""
    codes, labels = load_codes(split, count)
    return to_float(codes), labels


def main():
    """Writes images and labels as .npy files."""
    parser = argparse.ArgumentParser(
        prog="python -m sumac.data.fashion_mnist", description="Write Fashion-MNIST as .npy files."
    )
    parser.add_argument("--images", metavar="OUT.npy", help="write the images, float32 [N, 784] in [0, 1]")
    parser.add_argument("--labels", metavar="OUT.npy", help="write the labels, int64 [N]")
    parser.add_argument("--split", choices=sorted(_PREFIXES), default="test", help="default: %(default)s")
    parser.add_argument("--count", type=int, metavar="N", help="only the first N examples (default: all)")
    arguments = parser.parse_args()
    if not arguments.images and not arguments.labels:
        parser.error("nothing to write: give --images or --labels")
    if arguments.count is not None and arguments.count < 1:
        parser.error("--count must be at least 1")
    try:
        images, labels = load(arguments.split, arguments.count)
        if arguments.images:
            np.save(arguments.images, images)
        if arguments.labels:
            np.save(arguments.labels, labels)
    except (OSError, EOFError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
