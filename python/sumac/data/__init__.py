# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Readers for the data sets that the examples and tests use."""
