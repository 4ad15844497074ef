# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs ONNX models on samples with inner values exposed: with onnxruntime, or onnx's reference evaluator without it."""

import functools

import numpy as np
import onnx
from onnx import TensorProto, helper

from sumac.quantize.coding import say
from sumac.quantize.errors import QuantizeError, first_line

ROWS = 1024  # at once, where the batch is free
NEWEST_IR = 13  # that onnxruntime 1.31 reads


_say_once = functools.cache(say)


def expose(model, names):
    """A copy of a ModelProto whose outputs are its own and the float32 values `names`."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = min(copy.ir_version, NEWEST_IR)
    present = {value.name for value in copy.graph.output}
    for name in names:
        if name not in present:
            copy.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
            present.add(name)
    return copy


def _session(model):
    """A function (names, feeds) -> arrays that runs a model."""
    try:
        import onnxruntime
    except ImportError:
        _say_once("onnxruntime is not installed: running in onnx's reference evaluator")
    else:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            return onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            ).run
        except Exception as error:  # onnxruntime's exceptions share no base but this
            _say_once(
                f"onnxruntime refuses the model ({first_line(error)[:120]}): running in onnx's reference evaluator"
            )
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run


def run(model, samples, names):
    """The values `names`, [N, ...] each, by name, for samples: arrays by the name of the input, all with N rows."""
    names = list(dict.fromkeys(names))
    rows = len(next(iter(samples.values())))
    step = min(_rows_at_once(model, samples, rows), rows)
    parts = []
    try:
        call = _session(expose(model, names))
        for start in range(0, rows, step):
            feeds = {name: array[start : start + step] for name, array in samples.items()}
            parts.append(call(names, feeds))
    except Exception as error:  # whatever an executor raises
        raise QuantizeError(f"the model does not run on the calibration data: {first_line(error)}") from error
    if len(parts) == 1:
        return dict(zip(names, parts[0]))
    return {name: np.concatenate(arrays) for name, *arrays in zip(names, *parts)}


def _rows_at_once(model, samples, rows):
    """The leading dimension to call with: ROWS if it is free, else what the model declares."""
    for value in model.graph.input:
        dims = value.type.tensor_type.shape.dim
        if value.name in samples and dims and dims[0].HasField("dim_value"):
            return dims[0].dim_value
    return ROWS
