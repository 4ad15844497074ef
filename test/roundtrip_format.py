# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The test format of the round-trip run (a module, so that lit's workers can import it)."""

import lit.formats


class RoundTripTest(lit.formats.ShTest):
    """Takes the tests that run sumac-opt; the others would only run twice."""

    def getTestsInDirectory(self, suite, path, options, local):
        for test in super().getTestsInDirectory(suite, path, options, local):
            with open(test.getSourcePath(), encoding="utf-8", errors="replace") as file:
                text = file.read()
            runs = [line for line in text.splitlines() if "RUN:" in line]
            if any("sumac-opt" in line for line in runs) and "NO-ROUNDTRIP" not in text:
                yield test
