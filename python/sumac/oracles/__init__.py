# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other executors of ONNX models, to compare Sumac with.

Each is a program: python -m sumac.oracles.NAME MODEL.onnx --input X.npy -o Y.npy
"""
