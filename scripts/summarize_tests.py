# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums up JUnit reports of lit and pytest: skipped tests with the reason, failed ones, and one last line.

    summarize_tests.py UNITTESTS REPORT.xml...

UNITTESTS is the folder of the GoogleTest programs: lit does not pass on why one of their tests was skipped, so the test is
asked again. A report that is missing, unreadable or empty counts as a failure: its tests did not run.
"""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def skip_reason(case, unittests):
    """Why a test case was skipped."""
    message = case.find("skipped").get("message", "")
    # lit's classname of a unit test is "Sumac-Unit._/PROGRAM/SUITE".
    match = re.fullmatch(r"Sumac-Unit\._/([^/]+)/(.*)", case.get("classname"))
    if not match:
        return message
    program, suite = match.groups()
    command = [unittests / program, f"--gtest_filter={suite}.{case.get('name')}"]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    found = re.search(r": Skipped\n(.*)", result.stdout)
    return found.group(1) if found else message


def read_report(path, unittests):
    """Yields (name, "passed" | "failed" | "skipped", reason) for each test case of a JUnit report."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}: {case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed", "see above"
        elif case.find("skipped") is not None:
            yield name, "skipped", skip_reason(case, unittests)
        else:
            yield name, "passed", ""


def main():
    """Prints the summary; the exit status is 1 if anything failed."""
    unittests = Path(sys.argv[1])
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    lines = []
    for path in sys.argv[2:]:
        try:
            tests = list(read_report(path, unittests))
        except (OSError, ElementTree.ParseError, subprocess.SubprocessError) as error:
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
