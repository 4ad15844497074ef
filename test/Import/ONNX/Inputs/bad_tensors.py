# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write models with one broken initializer each, NAME.onnx: bad_tensors.py FOLDER"""

import os
import sys

from onnx import TensorProto as T
from onnx import helper


def external(location, offset=None, length=None, dims=(4,)):
    tensor = T(name="w", data_type=T.INT8, dims=dims, data_location=T.EXTERNAL)
    if location is not None:
        tensor.external_data.add(key="location", value=location)
    if offset is not None:
        tensor.external_data.add(key="offset", value=str(offset))
    if length is not None:
        tensor.external_data.add(key="length", value=str(length))
    return tensor


CASES = {
    "short": T(name="w", data_type=T.FLOAT, dims=[2, 2], raw_data=bytes(15)),
    "wrong_field": T(name="w", data_type=T.FLOAT, dims=[2], int32_data=[1, 2]),
    "value_too_big": T(name="w", data_type=T.INT8, dims=[1], int32_data=[300]),
    "negative": T(name="w", data_type=T.FLOAT, dims=[-1]),
    "huge": T(name="w", data_type=T.FLOAT, dims=[2**40]),
    "huge_product": T(name="w", data_type=T.FLOAT, dims=[2**31, 2**31, 2**31]),
    "nameless": T(data_type=T.FLOAT, dims=[1], float_data=[1]),
    "good_external": external("data/w.bin", 1, 4),
    "without_length": external("data/w.bin", 4),
    "parent": external("../w.bin"),
    "absolute": external("/etc/passwd"),
    "link_out": external("data/link_out"),
    "link_inside": external("data/link_inside"),
    "not_there": external("data/none"),
    "folder": external("data"),
    "beyond_end": external("data/w.bin", 5, 4),
    "huge_offset": external("data/w.bin", 2**63, 4),
    "negative_offset": external("data/w.bin", -1, 4),
    "wrong_length": external("data/w.bin", 0, 5),
    "no_location": external(None),
}


def main():
    folder = sys.argv[1]
    os.makedirs(os.path.join(folder, "data"))
    with open(os.path.join(folder, "data", "w.bin"), "wb") as file:
        file.write(bytes(range(8)))
    os.symlink("/etc/passwd", os.path.join(folder, "data", "link_out"))
    os.symlink("w.bin", os.path.join(folder, "data", "link_inside"))
    x = helper.make_tensor_value_info("x", T.FLOAT, ["N", 1])
    y = helper.make_tensor_value_info("y", T.FLOAT, ["N", 1])
    for name, tensor in CASES.items():
        if name == "link_inside":
            tensor.dims[:] = [8]
        graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y], initializer=[tensor])
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(helper.make_model(graph).SerializeToString())


if __name__ == "__main__":
    main()
