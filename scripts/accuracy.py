# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints how many images a model classified correctly: accuracy.py SCORES.npy LABELS.npy."""

import sys

import numpy as np


def main():
    """Compares the largest score of each row (or the class itself) with the label."""
    if len(sys.argv) != 3:
        sys.exit("usage: accuracy.py SCORES.npy LABELS.npy")
    scores, labels = (np.load(path, allow_pickle=False) for path in sys.argv[1:])
    classes = scores.argmax(axis=1) if scores.ndim == 2 and scores.shape[1] > 1 else scores.reshape(-1)
    if classes.shape != labels.shape:
        sys.exit(f"error: {len(classes)} predictions for {len(labels)} labels")
    correct = int((classes == labels).sum())
    print(f"{correct} of {len(labels)} images classified correctly: accuracy {correct / len(labels):.2%}")


if __name__ == "__main__":
    main()
