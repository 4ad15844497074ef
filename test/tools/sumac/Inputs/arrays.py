# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arrays that the tests of `sumac run` read into the folder that is the argument."""

import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
left = np.array([[1, 2, 3], [0, 0.5, 0.03125]], np.float32)
right = np.array([[0, 0, 1], [20, 0, np.nan]], np.float32)
np.save(folder / "left.npy", left)
np.save(folder / "right.npy", right)
np.savez(folder / "both.npz", right=right, left=left)
np.save(folder / "left4.npy", np.concatenate([left, left]))
np.save(folder / "right4.npy", np.concatenate([right, right]))
np.save(folder / "codes.npy", np.array([[16, 32, 48], [0, 8, 0]], np.uint8))
# Files that are refused.
np.save(folder / "double.npy", left.astype(np.float64))
np.save(folder / "narrow.npy", left[:, :2])
np.save(folder / "three.npy", np.concatenate([left, left[:1]]))
np.save(folder / "fortran.npy", np.asfortranarray(left))
(folder / "short.npy").write_bytes((folder / "left.npy").read_bytes()[:-1])
(folder / "text.npy").write_text("no array")
