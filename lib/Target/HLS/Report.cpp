//===- Report.cpp - What a design takes and gives -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "OperationCosts.h"

#include "sumac/Analysis/StreamTiming.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>
#include <set>

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

static llvm::json::Object printResources(const stream::Resources &resources) {
  auto up = [](double value) { return static_cast<int64_t>(std::ceil(value)); };
  return llvm::json::Object{{"lut", up(resources.lut)},
                            {"ff", up(resources.ff)},
                            {"dsp", up(resources.dsp)},
                            {"bram", up(resources.bram)},
                            {"uram", up(resources.uram)}};
}

/// Two for each weight of a layer, one for each other operation.
static int64_t countOperations(stream::StreamOpInterface process) {
  int64_t operations = 0;
  if (auto op = dyn_cast<stream::ProcessOp>(process.getOperation()))
    for (Operation &inner : op.getBody().front())
      if (auto cost = dyn_cast<CostOpInterface>(inner))
        operations += 2 * cost.getOperationCount().multiplyAdds;
  return operations;
}

static llvm::json::Object describe(stream::StreamOpInterface process, const std::string &name) {
  stream::Schedule schedule = process.getSchedule();
  llvm::json::Object object{{"name", name},
                            {"steps", schedule.steps},
                            {"latency", schedule.latency},
                            {"operations", countOperations(process)},
                            {"resources", printResources(process.getResources())}};
  auto op = dyn_cast<stream::ProcessOp>(process.getOperation());
  if (!op) {
    object["unit"] = process->getName().stripDialect();
    return object;
  }
  object["unit"] = op.getUnit().getUnitName();
  object["parameters"] = op.getUnit().toJSON();
  if (LinearOp linear = stream::ProcessBody::get(op).linear) {
    FormAttrInterface form = linear.getFormAttr();
    object["form"] = form ? form.getFormName() : "multiply_accumulate";
    object["weights"] = stream::getWeights(linear).getCodingName();
    ArrayRef<int64_t> shape = stream::getWeights(linear).getShape();
    object["shape"] = llvm::json::Array{shape[0], shape[1]};
  }
  return object;
}

namespace {
/// Names of processes and ports, unique.
class Nodes {
public:
  explicit Nodes(const Design &design) {
    stream::NetworkOp network = design.network;
    std::set<std::string> used;
    auto make = [&](const std::string &name) {
      std::string unique = name;
      for (unsigned i = 2; !used.insert(unique).second; ++i)
        unique = name + " " + std::to_string(i);
      return unique;
    };
    for (const Port &port : design.ports.inputs)
      inputs.push_back(make(port.name));
    for (const Port &port : design.ports.outputs)
      outputs.push_back(make(port.name));
    for (auto process : network.getBody().getOps<stream::StreamOpInterface>())
      names[process] = make(process.getProcessName());
  }
  std::string getName(Operation *op) const { return names.lookup(op); }
  std::string getWriter(Value channel) const {
    if (auto argument = dyn_cast<BlockArgument>(channel))
      return inputs[argument.getArgNumber()];
    return getName(channel.getDefiningOp());
  }
  std::string getReader(OpOperand &use) const {
    return isa<stream::OutputOp>(use.getOwner()) ? outputs[use.getOperandNumber()] : getName(use.getOwner());
  }

private:
  DenseMap<Operation *, std::string> names;
  std::vector<std::string> inputs, outputs;
};
} // namespace

llvm::json::Object hls::makeReport(const Design &design, const ProjectOptions &options) {
  stream::NetworkOp network = design.network;
  Nodes nodes(design);
  llvm::json::Array processes, channels;
  int64_t operations = 0;
  for (auto process : network.getBody().getOps<stream::StreamOpInterface>()) {
    processes.push_back(describe(process, nodes.getName(process)));
    operations += countOperations(process);
  }
  for (auto fifo : network.getBody().getOps<stream::FifoOp>()) {
    stream::ChannelType type = fifo.getType();
    std::string element;
    llvm::raw_string_ostream(element) << type.getElementType();
    auto depth = static_cast<int64_t>(fifo.getDepth());
    channels.push_back(llvm::json::Object{{"from", nodes.getWriter(fifo.getInput())},
                                          {"to", nodes.getReader(*fifo.getResult().use_begin())},
                                          {"elements", type.getElements()},
                                          {"lanes", type.getLanes()},
                                          {"type", element},
                                          {"bits", type.getItemBits()},
                                          {"depth", depth},
                                          {"resources", printResources(getFIFOResources(type, depth))}});
  }
  StreamTiming timing = computeStreamTiming(network);
  double rate = options.clock * 1e6 / static_cast<double>(timing.interval);
  const Device &device = *options.device;
  llvm::json::Object report{
      {"name", design.name},
      {"device", device.name},
      {"part", device.part},
      {"clock_mhz", options.clock},
      {"interval", timing.interval},
      {"latency", timing.latency},
      {"frames_per_second", rate},
      {"operations", operations},
      {"operations_per_second", rate * static_cast<double>(operations)},
      {"resources", printResources(getResources(network))},
      {"available", llvm::json::Object{{"lut", device.lut},
                                       {"ff", device.ff},
                                       {"dsp", device.dsp},
                                       {"bram", device.bram},
                                       {"uram", device.uram}}},
      {"processes", std::move(processes)},
      {"channels", std::move(channels)}};
  if (options.hasOperationCosts)
    report["operation_costs"] = estimateOperationCosts(design, options, rate);
  return report;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static int64_t getCount(const llvm::json::Object &object, StringRef resource) {
  const llvm::json::Object *resources = object.getObject("resources");
  return resources ? resources->getInteger(resource).value_or(0) : 0;
}

/// "pe = 10, simd = 16"
static std::string printParameters(const llvm::json::Object &process) {
  std::string text;
  if (const llvm::json::Object *parameters = process.getObject("parameters")) {
    std::map<std::string, std::string> sorted;
    for (const auto &entry : *parameters)
      sorted[entry.first.str()] = llvm::formatv("{0}", entry.second);
    for (auto &[name, value] : sorted)
      text += (text.empty() ? "" : ", ") + name + " = " + StringRef(value).trim('"').str();
  }
  return text;
}

static void printOperationCosts(const llvm::json::Object &costs, llvm::raw_ostream &os) {
  auto number = [](const llvm::json::Object &object, StringRef key) { return object.getNumber(key).value_or(0); };
  os << "operation costs (Su et al.; FINN-R's estimator for one lane):\n";
  for (const llvm::json::Value &value : *costs.getArray("layers")) {
    const llvm::json::Object &layer = *value.getAsObject();
    os << llvm::formatv("  {0,-22} {1,2:f0} x {2,2:f0} bits, {3,10:f0} operations of {4:f1} LUT or {5:f0} DSP\n",
                        layer.getString("name")->take_front(22), number(layer, "weight_bits"),
                        number(layer, "activation_bits"), number(layer, "operations"),
                        number(layer, "lut_per_operation"), number(layer, "dsp_per_operation"));
  }
  os << llvm::formatv("  at most {0:f0} frames a second in LUTs and {1:f0} in DSPs; the design reaches {2:p1} of both\n",
                      number(costs, "frames_per_second_lut"), number(costs, "frames_per_second_dsp"),
                      number(costs, "efficiency"));
}

void hls::printReport(const llvm::json::Object &report, llvm::raw_ostream &os) {
  auto number = [&](StringRef key) { return report.getNumber(key).value_or(0); };
  os << llvm::formatv("{0} on {1} at {2:f0} MHz\n", *report.getString("name"), *report.getString("device"),
                      number("clock_mhz"))
     << llvm::formatv("a frame every {0} cycles ({1:f0} a second), latency {2} cycles ({3:f2} us)\n",
                      *report.getInteger("interval"), number("frames_per_second"), *report.getInteger("latency"),
                      number("latency") / number("clock_mhz"))
     << llvm::formatv("{0:f3} Gop/s ({1} operations a frame: two for each weight)\n",
                      number("operations_per_second") / 1e9, *report.getInteger("operations"))
     << "estimates, not a placed design:\n";
  auto row = [&](StringRef name, StringRef unit, const llvm::json::Object &object, std::string steps) {
    os << llvm::formatv("  {0,-22} {1,-12} {2,10} {3,9} {4,9} {5,6} {6,6} {7,5}", name.take_front(22), unit, steps,
                        getCount(object, "lut"), getCount(object, "ff"), getCount(object, "dsp"),
                        getCount(object, "bram"), getCount(object, "uram"));
  };
  os << llvm::formatv("  {0,-22} {1,-12} {2,10} {3,9} {4,9} {5,6} {6,6} {7,5}\n", "process", "unit", "steps", "LUT", "FF",
                      "DSP", "BRAM18", "URAM");
  for (const llvm::json::Value &value : *report.getArray("processes")) {
    const llvm::json::Object &process = *value.getAsObject();
    row(*process.getString("name"), *process.getString("unit"), process,
        std::to_string(*process.getInteger("steps")));
    std::string parameters = printParameters(process);
    os << (parameters.empty() ? "" : "  " + parameters) << "\n";
  }
  row("all, with FIFOs", "", report, "");
  os << "\n";
  llvm::json::Object available{{"resources", llvm::json::Object(*report.getObject("available"))}};
  row("available", "", available, "");
  os << "\n";
  if (const llvm::json::Object *costs = report.getObject("operation_costs"))
    printOperationCosts(*costs, os);
}

//===----------------------------------------------------------------------===//
// Page
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> hls::printReportPage(const llvm::json::Object &report) {
  llvm::Expected<std::string> files = findFiles();
  if (!files)
    return files.takeError();
  auto buffer = llvm::MemoryBuffer::getFile(*files + "/report.html", /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError("cannot read '" + *files + "/report.html': " + buffer.getError().message());
  auto [head, tail] = (*buffer)->getBuffer().split("@REPORT@");
  std::string data;
  llvm::raw_string_ostream(data) << llvm::json::Value(llvm::json::Object(report));
  // A name from a file must not end the script that holds it.
  std::string safe;
  for (char c : data)
    safe += c == '<' ? "\\u003c" : std::string(1, c);
  return (head + safe + tail).str();
}
