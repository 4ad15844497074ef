# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums up reports of lit (.json) and pytest (.xml, JUnit): skipped tests with the reason, failed ones, one last line.

A report that is missing, unreadable or empty counts as a failure: its tests did not run.
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def read_lit(path):
    """Yields (name, "passed" | "failed" | "skipped", reason) of a report that lit wrote with -o."""
    with open(path, encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    for test in tests:
        code = test["code"]
        if code in PASSED:
            yield test["name"], "passed", ""
        elif code in SKIPPED:
            lines = [line for line in test.get("output", "").splitlines() if line.strip()]
            yield test["name"], "skipped", re.sub(r"\s+", " ", " ".join(lines[:2])) or code.lower()
        else:
            yield test["name"], "failed", code.lower()


def read_pytest(path):
    """Yields the same for a report that pytest wrote with --junitxml."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed", "failed"
        elif skipped is not None:
            yield name, "skipped", skipped.get("message", "")
        else:
            yield name, "passed", ""


def main():
    """Prints the summary; the exit status is 1 if anything failed."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    lines = []
    for path in sys.argv[1:]:
        try:
            tests = list(read_lit(path) if path.endswith(".json") else read_pytest(path))
        except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
            tests = [(path, "failed", f"no report: {error}")]
        for name, outcome, reason in tests or [(path, "failed", "no tests were run")]:
            counts[outcome] += 1
            if outcome != "passed":
                lines.append(f"{outcome}: {name}: {reason}")
    for line in sorted(lines, reverse=True):
        print(line)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
