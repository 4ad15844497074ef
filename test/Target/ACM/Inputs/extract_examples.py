# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the programs of the specification, indented text that begins with `machine`, as files:

extract_examples.py SPECIFICATION FOLDER
"""

import sys


def get_examples(lines):
    examples, inside = [], False
    for line in lines:
        if line.startswith("    machine "):
            examples.append([])
            inside = True
        inside = inside and line.startswith("    ")
        if inside:
            examples[-1].append(line[4:])
    return examples


def main():
    page, folder = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        examples = get_examples(file)
    for number, lines in enumerate(examples):
        with open(f"{folder}/example-{number}.acmasm", "w", encoding="utf-8") as file:
            file.writelines(lines)
    print(f"{len(examples)} examples")


if __name__ == "__main__":
    main()
