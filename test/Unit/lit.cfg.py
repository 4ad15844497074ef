# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the GoogleTest programs of build/unittests, one test a test case."""

import os

import lit.formats

config.name = "Sumac-Unit"
config.suffixes = []
config.test_exec_root = os.path.join(config.sumac_obj_root, "unittests")
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "HOME", "TMPDIR"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]
