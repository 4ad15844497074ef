# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantization after training: a float ONNX network in, standard ONNX with coded weights and quantized activations out.

    python -m sumac.quantize FLOAT.onnx --weights basis4 --calibrate X.npy -o Q.onnx

`sumac.quantize.pipeline.quantize` is the same as a function. Another coding of weights is one more file in `codings`.
docs/quantize.md is the manual.
"""
