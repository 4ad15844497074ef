# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model with onnxruntime on the CPU, operator by operator in float32 as the graph is written.

Graph optimizations are off: they fuse QuantizeLinear and DequantizeLinear into integer kernels that round differently.
"""

import onnxruntime

from sumac.oracles import command_line


def run_model(path, inputs):
    """The only output of the model for its inputs, arrays in the graph's order."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [declared.name for declared in session.get_inputs()]
    (output,) = session.run(None, command_line.bind_inputs(names, inputs))
    return output


if __name__ == "__main__":
    command_line.run("onnxruntime", "Run a model with onnxruntime, without graph optimizations.", run_model)
