//===- Interface.cpp - What compiled code offers ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Metadata and C header of compiled code.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Layers.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace sumac;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

llvm::json::Object CPUInterface::toJSON() const {
  llvm::json::Array inputs, outputs;
  for (const Port &port : ports.inputs)
    inputs.push_back(sumac::toJSON(port));
  for (const Port &port : ports.outputs)
    outputs.push_back(sumac::toJSON(port));
  return llvm::json::Object{{"inputs", std::move(inputs)},
                            {"outputs", std::move(outputs)},
                            {"raw_entry", ports.hasRawEntry},
                            {"batched", isBatched},
                            {"row_multiple", rowMultiple},
                            {"most_planes", mostPlanes}};
}

llvm::Expected<CPUInterface> CPUInterface::parse(const llvm::json::Object &object) {
  CPUInterface result;
  const llvm::json::Array *inputs = object.getArray("inputs"), *outputs = object.getArray("outputs");
  if (!inputs || !outputs)
    return llvm::createStringError("the metadata has no \"inputs\" or \"outputs\"");
  auto read = [](const llvm::json::Array &array, std::vector<Port> &ports) -> llvm::Error {
    for (const llvm::json::Value &value : array) {
      llvm::Expected<Port> port = parsePort(value);
      if (!port)
        return port.takeError();
      ports.push_back(std::move(*port));
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = read(*inputs, result.ports.inputs))
    return std::move(error);
  if (llvm::Error error = read(*outputs, result.ports.outputs))
    return std::move(error);
  result.ports.hasRawEntry = object.getBoolean("raw_entry").value_or(false);
  result.isBatched = object.getBoolean("batched").value_or(true);
  result.rowMultiple = object.getInteger("row_multiple").value_or(1);
  if (result.rowMultiple < 1)
    return llvm::createStringError("the metadata has no valid \"row_multiple\"");
  result.mostPlanes = object.getInteger("most_planes").value_or(0);
  if (result.mostPlanes < 0 || result.mostPlanes > 64)
    return llvm::createStringError("the metadata has no valid \"most_planes\"");
  return result;
}

FailureOr<CPUInterface> CPUInterface::read(ModuleOp module) {
  auto attr = module->getAttrOfType<StringAttr>(cpu::kInterfaceAttr);
  if (!attr)
    return module.emitError("has no interface; run sumac-cpu-pipeline first");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(attr.getValue());
  if (!value || !value->getAsObject()) {
    llvm::consumeError(value.takeError());
    return module.emitError("has a damaged interface attribute");
  }
  llvm::Expected<CPUInterface> result = parse(*value->getAsObject());
  if (!result)
    return module.emitError(llvm::toString(result.takeError()));
  return std::move(*result);
}

void CPUInterface::write(ModuleOp module) const {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(toJSON());
  module->setAttr(cpu::kInterfaceAttr, StringAttr::get(module.getContext(), text));
}

//===----------------------------------------------------------------------===//
// C header
//===----------------------------------------------------------------------===//

std::string sumac::makeIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "model_");
  return result;
}

static StringRef getCType(HostType type) {
  switch (type) {
  case HostType::Bool:
  case HostType::U8:
    return "uint8_t";
  case HostType::I8:
    return "int8_t";
  case HostType::U16:
  case HostType::F16:
  case HostType::BF16:
    return "uint16_t";
  case HostType::I16:
    return "int16_t";
  case HostType::U32:
    return "uint32_t";
  case HostType::I32:
    return "int32_t";
  case HostType::U64:
    return "uint64_t";
  case HostType::I64:
    return "int64_t";
  case HostType::F32:
    return "float";
  case HostType::F64:
    return "double";
  }
  return "void";
}

/// Names as C comments may hold them.
static std::string cleanComment(StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isPrint(c) && c != '*' && c != '\\' ? c : '_';
  return result;
}

static void printPort(llvm::raw_ostream &os, const Port &port, StringRef what, size_t index, bool raw) {
  HostType type = raw ? port.rawType : port.type;
  os << " *   " << what << index << ": \"" << cleanComment(port.name) << "\", ";
  for (auto [d, size] : llvm::enumerate(port.shape)) {
    if (d > 0)
      os << " x ";
    if (ShapedType::isDynamic(size))
      os << "rows";
    else
      os << size;
  }
  os << " " << stringifyHostType(type);
  if (type == HostType::F16 || type == HostType::BF16)
    os << " (as bit patterns)";
  os << "\n";
  if (raw && !port.grid.empty())
    os << " *     value = (code - zero_point) * scale" << (port.offset.empty() ? "" : " + offset") << "; see metadata.json\n";
}

static void printFunction(llvm::raw_ostream &os, const CPUInterface &interface, StringRef name, bool raw) {
  os << "/* " << (raw ? "Codes in, codes or accumulators out." : "The model.") << "\n";
  for (auto [i, port] : llvm::enumerate(interface.ports.inputs))
    printPort(os, port, "in", i, raw);
  for (auto [i, port] : llvm::enumerate(interface.ports.outputs))
    printPort(os, port, "out", i, raw);
  StringRef result = interface.mostPlanes > 0 ? "int " : "void ", planes = interface.mostPlanes > 0 ? ", int planes" : "";
  os << " */\n" << result << name << "(int64_t rows";
  for (auto [i, port] : llvm::enumerate(interface.ports.inputs))
    os << ", const " << getCType(raw ? port.rawType : port.type) << " *in" << i;
  for (auto [i, port] : llvm::enumerate(interface.ports.outputs))
    os << ", " << getCType(raw ? port.rawType : port.type) << " *out" << i;
  os << planes << ");\n\n/* The same with the pointers above, in that order, in an array. */\n"
     << result << name << "_array(int64_t rows, const void *const *pointers" << planes << ");\n\n";
}

std::string sumac::printCHeader(const CPUInterface &interface, StringRef prefix, const CPUTarget &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  std::string guard = "SUMAC_" + StringRef(prefix).upper() + "_H";
  os << "/* Generated by Sumac for " << target.getCPU() << " (" << target.getTriple().str() << ").\n *\n"
     << " * All arrays are row-major and contiguous, with the alignment of their elements.\n"
     << " * Outputs must not overlap inputs or each other. Functions allocate nothing,\n"
     << " * keep no state and may be called by several threads at once. They expect the\n"
     << " * floating-point environment that C programs start with (round to nearest, no\n"
     << " * flushing of subnormal numbers).\n *\n";
  if (interface.isBatched)
    os << " * `rows` is the leading dimension of every array: any number >= 0";
  else
    os << " * `rows` is the number of evaluations, whose arrays lie one after the other:\n * any number >= 0";
  if (interface.isBatched && interface.rowMultiple > 1)
    os << " that is a\n * multiple of " << interface.rowMultiple << " (what remains is not computed)";
  os << ".\n";
  if (interface.mostPlanes > 0)
    os << " *\n * `planes`, 1 to " << interface.mostPlanes << ", is the number of bit planes that are used of the activations of\n"
       << " * layers of bit planes and of pools: lower bits of their codes count as 0. Codes\n"
       << " * of no more bits are used as they are, so " << interface.mostPlanes << " computes the model. The result is 0,\n"
       << " * or -1 for another number: then nothing is computed.\n";
  os << " */\n#ifndef " << guard << "\n#define " << guard << "\n\n#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  printFunction(os, interface, (prefix + "_run").str(), false);
  if (interface.ports.hasRawEntry)
    printFunction(os, interface, (prefix + "_run_raw").str(), true);
  os << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  return text;
}
