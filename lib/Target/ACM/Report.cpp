//===- Report.cpp - What a program takes -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation is a multiplication or an addition of the layer as a dense matrix:
// 2 inputs outputs for an image ("dense-equivalent"). Peak is 2 rows lanes a cycle.
//
// The first run loads the weights. "weights_on_chip" is a later one, where those find them
// in their memories.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "Limits.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/Energy.h"

#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace sumac;
using namespace sumac::acm;
using llvm::formatv;

/// A report of the simulators' as an object.
template <typename PrintT>
static llvm::json::Value getJSON(PrintT print) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return llvm::cantFail(llvm::json::parse(text));
}

namespace {

/// A layer, from the container's names and the cycles of its instructions.
struct LayerCycles {
  llvm::json::Object description;
  double operations = 0; ///< of an image
  int64_t begin = -1, end = 0;
};

} // namespace

/// A number of elements that names say, 0 where it can be none: a container's names may
/// be anything.
static double getSize(const llvm::json::Object &object, llvm::StringRef key) {
  int64_t size = object.getInteger(key).value_or(0);
  return size < 0 || size > (int64_t(1) << 24) ? 0 : static_cast<double>(size);
}

/// Layers in order; branches of one layer together.
static std::vector<LayerCycles> getLayers(const Container &container, const CycleReport &cycles) {
  std::vector<LayerCycles> layers;
  const llvm::json::Object *names = container.names ? container.names->getAsObject() : nullptr;
  const llvm::json::Array *entries = names ? names->getArray("layers") : nullptr;
  const llvm::json::Array *instructions = names ? names->getArray("instructions") : nullptr;
  if (!entries || !instructions)
    return layers;
  std::map<std::string, size_t> byName;
  for (const llvm::json::Value &entry : *entries) {
    const llvm::json::Object *object = entry.getAsObject();
    auto name = object ? object->getString("name") : std::nullopt;
    if (!name)
      continue;
    auto [found, isNew] = byName.try_emplace(name->str(), layers.size());
    if (isNew)
      layers.emplace_back().description = *object;
    layers[found->second].operations += 2.0 * getSize(*object, "inputs") * getSize(*object, "outputs");
  }
  for (auto [instruction, name, times] : llvm::zip(container.program.instructions, *instructions, cycles.instructions)) {
    auto found = name.getAsString() ? byName.find(name.getAsString()->str()) : byName.end();
    if (found == byName.end() || !instruction.is(Opcode::Execute))
      continue;
    LayerCycles &layer = layers[found->second];
    layer.begin = layer.begin < 0 ? times.begun : layer.begin;
    layer.end = times.completed + 1;
  }
  return layers;
}

/// The container with the instructions of runs after the first one alone.
static Container getRepeated(const Container &container) {
  Container repeated = container;
  repeated.program = container.getRepeated();
  llvm::json::Object *names = repeated.names ? repeated.names->getAsObject() : nullptr;
  const llvm::json::Array *instructions = names ? names->getArray("instructions") : nullptr;
  if (!instructions)
    return repeated;
  llvm::json::Array rest;
  for (size_t i = container.entry.repeat; i < instructions->size(); ++i)
    rest.push_back((*instructions)[i]);
  (*names)["instructions"] = std::move(rest);
  return repeated;
}

/// Cycles, layers and energy of one run.
static llvm::Expected<llvm::json::Object> describeRun(const Container &container, int64_t additions) {
  const Machine &machine = container.program.machine;
  auto cycles = simulateCycles(container.program, getCycleLimits());
  if (!cycles)
    return cycles.takeError();
  EnergyReport energy = estimateEnergy(machine, cycles->activity, additions);
  double peak = 2.0 * static_cast<double>(machine.rows * machine.lanes);
  auto images = static_cast<double>(container.entry.images);
  double operations = 0;
  int64_t begin = -1, end = 0;
  llvm::json::Array rows;
  for (LayerCycles &layer : getLayers(container, *cycles)) {
    operations += layer.operations * images;
    begin = begin < 0 ? layer.begin : begin;
    end = layer.end;
    llvm::json::Object row = std::move(layer.description);
    row["run_cycles"] = layer.end - layer.begin;
    row["utilization"] = layer.operations * images / (peak * static_cast<double>(layer.end - layer.begin));
    rows.push_back(std::move(row));
  }
  double span = static_cast<double>(std::max<int64_t>(1, end - begin)), total = static_cast<double>(cycles->cycles);
  double seconds = total / (static_cast<double>(machine.clockMHz) * 1e6);
  return llvm::json::Object{
      {"cycles", cycles->cycles},
      {"execute_cycles", end - begin},
      {"microseconds", seconds * 1e6},
      {"images_per_second", images / seconds},
      {"operations_per_image", operations / images},
      {"tops", operations / seconds * 1e-12},
      {"peak_tops", peak * static_cast<double>(machine.clockMHz) * 1e-6},
      {"utilization", operations / (peak * total)},
      {"utilization_while_executing", operations / (peak * span)},
      {"layers", std::move(rows)},
      {"simulation", getJSON([&](llvm::raw_ostream &os) { printJSON(*cycles, machine, os); })},
      {"energy", getJSON([&](llvm::raw_ostream &os) {
         printJSON(energy, container.entry.images, operations, EnergyTable(), os);
       })}};
}

llvm::Expected<llvm::json::Object> acm::makeReport(const Container &container) {
  if (llvm::Error error = check(container))
    return std::move(error);
  // Each step takes a cycle, so that this is known before anything runs.
  if (getActivity(container.program).steps > kMostCycles)
    return llvm::createStringError("the program takes more than " + llvm::Twine(kMostCycles) + " cycles");
  // How many additions there are depends on no input.
  auto simulator = FunctionalSimulator::create(container.program, container.entry.dram, getFunctionalLimits());
  if (!simulator)
    return simulator.takeError();
  llvm::copy(container.data, (*simulator)->getDram().begin());
  if (llvm::Error error = (*simulator)->run())
    return std::move(error);
  int64_t additions = (*simulator)->getNumAdditions();

  auto report = describeRun(container, additions);
  if (!report)
    return report.takeError();
  (*report)["machine"] = container.program.machine.name;
  (*report)["images"] = container.entry.images;
  if (container.entry.repeat != 0) {
    auto again = describeRun(getRepeated(container), additions);
    if (!again)
      return again.takeError();
    (*report)["weights_on_chip"] = std::move(*again);
  }
  return report;
}

void acm::printContainer(const Container &container, llvm::raw_ostream &os) {
  const Machine &machine = container.program.machine;
  os << formatv("machine {0}: {1} rows of {2} lanes, {3} outputs at once, {4} MHz; hash {5:x}\n", machine.name, machine.rows,
                machine.lanes, machine.outputs, machine.clockMHz, machine.getHash())
     << formatv("{0} instructions of {1} bytes, {2} bytes of data, {3} bytes of DRAM\n", container.program.instructions.size(),
                machine.getInstructionBytes(), container.data.size(), container.entry.dram);
  auto print = [&](llvm::StringRef what, const Port &port) {
    os << formatv("{0} '{1}': {2} {3} {4} in {5}, at byte {6}, images {7} apart\n", what, llvm::json::fixUTF8(port.name), port.elements,
                  port.isSigned ? "signed" : "unsigned", port.memory == Memory::Results ? "sums" : "codes",
                  stringifyMemory(port.memory), port.address, port.stride);
  };
  for (const Port &port : container.entry.inputs)
    print("input", port);
  for (const Port &port : container.entry.outputs)
    print("output", port);
}

void acm::printReport(const llvm::json::Object &report, llvm::raw_ostream &os) {
  auto number = [](const llvm::json::Object &object, llvm::StringRef key) { return object.getNumber(key).value_or(0); };
  os << formatv("machine {0}, {1:f0} images in a run\n", report.getString("machine").value_or(""), number(report, "images"))
     << formatv("{0:f0} cycles, {1:f2} us, {2:f0} images/s; {3:f3} of {4:f3} TOPS (dense-equivalent)\n", number(report, "cycles"),
                number(report, "microseconds"), number(report, "images_per_second"), number(report, "tops"),
                number(report, "peak_tops"))
     << formatv("utilization {0:p1}; from the first step to the last output, {1:f0} cycles: {2:p1}\n", number(report, "utilization"),
                number(report, "execute_cycles"), number(report, "utilization_while_executing"));
  if (const llvm::json::Object *kept = report.getObject("weights_on_chip"))
    os << formatv("weights on chip already: {0:f0} cycles, {1:f2} us; from the first step to the last output, {2:f0} cycles: {3:p1}\n",
                  number(*kept, "cycles"), number(*kept, "microseconds"), number(*kept, "execute_cycles"),
                  number(*kept, "utilization_while_executing"));
  if (const llvm::json::Object *energy = report.getObject("energy"))
    os << formatv("energy ({0}): {1:f1} nJ an image, {2:f1} nJ of it on chip; {3:f3} dense-equivalent TOPS/W on chip\n",
                  energy->getString("node").value_or(""), number(*energy, "picojoules_per_image") / 1000,
                  number(*energy, "picojoules_per_image_on_chip") / 1000, number(*energy, "dense_tops_per_watt_on_chip"));
  os << "layer                     inputs outputs passes format         fold     cycles  utilization  stored bits  paper: dense, bitmask, csr\n";
  for (const llvm::json::Value &value : *report.getArray("layers")) {
    const llvm::json::Object &layer = *value.getAsObject();
    const llvm::json::Object *bits = layer.getObject("paper_bits");
    os << formatv("{0,-24} {1,7:f0} {2,7:f0} {3,6:f0} {4,-12} {5,6} {6,10:f0} {7,12:p1} {8,12:f0}", layer.getString("name").value_or(""),
                  number(layer, "inputs"), number(layer, "outputs"), number(layer, "passes"),
                  layer.getString("format").value_or(""), layer.getString("fold").value_or(""), number(layer, "run_cycles"),
                  number(layer, "utilization"), number(layer, "stored_bits"));
    if (bits)
      os << formatv("  {0:f0}, {1:f0}, {2:f0}", number(*bits, "dense"), number(*bits, "bitmask"), number(*bits, "csr"));
    os << "\n";
  }
}
