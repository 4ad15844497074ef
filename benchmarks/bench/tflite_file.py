# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a net as a LiteRT flatbuffer, with the schema that the wheel ships.

QUANTIZE, one FULLY_CONNECTED per layer with its ReLU fused, DEQUANTIZE. Codes
are int8, that is the net's unsigned codes less 128; the integers are the same.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


class _Model:
    """Buffers, tensors and operators in the making."""

    def __init__(self):
        self.buffers = [schema.BufferT()]
        self.tensors = []
        self.operators = []
        self.codes = []

    def tensor(self, name, shape, element_type, data=None, scale=None, zero=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name.encode(), list(shape)
        tensor.type, tensor.buffer = element_type, 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        if scale is not None:
            quantization = schema.QuantizationParametersT()
            quantization.scale = [float(v) for v in np.ravel(scale)]
            quantization.zeroPoint = [int(v) for v in np.ravel(zero)]
            quantization.quantizedDimension = 0
            tensor.quantization = quantization
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def code(self, builtin, version):
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = version
        self.codes.append(code)
        return len(self.codes) - 1

    def operator(self, code, inputs, outputs, options=None, kind=0):
        operator = schema.OperatorT()
        operator.opcodeIndex = code
        operator.inputs, operator.outputs = inputs, outputs
        if options is not None:
            operator.builtinOptions, operator.builtinOptionsType = options, kind
        self.operators.append(operator)


def _pack_nibbles(weights):
    """Two 4-bit codes a byte, the first one in the low half."""
    flat = weights.astype(np.int64).ravel() & 15
    return (flat[0::2] | flat[1::2] << 4).astype(np.uint8)


def write(net, path, rows):
    """Writes the net (8- or 4-bit weights) for one batch size."""
    four_bits = net.weight_bits == 4
    types, operators = schema.TensorType, schema.BuiltinOperator
    model = _Model()
    quantize = model.code(operators.QUANTIZE, 1)
    dense = model.code(operators.FULLY_CONNECTED, 10 if four_bits else 4)
    dequantize = model.code(operators.DEQUANTIZE, 2)

    def codes(name, width, grid):
        return model.tensor(
            name, [rows, width], types.INT8, None, grid.scale, grid.zero - 128
        )

    x = model.tensor("x", [rows, net.shape[0]], types.FLOAT32)
    value = codes("input", net.shape[0], net.input)
    model.operator(quantize, [x], [value])
    for index, layer in enumerate(net.layers):
        outputs, inputs = layer.weights.shape
        zeros = np.zeros(outputs)
        if four_bits:
            data, kind = _pack_nibbles(layer.weights), types.INT4
        else:
            data, kind = layer.weights.astype(np.int8), types.INT8
        weight = model.tensor(
            f"w{index}", [outputs, inputs], kind, data, layer.scale, zeros
        )
        bias = model.tensor(
            f"b{index}", [outputs], types.INT32, layer.bias, layer.bias_scale, zeros
        )
        result = codes(f"o{index}", outputs, layer.grid)
        options = schema.FullyConnectedOptionsT()
        activation = schema.ActivationFunctionType
        options.fusedActivationFunction = (
            activation.RELU if layer.relu else activation.NONE
        )
        model.operator(
            dense,
            [value, weight, bias],
            [result],
            options,
            schema.BuiltinOptions.FullyConnectedOptions,
        )
        value = result
    y = model.tensor("y", [rows, net.shape[-1]], types.FLOAT32)
    model.operator(dequantize, [value], [y])

    graph = schema.SubGraphT()
    graph.tensors, graph.operators = model.tensors, model.operators
    graph.inputs, graph.outputs, graph.name = [x], [y], net.name.encode()
    file = schema.ModelT()
    file.version, file.subgraphs = 3, [graph]
    file.buffers, file.operatorCodes = model.buffers, model.codes
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(file.Pack(builder), b"TFL3")
    with open(path, "wb") as stream:
        stream.write(builder.Output())
