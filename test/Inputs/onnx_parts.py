# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Import the ONNX models that a test file holds as text, one after the other.

    onnx_parts.py FILE [COMMAND ...]

FILE holds models in ONNX's text format (onnx.parser), each behind a line
`#--- name`. Each is written to an .onnx file and read by `sumac-translate
--import-onnx`, whose output goes to COMMAND if there is one, for instance
`sumac-opt --convert-onnx-to-sumac`. Output and diagnostics of all appear in
order behind `==== name`; a failure adds `exit status 1`. A crash fails the test.
"""

import os
import subprocess
import sys
import tempfile

import onnx
import onnx.parser

# Bits of the data types that are packed; the text parser leaves them unpacked.
PACKED = {21: 4, 22: 4, 25: 2, 26: 2}


def pack(tensor):
    """Pack the int32_data of a tensor of 2- or 4-bit integers, lowest bits first."""
    bits = PACKED.get(tensor.data_type)
    if not bits:
        return
    per_byte, values = 8 // bits, [v & ((1 << bits) - 1) for v in tensor.int32_data]
    del tensor.int32_data[:]
    for i in range(0, len(values), per_byte):
        chunk = values[i : i + per_byte]
        tensor.int32_data.append(sum(v << (bits * k) for k, v in enumerate(chunk)))


def parse(text):
    model = onnx.parser.parse_model(text)
    for tensor in model.graph.initializer:
        pack(tensor)
    return model


def parts(path):
    """(name, text) of each part."""
    name, lines = None, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#---"):
                if name:
                    yield name, "".join(lines)
                name, lines = line[4:].strip(), []
            else:
                lines.append(line)
    if name:
        yield name, "".join(lines)


def run(path, command):
    importer = ["sumac-translate", "--import-onnx", path]
    if command:
        importer.append("--mlir-print-debuginfo")
    result = subprocess.run(importer, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if not command else None)
    if command and result.returncode == 0:
        result = subprocess.run(command, input=result.stdout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stdout.write(result.stdout.decode(errors="replace"))
    if result.returncode:
        print("exit status", result.returncode)
    return result.returncode >= 0


def main():
    source, command = sys.argv[1], sys.argv[2:]
    alive = True
    with tempfile.TemporaryDirectory() as folder:
        for name, text in parts(source):
            print("====", name, flush=True)
            path = os.path.join(folder, name + ".onnx")
            onnx.save(parse(text), path)
            alive &= run(path, command)
    return 0 if alive else "a tool crashed"


if __name__ == "__main__":
    sys.exit(main())
