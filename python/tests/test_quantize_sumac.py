# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What sumac.quantize writes, in the compiler: its exact result is onnxruntime's but for rounding."""

import os

import numpy as np
import onnxruntime
import pytest

from sumac.quantize.pipeline import Options, quantize
from sumac.testing import command
from sumac.testing.float_nets import SPELLINGS, FloatNet

CASES = {
    "basis4": ("Relu", "uint8"),
    "shift2": ("LeakyRelu", "uint4"),
    "flight": ("Relu", "uint8"),
    "pool32": ("Sigmoid", "uint8"),
    "codebook16": ("Tanh", "uint8"),
    "ternary": ("Relu", "uint2"),
    "uniform4": ("Clip", "uint8"),
}


@pytest.fixture
def sumac():
    """The program of $SUMAC_BUILD, or of the checkout's build."""
    program = command.ROOT / os.environ.get("SUMAC_BUILD", "build") / "bin/sumac"
    if not program.exists():
        pytest.skip(f"{program} is missing; scripts/build builds it")
    return program


@pytest.mark.parametrize("number, spec", list(enumerate(CASES)))
def test_sumac_runs_what_is_written(sumac, tmp_path, number, spec):
    activation, codes = CASES[spec]
    net = FloatNet((13, 17, 7, 5), number, spelling=SPELLINGS[number % 5], activation=activation, norm=bool(number % 2))
    x = net.samples(40)
    model, _ = quantize(net.model(), Options(spec, activations=codes, bias_correction=True), {"x": x})
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    (wanted,) = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": x})
    finished, outputs = command.run_model(sumac, tmp_path, model, {"x": x}, ["--target", "interp", "--threads", "1"])
    assert finished.status == 0, finished.errors
    (given,) = outputs.values()
    equal = np.isclose(given, wanted, rtol=1e-4, atol=1e-4).all(1)  # a row differs where float32 crosses a tie
    assert equal.sum() >= 38
