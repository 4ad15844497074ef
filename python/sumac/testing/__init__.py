# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests of the real `sumac` command against things that share no code with it.

Each program says more with --help: node_cases, differential, compare_oracles, bad_files.
"""
