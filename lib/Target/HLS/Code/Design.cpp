//===- Design.cpp - A network in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Design.h"
#include "CodeWriter.h"
#include "Processes.h"

#include "sumac/Target/CPU/Compile.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;
using sumac::stream::getChannelType;

namespace {
/// Identifiers, each once.
class Names {
public:
  std::string make(StringRef name) {
    std::string base = makeIdentifier(name), unique = base;
    for (unsigned i = 2; !used.insert(unique).second; ++i)
      unique = base + "_" + std::to_string(i);
    return unique;
  }

private:
  llvm::StringSet<> used;
};
} // namespace

std::vector<std::string> hls::getPortNames(const Design &design) {
  Names names;
  std::vector<std::string> result;
  // A suffix keeps them apart from the words of C++.
  for (const Port &port : design.ports.inputs)
    result.push_back(names.make(port.name) + "_in");
  for (const Port &port : design.ports.outputs)
    result.push_back(names.make(port.name) + "_out");
  return result;
}

/// The network's input and output channels.
static SmallVector<Value> getPortChannels(stream::NetworkOp network) {
  SmallVector<Value> channels(network.getBody().getArguments());
  llvm::append_range(channels, network.getOutput().getChannels());
  return channels;
}

/// "void NAME(hls::stream<...> &image, ...)"
static std::string getSignature(const Design &design, StringRef suffix) {
  std::string text = "void " + design.name + suffix.str() + "(", separator;
  for (auto [name, channel] : llvm::zip(getPortNames(design), getPortChannels(design.network))) {
    text += separator + getStreamType(getChannelType(channel).getItemBits()) + " &" + name;
    separator = ", ";
  }
  return text + ")";
}

void hls::printHeader(const Design &design, llvm::raw_ostream &os) {
  CodeWriter code(os);
  std::string guard = StringRef(design.name).upper() + "_H";
  code.line("// Made by Sumac. " + design.name + ": every call takes one frame.");
  code.line("//");
  for (auto [name, channel] : llvm::zip(getPortNames(design), getPortChannels(design.network))) {
    stream::ChannelType type = getChannelType(channel);
    std::string element;
    llvm::raw_string_ostream(element) << type.getElementType();
    code.line("// " + name + ": " + Twine(type.getElements()) + " elements of type " + element + ", " +
              Twine(type.getLanes()) + " in an item, the first in the lowest bits.");
  }
  code.line("#ifndef " + guard);
  code.line("#define " + guard);
  code.line();
  code.line("#include \"sumac_hls.h\"");
  code.line();
  code.line("// Plain FIFO ports.");
  code.line(getSignature(design, "") + ";");
  code.line();
  code.line("// AXI-Stream ports, no control port: it runs as soon as data comes.");
  code.line(getSignature(design, "_axis") + ";");
  code.line();
  code.line("#endif // " + guard);
}

namespace {

/// Processes, channels and top functions.
class SourcePrinter {
public:
  SourcePrinter(const Design &design, llvm::raw_ostream &os) : design(design), names(design), code(os) {}
  void print();

private:
  void printBody();

  const Design &design;
  DesignNames names;
  CodeWriter code;
};

} // namespace

DesignNames::DesignNames(const Design &design) {
  stream::NetworkOp network = design.network;
  Names identifiers;
  for (auto process : network.getBody().getOps<stream::StreamOpInterface>())
    processes[process] = identifiers.make(process.getProcessName());
  std::vector<std::string> ports = getPortNames(design);
  for (BlockArgument argument : network.getBody().getArguments())
    streams[argument] = ports[argument.getArgNumber()];
  for (auto process : network.getBody().getOps<stream::StreamOpInterface>())
    for (OpResult result : process->getResults())
      streams[result] = processes[process] + "_to" +
                        (process->getNumResults() > 1 ? std::to_string(result.getResultNumber()) : "");
  // A FIFO is the stream behind it; the last one of an output is the port.
  for (auto [i, channel] : llvm::enumerate(network.getOutput().getChannels())) {
    auto fifo = channel.getDefiningOp<stream::FifoOp>();
    Value written = fifo ? fifo.getInput() : channel;
    // An input that is an output, too, is copied.
    if (!isa<BlockArgument>(written))
      streams[written] = ports[network.getBody().getNumArguments() + i];
  }
  for (auto fifo : network.getBody().getOps<stream::FifoOp>())
    streams[fifo.getResult()] = streams.lookup(fifo.getInput());
}

/// The dataflow region: streams with their depths, then all processes.
void SourcePrinter::printBody() {
  stream::NetworkOp network = design.network;
  code.pragma("dataflow");
  for (auto fifo : network.getBody().getOps<stream::FifoOp>()) {
    bool isPort = isa<BlockArgument>(fifo.getInput()) || isa<stream::OutputOp>(*fifo.getResult().user_begin());
    if (isPort)
      continue;
    std::string name = names.streams.lookup(fifo.getInput());
    code.line(getStreamType(fifo.getType().getItemBits()) + " " + name + "(\"" + name + "\");");
    code.pragma("stream variable=" + name + " depth=" + Twine(fifo.getDepth()));
  }
  for (auto process : network.getBody().getOps<stream::StreamOpInterface>()) {
    std::string call = names.processes.lookup(process) + "_unit(", separator;
    for (Value operand : process->getOperands()) {
      call += separator + names.streams.lookup(operand);
      separator = ", ";
    }
    for (Value result : process->getResults())
      call += ", " + names.streams.lookup(result);
    code.line(call + ");");
  }
}

void SourcePrinter::print() {
  code.line("// Made by Sumac.");
  code.line();
  code.line("#include \"" + design.name + ".h\"");
  stream::NetworkOp network = design.network;
  for (auto process : network.getBody().getOps<stream::StreamOpInterface>()) {
    code.line();
    printProcess(code, names.processes.lookup(process), process);
  }
  code.line();
  code.open("static void network" + StringRef(getSignature(design, "")).drop_front(5 + design.name.size()));
  printBody();
  code.close();
  std::string arguments, separator;
  for (const std::string &port : getPortNames(design)) {
    arguments += separator + port;
    separator = ", ";
  }
  code.line();
  code.open(getSignature(design, ""));
  code.line("network(" + arguments + ");");
  code.close();
  code.line();
  code.open(getSignature(design, "_axis"));
  code.pragma("interface mode=ap_ctrl_none port=return");
  for (const std::string &port : getPortNames(design))
    code.pragma("interface mode=axis port=" + port);
  code.line("network(" + arguments + ");");
  code.close();
}

void hls::printSource(const Design &design, llvm::raw_ostream &os) { SourcePrinter(design, os).print(); }

//===----------------------------------------------------------------------===//
// Library
//===----------------------------------------------------------------------===//

/// The C type of an array of a port.
static std::string getArrayType(HostType type) {
  if (type == HostType::Bool)
    return "std::uint8_t";
  return "std::" + stringifyHostType(type).str() + "_t";
}

void hls::printLibrary(const Design &design, llvm::raw_ostream &os) {
  CodeWriter code(os);
  stream::NetworkOp network = design.network;
  SmallVector<Value> channels = getPortChannels(network);
  std::vector<std::string> names = getPortNames(design);
  unsigned inputs = network.getBody().getNumArguments();
  code.line("// Made by Sumac. The design as a function of arrays, for programs that load it.");
  code.line();
  code.line("#include \"" + design.name + ".h\"");
  code.line();
  code.line("#include <cstdint>");
  code.line();
  code.line("// `pointers`: an array for each input, then for each output; a row is a frame.");
  code.open("extern \"C\" void " + design.name + "_run(std::int64_t frames, void *const *pointers)");
  for (auto [i, name] : llvm::enumerate(names)) {
    const Port &port = i < inputs ? design.ports.inputs[i] : design.ports.outputs[i - inputs];
    std::string type = (i < inputs ? "const " : "") + getArrayType(port.rawType);
    code.line(type + " *" + name + "_array = static_cast<" + type + " *>(pointers[" + Twine(i) + "]);");
  }
  code.open("for (std::int64_t frame = 0; frame < frames; ++frame)");
  for (auto [name, channel] : llvm::zip(names, channels))
    code.line(getStreamType(getChannelType(channel).getItemBits()) + " " + name + "(\"" + name + "\");");
  auto openLoops = [&](const std::string &name, stream::ChannelType type) {
    code.loop("i", type.getItems());
    code.line("ap_uint<" + Twine(type.getItemBits()) + "> item = " +
              (StringRef(name).ends_with("_out") ? name + ".read();" : "0;"));
    code.loop("l", type.getLanes());
  };
  std::string arguments, separator;
  for (auto [i, name] : llvm::enumerate(names)) {
    stream::ChannelType type = getChannelType(channels[i]);
    if (i < inputs) {
      openLoops(name, type);
      std::string bits = std::to_string(type.getElementType().getWidth());
      code.line("sumac::put<" + bits + ">(item, l, ap_uint<" + bits + ">(*" + name + "_array++));");
      code.close();
      code.line(name + ".write(item);");
      code.close();
    }
    arguments += separator + name;
    separator = ", ";
  }
  code.line(design.name + "(" + arguments + ");");
  for (unsigned i = inputs; i < names.size(); ++i) {
    stream::ChannelType type = getChannelType(channels[i]);
    const Port &port = design.ports.outputs[i - inputs];
    openLoops(names[i], type);
    std::string element = getType(type.getElementType());
    code.line("*" + names[i] + "_array++ = static_cast<" + getArrayType(port.rawType) + ">(" + element +
              "(sumac::get<" + Twine(type.getElementType().getWidth()) + ">(item, l))." +
              (type.getElementType().isSigned() ? "to_int64" : "to_uint64") + "());");
    code.close();
    code.close();
  }
  code.close();
  code.close();
}
