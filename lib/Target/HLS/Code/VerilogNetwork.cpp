//===- VerilogNetwork.cpp - Unrolled networks in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerilogNetwork.h"
#include "Unrolled.h"
#include "VerilogElements.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

/// Additions in a row without a register; 0: no registers at all.
static int64_t getAddersPerStage(stream::NetworkOp network) {
  int64_t least = 0;
  for (auto process : network.getBody().getOps<stream::ProcessOp>())
    if (auto unit = dyn_cast<stream::UnrolledUnitAttr>(process.getUnit()))
      least = least == 0 ? unit.getAddersPerStage() : std::min(least, unit.getAddersPerStage());
  return least;
}

bool hls::hasVerilogNetwork(stream::NetworkOp network) {
  bool hasLayer = false;
  for (Operation &op : network.getBody().front()) {
    for (Value result : op.getResults())
      if (stream::getChannelType(result).getLanes() != stream::getChannelType(result).getElements())
        return false;
    auto process = dyn_cast<stream::ProcessOp>(op);
    if (!process)
      continue;
    if (!hasVerilogElements(process) || !isa<stream::UnrolledUnitAttr, stream::ElementwiseUnitAttr>(process.getUnit()))
      return false;
    hasLayer |= isa<stream::UnrolledUnitAttr>(process.getUnit());
  }
  return hasLayer && llvm::all_of(network.getBody().getArguments(), [](Value input) {
           return stream::getChannelType(input).getLanes() == stream::getChannelType(input).getElements();
         });
}

namespace {

/// A channel's wire, and in which cycle after the inputs it has the frame.
struct Signal {
  std::string wire;
  int64_t time = 0;
};

class NetworkPrinter {
public:
  NetworkPrinter(llvm::raw_ostream &os, const Design &design)
      : os(os), design(design), names(design), isPipelined(getAddersPerStage(design.network) != 0) {}
  /// Registers on every path.
  int64_t print();

private:
  void printProcess(stream::ProcessOp process);
  std::string delay(const Signal &signal, int64_t time, int64_t bits);

  llvm::raw_ostream &os;
  Design design;
  DesignNames names;
  bool isPipelined;
  llvm::DenseMap<Value, Signal> signals;
};

} // namespace

/// The signal as it is at a later time.
std::string NetworkPrinter::delay(const Signal &signal, int64_t time, int64_t bits) {
  std::string wire = signal.wire;
  for (int64_t t = signal.time + 1; t <= time; ++t) {
    std::string next = signal.wire + "_" + std::to_string(t);
    os << "  reg [" << bits - 1 << ":0] " << next << ";\n  always @(posedge clock) " << next << " <= " << wire << ";\n";
    wire = next;
  }
  return wire;
}

void NetworkPrinter::printProcess(stream::ProcessOp process) {
  std::string name = names.processes.lookup(process);
  LinearOp linear = stream::ProcessBody::get(process).linear;
  int64_t time = 0;
  for (Value input : process.getInputs())
    time = std::max(time, signals[input].time);
  SmallVector<std::string> operands;
  for (auto [i, input] : llvm::enumerate(process.getInputs()))
    operands.push_back(delay(signals[input], time, stream::getChannelType(input).getItemBits()));
  if (linear) {
    auto unit = cast<stream::UnrolledUnitAttr>(process.getUnit());
    int64_t elements = stream::getChannelType(process.getResult()).getElements();
    os << "  wire [" << elements * stream::getElementBits(linear.getResult()) - 1 << ":0] " << name << "_y;\n"
       << "  " << name << "_sums " << name << "_u(" << (unit.getAddersPerStage() != 0 ? ".clock(clock), " : "") << ".x("
       << operands[0] << "), .y(" << name << "_y));\n";
    operands = {name + "_y"};
    time += getRegisters(linear, unit.getAddersPerStage());
  }
  int64_t bits = stream::getChannelType(process.getResult()).getItemBits();
  std::string result = name + "_r";
  os << "  wire [" << bits - 1 << ":0] " << result << ";\n  " << name << "_elements " << name << "_e(";
  for (auto [i, operand] : llvm::enumerate(operands))
    os << ".x" << i << "(" << operand << "), ";
  os << ".y(" << result << "));\n";
  // A register behind each process keeps its logic apart from the next one's.
  Signal signal{result, time};
  if (isPipelined) {
    delay(signal, time + 1, bits);
    signal = {result + "_" + std::to_string(time + 1), time + 1};
  }
  signals[process.getResult()] = signal;
}

int64_t NetworkPrinter::print() {
  stream::NetworkOp network = design.network;
  std::vector<std::string> ports = getPortNames(design);
  os << "// Made by Sumac: the network " << design.name << ", a frame " << (isPipelined ? "a cycle" : "without registers")
     << ".\nmodule " << design.name << "_network(\n";
  if (isPipelined)
    os << "  input clock,\n";
  unsigned inputs = network.getBody().getNumArguments();
  for (auto [i, input] : llvm::enumerate(network.getBody().getArguments())) {
    os << "  input [" << stream::getChannelType(input).getItemBits() - 1 << ":0] " << ports[i] << ",\n";
    signals[input] = {ports[i], 0};
  }
  SmallVector<Value> outputs(network.getOutput().getChannels());
  for (auto [i, output] : llvm::enumerate(outputs))
    os << "  output [" << stream::getChannelType(output).getItemBits() - 1 << ":0] " << ports[inputs + i]
       << (i + 1 == outputs.size() ? ");\n" : ",\n");
  for (Operation &op : network.getBody().front()) {
    if (auto process = dyn_cast<stream::ProcessOp>(op))
      printProcess(process);
    else
      for (Value result : op.getResults())
        signals[result] = signals[op.getOperand(0)];
  }
  int64_t time = 0;
  for (Value output : outputs)
    time = std::max(time, signals[output].time);
  for (auto [i, output] : llvm::enumerate(outputs)) {
    std::string wire = delay(signals[output], time, stream::getChannelType(output).getItemBits());
    os << "  assign " << ports[inputs + i] << " = " << wire << ";\n";
  }
  os << "endmodule\n";
  return time;
}

void hls::printVerilogNetwork(llvm::raw_ostream &os, const Design &design) { NetworkPrinter(os, design).print(); }

VerilogTest hls::getNetworkTest(const Design &design) {
  stream::NetworkOp network = design.network;
  VerilogTest test;
  test.name = design.name + "_network";
  test.hasClock = getAddersPerStage(network) != 0;
  llvm::raw_null_ostream nowhere;
  test.registers = NetworkPrinter(nowhere, design).print();
  std::vector<std::string> ports = getPortNames(design);
  auto add = [&](std::vector<VerilogPort> &list, Value channel) {
    stream::ChannelType type = stream::getChannelType(channel);
    list.push_back({ports[test.inputs.size() + test.outputs.size()], type.getElements(), type.getElementType().getWidth()});
  };
  for (Value input : network.getBody().getArguments())
    add(test.inputs, input);
  for (Value output : network.getOutput().getChannels())
    add(test.outputs, output);
  return test;
}
