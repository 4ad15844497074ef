# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs artifacts whose container was changed: bad_containers.py FOLDER SUMAC INPUT.

Each must be refused with exit status 1 and one line that names the file and an offset, or, where the file is
whole and the program is not, an instruction.
"""

import json
import os
import struct
import subprocess
import sys
import zlib


def seal(data):
    """Makes the checksums right again, so that what is behind them is looked at."""
    data = bytearray(data)
    (count,) = struct.unpack_from("<I", data, 16)
    for entry in range(64, 64 + 64 * count, 64):
        offset, size = struct.unpack_from("<QQ", data, entry + 8)
        struct.pack_into("<I", data, entry + 24, zlib.crc32(data[offset : offset + size]))
    struct.pack_into("<I", data, 20, zlib.crc32(data[64 : 64 + 64 * count]))
    return bytes(data)


def get_section(data, kind):
    (count,) = struct.unpack_from("<I", data, 16)
    for entry in range(64, 64 + 64 * count, 64):
        if data[entry : entry + 4] == kind:
            return (entry, *struct.unpack_from("<QQ", data, entry + 8))
    raise KeyError(kind)


def patch(data, offset, replacement):
    return data[:offset] + replacement + data[offset + len(replacement) :]


def make_cases(data):
    """Bytes, and what the error must have."""
    for size in [0, 1, 4, 63, 64, 65, 127, 128, 384, len(data) // 2, len(data) - 64, len(data) - 1]:
        yield data[:size], "offset"
    for offset in [0, 4, 8, 16, 20, 24, 64, 68, 72, 80, 88, 96]:
        yield patch(data, offset, bytes([data[offset] ^ 0xFF])), "offset"
    yield data + bytes(64 * 3 + 1), "offset"
    yield patch(data, 4, struct.pack("<H", 2)), "offset 4: version 2 is not supported"
    yield patch(data, 16, struct.pack("<I", 2**32 - 1)), "offset 16"
    for kind in [b"DESC", b"INST", b"DATA", b"ENTR", b"NAME"]:
        entry, offset, size = get_section(data, kind)
        yield patch(data, offset + size // 2, bytes([data[offset + size // 2] ^ 1])), f"offset {offset}: "
        for position, length in [(2**64 - 64, size), (offset, 2**64 - 1), (len(data), 64), (offset + 1, size)]:
            yield seal(patch(data, entry + 8, struct.pack("<QQ", position, length))), f"offset {entry + 8}: "
    yield seal(patch(data, get_section(data, b"DESC")[0], b"XXXX")), "offset 64: "
    _, offset, size = get_section(data, b"DESC")
    yield seal(patch(data, offset, b"[" * size)), f"offset {offset}: "
    yield seal(data[:offset] + data[offset : offset + size].replace(b'"rows":', b'"cows":') + data[offset + size :]), f"offset {offset}: "
    _, offset, size = get_section(data, b"ENTR")
    yield seal(data[:offset] + data[offset : offset + size].replace(b'"elements":784', b'"elements":783') + data[offset + size :]), "the container has other inputs"
    _, offset, size = get_section(data, b"INST")
    for value in [4, 5, 6, 7]:
        yield seal(patch(data, offset, bytes([data[offset] & 0xF8 | value]))), f"offset {offset}: instruction 0: "
    # Tokens that nobody gives; all that is read is not there.
    yield seal(patch(data, offset, bytes(size))), ""
    yield seal(patch(data, offset, bytes([data[offset] | 0x10]))), "deadlock"
    yield seal(patch(data, offset, bytes([data[offset] | 0x40]) + data[offset + 1 : offset + 3] + b"\xff\xff\xff\xff")), "instruction"


def main():
    folder, sumac, inputs = sys.argv[1:]
    path = f"{folder}/program.acm"
    with open(path, "rb") as file:
        data = file.read()
    cases = list(make_cases(data))
    refused = 0
    for number, (changed, expected) in enumerate(cases):
        assert changed != data, number
        with open(path, "wb") as file:
            file.write(changed)
        output = f"{folder}/y.npy"
        result = subprocess.run([sumac, "run", folder, "--input", inputs, "-o", output], capture_output=True, text=True, check=False)
        lines = result.stderr.splitlines()
        if result.returncode == 1 and len(lines) == 1 and path in lines[0] and expected in lines[0] and not os.path.exists(output):
            refused += 1
        else:
            print(f"case {number}: expected {json.dumps(expected)}: {result.returncode} {result.stderr[:400]}")
    print(f"{refused} of {len(cases)} containers are refused with the place")


if __name__ == "__main__":
    main()
