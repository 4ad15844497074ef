# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Replaces the instructions of a program: long_program.py COUNT BLOCKS IMAGES STEPS.

Reads an acm.program as IR and writes one with its machine, ports and data that executes
COUNT times BLOCKS blocks of IMAGES images in STEPS steps each.
"""

import re
import sys


def main():
    count, blocks, images, steps = map(int, sys.argv[1:])
    fields = f'blocks = {blocks} : i64, format = "dense", images = {images} : i64, mode = "sums"'
    fields += f", passes = 1 : i64, steps = {steps} : i64, windows = 1 : i64"
    # Names, and where later runs begin, are of the instructions that were there.
    text = re.sub(r' names\("[^"]*"\)', "", sys.stdin.read())
    text = re.sub(r",\\22repeat\\22:\d+", "", text)
    body = f"    acm.execute {{{fields}}}\n" * count
    print(re.sub(r"(acm\.program .*\n)(    acm\..*\n)*(?=    acm\.finish)", lambda match: match[1] + body, text))


if __name__ == "__main__":
    main()
