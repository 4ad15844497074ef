# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writers of quantized networks as standard ONNX."""
