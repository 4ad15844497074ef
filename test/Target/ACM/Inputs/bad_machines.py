# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles for descriptions with one mistake each: bad_machines.py TINY.json SUMAC MODEL FOLDER.

Each must be refused with exit status 1 and one line that names the file and the key.
"""

import copy
import json
import subprocess
import sys

# A key (with a dot in inner objects), and values that it may not have.
NUMBERS = {
    "rows": [0, 1, 3, 2048, -8],
    "lanes": [1, 6, 512],
    "banks": [1, 5, 128],
    "outputs": [0, 3, 16],
    "fold": [0, 3, 8],
    "activation_bits": [7, 9],
    "accumulator_bits": [7, 33],
    "coefficient_bits": [1, 33],
    "multiplier_bits": [1, 33],
    "sum_bits": [15, 65],
    "memories.codes": [0, 2**20 + 1],
    "memories.indices": [0, 2**20 + 1],
    "memories.activations": [0, 6, 2**20 + 4],
    "memories.parameters": [0, 2**20 + 1],
    "memories.results": [0, 2**20 + 1],
    "memories.instructions": [0, 2**20 + 1],
    "queue": [0, 65],
    "clock_mhz": [0, 5001],
    "dma.bytes": [0, 12, 2048],
    "dma.latency": [-1, 10001],
}


def set_key(description, key, value):
    *outer, last = key.split(".")
    for name in outer:
        description = description[name]
    if value is None:
        del description[last]
    else:
        description[last] = value


def make_cases(tiny):
    """Pairs of a description's text and what its error must name."""
    for key, numbers in NUMBERS.items():
        for value in [None, "8", 8.5, True, [], 2**70, *numbers]:
            description = copy.deepcopy(tiny)
            set_key(description, key, value)
            yield json.dumps(description), key.split(".")[-1]
    for key, value in [("name", ""), ("name", "a b"), ("name", 1), ("cores", 2), ("memories", []), ("memories.cache", 1), ("dma", 8)]:
        description = copy.deepcopy(tiny)
        set_key(description, key, value)
        yield json.dumps(description), key.split(".")[-1]
    for text in ["", "{", "[]", "1", json.dumps(tiny) + "}", "[" * 100000]:
        yield text, ""


def main():
    tiny, sumac, model, folder = sys.argv[1:]
    with open(tiny, encoding="utf-8") as file:
        cases = list(make_cases(json.load(file)))
    refused = 0
    for text, key in cases:
        path = f"{folder}/machine.json"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        command = [sumac, "compile", model, "--target", "acm", "--machine", path, "-o", f"{folder}/out"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = result.stderr.splitlines()
        if result.returncode == 1 and len(lines) == 1 and path in lines[0] and key in lines[0].replace(path, ""):
            refused += 1
        else:
            print(f"{text[:400]}\n  names not '{key}': {result.returncode} {result.stderr[:400]}")
    print(f"{refused} of {len(cases)} descriptions are refused with their key")


if __name__ == "__main__":
    main()
