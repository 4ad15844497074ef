//===- VerilogTest.cpp - Self-checking test benches in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerilogTest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace sumac::hls;
using llvm::ArrayRef;

/// Elements of `bits` bits each as one hexadecimal constant, the first lowest.
static void printHex(llvm::raw_ostream &os, ArrayRef<int64_t> elements, int64_t bits) {
  int64_t width = static_cast<int64_t>(elements.size()) * bits;
  os << width << "'h";
  for (auto digit = static_cast<int64_t>(llvm::divideCeil(width, 4)); digit-- > 0;) {
    unsigned value = 0;
    for (int64_t bit = digit * 4; bit < std::min(width, digit * 4 + 4); ++bit)
      value |= ((static_cast<uint64_t>(elements[bit / bits]) >> (bit % bits)) & 1) << (bit - digit * 4);
    os << llvm::hexdigit(value, /*LowerCase=*/true);
  }
}

static int64_t getWidth(const VerilogPort &port) { return port.elements * port.bits; }

void VerilogTest::print(llvm::raw_ostream &os, ArrayRef<std::vector<int64_t>> vectors) const {
  os << "// Made by Sumac: inputs, and the outputs that belong to them.\n"
     << "module " << name << "_test;\n"
     << "  reg clock = 0;\n"
     << "  integer differing = 0;\n";
  for (const VerilogPort &port : inputs)
    os << "  reg [" << getWidth(port) - 1 << ":0] " << port.name << ";\n";
  for (const VerilogPort &port : outputs)
    os << "  wire [" << getWidth(port) - 1 << ":0] " << port.name << ";\n";
  os << "  " << name << " dut(" << (hasClock ? ".clock(clock)" : "");
  std::string separator = hasClock ? ", " : "";
  for (const auto &ports : {inputs, outputs})
    for (const VerilogPort &port : ports) {
      os << separator << "." << port.name << "(" << port.name << ")";
      separator = ", ";
    }
  os << ");\n  always #1 clock = ~clock;\n  initial begin\n";
  for (const std::vector<int64_t> &vector : vectors) {
    ArrayRef<int64_t> rest = vector;
    os << "    @(negedge clock);\n";
    for (const VerilogPort &port : inputs) {
      os << "    " << port.name << " = ";
      printHex(os, rest.take_front(port.elements), port.bits);
      os << ";\n";
      rest = rest.drop_front(port.elements);
    }
    os << "    repeat (" << registers + 1 << ") @(negedge clock);\n    if (0";
    for (const VerilogPort &port : outputs) {
      os << " || " << port.name << " !== ";
      printHex(os, rest.take_front(port.elements), port.bits);
      rest = rest.drop_front(port.elements);
    }
    os << ") differing = differing + 1;\n";
  }
  os << "    $display(\"%0d of " << vectors.size() << " vectors differ\", differing);\n"
     << "    $finish;\n"
     << "  end\n"
     << "endmodule\n";
}
