# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Executes a tutorial: run_tutorial.py TUTORIAL.md FOLDER.

In the Markdown file, a block ```LANGUAGE file=NAME is written to FOLDER/NAME, a block ```sh is run there by bash (it ends at
the first command that fails), and each line of a block ```text must occur in what the last ```sh block printed, in order;
`...` in it stands for anything within a line.
"""

import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def check_output(expected, output):
    """Raises a ValueError at the first expected line that does not occur behind the one before it."""
    position = 0
    for line in expected.splitlines():
        pattern = ".*?".join(map(re.escape, line.split("...")))
        found = re.compile(pattern).search(output, position)
        if not found:
            raise ValueError(f"expected '{line}' in the output:\n{output}")
        position = found.end()


def run_block(command, folder):
    """Runs a block of shell commands and returns all that they print."""
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ValueError(f"exit status {result.returncode} of:\n{command}\n{result.stdout}")
    return result.stdout


def main():
    """Runs all blocks in their order."""
    if len(sys.argv) != 3:
        sys.exit("usage: run_tutorial.py TUTORIAL.md FOLDER")
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    output = ""
    ran = 0
    try:
        for language, file, body in BLOCK.findall(text):
            if file:
                (folder / file).write_text(body, encoding="utf-8")
            elif language == "sh":
                output = run_block(body, folder)
                ran += 1
            elif language == "text":
                check_output(body, output)
    except ValueError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    if ran == 0:
        sys.exit(f"{sys.argv[1]} has no commands")
    print(f"{ran} command blocks ran")


if __name__ == "__main__":
    main()
