# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the size of a PNG of 8-bit RGB or RGBA, and of how many colors it is."""

import struct
import sys
import zlib


def read(path):
    """Width, height, bytes a pixel and the rows."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    at, packed = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and color in (2, 6) and not interlaced, "not plain RGB"
            size = 3 if color == 2 else 4
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    raw, stride = zlib.decompress(packed), width * size
    rows, above = [], bytearray(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        row = bytearray(raw[start + 1 : start + 1 + stride])
        undo_filter(raw[start], row, above, size)
        rows.append(row)
        above = row
    return width, height, size, rows


def undo_filter(kind, row, above, size):
    """Adds to each byte what the filter took from it."""
    for i in range(len(row) if kind else 0):
        left = row[i - size] if i >= size else 0
        up, corner = above[i], above[i - size] if i >= size else 0
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 2:
            row[i] = (row[i] + up) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + up) // 2) & 255
        else:
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda value: abs(guess - value))
            row[i] = (row[i] + nearest) & 255


width, height, size, rows = read(sys.argv[1])
colors = {bytes(row[i : i + 3]) for row in rows for i in range(0, len(row), size)}
print(f"{width} x {height}, {len(colors)} colors")
