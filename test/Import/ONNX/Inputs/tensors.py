# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write a model whose initializers use every representation: tensors.py OUT.onnx"""

import sys

import onnx
from onnx import TensorProto as T
from onnx import helper


def tensor(name, data_type, dims, **fields):
    proto = T(name=name, data_type=data_type, dims=dims)
    for field, value in fields.items():
        if field == "raw_data":
            proto.raw_data = value
        else:
            getattr(proto, field).extend(value)
    return proto


TENSORS = [
    tensor("float_field", T.FLOAT, [2], float_data=[1.5, -2.0]),
    tensor("float_raw", T.FLOAT, [1], raw_data=b"\x00\x00\xc0\x3f"),
    tensor("double_field", T.DOUBLE, [1], double_data=[0.1]),
    tensor("half_field", T.FLOAT16, [2], int32_data=[0x3C00, 0xC000]),
    tensor("bfloat_raw", T.BFLOAT16, [1], raw_data=b"\x80\x3f"),
    tensor("int8_field", T.INT8, [2], int32_data=[-128, 127]),
    tensor("uint8_field", T.UINT8, [2], int32_data=[0, 255]),
    tensor("int16_raw", T.INT16, [1], raw_data=b"\xff\x7f"),
    tensor("uint16_field", T.UINT16, [1], int32_data=[65535]),
    tensor("int32_field", T.INT32, [1], int32_data=[-70000]),
    tensor("uint32_field", T.UINT32, [1], uint64_data=[4294967295]),
    tensor("int64_field", T.INT64, [1], int64_data=[-5]),
    tensor("uint64_field", T.UINT64, [1], uint64_data=[2**64 - 1]),
    tensor("bool_raw", T.BOOL, [2], raw_data=b"\x00\x02"),
    # Packed: the first element in the lowest bits, padded at the end.
    tensor("int4_raw", T.INT4, [3], raw_data=b"\xe1\x08"),
    tensor("uint4_field", T.UINT4, [3], int32_data=[0xE1, 0x08]),
    tensor("int2_raw", T.INT2, [5], raw_data=b"\xb1\x03"),
    tensor("uint2_field", T.UINT2, [5], int32_data=[0xB1, 0x03]),
    # Opaque: kept, but without arithmetic.
    tensor("float8", T.FLOAT8E4M3FN, [1], raw_data=b"\x38"),
    tensor("strings", T.STRING, [1], string_data=[b"text"]),
    tensor("complex", T.COMPLEX64, [1], float_data=[1.0, 2.0]),
    tensor("scalar", T.FLOAT, [], float_data=[4.0]),
    tensor("empty", T.FLOAT, [0, 3]),
    tensor("big", T.INT8, [65], raw_data=bytes(range(65))),
]


def main():
    x = helper.make_tensor_value_info("x", T.FLOAT, ["N", 1])
    y = helper.make_tensor_value_info("y", T.FLOAT, ["N", 1])
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    graph = helper.make_graph(nodes, "g", [x], [y], initializer=TENSORS)
    for name, kind in (("x", "UINT4"), ("int8_field", "INT8")):
        note = graph.quantization_annotation.add(tensor_name=name)
        note.quant_parameter_tensor_names.add(key="finn_datatype", value=kind)
    with open(sys.argv[1], "wb") as file:
        file.write(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)]).SerializeToString())


if __name__ == "__main__":
    main()
