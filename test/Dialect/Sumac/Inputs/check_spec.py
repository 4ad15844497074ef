# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Check docs/spec.md against the error tests, and print its examples.

    check_spec.py SPEC TEST...

Every constraint (Cn) of the page must have a test function named NAME_cN (or
NAME_cN_WHAT), where NAME is the heading that it stands below. The examples go to
standard output, separated for sumac-opt -split-input-file.
"""

import re
import sys


def main():
    spec, tests = sys.argv[1], sys.argv[2:]
    functions = set()
    for path in tests:
        with open(path, encoding="utf-8") as file:
            functions.update(re.findall(r"@(\w+_c\d+)", file.read()))
    examples, missing, name, inside = [], [], "", False
    with open(spec, encoding="utf-8") as file:
        for line in file:
            if line.startswith("```"):
                inside = line.startswith("```mlir")
                if inside:
                    examples.append("")
            elif inside:
                examples[-1] += line
            elif heading := re.match(r"#+ (\w+)$", line):
                if heading[1] not in ("Constraints", "Examples"):
                    name = heading[1]
            elif constraint := re.match(r"\* \(C(\d+)\)", line):
                if f"{name}_c{constraint[1]}" not in functions:
                    missing.append(f"{name} (C{constraint[1]})")
    print("\n// -----\n\n".join(examples))
    if missing:
        sys.exit("constraints without an error test: " + ", ".join(missing))


main()
