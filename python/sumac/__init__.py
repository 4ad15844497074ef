# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sumac: sums in place of multiply-accumulates; the Python side of the compiler for quantized ONNX networks."""
