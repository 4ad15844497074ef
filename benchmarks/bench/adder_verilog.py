# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adder graphs as Verilog of exact widths, and what yosys maps them to."""

import re
import subprocess

import numpy as np


def coefficients(graph):
    """Of every node, and of every output, the factors of the inputs."""
    nodes = list(np.eye(graph["inputs"], dtype=np.int64))

    def get(term):
        node, shift, negative = term
        return -(nodes[node] << shift) if negative else nodes[node] << shift

    for a, b in graph["adders"]:
        nodes.append(get(a) + get(b))
    outputs = [np.zeros(graph["inputs"], np.int64) if o is None else get(o) for o in graph["outputs"]]
    return nodes, np.array(outputs)


def width(factors, bounds):
    """Bits and sign of a sum of inputs within these bounds."""
    low, high = (int(np.where(factors > 0, factors * bounds[i], factors * bounds[1 - i]).sum()) for i in (0, 1))
    if low >= 0:
        return max(1, high.bit_length()), False
    return max(high.bit_length(), (-low - 1).bit_length()) + 1, True


class Printer:
    def __init__(self, graph, bounds):
        self.graph = graph
        nodes, outputs = coefficients(graph)
        self.widths = [width(node, bounds) for node in nodes]
        self.output_widths = [width(output, bounds)[0] for output in outputs]

    def bits(self, node, count, drop=0):
        """`count` bits of a node from bit `drop` on, its sign repeated above."""
        own, signed = self.widths[node]
        sign = f"n{node}[{own - 1}]" if signed else "1'b0"
        there = min(count, own - drop)
        if there <= 0:
            return f"{{{count}{{{sign}}}}}"
        part = f"n{node}[{drop + there - 1}:{drop}]"
        return part if there == count else f"{{{{{count - there}{{{sign}}}}}, {part}}}"

    def term(self, term, count):
        node, shift, _ = term
        if shift == 0:
            return self.bits(node, count)
        return f"{{{self.bits(node, count - shift)}, {shift}'b0}}" if count > shift else f"{count}'b0"

    def adder(self, node, a, b):
        """Low bits that only one operand has pass by the adder."""
        count = self.widths[node][0]
        operator = "-" if b[2] else "+"
        if a[1] > 0 and not b[2]:
            a, b = b, a
        low = b[1]
        lines = [f"wire [{count - 1}:0] n{node};"]
        if a[1] > 0 or low == 0 or low >= count:
            return [*lines, f"assign n{node} = {self.term(a, count)} {operator} {self.term(b, count)};"]
        high = f"{self.bits(a[0], count - low, low)} {operator} {self.bits(b[0], count - low)}"
        return [*lines, f"assign n{node}[{low - 1}:0] = {self.bits(a[0], low)};", f"assign n{node}[{count - 1}:{low}] = {high};"]

    def module(self):
        inputs = self.graph["inputs"]
        ports = [f"input [{self.widths[k][0] - 1}:0] n{k}" for k in range(inputs)]
        lines = []
        for i, (a, b) in enumerate(self.graph["adders"]):
            lines += self.adder(inputs + i, a, b)
        for n, output in enumerate(self.graph["outputs"]):
            if output is not None:
                count = self.output_widths[n]
                ports.append(f"output [{count - 1}:0] y{n}")
                lines.append(f"assign y{n} = {'-' if output[2] else ''}{self.term(output, count)};")
        return "\n".join([f"module top({', '.join(ports)});", *lines, "endmodule", ""])


def write(graph, bounds, path):
    path.write_text(Printer(graph, bounds).module())
    return [path]


def count_luts(sources, top, folder):
    """LUTs after `synth_xilinx`, no place and route."""
    late = [str(p) for p in sources if p.parent.name == "static"]
    now = [str(p) for p in sources if p.parent.name != "static"]
    read = (f"read_verilog -defer {' '.join(late)}; " if late else "") + f"read_verilog {' '.join(now)}"
    report = folder / "yosys.stat"
    script = f"{read}; synth_xilinx -family xcup -flatten -noiopad -top {top}; tee -q -o {report} stat"
    subprocess.run(["yosys", "-q", "-p", script], check=True, capture_output=True)
    cells = re.findall(r"^\s+(?:(LUT\d)\s+(\d+)|(\d+)\s+(LUT\d))\s*$", report.read_text(), re.MULTILINE)
    return sum(int(a or b) for _, a, b, _ in cells)
