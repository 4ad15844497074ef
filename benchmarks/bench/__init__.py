# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmark of Sumac against other runtimes; see ../README.md."""
