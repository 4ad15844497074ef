# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantization-aware training with PyTorch (environment: python/requirements-train.txt)."""
