# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model with the executor of the qonnx package, in float32: Quant and its kin in numpy, all else in onnxruntime.

onnxruntime is called node by node with every tensor as an input from numpy, which cannot pass 4-bit ones: a model with
INT4 or UINT4 initializers fails.
"""

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.change_batchsize import ChangeBatchSize
from qonnx.util.cleanup import cleanup_model

from sumac.oracles import command_line


def run_model(path, inputs):
    """The only output of the model for its inputs, arrays in the graph's order."""
    model = ModelWrapper(path)
    declared = [value.name for value in model.graph.input if model.get_initializer(value.name) is None]
    for name, array in command_line.bind_inputs(declared, inputs).items():
        if model.get_tensor_shape(name) != list(array.shape):
            model = model.transform(ChangeBatchSize(len(array)))
    model = cleanup_model(model)
    names = [value.name for value in model.graph.input]  # cleaning up renames tensors
    (output,) = execute_onnx(model, command_line.bind_inputs(names, inputs)).values()
    return output


if __name__ == "__main__":
    command_line.run("qonnx", "Run a model with the qonnx executor.", run_model)
