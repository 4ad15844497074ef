//===- ACMBackend.cpp - The accumulate-multiply core -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target `acm`: a program for the accumulate-multiply core in a container, which the
// functional simulator runs here.
//
//===----------------------------------------------------------------------===//

#include "Load.h"
#include "Report.h"

#include "sumac/ACM/Assembly.h"
#include "sumac/Conversion/SumacToACM/SumacToACM.h"
#include "sumac/Dialect/ACM/IR/ACMDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Target/Metadata.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

namespace {
class ACMBackend : public Backend {
public:
  StringRef getName() const override { return "acm"; }
  StringRef getDescription() const override {
    return "ASICs: a program for the accumulate-multiply core, which a simulator runs";
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
  llvm::Expected<std::optional<Estimate>> inspectArtifact(StringRef path) const override;

protected:
  virtual llvm::Expected<std::unique_ptr<Core>> makeCore(const Container &container) const {
    return makeFunctionalCore(container);
  }
};

/// The same programs in the RTL of the core.
class ACMRTLBackend final : public ACMBackend {
public:
  StringRef getName() const override { return "acm-rtl"; }
  StringRef getDescription() const override {
    return "the accumulate-multiply core's RTL in verilator: slow, and as many cycles as target acm says";
  }
  bool isDefault() const override { return false; }
  bool hasEstimate() const override { return false; }
  bool canEmit() const override { return false; }

protected:
  llvm::Expected<std::unique_ptr<Core>> makeCore(const Container &container) const override {
    return makeRTLCore(container);
  }
};
} // namespace

void ACMBackend::declareOptions(OptionSet &options) const {
  options.addString("machine", "fantastic4",
                    "Description of the core: " + llvm::join(Machine::getPresetNames(), ", ") + " or a JSON file");
  options.addInteger("images", 0, "Images of a run; 0: as many as fit, at most 64", 0, 65535);
  options.addFlag("preload", true,
                  "Load all weights before the first layer runs, where they fit the memories; later runs find them there");
  options.addString("formats", "", "Storage that weights may have, e.g. dense,csr (default: dense, bitmask and csr)");
}

llvm::Error ACMBackend::buildSumsPipeline(OpPassManager &manager, const OptionSet &options) const {
  manager.addPass(createAddRawEntry());
  return llvm::Error::success();
}

llvm::Error ACMBackend::buildPipeline(OpPassManager &manager, const OptionSet &options) const {
  auto machine = readMachine(options.getString("machine"));
  if (!machine)
    return llvm::createStringError("--machine: " + llvm::toString(machine.takeError()));
  ConvertSumacToACMOptions convert;
  convert.machine = options.getString("machine").str();
  convert.images = options.getInteger("images");
  convert.preloads = options.getFlag("preload");
  SmallVector<StringRef> formats;
  options.getString("formats").split(formats, ',', -1, false);
  for (StringRef format : formats)
    convert.formats.push_back(format.str());
  manager.addPass(createConvertSumacToACM(std::move(convert)));
  return llvm::Error::success();
}

static FailureOr<Container> getProgram(ModuleOp module) {
  auto program = module.lookupSymbol<ProgramOp>(kProgramName);
  if (!program)
    return module.emitError("has no acm.program; run sumac-acm-pipeline first");
  return getContainer(program);
}

FailureOr<Estimate> ACMBackend::getEstimate(ModuleOp module, const OptionSet &options) const {
  FailureOr<Container> container = getProgram(module);
  if (failed(container))
    return failure();
  auto report = makeReport(*container);
  if (!report)
    return module.emitError() << llvm::toString(report.takeError());
  Estimate estimate;
  llvm::raw_string_ostream os(estimate.text);
  printReport(*report, os);
  estimate.object = std::move(*report);
  return estimate;
}

static llvm::Error writeFiles(const Container &container, const ModulePorts &ports, StringRef name, OutputFolder &folder) {
  auto bytes = writeContainer(container);
  if (!bytes)
    return bytes.takeError();
  auto report = makeReport(container);
  if (!report)
    return report.takeError();
  llvm::json::Array inputs, outputs;
  for (const sumac::Port &port : ports.inputs)
    inputs.push_back(sumac::toJSON(port));
  for (const sumac::Port &port : ports.outputs)
    outputs.push_back(sumac::toJSON(port));
  llvm::json::Object metadata{{"format", "sumac-acm-1"},
                              {"target", "acm"},
                              {"name", name},
                              {"inputs", std::move(inputs)},
                              {"outputs", std::move(outputs)},
                              {"machine", container.program.machine.name}};
  std::string text;
  llvm::raw_string_ostream os(text);
  printReport(*report, os);
  std::pair<StringRef, std::string> files[] = {
      {"program.acm", std::string(bytes->begin(), bytes->end())},
      {"program.acmasm", disassemble(container.program)},
      {"report.txt", text},
      {"report.json", llvm::formatv("{0:2}\n", llvm::json::Value(std::move(*report)))},
      {"metadata.json", llvm::formatv("{0:2}\n", llvm::json::Value(std::move(metadata)))},
  };
  for (auto &[file, contents] : files)
    if (llvm::Error error = folder.write(file, contents))
      return error;
  return llvm::Error::success();
}

LogicalResult ACMBackend::emit(ModuleOp module, StringRef name, const OptionSet &options, OutputFolder &folder) const {
  FailureOr<Container> container = getProgram(module);
  FailureOr<ModulePorts> ports = getModulePorts(module);
  if (failed(container) || failed(ports))
    return failure();
  if (llvm::Error error = writeFiles(*container, *ports, name, folder))
    return module.emitError() << llvm::toString(std::move(error));
  return success();
}

FailureOr<std::unique_ptr<Executable>> ACMBackend::load(ModuleOp module, const OptionSet &options) const {
  FailureOr<Container> container = getProgram(module);
  FailureOr<ModulePorts> ports = getModulePorts(module);
  if (failed(container) || failed(ports))
    return failure();
  auto executable = loadContainer(std::move(*container), std::move(*ports),
                                  [&](const Container &loaded) { return makeCore(loaded); });
  if (!executable)
    return module.emitError() << llvm::toString(executable.takeError());
  return std::move(*executable);
}

static llvm::Error addPath(StringRef path, llvm::Error error) {
  return llvm::createStringError("'" + path + "': " + llvm::toString(std::move(error)));
}

static llvm::Expected<Container> readContainerFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  auto container = readContainer(llvm::MemoryBufferRef((*buffer)->getBuffer(), ""));
  if (!container)
    return addPath(path, container.takeError());
  return container;
}

llvm::Expected<std::unique_ptr<Executable>> ACMBackend::loadArtifact(StringRef folder, const OptionSet &options) const {
  auto object = readMetadata(folder);
  if (!object)
    return object.takeError();
  auto ports = readPorts(*object, folder);
  if (!ports)
    return ports.takeError();
  std::string path = (folder + "/program.acm").str();
  auto container = readContainerFile(path);
  if (!container)
    return container.takeError();
  auto executable = loadContainer(std::move(*container), std::move(*ports),
                                  [&](const Container &loaded) { return makeCore(loaded); });
  if (!executable)
    return addPath(path, executable.takeError());
  return executable;
}

llvm::Expected<std::optional<Estimate>> ACMBackend::inspectArtifact(StringRef path) const {
  std::string file = path.str();
  if (llvm::sys::fs::is_directory(path)) {
    auto metadata = readMetadata(path);
    if (!metadata)
      return metadata.takeError();
    if (metadata->getString("target").value_or("") != "acm")
      return std::nullopt;
    file += "/program.acm";
  } else if (!path.ends_with(".acm")) {
    return std::nullopt;
  }
  auto container = readContainerFile(file);
  if (!container)
    return container.takeError();
  auto report = makeReport(*container);
  if (!report)
    return addPath(file, report.takeError());
  Estimate estimate;
  llvm::raw_string_ostream os(estimate.text);
  printContainer(*container, os);
  printReport(*report, os);
  estimate.object = std::move(*report);
  estimate.object["entry"] = acm::toJSON(container->entry);
  return estimate;
}

static BackendRegistration<ACMBackend> registration;
static BackendRegistration<ACMRTLBackend> registrationRTL;
