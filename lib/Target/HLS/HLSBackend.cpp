//===- HLSBackend.cpp - FPGAs through high-level synthesis -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target `hls`: a project of streaming C++ with test bench and scripts, or the
// same code compiled for this machine.
//
//===----------------------------------------------------------------------===//

#include "Load.h"
#include "Project.h"
#include "Report.h"
#include "sumac/Conversion/SumacToStream/SumacToStream.h"
#include "sumac/Dialect/Stream/Transforms/Passes.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Support/Folders.h"
#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/HLS/Pipeline.h"
#include "sumac/Target/Metadata.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

namespace {
class HLSBackend final : public Backend {
public:
  StringRef getName() const override { return "hls"; }
  StringRef getDescription() const override {
    return "FPGAs: a Vitis HLS project of streaming C++ that g++ compiles, too";
  }
  void declareOptions(OptionSet &options) const override;
  bool computesForms() const override { return true; }
  llvm::Error buildSumsPipeline(OpPassManager &manager, const OptionSet &options) const override;
  llvm::Error buildPipeline(OpPassManager &manager, const OptionSet &options) const override;
  bool hasEstimate() const override { return true; }
  FailureOr<Estimate> getEstimate(ModuleOp module, const OptionSet &options) const override;
  bool canEmit() const override { return true; }
  LogicalResult emit(ModuleOp module, StringRef name, const OptionSet &options, OutputFolder &folder) const override;
  FailureOr<std::unique_ptr<Executable>> load(ModuleOp module, const OptionSet &options) const override;
  llvm::Expected<std::unique_ptr<Executable>> loadArtifact(StringRef folder, const OptionSet &options) const override;
};
} // namespace

static std::string listDevices() {
  std::string names;
  for (const Device &device : getDevices())
    names += (names.empty() ? "" : ", ") + device.name.str();
  return names;
}

void HLSBackend::declareOptions(OptionSet &options) const {
  options.addString("device", "pynq-z2", "Board or part, for its budget and the scripts: " + listDevices());
  options.addNumber("clock", 100, "Clock in MHz");
  options.addInteger("target-fps", 0, "Frames a second to reach with as little as possible; 0: as many as fit", 0);
  options.addString("budget", "", "What the design may take, e.g. lut=20000,dsp=100,bram=50 (default: 70% of the device)");
  options.addInteger("optimize", 1, "How much g++ optimizes designs that run on this machine: 0 compiles adder graphs fastest", 0, 3);
  options.addFlag("operation-costs", false, "Add Su et al.'s model, costs per operation of each precision, to the report");
  options.addString("folding", "", "JSON file of units, as the project's folding.json, that are given");
}

/// Numbers of "lut=20000,dsp=100".
static llvm::Error readBudget(StringRef text, StreamChooseFoldingOptions &folding) {
  SmallVector<StringRef> entries;
  text.split(entries, ',', -1, false);
  for (StringRef entry : entries) {
    auto [name, value] = entry.split('=');
    int64_t *target = llvm::StringSwitch<int64_t *>(name)
                          .Case("lut", &folding.lut)
                          .Case("dsp", &folding.dsp)
                          .Case("bram", &folding.bram)
                          .Case("uram", &folding.uram)
                          .Default(nullptr);
    int64_t number = 0;
    if (!target || value.getAsInteger(10, number) || number < 0)
      return llvm::createStringError("--budget: '" + entry +
                                     "' is not understood; it takes lut=N, dsp=N, bram=N and uram=N");
    *target = number;
  }
  return llvm::Error::success();
}

/// The device that the options name.
static llvm::Expected<const Device *> getDevice(const OptionSet &options) {
  StringRef name = options.getString("device");
  if (const Device *device = lookupDevice(name))
    return device;
  return llvm::createStringError("--device: there is no '" + name + "'; there are " + listDevices());
}

static llvm::Expected<double> getClock(const OptionSet &options) {
  double clock = options.getNumber("clock");
  if (!(clock >= 1 && clock <= 2000))
    return llvm::createStringError("--clock: a clock has 1 to 2000 MHz");
  return clock;
}

llvm::Error HLSBackend::buildSumsPipeline(OpPassManager &manager, const OptionSet &options) const {
  manager.addPass(createAddRawEntry());
  return llvm::Error::success();
}

llvm::Error HLSBackend::buildPipeline(OpPassManager &manager, const OptionSet &options) const {
  auto device = getDevice(options);
  if (!device)
    return device.takeError();
  auto clock = getClock(options);
  if (!clock)
    return clock.takeError();
  StreamChooseFoldingOptions folding;
  // What is left over is for the platform around the design.
  folding.lut = (*device)->lut * 7 / 10;
  folding.dsp = (*device)->dsp * 7 / 10;
  folding.bram = (*device)->bram * 7 / 10;
  folding.uram = (*device)->uram * 7 / 10;
  if (llvm::Error error = readBudget(options.getString("budget"), folding))
    return error;
  if (int64_t fps = options.getInteger("target-fps")) {
    folding.interval = static_cast<int64_t>(std::floor(*clock * 1e6 / static_cast<double>(fps)));
    if (folding.interval < 1)
      return llvm::createStringError("--target-fps: a design takes a frame a cycle at most, " +
                                     llvm::formatv("{0:f0}", *clock * 1e6) + " a second at this clock");
  }
  folding.file = options.getString("folding").str();
  buildHLSPipeline(manager, folding);
  return llvm::Error::success();
}

/// Whether channels carry the rows of tensors of these types.
static bool carryRows(ValueRange channels, TypeRange types) {
  return channels.size() == types.size() && llvm::all_of(llvm::zip(channels, types), [](auto pair) {
           stream::ChannelType channel = stream::getChannelType(std::get<0>(pair));
           auto type = dyn_cast<RankedTensorType>(std::get<1>(pair));
           return type && type.getRank() > 0 && type.getElementType() == channel.getElementType() &&
                  getNumElements(type.getShape().drop_front()) == channel.getElements();
         });
}

static FailureOr<Design> getDesign(ModuleOp module, StringRef name) {
  auto network = module.lookupSymbol<stream::NetworkOp>(kDesignName);
  if (!network)
    return module.emitError("has no stream.network; run sumac-hls-pipeline first");
  FailureOr<ModulePorts> ports = getModulePorts(module);
  if (failed(ports))
    return failure();
  // Both may come from a file.
  auto raw = module.lookupSymbol<func::FuncOp>("main_raw");
  if (!ports->hasRawEntry || !carryRows(network.getBody().getArguments(), raw.getArgumentTypes()) ||
      !carryRows(network.getOutput().getChannels(), raw.getResultTypes()))
    return network.emitError("has other inputs or outputs than the model's functions");
  return Design{network, makeIdentifier(name), std::move(*ports)};
}

/// Random frames and what the interpreter says about them.
static FailureOr<TestVectors> makeVectors(ModuleOp module, const ModulePorts &ports) {
  auto raw = module.lookupSymbol<func::FuncOp>("main_raw");
  TestVectors vectors;
  // As many as make a header of bearable size.
  int64_t elements = 1;
  for (const Port &port : ports.inputs)
    elements += getNumElements(ArrayRef(port.shape).drop_front()).value_or(0);
  vectors.frames = std::clamp<int64_t>((int64_t(1) << 20) / elements, 1, 16);
  std::mt19937_64 random(1);
  for (auto [port, type] : llvm::zip(ports.inputs, raw.getArgumentTypes())) {
    SmallVector<int64_t, 4> shape(port.shape);
    shape.front() = vectors.frames;
    HostTensor &tensor = vectors.inputs.emplace_back(port.rawType, shape);
    auto element = cast<IntegerType>(cast<RankedTensorType>(type).getElementType());
    Bounds bounds = port.rawBounds.value_or(Bounds{GridAttr::getStorageMin(element), GridAttr::getStorageMax(element)});
    auto count = static_cast<uint64_t>(bounds.max) - static_cast<uint64_t>(bounds.min) + 1;
    for (int64_t i = 0; i < tensor.getNumElements(); ++i) {
      uint64_t value = static_cast<uint64_t>(bounds.min) + (count == 0 ? random() : random() % count);
      tensor.setInteger(i, static_cast<int64_t>(value));
    }
  }
  SmallVector<HostTensor> outputs;
  if (failed(interpret(raw, vectors.inputs, outputs)))
    return failure();
  vectors.outputs.assign(outputs.begin(), outputs.end());
  return vectors;
}

static llvm::json::Object makeMetadata(const Design &design, const OptionSet &options) {
  llvm::json::Array inputs, outputs;
  for (const Port &port : design.ports.inputs)
    inputs.push_back(toJSON(port));
  for (const Port &port : design.ports.outputs)
    outputs.push_back(toJSON(port));
  return llvm::json::Object{{"format", "sumac-hls-1"},        {"target", "hls"},
                            {"name", design.name},            {"inputs", std::move(inputs)},
                            {"outputs", std::move(outputs)},  {"device", options.getString("device")},
                            {"clock_mhz", options.getNumber("clock")}};
}

FailureOr<Estimate> HLSBackend::getEstimate(ModuleOp module, const OptionSet &options) const {
  FailureOr<Design> design = getDesign(module, "design");
  if (failed(design))
    return failure();
  auto device = getDevice(options);
  if (!device)
    return module.emitError(llvm::toString(device.takeError()));
  Estimate estimate;
  estimate.object = makeReport(*design, {*device, options.getNumber("clock"), options.getFlag("operation-costs")});
  llvm::raw_string_ostream os(estimate.text);
  printReport(estimate.object, os);
  return estimate;
}

LogicalResult HLSBackend::emit(ModuleOp module, StringRef name, const OptionSet &options, OutputFolder &folder) const {
  auto fail = [&](llvm::Error error) -> LogicalResult { return module.emitError(llvm::toString(std::move(error))); };
  FailureOr<Design> design = getDesign(module, name);
  if (failed(design))
    return failure();
  auto device = getDevice(options);
  if (!device)
    return fail(device.takeError());
  FailureOr<TestVectors> vectors = makeVectors(module, design->ports);
  if (failed(vectors))
    return failure();
  if (llvm::Error error = writeProject(*design, {*device, options.getNumber("clock"), options.getFlag("operation-costs")}, *vectors, folder))
    return fail(std::move(error));
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}\n", llvm::json::Value(makeMetadata(*design, options)));
  if (llvm::Error error = folder.write("metadata.json", text))
    return fail(std::move(error));
  // The design before may have had other layers, and with them other files.
  if (llvm::Error error = folder.writeManifest())
    return fail(std::move(error));
  return success();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Compiles and loads the sources in `folder`; the library's file is not needed
/// any more when it is loaded.
static llvm::Expected<std::unique_ptr<Executable>> build(StringRef folder, StringRef name, int64_t optimize,
                                                         ModulePorts ports) {
  auto temporary = TemporaryFolder::create();
  if (!temporary)
    return temporary.takeError();
  std::string library = (*temporary)->path + "/design.so";
  if (llvm::Error error = compileLibrary(folder, name, optimize, library))
    return std::move(error);
  return loadLibrary(library, name, std::move(ports));
}

FailureOr<std::unique_ptr<Executable>> HLSBackend::load(ModuleOp module, const OptionSet &options) const {
  FailureOr<Design> design = getDesign(module, "model");
  if (failed(design))
    return failure();
  auto make = [&]() -> llvm::Expected<std::unique_ptr<Executable>> {
    auto temporary = TemporaryFolder::create();
    if (!temporary)
      return temporary.takeError();
    auto folder = OutputFolder::create((*temporary)->path + "/design");
    if (!folder)
      return folder.takeError();
    if (llvm::Error error = writeSources(*design, **folder))
      return std::move(error);
    return build((*folder)->getTemporary(), design->name, options.getInteger("optimize"), std::move(design->ports));
  };
  auto executable = make();
  if (!executable)
    return module.emitError(llvm::toString(executable.takeError()));
  return std::move(*executable);
}

llvm::Expected<std::unique_ptr<Executable>> HLSBackend::loadArtifact(StringRef folder, const OptionSet &options) const {
  auto object = readMetadata(folder);
  if (!object)
    return object.takeError();
  auto name = object->getString("name");
  if (!name || makeIdentifier(*name) != *name)
    return llvm::createStringError("metadata.json in '" + folder + "' has no valid \"name\"");
  auto ports = readPorts(*object, folder);
  if (!ports)
    return ports.takeError();
  return build(folder, *name, options.getInteger("optimize"), std::move(*ports));
}

static BackendRegistration<HLSBackend> registration;
