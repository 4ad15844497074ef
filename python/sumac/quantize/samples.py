# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads calibration data and checks it against a model's inputs."""

import zipfile

import numpy as np
from onnx import TensorProto, helper

from sumac.quantize.errors import QuantizeError, first_line


def load(path, graph):
    """Arrays by input name from a .npy (a model of one input) or a .npz; QuantizeError if a model cannot take them."""
    declared = {value.name: value for value in graph.inputs}
    try:
        data = np.load(path, allow_pickle=False)
        arrays = {name: data[name] for name in data.files} if hasattr(data, "files") else data
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        text = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
        raise QuantizeError(f"{path}: {text[0].lower()}{text[1:]}") from error
    if isinstance(arrays, np.ndarray):
        if len(declared) != 1:
            names = ", ".join(declared)
            raise QuantizeError(f"{path}: the model has {len(declared)} inputs ({names}); give a .npz with their names")
        arrays = dict.fromkeys(declared, arrays)
    if set(arrays) != set(declared):
        raise QuantizeError(f"{path} holds {', '.join(arrays) or 'nothing'}; the inputs are {', '.join(declared)}")
    for name, array in arrays.items():
        _check(path, declared[name], array)
    if len({len(array) for array in arrays.values()}) > 1:
        raise QuantizeError(f"{path}: its arrays have different numbers of rows")
    return arrays


def _check(path, value, array):
    """Refuses an array that an input, a ValueInfoProto, cannot take."""
    name, kind = value.name, value.type.tensor_type
    expected = helper.tensor_dtype_to_np_dtype(kind.elem_type) if kind.elem_type else np.dtype(np.float32)
    if array.dtype != expected:
        raise QuantizeError(f"{path}: input '{name}' takes {expected}, the calibration data are {array.dtype}")
    if array.ndim == 0 or array.size == 0:
        raise QuantizeError(f"{path}: the calibration data for input '{name}' are empty")
    if kind.HasField("shape"):
        dims = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
        fits = len(dims) == array.ndim and all(d in (None, size) for d, size in zip(dims[1:], array.shape[1:]))
        if not fits or (dims[0] and len(array) % dims[0]):
            text = ", ".join("?" if d is None else str(d) for d in dims)
            raise QuantizeError(f"{path}: input '{name}' has shape [{text}], the data {list(array.shape)}")
    if kind.elem_type == TensorProto.FLOAT and not np.isfinite(array).all():
        raise QuantizeError(f"{path}: the calibration data for input '{name}' hold NaN or infinity")
