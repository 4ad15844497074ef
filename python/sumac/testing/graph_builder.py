# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes ONNX graphs node by node, for the generators of test models."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class GraphBuilder:
    """Collects nodes, initializers, inputs and outputs; every value gets a fresh name."""

    def __init__(self, opset=21, batch="batch"):
        self.opset, self.batch = opset, batch
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.domains = {}
        self._count = 0

    def fresh(self, stem):
        self._count += 1
        return f"{stem}_{self._count}"

    def input(self, features, name=None):
        name = name or self.fresh("x")
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [self.batch, features]))
        return name

    def output(self, value, shape, kind=TensorProto.FLOAT):
        """Makes a value an output; `shape` is what comes behind the batch."""
        self.outputs.append(helper.make_tensor_value_info(value, kind, [self.batch, *shape]))
        return value

    def constant(self, array, kind=None, stem="c"):
        """An initializer; `kind` is an ONNX element type where numpy has none (4 and 2 bits)."""
        name, array = self.fresh(stem), np.asarray(array)
        if kind is None:
            self.initializers.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        else:
            self.initializers.append(helper.make_tensor(name, kind, array.shape, array.flatten().tolist()))
        return name

    def node(self, op_type, operands, domain="", outputs=1, **attributes):
        """Adds a node; trailing operands that are None are left out, others empty."""
        if domain:
            self.domains[domain] = 1
        operands = ["" if name is None else name for name in operands]
        while operands and not operands[-1]:
            operands.pop()
        results = [self.fresh(op_type.lower()) for _ in range(outputs)]
        name = self.fresh(f"node_{op_type}")
        self.nodes.append(helper.make_node(op_type, operands, results, name=name, domain=domain, **attributes))
        return results[0] if outputs == 1 else results

    def model(self, name="net"):
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.initializers)
        domains = {"": self.opset, **self.domains}
        opsets = [helper.make_opsetid(domain, version) for domain, version in domains.items()]
        model = helper.make_model(graph, producer_name="sumac tests", opset_imports=opsets)
        model.ir_version = 8 if self.opset < 21 else 10 if self.opset < 24 else 13
        onnx.checker.check_model(model)
        return model
