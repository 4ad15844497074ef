# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Make the fuzzer's seeds from the models of the tests: make_corpus.py FOLDER [TEST ...]"""

import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "test", "Inputs"))

import onnx_parts  # noqa: E402


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    pattern = os.path.join(ROOT, "test", "**", "*.test")
    for path in sys.argv[2:] or sorted(glob.glob(pattern, recursive=True)):
        with open(path, encoding="utf-8") as file:
            if "onnx_parts.py" not in file.read():
                continue
        for name, text in onnx_parts.parts(path):
            seed = os.path.splitext(os.path.basename(path))[0] + "-" + name + ".onnx"
            with open(os.path.join(folder, seed), "wb") as out:
                out.write(onnx_parts.parse(text).SerializeToString())
    tensors = os.path.join(ROOT, "test", "Import", "ONNX", "Inputs", "tensors.py")
    subprocess.run([sys.executable, tensors, os.path.join(folder, "tensors.onnx")], check=True)


if __name__ == "__main__":
    main()
